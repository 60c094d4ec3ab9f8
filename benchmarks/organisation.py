"""What a large organisation costs: python benchmarks/organisation.py [open tasks]

Reading and routing in an organisation of 31 provinces of 300 units with 20,000 people, and the job that works the groups of
open tasks out again after a change, each over a real PostgreSQL of its own.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
import tracemalloc
from functools import partial
from pathlib import Path
from typing import Any

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import sqlalchemy as sa

from benchmarks.load.office import database
from engine.testing import run_jobs_until_idle
from tasks.organisation.assigning.rerouting import reroute
from tasks.organisation.assigning.routing import route
from tasks.organisation.changing.loading import load_organisation
from tasks.organisation.revision import REROUTE, bump_office
from tasks.organisation.tables import OrgUnit
from tasks.organisation.tree import read_organisation
from tests.tasks.office import PASSWORD, TestOffice

ROUTED, SEATS = 2000, 500
PROVINCES, UNITS, PEOPLE = 31, 300, 20_000
OPEN_TASKS = 100_000
COPIES = {
    "case_file": {
        "id": "md5('c' || n)::uuid",
        "number": "'B' || n",
        "query_hash": "decode(md5(n::text), 'hex')",
        "instance_id": "NULL",
    },
    "user_task": {
        "id": "md5('t' || n)::uuid",
        "case_id": "md5('c' || n)::uuid",
        "business_key": "'B' || n",
        "candidate_group": "'department@/hq/henan/'",
        "asked": "'{department}'",
    },
}
"""What is different in each copy of the one case and its task."""


def large() -> dict[str, Any]:
    """31 provinces of 300 units each: a centre, hotlines, departments that handle something, remote units."""
    businesses, problems = ("mobile", "fixed", "value", "card"), ("billing", "network", "roaming", "attitude")
    units: list[dict[str, Any]] = [{"code": "n", "name": "总部", "kind": "headquarters"}]
    for province in range(PROVINCES):
        home = f"p{province}"
        units.append(
            {"code": home, "name": f"第{province}省", "name_en": home, "kind": "province", "parent": "n"}
        )
        for number in range(UNITS):
            made: dict[str, Any] = {
                "code": f"{home}_{number}",
                "name": f"{home}-{number}",
                "parent": home,
                "kind": "unit",
            }
            if number == 0:
                made["roles"] = ["provincial_centre", "revisit", "archive"]
            elif number < 150:
                made["roles"] = ["department"]
                made["handles"] = [
                    f"{businesses[number % 4]}/{problems[number % 3]}",
                    f"*/{problems[number % 4]}",
                ]
            else:
                made["roles"] = ["remote_unit" if number % 2 else "channel"]
            if number > 200:
                made["parent"] = f"{home}_{number - 100}"
            units.append(made)
    people = [
        {"login": f"w{number}", "name": f"员工{number}", "unit": units[1 + number % (len(units) - 1)]["code"]}
        for number in range(PEOPLE)
    ]
    return {"units": units, "people": people}


def organisation(office: TestOffice) -> None:
    """What a snapshot of a large organisation costs to read and hold, what routing one task in it costs."""
    deps = office.deps
    began = time.perf_counter()
    with deps.sessions.begin() as session:
        load_organisation(session, large(), now=deps.clock.now(), passwords=deps.passwords, password=PASSWORD)
    loaded = time.perf_counter() - began
    with deps.sessions() as session:
        day = deps.clock.now().date()
        took = []
        for _ in range(5):
            gc.collect()
            began = time.perf_counter()
            tree = read_organisation(session, day)
            took.append(time.perf_counter() - began)
        tracemalloc.start()
        kept = read_organisation(session, day)
        megabytes = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        assert kept.units == tree.units
        about = (frozenset({"mobile"}), frozenset({"billing"}))
        routed = []
        for number in range(ROUTED):
            began = time.perf_counter()
            route(tree, "department", province=f"p{number % PROVINCES}", org="p1_200", classification=about)
            routed.append(time.perf_counter() - began)
        logins = session.execute(
            sa.text("SELECT id, login FROM person WHERE login LIKE 'w%' LIMIT :n"), {"n": SEATS}
        )
        people = logins.all()
        deps.office.current(session)
        began = time.perf_counter()
        for person in people:
            deps.office.standing(session, person.id, person.login)
        first = (time.perf_counter() - began) / len(people)
        began = time.perf_counter()
        for person in people:
            deps.office.standing(session, person.id, person.login)
        again = (time.perf_counter() - began) / len(people)
    print(
        f"{len(tree.units):,} units, {PEOPLE:,} people, loaded in {loaded:.1f} s: a snapshot reads in "
        f"{statistics.median(took) * 1e3:.0f} ms and holds {megabytes:.1f} MB; routing a task takes "
        f"{statistics.median(routed) * 1e6:.0f} µs; somebody's standing {first * 1e3:.2f} ms the first time, "
        f"{again * 1e6:.1f} µs afterwards"
    )


def following(office: TestOffice, tasks: int) -> None:
    """How long the job takes over many open tasks, when nothing changes for them and when everything does."""
    deps = office.deps
    extra = {REROUTE: partial(reroute, deps=deps)}
    office.file()
    with deps.sessions.begin() as session:
        for name, changed in COPIES.items():
            names = sa.text(
                "SELECT column_name FROM information_schema.columns WHERE table_name = :t ORDER BY ordinal_position"
            )
            columns = session.scalars(names, {"t": name}).all()
            chosen = ", ".join(changed.get(column, f"one.{column}") for column in columns)
            copies = f"INSERT INTO {name} SELECT {chosen} FROM {name} one, generate_series(1, {tasks}) n"
            session.execute(sa.text(copies))
            session.execute(sa.text(f"ANALYZE {name}"))
    for what, change in (
        ("nothing changes for them", lambda session: None),
        (
            "all go to another unit",
            lambda session: session.execute(
                sa.update(OrgUnit).where(OrgUnit.code == "henan_network").values(roles=[])
            ),
        ),
    ):
        with deps.sessions.begin() as session:
            change(session)
            bump_office(session)
        began, cpu = time.perf_counter(), time.process_time()
        run_jobs_until_idle(deps.engine, deps.sessions, extra=extra, limit=100_000)
        took = time.perf_counter() - began
        print(
            f"{tasks:,} open tasks worked out again, {what}: {took:.0f} s "
            f"({took / tasks * 1e3:.2f} ms a task, {(time.process_time() - cpu) / tasks * 1e3:.2f} of it CPU of the worker)"
        )


def main() -> None:
    with database() as office:
        organisation(office)
    with database() as office:
        following(office, int(sys.argv[1]) if len(sys.argv) > 1 else OPEN_TASKS)


if __name__ == "__main__":
    main()
