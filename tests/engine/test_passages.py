"""What the rooms above keep time of is told once when it begins and once when it is over, whatever happens in between."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import DeploymentRefused
from engine.incidents import Incident
from engine.instance import ProcessInstance
from engine.ports import OperationCall, Passage
from engine.testing import TESTER, Harness
from tests.engine.diagrams import handler, process
from tests.engine.passages import began, check_passages, ended, with_properties

SLA = {"sla.policy": "R01.stage"}


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    def work(call: OperationCall) -> dict[str, Any]:
        if call.case.get("broken"):
            raise RuntimeError("not now")
        return {}

    return Harness(sessions, clock, operations={"work": work})


def passage(run: Harness, activity: str) -> Passage:
    return next(p for move in run.recorder.moves for p in move.began if p.activity_id == activity)


def retry(run: Harness) -> None:
    for row in run.rows(sa.select(Incident.id).where(Incident.resolved_at.is_(None))):
        with run.sessions.begin() as session:
            run.engine.retry(session, row.id, actor=TESTER)
    run.settle()


def test_the_process_itself_begins_with_its_instance_and_is_over_with_it(run: Harness) -> None:
    run.deploy(
        with_properties(
            process("p", "start s", "user a", "end e", "s -> a -> e", name="投诉"),
            p={"sla.policy": "R01.all", "sla.limit": "=2 * n", "note": "plain"},
        )
    )
    instance = run.start("p", n=3)
    (found,) = run.recorder.moves[0].began
    assert (found.id, found.kind, found.activity_id, found.name) == (instance, "process", "p", "投诉")
    assert found.properties == {"sla.policy": "R01.all", "sla.limit": 6, "note": "plain"}
    assert found.inside == () and found.variables["n"] == 3
    over = run.complete("a").over
    assert [(one.id, one.done) for one in over] == [(instance, True)]
    assert over[0].properties["sla.limit"] == "=2 * n"


def test_a_cancelled_instance_takes_its_passages_away(run: Harness) -> None:
    run.deploy(
        with_properties(
            process("p", "start s", "sub q {", "start x", "receive r message=m", "end y", "x -> r -> y", "}", "end e", "s -> q -> e"),
            q=SLA, r=SLA,
        )
    )  # fmt: skip
    instance = run.start("p")
    assert began(run) == ["p", "q", "r"]
    with run.sessions.begin() as session:
        run.engine.cancel(session, instance, reason="test", actor=TESTER)
    assert sorted(ended(run)) == ["-p", "-q", "-r"]
    check_passages(run)


def test_what_is_passed_in_one_go_begins_and_is_over_in_one_move(run: Harness) -> None:
    lines = ["start s", "script f | n = 1", "throw t message=m", "end e", "s -> f -> t -> e"]
    run.deploy(with_properties(process("p", *lines), f=SLA, t=SLA, e={"sla.stop": "R01.all"}))
    run.start("p")
    (move,) = run.recorder.moves
    assert began(run) == ["p", "f", "t", "e"] and ended(run) == ["f", "t", "e", "p"]
    assert move.over[2].properties == {"sla.stop": "R01.all"} and move.ended


def test_a_token_at_each_kind_of_waiting_element_is_a_passage(run: Harness) -> None:
    run.deploy(
        with_properties(
            process(
                "p",
                "start s",
                "and g",
                "receive r message=m",
                "catch c signal=z",
                "service w camunda:type=external camunda:topic=work",
                "sub q {",
                "start x",
                "user u",
                "end y",
                "x -> u -> y",
                "}",
                "s -> g",
                "g -> r",
                "g -> c",
                "g -> w",
                "g -> q",
            ),
            **{key: {"ball.assisting": "true"} for key in ("r", "c", "w", "q")},
        )
    )
    run.start("p")
    assert sorted(began(run)) == ["c", "p", "q", "r", "w"]
    assert {p.kind for p in run.recorder.moves[0].began} == {
        "process", "receiveTask", "intermediateCatchEvent", "serviceTask", "subProcess",
    }  # fmt: skip
    run.settle()
    run.correlate("m")
    with run.sessions.begin() as session:
        run.engine.signal(session, "z", actor=TESTER)
    run.settle()
    run.complete("u")
    assert sorted(ended(run)) == ["c", "p", "q", "r", "w"]
    open_, _ = check_passages(run)
    assert not open_


def test_a_user_task_is_told_by_being_entered_and_over_with_what_is_drawn_on_it(run: Harness) -> None:
    file = process("p", "start s", "user a", "manual b", "user c", "end e", "s -> a -> b -> c -> e")
    run.deploy(with_properties(file, a={"sla.policy": "R01.stage", "sla.limit": "=1 + 1"}, b=SLA))
    run.start("p")
    assert began(run) == ["p"]
    (activity,) = run.recorder.named("a")
    assert activity.properties["sla.limit"] == 2 and len(activity.inside) == 1
    (over,) = run.complete("a").over
    assert (over.id, over.done, over.properties["sla.limit"]) == (activity.id, True, "=1 + 1")
    assert [one.done for one in run.complete("b").over] == [True]
    assert [one.id for one in run.complete("c").over] == [run.recorder.moves[0].instance.id]
    check_passages(run)


def test_answers_that_cannot_be_written_are_told_once_over_all_retries(run: Harness) -> None:
    output = "<bpmn:extensionElements><camunda:inputOutput><camunda:outputParameter name='n'>${wanted - 1}</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements>"
    run.deploy(with_properties(process("p", "start s", f"user a | {output}", "end e", "s -> a -> e"), a=SLA))
    instance = run.start("p", wanted="text")
    assert [one.done for one in run.complete("a").over] == [True]
    retry(run)
    with run.sessions.begin() as session:
        run.engine.cancel(session, instance, reason="test", actor=TESTER)
    assert ended(run) == ["a", "-p"]
    assert [len(move.completed) + len(move.cancelled) for move in run.recorder.moves] == [0, 1, 0, 0]
    check_passages(run)


def test_each_item_of_a_repeated_activity_is_a_passage_and_the_whole_is_none(run: Harness) -> None:
    run.deploy(
        with_properties(
            process(
                "p", 'start s', 'sub q each="[1,2,3] as n" until="nrOfCompletedInstances = 2" {', "start x", "user u", "end y", "x -> u -> y", "}",
                "script r rounds=2 | z = 1", "end e", "s -> q -> r -> e",
            ),
            q={"sla.policy": "R01.stage", "sla.limit": "=n"}, r=SLA,
        )
    )  # fmt: skip
    run.start("p")
    assert began(run) == ["p", "q", "q", "q"]
    items = [p for p in run.recorder.moves[0].began if p.activity_id == "q"]
    assert [p.properties["sla.limit"] for p in items] == [1, 2, 3]
    (whole,) = {p.inside[0] for p in items}
    assert [p.inside[1:] for p in items] == [(run.recorder.moves[0].instance.id,)] * 3
    assert {a.inside[:2] for a in run.recorder.named("u")} == {(p.id, whole) for p in items}
    run.complete("u")
    run.complete("u")
    assert sorted(ended(run)) == ["-q", "p", "q", "q", "r", "r"]
    check_passages(run)


def test_what_the_called_process_says_belongs_to_the_call_activity(run: Harness) -> None:
    child = with_properties(
        process("child", "start cs", "user u", "end ce", "cs -> u -> ce"),
        child={"sla.policy": "R01.stage", "sla.limit": "=n + 1", "sla.stop": "R09", "other": "x"},
    )
    apart = process(
        "p", "start s",
        "call c calledElement=child | <bpmn:extensionElements><camunda:in source='m' target='n'/></bpmn:extensionElements>",
        "end e", "s -> c -> e",
    )  # fmt: skip
    run.deploy(child, with_properties(apart, c={"sla.policy": "R02.stage"}))
    instance = run.start("p", m=4)
    assert began(run) == ["p", "c"]
    found = passage(run, "c")
    assert found.properties == {"sla.policy": "R02.stage", "sla.limit": 5, "sla.stop": "R09"}
    assert (found.scope, found.inside) == ("p", (instance,))
    (activity,) = run.recorder.named("u")
    assert activity.inside == (found.id, instance) and activity.scope == "child"
    over = run.complete("u").over
    assert [(one.id, one.done) for one in over] == [(found.id, True), (instance, True)]
    assert over[0].properties == {"sla.policy": "R02.stage", "sla.limit": "=n + 1", "sla.stop": "R09"}


def test_an_event_at_a_border_stands_inside_its_activity_and_begins_again_when_it_listens_on(
    run: Harness,
) -> None:
    run.deploy(
        with_properties(
            process(
                "p", "start s", "user a", "boundary b at=a message=m only_listens=1", "boundary k at=a message=n", "end e", "end e2",
                "s -> a -> e", "b -> e2", "k -> e",
            ),
            b={"sla.stop": "R01.all"}, k=SLA,
        )
    )  # fmt: skip
    instance = run.start("p")
    host = run.recorder.named("a")[0].id
    assert began(run) == ["p", "b", "k"]
    assert passage(run, "b").inside == (host, instance)
    move = run.correlate("m")
    assert [(one.done, one.properties) for one in move.over] == [(True, {"sla.stop": "R01.all"})]
    assert began(run) == ["p", "b", "k", "b"]
    run.correlate("n")
    assert sorted(ended(run)[1:]) == ["-b", "k", "p"]
    check_passages(run)


def test_an_event_sub_process_begins_when_it_is_triggered_and_its_start_while_it_listens(
    run: Harness,
) -> None:
    run.deploy(
        with_properties(
            process("p", "start s", "user a", "end e", "s -> a -> e", *handler("message=m only_listens=1")),
            h=SLA, h_s={"sla.stop": "R01.all"},
        )
    )  # fmt: skip
    run.start("p")
    assert began(run) == ["p", "h_s"]
    run.correlate("m")
    assert began(run) == ["p", "h_s", "h_s", "h"] and ended(run) == ["h_s"]
    assert passage(run, "h").kind == "eventSubProcess"
    run.complete("h_u")
    run.complete("a")
    assert sorted(ended(run)) == ["-h_s", "h", "h_s", "p"]
    check_passages(run)


def test_ends_that_throw_are_passed_although_what_catches_takes_their_token_away(run: Harness) -> None:
    inside = ["start x", "xor g", "end bad error=E", "end up escalation=U", "end stop terminate=1"]
    ways = ["x -> g", "g -> bad : way = 1", "g -> up : way = 2", "default g -> stop"]
    run.deploy(
        with_properties(
            process(
                "p", "start s", "sub q {", *inside, *ways, "}", "boundary b at=q error=E", "boundary k at=q escalation=U",
                "end e", "s -> q -> e", "b -> e", "k -> e",
            ),
            **dict.fromkeys(("q", "bad", "up", "stop"), SLA),
        )
    )  # fmt: skip
    for way, over in ((1, ["-q", "bad", "p"]), (2, ["-q", "p", "up"]), (3, ["p", "q", "stop"])):
        run.recorder.moves.clear()
        run.start("p", way=way)
        assert sorted(ended(run)) == over
        check_passages(run)


def test_what_rests_on_entering_has_not_begun_and_begins_once_with_the_retry(run: Harness) -> None:
    run.deploy(
        with_properties(
            process("p", "start s", "receive r message=m", "end e", "s -> r -> e"),
            p={"sla.limit": "=wanted - 1"}, r={"sla.limit": "=second - 1"},
        )
    )  # fmt: skip
    instance = run.start("p", wanted="text", second="text")
    assert began(run) == [] and run.recorder.moves[0].entered == ()
    retry(run)
    assert began(run) == []
    for wanted, expected in (({"wanted": 1}, ["p"]), ({"second": 4}, ["p", "r"])):
        with run.sessions.begin() as session:
            run.engine.set_variables(session, instance, wanted, reason="test", actor=TESTER)
        retry(run)
        assert began(run) == expected
    assert passage(run, "r").properties == {"sla.limit": 3}
    run.correlate("m")
    assert ended(run) == ["r", "p"]
    check_passages(run)


def test_an_instance_that_never_began_is_not_over(run: Harness) -> None:
    run.deploy(
        with_properties(
            process("p", "start s", "user a", "end e", "s -> a -> e"), p={"sla.limit": "=wanted - 1"}
        )
    )
    instance = run.start("p", wanted="text")
    with run.sessions.begin() as session:
        run.engine.cancel(session, instance, reason="test", actor=TESTER)
    assert began(run) == ended(run) == []


def test_an_operation_that_fails_is_over_when_it_has_succeeded(run: Harness) -> None:
    run.recorder.case["broken"] = True
    run.deploy(
        with_properties(
            process("p", "start s", "service w camunda:type=external camunda:topic=work", "end e", "s -> w -> e"), w=SLA
        )
    )  # fmt: skip
    run.start("p")
    run.settle()
    assert run.scalar(sa.select(Incident.attempts)) == 1
    retry(run)
    assert (began(run), ended(run)) == (["p", "w"], [])
    run.recorder.case.clear()
    retry(run)
    assert ended(run) == ["w", "p"]
    assert run.scalar(sa.select(ProcessInstance.status)) == "completed"


def test_a_wrong_expression_in_a_property_of_any_element_refuses_the_deployment(run: Harness) -> None:
    file = process("p", "start s", "catch c timeDuration=PT1H", "end e", "s -> c -> e")
    for element in ("p", "s", "c", "e"):
        with pytest.raises(DeploymentRefused) as refused:
            run.deploy(with_properties(file, **{element: {"sla.limit": "=1 +"}}))
        (finding,) = [one for one in refused.value.findings if one.severity == "error"]
        assert (finding.file, finding.element_id, finding.code) == ("p.bpmn", element, "bad-expression")
        assert finding.position == 4
        assert "sla.limit" in finding.message


def test_elements_without_such_properties_are_told_nothing_of(run: Harness) -> None:
    run.deploy(
        with_properties(
            process("p", "start s", "receive r message=m", "xor g", "end e", "s -> r -> g -> e"),
            r={"note": "=1 +1"}, g=SLA,
        )
    )  # fmt: skip
    run.start("p")
    run.correlate("m")
    assert (began(run), ended(run)) == (["p"], ["p"])
