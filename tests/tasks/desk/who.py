"""Who sits where, who is away, and whose work somebody does meanwhile: told in plain Python, without the code it is held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """One seat: the unit, what work it answers, and whether it leads the unit and all below."""

    path: str
    groups: frozenset[str]
    leads: bool = False


@dataclass(slots=True)
class Person:
    login: str
    name: str
    places: tuple[Place, ...]
    active: bool = True

    @property
    def groups(self) -> frozenset[str]:
        return frozenset({f"person@{self.login}"}).union(*(place.groups for place in self.places))


@dataclass(slots=True)
class Away:
    person: str
    substitute: str
    begin: datetime
    end: datetime
    approvals: bool

    def holds(self, at: datetime) -> bool:
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Cover:
    """Whose work is done; through: the substitutes between, who are away too."""

    absent: str
    gained: frozenset[str]
    approvals: bool
    through: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        return frozenset({self.absent, *self.through})


class People:
    """Everybody, and who is away, at an instant `now`."""

    def __init__(self, people: Iterable[Person], now: datetime) -> None:
        self.people = {person.login: person for person in people}
        self.now = now
        self.away: list[Away] = []

    def absence(self, login: str) -> Away | None:
        return next(
            (each for each in self.away if each.person == login and each.holds(self.now)
             and self.people[login].active), None,
        )  # fmt: skip

    def covers(self, login: str) -> list[Cover]:
        """Whose work somebody does now, along chains of substitutes who are away themselves."""
        found = []
        for absent in sorted(self.people):
            first = link = self.absence(absent)
            approvals, passed, through = True, {absent}, ()
            while link is not None:
                approvals = approvals and link.approvals
                following = self.absence(link.substitute)
                if following is None or link.substitute in passed:
                    break
                passed.add(link.substitute)
                through = (*through, link.substitute)
                link = following
            if first is not None and link is not None and link.substitute == login and login not in passed:
                lent = {
                    name for name in self.people[absent].groups
                    if approvals or not name.startswith(("supervisor@", "unrouted@"))
                }  # fmt: skip
                gained = frozenset(lent) - self.people[login].groups
                found.append(Cover(absent, gained, approvals, through))
        return found

    def groups(self, login: str) -> frozenset[str]:
        return self.people[login].groups.union(*(cover.gained for cover in self.covers(login)))

    def places(self, login: str) -> list[Place]:
        """Where somebody sees and leads: their own seats, and of those they cover what the work needs."""
        found = list(self.people[login].places)
        for cover in self.covers(login):
            for place in self.people[cover.absent].places:
                if any(name.endswith(f"@{place.path}") for name in cover.gained):
                    found.append(Place(place.path, frozenset(), place.leads and cover.approvals))
        return found


def upwards(path: str) -> set[str]:
    """A unit's path and those of all units above it."""
    parts = path.strip("/").split("/")
    return {"/" + "/".join(parts[: end + 1]) + "/" for end in range(len(parts))}
