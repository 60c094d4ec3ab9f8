"""`due` and `warn` on the command line: over the register and the calendar of this installation, else over those shipped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from redress.settings import Settings

if TYPE_CHECKING:
    from tasks.deadlines.functions import Known

NAMES = ("due", "warn")
"""The functions of `tasks.deadlines.functions`, named so that an expression without them loads nothing."""

_NAMED = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")


def limit_functions(texts: Iterable[str], now: datetime) -> dict[str, Callable[..., Any]]:
    """The functions of this product, where expressions in these texts name them. now: the instant whose register counts.

    A case is not known here: limits are counted by the nation's calendar, and the row is chosen by what the variables say.
    Raises what reading the register raises: within FEEL a database that is down would be a mere warning.
    """
    if not any(_NAMED.search(text) for text in texts):
        return {}
    from redress.database import is_installed
    from tasks.deadlines.functions import deadline_functions

    settings = Settings.from_environment()
    known = (_installed if is_installed(settings) else _shipped)(settings, now)
    return deadline_functions(lambda: known)


def _shipped(settings: Settings, now: datetime) -> Known:
    from redress.content import register_rows, workdays
    from redress.places import packaged
    from tasks.deadlines.calendar.arithmetic import day_of
    from tasks.deadlines.calendar.loading import shipped_calendars
    from tasks.deadlines.functions import Register
    from tasks.deadlines.policies.loading import shipped_policies

    folder = settings.content_dir or packaged("bpmn")
    return Register(shipped_policies(register_rows(folder)), shipped_calendars(workdays(folder), day_of(now)))


def _installed(settings: Settings, now: datetime) -> Known:
    from engine.db import open_database
    from redress.database import database
    from tasks.deadlines.calendar.arithmetic import day_of
    from tasks.deadlines.calendar.reading import read_calendars
    from tasks.deadlines.functions import Register
    from tasks.deadlines.policies.register import read_policies

    with database(settings) as url:
        sessions = open_database(url, pool_size=1)
        try:
            with sessions() as session:
                return Register(read_policies(session, day_of(now)), read_calendars(session, day_of(now)))
        finally:
            sessions.kw["bind"].dispose()
