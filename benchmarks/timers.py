"""What a million armed timers cost, and how late a due one fires: python benchmarks/timers.py [--armed 1000000] [...]

Against `redress run` (two web workers, one job worker, embedded PostgreSQL): an empty sweep over so many timers and as many
clocks, freshly filled, analysed, and after heavy firing; arming and moving one; timers fired per second by one and by two
worker processes; how late timers fire while people complete tasks at a steady rate, and while many fall due within one
second besides. Every timer belongs to a real instance, and each must have fired exactly once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import sqlalchemy as sa

from benchmarks.completion import Job, Office
from benchmarks.load.armed import Armed, Fired
from benchmarks.load.http import Connection
from benchmarks.load.installation import Production
from engine import timers
from engine.timers import Timer
from engine.worker import sweep_once
from tasks.deadlines.supervision.work import SWEEPS

SENDERS = 4
PER_SECOND = 20
"""Timers that fall due per second beside the completions."""


def milliseconds(run: Callable[[], object], times: int) -> str:
    """How long something takes: median and 99th percentile of so many times."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        took.append((time.perf_counter() - began) * 1e3)
    return f"{statistics.median(took):6.2f} ms  p99 {statistics.quantiles(took, n=100)[98]:6.2f} ms"


def sweeping(armed: Armed, state: str, looks: int) -> None:
    """What a sweep costs while nothing is due."""
    sessions, engine = armed.deps.sessions, armed.deps.engine

    def look() -> None:
        with sessions.begin() as session:
            timers.sweep(session, engine.clock.now())

    def whole() -> None:
        sweep_once(engine, sessions, SWEEPS)

    print(f"sweep, nothing due, {state:<22} timers {milliseconds(look, looks)}")
    print(f"{'':42} everything {milliseconds(whole, looks)}", flush=True)


def arming(armed: Armed, times: int) -> None:
    """What arming one timer and moving it cost, with the commit."""
    sessions, later = armed.deps.sessions, armed.deps.clock.now() + timedelta(days=9)
    with sessions() as session:
        instance = session.scalar(sa.select(Timer.instance_id).limit(1))
    made = []

    def arm() -> None:
        made.append(uuid4())
        row = {
            "id": made[-1], "instance_id": instance, "token_id": uuid4(), "activity_id": "one", "kind": "date",
            "due_at": later, "held": False,
        }  # fmt: skip
        with sessions.begin() as session:
            session.execute(sa.insert(Timer), [row])

    left: Iterator[object] = iter(())

    def move() -> None:
        with sessions.begin() as session:
            session.execute(
                sa.update(Timer)
                .where(Timer.id == next(left))
                .values(due_at=later + timedelta(hours=5))
                .execution_options(synchronize_session=False)
            )

    print(f"{'arming one':42}        {milliseconds(arm, times)}")
    left = iter(list(made))
    print(f"{'moving one':42}        {milliseconds(move, times)}", flush=True)
    with sessions.begin() as session:
        session.execute(sa.delete(Timer).where(Timer.id.in_(made)))


def firing(armed: Armed, production: Production, count: int, workers: int, ahead: timedelta) -> None:
    """How many timers that fall due at once fire per second."""
    meters = production.meters()
    instant = armed.deps.clock.now() + ahead * 1.5
    batch = armed.arm([instant], count)
    before = meters.read()
    found = checked(armed.fired(batch, count))
    cost = meters.read().minus(before)
    meters.close()
    print(
        f"{count} due at once, {workers} worker{'s' if workers > 1 else ' '}: {found.rate:5.0f} fired per second; "
        f"CPU per timer: first worker {cost.jobs * 1e3 / count:.1f} ms, database {cost.database * 1e3 / count:.1f} ms",
        flush=True,
    )


class Completions:
    """People who complete tasks of complaints at a steady rate."""

    def __init__(self, production: Production, rate: float, seconds: float) -> None:
        self._place = urlsplit(production.url)
        self._rate = rate
        self._office = Office(production.url)
        self._office.file(int(rate * seconds))
        self.latencies: list[float] = []
        self.failed = 0
        self._own = threading.local()

    def prepared(self) -> Sequence[Job]:
        """Claim what is open; filed anew where everything is archived."""
        if not (jobs := self._office.round()):
            self._office.file(len(self._office.numbers))
            jobs = self._office.round()
        return jobs

    @contextmanager
    def running(self, jobs: Sequence[Job]) -> Iterator[None]:
        """Send the completions at their rate, each at its own instant whatever the ones before it take."""
        with ThreadPoolExecutor(SENDERS) as pool:
            start = time.perf_counter()
            done = [
                pool.submit(self._send, job, start + number / self._rate) for number, job in enumerate(jobs)
            ]
            yield
            for one in done:
                one.result()
        self.seconds = time.perf_counter() - start

    def _send(self, job: Job, at: float) -> None:
        if not hasattr(self._own, "connection"):
            assert self._place.hostname and self._place.port
            self._own.connection = Connection(self._place.hostname, self._place.port)
        time.sleep(max(0.0, at - time.perf_counter()))
        answer = self._own.connection.send("POST", job.path, token=job.token, key=job.key, body=job.body)
        self.latencies.append(time.perf_counter() - at)
        self.failed += answer.status != 200


def lagging(
    armed: Armed, people: Completions, windows: int, seconds: float, burst: int, ahead: timedelta
) -> None:
    """How late timers fire beside the completions; with a burst, that many fall due within one second after a third of it."""
    lags: list[float] = []
    people.latencies.clear()
    for _ in range(windows):
        jobs = people.prepared()
        begins = armed.deps.clock.now() + ahead
        batches = [(armed.arm(spread(begins, seconds, PER_SECOND)), round(seconds * PER_SECOND))]
        if burst:
            copies = max(1, burst // 20)
            batches.append(
                (armed.arm(spread(begins + timedelta(seconds=seconds / 3), 1, 20), copies), 20 * copies)
            )
        time.sleep(max(0.0, (begins - armed.deps.clock.now()).total_seconds()))
        with people.running(jobs):
            pass
        for batch, count in batches:
            lags += checked(armed.fired(batch, count)).lags
    lags.sort()
    found = Fired(lags, begins, begins, 0)
    held = statistics.quantiles(people.latencies, n=100)
    print(
        f"{len(people.latencies) / windows / people.seconds:3.0f} completions/s (p50 {held[49] * 1e3:.0f} ms, p99 "
        f"{held[98] * 1e3:.0f} ms, {people.failed} refused), {PER_SECOND} timers/s"
        f"{f' and {burst} in one second' if burst else '':<22}: lag p50 {found.at(0.5):.2f} s, p99 {found.at(0.99):.2f} s, "
        f"max {found.lags[-1]:.2f} s ({len(lags)} timers)",
        flush=True,
    )


def spread(begins: datetime, seconds: float, per_second: int) -> list[datetime]:
    """Instants evenly over a stretch of time."""
    return [begins + timedelta(seconds=number / per_second) for number in range(round(seconds * per_second))]


def checked(found: Fired) -> Fired:
    """Ends the benchmark with a sentence where a timer did not fire exactly once."""
    if found.wrong:
        raise SystemExit(f"{found.wrong} timers did not fire exactly once.")
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--armed", type=int, default=1_000_000, help="timers and as many clocks armed for later"
    )
    parser.add_argument("--looks", type=int, default=500, help="empty sweeps, armed and moved timers")
    parser.add_argument("--firing", type=int, default=2000, help="timers due at once")
    parser.add_argument("--runs", type=int, default=3, help="how often that is measured")
    parser.add_argument("--workers", type=int, choices=(1, 2), default=2, help="worker processes at most")
    parser.add_argument("--windows", type=int, default=4, help="stretches of completions")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of each")
    parser.add_argument("--rate", type=float, default=50.0, help="completions per second")
    parser.add_argument("--burst", type=int, default=1000, help="timers due within one second")
    parser.add_argument(
        "--ahead",
        type=float,
        default=2.0,
        help="how many seconds before its first timer falls due a batch is armed",
    )
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    ahead = timedelta(seconds=asked.ahead)
    with Production() as production:
        armed = Armed(production.home, production.database_url)
        armed.fill(asked.armed, asked.armed)
        print(f"{asked.armed:,} timers and as many clocks armed for the next thirty days")
        sweeping(armed, "freshly filled", asked.looks)
        with armed.deps.sessions.begin() as session:
            session.execute(sa.text("ANALYZE timer, clock"))
        sweeping(armed, "analysed", asked.looks)
        arming(armed, asked.looks)
        for _ in range(asked.runs):
            firing(armed, production, asked.firing, 1, ahead)
        if asked.workers == 2:
            with armed.worker():
                for _ in range(asked.runs):
                    firing(armed, production, asked.firing, 2, ahead)
        sweeping(armed, "after heavy firing", asked.looks)
        people = Completions(production, asked.rate, asked.seconds)
        for burst in (0, asked.burst):
            lagging(armed, people, asked.windows, asked.seconds, burst, ahead)
        if asked.workers == 2:
            print("and with a second worker:")
            with armed.worker():
                lagging(armed, people, asked.windows, asked.seconds, asked.burst, ahead)
        armed.close()


if __name__ == "__main__":
    main()
