"""Runs folders of the DMN Technology Compatibility Kit: models (*.dmn) with the results expected of them (*.xml)."""

from engine.expressions.dmn.tck.listed import Listed, read_listed
from engine.expressions.dmn.tck.run import CaseResult, run_tree

__all__ = ["CaseResult", "Listed", "read_listed", "run_tree"]
