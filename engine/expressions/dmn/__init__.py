"""DMN 1.1–1.5: decision files read, checked and evaluated with our own FEEL."""

from engine.expressions.dmn.evaluate import DecisionOutcome
from engine.expressions.dmn.files import imported_files, read_together
from engine.expressions.dmn.model import Decision, DecisionModel
from engine.expressions.dmn.reader import read_decisions
from engine.expressions.dmn.trace import RuleHit, Step, TableRun

__all__ = [
    "Decision", "DecisionModel", "DecisionOutcome", "RuleHit", "Step", "TableRun", "imported_files", "read_decisions",
    "read_together",
]  # fmt: skip
