"""What is done is in the trail with who did it, and what was refused or taken back is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.db import open_database
from engine.errors import NotPermitted, WrongState
from tasks.audit.recording import record, waiting
from tasks.audit.sealing import FIRST, SEALED, seal
from tasks.audit.tables import AuditEvent, AuditHead
from tasks.processes import bindings, deployments, steering
from tests.conftest import AUDIT_KEYS
from tests.tasks.drawings import one_task, request_files
from tests.tasks.office import TestOffice


def lines(office: TestOffice, chain: str) -> list[Any]:
    with office.deps.sessions() as session:
        return list(
            session.execute(
                sa.select(AuditEvent.__table__).where(AuditEvent.chain == chain).order_by(AuditEvent.seq)
            )
        )


def verbs(office: TestOffice, chain: str) -> list[str]:
    return [row.verb for row in lines(office, chain)]


def test_a_day_at_the_desk_is_told_in_order_and_every_line_is_sealed(office: TestOffice) -> None:
    filed = office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    office.claim("li_na", task.id)  # it is hers already: nothing happens
    office.release("li_na", task.id)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "close"})
    office.settle()
    told = lines(office, filed.number)
    assert [row.verb for row in told] == [
        "case.file", "instance.move", "task.claim", "task.release", "task.claim", "task.complete",
        "case.archive", "instance.move",
    ]  # fmt: skip
    assert {row.actor_name for row in told[:6]} == {"李楠"}
    assert {(row.actor_name, row.actor_kind) for row in told[6:]} == {("SYSTEM", "system")}
    previous = FIRST
    for place, row in enumerate(told, start=1):
        assert row.seq == place
        assert row.previous == previous
        assert row.hash == seal(AUDIT_KEYS.keys[-1], previous, [getattr(row, name) for name in SEALED])
        previous = row.hash
    with office.deps.sessions() as session:
        head = session.get_one(AuditHead, filed.number)
    assert (head.seq, head.hash) == (len(told), previous)


def test_a_completion_keeps_the_names_of_the_answers_and_their_digest_and_no_answer(
    office: TestOffice,
) -> None:
    filed = office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network"})
    row = next(row for row in lines(office, filed.number) if row.verb == "task.complete")
    assert '"fields":["outcome","unit"]' in row.after
    assert "henan_network" not in row.after
    assert (row.subject, row.subject_id, row.before) == ("task", str(task.id), '{"state":"assigned"}')


def test_what_is_refused_leaves_no_line(office: TestOffice) -> None:
    filed = office.file()
    task = office.task("check_request")
    before = verbs(office, filed.number)
    with pytest.raises(WrongState):
        office.complete("li_na", task.id, {"outcome": "close"})
    with pytest.raises(NotPermitted), office.acting("li_na") as (session, caller):
        steering.cancel_instance(session, office.deps, caller, filed.instance_id, reason="no")
    assert verbs(office, filed.number) == before


def test_what_is_rolled_back_leaves_no_line(office: TestOffice) -> None:
    with office.deps.sessions() as session:
        record(
            session, SYSTEM, "case.archive", at=office.clock.now(), subject="case", subject_id="x", chain="x"
        )
        assert waiting(session)
        session.rollback()
        assert not waiting(session)
        session.commit()
    assert verbs(office, "x") == []


def test_steering_an_instance_is_told_with_its_states_and_a_digest_of_the_reason(office: TestOffice) -> None:
    filed = office.file()
    known = len(verbs(office, filed.number))
    with office.acting("sun_qiang") as (session, caller):
        steering.suspend_instance(session, office.deps, caller, filed.instance_id, reason="等客户")
    with office.acting("sun_qiang") as (session, caller):
        steering.resume_instance(session, office.deps, caller, filed.instance_id)
    with office.acting("li_na") as (session, caller):
        steering.send_message(session, office.deps, caller, filed.number, "withdraw", {"text": "不投诉了"})
    told = lines(office, filed.number)[known:]
    assert [row.verb for row in told] == [
        "instance.suspend", "instance.resume", "message.send", "instance.move",
    ]  # fmt: skip
    assert told[0].before == '{"status":"active"}'
    assert told[0].after.startswith('{"status":"suspended","reason":"')
    assert "等客户" not in told[0].after and "不投诉了" not in told[2].after


def test_deploying_binding_starting_and_signalling_are_told(office: TestOffice) -> None:
    with office.acting("lu_jian") as (session, caller):
        deployments.deploy(session, office.deps, caller, [one_task("lone", "")], name="lone")
    with office.acting("lu_jian") as (session, caller):
        deployments.deploy(
            session, office.deps, caller, request_files(), name="again"
        )  # what is there already
    with office.acting("tang_wei") as (session, caller):
        started = steering.start_process(
            session, office.deps, caller, "lone", business_key="K", variables={"amount": 5}
        )
    with office.acting("tang_wei") as (session, caller):
        steering.set_variables(
            session, office.deps, caller, started.instance.id, {"amount": 6}, reason="misread"
        )
    with office.acting("tang_wei") as (session, caller):
        steering.send_signal(session, office.deps, caller, "holiday", None)
    assert verbs(office, "office/deployment") == ["deployment.create"]
    chain = f"instance/{started.instance.id}"
    assert verbs(office, chain) == ["instance.move", "instance.start", "instance.correct"]
    assert verbs(office, "office/signal") == ["signal.send"]


def test_binding_again_to_the_same_changes_nothing_and_leaves_no_line(office: TestOffice) -> None:
    work = '<bpmn:serviceTask id="do" camunda:type="external" camunda:topic="unheard_of"/>'
    from tests.tasks.drawings import drawn

    office.deploy(
        drawn(
            "bound",
            f'<bpmn:startEvent id="s"/>{work}<bpmn:endEvent id="e"/>'
            '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="do"/>'
            '<bpmn:sequenceFlow id="f2" sourceRef="do" targetRef="e"/>',
        )
    )
    for _ in range(2):
        with office.acting("lu_jian") as (session, caller):
            version = bindings.version_to_bind(session, "bound")
            bindings.bind(session, office.deps, caller, version, {"do": "archive_case"})
    (told,) = lines(office, "office/definition")
    assert (told.before, told.after) == ("{}", '{"process":"bound 1","targets":{"do":"archive_case"}}')


def test_a_timer_is_signed_by_the_system(office: TestOffice) -> None:
    from datetime import timedelta

    from engine.worker import sweep_once
    from tests.tasks.drawings import drawn

    office.deploy(
        drawn(
            "waits",
            '<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition id="d">'
            "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
            '</bpmn:intermediateCatchEvent><bpmn:userTask id="work"/><bpmn:endEvent id="e"/>'
            '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
            '<bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="work"/>'
            '<bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="e"/>',
        )
    )
    with office.acting("tang_wei") as (session, caller):
        started = steering.start_process(
            session, office.deps, caller, "waits", business_key="W", variables=None
        )
    office.clock.advance(timedelta(hours=2))
    sweep_once(office.deps.engine, office.deps.sessions)
    office.settle()
    told = lines(office, f"instance/{started.instance.id}")
    assert [(row.verb, row.actor_id) for row in told][-1] == ("instance.move", "system")


def test_twenty_people_at_one_case_at_once_make_one_chain(office: TestOffice) -> None:
    def note(number: int) -> None:
        with office.deps.sessions.begin() as session:
            for chain in ("b", "a", f"own-{number}"):
                record(
                    session, SYSTEM, "case.archive", at=office.clock.now(), subject="case", subject_id=number, chain=chain
                )  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(20)))
    for chain in ("a", "b"):
        assert [row.seq for row in lines(office, chain)] == list(range(1, 21))


def test_sessions_that_keep_no_trail_refuse_to_do_anything_that_belongs_there(
    database_url: str, office: TestOffice
) -> None:
    factory = open_database(database_url, pool_size=1)
    try:
        with factory() as session, pytest.raises(RuntimeError, match=r"task\.claim cannot be recorded"):
            record(session, SYSTEM, "task.claim", at=office.clock.now(), subject="task", subject_id="x")
    finally:
        factory.kw["bind"].dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor_name = 'nobody'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "UPDATE audit_head SET seq = seq - 1",
        r"UPDATE audit_head SET hash = '\x00'",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(
    office: TestOffice, session: Session, statement: str
) -> None:
    office.file()
    with pytest.raises(sa.exc.ProgrammingError, match="only ever added to"):
        session.execute(sa.text(statement))
