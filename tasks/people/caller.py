"""Who is calling: the person or system behind a request, with everything permission questions need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from engine.actor import Actor


@dataclass(frozen=True, slots=True)
class Seat:
    """One place somebody sits in: its permission roles, the unit's path, and the path whose cases it sees."""

    roles: frozenset[str]
    path: str
    reach: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person's seats give: groups answered, roles, unit paths, and the unit they file for.

    `paths`: the units sat in. `reach`: the units whose cases, with those of all units below, are seen; it differs where
    a functional department acts for its superior unit. `seats`: which of the roles are held where.
    """

    groups: tuple[str, ...]
    roles: frozenset[str]
    paths: tuple[str, ...]
    reach: tuple[str, ...]
    unit_code: str
    unit_name: str
    post: str
    seats: tuple[Seat, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person or system. `scopes` narrows what its token or key may do; `*` narrows nothing.

    `token_id`: the token, session or key that was shown, which ends at `expires_at`; both None where none was, as on the
    command line. `must_change_password`: may do nothing before that.
    """

    id: UUID
    login: str
    name: str
    kind: Literal["person", "system"]
    standing: Standing
    scopes: frozenset[str] = frozenset({"*"})
    token_id: UUID | str | None = None
    expires_at: datetime | None = None
    must_change_password: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(id=str(self.id), name=self.name, kind=self.kind, login=self.login)

    @property
    def groups(self) -> tuple[str, ...]:
        return self.standing.groups

    @property
    def roles(self) -> frozenset[str]:
        return self.standing.roles
