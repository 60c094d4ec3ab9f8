"""What takes too long is given up with a sentence, and the transaction it was asked in goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.errors import InvalidInput, TooBusy
from tasks.processes.patience import patiently

ENDLESS = sa.text("SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b")
SET = sa.text(
    "SELECT current_setting('statement_timeout') || current_setting('work_mem') || current_setting('jit')"
)


def test_what_takes_too_long_is_given_up_and_nothing_else(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        before = session.scalar(SET)
        with (
            pytest.raises(TooBusy, match=r"longer than 0\.1 seconds") as told,
            patiently(session, timedelta(milliseconds=100), "so much.", "太多。"),
        ):
            session.execute(ENDLESS)
        assert told.value.facts["message_zh"] == "超过 0.1 秒，已停止：太多。"
        assert session.scalar(SET) == before
        with patiently(session, timedelta(seconds=8), "x", "x"):
            assert session.scalar(sa.text("SELECT current_setting('jit')")) == "off"
        assert session.scalar(SET) == before
        with pytest.raises(InvalidInput), patiently(session, timedelta(seconds=8), "x", "x"):
            raise InvalidInput("something else")
        assert session.scalar(SET) == before
