"""Who runs on which version of a process, which of those a caller reaches to move them, and what they are told of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition, not_deployed
from engine.errors import InvalidInput
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from engine.migrating.verdict import Reason, Verdict
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.people.caller import Caller
from tasks.permissions.matrix import BLIND, CASELESS, VERBS, require
from tasks.permissions.visibility import visible_to

VERB = "instance.migrate"
MOST_MAPPED = 200
"""How many elements a mapping renames."""
LIVE = (ACTIVE, SUSPENDED)

_INSTANCE, _DEFINITION, _CASE = table(ProcessInstance), table(ProcessDefinition), table(Case)


def instances_by_version(session: Session, caller: Caller, key: str) -> Sequence[Any]:
    """The versions of a process, newest first, each with how many instances run (`active`) and rest (`suspended`) on it.

    Raises NotPermitted, NotFound.
    """
    require(caller, "definition.read")
    count = {status: sa.func.count().filter(_INSTANCE.c.status == status).label(status) for status in LIVE}
    live = (
        sa.select(_INSTANCE.c.definition_id, *count.values())
        .where(_INSTANCE.c.process_key == key, _INSTANCE.c.status.in_(LIVE))
        .group_by(_INSTANCE.c.definition_id)
        .subquery()
    )
    rows = (
        session.execute(
            sa.select(
                *_DEFINITION.c["id", "key", "version", "version_tag", "name", "startable", "deployed_at"],
                *(sa.func.coalesce(live.c[status], 0).label(status) for status in LIVE),
            )
            .outerjoin(live, live.c.definition_id == _DEFINITION.c.id)
            .where(_DEFINITION.c.key == key)
            .order_by(_DEFINITION.c.version.desc())
        ).all()
        if storable(key)
        else []
    )
    if not rows:
        raise not_deployed(key)
    return rows


def reach_of(caller: Caller, *, live: bool = True) -> Any:
    """The instances the verb reaches for the caller (`reached`, as a condition): id, business_key, contents."""
    roles = caller.roles & VERBS[VERB].roles
    of_case = _CASE.c.id.is_not(None)
    seen = sa.func.coalesce(visible_to(caller, VERB), sa.false())
    without = sa.true() if roles & CASELESS else _INSTANCE.c.started_by == str(caller.id)
    blind = sa.true() if roles & BLIND else sa.false()
    contents = sa.or_(sa.not_(of_case), seen).label("contents")
    wanted = (
        sa.select(_INSTANCE.c.id, _INSTANCE.c.business_key, _INSTANCE.c.status, contents)
        .select_from(_INSTANCE.outerjoin(_CASE, _CASE.c.number == _INSTANCE.c.business_key))
        .where(sa.or_(sa.and_(sa.not_(of_case), without), sa.and_(of_case, sa.or_(seen, blind))))
    )
    return wanted.where(_INSTANCE.c.status.in_(LIVE)) if live else wanted


def version_of(session: Session, key: str, version: int) -> Any:
    """The row (id, version) of a version of a process. Raises NotFound."""
    row = (
        session.execute(
            sa.select(*_DEFINITION.c["id", "version"]).where(
                _DEFINITION.c.key == key, _DEFINITION.c.version == version
            )
        ).first()
        if storable(key)
        else None
    )
    if row is None:
        raise not_deployed(key, version)
    return row


def mapped(mapping: Mapping[str, str] | None) -> Mapping[str, str]:
    """Take a mapping of element ids, old to new, as callers gave it. Raises InvalidInput for one that is none."""
    found = dict(mapping or {})
    if len(found) > MOST_MAPPED or not all(
        0 < len(text) <= 200 and storable(text) for pair in found.items() for text in pair
    ):
        raise InvalidInput(
            f"A mapping of at most {MOST_MAPPED} element ids to element ids is possible.",
            message_zh=f"对应关系最多 {MOST_MAPPED} 对元素标识。",
        )
    return found


def without_contents(verdict: Verdict) -> Verdict:
    """The verdict for who does not see the case: no sentence quotes values of it."""
    verdict.refusals = [_bare(one) for one in verdict.refusals]
    return verdict


def _bare(one: Reason) -> Reason:
    if one.code != "expression":
        return one
    return Reason(
        one.code,
        one.element,
        one.name,
        f"What is drawn of '{one.element}' fails with the values of this instance.",
        f"“{one.element}”的表达式用本实例的值求值失败。",
    )
