"""What the product writes itself is never taken for tampering, whatever people write and whenever it is read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tasks.audit.anchoring import begin_trail, drop_anchor
from tasks.audit.digests import digest
from tasks.audit.reading import chain_rows
from tasks.audit.recording import record
from tasks.audit.tables import AuditEvent
from tasks.cases import filing
from tasks.memo import memo
from tasks.talk.comments import comment_case
from tests.tasks.audit.tampering import if_tampered, told, verified
from tests.tasks.office import FACTS, TestOffice


@pytest.mark.parametrize("text", ["请尽快回复", 'She said "no"\n' + "\\" * 3, "é" * 5000])
def test_a_comment_is_what_the_trail_says_it_is(office: TestOffice, database_url: str, text: str) -> None:
    number = office.file().number
    with office.acting("li_na") as (session, caller):
        comment_case(session, office.deps, caller, number, text)

    assert told(verified(database_url, contents=True)) == []
    changed = if_tampered(database_url, "UPDATE comment SET text = text || '.'", contents=True)
    assert [finding.chain for finding in changed.findings] == [number]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
@example(value=1e20)
@example(value=[-1e19, -0.0, 1e300, 2.0**64, -(2.0**63)])
def test_a_digest_is_the_same_before_data_is_stored_and_after(session: Session, value: Any) -> None:
    stored = session.scalar(
        sa.text("SELECT (CAST(:value AS jsonb))"), {"value": orjson.dumps(value).decode()}
    )
    assert digest(stored) == digest(value)
    assert digest([stored]) != digest(value)


def test_after_the_clock_was_put_back_anchors_still_hold_every_end(
    office: TestOffice, database_url: str
) -> None:
    with office.deps.sessions.begin() as session:
        begin_trail(session, office.clock.now())
    office.clock.advance(timedelta(days=400))  # somebody has mistyped the year
    office.file()
    with office.deps.sessions.begin() as session:
        drop_anchor(session, office.clock.now())
    office.clock.advance(timedelta(days=-399))
    number = office.file().number
    with office.deps.sessions.begin() as session:
        drop_anchor(session, office.clock.now())

    cut = if_tampered(
        database_url,
        f"DELETE FROM audit_event WHERE chain = '{number}'",
        f"DELETE FROM audit_head WHERE chain = '{number}'",
    )
    assert any("anchor" in finding.what for finding in cut.findings)


def test_two_processes_that_begin_the_trail_at_once_begin_it_once(
    office: TestOffice, database_url: str
) -> None:
    numbers = [office.file().number, office.file().number]
    task = office.task("check_request", numbers[0])
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "close"})
    with office.deps.sessions.begin() as session:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        session.execute(sa.text("DELETE FROM audit_event"))  # both are of before there was a trail
        session.execute(sa.text("DELETE FROM audit_head"))
    office.clock.advance(timedelta(minutes=1))

    def begin(_: int) -> int:
        with office.deps.sessions.begin() as session:
            return begin_trail(session, office.clock.now())

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(begin, range(4))) == [0, 0, 0, 2]

    whole = verified(database_url, contents=True)
    assert told(whole) == []
    assert whole.rows == len(numbers) + 1
    with office.deps.sessions() as session:
        first = [orjson.loads([*chain_rows(session, number)].pop().after) for number in numbers]
    assert [list(one["completed"]) for one in first] == [[str(task.id)], []]


def test_a_savepoint_that_ends_writes_nothing_and_nothing_is_recorded_inside_one(office: TestOffice) -> None:
    with office.acting("li_na") as (session, caller):
        number = filing.file_case(session, office.deps, caller, "request", FACTS).number
        before = list(memo(session).audit)
        with session.begin_nested():
            session.execute(sa.text("SELECT 1"))
        assert memo(session).audit == before != []
        with session.begin_nested(), pytest.raises(RuntimeError, match="savepoint"):
            record(
                session, caller.actor, "case.file", at=office.clock.now(), subject="case", subject_id=number
            )
    assert office.scalar(sa.select(sa.func.count()).where(AuditEvent.chain == number)) == len(before)


def test_a_trail_that_is_verified_while_people_work_raises_no_false_alarm(
    office: TestOffice, database_url: str
) -> None:
    with office.deps.sessions.begin() as session:
        begin_trail(session, office.clock.now())
    office.clock.advance(timedelta(minutes=1))
    over = Event()

    def work(_: int) -> int:
        done = 0
        while not over.is_set():
            task = office.task("check_request", office.file().number)
            office.claim("li_na", task.id)
            office.complete("li_na", task.id, {"outcome": "close"})
            done += 1
        return done

    with ThreadPoolExecutor(2) as pool:
        working = pool.map(work, range(2))
        try:
            reports = [verified(database_url, contents=True) for _ in range(8)]
        finally:
            over.set()
        assert sum(working) > 2
    assert [told(report) for report in reports] == [[]] * 8
    assert reports[-1].rows > reports[0].rows
