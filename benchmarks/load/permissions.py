"""What the permission check and the scope filter add to a completion: time inside them, and statements sent from there."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from types import FunctionType
from typing import Any

import psycopg
from flask import Flask

from api import register_api
from tasks.organisation.office import Office
from tasks.people.tokens import issue_token
from tasks.permissions import matrix, visibility
from tests.tasks.office import FACTS, TestOffice

COMPLETIONS, WARM_UP = 300, 50


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


def permissions(office: TestOffice) -> str:
    """Complete tasks through the API and tell the permission check and scope filter apart from the rest. The process keeps
    the watch: nothing else is to be measured in it afterwards.
    """
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
    return (
        f"{COMPLETIONS} completions: {statistics.median(whole) / 1e6:.2f} ms each, of it permission check and scope filter "
        f"{statistics.median(inside) / 1e6:.3f} ms (p95 {statistics.quantiles(inside, n=20)[18] / 1e6:.3f}) in "
        f"{statistics.median(calls):.0f} calls, {statistics.mean(statements):.2f} statements; goals 0.3 ms and 1 statement"
    )
