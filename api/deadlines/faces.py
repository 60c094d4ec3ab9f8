"""How a clock stands, as tasks and cases show it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields

from api.fields import Instant
from api.showing import Shown
from tasks.deadlines.calendar.limits import shown
from tasks.deadlines.faces.face import Face

_MINUTE = timedelta(minutes=1)


class LeftSchema(Shown):
    """What is left until due; negative when it is over. Of limits in working days also the working days after today, and the
    minutes the office still works today.
    """

    natural_minutes = fields.Integer()
    working_days = fields.Integer(allow_none=True)
    office_minutes_today = fields.Integer(allow_none=True)


class FaceSchema(Shown):
    """One clock at `as_of`. `state`: in_time, warned, late, paused, or met, missed, void when it has stopped. `due` is the
    due instant for people, Shanghai time: 2026-03-02 24:00 is the end of that day. While the clock stands still there is no due
    instant, and `left` says what it goes on with.
    """

    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    state = fields.String()
    due_at = Instant(allow_none=True)
    due = fields.String(allow_none=True)
    warn_at = Instant(allow_none=True)
    left = fields.Nested(LeftSchema, allow_none=True)
    paused_at = Instant(allow_none=True)
    pause_reason = fields.String(allow_none=True)
    promised_at = Instant(allow_none=True)
    promise_kept = fields.Boolean(allow_none=True)
    provisional = fields.Boolean(
        metadata={"description": "Counted over a year whose schedule is not published"}
    )
    stopped_at = Instant(allow_none=True)
    as_of = Instant()


def face_body(face: Face | None) -> dict[str, Any] | None:
    """What FaceSchema dumps; None without a clock."""
    if face is None:
        return None
    left = face.left
    return {
        **{name: getattr(face, name) for name in _SAME},
        "due": None if face.due_at is None else shown(face.due_at),
        "pause_reason": face.pause_reason or None,
        "as_of": face.at,
        "left": left
        and {
            "natural_minutes": left.natural // _MINUTE,
            "working_days": left.days,
            "office_minutes_today": None if left.office is None else left.office // _MINUTE,
        },
    }


_SAME = (
    "id", "code", "name", "kind", "state", "due_at", "warn_at", "paused_at", "promised_at", "promise_kept",
    "provisional", "stopped_at",
)  # fmt: skip
