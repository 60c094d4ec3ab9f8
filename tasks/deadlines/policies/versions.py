"""The stored versions of the register: reading them all, and adding to them. Nothing here changes or deletes one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.policies.rows import Key, Terms
from tasks.deadlines.policies.tables import KEY, ClockPolicy
from tasks.organisation.revision import bump_office

_POLICY = table(ClockPolicy)
_TERMS = tuple(each.name for each in fields_of(Terms))
_IDS = UUID("6f4c1de0-6f0b-5d0c-9a53-0d6c1f9b7a21")


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version: its terms, from when it counts, and who wrote it when and why (`changed_by`: see ClockPolicy)."""

    id: UUID
    version: int
    terms: Terms
    effective_from: date
    ended: bool
    changed_at: datetime
    changed_by: str
    changed_by_name: str
    note: str

    @property
    def by_file(self) -> bool:
        """Whether the file that is loaded at the start wrote it."""
        return not self.changed_by


_BESIDE = tuple(each.name for each in fields_of(Version) if each.name != "terms")


@dataclass(frozen=True, slots=True)
class Fresh:
    """A version to be added."""

    terms: Terms
    effective_from: date
    ended: bool = False
    note: str = ""


def all_versions(session: Session) -> dict[Key, list[Version]]:
    """Every row of the register with its versions, the first one first."""
    found: dict[Key, list[Version]] = {}
    for row in session.execute(sa.select(_POLICY).order_by(*_POLICY.c[KEY], _POLICY.c.version)):
        version = version_of(row)
        found.setdefault(version.terms.key, []).append(version)
    return found


def version_of(row: Any) -> Version:
    """A row of `clock_policy` as a version."""
    values = {name: getattr(row, name) for name in _TERMS}
    terms = Terms(**{**values, "pauses": tuple(row.pauses)})
    rest = {name: getattr(row, name) for name in _BESIDE}
    return Version(terms=terms, **rest)


def line_of(versions: Iterable[Version], day: date) -> tuple[Version | None, list[Version]]:
    """Of the versions of one row in order: the one that counts on `day`, if any, and those planned to follow it."""
    line: list[Version] = []
    for version in versions:
        while line and line[-1].effective_from >= version.effective_from:
            line.pop()
        line.append(version)
    begun = [version for version in line if version.effective_from <= day]
    return begun[-1] if begun else None, line[len(begun) :]


def add_versions(
    session: Session,
    stored: Mapping[Key, list[Version]],
    fresh: Iterable[Fresh],
    *,
    at: datetime,
    by: str = "",
    by_name: str = "",
) -> list[Version]:
    """Add a version to each row and tell every process that its copy is old; returns what was added.

    The id of a version follows from its row and number, so that it is the same in every installation that loaded the same
    file. Needs the lock of `lock_office`.
    """
    number = Counter({key: len(versions) for key, versions in stored.items()})
    added = []
    for each in fresh:
        number[each.terms.key] += 1
        added.append(_numbered(each, number[each.terms.key], at, by, by_name))
    if added:
        session.execute(sa.insert(_POLICY), [_row(version) for version in added])
        bump_office(session, moves_work=False)
    return added


def _numbered(fresh: Fresh, number: int, at: datetime, by: str, name: str) -> Version:
    return Version(
        id=uuid5(_IDS, "/".join((*fresh.terms.key, str(number)))),
        version=number,
        terms=fresh.terms,
        effective_from=fresh.effective_from,
        ended=fresh.ended,
        changed_at=at,
        changed_by=by,
        changed_by_name=name,
        note=fresh.note,
    )


def _row(version: Version) -> dict[str, Any]:
    terms = {name: getattr(version.terms, name) for name in _TERMS}
    return {
        **terms,
        "pauses": list(version.terms.pauses),
        **{name: getattr(version, name) for name in _BESIDE},
    }
