"""A form's file field takes attachments of its kind, of this case or just uploaded, and files them with the answers."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.dialect import SourceFile
from tasks import desk
from tasks.audit.tables import AuditEvent
from tasks.cases import filing
from tasks.evidence import attachments
from tasks.evidence.cabinet import Cabinet
from tasks.evidence.receiving import examined
from tasks.evidence.tables import Attachment
from tasks.forms import AnswersRefused, compile_form
from tasks.people.identity import caller_by_login
from tests.tasks.drawings import drawn
from tests.tasks.evidence import files
from tests.tasks.office import TestOffice

FIELD = {"type": "filepicker", "key": "photo", "label": "照片", "properties": {"attachment.kind": "photo"}}


def regime(
    office: TestOffice, *, start: dict[str, Any] | None = None, work: dict[str, Any] | None = None
) -> None:
    """A regime `papers` with a start form and one task, each with a file field."""
    forms = {"papers_start": start or FIELD, "papers_work": work or FIELD}
    office.deploy(
        drawn(
            "papers",
            '<bpmn:startEvent id="s"/><bpmn:userTask id="work" camunda:candidateGroups="channel" '
            'camunda:formRef="papers_work"/><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" '
            'targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>',
        ),
        *(
            SourceFile(
                f"{key}.form", json.dumps({"type": "default", "id": key, "components": [field]}).encode()
            )
            for key, field in forms.items()
        ),
    )


def pending(
    office: TestOffice, login: str = "li_na", kind: str = "photo", content: bytes | None = None
) -> str:
    sent = content or files.picture("JPEG")
    with (
        office.acting(login) as (session, caller),
        examined(Cabinet(), io.BytesIO(sent), name="a", kind=kind) as paper,
    ):
        return str(attachments.add_pending(session, office.deps, caller, paper).id)


def where_is(office: TestOffice, paper: str) -> tuple[Any, Any]:
    with office.deps.sessions() as session:
        return where(session, paper)


def where(session: Session, paper: str) -> tuple[Any, Any]:
    row = session.execute(
        sa.select(Attachment.case_id, Attachment.task_id).where(Attachment.id == UUID(paper))
    ).one()
    return row.case_id, row.task_id


def refusal(office: TestOffice, facts: dict[str, Any], login: str = "li_na") -> str:
    with pytest.raises(AnswersRefused) as told:
        office.file(login, "papers", facts)
    assert all(one.message_zh for one in told.value.problems)
    return "; ".join(f"{one.path} {one.message}" for one in told.value.problems)


def test_a_paper_is_filed_with_the_case_and_another_with_its_task(office: TestOffice) -> None:
    regime(office)
    first, second = pending(office), pending(office)
    filed = office.file("li_na", "papers", {"photo": first})
    assert where_is(office, first) == (filed.id, None)
    task = office.task("work", filed.number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"photo": second})
    assert where_is(office, second) == (filed.id, task.id)


def test_a_paper_of_the_case_may_be_named_again_and_one_of_another_case_not(office: TestOffice) -> None:
    regime(office)
    mine, foreign = pending(office), pending(office)
    filed = office.file("li_na", "papers", {"photo": mine})
    office.file("li_na", "papers", {"photo": foreign})
    task = office.task("work", filed.number)
    office.claim("li_na", task.id)
    with pytest.raises(AnswersRefused, match="photo: is not an attachment"):
        office.complete("li_na", task.id, {"photo": foreign})
    office.complete("li_na", task.id, {"photo": mine})


def test_what_a_delegate_uploads_is_filed_when_they_give_the_task_back_so_that_its_owner_can_send_it(
    office: TestOffice,
) -> None:
    regime(office)
    theirs, not_named, owners = pending(office, "he_jing"), pending(office, "he_jing"), pending(office)
    filed = office.file("li_na", "papers", {"photo": pending(office)})
    task = office.task("work", filed.number)
    office.claim("li_na", task.id)
    office.delegate("li_na", task.id, "he_jing")
    with office.acting("he_jing") as (session, caller):
        given = {"photo": theirs, "demand": f"见附件 {not_named}", "other": [owners]}
        desk.resolve(session, office.deps, caller, task.id, "已拍照", given)
    assert where_is(office, theirs) == (filed.id, task.id)
    assert {where_is(office, each) for each in (not_named, owners)} == {(None, None)}
    office.complete("li_na", task.id, {"photo": theirs})


def test_somebody_elses_paper_and_a_made_up_one_are_refused_in_the_same_words(office: TestOffice) -> None:
    regime(office)
    theirs = pending(office, "he_jing")
    assert refusal(office, {"photo": theirs}) == refusal(office, {"photo": str(uuid4())})
    assert where_is(office, theirs) == (None, None)


def test_kind_type_number_and_presence_are_what_the_field_says(office: TestOffice) -> None:
    regime(office, start=FIELD | {"accept": ".png,image/webp", "validate": {"required": True}})
    letter, jpeg = pending(office, kind="document", content=files.pdf()), pending(office)
    png = pending(office, content=files.picture("PNG"))
    assert "is document, and asks for photo" in refusal(office, {"photo": letter})
    assert "takes .png,image/webp only" in refusal(office, {"photo": jpeg})
    assert "is required" in refusal(office, {})
    assert "must be the id" in refusal(office, {"photo": "files::1"})
    assert "must be the id" in refusal(office, {"photo": [png]})
    office.file("li_na", "papers", {"photo": png})


def test_several_are_a_list_each_once(office: TestOffice) -> None:
    regime(office, start=FIELD | {"multiple": True})
    first, second = pending(office), pending(office)
    assert "must be a list" in refusal(office, {"photo": first})
    assert "names a file twice" in refusal(office, {"photo": [first, first]})
    assert "at most 20 files" in refusal(office, {"photo": [str(uuid4()) for _ in range(21)]})
    assert "photo[1] is not an attachment" in refusal(office, {"photo": [first, str(uuid4())]})
    filed = office.file("li_na", "papers", {"photo": [first, second]})
    assert where_is(office, first) == where_is(office, second) == (filed.id, None)


def test_what_is_not_filed_in_the_end_keeps_its_paper_waiting(office: TestOffice) -> None:
    regime(office)
    paper = pending(office)
    with office.deps.sessions() as session:
        caller = caller_by_login(session, office.deps, "li_na")
        filing.file_case(session, office.deps, caller, "papers", {"photo": paper})
        assert where(session, paper) != (None, None)
        session.rollback()
    assert where_is(office, paper) == (None, None)


def test_a_task_without_a_case_takes_papers_and_its_holder_reads_them(office: TestOffice) -> None:
    regime(office)
    office.start("papers")
    task = office.task("work")
    with office.deps.sessions.begin() as session, office.acting("li_na") as (_, caller):
        session.execute(sa.text("UPDATE user_task SET candidate_group = :g"), {"g": caller.groups[0]})
    office.claim("li_na", task.id)
    paper = pending(office)
    office.complete("li_na", task.id, {"photo": paper})
    assert where_is(office, paper) == (None, task.id)
    with office.acting("li_na") as (session, caller):
        attachments.open_content(session, office.deps, caller, UUID(paper))[1].close()
    chains = sa.select(AuditEvent.chain).where(AuditEvent.subject_id == paper).distinct()
    with office.deps.sessions() as session:
        assert session.scalars(chains).all() == [f"instance/{task.instance_id}"]


def test_an_unknown_kind_is_told() -> None:
    wrong = FIELD | {"properties": {"attachment.kind": "selfie"}}
    with pytest.raises(Exception, match="the kinds are signature, recording"):
        compile_form({"components": [wrong]})
