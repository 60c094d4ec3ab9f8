"""Binding: a diagram with needs is stored, starts nothing, and runs once its owner has named everything it asks for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import DefinitionBinding, Deployment, ProcessDefinition, Resource
from engine.dialect import SourceFile
from engine.errors import BindingRefused, MessageNotAwaited, NeedsBinding, NotFound, WrongState
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process


def add(call: Any) -> dict[str, Any]:
    """Add one.

    Not told.
    """
    return {"sum": 1}


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, operations={"add": add, "send": lambda call: None})


def works(*more: str, task: str = "u", key: str = "p") -> SourceFile:
    """A process with a service task that asks for a Java class, then a person."""
    return process(
        key,
        "start s",
        "service w camunda:class=x.Y",
        *more,
        f"user {task}",
        "end e",
        f"s -> w -> {task} -> e",
    )


def caller(*more: str) -> SourceFile:
    return process("caller", "start s", "call c calledElement=missing", *more, "end e", "s -> c -> e")


def callee(key: str = "callee", task: str = "a") -> SourceFile:
    return process(key, "start s", f"user {task}", "end e", f"s -> {task} -> e")


def bind(run: Harness, key: str, version: int | None = None, **targets: str) -> Any:
    with run.sessions.begin() as session:
        return run.engine.bind(session, definition(run, key, version), targets, actor=TESTER)


def definition(run: Harness, key: str, version: int | None = None) -> UUID:
    query = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == key)
    if version is not None:
        query = query.where(ProcessDefinition.version == version)
    found: UUID = run.scalar(query.order_by(ProcessDefinition.version.desc()).limit(1))
    return found


def test_a_diagram_with_needs_is_stored_and_does_not_start(run: Harness) -> None:
    receipt = run.deploy(works())
    [made] = receipt.definitions
    assert (made.startable, made.in_use, [need.need.key for need in made.needs]) == (False, None, ["w"])
    with pytest.raises(NeedsBinding) as refused:
        run.start("p")
    assert "Version 1 of process 'p' cannot start" in str(refused.value)
    assert "w (operation: class x.Y)" in str(refused.value)
    assert "redress bind p" in str(refused.value)
    assert "还需要绑定 w" in str(refused.value.facts["message_zh"])
    assert refused.value.facts["missing"] == ["w"]


def test_bound_to_an_operation_it_runs_and_the_operation_is_called(run: Harness) -> None:
    run.deploy(works())
    done = bind(run, "p", w="add")
    assert (done.version, done.is_new, done.startable) == (1, False, True)
    run.start("p")
    run.settle()
    assert run.recorder.named("u")[0].variables["result"] == {"w": {"sum": 1}}


def test_bound_to_nothing_its_token_passes(run: Harness) -> None:
    run.deploy(works())
    bind(run, "p", w="nothing")
    run.start("p")
    assert run.waiting() == ["u"]
    run.complete("u")


def test_a_version_is_completed_step_by_step(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "service a", "service b camunda:class=x.Y", "end e", "s -> a -> b -> e")
    )
    assert bind(run, "p", a="nothing").startable is False
    with pytest.raises(NeedsBinding, match="it needs b "):
        run.start("p")
    assert bind(run, "p", a="send").version == 1
    assert bind(run, "p", b="nothing").startable is True
    run.start("p")


def test_binding_the_same_again_changes_nothing(run: Harness) -> None:
    run.deploy(works())
    bind(run, "p", w="add")
    again = bind(run, "p", w="add")
    assert (again.version, again.is_new, again.startable) == (1, False, True)
    other = bind(run, "p", w="send")
    assert (other.version, other.is_new) == (2, True)
    assert bind(run, "p", 1, w="send").id == other.id
    assert run.scalar(sa.select(sa.func.count()).select_from(ProcessDefinition)) == 2


def test_another_choice_makes_another_version_and_running_instances_keep_theirs(run: Harness) -> None:
    first = process(
        "p", "start s", "user u", "service w camunda:class=x.Y", "user v", "end e", "s -> u -> w -> v -> e"
    )
    run.deploy(first)
    bind(run, "p", w="add")
    run.start("p")
    second = bind(run, "p", w="nothing")
    assert (second.version, second.startable) == (2, True)
    run.complete("u")
    run.settle()
    assert run.recorder.named("v")[0].variables["result"] == {"w": {"sum": 1}}
    run.start("p", "K-2")
    assert run.waiting() == ["u", "v"]
    made = run.rows(sa.select(Deployment.source, Deployment.note, Deployment.deployed_by_name, Resource.content)
                    .join(Resource, Resource.deployment_id == Deployment.id).order_by(Deployment.source))  # fmt: skip
    assert [row.content for row in made] == [first.content] * 2
    assert (made[1].source, made[1].note, made[1].deployed_by_name) == (
        "binding",
        "w: add → nothing",
        TESTER.name,
    )


def test_a_version_that_starts_do_not_use_is_not_bound_otherwise(run: Harness) -> None:
    run.deploy(works())
    bind(run, "p", w="add")
    run.deploy(works(task="v"))
    with pytest.raises(WrongState, match="starts use version 2; bind that one"):
        bind(run, "p", 1, w="nothing")


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [
        ({"w": "pay"}, 'w: the operation "pay" does not exist here. There are: add, send, and nothing.'),
        ({"w": "sned"}, 'w: the operation "sned" does not exist here; did you mean send?'),
        ({"w": "callee"}, 'w: the operation "callee" does not exist here'),
        ({"x": "add"}, "x: version has no such need; its needs are w, w#end, w#delete, c, r."),
        ({"c": "nothing"}, 'c: the process "nothing" does not exist here. There are: callee, p.'),
        ({"c": "calle"}, "did you mean callee?"),
        ({"c": "callee:7"}, 'version 7 of the process "callee" is not deployed; there are 2, 1.'),
        ({"c": "callee:x"}, 'the process "callee:x" does not exist here'),
        ({"r": "level"}, 'r: the decision "level" does not exist here'),
        ({"w#delete": "add"}, 'the moment "delete" of w cannot be run here; it can only be bound to nothing.'),
        ({"w": "add\x00"}, 'the operation "add\x00" does not exist here'),
        ({"w": "add", "c": "no"}, 'the process "no" does not exist here'),
    ],
)  # fmt: skip
def test_a_wrong_target_is_refused_with_what_there_is_and_nothing_is_bound(
    run: Harness, targets: dict[str, str], sentence: str
) -> None:
    run.deploy(callee())
    run.deploy(callee(task="b"))
    listeners = "".join(
        f'<camunda:executionListener class="L" event="{event}"/>' for event in ("end", "delete")
    )
    run.deploy(
        process(
            "p",
            "start s",
            f"service w camunda:class=x.Y | <bpmn:extensionElements>{listeners}</bpmn:extensionElements>",
            "call c calledElement=missing",
            "rule r camunda:decisionRef=absent",
            "end e",
            "s -> w -> c -> r -> e",
        )
    )
    with pytest.raises(BindingRefused) as refused:
        bind(run, "p", **targets)
    assert sentence in str(refused.value)
    assert all(problem.message_zh for problem in refused.value.problems)
    assert run.scalar(sa.select(sa.func.count()).select_from(DefinitionBinding)) == 0


def test_every_wrong_choice_is_told_at_once(run: Harness) -> None:
    run.deploy(works())
    with pytest.raises(BindingRefused) as refused:
        bind(run, "p", w="x", y="z", **{"no": "no"})
    assert [problem.path for problem in refused.value.problems] == ["w", "y", "no"]


def test_a_need_is_named_as_its_author_wrote_it_or_as_the_engine_keeps_it(run: Harness) -> None:
    file = works()
    spaced = SourceFile(file.name, file.content.replace(b'"w"', b'"w 1"'))
    run.deploy(spaced)
    with run.sessions.begin() as session:
        [need] = run.engine.needs(session, definition(run, "p"))
    assert bind(run, "p", **{"w 1": "nothing"}).startable
    assert not bind(run, "p", **{need.need.key: "nothing"}).is_new


def test_an_unknown_version_is_not_found(run: Harness) -> None:
    with run.sessions.begin() as session, pytest.raises(NotFound):
        run.engine.bind(session, UUID(int=1), {}, actor=TESTER)


def test_a_callee_is_bound_to_the_newest_version_or_to_one(run: Harness) -> None:
    run.deploy(callee())
    run.deploy(caller())
    bind(run, "caller", c="callee")
    run.deploy(callee(task="b"))
    run.start("caller")
    assert run.waiting() == ["b"]
    bind(run, "caller", c="callee:1")
    run.start("caller", "K-2")
    assert run.waiting() == ["a", "b"]


def test_an_unbound_version_does_not_displace_the_one_that_starts_use(run: Harness) -> None:
    run.deploy(process("p", "start s", "user u", "end e", "s -> u -> e"))
    receipt = run.deploy(works(task="v"))
    assert (receipt.definitions[0].version, receipt.definitions[0].in_use) == (2, 1)
    run.start("p")
    assert run.waiting() == ["u"]
    with run.sessions.begin() as session, pytest.raises(NeedsBinding):
        run.engine.start(session, "p", business_key="K-2", version=2, actor=TESTER)
    bind(run, "p", w="nothing")
    run.start("p", "K-3")
    assert run.waiting() == ["u", "v"]


def test_a_message_starts_nothing_that_is_not_bound(run: Harness) -> None:
    file = process("p", "start s message=go", "service w", "user u", "end e", "s -> w -> u -> e")
    run.deploy(file)
    with pytest.raises(NeedsBinding):
        run.correlate("go", "K-1")
    with pytest.raises(MessageNotAwaited):
        run.correlate("stop", "K-1")
    run.deploy(process("q", "start s message=go", "user v", "end e", "s -> v -> e"))
    run.correlate("go", "K-1")
    assert run.waiting() == ["v"]


def test_a_timer_starts_nothing_before_and_from_the_binding_on(run: Harness) -> None:
    run.deploy(process("p", "start s timeDuration=PT1H", "service w", "user u", "end e", "s -> w -> u -> e"))
    run.advance(hours=2)
    assert run.waiting() == []
    bind(run, "p", w="nothing")
    run.advance(minutes=59)
    assert run.waiting() == []
    run.advance(minutes=1)
    assert run.waiting() == ["u"]


def test_an_unbound_version_leaves_the_clock_of_the_one_before(run: Harness) -> None:
    run.deploy(process("p", "start s timeCycle=R/P1D", "user u", "end e", "s -> u -> e"))
    run.deploy(process("p", "start s timeCycle=R/PT1H", "service w", "user v", "end e", "s -> w -> v -> e"))
    run.advance(days=1)
    assert run.waiting() == ["u"]
    bind(run, "p", w="nothing")
    run.advance(hours=1)
    assert run.waiting() == ["u", "v"]


def test_a_call_of_an_unbound_process_rests_as_an_incident_and_goes_on_with_a_retry(run: Harness) -> None:
    main = process("main", "start s", "call c calledElement=p", "end e", "s -> c -> e")
    run.deploy(main, works())
    run.start("main")
    [incident] = run.rows(sa.select(Incident.id, Incident.activity_id, Incident.message, Incident.message_zh))
    assert incident.activity_id == "c"
    assert "Version 1 of process 'p' cannot start: it needs w" in incident.message
    assert "还需要绑定 w" in incident.message_zh
    bind(run, "p", w="nothing")
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    assert run.waiting() == ["u"]


def test_a_file_that_brings_what_is_missing_resolves_it_with_the_caller(run: Harness) -> None:
    run.deploy(caller())
    run.deploy(callee("missing"))
    with pytest.raises(NeedsBinding):
        run.start("caller")
    receipt = run.deploy(caller())
    assert (receipt.definitions[0].version, receipt.definitions[0].startable) == (2, True)
    run.start("caller")
    assert run.waiting() == ["a"]


def test_what_each_need_can_be_bound_to_is_told(run: Harness) -> None:
    run.deploy(callee())
    run.deploy(
        process("p", "start s", "service w", "call c calledElement=missing", "end e", "s -> w -> c -> e")
    )
    with run.sessions.begin() as session:
        needs = {need.need.key: need for need in run.engine.needs(session, definition(run, "p"))}
    assert [(c.target, c.name) for c in needs["w"].choices] == [
        ("nothing", "不执行任何操作 nothing is run"), ("add", "Add one."), ("send", "")]  # fmt: skip
    assert [(c.target, c.versions) for c in needs["c"].choices] == [("callee", (1,)), ("p", (1,))]
    assert needs["w"].need.line > 0 and needs["w"].need.name == "w"
    assert needs["w"].target is None


def test_what_is_not_offered_any_more_is_told(run: Harness) -> None:
    run.deploy(works())
    bind(run, "p", w="add")
    fewer = Harness(run.sessions, run.clock, operations={"send": lambda call: None})
    with fewer.sessions.begin() as session:
        [need] = fewer.engine.needs(session, definition(run, "p"))
    assert need.wrong is not None and 'the operation "add" does not exist here' in need.wrong[0]
    assert need.bound_by_name == TESTER.name
