"""Who is calling: the person or system behind a request, with everything permission questions need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from engine.actor import Actor


@dataclass(frozen=True, slots=True)
class Seat:
    """One place somebody sits in: its permission roles, the unit's path, the path whose cases it sees, and the roles whose
    work it answers.
    """

    roles: frozenset[str]
    path: str
    reach: str
    answers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who somebody is."""

    id: UUID
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody absent whose work is done meanwhile: from when until when, and the groups that are answered only for them.

    scope: all groups whose work is done, also where they are the substitute's own; None: whatever the work is. through: their
    substitutes who are absent too, by whom it came.
    """

    person_id: UUID
    login: str
    name: str
    since: datetime
    until: datetime
    groups: frozenset[str]
    scope: frozenset[str] | None
    through: tuple[Somebody, ...] = ()

    @property
    def people(self) -> tuple[Somebody, ...]:
        """Everybody in whose place it is done."""
        return (Somebody(self.person_id, self.login, self.name), *self.through)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person's seats give: groups answered, roles, unit paths, and the unit they file for.

    `paths`: the units sat in. `reach`: the units whose cases, with those of all units below, are seen; it differs where
    a functional department acts for its superior unit. `seats`: which of the roles are held where. `covers`: whose work is
    done besides, with the groups and seats that brings (`tasks.people.absence.gaining`).
    """

    groups: tuple[str, ...]
    roles: frozenset[str]
    paths: tuple[str, ...]
    reach: tuple[str, ...]
    unit_code: str
    unit_name: str
    post: str
    seats: tuple[Seat, ...] = ()
    covers: tuple[Cover, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person or system. `scopes` narrows what its token or key may do; `*` narrows nothing.

    `token_id`: the token, session or key that was shown, which ends at `expires_at`; both None where none was, as on the
    command line. `must_change_password`: may do nothing before that. `language`: in which the pages speak to them, and
    `opens_next`: whether those open the next task by themselves; known of a browser session only.
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
    language: str = "both"
    opens_next: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(id=str(self.id), name=self.name, kind=self.kind, login=self.login)

    @property
    def own_groups(self) -> frozenset[str]:
        """The groups that are answered for nobody absent."""
        return frozenset(self.groups).difference(*(cover.groups for cover in self.standing.covers))

    def covers_for(self, groups: Iterable[str]) -> tuple[Cover, ...]:
        """For whom work that is offered to these groups can be done: nobody where one of them is the caller's own."""
        offered = frozenset(groups)
        if not offered.isdisjoint(self.own_groups):
            return ()
        return tuple(cover for cover in self.standing.covers if not offered.isdisjoint(cover.groups))

    def acting_for(self, cover: Cover | None) -> Actor:
        """Who does it, as history and trail name them: 冯博（代李楠）."""
        return self.actor if cover is None else replace(self.actor, name=f"{self.name}（代{cover.name}）")

    @property
    def groups(self) -> tuple[str, ...]:
        return self.standing.groups

    @property
    def roles(self) -> frozenset[str]:
        return self.standing.roles
