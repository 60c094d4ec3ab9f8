"""A job of the rooms above that fails is seen by the test that runs it, not only by its missing effect."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine import jobs
from engine.clock import FrozenClock
from engine.testing import Harness


def test_what_an_outer_performer_raises_reaches_the_test_unless_it_is_expected(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    run = Harness(sessions, clock)
    done: list[str] = []

    def fail(session: Session, _: Mapping[str, object]) -> None:
        done.append("failed")
        raise LookupError("nobody there")

    def defer() -> None:
        with run.sessions.begin() as session:
            jobs.defer(session, "above.fail", {})

    defer()
    with pytest.raises(LookupError, match="nobody there"):
        run.settle(extra={"above.fail": fail})
    assert run.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs")) == 0
    defer()
    assert run.settle(extra={"above.fail": fail}, failing=True) == 1
    assert done == ["failed", "failed"]
