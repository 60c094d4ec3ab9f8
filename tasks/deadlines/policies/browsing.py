"""Looking at the clock register: what counts on a day, what is planned, and the history of one row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.policies.editing import no_such_row
from tasks.deadlines.policies.versions import Version, all_versions, line_of
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

VERB = "policy.read"


@dataclass(frozen=True, slots=True)
class Row:
    """One row on a day. current: what counts then; None if there is none, or it has ended. planned: what follows it, as
    far as is known today. newest: the version an edit is made on.
    """

    current: Version | None
    planned: tuple[Version, ...]
    newest: Version

    @property
    def shown(self) -> Version:
        """What a table shows of it: what counts, else what is to come, else what has ended."""
        return self.current or (self.planned[0] if self.planned else self.newest)


@dataclass(frozen=True, slots=True)
class Register:
    """The rows on `day`, by code and then from the widest to the narrowest."""

    day: date
    rows: list[Row]


def register(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    code: str = "",
    day: date | None = None,
    ended: bool = False,
) -> Register:
    """The rows that count on `day` (today if None) or are planned then. code: only codes that begin so, in any case.
    ended: with those that have ended.
    """
    require(caller, VERB)
    day = day or day_of(deps.clock.now())
    rows = []
    for versions in all_versions(session).values():
        if not versions[0].terms.code.lower().startswith(code.strip().lower()):
            continue
        counts, following = line_of(versions, day)
        current = None if counts is None or counts.ended else counts
        row = Row(current, tuple(following), versions[-1])
        if ended or current is not None or any(not version.ended for version in following):
            rows.append(row)
    return Register(day, sorted(rows, key=lambda row: row.newest.terms.key))


def history(session: Session, caller: Caller, version_id: UUID) -> list[Version]:
    """Every version of the row one of whose versions has this id, the newest first. Raises NotFound."""
    require(caller, VERB)
    for versions in all_versions(session).values():
        if any(version.id == version_id for version in versions):
            return versions[::-1]
    raise no_such_row(version_id)
