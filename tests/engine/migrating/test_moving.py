"""What can be moved to another version and what cannot, one rule after the other; the dry run says the same as the move."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.instance import ProcessInstance
from engine.testing import TESTER
from tests.engine.diagrams import process
from tests.engine.migrating.moves import Moving


def test_a_case_goes_on_by_the_version_it_was_moved_to(run: Moving) -> None:
    run.draw("start s", "user u", "end e", "s -> u -> e")
    later = run.draw("start s", "user u", "user more", "end e", "s -> u -> more -> e", u="新名称")
    run.draw("start s", "user u", "end e", "s -> u -> e")
    with run.sessions.begin() as session:
        run.engine.start(session, "p", business_key="K-1", version=1, actor=TESTER)
    verdict = run.move(later)
    assert run.codes(verdict) == [("task-changed", "u")]
    row = run.rows(sa.select(ProcessInstance.definition_id, ProcessInstance.version))[0]
    assert (row.definition_id, row.version) == (later, 2)
    line = run.rows(sa.select(HistoryEvent.data).where(HistoryEvent.kind == "instance_migrated"))[0].data
    assert (line["from"], line["to"]) == (1, 2)
    run.complete("u")
    assert run.waiting() == ["more"]


def test_every_reason_is_named_at_once(run: Moving) -> None:
    run.draw(
        "start s", "and f", "user a", "user b", "user c", "sub x {", "user d", "}", "and j", "end e",
        "s -> f -> a -> j", "f -> b -> j", "f -> c -> j", "f -> x -> j", "j -> e",
    )  # fmt: skip
    run.start("p")
    later = run.draw(
        "start s", "and f", "service a camunda:type=external camunda:topic=work", "user b each=case.items",
        "user d", "sub x {", "user inner", "}", "and j", "end e",
        "s -> f -> a -> j", "f -> b -> j", "f -> d -> j", "f -> x -> j", "j -> e",
    )  # fmt: skip
    assert sorted(run.refused(later)) == [
        ("elsewhere", "d"), ("missing", "c"), ("repetition", "b"), ("type", "a"),
    ]  # fmt: skip


def test_an_ended_instance_stays_where_it_is(run: Moving) -> None:
    run.draw("start s", "end e", "s -> e")
    run.start("p")
    assert run.refused(run.draw("start s", "task t", "end e", "s -> t -> e")) == [("ended", "")]


def test_a_suspended_instance_is_moved_and_stays_suspended(run: Moving) -> None:
    run.draw("start s", "user u", "end e", "s -> u -> e")
    instance = run.start("p")
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance, reason="wait", actor=TESTER)
    run.move(run.draw("start s", "user u", "user v", "end e", "s -> u -> v -> e"))
    assert run.scalar(sa.select(ProcessInstance.status)) == "suspended"
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    run.complete("u")
    assert run.waiting() == ["v"]


def test_repeated_activities_are_moved_in_the_middle_and_keep_what_they_have(run: Moving) -> None:
    lines = "start s", "end e", "s -> u -> e"
    run.draw("user u each=case.items sequential=1", *lines)
    run.start("p")
    run.complete("u", {"n": 1})
    assert run.refused(run.draw("user u each=case.items", *lines)) == [("repetition", "u")]
    run.move(run.draw("user u each=case.items sequential=1 camunda:priority=70", *lines))
    run.complete("u", {"n": 2})
    run.complete("u", {"n": 3})
    assert run.scalar(sa.select(ProcessInstance.status)) == "completed"
    with run.sessions() as session:
        instance = session.scalar(sa.select(ProcessInstance.id))
        values = run.engine.variables(session, instance)
    assert [one["n"] for one in values["form"]["u"]] == [1, 2, 3]


def test_what_was_called_moves_along_to_the_version_that_is_called_there(run: Moving) -> None:
    caller = ("start s", "call c calledElement=q", "end e", "s -> c -> e")
    run.deploy(process("q", "start qs", "user x", "end qe", "qs -> x -> qe"), process("p", *caller))
    run.start("p")
    receipt = run.deploy(
        process("q", "start qs", "user x", "user y", "end qe", "qs -> x -> y -> qe"),
        process("p", *caller, "task t"),
    )
    later = next(one.id for one in receipt.definitions if one.key == "p")
    assert run.codes(run.move(later)) == [("callee-moved", "c")]
    run.complete("x")
    assert run.waiting() == ["y"]
    receipt = run.deploy(
        process("q", "start qs", "user z", "end qe", "qs -> z -> qe"), process("p", *caller, "task t2")
    )
    assert run.refused(next(one.id for one in receipt.definitions if one.key == "p")) == [("missing", "y")]


def test_an_instance_that_rests_on_an_incident_is_repaired_by_moving_it(run: Moving) -> None:
    run.draw("start s", "script bad | x = missing.name", "user u", "end e", "s -> bad -> u -> e")
    run.start("p")
    run.move(run.draw("start s", "script bad | x = 1", "user u", "end e", "s -> bad -> u -> e", bad="算"))
    incident = run.rows(sa.select(Incident.id, Incident.activity_name))[0]
    assert incident.activity_name == "算"
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    assert run.waiting() == ["u"]


def test_work_that_waits_for_its_job_is_given_what_the_new_version_draws(run: Moving) -> None:
    def lines(what: str) -> tuple[str, ...]:
        inputs = f'<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="a">{what}</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>'
        return (
            "start s",
            f"service w camunda:type=external camunda:topic=work | {inputs}",
            "user u",
            "end e",
            "s -> w -> u -> e",
        )

    run.draw(*lines("old"))
    run.start("p")
    assert run.codes(run.move(run.draw(*lines("new")))) == [("inputs-anew", "w")]
    run.settle()
    assert run.waiting() == ["u"]
    with run.sessions() as session:
        instance = session.scalar(sa.select(ProcessInstance.id))
        assert run.engine.variables(session, instance)["result"]["w"] == {"got": {"a": "new"}}


def test_a_renamed_element_is_followed_where_the_mapping_says_so(run: Moving) -> None:
    run.draw(
        "start s",
        "user old",
        "boundary b attachedToRef=old timeDuration=PT5H",
        "end e",
        "s -> old -> e",
        "b -> e",
    )
    run.start("p")
    due = run.due()["b"]
    later = run.draw("start s", "user new", "service odd camunda:type=external camunda:topic=work",
                     "boundary c attachedToRef=new timeDuration=PT5H", "end e", "s -> new -> odd -> e", "c -> e")  # fmt: skip
    assert run.refused(later) == [("missing", "old")]
    assert run.refused(later, old="odd") == [("type", "old")]
    for wrong in ({"old": "nobody"}, {"nobody": "new"}, {"old": "new", "b": "new"}):
        with pytest.raises(InvalidInput):
            run.move(later, **wrong)
    run.move(later, old="new", b="c")
    assert run.due() == {"c": due}
    move = run.recorder.moves[-1]
    assert [one.activity.activity_id for one in move.taken_over if one.activity] == ["new"]


def test_another_process_is_no_target(run: Moving) -> None:
    run.draw("start s", "user u", "end e", "s -> u -> e")
    run.start("p")
    with pytest.raises(InvalidInput, match="runs 'p'"):
        run.move(run.draw("start s", "user u", "end e", "s -> u -> e", key="other"))


def test_answers_that_are_read_later_and_were_never_asked_for_are_warned_of(run: Moving) -> None:
    run.draw("start s", "user a", "user b", "end e", "s -> a -> b -> e")
    run.start("p")
    run.complete("a", {"x": 1})
    later = run.draw("start s", "user a", "user between", "user b", "script r | y = form.between.z", "end e",
                     "s -> a -> between -> b -> r -> e")  # fmt: skip
    verdict = run.move(later)
    assert [(one.code, one.element) for one in verdict.warnings] == [("unwritten", "r")]


def test_a_group_that_has_no_value_in_the_new_version_refuses(run: Moving) -> None:
    run.draw("start s", "user a", "end e", "s -> a -> e")
    run.start("p")
    later = run.draw("start s", 'user a camunda:candidateGroups="${nobody.knows}"', "end e", "s -> a -> e")
    assert run.refused(later) == [("expression", "a")]
