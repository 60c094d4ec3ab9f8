"""What the engine is handed from this package: the implementations of `engine.ports`, sharing one Office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.clock import Clock
from engine.ports import Facts, Function, Listener, Operation
from tasks.deadlines.functions import deadline_functions
from tasks.listener import CaseFacts, TaskListener
from tasks.operations import operations
from tasks.organisation.office import Office


@dataclass(frozen=True, slots=True)
class Ports:
    """Hand listener, facts, operations and functions to the ProcessEngine, and office to Deps."""

    office: Office
    listener: Listener
    facts: Facts
    operations: Mapping[str, Operation]
    functions: Mapping[str, Function]


def build_ports(clock: Clock) -> Ports:
    """Build everything the engine needs from above."""
    office = Office(clock)
    return Ports(
        office,
        TaskListener(office, clock),
        CaseFacts(office),
        operations(office),
        deadline_functions(office),
    )
