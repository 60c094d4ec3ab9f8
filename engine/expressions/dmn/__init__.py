"""DMN 1.1–1.5: decision files read, checked and evaluated with our own FEEL."""

from engine.expressions.dmn.evaluation.evaluate import DecisionOutcome
from engine.expressions.dmn.evaluation.trace import RuleHit, Step, TableRun
from engine.expressions.dmn.model import Decision, DecisionModel
from engine.expressions.dmn.reading.files import header_of, imported_files, read_together
from engine.expressions.dmn.reading.reader import read_decisions

__all__ = [
    "Decision", "DecisionModel", "DecisionOutcome", "RuleHit", "Step", "TableRun", "header_of", "imported_files",
    "read_decisions", "read_together",
]  # fmt: skip
