"""What a modeler on somebody's desktop is told of a deployment, and which process it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import Deployment, DeploymentReceipt, ProcessDefinition, Resource
from engine.dialect import SourceFile
from engine.errors import NotFound
from tasks.core import storable, table
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.vocabulary.files import decisions_in

_DEFINITION, _RESOURCE, _DEPLOYMENT = table(ProcessDefinition), table(Resource), table(Deployment)
_SHOWN = [
    _DEFINITION.c[name]
    for name in ("id", "key", "version", "version_tag", "name", "deployment_id", "startable")
]


@dataclass(frozen=True, slots=True)
class DeployedDecision:
    """A decision of a deployment. version: how many different contents its key has had; id: of its file."""

    key: str
    name: str
    version: int
    id: UUID
    resource: str


def deployed(
    session: Session, receipt: DeploymentReceipt, files: Sequence[SourceFile]
) -> tuple[Any, dict[UUID, Any]]:
    """The row of the deployment, and those of the processes it is about by id. Where nothing was new: of the one that brought
    what is current.
    """
    ids = [one.id for one in receipt.definitions]
    rows = session.execute(
        sa.select(*_SHOWN, _RESOURCE.c.name.label("resource"))
        .join(_RESOURCE, _RESOURCE.c.id == _DEFINITION.c.resource_id)
        .where(_DEFINITION.c.id.in_(ids))
    ).all()
    statement = sa.select(_DEPLOYMENT)
    if receipt.deployment_id is not None:
        statement = statement.where(_DEPLOYMENT.c.id == receipt.deployment_id)
    elif rows:
        statement = statement.where(_DEPLOYMENT.c.id.in_([row.deployment_id for row in rows]))
    else:
        hashes = [sha256(file.content).hexdigest() for file in files]
        holds = sa.select(_RESOURCE.c.deployment_id).where(_RESOURCE.c.sha256.in_(hashes))
        statement = statement.where(_DEPLOYMENT.c.id.in_(holds))
    newest = statement.order_by(_DEPLOYMENT.c.deployed_at.desc(), _DEPLOYMENT.c.id.desc()).limit(1)
    return session.execute(newest).one(), {row.id: row for row in rows}


def decisions(session: Session, deployment_id: UUID) -> list[DeployedDecision]:
    """The decisions of a deployment, in the order of its files."""
    rows = session.execute(
        sa.select(_RESOURCE.c.id, _RESOURCE.c.name, _RESOURCE.c.key, _RESOURCE.c.content)
        .where(_RESOURCE.c.deployment_id == deployment_id, _RESOURCE.c.kind == "dmn")
        .order_by(_RESOURCE.c.name)
    ).all()
    return [
        DeployedDecision(key, names.get(key) or key, _version(session, key), row.id, row.name)
        for row in rows
        for names in [{one["key"]: one["name"] for one in decisions_in(row.content)}]
        for key in row.key.split()
    ]


def definition(session: Session, caller: Caller, asked: str) -> Any:
    """A version of a process by its id, as `key:version:id` too. Raises NotFound, NotPermitted."""
    require(caller, "definition.read")
    text = asked.rpartition(":")[2]
    try:
        found = session.execute(sa.select(*_SHOWN).where(_DEFINITION.c.id == UUID(text))).first()
    except ValueError:
        found = None
    if found is None:
        shown = asked[:100] if storable(asked) else "?"
        raise NotFound(
            f"The process definition {shown} was asked for; there is none. Deploy the diagram first.",
            message_zh=f"没有流程定义 {shown}。请先部署这张图。",
        )
    return found


def _version(session: Session, key: str) -> int:
    hashes = session.scalars(
        sa.select(_RESOURCE.c.sha256)
        .where(
            _RESOURCE.c.kind == "dmn",
            sa.literal(key) == sa.any_(sa.func.string_to_array(_RESOURCE.c.key, " ")),
        )
        .order_by(_RESOURCE.c.id)
    ).all()
    return sum(one != before for one, before in zip(hashes, ["", *hashes[:-1]], strict=True))
