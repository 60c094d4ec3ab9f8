"""Binding: a process owner names what a diagram asks this installation for.

Until everything is bound, a version is completed step by step. From then on it is fixed: another choice makes another
version of the same file, and running instances keep theirs. Which version starts use: `deployment.latest_definition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.catalog import latest_resource
from engine.choosing import end_choices, retired_keys
from engine.deployment import (
    IN_USE_FIRST,
    DefinitionBinding,
    Deployment,
    ProcessDefinition,
    Resource,
    latest_definition,
    lock_deployments,
)
from engine.dialect.binding import bound
from engine.dialect.ids import author_id
from engine.dialect.listening import Moments
from engine.dialect.model import Need, ProcessModel
from engine.errors import BindingProblem, BindingRefused, NotFound, WrongState
from engine.offers import Choice, Offers, read_offers
from engine.planning import content_hash
from engine.schedules import schedule
from engine.standing import callers_of, newest_definitions

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

_COPIED = [column for column in Resource.__table__.c if column.name not in ("id", "deployment_id")]
_TARGET_LENGTH = 300
"""Characters of a target; longer names nothing."""


@dataclass(frozen=True, slots=True)
class BoundNeed:
    """A need of a version, as its owner sees it: what it is bound to and since when, and what it can be bound to.

    wrong: why what it is bound to does not hold any more, in English and Chinese; None while it does.
    """

    need: Need
    choices: tuple[Choice, ...]
    target: str | None = None
    bound_by_name: str = ""
    bound_at: Any = None
    wrong: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BoundVersion:
    """What binding led to: the version that holds the bindings, and whether it was made for them.

    callers_unchanged: processes that go on calling the version before.
    """

    id: UUID
    key: str
    version: int
    is_new: bool
    startable: bool
    callers_unchanged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """A binding to be stored."""

    need_key: str
    kind: str
    asked: str
    target: str
    bound_by: str
    bound_by_name: str
    bound_at: Any


def needs_of(engine: ProcessEngine, session: Session, definition_id: UUID) -> list[BoundNeed]:
    """Return the needs of a version in the order of its diagram. Raises NotFound."""
    model = ProcessModel.from_plain(_definition(session, definition_id).model)
    if not model.needs:
        return []
    offers, moments = read_offers(session, engine.operations), Moments(model)
    rows = _rows(session, definition_id)
    return [_bound_need(need, rows.get(need.key), offers, moments) for need in model.needs]


def wrongly_bound(engine: ProcessEngine, session: Session) -> list[tuple[str, int, BoundNeed]]:
    """Return what the versions that starts use are bound to and that is gone by now, with process key and version."""
    used = session.execute(
        sa.select(
            ProcessDefinition.id,
            ProcessDefinition.key,
            ProcessDefinition.version,
            ProcessDefinition.need_count,
        )
        .ext(distinct_on(ProcessDefinition.key))
        .order_by(ProcessDefinition.key, *IN_USE_FIRST)
    ).all()
    return [
        (row.key, row.version, need)
        for row in used
        if row.need_count
        for need in needs_of(engine, session, row.id)
        if need.wrong is not None
    ]


def _bound_need(need: Need, row: _Row | None, offers: Offers, moments: Moments) -> BoundNeed:
    choices = tuple(offers.choices(need, moments))
    if row is None:
        return BoundNeed(need, choices)
    wrong = offers.wrong(need, row.target, moments)
    return BoundNeed(need, choices, row.target, row.bound_by_name, row.bound_at, wrong)


def bind(
    engine: ProcessEngine, session: Session, definition_id: UUID, targets: Mapping[str, str], *, actor: Actor
) -> BoundVersion:
    """Bind some or all needs of a version, all of them or none. Binding the same again changes nothing.

    targets: need key (or as the author wrote it) → target. Raises NotFound, BindingRefused with every wrong choice, and WrongState where the
    version is fixed and starts use another one.
    """
    lock_deployments(session)
    definition = _definition(session, definition_id)
    model = ProcessModel.from_plain(definition.model)
    written = {author_id(need.key): need.key for need in model.needs}
    targets = {written.get(key, key): target for key, target in targets.items()}
    _check(model, targets, read_offers(session, engine.operations))
    before = _rows(session, definition_id)
    now = dict(before)
    for need in model.needs:
        target = targets.get(need.key)
        if target is not None and (need.key not in before or before[need.key].target != target):
            now[need.key] = _Row(
                need.key, need.kind, need.asked, target, actor.id, actor.name, engine.clock.now()
            )
    if now == before:
        return BoundVersion(definition.id, definition.key, definition.version, False, definition.startable)
    if definition.startable:
        return _another_version(engine, session, definition, model, before, now, actor)
    return _completed(engine, session, definition, model, now)


def _check(model: ProcessModel, targets: Mapping[str, str], offers: Offers) -> None:
    needs, moments = {need.key: need for need in model.needs}, Moments(model)
    problems: list[BindingProblem] = []
    for key, target in targets.items():
        if len(problems) == 100:
            break  # nobody reads on, and a hostile list is long
        if key not in needs:
            there = ", ".join(list(needs)[:20]) or "–"
            problems.append(
                BindingProblem(
                    key[:100],
                    f"version has no such need; its needs are {there}.",
                    f"该版本没有这一项；需要绑定的是：{there}。",
                )
            )
        elif wrong := offers.wrong(needs[key], target[:_TARGET_LENGTH], moments):
            problems.append(BindingProblem(key[:100], *wrong))
    if problems:
        raise BindingRefused(model.key, problems)


def _completed(
    engine: ProcessEngine,
    session: Session,
    definition: ProcessDefinition,
    model: ProcessModel,
    now: Mapping[str, _Row],
) -> BoundVersion:
    """Store bindings of a version that could not start so far; with the last of them it can."""
    running = bound(model, {key: row.target for key, row in now.items()})
    definition.content_hash = _content_hash(session, definition, now.values())
    definition.bindings = _resolved(session, definition, now.values())
    definition.startable = not running.needs
    session.execute(sa.delete(DefinitionBinding).where(DefinitionBinding.definition_id == definition.id))
    _store(session, definition.id, now.values())
    session.flush()
    if definition.startable and _is_newest(session, definition):
        end_choices(session, [definition.key])
    in_use = latest_definition(session, definition.key)
    if definition.startable and in_use.id == definition.id and not retired_keys(session, [definition.key]):
        schedule(engine, session, [(definition.id, running)])
    return BoundVersion(definition.id, definition.key, definition.version, False, definition.startable)


def _another_version(
    engine: ProcessEngine,
    session: Session,
    definition: ProcessDefinition,
    model: ProcessModel,
    before: Mapping[str, _Row],
    now: Mapping[str, _Row],
    actor: Actor,
) -> BoundVersion:
    """Make a new version of the same file with other bindings: a deployment of its own, which says who and why."""
    content = _content_hash(session, definition, now.values())
    newest = newest_definitions(session, [definition.key])[definition.key]
    if newest.content_hash == content and latest_definition(session, definition.key).id == newest.id:
        return BoundVersion(newest.id, definition.key, newest.version, False, True)
    in_use = latest_definition(session, definition.key)
    if in_use.id != definition.id:
        raise WrongState(
            f"Binding version {definition.version} of process '{definition.key}' otherwise was refused: "
            f"starts use version {in_use.version}; bind that one.",
            process=definition.key,
            version=definition.version,
            in_use=in_use.version,
            message_zh=f"没有修改流程“{definition.key}”第 {definition.version} 版的绑定：启动使用第 {in_use.version} 版，"
            "请绑定该版本。",
        )
    at, deployment_id, resource_id = engine.clock.now(), engine.new_id(), engine.new_id()
    changes = [
        f"{key}: {before[key].target} → {row.target}" for key, row in now.items() if row != before[key]
    ]
    session.add(
        Deployment(
            id=deployment_id,
            name=f"绑定 {definition.name or definition.key}",
            note="；".join(changes)[:2000],
            source="binding",
            tag="",
            deployed_at=at,
            deployed_by=actor.id,
            deployed_by_name=actor.name,
        )
    )
    session.flush()
    session.execute(
        sa.insert(Resource).from_select(
            ["id", "deployment_id", *(column.name for column in _COPIED)],
            sa.select(sa.literal(resource_id, sa.Uuid), sa.literal(deployment_id, sa.Uuid), *_COPIED).where(
                Resource.id == definition.resource_id
            ),
        )
    )
    row = {
        column.key: getattr(definition, column.key) for column in sa.inspect(ProcessDefinition).columns
    } | {
        "id": engine.new_id(),
        "deployment_id": deployment_id,
        "resource_id": resource_id,
        "version": newest.version + 1,
        "content_hash": content,
        "bindings": _resolved(session, definition, now.values()),
        "deployed_at": at,
    }
    session.execute(sa.insert(ProcessDefinition), [row])
    _store(session, row["id"], now.values())
    end_choices(session, [definition.key])
    if not retired_keys(session, [definition.key]):
        schedule(engine, session, [(row["id"], bound(model, {key: one.target for key, one in now.items()}))])
    left = callers_of(session, [definition.key])
    return BoundVersion(row["id"], definition.key, row["version"], True, True, tuple(left))


def _is_newest(session: Session, definition: ProcessDefinition) -> bool:
    newer = sa.select(sa.literal(1)).where(
        ProcessDefinition.key == definition.key,
        ProcessDefinition.version > definition.version,
        ProcessDefinition.startable,
    )
    return session.scalar(newer.limit(1)) is None


def _definition(session: Session, definition_id: UUID) -> ProcessDefinition:
    found = session.get(ProcessDefinition, definition_id, populate_existing=True)
    if found is None:
        raise NotFound(f"Process definition {definition_id} was asked for, but there is none with this id.")
    return found


def _rows(session: Session, definition_id: UUID) -> dict[str, _Row]:
    columns = [getattr(DefinitionBinding, name) for name in _Row.__slots__]
    rows = session.execute(sa.select(*columns).where(DefinitionBinding.definition_id == definition_id))
    return {row.need_key: _Row(*row) for row in rows}


def _store(session: Session, definition_id: UUID, rows: Iterable[_Row]) -> None:
    session.execute(
        sa.insert(DefinitionBinding),
        [
            {"definition_id": definition_id, **{name: getattr(row, name) for name in _Row.__slots__}}
            for row in rows
        ],
    )


def _content_hash(session: Session, definition: ProcessDefinition, rows: Iterable[_Row]) -> str:
    return content_hash(
        definition.source_hash,
        rows,
        lambda decision: (latest_resource(session, "dmn", decision) or ("", ""))[1],
    )


def _resolved(
    session: Session, definition: ProcessDefinition, rows: Iterable[_Row]
) -> dict[str, dict[str, str]]:
    """Return what the version is bound to by id, with the decisions that needs are bound to as they are now."""
    decisions = {
        row.target: str(found[0])
        for row in rows
        if row.kind == "decision" and (found := latest_resource(session, "dmn", row.target)) is not None
    }
    kept = definition.bindings
    return {**kept, "decisions": {**kept.get("decisions", {}), **decisions}}
