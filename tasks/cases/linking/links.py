"""Links between cases, always from the later to the earlier: why, and whether the other one is still open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.db import Statement
from engine.errors import InvalidInput
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from tasks.cases.linking.touching import CONTINUING, touch_case
from tasks.cases.tables import Case, CaseLink
from tasks.core import table
from tasks.people.caller import Caller
from tasks.permissions.visibility import visible_to

UPGRADED_FROM, PRIOR, MERGED_INTO, CHILD_OF, RELATED = (
    "upgraded_from",
    "prior",
    "merged_into",
    "child_of",
    "related",
)

KINDS: dict[str, tuple[str, str, str, str]] = {
    UPGRADED_FROM: ("升级自", "upgraded from", "升级为", "upgraded to"),
    PRIOR: ("先期投诉", "earlier complaint", "引发的后续案件", "followed by"),
    MERGED_INTO: ("并入", "merged into", "并入本案", "merged into this"),
    CHILD_OF: ("主案", "master case", "子案", "child case"),
    RELATED: ("关联案件", "related", "关联案件", "related"),
}
"""kind → what the earlier case is to the later one, in Chinese and English, and what the later one is to the earlier."""

OF_OPERATIONS = frozenset({MERGED_INTO, CHILD_OF})
"""Kinds that nobody says when filing: what they mean happens in the process."""

MOST_SHOWN = 200
"""Links of a case that are shown, in each direction, the newest first; a master of a mass event may have many thousands."""

_CASE, _LINK, _INSTANCE = table(Case), table(CaseLink), table(ProcessInstance)
OPEN = sa.and_(_CASE.c.archived_at.is_(None), _INSTANCE.c.status.in_((ACTIVE, SUSPENDED)))
"""Whether a case is under way still, its instance joined."""
_LINKED = Statement(
    "SELECT 1 FROM case_link WHERE from_id = %(case_id)s UNION ALL SELECT 1 FROM case_link WHERE to_id = %(case_id)s LIMIT 1"
)
_MASTER = Statement("SELECT released_at FROM case_master WHERE case_id = %(case_id)s")


def link_cases(session: Session, from_id: UUID, to_id: UUID, kind: str, *, at: datetime) -> None:
    """Say that one case refers to an earlier one. Linking twice changes nothing.

    Who handles the later one sees the earlier one from now on, where the kind says that it continues it. Raises
    InvalidInput for a link with itself.
    """
    if from_id == to_id:
        raise InvalidInput("A case was asked to be linked to itself.", message_zh="案件不能关联自己。")
    session.execute(
        insert(CaseLink)
        .values(from_id=from_id, to_id=to_id, kind=kind, created_at=at)
        .on_conflict_do_nothing()
    )
    if kind in CONTINUING:
        paths = session.scalar(sa.select(_CASE.c.paths).where(_CASE.c.id == from_id))
        touch_case(session, from_id, paths or ())


def links_of(session: Session, caller: Caller, case_id: UUID) -> Sequence[Any]:
    """The cases linked with one that the caller sees too, in both directions: number, regime, kind, whether that one is the
    earlier, its status and outcome, and whether it is still open. A case without links, as most are, costs one cheap statement.
    """
    if _LINKED.one(session, {"case_id": case_id}) is None:
        return []
    seen = visible_to(caller)
    return session.execute(
        sa.union_all(
            _one_way(_LINK.c.from_id == case_id, _LINK.c.to_id, seen, earlier=True),
            _one_way(_LINK.c.to_id == case_id, _LINK.c.from_id, seen, earlier=False),
        )
    ).all()


def _one_way(
    of_this: sa.ColumnElement[bool],
    other: sa.ColumnElement[UUID],
    seen: sa.ColumnElement[bool],
    *,
    earlier: bool,
) -> Any:
    return (
        sa.select(
            _CASE.c.number,
            _CASE.c.regime,
            _CASE.c.filed_at,
            _CASE.c.outcome,
            _LINK.c.kind,
            sa.literal(earlier).label("earlier"),
            _INSTANCE.c.status,
            sa.func.coalesce(OPEN, sa.false()).label("open"),
        )
        .select_from(
            _LINK.join(_CASE, _CASE.c.id == other).outerjoin(_INSTANCE, _INSTANCE.c.id == _CASE.c.instance_id)
        )
        .where(of_this, seen)
        .order_by(_CASE.c.filed_at.desc(), _CASE.c.id.desc())
        .limit(MOST_SHOWN)
        .subquery()
        .select()
    )


def children_of(session: Session, case_id: UUID) -> Any:
    """How many cases hang below a master and how many of them are open, and when they were released; None where the case
    is no master. For whoever may see the master: it names none of them.
    """
    master = _MASTER.one(session, {"case_id": case_id})
    if master is None:
        return None
    return session.execute(
        sa.select(
            sa.func.count().label("all"),
            sa.func.count().filter(OPEN).label("open"),
            sa.literal(master.released_at, sa.DateTime(timezone=True)).label("released_at"),
        )
        .select_from(
            _LINK.join(_CASE, _CASE.c.id == _LINK.c.from_id).outerjoin(
                _INSTANCE, _INSTANCE.c.id == _CASE.c.instance_id
            )
        )
        .where(_LINK.c.to_id == case_id, _LINK.c.kind == CHILD_OF)
    ).one()
