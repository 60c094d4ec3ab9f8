"""Which version of a process starts and calls use, and whether it still starts at all: what its owners decide.

Instances stay on the version they run on. A decision lasts until another one, or until a new version that can start is
deployed: then that one is current.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.catalog import drawn, not_bound
from engine.deployment import (
    DeployedProcess,
    ProcessChoice,
    ProcessDefinition,
    definition_and_choice,
    lock_deployments,
)
from engine.errors import InvalidInput, Retired, WrongState
from engine.schedules import end_schedules, schedule, timer_starts
from engine.spiff.run import ActivityFailed

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

_SHOWN_IN = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What making a version current led to. before: the version starts used until then; changed: whether it is another."""

    definition_id: UUID
    key: str
    version: int
    before: int
    changed: bool


def require_not_retired(definition: ProcessDefinition, choice: ProcessChoice | None) -> None:
    """Raise Retired where nothing new starts with the process."""
    if choice is not None and choice.retired_at is not None:
        raise retired(definition.key, definition.name, choice.retired_at, choice.retired_by_name)


def retired(key: str, name: str, since: datetime, by: str) -> Retired:
    """Return the refusal of a start with a retired process."""
    at = since.astimezone(_SHOWN_IN)
    called = f"{name} ({key})" if name and name != key else key
    return Retired(
        f"Starting process '{called}' was refused: {by or 'its owner'} retired it on {at:%Y-%m-%d %H:%M}. What runs goes on; "
        "a process owner can restore it on the page of the process.",
        process=key,
        state="retired",
        retired_at=since.isoformat(),
        retired_by=by,
        message_zh=f"不能启动流程“{called}”：{by or '流程负责人'}已于 {at:%Y-%m-%d %H:%M} 将其停用。在办的继续办理；"
        "流程负责人可以在流程页面恢复启用。",
    )


def retired_keys(session: Session, keys: Collection[str] | None = None) -> set[str]:
    """Return which processes are retired; keys: of these only."""
    query = sa.select(ProcessChoice.process_key).where(ProcessChoice.retired_at.is_not(None))
    if keys is not None:
        query = query.where(ProcessChoice.process_key.in_(keys))
    return set(session.scalars(query))


def choose(
    engine: ProcessEngine, session: Session, key: str, version: int, *, actor: Actor, note: str
) -> Chosen:
    """Make a version the one that starts and calls use from now on; its timer starts take the place of the others'.

    Choosing what is current already changes nothing. Raises NotFound, NeedsBinding where something it asks for is not bound.
    """
    lock_deployments(session)
    current, choice = definition_and_choice(session, key)
    wanted, _ = definition_and_choice(session, key, version=version)
    if not wanted.startable:
        raise not_bound(session, wanted.id, drawn(session, wanted.id))
    if wanted.id == current.id:
        return Chosen(wanted.id, key, version, current.version, False)
    if choice is None:
        choice = ProcessChoice(process_key=key)
        session.add(choice)
    choice.definition_id, choice.chosen_at, choice.note = wanted.id, engine.clock.now(), note
    choice.chosen_by, choice.chosen_by_name = actor.id, actor.name
    session.flush()
    if choice.retired_at is None:
        _schedule(engine, session, wanted)
    return Chosen(wanted.id, key, version, current.version, True)


def end_choices(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Let the newest version that can start be current again; return by process key the version that was chosen.

    Needs `lock_deployments`.
    """
    wanted = list(keys)
    if not wanted:
        return {}
    rows = session.execute(
        sa.select(ProcessChoice.process_key, ProcessDefinition.version)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessChoice.definition_id)
        .where(ProcessChoice.process_key.in_(wanted))
    ).all()
    if rows:
        session.execute(
            sa.update(ProcessChoice)
            .where(ProcessChoice.process_key.in_([row.process_key for row in rows]))
            .values(definition_id=None, chosen_at=None, chosen_by="", chosen_by_name="", note="")
        )
    return {row.process_key: row.version for row in rows}


def retire(
    engine: ProcessEngine, session: Session, key: str, *, actor: Actor, note: str
) -> ProcessDefinition:
    """Let nothing new start with a process: no start, message, timer or signal. What runs goes on, and so do calls.

    Returns its current version. Raises NotFound, WrongState where it is retired already.
    """
    lock_deployments(session)
    definition, choice = definition_and_choice(session, key)
    if choice is not None and choice.retired_at is not None:
        at = choice.retired_at.astimezone(_SHOWN_IN)
        raise WrongState(
            f"Retiring process '{key}' was refused: {choice.retired_by_name} retired it on {at:%Y-%m-%d %H:%M} already.",
            process=key,
            state="retired",
            message_zh=f"没有停用流程“{key}”：{choice.retired_by_name}已于 {at:%Y-%m-%d %H:%M} 将其停用。",
        )
    if choice is None:
        choice = ProcessChoice(process_key=key)
        session.add(choice)
    choice.retired_at, choice.retired_note = engine.clock.now(), note
    choice.retired_by, choice.retired_by_name = actor.id, actor.name
    session.flush()
    end_schedules(session, key, choice.retired_at)
    return definition


def restore(engine: ProcessEngine, session: Session, key: str) -> ProcessDefinition:
    """Let a retired process start again; its timer starts count from now. Returns its current version.

    Raises NotFound, WrongState where it is not retired.
    """
    lock_deployments(session)
    definition, choice = definition_and_choice(session, key)
    if choice is None or choice.retired_at is None:
        raise WrongState(
            f"Restoring process '{key}' was refused: it is not retired.",
            process=key,
            state="in use",
            message_zh=f"没有恢复流程“{key}”：它没有停用。",
        )
    choice.retired_at, choice.retired_by, choice.retired_by_name, choice.retired_note = None, "", "", ""
    session.flush()
    if definition.startable:
        _schedule(engine, session, definition)
    return definition


def _schedule(engine: ProcessEngine, session: Session, definition: ProcessDefinition) -> None:
    try:
        schedule(engine, session, [(definition.id, engine.catalog.model(session, definition.id))])
    except ActivityFailed as failure:
        raise WrongState(
            f"Version {definition.version} of process '{definition.key}' cannot start by itself any more: {failure.message}",
            process=definition.key,
            version=definition.version,
            message_zh=f"流程“{definition.key}”第 {definition.version} 版不能再定时启动：{failure.message_zh}",
        ) from failure


def schedule_deployed(engine: ProcessEngine, session: Session, deployed: Sequence[DeployedProcess]) -> None:
    """Schedule the timer starts of what a deployment made new; what cannot start, or is retired, is tried and not scheduled.

    Raises InvalidInput for a timer start that is no time.
    """
    fresh = [item for item in deployed if item.is_new]
    resting = retired_keys(session, [item.key for item in fresh]) if fresh else set()
    starts = [item for item in fresh if item.startable and item.key not in resting]
    try:
        schedule(engine, session, [(item.id, engine.catalog.model(session, item.id)) for item in starts])
        for item in fresh:
            if item not in starts:
                list(timer_starts(engine, drawn(session, item.id)))
    except ActivityFailed as failure:
        raise InvalidInput(
            f"The deployment was refused: a timer start is no time. {failure.message}"
        ) from failure
