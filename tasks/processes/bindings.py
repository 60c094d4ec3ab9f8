"""Binding what diagrams ask for, and reading what is bound: a process owner's verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.binding import BoundNeed, BoundVersion
from engine.deployment import DefinitionBinding, ProcessDefinition, latest_definition, not_deployed
from engine.dialect.model import Need
from engine.errors import InvalidInput
from tasks.audit.recording import record
from tasks.core import storable
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

MOST_BINDINGS = 5_000
"""Needs that may be bound at once."""
LONGEST = 500
"""Characters of a need's key or a target."""


@dataclass(frozen=True, slots=True)
class VersionNeeds:
    """A version of a process and what it asks for. in_use: the version that starts use, None where none can start."""

    id: UUID
    key: str
    version: int
    name: str
    startable: bool
    in_use: int | None
    needs: tuple[BoundNeed, ...]

    @property
    def open(self) -> int:
        """How many needs are still to be bound."""
        return sum(need.target is None for need in self.needs)


def needs(session: Session, deps: Deps, caller: Caller, definition_id: UUID) -> VersionNeeds:
    """What a version of a process asks this installation for, and what each can be bound to. Raises NotFound."""
    require(caller, "definition.read")
    return needs_of(session, deps, definition_id)


def needs_of(session: Session, deps: Deps, definition_id: UUID) -> VersionNeeds:
    """The same for whoever may reach the database itself."""
    found = deps.engine.needs(session, definition_id)
    columns = (
        ProcessDefinition.id, ProcessDefinition.key, ProcessDefinition.version,
        ProcessDefinition.name, ProcessDefinition.startable,
    )  # fmt: skip
    row = session.execute(sa.select(*columns).where(ProcessDefinition.id == definition_id)).one()
    used = latest_definition(session, row.key)
    in_use = used.version if used.startable else None
    return VersionNeeds(
        row.id, row.key, row.version, row.name or row.key, row.startable, in_use, tuple(found)
    )


def bind(
    session: Session, deps: Deps, caller: Caller, definition_id: UUID, targets: Mapping[str, str]
) -> BoundVersion:
    """Bind needs of a version, all that are given or none; again the same changes nothing.

    Raises NotPermitted, NotFound, InvalidInput for too many or too long ones, BindingRefused with every wrong choice,
    WrongState where starts use another version.
    """
    require(caller, "definition.bind")
    bounded(targets)
    return bind_as(session, deps, caller.actor, definition_id, targets)


def bind_as(
    session: Session, deps: Deps, actor: Actor, definition_id: UUID, targets: Mapping[str, str]
) -> BoundVersion:
    """The same for whoever may reach the database itself."""
    asked = sa.select(DefinitionBinding.need_key, DefinitionBinding.target).where(
        DefinitionBinding.definition_id == definition_id, DefinitionBinding.need_key.in_(targets)
    )
    before = {row.need_key: row.target for row in session.execute(asked)}
    bound = deps.engine.bind(session, definition_id, targets, actor=actor)
    if before != targets:
        record(
            session,
            actor,
            "definition.bind",
            at=deps.clock.now(),
            subject="definition",
            subject_id=bound.id,
            before=before,
            after={"process": f"{bound.key} {bound.version}", "targets": dict(targets)},
        )
    return bound


def bounded(targets: Mapping[str, str]) -> None:
    """Refuse more bindings, or longer ones, than any diagram can have. Raises InvalidInput."""
    if len(targets) > MOST_BINDINGS:
        raise InvalidInput(
            f"{len(targets)} bindings were sent; at most {MOST_BINDINGS} are taken at once.",
            message_zh=f"一次发送了 {len(targets)} 项绑定；最多 {MOST_BINDINGS} 项。",
        )
    if any(len(text) > LONGEST for pair in targets.items() for text in pair):
        raise InvalidInput(
            f"A binding with more than {LONGEST} characters was sent; neither a need nor a target has so many.",
            message_zh=f"有一项绑定超过 {LONGEST} 个字符；没有这么长的绑定项或目标。",
        )


def version_to_bind(session: Session, key: str, version: int | None = None) -> UUID:
    """The newest version of a process, bound or not, or the given one. Raises NotFound."""
    query = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == key)
    if version is not None:
        query = query.where(ProcessDefinition.version == version)
    found = (
        session.scalar(query.order_by(ProcessDefinition.version.desc()).limit(1)) if storable(key) else None
    )
    if found is None:
        raise not_deployed(key, version)
    return found


def bound_in(session: Session, rows: Iterable[Any]) -> dict[UUID, list[dict[str, Any]]]:
    """What listed versions ask for and what it is bound to, by definition id; `rows` have id and need_count."""
    wanted = [row.id for row in rows if row.need_count]
    if not wanted:
        return {}
    asked = session.execute(
        sa.select(ProcessDefinition.id, ProcessDefinition.model["needs"].label("needs")).where(
            ProcessDefinition.id.in_(wanted)
        )
    )
    bound: dict[tuple[UUID, str], Any] = {
        (row.definition_id, row.need_key): row
        for row in session.execute(
            sa.select(DefinitionBinding.__table__).where(DefinitionBinding.definition_id.in_(wanted))
        )
    }
    return {
        row.id: [
            need_body(need, bound.get((row.id, need.key))) for need in (Need(**one) for one in row.needs)
        ]
        for row in asked
    }


def need_body(need: Need, bound: Any) -> dict[str, Any]:
    """A need as plain data; `bound` has target, bound_by_name and bound_at, or is None."""
    return {
        "key": need.key, "kind": need.kind, "element": need.element, "element_name": need.name, "line": need.line,
        "event": need.event, "asked": need.asked, "target": bound.target if bound else None,
        "bound_by_name": bound.bound_by_name if bound else "", "bound_at": bound.bound_at if bound else None,
    }  # fmt: skip
