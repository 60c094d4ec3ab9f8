"""What the engine is handed from this package: the implementations of `engine.ports`, sharing one Office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.clock import Clock
from engine.dialect.host import Host
from engine.ports import Facts, Function, Listener, Operation
from tasks.deadlines.functions import deadline_functions
from tasks.deadlines.words import host_words
from tasks.evidence.cabinet import Cabinet
from tasks.listener import CaseFacts, TaskListener
from tasks.operations import operations
from tasks.organisation.office import Office, Snapshot


@dataclass(frozen=True, slots=True)
class Ports:
    """Hand listener, facts, operations, functions and host to the ProcessEngine, and office to Deps."""

    office: Office
    listener: Listener
    facts: Facts
    operations: Mapping[str, Operation]
    functions: Mapping[str, Function]
    host: Callable[[Session], Host]


def build_ports(clock: Clock, cabinet: Cabinet | None = None, query_page: str = "") -> Ports:
    """Build everything the engine needs from above. cabinet, query_page: see `tasks.operations.operations`."""
    office = Office(clock)
    return Ports(
        office,
        TaskListener(office, clock),
        CaseFacts(office),
        operations(office, cabinet, query_page),
        deadline_functions(lambda: office.latest),
        lambda session: host_of(office.current(session)),
    )


def host_of(snapshot: Snapshot) -> Host:
    """What diagrams may say with the office as it is: the clocks of its register, and its candidate roles by every name."""
    organisation = snapshot.organisation
    roles = organisation.roles
    return host_words(
        snapshot.policies, {*organisation.by_role, *roles.keys, *roles.keys.values(), *roles.names.values()}
    )
