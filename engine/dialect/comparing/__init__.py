"""What differs between two versions of a diagram, a form or a decision file: bytes in, plain data out.

Nothing here raises for what is in a file: what cannot be read is a sentence of the comparison.
"""

from engine.dialect.comparing.decisions import compare_decisions
from engine.dialect.comparing.diagrams import compare_diagrams
from engine.dialect.comparing.forms import compare_forms
from engine.dialect.comparing.labels import kind_label, path_label
from engine.dialect.comparing.model import Change, Comparison, Detail, Row, Unreadable
from engine.dialect.comparing.parts import Part, PartComparison, compare_parts, part_of
from engine.dialect.comparing.telling import lines, plain, plain_comparison

__all__ = [
    "Change", "Comparison", "Detail", "Part", "PartComparison", "Row", "Unreadable", "compare_decisions",
    "compare_diagrams", "compare_forms", "compare_parts", "kind_label", "lines", "part_of", "path_label", "plain", "plain_comparison",
]  # fmt: skip
