"""Whether somebody has deployed a newer version of what a draft goes on from: deploying it would undo their work unseen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.deployment import Deployment, ProcessDefinition
from engine.errors import WrongState
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI

_DEFINITION, _DEPLOYMENT = table(ProcessDefinition), table(Deployment)


@dataclass(frozen=True, slots=True)
class Newer:
    """A version that was deployed since. based_on: the version the draft goes on from, None where it knew of none."""

    key: str
    name: str
    version: int
    based_on: int | None
    deployed_at: datetime
    deployed_by: str
    deployment_id: UUID

    @property
    def named(self) -> str:
        """Process and version, as whoever has seen it says so."""
        return f"{self.key} {self.version}"

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "key": self.key,
            "name": self.name,
            "version": self.version,
            "based_on": self.based_on,
            "deployed_at": self.deployed_at,
            "deployed_by": self.deployed_by,
            "deployment_id": str(self.deployment_id),
        }


class Overtaken(WrongState):
    """A newer version of a process in the draft was deployed meanwhile.

    `newer`: which, by whom and when; whoever has been shown it deploys all the same by saying `over`.
    """

    def __init__(self, draft: Any, newer: list[Newer]) -> None:
        first = newer[0]
        on = f"version {first.based_on}" if first.based_on is not None else "no version"
        on_zh = f"第 {first.based_on} 版" if first.based_on is not None else "更早的内容"
        at = first.deployed_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        super().__init__(
            f"To deploy the process draft {draft.name}, which goes on from {on} of {first.key}, was asked, but "
            f"{first.deployed_by} deployed version {first.version} of it on {at} (Beijing time); look at what that changed, "
            "then deploy again and confirm that yours replaces it.",
            newer=[one.plain() for one in newer],
            message_zh=f"草稿“{draft.name}”依据的是“{first.name}”{on_zh}，但{first.deployed_by}已于 {at} 部署了第 "
            f"{first.version} 版。请先看清那一版改了什么，再确认用这份草稿替换它。",
        )
        self.newer = newer


Over = bool | Collection[str]
"""What may be replaced: nothing, everything, or the versions somebody was shown (`Newer.named`)."""


def unseen(newer: Sequence[Newer], over: Over) -> list[Newer]:
    """Return which newer versions nobody has said may be replaced."""
    if isinstance(over, bool):
        return [] if over else list(newer)
    return [one for one in newer if one.named not in over]


def newer_versions(
    session: Session, draft: Any, keys: Collection[str], *, besides: UUID | None = None
) -> list[Newer]:
    """Return which of these processes have a newer version than the one the draft (its row) goes on from.

    A process of which the draft knew no version is overtaken by whatever was deployed since it was begun. besides: a
    deployment that does not count, the draft's own.
    """
    if not keys:
        return []
    rows = session.execute(
        sa.select(
            _DEFINITION.c.key,
            _DEFINITION.c.name,
            _DEFINITION.c.version,
            _DEFINITION.c.deployed_at,
            _DEFINITION.c.deployment_id,
            _DEPLOYMENT.c.deployed_by_name,
        )
        .ext(distinct_on(_DEFINITION.c.key))
        .join(_DEPLOYMENT, _DEPLOYMENT.c.id == _DEFINITION.c.deployment_id)
        .where(_DEFINITION.c.key.in_(keys), _DEFINITION.c.deployment_id.is_distinct_from(besides))
        .order_by(_DEFINITION.c.key, _DEFINITION.c.version.desc())
    )
    found = []
    for row in rows:
        base = draft.bases.get(row.key)
        if row.version > base if base is not None else row.deployed_at > draft.created_at:
            found.append(
                Newer(
                    row.key,
                    row.name or row.key,
                    row.version,
                    base,
                    row.deployed_at,
                    row.deployed_by_name,
                    row.deployment_id,
                )
            )
    return found
