"""The operation `issue_letter`: fill a template, set it, keep it with the case. Whole or not at all, and once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from engine.ports import Operation, OperationCall
from tasks.audit.recording import record
from tasks.cases.linking.evidence import LONGEST_CONTENT, NAMES
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.evidence import store
from tasks.evidence.cabinet import Cabinet
from tasks.evidence.kinds import LETTER, PDF
from tasks.evidence.names import kept_name
from tasks.evidence.tables import Attachment
from tasks.letters.facts import gather, words_of_forms
from tasks.letters.filling import fill
from tasks.letters.mistakes import LetterFailed
from tasks.letters.paper.setting import set_sheet
from tasks.letters.versions import stored, template_of
from tasks.letters.words import METHODS, TO
from tasks.organisation.office import Office

OURS = UUID(int=0)
"""Who has "uploaded" what the company's own process made."""
_IDS = UUID("7d7f6a10-2a50-5a0c-b9a4-0c5c1fb0a6d1")
_PAPER, _CASE = table(Attachment), table(Case)


def letter_operation(office: Office, cabinet: Cabinet, query_page: str) -> Operation:
    """The operation, for an installation. query_page: where customers look their case up; empty where nobody was told."""

    def issue_letter(call: OperationCall) -> Mapping[str, Any]:
        """出具文书 Make a letter and keep it with the case. Inputs: template (key), to (customer, regulator or superior), method (phone, letter, fax, email, visit), unit (code of who signs, optional), evidence_kind (what the letter is evidence of in the evidence pack, with `text`; optional)."""
        asked = _Asked.of(call)
        paper_id = uuid5(_IDS, call.key)
        before = call.session.execute(sa.select(_PAPER).where(_PAPER.c.id == paper_id)).first()
        if before is not None:
            return _answer(before)
        case = _locked_case(call)
        row = stored(call.session, asked.template)
        template = template_of(row)
        now = call.clock.now()
        letter = {
            "number": _next_number(call, case),
            "to": TO[asked.to],
            "method": METHODS[asked.method],
            "date": now.astimezone(SHANGHAI).date().isoformat(),
            "name": template.name,
        }
        organisation = office.current(call.session).organisation
        variables = gather(call, organisation, letter, asked.unit, query_page)
        say = words_of_forms(call.session, variables, case.regime)
        content = set_sheet(fill(template, variables, at=now, say=say), at=now)
        digest = hashlib.sha256(content).digest()
        notes = {
            "template": template.key,
            "version": row.version,
            "template_digest": template.digest,
            "number": letter["number"],
            "name": template.name,
            "name_en": template.name_en,
            "to": asked.to,
            "method": asked.method,
            "unit": variables["unit"]["code"],
            "activity": call.activity_id,
        }
        told = {"evidence": asked.evidence_kind, "text": asked.text} if asked.evidence_kind else {}
        kept = call.session.execute(
            sa.insert(_PAPER)
            .values(
                id=paper_id,
                case_id=case.id,
                kind=LETTER,
                name=kept_name(f"{template.name}-{letter['number']}.pdf", PDF),
                media_type=PDF,
                size=len(content),
                sha256=digest,
                uploaded_sha256=digest,
                store=cabinet.store,
                notes={**notes, **told},
                uploaded_by=OURS,
                uploaded_by_name=variables["unit"]["name"],
                uploaded_at=now,
            )
            .returning(*_PAPER.c)
        ).one()
        store.keep(call.session, cabinet, paper_id, BytesIO(content))
        record(
            call.session,
            call.actor,
            "letter.issue",
            at=now,
            chain=case.number,
            subject="attachment",
            subject_id=paper_id,
            after={**notes, "sha256": digest.hex(), "size": len(content)},
        )
        return _answer(kept)

    return issue_letter


class _Asked:
    """What the diagram asks for."""

    def __init__(self, template: str, to: str, method: str, unit: str, evidence_kind: str, text: str) -> None:
        self.template, self.to, self.method, self.unit = template, to, method, unit
        self.evidence_kind, self.text = evidence_kind, text[:LONGEST_CONTENT]

    @classmethod
    def of(cls, call: OperationCall) -> _Asked:
        """Raises LetterFailed for an addressee, a way or a kind of evidence that there is not."""
        given = {
            name: call.inputs.get(name)
            for name in ("template", "to", "method", "unit", "evidence_kind", "text")
        }
        texts = {name: "" if value is None else str(value) for name, value in given.items()}
        texts["to"] = texts["to"] or "customer"
        texts["method"] = texts["method"] or "letter"
        for name, known in (("to", TO), ("method", METHODS), ("evidence_kind", {"": "", **NAMES})):
            if texts[name] not in known:
                raise LetterFailed(
                    f"The letter {texts['template'][:60]!r} was not made: its {name} is {texts[name][:60]!r}; there are "
                    f"{', '.join(filter(None, known))}.",
                    f"文书“{texts['template'][:60]}”没有生成：{name} 是“{texts[name][:60]}”，可用："
                    f"{'、'.join(filter(None, known))}。",
                )
        return cls(**texts)


def _locked_case(call: OperationCall) -> Any:
    """The case of the instance, locked so that its letters are numbered one after the other. Raises LetterFailed."""
    number = call.instance.business_key
    row = call.session.execute(
        sa.select(_CASE.c.id, _CASE.c.number, _CASE.c.regime)
        .where(_CASE.c.number == number)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise LetterFailed(
            f"A letter was asked for by the instance {call.instance.id}, which runs without a case.",
            "没有案件的流程不能出具文书。",
        )
    return row


def _next_number(call: OperationCall, case: Any) -> str:
    """The letter's own number: the case's, and which of its letters it is."""
    there = sa.select(sa.func.count()).where(_PAPER.c.case_id == case.id, _PAPER.c.kind == LETTER)
    return f"{case.number}-{(call.session.scalar(there) or 0) + 1:02d}"


def _answer(row: Any) -> dict[str, Any]:
    return {
        "letter": str(row.id),
        "name": row.name,
        "number": row.notes["number"],
        "template": row.notes["template"],
        "version": row.notes["version"],
    }
