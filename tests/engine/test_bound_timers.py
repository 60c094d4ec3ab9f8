"""A timer whose value asks the host is bound to it: what the host says moves it, token and row together."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine import timers
from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.errors import NotFound
from engine.ids import time_ordered
from engine.incidents import Incident
from engine.ports import Move
from engine.testing import TESTER
from engine.timers import Timer
from engine.worker import sweep_once
from tests.engine.diagrams import handler, process
from tests.engine.host import Bound
from tests.engine.mirrors import check_mirrors
from tests.engine.passages import began, check_passages, ended
from tests.engine.test_passages import retry

DUE = 'timeDate="=due(&quot;A&quot;)"'.replace("&quot;", "'")
HOUR = timedelta(hours=1)


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Bound:
    return Bound(sessions, clock)


def waits(text: str = "due('A')", kind: str = "timeDate") -> str:
    """What is drawn on a timer that asks; the diagrams of tests have no quotes in attributes, see `quoted`."""
    return f"{kind}=={text}"


def quoted(file: SourceFile) -> SourceFile:
    """The file with FEEL's quotes instead of '."""
    return SourceFile(file.name, file.content.replace(b"'", b"&quot;"))


def deploy(run: Bound, *lines: str) -> None:
    run.deploy(quoted(process("p", *lines)))


def bordered(run: Bound, timer: str, extra: str = "") -> datetime:
    """A user task with a timer at its border; return the instant it starts at."""
    deploy(
        run, "start s", "user a", f"boundary b at=a {timer} {extra}", "user late", "end e", "end e2",
        "s -> a -> e", "b -> late -> e2",
    )  # fmt: skip
    return run.clock.now()


def test_a_timer_that_asks_the_host_is_a_passage_and_over_when_it_fires(run: Bound) -> None:
    at = bordered(run, waits("due(codes.a)"))
    run.start("p", codes={"a": "A"})
    assert run.due() == {"b": [at + 10 * HOUR]}
    assert began(run) == ["p", "b!"]
    (timer,) = [p for p in run.recorder.moves[0].began if p.timer]
    (asked,) = run.host.asked
    host = run.recorder.named("a")[0].id
    assert timer.inside == (host, run.recorder.moves[0].instance.id)
    assert asked.inside == (timer.id, *timer.inside) and asked.since is None
    assert asked.instance == run.recorder.moves[0].instance
    run.advance(hours=10)
    assert run.waiting() == ["late"] and ended(run) == ["b"]
    check_passages(run)


def test_nothing_is_written_where_nothing_has_changed(run: Bound) -> None:
    at = bordered(run, waits())
    instance = run.start("p")
    before, row = run.writes(), run.scalar(sa.select(Timer.id))
    run.advance(hours=3)
    assert run.rearm(instance) is None
    assert run.host.asked[-1].since == at
    assert (run.writes(), run.scalar(sa.select(Timer.id))) == (before, row)
    with pytest.raises(NotFound):
        run.rearm(time_ordered(run.clock)())


def test_a_bound_timer_moves_later_and_earlier_and_fires_once(run: Bound) -> None:
    at = bordered(run, waits())
    instance = run.start("p")
    run.host.hours = 20
    move = run.rearm(instance)
    assert move is not None and move.at == at and not (move.entered or move.began or move.over)
    assert run.due() == {"b": [at + 20 * HOUR]}
    run.advance(hours=15)
    assert run.waiting() == ["a"]
    run.host.hours = 12
    assert run.rearm(instance)
    assert run.due() == {"b": [at + 12 * HOUR]} and run.waiting() == ["a"]
    run.settle()
    assert run.waiting() == ["late"]
    assert run.rearm(instance) is None
    run.advance(hours=99)
    assert run.waiting() == ["late"]
    instants = [
        [datetime.fromisoformat(line[end]) - at for end in ("before", "after")] for line in run.told()
    ]
    assert instants == [[10 * HOUR, 20 * HOUR], [20 * HOUR, 12 * HOUR]]
    check_mirrors(run)
    check_passages(run)


def test_while_the_host_pauses_there_is_no_row(run: Bound) -> None:
    at = bordered(run, waits())
    instance = run.start("p")
    run.host.paused.add("A")
    assert run.rearm(instance) and run.due() == {}
    check_mirrors(run)
    assert run.rearm(instance) is None
    run.advance(hours=50)
    assert run.waiting() == ["a"]
    run.host.paused.clear()
    run.host.hours = 60
    assert run.rearm(instance) and run.due() == {"b": [at + 60 * HOUR]}
    assert [line["after"] and line["before"] for line in run.told()] == [None, None]
    run.advance(hours=10)
    assert run.waiting() == ["late"]
    check_passages(run)


def test_a_timer_may_begin_paused_and_be_taken_away_so(run: Bound) -> None:
    bordered(run, waits())
    run.host.paused.add("A")
    instance = run.start("p")
    assert run.due() == {} and began(run) == ["p", "b!"]
    assert run.told("timer_armed") == [{"due_at": None}]
    check_mirrors(run)
    assert run.rearm(instance) is None
    run.complete("a")
    assert ended(run) == ["-b", "p"]
    assert run.rearm(instance) is None


def test_a_job_on_its_way_to_a_moved_timer_finds_nothing(run: Bound) -> None:
    at = bordered(run, waits())
    instance = run.start("p")
    run.clock.advance(10 * HOUR)
    with run.sessions.begin() as session:
        ((queued, *_),) = timers.sweep(session, run.clock.now())
    run.host.hours = 11
    assert run.rearm(instance)
    with run.sessions.begin() as session:
        assert run.engine.fire_timer(session, queued) is None
    assert run.waiting() == ["a"] and run.due() == {"b": [at + 11 * HOUR]}
    run.advance(hours=1)
    assert run.waiting() == ["late"]


def test_a_queued_timer_that_pauses_does_not_fire(run: Bound) -> None:
    bordered(run, waits())
    instance = run.start("p")
    run.clock.advance(10 * HOUR)
    sweep_once(run.engine, run.sessions)
    run.host.paused.add("A")
    assert run.rearm(instance)
    run.settle()
    assert run.waiting() == ["a"]
    check_mirrors(run)


def test_a_suspended_instance_is_moved_and_nothing_in_it_fires(run: Bound) -> None:
    at = bordered(run, waits())
    instance = run.start("p")
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance, reason="test", actor=TESTER)
    run.advance(hours=11)  # held: it fell due while the instance was suspended
    run.host.hours = 12
    assert run.rearm(instance)
    assert run.due() == {"b": [at + 12 * HOUR]}
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    run.settle()
    assert run.waiting() == ["a"]
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance, reason="test", actor=TESTER)
    run.host.hours = 5
    assert run.rearm(instance)
    run.settle()
    assert run.waiting() == ["a"]
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    run.settle()
    assert run.waiting() == ["late"]


def test_a_duration_that_asks_counts_from_when_the_timer_began_to_wait(run: Bound) -> None:
    at = bordered(run, waits("if(due('A')>now())then('PT8H')else('PT4H')", "timeDuration"))
    instance = run.start("p")
    assert run.due() == {"b": [at + 8 * HOUR]}
    run.clock.advance(3 * HOUR)
    assert run.rearm(instance) is None
    run.host.hours = 1
    assert run.rearm(instance)
    assert run.due() == {"b": [at + 4 * HOUR]}


def test_a_repeating_timer_moves_the_round_it_is_in_and_goes_on_as_before(run: Bound) -> None:
    at = bordered(run, waits("'R3/'+string(due('A'))+'/P1D'", "timeCycle"), "only_listens=1")
    instance = run.start("p")
    assert run.due() == {"b": [at + 10 * HOUR]}
    run.host.hours = 12
    assert run.rearm(instance) and run.due() == {"b": [at + 12 * HOUR]}
    run.advance(hours=12)
    assert run.due() == {"b": [at + 36 * HOUR]} and run.rearm(instance) is None
    run.host.hours = 15
    assert run.rearm(instance) and run.due() == {"b": [at + 39 * HOUR]}
    run.host.paused.add("A")
    assert run.rearm(instance) and run.due() == {}
    check_mirrors(run)
    run.host.paused.clear()
    run.host.hours = 16
    assert run.rearm(instance) and run.due() == {"b": [at + 40 * HOUR]}
    run.advance(hours=28)
    assert run.due() == {"b": [at + 64 * HOUR]}
    run.advance(days=9)
    assert run.waiting() == ["a", "late", "late", "late"] and run.due() == {}
    assert began(run) == ["p", "b!"] and ended(run) == ["b"]


def test_every_place_a_bound_timer_may_stand_is_moved_at_once(run: Bound) -> None:
    files = (
        process(
            "p", "start s", "and g", f"catch one {waits()}", "call c calledElement=outer", 'user m each="[1,2]"',
            f"boundary b at=m {waits()}", "end e", "end e2", "s -> g", "g -> one -> e", "g -> c", "g -> m", "b -> e2",
            *handler(f"{waits()} only_listens=1"),
        ),
        process("outer", "start os", 'call oc calledElement=child each="[1,2]"', "end oe", "os -> oc -> oe"),
        process("child", "start cs", f"catch cc {waits()}", "end ce", "cs -> cc -> ce"),
    )  # fmt: skip
    run.deploy(*map(quoted, files))
    at = run.clock.now()
    instance = run.start("p")
    ten = at + 10 * HOUR
    assert run.due() == {"one": [ten], "b": [ten], "h_s": [ten], "cc": [ten, ten]}
    depths = sorted(len(asked.inside) for asked in run.host.asked)
    assert depths == [2, 2, 3, 5, 5]  # cc: itself, its item of oc, oc, c, the instance
    run.host.hours = 20
    assert run.rearm(instance)
    assert {name: set(due) for name, due in run.due().items()} == {
        name: {at + 20 * HOUR} for name in ("one", "b", "h_s", "cc")
    }
    check_mirrors(run)
    run.advance(hours=20)
    assert run.due() == {} and "h_u" in run.waiting()
    run.complete("h_u")
    check_passages(run)


def test_a_value_that_fails_rests_as_an_incident_and_the_others_still_move(run: Bound) -> None:
    deploy(
        run, "start s", "user a", f"boundary b at=a {waits()}", "boundary k at=a timeDate==due('B')",
        "user late", "end e", "s -> a -> e", "b -> late", "k -> late", "late -> e",
    )  # fmt: skip
    at = run.clock.now()
    instance = run.start("p")
    run.host.at["A"] = "broken"
    run.host.hours = 20
    assert run.rearm(instance)
    assert run.due() == {"k": [at + 20 * HOUR]}
    (incident,) = run.rows(
        sa.select(Incident.activity_id, Incident.message).where(Incident.resolved_at.is_(None))
    )
    assert incident.activity_id == "b" and "the register is gone" in incident.message
    check_mirrors(run)
    assert run.rearm(instance) is None
    retry(run)
    assert run.scalar(sa.select(Incident.attempts)) == 2
    run.host.at.clear()
    run.clock.advance(HOUR)
    retry(run)
    assert run.due() == {"b": [at + 20 * HOUR], "k": [at + 20 * HOUR]}
    check_mirrors(run)
    assert began(run) == ["p", "b!", "k!"]


def test_a_listener_may_rearm_in_the_transaction_of_the_move(run: Bound) -> None:
    at = bordered(run, waits())
    told = run.recorder.instance_moved

    def instance_moved(session: Session, move: Move) -> None:
        told(session, move)
        run.host.hours += 5
        run.engine.rearm(session, move.instance.id)

    run.recorder.instance_moved = instance_moved  # type: ignore[method-assign]
    instance = run.start("p")
    assert run.due() == {"b": [at + 15 * HOUR]}
    check_mirrors(run)
    with run.sessions.begin() as session:
        run.engine.set_variables(session, instance, {"x": 1}, reason="test", actor=TESTER)
    assert run.due() == {"b": [at + 20 * HOUR]}
    assert run.complete("a").ended and run.due() == {}
    check_mirrors(run)


def test_a_timer_that_does_not_ask_is_not_bound(run: Bound) -> None:
    at = bordered(run, "timeDuration==if(x=1)then('PT4H')else('PT8H')")
    instance = run.start("p", x=1)
    with run.sessions.begin() as session:
        run.engine.set_variables(session, instance, {"x": 2}, reason="test", actor=TESTER)
    assert run.rearm(instance) is None and run.due() == {"b": [at + 4 * HOUR]}
    assert began(run) == ["p"]


def test_timers_at_an_event_gateway_move_and_the_first_to_happen_wins(run: Bound) -> None:
    deploy(
        run, "start s", "events g", f"catch one {waits()}", "catch two timeDuration=PT15H", "user a", "user b", "end e",
        "s -> g", "g -> one -> a -> e", "g -> two -> b -> e",
    )  # fmt: skip
    instance = run.start("p")
    run.host.hours = 16
    assert run.rearm(instance)
    run.advance(hours=15)
    assert run.waiting() == ["b"] and ended(run) == ["-one"]
    run.advance(hours=15)
    assert run.waiting() == ["b"]
