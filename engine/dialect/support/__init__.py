"""What of BPMN and of the vendors' extensions runs here, measured on the gate itself: the table behind docs/bpmn-support.md.

A row is the smallest diagram that uses one element, event, attribute or extension. What the gate says of that diagram
is what the page says of the row; the tests run every row that is not refused.
"""

from engine.dialect.support.page import page, rewritten
from engine.dialect.support.rows import Outcome, Row, Status, measure
from engine.dialect.support.sections import SECTIONS, Section, all_rows

__all__ = ["SECTIONS", "Outcome", "Row", "Section", "Status", "all_rows", "measure", "page", "rewritten"]
