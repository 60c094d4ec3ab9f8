"""Statements over much data that somebody waits for: they are given up in time, with a sentence, and nothing else is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.errors import TooBusy

_SET = {"jit": "off", "work_mem": "'64MB'"}
_CANCELLED = "57014"
"""SQLSTATE query_canceled."""


@contextmanager
def patiently(session: Session, patience: timedelta, what: str, what_zh: str) -> Iterator[None]:
    """Give up a statement inside that takes longer than `patience`; the transaction goes on as it was before.

    what, what_zh: what was asked for and what to narrow, for the sentence. Raises TooBusy.
    """
    point = session.begin_nested()
    seconds = f"{patience.total_seconds():g}"
    limit = max(1, int(patience.total_seconds() * 1000))
    try:
        session.execute(sa.text(f"SET LOCAL statement_timeout = {limit}"))
        for name, value in _SET.items():
            session.execute(sa.text(f"SET LOCAL {name} = {value}"))
        yield
        for name in ("statement_timeout", *_SET):
            session.execute(sa.text(f"SET LOCAL {name} TO DEFAULT"))
    except OperationalError as error:
        point.rollback()
        if getattr(error.orig, "sqlstate", "") != _CANCELLED:
            raise
        raise TooBusy(
            f"It took longer than {seconds} seconds and was given up: {what}",
            message_zh=f"超过 {seconds} 秒，已停止：{what_zh}",
        ) from error
    except BaseException:
        point.rollback()
        raise
    point.commit()
