"""Instances of a small process that wait for a timer, and crowds of rows that are armed for another day."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.actor import SYSTEM
from redress.bootstrap import bind, build
from redress.settings import Settings
from tests.engine.diagrams import process

PROCESS = process(
    "armed",
    "start s",
    'catch wait timeDate="=until"',
    "user look",
    "end e",
    "s -> wait -> look -> e",
)
_PATIENCE_SECONDS = 300.0
_LOOK_EVERY_SECONDS = 0.1

_COPIED: dict[str, dict[str, str]] = {
    "process_instance": {
        "id": "md5(one.id::text || n)::uuid",
        "business_key": "one.business_key || '-' || n",
    },
    "timer": {
        "id": "md5(one.id::text || n)::uuid",
        "instance_id": "md5(one.instance_id::text || n)::uuid",
    },
}
"""What is different in each copy of an instance that waits, by table."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of a batch: how long after its due instant each timer fired, in seconds and sorted; the first due
    instant and the last firing; how many instances did not do exactly what is behind the timer once.
    """

    lags: list[float]
    first_due: datetime
    last: datetime
    wrong: int

    @property
    def rate(self) -> float:
        """Timers fired per second, from the first due instant to the last firing."""
        return len(self.lags) / (self.last - self.first_due).total_seconds()

    def at(self, share: float) -> float:
        """The lag that this share of all is not above, in seconds."""
        return self.lags[min(int(len(self.lags) * share), len(self.lags) - 1)]


class Armed:
    """Arms timers in the database of an installation whose worker sweeps it."""

    def __init__(self, home: Path, url: str) -> None:
        self._home, self._url = home, url
        self.deps = build(
            Settings.from_environment({"REDRESS_HOME": str(home), "REDRESS_TRIAL_SECONDS": "0"}), url
        )
        self._batches = 0
        with self.deps.sessions.begin() as session:
            self.deps.engine.deploy(session, [PROCESS], actor=SYSTEM, name="benchmark")

    def close(self) -> None:
        """Let go of the database."""
        bind(self.deps).dispose()

    def arm(self, instants: Sequence[datetime], copies: int = 1) -> str:
        """Start an instance that waits for each of these instants, and copy each until there are `copies` of it.

        Returns the name of the batch.
        """
        self._batches += 1
        batch = f"armed{self._batches}"
        started = []
        with self.deps.sessions.begin() as session:  # one, so that nothing fires before it has been copied
            for number, instant in enumerate(instants):
                move = self.deps.engine.start(
                    session,
                    "armed",
                    business_key=f"{batch}:{number}",
                    variables={"until": instant.isoformat()},
                    actor=SYSTEM,
                )
                started.append(move.instance.id)
            for table, changed in _COPIED.items():
                key = "id" if table == "process_instance" else "instance_id"
                session.execute(
                    sa.text(
                        f"INSERT INTO {table} SELECT {_columns(session, table, changed)} "
                        f"FROM {table} one, generate_series(1, :copies) n WHERE one.{key} = ANY(:started)"
                    ),
                    {"copies": copies - 1, "started": started},
                )
        return batch

    def fired(self, batch: str, count: int) -> Fired:
        """Wait until all of a batch have fired and return what became of them. Ends the benchmark with a sentence when they
        do not in five minutes.
        """
        fired = (
            "SELECT count(*) FROM timer JOIN process_instance i ON i.id = timer.instance_id "
            "WHERE i.business_key LIKE :batch || ':%' AND timer.fired_at IS NOT NULL"
        )
        self.until(lambda: self.count(fired, batch=batch) >= count, f"the firing of {count} timers")
        with self.deps.sessions() as session:
            rows = session.execute(
                sa.text(
                    """SELECT timer.due_at, timer.fired_at,
                              (SELECT count(*) FROM history_event h
                               WHERE h.instance_id = timer.instance_id AND h.kind = 'timer_fired') AS lines,
                              (SELECT count(*) FROM user_task task
                               WHERE task.instance_id = timer.instance_id AND task.activity_id = 'look') AS effects
                       FROM timer JOIN process_instance i ON i.id = timer.instance_id
                       WHERE i.business_key LIKE :batch || ':%'"""
                ),
                {"batch": batch},
            ).all()
        return Fired(
            sorted((row.fired_at - row.due_at).total_seconds() for row in rows),
            min(row.due_at for row in rows),
            max(row.fired_at for row in rows),
            sum((row.lines, row.effects) != (1, 1) for row in rows) + abs(len(rows) - count),
        )

    def fill(self, timers: int, clocks: int) -> None:
        """Arm this many timers and clocks for one instant each of the next thirty days, from tomorrow on."""
        batch = self.arm([self.deps.clock.now() + timedelta(days=400)])
        with self.deps.sessions.begin() as session:
            one = session.execute(
                sa.text("SELECT i.id FROM process_instance i WHERE i.business_key LIKE :batch || ':%'"),
                {"batch": batch},
            ).scalar_one()
            given = {
                "one": one,
                "from": self.deps.clock.now() + timedelta(days=1),
                "timers": timers,
                "clocks": clocks,
            }
            for statement in (_TIMERS, _CLOCKS):
                session.execute(sa.text(statement), given)

    @contextmanager
    def worker(self) -> Iterator[None]:
        """One more worker process beside those of the installation, from when it is up; it is told to stop at the end."""
        workers = "SELECT coalesce(max(id), 0) FROM procrastinate_workers"
        before = self.count(workers)
        process = subprocess.Popen(
            [sys.executable, "-m", "redress", "worker"],
            env={**os.environ, "DATABASE_URL": self._url, "REDRESS_HOME": str(self._home)},
            stdin=subprocess.DEVNULL,
        )
        try:
            self.until(lambda: self.count(workers) > before, "another worker")
            yield
        finally:
            process.terminate()
            process.wait(30)

    def count(self, query: str, **given: object) -> int:
        """Ask the database for one number."""
        with self.deps.sessions() as session:
            return int(session.scalar(sa.text(query), given) or 0)

    def until(self, question: Callable[[], bool], what: str) -> None:
        """Wait for an answer. Ends the benchmark with a sentence when it has not come after five minutes."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while not question():
            if time.monotonic() > give_up:
                raise SystemExit(f"{what} did not come in {_PATIENCE_SECONDS:.0f} s")
            time.sleep(_LOOK_EVERY_SECONDS)


_TIMERS = """INSERT INTO timer (id, instance_id, token_id, activity_id, kind, due_at, held)
    SELECT gen_random_uuid(), :one, gen_random_uuid(), 'filler', 'date',
           :from + random() * interval '30 days', false
    FROM generate_series(1, :timers)"""
_CLOCKS = """INSERT INTO clock (id, kind, code, name, number, instance_id, token_id, activity_id, region, holder, amount,
        unit, rolls, extended, rungs, pausable, stops_on, started_at, due_at, warn_at, provisional, revision, next_rung,
        next_at, pause_reason, stop_reason)
    SELECT gen_random_uuid(), 'task', 'filler', 'filler', '', :one, gen_random_uuid(), 'filler', '/hq/', '', 24,
           'h', false, 0, '90% 100%', '{}', 'complete', :from, at + interval '1 day', at, false, 1, 0, at, '', ''
    FROM (SELECT :from + random() * interval '30 days' AS at FROM generate_series(1, :clocks)) AS many"""


def _columns(session: Any, table: str, changed: dict[str, str]) -> str:
    names = session.scalars(
        sa.text(
            "SELECT column_name FROM information_schema.columns WHERE table_name = :t ORDER BY ordinal_position"
        ),
        {"t": table},
    )
    return ", ".join(changed.get(name, f"one.{name}") for name in names)
