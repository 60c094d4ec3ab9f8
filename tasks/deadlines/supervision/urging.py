"""Somebody presses a case: supervision without a clock, such as when the customer urges (003§2.4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.instance import ACTIVE, SUSPENDED, locked
from tasks.audit.recording import chain_of, record
from tasks.core import table
from tasks.deadlines.supervision.ladder import Holder, open_holders
from tasks.deadlines.supervision.opening import URGE, About
from tasks.deadlines.supervision.pressing import Press, press
from tasks.deadlines.supervision.tables import Supervision
from tasks.deps import Deps
from tasks.listener import case_behind
from tasks.organisation.assigning.routing import NOBODY
from tasks.user_task import UserTask

_SUPERVISION = table(Supervision)


def press_case(session: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """Job: open supervision over the open work of the instance `instance_id`, once for each `key`.

    Nothing happens where the instance is over by now.
    """
    instance_id, key = UUID(str(arguments["instance_id"])), str(arguments["key"])
    row = locked(session, instance_id)
    known = session.scalar(sa.select(_SUPERVISION.c.instance_id).where(_SUPERVISION.c.key == key))
    if known is not None or row.status not in (ACTIVE, SUSPENDED):
        return
    behind = case_behind(session, row.business_key)
    held = open_holders(session, table(UserTask).c.instance_id == instance_id) or [Holder(NOBODY)]
    done = press(
        session,
        deps,
        About(instance_id, row.business_key, behind.id if behind else None, URGE, key),
        Press(URGE),
        held,
        region=_filed_in(session, deps, behind.facts if behind else {}),
    )
    record(
        session,
        SYSTEM,
        "supervision.press",
        at=deps.clock.now(),
        chain=chain_of(row.business_key if behind else None, instance_id),
        subject="instance",
        subject_id=instance_id,
        after={"reason": URGE, "told": [asdict(one) for one in done.told]},
    )


def _filed_in(session: Session, deps: Deps, facts: Mapping[str, Any]) -> str:
    return deps.office.current(session).organisation.places.get(str(facts.get("org") or ""), "/")
