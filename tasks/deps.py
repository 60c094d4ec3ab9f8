"""What the edges are handed: everything a request needs, built once per process by `redress.bootstrap`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import Clock
from tasks.evidence.cabinet import Cabinet
from tasks.notices.channels.protocol import Channel
from tasks.organisation.office import Office
from tasks.people.oidc.provider import Providers
from tasks.people.passwords import Passwords
from tasks.turns import Turns

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


@dataclass(frozen=True)
class Deps:
    """sessions: opens a session per request. engine: the process engine, already given the ports of
    `tasks.ports`.

    office: the same Office the ports were built with. settings: the installation's settings; the API reads
    only what it needs from them. turns: who may check, deploy or upload files now. cabinet: what was decided about
    papers. providers: whom people may sign in with besides. channels: by name, how notices leave the house; none, and they
    are only in the pages.
    """

    sessions: sessionmaker[Session]
    engine: ProcessEngine
    clock: Clock
    settings: Any
    office: Office
    passwords: Passwords = field(default_factory=Passwords)
    turns: Turns = field(default_factory=Turns)
    cabinet: Cabinet = field(default_factory=Cabinet)
    providers: Providers = field(default_factory=Providers)
    channels: Mapping[str, Channel] = field(default_factory=dict)
