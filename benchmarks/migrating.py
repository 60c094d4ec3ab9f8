"""How long moving running instances to another version takes: the dry run of each, and the move of each with its task rows.

Usage: `python benchmarks/migrating.py [instances]`; without a number 200. The process has a parallel part with a join, user tasks
with timers at their borders and a message; the instances rest at four different places of it; the new version adds a step and an
event at a border, so that the control flow is played. One process, one connection, a database of its own; each move is a
transaction of its own, as the worker does it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

import sqlalchemy as sa

from benchmarks.load.office import database
from engine.actor import SYSTEM
from engine.deployment import ProcessDefinition
from engine.instance import ProcessInstance
from tasks.processes.moving import verbs
from tasks.user_task import UserTask
from tests.engine.diagrams import process
from tests.tasks.office import TestOffice

GROUP = "camunda:candidateGroups=channel"
NODES = (
    "start s", "and f", f"user a {GROUP}", f"user b {GROUP}", "and j", f"user c {GROUP}", "receive r message=paid",
    "end e", "end late", "boundary t attachedToRef=a timeDuration=P3D cancelActivity=false",
    "t -> late", "s -> f -> a -> j", "f -> b -> j",
)  # fmt: skip
BEFORE = (*NODES, "j -> c -> r -> e")
AFTER = (
    *NODES, f"user audit {GROUP}", "boundary u attachedToRef=b timeDuration=P2D cancelActivity=false", "u -> late",
    "j -> c -> audit -> r -> e",
)  # fmt: skip
PLACES = ((), ("a",), ("a", "b"), ("a", "b", "c"))
"""What is completed of every fourth instance."""


def furnish(office: TestOffice, count: int) -> None:
    """Start the instances and bring them where they rest."""
    office.deploy(process("p", *BEFORE))
    for number in range(count):
        key = f"B-{number}"
        office.start("p", key)
        for activity in PLACES[number % len(PLACES)]:
            with office.deps.sessions.begin() as session:
                row = session.execute(
                    sa.select(UserTask.id, UserTask.instance_id).where(
                        UserTask.business_key == key, UserTask.activity_id == activity
                    )
                ).one()
                office.deps.engine.complete(session, row.instance_id, row.id, {"n": 1}, actor=SYSTEM)
    office.deploy(process("p", *AFTER))


def main(count: int) -> None:
    """Measure and print."""
    with database() as office:
        furnish(office, count)
        deps = office.deps
        target = office.scalar(
            sa.select(ProcessDefinition.id).where(
                ProcessDefinition.key == "p", ProcessDefinition.version == 2
            )
        )
        with deps.sessions() as session:
            ids = list(
                session.scalars(sa.select(ProcessInstance.id).where(ProcessInstance.process_key == "p"))
            )
        begun = time.perf_counter()
        with deps.sessions() as session:
            verdicts = [deps.engine.migration_verdict(session, one, target) for one in ids]
        tried = time.perf_counter() - begun
        assert all(one.ok for one in verdicts)
        begun = time.perf_counter()
        for one in ids:
            with office.acting("tang_wei") as (session, caller):
                verbs.move_one(session, deps, caller, one, 2)
        moved = time.perf_counter() - begun
    print(f"{count} instances")
    print(
        f"dry run: {tried / count * 1000:.1f} ms each, {count / tried:.0f}/s, 10,000 in {tried / count * 10_000:.0f} s"
    )
    print(f"move:    {moved / count * 1000:.1f} ms each, {count / moved:.0f}/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
