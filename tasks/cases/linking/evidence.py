"""The evidence pack (先期处理证据包): what was answered in earlier cases, when, by whom and in which limit.

Built from what is stored: tasks that say in their diagram what they are evidence of (property `evidence.kind`) and their
answers, letters that were issued as evidence (input `evidence_kind` of `issue_letter`), and the clocks of the cases. Nobody types
it. Conclusion ② (003§4.6.2, domain §1.14 #5) rests on it.

Where more has to happen before an answer stands, such as the authorisation of what it promises, the task's property
`evidence.stands` names an element: only the last answer before that is passed counts, from the instant it is passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from engine.history import HistoryEvent
from engine.instance import ProcessInstance
from tasks.cases.facts import EARLIER, facts_of, summary
from tasks.cases.outcomes import outcome_words
from tasks.cases.tables import Case, CaseLink
from tasks.core import table
from tasks.deadlines.clocks.tables import CASE, STAGE, Clock
from tasks.evidence.kinds import LETTER
from tasks.evidence.tables import Attachment
from tasks.organisation.assigning.routing import group_path
from tasks.organisation.tree import Organisation
from tasks.user_task import COMPLETED, UserTask

KIND, STANDS = "evidence.kind", "evidence.stands"
FINAL, REVISIT, CLOSING = "final_reply", "revisit", "closing"
NAMES: dict[str, tuple[str, str]] = {
    FINAL: ("答复", "final reply"),
    "progress_reply": ("进度回复", "progress reply"),
    REVISIT: ("回访", "revisit"),
    "regulator_reply": ("回复监管", "reply to the regulator"),
    "investigation_report": ("调查报告", "investigation report"),
    CLOSING: ("结案", "closing"),
}
"""What a task or a letter can be evidence of → Chinese, English."""

CONTENT = ("content", "answer", "reply", "text", "report", "explanation")
ATTITUDE = ("attitude", "customer_attitude")
METHOD = ("method", "contact_method")
"""Names of answers that say what was told, how the customer took it, and by which means; the first that has a value counts."""
NOT_REACHED = "unreachable"
"""The attitude of a customer whom nobody has reached: then nothing was answered."""

MOST_CASES, MOST_TASKS, MOST_CLOCKS = 20, 50, 50
LONGEST_CONTENT = 2000

_CASE, _LINK, _TASK, _CLOCK = table(Case), table(CaseLink), table(UserTask), table(Clock)
_INSTANCE, _HISTORY, _PAPER = table(ProcessInstance), table(HistoryEvent), table(Attachment)


def pack(
    session: Session,
    organisation: Organisation,
    case_id: UUID,
    kinds: Sequence[str],
    *,
    seen: sa.ColumnElement[bool] | None = None,
) -> dict[str, Any]:
    """The evidence in the cases that a case is linked with as one of `kinds`, the oldest first: aware instants, no texts.

    seen: the condition on `case_file` under which an earlier case may be shown; by default none that is confidential, unless
    this one is. answered: each of them had its final reply before this case was filed. answered_in_limit: and each first of
    these was given within every limit of the case that it stopped (or that ran on over it). Both are false without any case.
    """
    own = session.execute(
        sa.select(_CASE.c.filed_at, _CASE.c.confidential).where(_CASE.c.id == case_id)
    ).one()
    open_to = (
        seen if seen is not None else sa.or_(sa.not_(_CASE.c.confidential), sa.literal(own.confidential))
    )
    cases = session.execute(
        sa.select(*_CASE.c, EARLIER, _INSTANCE.c.status, _INSTANCE.c.ended_at)
        .select_from(_CASE.outerjoin(_INSTANCE, _INSTANCE.c.id == _CASE.c.instance_id))
        .where(
            _CASE.c.id.in_(
                sa.select(_LINK.c.to_id).where(_LINK.c.from_id == case_id, _LINK.c.kind.in_(kinds))
            ),
            open_to,
        )
        .order_by(_CASE.c.filed_at.desc(), _CASE.c.id.desc())
        .limit(MOST_CASES)
    ).all()
    ids = [row.id for row in cases]
    told, clocks = _told(session, organisation, ids), _clocks(session, ids)
    found = [
        _of_case(row, told.get(row.id, []), clocks.get(row.id, []), own.filed_at) for row in reversed(cases)
    ]
    return {
        "cases": found,
        "numbers": [one["number"] for one in found],
        "answered": bool(found) and all(one["answered_at"] is not None for one in found),
        "answered_in_limit": bool(found) and all(one["in_limit"] is True for one in found),
    }


def _told(
    session: Session, organisation: Organisation, cases: Sequence[UUID]
) -> dict[UUID, list[dict[str, Any]]]:
    """What tasks and letters said, by case, in the order it was said."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row, at in _standing(session, _tasks(session, cases)):
        if _is_said(row):
            found[row.case_id].append(_said(organisation, row, at))
    for row in session.execute(
        sa.select(_PAPER.c.id, _PAPER.c.case_id, _PAPER.c.uploaded_at, _PAPER.c.uploaded_by_name, _PAPER.c.notes)
        .where(_PAPER.c.case_id.in_(cases), _PAPER.c.kind == LETTER, _PAPER.c.notes.has_key("evidence"))
        .order_by(_PAPER.c.uploaded_at, _PAPER.c.id)
    ):  # fmt: skip
        found[row.case_id].append(_written(row))
    return {case: sorted(told, key=lambda one: one["at"]) for case, told in found.items()}


def _tasks(session: Session, cases: Sequence[UUID]) -> Sequence[Any]:
    properties = sa.cast(_TASK.c.properties, JSONB)
    return session.execute(
        sa.select(
            _TASK.c.id, _TASK.c.case_id, _TASK.c.instance_id, _TASK.c.activity_id, _TASK.c.name, _TASK.c.candidate_group,
            _TASK.c.completed_at, _TASK.c.answers, _TASK.c.completed_by_name, properties[KIND].astext.label("kind"),
            properties[STANDS].astext.label("stands"),
        )
        .where(_TASK.c.case_id.in_(cases), _TASK.c.state == COMPLETED, properties.has_key(KIND))
        .order_by(_TASK.c.completed_at, _TASK.c.id)
    ).all()  # fmt: skip


def _standing(session: Session, rows: Sequence[Any]) -> list[tuple[Any, datetime]]:
    """The tasks whose answer stands, and since when: at once, or when the element it waits for was passed."""
    waiting = [row for row in rows if row.stands]
    since: dict[UUID, datetime] = {row.id: row.completed_at for row in rows if not row.stands}
    if waiting:
        passed = session.execute(
            sa.select(_HISTORY.c.instance_id, _HISTORY.c.activity_id, _HISTORY.c.at)
            .where(
                _HISTORY.c.instance_id.in_({row.instance_id for row in waiting}),
                _HISTORY.c.activity_id.in_({row.stands for row in waiting}),
                _HISTORY.c.kind == "activity_completed",
            )
            .order_by(_HISTORY.c.id)
        )
        for event in passed:
            before = [
                row
                for row in waiting
                if (row.instance_id, row.stands) == (event.instance_id, event.activity_id)
                and row.completed_at <= event.at
            ]
            if before:
                since.setdefault(before[-1].id, event.at)
    return [(row, since[row.id]) for row in rows if row.id in since]


def _clocks(session: Session, cases: Sequence[UUID]) -> dict[UUID, list[Any]]:
    rows = session.execute(
        sa.select(_CLOCK)
        .where(_CLOCK.c.case_id.in_(cases), _CLOCK.c.kind.in_((CASE, STAGE)))
        .order_by(_CLOCK.c.kind, _CLOCK.c.started_at, _CLOCK.c.id)
    )
    return _by_case(rows)


def _by_case(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found


def _of_case(
    case: Any, told: Sequence[Mapping[str, Any]], clocks: Sequence[Any], before: datetime
) -> dict[str, Any]:
    closing = [one for one in told if one["kind"] == CLOSING]
    revisits = [one for one in told if one["kind"] == REVISIT]
    first = next((one["at"] for one in told if _answers(one) and one["at"] <= before), None)
    facts = facts_of(case)
    return {
        "number": case.number,
        "regime": case.regime,
        "filed_at": case.filed_at,
        "complained": {
            **{name: facts.get(name) for name in ("description", "demand", "business", "problem_type")},
            "summary": summary(facts),
        },
        "replies": [
            {name: value for name, value in one.items() if name != "answers"}
            for one in told
            if one["kind"] not in (CLOSING, REVISIT)
        ][-MOST_TASKS:],
        "limits": [_limit(row) for row in clocks[:MOST_CLOCKS]],
        "answered_at": first,
        "in_limit": _kept(first, clocks) if first else None,
        "closing": {
            "status": case.status,
            "outcome": case.outcome,
            "outcome_name": outcome_words(case.outcome)[0] if case.outcome else None,
            "ended_at": case.ended_at,
            "archived_at": case.archived_at,
            **({name: closing[-1][name] for name in ("at", "by_unit", "answers")} if closing else {}),
        },
        "revisit": {name: revisits[-1][name] for name in ("at", "by_unit", "method", "answers")} if revisits else None,
    }  # fmt: skip


def _is_said(row: Any) -> bool:
    """Whether something was told at all: a form that asks what was told, and got no text, has told nothing."""
    asked = [name for name in CONTENT if name in (row.answers or {})]
    return not asked or row.kind in (CLOSING, REVISIT) or any(row.answers[name] for name in asked)


def _said(organisation: Organisation, row: Any, at: datetime) -> dict[str, Any]:
    answers = row.answers or {}
    path = group_path(row.candidate_group) or ""
    plain = {name: value for name, value in answers.items() if isinstance(value, str | int | float | bool)}
    return {
        "kind": row.kind,
        "name": row.name,
        "task_id": row.id,
        "at": at,
        "by": row.completed_by_name,
        "by_unit": organisation.names.get(path, ""),
        "method": _first(answers, METHOD),
        "content": str(_first(answers, CONTENT) or "")[:LONGEST_CONTENT],
        "attitude": _first(answers, ATTITUDE),
        "answers": plain,
    }


def _written(row: Any) -> dict[str, Any]:
    """A letter in the words of a task: nobody's hand, and nobody heard yet how the customer takes it."""
    return {
        "kind": row.notes["evidence"],
        "name": row.notes["name"],
        "task_id": None,
        "at": row.uploaded_at,
        "by": None,
        "by_unit": row.uploaded_by_name,
        "method": row.notes["method"],
        "content": row.notes.get("text") or "",
        "attitude": None,
        "answers": {},
    }


def _answers(told: Mapping[str, Any]) -> bool:
    return bool(told["kind"] == FINAL and told["attitude"] != NOT_REACHED)


def _kept(at: datetime, clocks: Sequence[Any]) -> bool | None:
    """Whether an answer at that instant kept the limits of the case: those it stopped, else those that ran on over it; None
    where there was none, or it is not counted yet when one that stood still was due. A case without a clock of its own is
    held to those of the stages the answer was given in, as an upgrade complaint is to its province's (003§3.4).
    """
    begun = [row for row in clocks if row.started_at <= at]
    of_case = [row for row in begun if row.kind == CASE] or begun
    stopped = [row for row in of_case if row.stopped_at == at]
    over = [row for row in of_case if row.started_at < at and (row.stopped_at is None or row.stopped_at > at)]
    dues = [row.due_at for row in stopped or over]
    if not dues or None in dues:
        return None
    return all(at <= due for due in dues)


def _limit(row: Any) -> dict[str, Any]:
    def kept(limit: datetime | None) -> bool | None:
        return row.stopped_at <= limit if limit and row.stopped_at else None

    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "started_at": row.started_at,
        "due_at": row.due_at,
        "stopped_at": row.stopped_at,
        "in_limit": kept(row.due_at),
        "promised_at": row.promised_at,
        "in_promise": kept(row.promised_at),
    }


def _first(answers: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((answers[name] for name in names if answers.get(name) not in (None, "")), None)
