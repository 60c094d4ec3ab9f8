"""Deploying diagrams, tables and forms, and reading what is deployed: the process owner's verbs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.deployment import DefinitionBinding, Deployment, DeploymentReceipt, ProcessDefinition, Resource
from engine.dialect import SourceFile
from engine.dialect.outcome import Outcome
from engine.errors import InvalidInput, NotFound, NotPermitted
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

_DEFINITION = table(ProcessDefinition)
_DEPLOYMENT = table(Deployment)
_BOUND = (
    sa.select(sa.func.count()).where(DefinitionBinding.definition_id == _DEFINITION.c.id).scalar_subquery()
)
"""How many needs of a version are bound."""
_LISTED = [column for column in _DEFINITION.c if column.name not in ("model", "bindings")]


def deploy(
    session: Session,
    deps: Deps,
    caller: Caller,
    files: Sequence[SourceFile],
    *,
    name: str,
    note: str = "",
    source: str = "",
    until: float | None = None,
) -> DeploymentReceipt:
    """Deploy several files at once, or none. Raises NotPermitted, InvalidInput for none, DeploymentRefused with
    every finding, TooBusy. until: on the monotonic clock, when whoever asks stops waiting.
    """
    require(caller, "deployment.create")
    refuse_alone(deps, caller)
    _some(files)
    patience = None if until is None else max(0.0, until - time.monotonic()) / 2
    with deps.turns.one("A deployment", patience):
        return deploy_as(session, deps, caller.actor, files, name=name, note=note, source=source, until=until)


def deploy_as(
    session: Session,
    deps: Deps,
    actor: Actor,
    files: Sequence[SourceFile],
    *,
    name: str,
    note: str = "",
    source: str = "",
    approved_by: Actor | None = None,
    until: float | None = None,
) -> DeploymentReceipt:
    """The same for whoever may reach the database itself, and for the content that is loaded at start.

    approved_by: who deploys what `actor` has submitted; the deployment names both.
    """
    receipt = deps.engine.deploy(
        session, files, actor=actor, name=name, note=note, source=source, until=until
    )
    if receipt.deployment_id is not None:
        if approved_by is not None:
            session.execute(
                sa.update(_DEPLOYMENT)
                .where(_DEPLOYMENT.c.id == receipt.deployment_id)
                .values(approved_by=approved_by.id, approved_by_name=approved_by.name)
            )
        record(
            session,
            approved_by or actor,
            "deployment.create",
            at=deps.clock.now(),
            subject="deployment",
            subject_id=receipt.deployment_id,
            after={
                "name": name,
                "source": source,
                "files": {file.name: sha256(file.content).hexdigest() for file in files},
                "definitions": [f"{one.key} {one.version}" for one in receipt.definitions if one.is_new],
                **({"submitted_by": actor.name} if approved_by is not None else {}),
                **(
                    {"no_longer_current": ended}
                    if (
                        ended := [
                            f"{one.key} {one.instead_of}" for one in receipt.definitions if one.instead_of
                        ]
                    )
                    else {}
                ),
            },
        )
    return receipt


def brought_before(session: Session, files: Sequence[SourceFile], source: str) -> bool:
    """Whether the last deployment of that source has brought exactly these files."""
    last = session.scalar(
        sa.select(Deployment.id)
        .where(Deployment.source == source)
        .order_by(Deployment.deployed_at.desc(), Deployment.id.desc())
        .limit(1)
    )
    if last is None:
        return False
    rows = session.execute(sa.select(Resource.name, Resource.sha256).where(Resource.deployment_id == last))
    return {row.name: row.sha256 for row in rows} == {
        file.name: sha256(file.content).hexdigest() for file in files
    }


def check(session: Session, deps: Deps, caller: Caller, files: Sequence[SourceFile]) -> Outcome:
    """Everything a deployment of these files would be told, without deploying. Raises NotPermitted, InvalidInput, TooBusy."""
    require(caller, "deployment.create")
    _some(files)
    with deps.turns.one("A check"):
        return deps.engine.check(session, files)


def definitions(
    session: Session, caller: Caller, *, key: str | None = None, latest: bool = True
) -> Sequence[Any]:
    """Deployed processes by key, newest version first, with who deployed them when; `latest` keeps only the
    newest.
    """
    require(caller, "definition.read")
    statement = sa.select(
        *_LISTED,
        _DEPLOYMENT.c.name.label("deployment_name"),
        _DEPLOYMENT.c.note,
        _DEPLOYMENT.c.deployed_by_name,
        _DEPLOYMENT.c.approved_by_name,
        sa.case((_DEFINITION.c.startable, 0), else_=_DEFINITION.c.need_count - _BOUND).label("open_needs"),
    ).join(_DEPLOYMENT, _DEPLOYMENT.c.id == _DEFINITION.c.deployment_id)
    if key:
        statement = statement.where(_DEFINITION.c.key == key)
    if latest:
        statement = statement.ext(distinct_on(_DEFINITION.c.key))
    return session.execute(
        statement.order_by(_DEFINITION.c.key, _DEFINITION.c.version.desc()).limit(1000)
    ).all()


def deployments(session: Session, caller: Caller, *, limit: int = 100) -> Sequence[Any]:
    """The latest deployments: who, when, why."""
    require(caller, "deployment.read")
    return session.execute(
        sa.select(_DEPLOYMENT)
        .order_by(_DEPLOYMENT.c.deployed_at.desc(), _DEPLOYMENT.c.id.desc())
        .limit(limit)
    ).all()


def resource(session: Session, caller: Caller | None, deployment_id: UUID, name: str) -> Resource:
    """A deployed file, byte for byte as it was brought. A caller of None is this machine's operator. Raises NotFound."""
    if caller is not None:
        require(caller, "deployment.read")
    statement = sa.select(Resource).where(Resource.deployment_id == deployment_id, Resource.name == name)
    found = session.scalars(statement).first() if storable(name) else None
    if found is None:
        raise NotFound(
            f"The file {name[:100]} of the deployment {deployment_id} was asked for; there is none."
        )
    return found


def resources(session: Session, caller: Caller | None, deployment_id: UUID) -> Sequence[Any]:
    """The files of a deployment, by name, without their content. A caller of None is this machine's operator.

    Raises NotFound.
    """
    if caller is not None:
        require(caller, "deployment.read")
    if session.scalar(sa.select(Deployment.id).where(Deployment.id == deployment_id)) is None:
        raise NotFound(f"The deployment {deployment_id} was asked for; there is none.")
    return session.execute(
        sa.select(Resource.id, Resource.name, Resource.kind, Resource.key, Resource.sha256)
        .where(Resource.deployment_id == deployment_id)
        .order_by(Resource.name)
    ).all()


def refuse_alone(deps: Deps, caller: Caller) -> None:
    """Raise NotPermitted where this installation wants two process owners for every deployment.

    Whoever reaches the machine itself deploys with `deploy_as`.
    """
    if deps.settings.deployment_four_eyes:
        raise NotPermitted(
            f"A deployment was asked for by {caller.login} alone, but here a second process owner looks at every deployment "
            "(REDRESS_DEPLOYMENT_FOUR_EYES): make a draft of it (page Modeler, or POST /process-drafts), submit it, and have another "
            "one approve it.",
            permission="deployment.create",
            message_zh="本系统的部署须由两位流程负责人共同完成：请在“流程设计”中建立草稿并提交复核，由另一位流程负责人通过后部署。",
        )


def _some(files: Sequence[SourceFile]) -> None:
    if not files:
        raise InvalidInput("A deployment was asked for without a file; send at least one.")
