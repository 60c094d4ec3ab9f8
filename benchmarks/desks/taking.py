"""Fifty colleagues who ask for their next task at the same instant, each a process with a connection of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.desks.country import Country
from benchmarks.desks.nation import colleagues
from redress.bootstrap import bind
from tasks.lists.next_task import next_task
from tasks.people.identity import caller_by_login

ROUNDS = 6
PAUSE_SECONDS = 0.3
_PATIENCE_SECONDS = 120.0

_PUT_BACK = """
UPDATE user_task SET state = 'created', assignee_id = NULL, assignee_name = NULL, claimed_at = NULL WHERE id = ANY(%(taken)s)
"""


@dataclass(frozen=True, slots=True)
class Given:
    """What the colleagues were given: latencies in ms, how many tasks, how often nothing, and how many tasks twice."""

    latencies: list[float]
    tasks: int
    empty: int
    twice: int


def taking(country: Country, tasks: int) -> Given:
    """Let all of them ask at once, round after round; what they have taken lies in its queue again afterwards."""
    logins = colleagues()
    # A fork of what is loaded already: fifty interpreters of their own would take a minute to come up.
    forked = multiprocessing.get_context("fork")
    start, outbox = forked.Barrier(len(logins)), forked.Queue()
    processes = [
        forked.Process(target=_ask, args=(country, tasks, login, start, outbox), daemon=True)
        for login in logins
    ]
    for process in processes:
        process.start()
    answers = [outbox.get(timeout=_PATIENCE_SECONDS) for _ in processes]
    for process in processes:
        process.join(_PATIENCE_SECONDS)
    if wrong := [answer for answer in answers if isinstance(answer, str)]:
        raise SystemExit(f"A colleague gave up: {wrong[0]}")
    given = [task for found, _ in answers for task in found]
    taken = [task for task in given if task is not None]
    with psycopg.connect(country.url(tasks)) as connection:
        connection.execute(_PUT_BACK, {"taken": taken})
    return Given(
        [latency for _, latencies in answers for latency in latencies],
        len(taken),
        len(given) - len(taken),
        sum(1 for times in Counter(taken).values() if times > 1),
    )


def _ask(country: Country, tasks: int, login: str, start: Any, outbox: Any) -> None:
    try:
        outbox.put(_asked(country, tasks, login, start))
    except Exception as error:
        start.abort()
        outbox.put(f"{login}: {error or type(error).__name__}")


def _asked(country: Country, tasks: int, login: str, start: Any) -> tuple[list[UUID | None], list[float]]:
    deps = country.deps(tasks)
    with deps.sessions() as session:
        caller = caller_by_login(session, deps, login)
    found: list[UUID | None] = []
    latencies: list[float] = []
    for number in range(ROUNDS + 1):
        start.wait(_PATIENCE_SECONDS)
        began = time.perf_counter()
        with deps.sessions.begin() as session:
            row = next_task(session, deps, caller)
        took = (time.perf_counter() - began) * 1e3
        found.append(row.id if row is not None else None)
        if number:  # in the first round every connection plans its statements
            latencies.append(took)
        time.sleep(PAUSE_SECONDS)
    bind(deps).dispose()
    return found, latencies
