"""The evidence pack (先期处理证据包): what was answered in earlier cases, when, by whom and in which limit.

Built from what is stored: tasks that say in their diagram what they are evidence of (property `evidence.kind`), their
answers, and the clocks of the cases. Nobody types it. Conclusion ② (003§4.6.2, domain §1.14 #5) rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from engine.instance import ProcessInstance
from tasks.cases.facts import EARLIER, facts_of, summary
from tasks.cases.outcomes import outcome_words
from tasks.cases.tables import Case, CaseLink
from tasks.core import table
from tasks.deadlines.clocks.tables import CASE, STAGE, Clock
from tasks.organisation.assigning.routing import group_path
from tasks.organisation.tree import Organisation
from tasks.user_task import COMPLETED, UserTask

KIND = "evidence.kind"
FINAL, REVISIT, CLOSING = "final_reply", "revisit", "closing"
NAMES: dict[str, tuple[str, str]] = {
    FINAL: ("答复", "final reply"),
    "progress_reply": ("进度回复", "progress reply"),
    REVISIT: ("回访", "revisit"),
    "regulator_reply": ("回复监管", "reply to the regulator"),
    "investigation_report": ("调查报告", "investigation report"),
    CLOSING: ("结案", "closing"),
}
"""What a task can be evidence of → Chinese, English."""

CONTENT = ("content", "answer", "reply", "text", "report", "explanation")
ATTITUDE = ("attitude", "customer_attitude")
METHOD = ("method", "contact_method")
"""Names of answers that say what was told, how the customer took it, and by which means; the first that has a value counts."""
NOT_REACHED = "unreachable"
"""The attitude of a customer whom nobody has reached: then nothing was answered."""

MOST_CASES, MOST_TASKS, MOST_CLOCKS = 20, 50, 50
LONGEST_CONTENT = 2000

_CASE, _LINK, _TASK, _CLOCK = table(Case), table(CaseLink), table(UserTask), table(Clock)
_INSTANCE = table(ProcessInstance)


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
    tasks, clocks = _tasks(session, ids), _clocks(session, ids)
    found = [
        _of_case(organisation, row, tasks.get(row.id, []), clocks.get(row.id, []), own.filed_at)
        for row in reversed(cases)
    ]
    return {
        "cases": found,
        "numbers": [one["number"] for one in found],
        "answered": bool(found) and all(one["answered_at"] is not None for one in found),
        "answered_in_limit": bool(found) and all(one["in_limit"] is True for one in found),
    }


def _tasks(session: Session, cases: Sequence[UUID]) -> dict[UUID, list[Any]]:
    rows = session.execute(
        sa.select(
            _TASK.c.id, _TASK.c.case_id, _TASK.c.name, _TASK.c.candidate_group, _TASK.c.completed_at, _TASK.c.answers,
            _TASK.c.completed_by_name, sa.cast(_TASK.c.properties, JSONB)[KIND].astext.label("kind"),
        )
        .where(
            _TASK.c.case_id.in_(cases), _TASK.c.state == COMPLETED, sa.cast(_TASK.c.properties, JSONB).has_key(KIND)
        )
        .order_by(_TASK.c.completed_at, _TASK.c.id)
    )  # fmt: skip
    return _by_case(rows)


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
    organisation: Organisation, case: Any, tasks: Sequence[Any], clocks: Sequence[Any], before: datetime
) -> dict[str, Any]:
    said = [(row, _said(organisation, row)) for row in tasks if _is_said(row)]
    closing = [one for row, one in said if row.kind == CLOSING]
    revisits = [one for row, one in said if row.kind == REVISIT]
    first = next((row for row, one in said if _answers(row, one) and row.completed_at <= before), None)
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
            for row, one in said
            if row.kind not in (CLOSING, REVISIT)
        ][-MOST_TASKS:],
        "limits": [_limit(row) for row in clocks[:MOST_CLOCKS]],
        "answered_at": first.completed_at if first else None,
        "in_limit": _kept(first.completed_at, clocks) if first else None,
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


def _said(organisation: Organisation, row: Any) -> dict[str, Any]:
    answers = row.answers or {}
    path = group_path(row.candidate_group) or ""
    plain = {name: value for name, value in answers.items() if isinstance(value, str | int | float | bool)}
    return {
        "kind": row.kind,
        "name": row.name,
        "task_id": row.id,
        "at": row.completed_at,
        "by": row.completed_by_name,
        "by_unit": organisation.names.get(path, ""),
        "method": _first(answers, METHOD),
        "content": str(_first(answers, CONTENT) or "")[:LONGEST_CONTENT],
        "attitude": _first(answers, ATTITUDE),
        "answers": plain,
    }


def _answers(row: Any, said: Mapping[str, Any]) -> bool:
    return bool(row.kind == FINAL and said["attitude"] != NOT_REACHED)


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
