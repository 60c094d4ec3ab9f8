"""What permissions cost a completion, and what a large organisation costs: python benchmarks/organisation.py [open tasks]

Three parts, each over a real PostgreSQL of its own: the same completions with the time and the statements spent inside
the permission check and the scope filter told apart; reading and routing in an organisation of 31 provinces of 300 units
with 20,000 people; and the job that works the groups of open tasks out again after a change.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import psycopg
import sqlalchemy as sa
from flask import Flask

from api import register_api
from engine.clock import FrozenClock
from engine.db import open_database
from engine.testing import run_jobs_until_idle
from redress import migrate
from redress.postgres import EmbeddedPostgres
from tasks.audit.sealing import KeyRing
from tasks.audit.writing import keep_trail
from tasks.organisation.assigning.rerouting import reroute
from tasks.organisation.assigning.routing import route
from tasks.organisation.changing.loading import load_organisation
from tasks.organisation.office import Office
from tasks.organisation.revision import REROUTE, bump_office
from tasks.organisation.tables import OrgUnit
from tasks.organisation.tree import read_organisation
from tasks.people.tokens import issue_token
from tasks.permissions import matrix, visibility
from tests.conftest import SHANGHAI
from tests.tasks.office import FACTS, PASSWORD, TestOffice, open_office

COMPLETIONS, WARM_UP, ROUTED, SEATS = 300, 50, 2000, 500
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


class Stopwatch:
    """Wall time and statements spent inside chosen functions; what they call of each other counts once."""

    def __init__(self) -> None:
        self.depth = self.nanoseconds = self.statements = self.calls = 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **options: Any) -> Any:
            self.depth += 1
            began = time.perf_counter_ns()
            try:
                return function(*arguments, **options)
            finally:
                self.depth -= 1
                if not self.depth:
                    self.calls += 1
                    self.nanoseconds += time.perf_counter_ns() - began

        return timed

    def watch(self) -> None:
        """Put the watch around what asks who may and who sees, wherever a module has it by name."""
        asked = [*vars(matrix).values(), *vars(visibility).values()]
        homes = (matrix.__name__, visibility.__name__)
        functions = {
            function: self.around(function)
            for function in asked
            if isinstance(function, FunctionType) and function.__module__ in homes
        }
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] in ("api", "tasks"):
                for attribute, value in list(vars(module).items()):
                    if isinstance(value, FunctionType) and value in functions:
                        setattr(module, attribute, functions[value])
        for method in ("current", "standing"):
            setattr(Office, method, self.around(getattr(Office, method)))
        sent = psycopg.Cursor.execute

        def counted(cursor: Any, *arguments: Any, **options: Any) -> Any:
            self.statements += bool(self.depth)
            return sent(cursor, *arguments, **options)

        psycopg.Cursor.execute = counted  # type: ignore[method-assign]


@contextmanager
def database() -> Iterator[TestOffice]:
    """The small office of the tests over a database of its own."""
    home = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    server = EmbeddedPostgres(home / "pg")
    server.start()
    try:
        server.create_database("bench")
        url = server.url("bench")
        migrate.upgrade(url)
        sessions = open_database(url)
        keep_trail(sessions, KeyRing.derived("a benchmark's secret key, known to all"))
        yield open_office(sessions, FrozenClock(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)))
        sessions.kw["bind"].dispose()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def permissions(office: TestOffice) -> None:
    """Complete tasks through the API and tell the permission check and scope filter apart from the rest."""
    app = Flask("bench")
    register_api(app, office.deps)
    client = app.test_client()
    with office.acting("li_na") as (session, caller):
        token = issue_token(session, office.deps, caller.id, actor=caller.actor).secret
    head = {"Authorization": f"Bearer {token}"}
    watch = Stopwatch()
    watch.watch()
    rows = []
    for number in range(COMPLETIONS + WARM_UP):
        filed = client.post("/api/v1/cases/request", json={"facts": FACTS}, headers=head)
        task = filed.get_json()["tasks"][0]["id"]
        client.post(f"/api/v1/tasks/{task}/claim", headers=head)
        before = (watch.nanoseconds, watch.statements, watch.calls)
        began = time.perf_counter_ns()
        done = client.post(
            f"/api/v1/tasks/{task}/complete", json={"answers": {"outcome": "close"}}, headers=head
        )
        whole = time.perf_counter_ns() - began
        if done.status_code != 200:
            raise SystemExit(f"A completion answered {done.status_code}: {done.text}")
        if number >= WARM_UP:
            spent = (watch.nanoseconds - before[0], watch.statements - before[1], watch.calls - before[2])
            rows.append((whole, *spent))
    whole, inside, statements, calls = zip(*rows, strict=True)
    print(
        f"{COMPLETIONS} completions: {statistics.median(whole) / 1e6:.2f} ms each, of it permission check and scope filter "
        f"{statistics.median(inside) / 1e6:.3f} ms (p95 {statistics.quantiles(inside, n=20)[18] / 1e6:.3f}) in "
        f"{statistics.median(calls):.0f} calls, {statistics.mean(statements):.2f} statements; goals 0.3 ms and 1 statement"
    )


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
    with database() as office:
        permissions(office)


if __name__ == "__main__":
    main()
