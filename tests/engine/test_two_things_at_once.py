"""What happens to the same scope in the same action, or to the same activity twice: nothing is left behind, nothing is lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.ports import OperationCall
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors


def work(call: OperationCall) -> dict[str, Any]:
    if call.case.get("broken"):
        raise RuntimeError("not now")
    return {"x": 1}


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, case={"items": [1, 2]}, operations={"work": work})


def incidents(run: Harness) -> list[Any]:
    return run.rows(
        sa.select(Incident.id, Incident.activity_id, Incident.kind).where(Incident.resolved_at.is_(None))
    )


def retry(run: Harness) -> None:
    for incident in incidents(run):
        with run.sessions.begin() as session:
            run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()


def test_what_fails_and_is_ended_in_the_same_action_leaves_no_incident(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user u", "and f", 'script bad | x = nope["a"]', "task t", "end stop terminate=1", "end e",
            "s -> u -> f -> bad -> e", "f -> t -> stop",
        )
    )  # fmt: skip
    run.start("p")
    assert run.complete("u").ended
    check_mirrors(run)
    told = run.rows(sa.select(HistoryEvent.activity_id).where(HistoryEvent.kind == "incident_raised"))
    assert [row.activity_id for row in told] == ["bad"]


def test_what_fails_and_is_interrupted_in_the_same_action_leaves_no_incident(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user u",
            "sub b {", "start bs", "and f", "script bad | x = nope.x", "task t", "throw up escalation=late",
            "bs -> f -> bad", "f -> t -> up",
            "on h {", "start hs escalation=late", "user hu", "hs -> hu", "}", "}",
            "s -> u -> b",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("u")
    check_mirrors(run)
    assert (run.waiting(), incidents(run)) == (["hu"], [])


def test_an_interrupting_one_withdraws_everything_that_is_live_in_its_scope(run: Harness) -> None:
    callee = process(
        "callee", "start cs", "user cu", "user last", "cs -> cu -> last", "on ch {", "start chs timeDuration=PT1H", "user chu", "chs -> chu", "}"
    )  # fmt: skip
    inside = [
        "start bs", "and f", "script bad | x = nope.x", "service w camunda:type=external camunda:topic=work", "user u",
        "boundary ub at=u timeDuration=PT5H", 'user m each="=case.items as i"', "user again rounds=3",
        "catch t timeDuration=PT3H", "events g", "catch g1 message=q", "catch g2 signal=q", "or j", "and never",
        "call c calledElement=callee", 'catch cond condition="case.flag"', "receive r message=q",
        "on other {", "start os message=q only_listens=1", "user ou", "os -> ou", "}",
        "on cyclic {", "start ys timeCycle=R/PT1H only_listens=1", "user yu", "ys -> yu", "}",
        "bs -> f", "g -> g1", "g -> g2", "u -> j", "f -> j", "ub -> j", "u -> never", "f -> never",
        *[f"f -> {name}" for name in ("bad", "w", "u", "m", "again", "t", "g", "c", "cond", "r")],
    ]  # fmt: skip
    run.deploy(
        callee,
        process(
            "p", "start s", "sub b {", *inside, "on h {", "start hs message=stop", "user hu", "hs -> hu", "}", "}",
            "s -> b",
        ),
    )  # fmt: skip
    run.start("p")
    run.correlate("q")
    check_mirrors(run)
    assert run.waiting() == ["again", "cu", "m", "m", "ou", "u"]
    run.correlate("stop")
    check_mirrors(run)
    assert (run.waiting(), incidents(run)) == (["hu"], [])
    run.settle()  # the job of w finds nobody
    run.advance(hours=9)
    check_mirrors(run)
    assert run.complete("hu").ended
    check_mirrors(run)


ENDLESS = "start {0}s\nxor {0}x\nxor {0}o\ntask {0}t\nuser {0}u\n{0}s -> {0}x -> {0}t -> {0}o\n{0}o -> {0}x : case.on = true\ndefault {0}o -> {0}u"


def test_who_stood_still_behind_an_endless_action_goes_on_when_its_incident_is_dropped(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "and f", "sub a {", ENDLESS.format("a"), "}", "boundary b at=a message=end_a", "user after",
            "sub c {", ENDLESS.format("c"), "}", "boundary d at=c message=end_c", "user behind",
            "s -> f -> a", "b -> after", "f -> c", "d -> behind",
        )
    )  # fmt: skip
    run.recorder.case["on"] = True
    run.start("p")
    check_mirrors(run)
    [incident] = incidents(run)
    assert incident.kind == "loop" and run.waiting() == []
    run.recorder.case["on"] = False
    stopped, other = ("a", "c") if incident.activity_id.startswith("a") else ("c", "a")
    run.correlate(f"end_{stopped}")
    check_mirrors(run)
    assert incidents(run) == []
    assert f"{other}u" in run.waiting()


def test_conditions_that_make_each_other_true_end_as_one_incident_each_time(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "script z | x = 0", "user u", "script k | x = 1", "user v", "s -> z -> u -> k -> v",
            "on h {", 'start hs condition="x = 1" only_listens=1', "script h1 | x = 2", "end he", "hs -> h1 -> he", "}",
            "on i {", 'start is condition="x = 2" only_listens=1', "script i1 | x = 1", "end ie", "is -> i1 -> ie", "}",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("u")
    for _ in range(2):
        check_mirrors(run)
        assert [row.kind for row in incidents(run)] == ["loop"]
        retry(run)
    assert run.scalar(sa.text("SELECT length(state) FROM process_instance")) < 2_000


TWICE = {
    "an event sub-process": [
        "on h {", "start hs message=m only_listens=1", "user hu", "script k | seen = form.hu.n", "hs -> hu -> k", "}",
    ],
    "a boundary event": [
        "boundary hs at=a message=m only_listens=1", "user hu", "script k | seen = form.hu.n", "hs -> hu -> k",
    ],
}  # fmt: skip


@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("drawn", TWICE)
def test_two_runs_of_one_activity_are_no_conflict_and_the_later_gives_the_value(
    run: Harness, drawn: str, which: int
) -> None:
    run.deploy(process("p", "start s", "user a", "user b", "s -> a -> b", *TWICE[drawn]))
    run.start("p")
    for _ in range(3):
        run.correlate("m")
    for number in (1, 2, 3):
        run.complete("hu", {"n": number}, which=which)
        check_mirrors(run)
    assert incidents(run) == []
    run.complete("a")
    assert run.recorder.named("b")[0].variables["seen"] == 3
    assert run.recorder.named("b")[0].variables["form"]["hu"] == {"n": 3}


def test_one_run_that_wrote_between_is_not_overwritten_by_another_elsewhere(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user a", "s -> a",
            "on h {", "start hs message=m only_listens=1", "user one", "script k | x = 1", "user two", "script l | x = 2",
            "user z", "hs -> one -> k -> two -> l -> z", "}",
        )
    )  # fmt: skip
    run.start("p")
    run.correlate("m")
    run.correlate("m")
    run.complete("one")
    run.complete("one")  # the second run's k replaces the first run's
    assert incidents(run) == []
    run.complete("two")  # the first run's l would replace what the second run's k gave
    check_mirrors(run)
    assert [(row.activity_id, row.kind) for row in incidents(run)] == [("l", "conflict")]


def test_one_process_called_in_two_places_is_two_places(run: Harness) -> None:
    run.deploy(
        process("callee", "start cs", "user cu", "cs -> cu"),
        process(
            "p", "start s", "and f", "call one calledElement=callee", "call two calledElement=callee", "and j", "user z",
            "s -> f -> one -> j -> z", "f -> two -> j",
        ),
    )  # fmt: skip
    run.start("p")
    run.complete("cu", {"n": 1})
    run.complete("cu", {"n": 2})
    check_mirrors(run)
    assert [(row.activity_id, row.kind) for row in incidents(run)] == [("cu", "conflict")]


def test_a_loop_that_cannot_say_whether_to_begin_is_entered_once(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", 'user n while="case.more" first=1', "boundary b at=n timeDuration=PT1H", "user after",
            "s -> n -> after", "b -> after",
        )
    )  # fmt: skip
    run.start("p")
    check_mirrors(run)
    run.recorder.case["more"] = True
    retry(run)
    check_mirrors(run)
    assert run.waiting() == ["n"]
    told = run.rows(
        sa.select(HistoryEvent.activity_id)
        .where(HistoryEvent.kind == "activity_entered", HistoryEvent.activity_id == "n")
        .order_by(HistoryEvent.id)
    )
    assert len(told) == 2  # the loop and its first round


def test_work_that_fails_for_good_while_the_instance_is_suspended_is_asked_for_again(run: Harness) -> None:
    run.recorder.case["broken"] = True
    run.deploy(
        process("p", "start s", "service w camunda:type=external camunda:topic=work", "user u", "s -> w -> u")
    )
    instance = run.start("p")
    token = UUID(run.scalar(sa.text("SELECT args->>'token_id' FROM procrastinate_jobs")))
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance, reason="核查", actor=TESTER)
    with run.sessions.begin() as session:
        run.engine.work_failed(session, instance, token, "The operation failed.", "操作失败。")
    assert incidents(run) == []
    run.recorder.case["broken"] = False
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["u"]


def test_two_conditions_that_become_true_at_once_interrupt_once(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user a", "user b", "s -> a -> b",
            "on h {", 'start hs condition="form.a.stop"', "user hu", "hs -> hu", "}",
            "on i {", 'start is condition="form.a.stop"', "user iu", "is -> iu", "}",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("a", {"stop": True})
    check_mirrors(run)
    assert run.waiting() == ["hu"]
    assert run.complete("hu").ended


CATCHERS = {
    "the border of the items": (["boundary c at=m error=lost", "user cu", "c -> cu"], "cu"),
    "the scope": ([], "hu"),
}


@pytest.mark.parametrize("catcher", CATCHERS)
@pytest.mark.parametrize("loop", ['each="=case.items as i"', "rounds=2"])
def test_an_error_of_an_item_is_offered_to_the_border_of_all_items_before_the_scope(
    run: Harness, catcher: str, loop: str
) -> None:
    drawn, waiting = CATCHERS[catcher]
    run.deploy(
        process(
            "p", "start s", f"sub m {loop} {{", "start ms", "user mu", "end me error=lost", "ms -> mu -> me", "}", *drawn,
            "on h {", "start hs anyError=1", "user hu", "hs -> hu", "}", "s -> m",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("mu")
    check_mirrors(run)
    assert run.waiting() == [waiting]


@pytest.mark.parametrize("code", ["lost", "other"])
def test_of_two_that_catch_the_one_that_names_the_code_goes_first(run: Harness, code: str) -> None:
    run.deploy(
        process(
            "p", "start s", "user a", f"end e error={code}", "s -> a -> e",
            "on all {", "start as anyError=1", "user au", "as -> au", "}",
            "on one {", "start os error=lost", "user ou", "os -> ou", "}",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("a")
    check_mirrors(run)
    assert run.waiting() == (["ou"] if code == "lost" else ["au"])


def test_an_error_in_one_that_runs_beside_is_caught_by_another_of_the_same_scope(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user a", "s -> a",
            "on h {", "start hs message=m only_listens=1", "user hu", "end he error=lost", "hs -> hu -> he", "}",
            "on i {", "start is error=lost", "user iu", "is -> iu", "}",
        )
    )  # fmt: skip
    run.start("p")
    run.correlate("m")
    run.complete("hu")
    check_mirrors(run)
    assert run.waiting() == ["iu"]


def test_an_escalation_of_every_round_runs_it_each_time_beside_the_loop(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "sub m rounds=3 {", "start ms", "user mu", "throw up escalation=late", "ms -> mu -> up", "}",
            "user after", "s -> m -> after",
            "on h {", "start hs escalation=late only_listens=1", "user hu", "script k | seen = form.hu.n", "hs -> hu -> k", "}",
        )
    )  # fmt: skip
    run.start("p")
    for number in range(3):
        run.complete("mu")
        check_mirrors(run)
        assert run.recorder.named("hu")[number]
    for number in range(3):
        run.complete("hu", {"n": number})
    check_mirrors(run)
    assert (run.waiting(), incidents(run)) == (["after"], [])


def test_one_in_a_callee_with_variables_of_its_own_sees_those_and_nothing_else(run: Harness) -> None:
    mapping = (
        "<bpmn:extensionElements>"
        '<camunda:in sourceExpression="secret" target="told"/><camunda:out source="seen" target="back"/>'
        "</bpmn:extensionElements>"
    )
    run.deploy(
        process(
            "callee", "start cs", "user cu", "user last", "cs -> cu -> last",
            "on h {", 'start hs condition="told = 7 and form.cu.go" only_listens=1', "script k | seen = told + 1", "user hu",
            "hs -> k -> hu", "}",
        ),
        process("p", "start s", f"call c calledElement=callee | {mapping}", "user z", "s -> c -> z"),
    )  # fmt: skip
    run.start("p", secret=7)
    run.complete("cu", {"go": True})
    check_mirrors(run)
    assert "secret" not in run.recorder.named("hu")[0].variables
    run.complete("last")
    run.complete("hu")
    assert run.recorder.named("z")[0].variables["back"] == 8
