"""Verification of decision tables: gaps, overlaps, rules that never fire, values that are not allowed.

`cells` reads what a cell tests, `domains` cuts the values of an input where the cells tell them apart, `grid` holds a
table as rules over those segments, `search` finds what a set of rules leaves uncovered; the four checks use them. What a
check says is sure: a cell it cannot judge may let anything through, or nothing. After Calvanese et al., "Semantics and
analysis of DMN decision tables" (2016), with sets of rules as integers.
"""

from engine.expressions.dmn.verification.effort import Effort
from engine.expressions.dmn.verification.findings import TableFinding
from engine.expressions.dmn.verification.verify import verify

__all__ = ["Effort", "TableFinding", "verify"]
