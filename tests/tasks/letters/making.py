"""A regime that makes one letter, and reading what is printed."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pypdf import PdfReader

from engine.dialect import SourceFile
from tasks.evidence.attachments import open_content
from tasks.evidence.tables import Attachment
from tasks.letters.versions import load_templates
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

HEAD = "name: 测试函\nname_en: Test letter\n"
PLAIN = f"{HEAD}---\n# 测试函\n> 尊敬的{{{{ case.customer.name }}}}：\n您反映的“{{{{ case.demand }}}}”已经办结。\n"


def letter_regime(key: str = "plain", **inputs: str) -> SourceFile:
    """A process `letters` that makes a letter of a template right after filing, then waits."""
    given = {"template": key, "to": "customer", "method": "letter", **inputs}
    parameters = "".join(
        f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>'
        for name, value in given.items()
    )
    return drawn(
        "letters",
        '<bpmn:startEvent id="s" camunda:formKey="request_start"/>'
        '<bpmn:serviceTask id="inform" name="出具文书" camunda:type="external" camunda:topic="issue_letter">'
        f"<bpmn:extensionElements><camunda:inputOutput>{parameters}</camunda:inputOutput></bpmn:extensionElements>"
        '</bpmn:serviceTask><bpmn:userTask id="wait" name="等待" camunda:candidateGroups="channel"/>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="inform"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="inform" targetRef="wait"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="wait" targetRef="e"/>',
    )


def keep(office: TestOffice, **templates: str) -> None:
    with office.deps.sessions.begin() as session:
        load_templates(session, templates, now=office.clock.now())


def letters(office: TestOffice, number: str) -> list[Any]:
    """The rows of a case's letters, in order."""
    with office.deps.sessions() as session:
        of_case = sa.select(Attachment).where(
            Attachment.kind == "letter", Attachment.notes["number"].astext.startswith(number)
        )
        return list(session.scalars(of_case.order_by(Attachment.uploaded_at, Attachment.id)))


def content(office: TestOffice, login: str, paper: UUID) -> bytes:
    with office.acting(login) as (session, caller):
        _row, file = open_content(session, office.deps, caller, paper)
        with file:
            return file.read()


def printed(pdf: bytes) -> str:
    """The text of a PDF without blanks, which justified lines are full of, and without places to break a word."""
    pages = (page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return re.sub(r"[\s\u200b]", "", "".join(pages))
