"""The process instance: one row, locked for every action, holding the whole state."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base, Statement
from engine.deployment import Timestamp
from engine.errors import NotFound, WrongState
from engine.ports import InstanceRef

ACTIVE, SUSPENDED, COMPLETED, CANCELLED = "active", "suspended", "completed", "cancelled"


class ProcessInstance(Base):
    """One case on its way through one version of a process."""

    __tablename__ = "process_instance"
    # Room on each page, so that the many updates of the state stay there and touch no index.
    __table_args__ = (
        sa.Index(None, "process_key", "status"),
        sa.Index("ix_process_instance_started_at", "started_at", "id"),
        sa.Index("ix_process_instance_process_key_started_at", "process_key", "started_at"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    definition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definition.id"), index=True)
    deployment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("deployment.id"))
    process_key: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column()
    business_key: Mapped[str] = mapped_column(sa.Text, index=True)
    status: Mapped[str] = mapped_column(sa.Text)
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    started_at: Mapped[datetime] = mapped_column(Timestamp)
    started_by: Mapped[str] = mapped_column(sa.Text)
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp)
    end_reason: Mapped[str | None] = mapped_column(sa.Text)

    def ref(self) -> InstanceRef:
        """Return what the outside may know of the instance."""
        return InstanceRef(
            self.id, self.business_key, self.process_key, self.definition_id, self.deployment_id, self.status
        )


COLUMNS = "id, definition_id, deployment_id, process_key, business_key, status, revision, state"
"""What `Locked` is made of, in its order."""
_READ = Statement(f"SELECT {COLUMNS} FROM process_instance WHERE id = %(instance_id)s")
_LOCK = Statement(f"SELECT {COLUMNS} FROM process_instance WHERE id = %(instance_id)s FOR UPDATE")


class Locked:
    """A locked instance row, read with one plain statement."""

    __slots__ = (
        "business_key",
        "definition_id",
        "deployment_id",
        "id",
        "process_key",
        "revision",
        "state",
        "status",
    )

    def __init__(
        self,
        id: UUID,
        definition_id: UUID,
        deployment_id: UUID,
        process_key: str,
        business_key: str,
        status: str,
        revision: int,
        state: bytes,
    ) -> None:
        self.id = id
        self.definition_id = definition_id
        self.deployment_id = deployment_id
        self.process_key = process_key
        self.business_key = business_key
        self.status = status
        self.revision = revision
        self.state = state

    def ref(self) -> InstanceRef:
        """Return what the outside may know of the instance."""
        return InstanceRef(
            self.id, self.business_key, self.process_key, self.definition_id, self.deployment_id, self.status
        )


def locked(session: Session, instance_id: UUID) -> Locked:
    """Lock the instance for the rest of the transaction and return it. Raises NotFound."""
    row = _LOCK.one(session, {"instance_id": instance_id})
    if row is None:
        raise NotFound(
            f"Instance {instance_id} was asked for, but there is none with this id.", id=str(instance_id)
        )
    return Locked(*row)


def unlocked(session: Session, instance_id: UUID) -> Locked | None:
    """Return the instance as it is just now, for who only reads it; None where there is none."""
    row = _READ.one(session, {"instance_id": instance_id})
    return None if row is None else Locked(*row)


def require_active(instance: Locked, verb: str) -> None:
    """Refuse a verb on an instance that is suspended or over. Raises WrongState."""
    if instance.status != ACTIVE:
        raise WrongState(
            f"{verb} was refused: instance {instance.id} of case {instance.business_key} is {instance.status}.",
            id=str(instance.id),
            state=instance.status,
        )
