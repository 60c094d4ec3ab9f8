"""A complaint that waits at the audit is moved to a version with a step after it, and goes on by that to the archive."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import ProcessDefinition
from engine.dialect import SourceFile
from engine.history import HistoryEvent
from engine.testing import TESTER
from engine.timers import Timer
from tests.bpmn.complaint_case import Complaint
from tests.bpmn.playing import content

FLOW = '<bpmn:sequenceFlow id="audit_feedback_to_feedback_qualified" sourceRef="audit_feedback" targetRef="'
STEP = (
    '<bpmn:userTask id="second_look" name="再次复核" camunda:candidateGroups="provincial_centre"/>'
    '<bpmn:sequenceFlow id="looked_twice" sourceRef="second_look" targetRef="feedback_qualified"/>'
)


def with_a_second_look() -> list[SourceFile]:
    """The content with a step after the audit, which is drawn in a called process."""
    files = []
    for file in content():
        text = file.content.decode()
        if file.name.endswith("processing.bpmn"):
            assert FLOW in text
            text = text.replace(f"{FLOW}feedback_qualified", f"{STEP}{FLOW}second_look")
        if file.name.endswith("/complaint.bpmn") or file.name == "complaint.bpmn":
            text = text.replace("<bpmn:process ", "<!-- with a second look --><bpmn:process ", 1)
            text = text.replace('id="accept_complaint" name="', 'id="accept_complaint" name="新', 1)
        files.append(SourceFile(file.name, text.encode()))
    return files


def test_a_complaint_at_the_audit_gets_the_step_that_is_drawn_after_it(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock)
    complaint.until("audit_feedback")
    run = complaint.harness
    timers = sa.select(Timer.token_id, Timer.activity_id, Timer.due_at).where(Timer.fired_at.is_(None))
    before = run.rows(timers.order_by(Timer.token_id))
    told = run.scalar(sa.select(sa.func.count()).select_from(HistoryEvent))
    run.deploy(*with_a_second_look())
    target = run.scalar(
        sa.select(ProcessDefinition.id)
        .where(ProcessDefinition.key == "complaint")
        .order_by(ProcessDefinition.version.desc())
    )
    with sessions() as session:
        said = run.engine.migration_verdict(session, complaint.instance, target)
    with sessions.begin() as session:
        done = run.engine.migrate(session, complaint.instance, target, actor=TESTER)
    assert said.ok and done.verdict.consequences == said.consequences
    assert "callee-moved" in {one.code for one in said.consequences}
    assert not done.move.began and not done.move.over, "no clock begins or ends by the move"
    assert run.rows(timers.order_by(Timer.token_id)) == before, "timers keep their instants"
    lines = run.rows(sa.select(HistoryEvent.kind).order_by(HistoryEvent.id).offset(told))
    assert [line.kind for line in lines] == ["instance_migrated"]
    complaint.does("audit_feedback")
    assert complaint.waiting == ["second_look"]
    run.complete("second_look")
    run.settle()
    complaint.does("reply_to_customer", "revisit_customer", "close_case")
    assert complaint.archived
