"""What differs between two versions of a process, or between a draft and what is in use: files, calls, bindings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.catalog import targets_of
from engine.deployment import Deployment, ProcessDefinition, definition_and_choice, not_deployed
from engine.dialect.comparing import Part, PartComparison, compare_parts
from engine.errors import NotFound
from tasks.core import storable
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.drafts import reading
from tasks.processes.versions import current
from tasks.processes.versions.files import called_by_version, parts_of_files, parts_of_version


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a process as it is compared. running: instances on it that have not ended."""

    id: UUID
    key: str
    name: str
    version: int
    tag: str
    deployed_at: datetime
    deployed_by_name: str
    note: str
    running: int
    current: bool
    deployment_id: UUID


@dataclass(frozen=True, slots=True)
class Called:
    """A process whose version, called as deployed, differs; None: not called so."""

    key: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Bound:
    """Something asked of this installation that is bound otherwise."""

    need: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """What differs between two versions of one process."""

    key: str
    name: str
    before: Version
    after: Version
    parts: tuple[PartComparison, ...]
    calls: tuple[Called, ...] = ()
    bindings: tuple[Bound, ...] = ()
    versions: tuple[int, ...] = field(default=())

    @property
    def same(self) -> bool:
        """Whether both run the same."""
        return not (self.calls or self.bindings or any(one.what for one in self.parts))


@dataclass(frozen=True, slots=True)
class DraftComparison:
    """What differs between the versions in use and a draft. before: of each process of the draft that is deployed."""

    draft: Any
    before: tuple[Version, ...]
    parts: tuple[PartComparison, ...]

    @property
    def same(self) -> bool:
        """Whether a deployment would change nothing."""
        return not any(one.what for one in self.parts)


def compare(
    session: Session, caller: Caller, key: str, before: int | None = None, after: int | None = None
) -> VersionComparison:
    """What differs between two versions of a process; without `after` the current one, without `before` the one before it
    (of the current one the newest, where that is another).

    Of a process with one version, that one with itself. Raises NotPermitted, NotFound.
    """
    require(caller, "definition.read")
    key = key if storable(key) else "?"
    used, _ = definition_and_choice(session, key)
    numbers = tuple(
        session.scalars(
            sa.select(ProcessDefinition.version)
            .where(ProcessDefinition.key == key)
            .order_by(ProcessDefinition.version.desc())
        )
    )
    later = used.version if after is None else after
    earlier = before if before is not None else next((one for one in numbers if one < later), None)
    if earlier is None:
        earlier = next((one for one in numbers if one > later), later)
    for wanted in (earlier, later):
        if wanted not in numbers:
            raise not_deployed(key, wanted)
    one, other = _row(session, key, earlier), _row(session, key, later)
    running = current.running(session, key)
    called, calls = called_by_version(session, one.bindings), called_by_version(session, other.bindings)
    bound, binds = targets_of(session, one.id), targets_of(session, other.id)
    return VersionComparison(
        key,
        other.name or key,
        _version(one, running, used.id),
        _version(other, running, used.id),
        compare_parts(_parts(session, one), _parts(session, other)),
        tuple(
            Called(name, called.get(name), calls.get(name))
            for name in sorted(called.keys() | calls.keys())
            if called.get(name) != calls.get(name)
        ),
        tuple(
            Bound(name, bound.get(name), binds.get(name))
            for name in sorted(bound.keys() | binds.keys())
            if bound.get(name) != binds.get(name)
        ),
        numbers,
    )


def compare_draft(session: Session, caller: Caller, draft_id: UUID) -> DraftComparison:
    """What would change if a draft were deployed. Raises NotPermitted, NotFound."""
    draft = reading.draft(session, caller, draft_id)
    require(caller, "definition.read")
    files = parts_of_files(reading.sources(session, draft_id))
    ours: dict[tuple[str, str], Part] = {}
    before: list[Version] = []
    for part in files:
        if part.kind != "bpmn" or not storable(part.key):
            continue
        try:
            used, _ = definition_and_choice(session, part.key)
        except NotFound:
            continue
        row = _row(session, used.key, used.version)
        before.append(_version(row, current.running(session, used.key), used.id))
        ours |= {(one.kind, one.key): one for one in _parts(session, row)}
    # What the draft leaves out stays as it is: a deployment of it takes the form or table that is there.
    brought = {(one.kind, one.key) for one in files}
    parts = compare_parts([one for name, one in ours.items() if name in brought], files)
    return DraftComparison(draft, tuple(before), parts)


def _parts(session: Session, row: Any) -> Sequence[Part]:
    return parts_of_version(session, row.key, row.resource_id, row.bindings)


def _row(session: Session, key: str, version: int) -> Any:
    return session.execute(
        sa.select(
            ProcessDefinition.id, ProcessDefinition.key, ProcessDefinition.name, ProcessDefinition.version,
            ProcessDefinition.version_tag, ProcessDefinition.deployed_at, ProcessDefinition.deployment_id,
            ProcessDefinition.resource_id, ProcessDefinition.bindings, Deployment.deployed_by_name, Deployment.note,
            Deployment.name.label("deployment_name"),
        )
        .join(Deployment, Deployment.id == ProcessDefinition.deployment_id)
        .where(ProcessDefinition.key == key, ProcessDefinition.version == version)
    ).one()  # fmt: skip


def _version(row: Any, running: dict[int, int], used: UUID) -> Version:
    return Version(
        row.id, row.key, row.name or row.key, row.version, row.version_tag, row.deployed_at, row.deployed_by_name,
        row.note or row.deployment_name, running.get(row.version, 0), row.id == used, row.deployment_id,
    )  # fmt: skip
