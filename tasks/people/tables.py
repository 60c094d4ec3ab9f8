"""The rows of people and systems: who can sign in, and by what. Of every secret only a hash is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant, TextList


class Person(Base):
    """Somebody, or an outside system, that can sign in or hold a token. `phone`: where text messages reach them; shown to
    nobody but themself and who maintains the organisation.
    """

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    login: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text, default="person")
    email: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    phone: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    password_hash: Mapped[str | None] = mapped_column(sa.Text)
    must_change_password: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    password_changed_at: Mapped[datetime | None] = mapped_column(Instant)
    language: Mapped[str] = mapped_column(sa.Text, default="both", server_default="both")
    """In which languages the pages speak to them (`tasks.people.language`)."""
    opens_next: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    """Whether the pages open the next task as soon as one is done (`tasks.people.opening`)."""
    active: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ApiToken(Base):
    """A bearer token; only the SHA-256 of its 256 bits is kept. `scopes` are permission names, or `*`."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(sa.Text, default="")
    scopes: Mapped[list[str]] = mapped_column(TextList, default=list)
    issued_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class PersonIdentity(Base):
    """Who somebody is at an identity provider: its `issuer` and what it calls the person, `subject`, which it never gives
    to anybody else. An e-mail address is no identity: it changes hands.
    """

    __tablename__ = "person_identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(sa.Text)
    subject: Mapped[str] = mapped_column(sa.Text)
    linked_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class WebSession(Base):
    """A browser's signed-in session, revocable at once; only the SHA-256 of the cookie's secret is kept. `seen_at`: when
    it was last used, to five minutes. `identity_id`: the identity it was opened by, where no password was, and
    `provider_sid` what the provider calls its own session. `confirmed_at`: when its person has last said at a provider who
    they are, until that was used (`tasks.people.confirming`).
    """

    __tablename__ = "web_session"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    identity_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("person_identity.id", ondelete="CASCADE"), index=True
    )
    provider_sid: Mapped[str | None] = mapped_column(sa.Text, index=True)
    agent: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, server_default=sa.func.now())
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInAttempt(Base):
    """Wrong passwords of one login in a row, known or not, counted for all processes; only the login's SHA-256 is kept."""

    __tablename__ = "sign_in_attempt"

    login_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(sa.Integer)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


class SigningKey(Base):
    """A key whose owner signs each call with HMAC-SHA-256. The secret is derived from the installation's key and `id`;
    it is not stored at all.
    """

    __tablename__ = "signing_key"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(sa.Text, default="")
    scopes: Mapped[list[str]] = mapped_column(TextList, default=list)
    issued_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class SignedNonce(Base):
    """A nonce a signed call has used, so that the call cannot be sent again while its signature holds."""

    __tablename__ = "signed_nonce"

    key_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    nonce: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
