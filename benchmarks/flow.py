"""What the figures of a process cost: python benchmarks/flow.py [instances] [days]

Fills a database with that many instances of the regime `request` and their cases, started evenly over so many days and one in
ten of them still running, with three dozen lines of history each, by plain INSERTs. Then asks for the figures of the last
30 days and of all, as headquarters' operator and as a supervisor of one province, and for the first pages of the list of
instances. Prints milliseconds; the goal is one second for 30 days.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.organisation import database
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.people.caller import Caller
from tasks.processes.flow import flow
from tasks.processes.listing import Wanted, instance_list
from tests.tasks.office import TestOffice

INSTANCES, DAYS, TIMES = 100_000, 365, 5

_INSTANCES = """
INSERT INTO process_instance (id, definition_id, deployment_id, process_key, version, business_key, status, revision, state,
                              started_at, started_by, ended_at)
SELECT gen_random_uuid(), d.id, d.deployment_id, d.key, d.version, 'TSX' || n, CASE WHEN n % 10 = 0 THEN 'active' ELSE 'completed' END,
       20, '\\x01', :now - :days * interval '1 day' * (n::float / :many), 'system',
       CASE WHEN n % 10 > 0 THEN :now - :days * interval '1 day' * (n::float / :many) + interval '20 hours' END
FROM generate_series(1, :many) n, process_definition d WHERE d.key = 'request'"""
_CASES = """
INSERT INTO case_file (id, number, regime, query_hash, org_code, org_path, province, facts, paths, filed_by, filed_by_name,
                       filed_at, instance_id, level)
SELECT gen_random_uuid(), i.business_key, 'request', '\\x00', p.code, p.path, p.code, '{}', ARRAY['/hq/', p.path],
       gen_random_uuid(), 'x', i.started_at, i.id, 'general'
FROM process_instance i
JOIN LATERAL (SELECT CASE WHEN hashtext(i.business_key) % 10 = 0 THEN 'zhejiang' ELSE 'henan' END AS code) c ON true
JOIN org_unit p ON p.code = c.code"""
_LINES = """
INSERT INTO history_event (instance_id, at, kind, activity_id, activity_name, activity_type, scope, token_id, actor_id, actor_name)
SELECT i.id, i.started_at + s * interval '1 hour' + k * interval '40 minutes' * random(),
       CASE WHEN k = 0 THEN 'activity_entered' ELSE 'activity_completed' END,
       'step_' || s, 'Step ' || s, 'userTask', 'request',
       md5(i.id::text || s)::uuid, 'system', 'system'
FROM process_instance i CROSS JOIN generate_series(1, 18) s CROSS JOIN generate_series(0, 1) k
WHERE k = 0 OR i.status = 'completed' OR s < 18 ORDER BY i.started_at, s, k"""


def fill(session: Session, office: TestOffice, many: int, days: int) -> None:
    """Instances, their cases and their history."""
    begun = time.perf_counter()
    now = office.clock.now()
    session.execute(sa.text(_INSTANCES), {"now": now, "days": days, "many": many})
    session.execute(sa.text(_CASES))
    session.execute(sa.text(_LINES))
    session.commit()
    session.execute(sa.text("ANALYZE"))
    print(f"{many:,} instances filled in {time.perf_counter() - begun:.0f} s", flush=True)


def took(name: str, ask: Callable[[], Any]) -> None:
    """Ask several times and print the median and the longest."""
    found: list[float] = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        said = ask()
        found.append((time.perf_counter() - begun) * 1000)
    print(f"{name:60} {statistics.median(found):8.0f} ms  {max(found):8.0f} ms  {said}", flush=True)


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else INSTANCES
    days = int(sys.argv[2]) if len(sys.argv) > 2 else DAYS
    with database() as office:
        with office.deps.sessions() as session:
            session.connection(execution_options={"isolation_level": "READ COMMITTED"})
            fill(session, office, many, days)
        today = day_of(office.clock.now())
        for login in ("tang_wei", "lin_hai"):
            with office.acting(login) as (session, caller):
                for since in (30, min(366, days)):
                    took(
                        f"{login}: {since} days",
                        lambda s=session, c=caller, d=since: figures(
                            s, office, c, today - timedelta(days=d - 1)
                        ),
                    )
                took(f"{login}: list", lambda s=session, c=caller: listed(s, office, c, Wanted()))
                took(
                    f"{login}: list at the last step",
                    lambda s=session, c=caller: listed(
                        s, office, c, Wanted(process="request", element="step_18")
                    ),
                )
                took(
                    f"{login}: list of what is not there",
                    lambda s=session, c=caller: listed(
                        s, office, c, Wanted(process="request", element="nowhere")
                    ),
                )


def figures(session: Session, office: TestOffice, caller: Caller, first: Any) -> str:
    found = flow(session, office.deps, caller, "request", first=first)
    return f"{found.counted:,} started, {found.running:,} running, 1 of {found.share}, {len(found.elements)} elements"


def listed(session: Session, office: TestOffice, caller: Caller, wanted: Wanted) -> str:
    try:
        return f"{len(instance_list(session, office.deps, caller, wanted).items)} instances"
    except Exception as refusal:
        return type(refusal).__name__


if __name__ == "__main__":
    main()
