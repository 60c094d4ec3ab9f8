"""An owner says which version starts and calls use, and that nothing new starts any more; what runs is left alone."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine import choosing
from engine.clock import FrozenClock
from engine.deployment import ProcessDefinition, latest_definition, lock_deployments
from engine.errors import MessageNotAwaited, NeedsBinding, NotFound, Retired, WrongState
from engine.instance import ProcessInstance
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def drawn(task: str, start: str = "start s", key: str = "p") -> Any:
    name = start.split()[1]
    return process(key, start, f"user {task}", "end e", f"{name} -> {task} -> e")


def choose(run: Harness, version: int, key: str = "p") -> choosing.Chosen:
    with run.sessions.begin() as session:
        return choosing.choose(run.engine, session, key, version, actor=TESTER, note="back")


def retire(run: Harness, key: str = "p") -> None:
    with run.sessions.begin() as session:
        choosing.retire(run.engine, session, key, actor=TESTER, note="done")


def restore(run: Harness, key: str = "p") -> None:
    with run.sessions.begin() as session:
        choosing.restore(run.engine, session, key)


def current(run: Harness, key: str = "p") -> int:
    with run.sessions() as session:
        return latest_definition(session, key).version


def test_starts_use_the_version_that_was_made_current_and_running_ones_stay(run: Harness) -> None:
    run.deploy(drawn("old"))
    run.deploy(drawn("new"))
    run.start("p")
    found = choose(run, 1)
    assert (found.before, found.version, found.changed) == (2, 1, True)
    assert not choose(run, 1).changed
    run.start("p")
    assert run.waiting() == ["new", "old"]
    assert choose(run, 2).changed
    run.start("p")
    assert run.waiting() == ["new", "new", "old"]


def test_calls_of_the_latest_use_it_and_pinned_calls_do_not(run: Harness) -> None:
    run.deploy(drawn("old", key="part"))
    run.deploy(
        process(
            "free",
            "start s",
            "call c calledElement=part camunda:calledElementBinding=latest",
            "end e",
            "s -> c -> e",
        ),
    )
    run.deploy(drawn("new", key="part"))
    run.deploy(process("pinned", "start s", "call c calledElement=part", "end e", "s -> c -> e"))
    choose(run, 1, "part")
    run.start("free")
    assert run.waiting() == ["old"]
    run.start("pinned")
    assert run.waiting() == ["new", "old"]


def test_a_new_caller_is_pinned_to_the_current_version(run: Harness) -> None:
    run.deploy(drawn("old", key="part"))
    run.deploy(drawn("new", key="part"))
    choose(run, 1, "part")
    run.deploy(process("pinned", "start s", "call c calledElement=part", "end e", "s -> c -> e"))
    run.start("pinned")
    assert run.waiting() == ["old"]


def test_timer_starts_move_with_the_current_version(run: Harness) -> None:
    run.deploy(drawn("old", "start s timeCycle=R/P1D"))
    run.deploy(drawn("new", "start s timeCycle=R/PT1H"))
    choose(run, 1)
    run.advance(hours=23)
    assert run.waiting() == []
    run.advance(hours=1)
    assert run.waiting() == ["old"]


def test_messages_and_signals_start_the_current_version(run: Harness) -> None:
    run.deploy(drawn("old", "start s message=go"), drawn("heard", "start s signal=horn", key="q"))
    run.deploy(drawn("new", "start s"), drawn("deaf", "start s", key="q"))
    with pytest.raises(MessageNotAwaited):
        run.correlate("go", "K-1")
    choose(run, 1)
    choose(run, 1, "q")
    run.correlate("go", "K-2")
    with run.sessions.begin() as session:
        run.engine.signal(session, "horn", actor=TESTER)
    run.settle()
    assert run.waiting() == ["heard", "old"]


def test_deploying_ends_the_choice_even_with_files_that_are_not_new(run: Harness) -> None:
    old, new = drawn("old"), drawn("new")
    run.deploy(old)
    run.deploy(new)
    choose(run, 1)
    receipt = run.deploy(new)
    assert not receipt.unchanged
    assert [(one.version, one.is_new, one.instead_of, one.in_use) for one in receipt.definitions] == [
        (3, True, 1, 3)
    ]
    assert current(run) == 3
    assert run.deploy(new).unchanged
    choose(run, 1)
    assert [one.version for one in run.deploy(old).definitions] == [4]
    run.start("p")
    assert run.waiting() == ["old"]


def test_a_version_that_still_needs_something_does_not_end_the_choice(run: Harness) -> None:
    run.deploy(drawn("old"))
    run.deploy(drawn("new"))
    choose(run, 1)
    receipt = run.deploy(process("p", "start s", "call c calledElement=nowhere", "end e", "s -> c -> e"))
    assert [(one.startable, one.in_use) for one in receipt.definitions] == [(False, 1)]
    assert current(run) == 1
    with pytest.raises(NeedsBinding):
        choose(run, 3)
    with run.sessions.begin() as session:
        run.engine.bind(session, receipt.definitions[0].id, {"c": "p:2"}, actor=TESTER)
    assert current(run) == 3


def test_nothing_new_starts_with_a_retired_process_and_what_runs_goes_on(run: Harness) -> None:
    run.deploy(drawn("check", "start s message=go", "p"), drawn("daily", "start s timeCycle=R/P1D", "t"))
    run.deploy(drawn("heard", "start s signal=horn", "h"))
    run.deploy(process("caller", "start s", "call c calledElement=p", "end e", "s -> c -> e"))
    run.correlate("go", "K-1")
    for key in ("p", "t", "h"):
        retire(run, key)
    with pytest.raises(Retired, match=r"'p' was refused: 测试员 retired it on 20.* What runs goes on"):
        run.start("p")
    with pytest.raises(Retired) as refusal:
        run.correlate("go", "K-2")
    assert "停用" in str(refusal.value.facts["message_zh"])
    with run.sessions.begin() as session:
        run.engine.signal(session, "horn", actor=TESTER)
    run.advance(days=3)
    assert run.waiting() == ["check"]
    run.start("caller")
    assert run.waiting() == ["check", "check"]
    with pytest.raises(WrongState, match="already"):
        retire(run)
    for key in ("p", "t", "h"):
        restore(run, key)
    run.advance(days=1)
    run.correlate("go", "K-3")
    assert run.waiting() == ["check", "check", "check", "daily"]
    with pytest.raises(WrongState, match="not retired"):
        restore(run)


def test_a_new_version_of_a_retired_process_does_not_start_by_itself(run: Harness) -> None:
    run.deploy(drawn("old", "start s timeCycle=R/P1D"))
    retire(run)
    run.deploy(drawn("new", "start s timeCycle=R/PT1H"))
    run.advance(days=2)
    assert run.waiting() == []
    restore(run)
    run.advance(hours=1)
    assert run.waiting() == ["new"]


def test_a_diagram_that_calls_a_retired_process_is_told_so(run: Harness) -> None:
    run.deploy(drawn("check", key="part"))
    retire(run, "part")
    receipt = run.deploy(process("caller", "start s", "call c calledElement=part", "end e", "s -> c -> e"))
    (finding,) = [one for one in receipt.findings if one.code == "retired-process"]
    assert (finding.severity, finding.element_id) == ("warning", "c")


def test_what_is_not_deployed_is_not_found(run: Harness) -> None:
    run.deploy(drawn("check"))
    for key, version in (("nothing", 1), ("p", 7)):
        with pytest.raises(NotFound):
            choose(run, version, key)
    with pytest.raises(NotFound):
        retire(run, "nothing")


def test_choosing_waits_for_a_deployment_and_the_last_one_wins(run: Harness) -> None:
    run.deploy(drawn("old"))
    run.deploy(drawn("new"))
    done = threading.Event()

    def later() -> None:
        choose(run, 1)
        done.set()

    with run.sessions.begin() as session:
        lock_deployments(session)
        chooser = threading.Thread(target=later)
        chooser.start()
        run.engine.deploy(session, [drawn("newest")], actor=TESTER, name="third")
        assert not done.is_set()
    chooser.join(20)
    assert done.is_set()
    assert current(run) == 1
    assert run.scalar(sa.select(sa.func.count()).select_from(ProcessDefinition)) == 3
    assert run.scalar(sa.select(sa.func.count()).select_from(ProcessInstance)) == 0
