"""What process owners bring: deployments, their files, and the versions of the processes in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from engine.errors import NotFound

Timestamp = sa.DateTime(timezone=True)


class Deployment(Base):
    """One act of deploying several files: who, when and why."""

    __tablename__ = "deployment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    source: Mapped[str] = mapped_column(sa.Text, default="")
    tag: Mapped[str] = mapped_column(sa.Text, default="")
    deployed_at: Mapped[datetime] = mapped_column(Timestamp)
    deployed_by: Mapped[str] = mapped_column(sa.Text)
    deployed_by_name: Mapped[str] = mapped_column(sa.Text, default="")


class Resource(Base):
    """One file of a deployment, byte for byte as it was brought. kind: bpmn, dmn, form, archive or other."""

    __tablename__ = "resource"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "name"), sa.Index(None, "kind", "key"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deployment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("deployment.id"))
    name: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[str] = mapped_column(sa.Text, default="")
    """A form's key; for decision files the ids of its decisions, separated by spaces."""
    sha256: Mapped[str] = mapped_column(sa.Text)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class ProcessDefinition(Base):
    """One version of one process. A new version exists only where its content, or what it is bound to, changed."""

    __tablename__ = "process_definition"
    __table_args__ = (sa.UniqueConstraint("key", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deployment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("deployment.id"))
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id"))
    key: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column()
    version_tag: Mapped[str] = mapped_column(sa.Text, default="")
    name: Mapped[str] = mapped_column(sa.Text, default="")
    content_hash: Mapped[str] = mapped_column(sa.Text)
    model: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The compiled process: engine.dialect.model.ProcessModel as plain data."""
    bindings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What deployment binding resolved to: {"processes": {key: definition id}, "decisions", "forms": {key: resource id}}."""
    start_messages: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    properties: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    deployed_at: Mapped[datetime] = mapped_column(Timestamp)


@dataclass(frozen=True, slots=True)
class DeployedProcess:
    """One process of a deployment: its current version, and whether this deployment made it."""

    key: str
    version: int
    id: UUID
    is_new: bool


@dataclass(frozen=True, slots=True)
class DeploymentReceipt:
    """What a deployment did. `callers_unchanged` names processes that go on calling an older version of a callee."""

    deployment_id: UUID | None
    definitions: tuple[DeployedProcess, ...]
    unchanged: bool
    findings: tuple[Any, ...]
    callers_unchanged: tuple[str, ...] = ()


def latest_definition(
    session: Session, key: str, *, version: int | None = None, tag: str = ""
) -> ProcessDefinition:
    """Return the newest version of a process, or the named version, or the newest with the tag. Raises NotFound."""
    query = sa.select(ProcessDefinition).where(ProcessDefinition.key == key)
    if version is not None:
        query = query.where(ProcessDefinition.version == version)
    if tag:
        query = query.where(ProcessDefinition.version_tag == tag)
    found = session.scalars(query.order_by(ProcessDefinition.version.desc()).limit(1)).first()
    if found is None:
        what = (
            f"version {version}"
            if version is not None
            else f"a version tagged '{tag}'"
            if tag
            else "a version"
        )
        raise NotFound(f"Process '{key}' was asked for, but {what} of it is not deployed.", key=key)
    return found
