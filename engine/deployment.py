"""What process owners bring: deployments, their files, and the versions of the processes in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from engine.db import Base
from engine.dialect.findings import Finding
from engine.dialect.model import Need
from engine.dialect.outcome import Outcome
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
    approved_by: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """Who has approved what somebody else submitted; empty where nobody was asked."""
    approved_by_name: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


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
    source_hash: Mapped[str] = mapped_column(sa.Text, server_default="")
    """Of what the files say: the compiled process, and the content of the decisions and forms it takes from them."""
    content_hash: Mapped[str] = mapped_column(sa.Text)
    """Of that and of what its needs are bound to."""
    need_count: Mapped[int] = mapped_column(server_default="0")
    startable: Mapped[bool] = mapped_column(server_default=sa.true())
    """Whether every need is bound. From then on nothing of the version changes any more."""
    model: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The compiled process as its author drew it: engine.dialect.model.ProcessModel as plain data."""
    bindings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What deployment binding resolved to: {"processes": {key: definition id}, "decisions", "forms": {key: resource id}}."""
    start_messages: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    start_signals: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, server_default="{}")
    properties: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    deployed_at: Mapped[datetime] = mapped_column(Timestamp)


class DefinitionBinding(Base):
    """What a process owner chose for one need of a version; `engine.dialect.binding` says what a target may be."""

    __tablename__ = "definition_binding"
    __table_args__ = (sa.PrimaryKeyConstraint("definition_id", "need_key"),)

    definition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definition.id"))
    need_key: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    asked: Mapped[str] = mapped_column(sa.Text)
    target: Mapped[str] = mapped_column(sa.Text)
    bound_by: Mapped[str] = mapped_column(sa.Text)
    bound_by_name: Mapped[str] = mapped_column(sa.Text, server_default="")
    bound_at: Mapped[datetime] = mapped_column(Timestamp)


class ProcessChoice(Base):
    """What a process owner decided about the versions of a process: which one starts and calls use, and whether it is
    retired. Without a row, or without a definition in it, the newest version that can start is used.
    """

    __tablename__ = "process_choice"

    process_key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    definition_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_definition.id"), unique=True)
    chosen_at: Mapped[datetime | None] = mapped_column(Timestamp)
    chosen_by: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    chosen_by_name: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    retired_at: Mapped[datetime | None] = mapped_column(Timestamp)
    retired_by: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    retired_by_name: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    retired_note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


@dataclass(frozen=True, slots=True)
class DeployedNeed:
    """A need of a deployed version: what it is bound to, if it is, and whether that was taken over."""

    need: Need
    target: str | None = None
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class DeployedProcess:
    """One process of a deployment: its current version, and whether this deployment made it.

    needs: what the installation must name; startable: whether all of it is bound. dropped: bindings of the version
    before, by need key, that this one has no such need for any more. in_use: the version that starts use, if any.
    instead_of: the older version an owner had made current, which this one has taken the place of.
    """

    key: str
    version: int
    id: UUID
    is_new: bool
    startable: bool = True
    needs: tuple[DeployedNeed, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    in_use: int | None = None
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class DeploymentReceipt:
    """What a deployment did. `callers_unchanged` names processes that go on calling an older version of a callee."""

    deployment_id: UUID | None
    definitions: tuple[DeployedProcess, ...]
    unchanged: bool
    outcome: Outcome
    callers_unchanged: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the deployment was told."""
        return self.outcome.findings


_MADE_CURRENT = aliased(ProcessChoice)
CHOSEN = sa.exists().where(_MADE_CURRENT.definition_id == ProcessDefinition.id).correlate(ProcessDefinition)
"""Whether an owner has made a version current."""
IN_USE_FIRST = (CHOSEN.desc(), ProcessDefinition.startable.desc(), ProcessDefinition.version.desc())
"""The order in which the versions of a process come into question."""


def latest_definition(
    session: Session, key: str, *, version: int | None = None, tag: str = ""
) -> ProcessDefinition:
    """Return the version of a process that starts and calls use. Raises NotFound.

    The named version, or one with the tag, or any: of those, the one an owner has made current (`engine.choosing`), else
    the newest whose needs are all bound, so that a version still to be bound displaces nothing; the newest of all where
    none can start.
    """
    return definition_and_choice(session, key, version=version, tag=tag)[0]


def definition_and_choice(
    session: Session, key: str, *, version: int | None = None, tag: str = ""
) -> tuple[ProcessDefinition, ProcessChoice | None]:
    """Return the same with what was decided about the process, in one statement. Raises NotFound."""
    query = (
        sa.select(ProcessDefinition, ProcessChoice)
        .outerjoin(ProcessChoice, ProcessChoice.process_key == ProcessDefinition.key)
        .where(ProcessDefinition.key == key)
        .execution_options(populate_existing=True)
    )
    if version is not None:
        query = query.where(ProcessDefinition.version == version)
    if tag:
        query = query.where(ProcessDefinition.version_tag == tag)
    found = session.execute(query.order_by(*IN_USE_FIRST).limit(1)).first()
    if found is None:
        raise not_deployed(key, version, tag)
    return found[0], found[1]


def not_deployed(key: str, version: int | None = None, tag: str = "") -> NotFound:
    """Return the refusal of whoever asks for a process, a version of it or a tag that is not here."""
    if version is not None:
        what, what_zh = f"version {version} of it is not deployed", f"的第 {version} 版"
    elif tag:
        what, what_zh = f"no version tagged '{tag}' is deployed", f"标签为“{tag}”的版本"
    else:
        what, what_zh = "no version of it is deployed", ""
    return NotFound(
        f"Process '{key[:100]}' was asked for, but {what}. The page Processes and GET /process-definitions list those that "
        "are; a drawing that is not executable is kept as a file only.",
        key=key[:100],
        message_zh=f"没有部署过流程“{key[:100]}”{what_zh}。“流程”页面和 GET /process-definitions 列出了已部署的流程；"
        "不可执行的图只作为文件保存。",
    )


def lock_deployments(session: Session) -> None:
    """Wait until nobody else deploys or binds, to the end of the transaction: two never hand out the same version."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_DEPLOYMENT_LOCK)))


_DEPLOYMENT_LOCK = 0x7265_6472_6573_73
