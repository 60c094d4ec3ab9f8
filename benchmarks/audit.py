"""What the audit trail costs: python benchmarks/audit.py [rows] [completions]

Two parts over one real PostgreSQL. The same completion through the API, one after the other without a trail, with one that
is sealed behind the head that was read on the way, and with one that locks the head first: processor time of Python and of
the PostgreSQL backend, and statements. Then a trail of many rows is written and verified.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import psycopg
import sqlalchemy as sa
from flask import Flask

from api import edge, register_api
from benchmarks.organisation import database
from engine.actor import Actor
from engine.db import Statement
from tasks import listener
from tasks.audit.recording import KEYS, record
from tasks.audit.verifying import Wanted, verify
from tasks.desk import completing, seeing
from tasks.people.tokens import issue_token
from tests.tasks.office import FACTS, TestOffice

ROWS, COMPLETIONS, WARM_UP, PER_CHAIN = 200_000, 200, 40, 20
WITHOUT, BEHIND, LOCKED = "without a trail", "behind the head that was read", "behind the locked head"
ANSWERS = {"outcome": "forward", "unit": "henan_network"}


def _plain(text: str) -> str:
    """The reading for a completion as it was before there was a trail."""
    inner, _, rest = text.removeprefix("WITH found AS (").partition(")\n       SELECT found.*")
    if not rest:
        raise SystemExit("completing._FOR_COMPLETION does not look as this benchmark knows it.")
    return inner.replace(
        "FROM user_task", ", NULL::bigint AS head_seq, NULL::bytea AS head_hash FROM user_task", 1
    )


class Ways:
    """The three ways to complete a task, switched by replacing what the rooms call."""

    def __init__(self) -> None:
        self._reading = completing._FOR_COMPLETION
        self._without = Statement(_plain(self._reading.text))
        self._kept: dict[str, Callable[..., Any]] = {
            "record": seeing.record, "given": completing.given, "may": edge.may_be_overtaken
        }  # fmt: skip

    def take(self, way: str) -> None:
        nothing = way == WITHOUT
        completing.__dict__["_FOR_COMPLETION"] = self._without if nothing else self._reading
        for room in (seeing, listener):
            room.__dict__["record"] = (lambda *_, **__: None) if nothing else self._kept["record"]
        completing.__dict__["given"] = (lambda _: {}) if nothing else self._kept["given"]
        edge.__dict__["may_be_overtaken"] = self._kept["may"] if way == BEHIND else lambda *_, **__: None


def _backend_ms(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def completions(office: TestOffice, count: int) -> None:
    """Complete tasks in the three ways by turns and print the medians."""
    app = Flask("bench")
    register_api(app, office.deps)
    client = app.test_client()
    with office.acting("li_na") as (session, caller):
        token = issue_token(session, office.deps, caller.id, actor=caller.actor).secret
    head = {"Authorization": f"Bearer {token}"}
    sent = psycopg.Cursor.execute
    statements = 0

    def counted(cursor: Any, text: Any, *arguments: Any, **options: Any) -> Any:
        nonlocal statements
        statements += text != "COMMIT"
        return sent(cursor, text, *arguments, **options)

    psycopg.Cursor.execute = counted  # type: ignore[method-assign]
    ways = Ways()
    order = [WITHOUT, BEHIND, LOCKED]
    found: dict[str, list[tuple[float, float, int]]] = {way: [] for way in order}
    gc.disable()
    for turn in range(count + WARM_UP):
        order.append(order.pop(0))
        gc.collect() if turn % 20 == 0 else None
        for way in order:
            filed = client.post("/api/v1/cases/request", json={"facts": FACTS}, headers=head)
            task = filed.get_json()["tasks"][0]["id"]
            client.post(f"/api/v1/tasks/{task}/claim", headers=head)
            with office.deps.sessions() as session:
                pid = int(session.scalar(sa.text("SELECT pg_backend_pid()")) or 0)
                session.commit()
            path, body = f"/api/v1/tasks/{task}/complete", {"answers": ANSWERS}
            ways.take(way)
            statements, backend, python = 0, _backend_ms(pid), time.process_time()
            done = client.post(path, json=body, headers={**head, "Idempotency-Key": task})
            python = (time.process_time() - python) * 1e3
            time.sleep(0.002)  # the backend has answered and settles
            cost = (python, _backend_ms(pid) - backend, statements)
            ways.take(BEHIND)
            if done.status_code != 200:
                raise SystemExit(f"A completion answered {done.status_code}: {done.text}")
            if turn >= WARM_UP:
                found[way].append(cost)
    gc.enable()
    psycopg.Cursor.execute = sent  # type: ignore[method-assign]
    print(f"medians of {count} completions each way, by turns     Python ms  PostgreSQL ms  statements")
    for way in (WITHOUT, BEHIND, LOCKED):
        python, backend, sql = (statistics.median(column) for column in zip(*found[way], strict=True))
        more = [
            statistics.median(
                one[part] - bare[part] for one, bare in zip(found[way], found[WITHOUT], strict=True)
            )
            for part in (0, 1)
        ]
        print(f"{way:<48}{python:>12.3f}{backend:>15.3f}{sql:>12.0f}   more {more[0]:+.3f} {more[1]:+.3f}")


def verifying(office: TestOffice, rows: int) -> None:
    """Write a trail of so many rows and verify it."""
    somebody = Actor("7b1f0c9e-0000-4000-8000-000000000001", "王磊", "person")
    began = time.perf_counter()
    for first in range(0, rows // PER_CHAIN, 50):
        with office.deps.sessions.begin() as session:
            for number in range(first, min(first + 50, rows // PER_CHAIN)):
                for step in range(PER_CHAIN):
                    record(
                        session, somebody, "bench.step", at=office.clock.now(), chain=f"B{number:08}", subject="task",
                        subject_id=step, before={"state": "assigned"},
                        after={"activity": "check_request", "state": "completed", "digest": "0" * 64},
                    )  # fmt: skip
    written = time.perf_counter() - began
    keys = office.deps.sessions.kw["info"][KEYS]
    url = office.deps.sessions.kw["bind"].url.render_as_string(hide_password=False)
    began, busy = time.perf_counter(), time.process_time()
    report = verify(url, keys, Wanted())
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        f"{rows:,} rows written in {written:.1f} s; {report.rows:,} verified in {took:.1f} s, "
        f"{report.rows / took:,.0f} a second ({busy * 1e6 / report.rows:.1f} µs of Python each), {report.sealed:,} seals hold"
    )


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COMPLETIONS
    with database() as office:
        completions(office, count)
        verifying(office, rows)


if __name__ == "__main__":
    main()
