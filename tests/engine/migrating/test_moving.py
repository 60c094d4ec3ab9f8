"""What can be moved to another version and what cannot, one rule after the other; the dry run says the same as the move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.errors import InvalidInput
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.instance import ProcessInstance
from engine.messages import MessageSubscription
from engine.migrating.verdict import MigrationRefused, Verdict
from engine.ports import OperationCall
from engine.testing import TESTER, Harness
from engine.timers import Timer
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors


def work(call: OperationCall) -> dict[str, Any]:
    if call.case.get("broken"):
        raise RuntimeError("not now")
    return {"got": dict(call.inputs)}


class Moving(Harness):
    """The harness with versions of the process "p"."""

    def draw(self, *lines: str, key: str = "p", **names: str) -> UUID:
        """Deploy a version of a process and return its id. names: of elements, by their ids."""
        file = process(key, *lines)
        content = file.content
        for identity, name in names.items():
            content = content.replace(f'name="{identity}"'.encode(), f'name="{name}"'.encode())
        receipt = self.deploy(SourceFile(file.name, content))
        found: UUID = next(one.id for one in receipt.definitions if one.key == key)
        return found

    def move(self, target: UUID, **mapping: str) -> Verdict:
        """Move the one instance; the dry run before has to say the same."""
        instance = self.scalar(sa.select(ProcessInstance.id))
        with self.sessions() as session:
            said = self.engine.migration_verdict(session, instance, target, mapping=mapping)
        with self.sessions.begin() as session:
            done = self.engine.migrate(session, instance, target, actor=TESTER, mapping=mapping).verdict
        assert (said.refusals, said.consequences, said.warnings) == (
            done.refusals,
            done.consequences,
            done.warnings,
        )
        check_mirrors(self)
        return done

    def refused(self, target: UUID, **mapping: str) -> list[tuple[str, str]]:
        """Return why the one instance cannot be moved; nothing of it may change."""
        instance = self.scalar(sa.select(ProcessInstance.id))
        before = self.rows(sa.select(ProcessInstance.__table__))
        with pytest.raises(MigrationRefused) as refusal, self.sessions.begin() as session:
            self.engine.migrate(session, instance, target, actor=TESTER, mapping=mapping)
        assert self.rows(sa.select(ProcessInstance.__table__)) == before
        with self.sessions() as session:
            said = self.engine.migration_verdict(session, instance, target, mapping=mapping)
        assert said.refusals == refusal.value.verdict.refusals
        assert all(one.message and one.message_zh for one in said.refusals)
        return [(one.code, one.element) for one in said.refusals]

    def codes(self, verdict: Verdict) -> list[tuple[str, str]]:
        return [(one.code, one.element) for one in verdict.consequences]

    def due(self) -> dict[str, Any]:
        rows = self.rows(sa.select(Timer.activity_id, Timer.due_at).where(Timer.fired_at.is_(None)))
        return {row.activity_id: row.due_at for row in rows}


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Moving:
    return Moving(sessions, clock, case={"items": [1, 2, 3]}, operations={"work": work})


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


SPLIT = (
    "start s",
    "and f",
    "user a",
    "user b",
    "and j",
    "end e",
    "s -> f -> a -> j",
    "f -> b -> j",
    "j -> e",
)


def test_a_join_that_would_wait_for_a_flow_nobody_can_feed_is_refused(run: Moving) -> None:
    run.draw(*SPLIT)
    run.start("p")
    run.complete("a")
    more = run.draw(
        "start s", "and f", "user a", "user b", "user c", "and j", "end e",
        "s -> f -> a -> j", "f -> b -> j", "f -> c -> j", "j -> e",
    )  # fmt: skip
    assert ("starves", "j") in run.refused(more)


BEHIND = "start s", "user a", "user b", "user c", "end e"
ONE_BY_ONE = (*BEHIND, "s -> a -> b -> c -> e")
SIDE_BY_SIDE = (*BEHIND, "and f", "and j", "s -> f -> a -> j -> c -> e", "f -> b -> j")


@pytest.mark.parametrize(
    ("drawn", "twice"),
    [
        (ONE_BY_ONE, ["b", "c"]),
        ((*BEHIND, "and f", "xor j", "s -> f -> a -> j -> c -> e", "f -> b -> j"), []),  # it always would
        ((*BEHIND, "and f", "end e2", "s -> f -> a -> e2", "f -> b -> c -> e"), []),
    ],
)
def test_what_would_run_twice_by_the_move_is_warned_of(
    run: Moving, drawn: tuple[str, ...], twice: list[str]
) -> None:
    run.draw(*SIDE_BY_SIDE)
    run.start("p")
    verdict = run.move(run.draw(*drawn))
    assert [(one.code, one.element) for one in verdict.warnings] == [("runs-twice", name) for name in twice]


def test_a_new_join_ahead_of_a_token_whose_other_branch_never_began_is_refused(run: Moving) -> None:
    run.draw("start s", "user a", "end e", "s -> a -> e")
    run.start("p")
    assert run.refused(run.draw(*SPLIT)) == [("starves", "j")]


def test_a_way_back_around_the_split_does_not_hide_that_a_join_would_starve(run: Moving) -> None:
    run.draw("start s", "user a", "end e", "s -> a -> e")
    run.start("p")
    back = run.draw(
        "start s", "xor m", "and f", "user a", "boundary again attachedToRef=a timeDuration=P9D", "user b", "and j", "end e",
        "s -> m -> f -> a -> j", "f -> b -> j", "again -> m", "j -> e",
    )  # fmt: skip
    assert run.refused(back) == [("starves", "j")]


def test_a_join_opens_with_the_move_where_the_flow_it_waited_for_is_gone(run: Moving) -> None:
    run.draw(
        "start s", "and f", "user a", "user b", "sub x {", "user c", "}", "and j", "user after", "end e",
        "s -> f -> a -> j", "f -> b -> j", "f -> x -> j", "j -> after -> e",
    )  # fmt: skip
    run.start("p")
    run.complete("a")
    run.complete("b")
    later = run.draw(
        "start s", "and f", "user a", "user b", "sub x {", "user c", "}", "and j", "user after", "end e", "end e2",
        "s -> f -> a -> j", "f -> b -> j", "f -> x -> e2", "j -> after -> e",
    )  # fmt: skip
    with run.sessions.begin() as session:
        instance = session.scalar(sa.select(ProcessInstance.id))
        run.engine.suspend(session, instance, reason="wait", actor=TESTER)
    assert run.refused(later) == [("opens", "j")]
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    assert ("join-opens", "j") in run.codes(run.move(later))
    assert run.waiting() == ["after", "c"]


def test_events_at_borders_come_and_go_with_the_version(run: Moving) -> None:
    user = ("start s", "user u", "end e", "end late", "s -> u -> e")
    run.draw(*user, "boundary gone attachedToRef=u timeDuration=PT5H", "boundary kept attachedToRef=u timeDuration=PT6H cancelActivity=false",
             "boundary moved attachedToRef=u timeDuration=PT7H", "gone -> late", "kept -> late", "moved -> late")  # fmt: skip
    run.start("p")
    before = run.due()
    run.clock.advance(timedelta(hours=1))
    later = run.draw(*user, "boundary fresh attachedToRef=u timeDuration=PT1H", "boundary kept attachedToRef=u timeDuration=PT6H cancelActivity=false",
             "boundary moved attachedToRef=u timeDuration=PT2H", "boundary said attachedToRef=u message=stop",
             "fresh -> late", "kept -> late", "moved -> late", "said -> late")  # fmt: skip
    verdict = run.move(later)
    assert sorted(run.codes(verdict)) == [
        ("event-gone", "gone"), ("event-new", "fresh"), ("event-new", "said"), ("timer-moved", "moved"),
    ]  # fmt: skip
    now = run.clock.now()
    assert run.due() == {
        "kept": before["kept"],
        "fresh": now + timedelta(hours=1),
        "moved": now + timedelta(hours=2),
    }
    assert run.scalar(sa.select(MessageSubscription.name)) == "stop"


def test_an_event_that_has_happened_already_does_not_happen_again(run: Moving) -> None:
    lines = (
        "start s",
        "user u",
        "end e",
        "end late",
        "boundary t attachedToRef=u timeDuration=PT1H cancelActivity=false",
        "t -> late",
    )
    run.draw(*lines, "s -> u -> e")
    run.start("p")
    run.advance(hours=2)
    run.move(run.draw(*lines, "task more", "s -> u -> more -> e"))
    assert run.due() == {}


def test_what_triggers_event_sub_processes_comes_and_goes_too(run: Moving) -> None:
    run.draw(
        "start s",
        "user u",
        "end e",
        "s -> u -> e",
        "on x {",
        "start xs message=old",
        "user xu",
        "end xe",
        "xs -> xu -> xe",
        "}",
    )
    run.start("p")
    later = run.draw("start s", "user u", "end e", "s -> u -> e",
                     "on x {", "start xs message=new", "user xu", "end xe", "xs -> xu -> xe", "}",
                     "on y {", "start ys timeDuration=PT3H isInterrupting=false", "user yu", "end ye", "ys -> yu -> ye", "}")  # fmt: skip
    assert sorted(run.codes(run.move(later))) == [("event-changed", "xs"), ("event-new", "ys")]
    assert run.rows(sa.select(MessageSubscription.name))[0].name == "new"
    run.advance(hours=3)
    assert run.waiting() == ["u", "yu"]
    run.correlate("new")
    assert run.waiting() == ["xu"]
    run.move(run.draw("start s", "user u", "end e", "s -> u -> e",
                     "on x {", "start xs message=new", "user xu", "end xe", "xs -> xu -> xe", "}",
                     "on z {", "start zs timeDuration=PT3H", "end ze", "zs -> ze", "}"))  # fmt: skip
    assert run.due() == {}, "an event sub-process that took the scope over is not triggered away"


def test_what_waits_for_a_message_or_a_timer_takes_the_new_name_and_the_new_value(run: Moving) -> None:
    run.draw(
        "start s",
        "and f",
        "receive m message=one",
        "catch t timeDuration=PT5H",
        "end e",
        "s -> f -> m -> e",
        "f -> t -> e",
    )
    run.start("p")
    later = run.draw(
        "start s",
        "and f",
        "receive m message=two",
        "catch t timeDuration=PT9H",
        "end e",
        "s -> f -> m -> e",
        "f -> t -> e",
    )
    assert sorted(run.codes(run.move(later))) == [("event-changed", "m"), ("timer-moved", "t")]
    run.correlate("two")
    run.advance(hours=9)
    assert run.scalar(sa.select(ProcessInstance.status)) == "completed"


def test_an_event_gateway_waits_for_what_follows_it_in_the_new_version(run: Moving) -> None:
    run.draw(
        "start s",
        "events g",
        "receive a message=a",
        "catch b timeDuration=PT5H",
        "end e",
        "s -> g -> a -> e",
        "g -> b -> e",
    )
    run.start("p")
    without = run.draw("start s", "events g", "receive c message=c", "catch b timeDuration=PT5H", "receive a message=a", "end e",
                       "s -> g -> c -> e", "g -> b -> a -> e")  # fmt: skip
    assert ("gateway", "a") in run.refused(without)
    more = run.draw("start s", "events g", "receive a message=a", "catch b timeDuration=PT5H", "receive c message=c", "user u", "end e",
                    "s -> g -> a -> e", "g -> b -> e", "g -> c -> u -> e")  # fmt: skip
    assert run.codes(run.move(more)) == [("event-new", "c")]
    run.correlate("c")
    assert (run.waiting(), run.due()) == (["u"], {})
    check_mirrors(run)


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
