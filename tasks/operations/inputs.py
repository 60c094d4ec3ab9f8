"""What operations read of their inputs, and in which words they give instants back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.ports import OperationCall
from tasks.deadlines.calendar.arithmetic import SHANGHAI


def text(call: OperationCall, name: str) -> str:
    """An input as text without blanks around it; nothing said is the empty text."""
    value = call.inputs.get(name)
    return "" if value is None else str(value).strip()


def texts(call: OperationCall, name: str) -> list[str]:
    """An input that is a list of texts, or one text with commas or blanks between them; each once, in that order."""
    value = call.inputs.get(name)
    if value is None:
        return []
    parts = value if isinstance(value, list) else str(value).replace(",", " ").replace("，", " ").split()
    return list(dict.fromkeys(str(part).strip() for part in parts if part is not None and str(part).strip()))


def mapping(call: OperationCall, name: str) -> dict[str, Any]:
    """An input that is a context; anything else is an empty one."""
    value = call.inputs.get(name)
    return dict(value) if isinstance(value, Mapping) else {}


def shown(at: datetime | None) -> str | None:
    """An instant as FEEL reads it, in the office's zone; None stays None."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else None


def now(call: OperationCall) -> str:
    """The instant of the call, as `shown`."""
    return str(shown(call.clock.now()))
