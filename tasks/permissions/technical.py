"""What may be seen of an instance by somebody who runs the installation and does not see its case: where it is and what
it waits for or rests on, and nothing that anybody said, answered, decided or was told.

Everything a line of history carries beside kind, activity, time and actor is left out unless TOLD names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

TOLD: Mapping[str, tuple[str, ...]] = {
    "activity_entered": ("instances", "rounds"),
    "decision_evaluated": ("decision", "resource"),
    "message_thrown": ("message",),
    "message_correlated": ("message",),
    "message_expired": ("message",),
    "signal_thrown": ("signal",),
    "signal_caught": ("signal",),
    "timer_armed": ("due_at",),
    "timer_moved": ("before", "after"),
    "timer_fired": ("due_at",),
    "escalation_thrown": ("caught",),
    "incident_raised": ("kind",),
    "warning_recorded": (
        "what", "of", "name", "expression", "code", "position", "element", "row", "column", "count",
    ),
}  # fmt: skip
"""Kind of a line → what of its data belongs to the diagram and not to the case."""

WITHHELD = "The sentence may name contents of the case; those who see the case read it there."
WITHHELD_ZH = "原因中可能含有案件内容，由能看到该案件的人员查看。"


def line(row: Any) -> Any:
    """A line of history without contents."""
    data = row.data or {}
    kept = {name: data[name] for name in TOLD.get(row.kind, ()) if name in data}
    return _with(row, data=kept or None)


def incident(row: Any) -> Any:
    """An incident: which activity failed, of which kind, how often; not the sentence, which may quote values."""
    return _with(row, message=WITHHELD, message_zh=WITHHELD_ZH)


def instance(row: Any) -> Any:
    """The instance's row, without the reason somebody wrote when they ended it."""
    return _with(row, end_reason=None)


def _with(row: Any, **changes: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**row._asdict(), **changes})
