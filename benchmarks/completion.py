"""Completing user tasks of the complaint process over HTTP, against the production server command.

Complaints are filed and walked from desk to desk until they are archived. In each round every open task is
claimed first; then N clients in processes of their own, each on one keep-alive connection, complete them
all: only that is measured. Usage: `python benchmarks/completion.py [complaints per measurement]`.
"""

from __future__ import annotations

import multiprocessing
import queue
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psycopg

from benchmarks.load.http import Connection
from benchmarks.load.installation import Production
from benchmarks.load.meters import Meters, Reading
from benchmarks.load.office import database
from benchmarks.load.permissions import permissions
from engine.clock import SystemClock
from redress.content import organisation_data
from redress.counting import HEADER
from redress.demo.answers import AnswerBook
from redress.demo.client import Client
from redress.demo.filing import start_form
from redress.demo.play import OPEN
from redress.demo.rows import Row, read_rows
from redress.demo.staff import Staff
from redress.demo.words import Words
from redress.places import packaged

CLIENTS = (1, 4, 8)
COMPLAINTS = 60
WARM_UP = 8
SCRIPT = "dispatch_department"
ROW = "transfer"
"""The row of the demo whose facts are filed; it is answered the usual way."""
PASSWORD = "redress-demo"
_SETTLE_SECONDS = 0.5
_LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """One completion to send."""

    path: str
    token: str
    key: str
    body: dict[str, Any]


@dataclass
class Result:
    """What one measurement found. Latencies in seconds; `cost` is summed over the measured stretches only."""

    clients: int
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cost: list[Reading] = field(default_factory=list)
    statements: list[tuple[int, int]] = field(default_factory=list)
    """Statements and commits of each completion, where the server counts them."""

    def line(self) -> str:
        """The row of the printed table."""
        count = len(self.latencies)
        cuts = statistics.quantiles(self.latencies, n=100)
        per = 1000 / count
        web, jobs, database = (
            sum(getattr(c, name) for c in self.cost) * per for name in ("web", "jobs", "database")
        )
        wal = sum(c.wal for c in self.cost) / count / 1024
        return (
            f"{self.clients:>7} {count:>6} {count / self.seconds:>8.0f} {cuts[49] * 1000:>7.1f} {cuts[94] * 1000:>7.1f} "
            f"{cuts[98] * 1000:>7.1f} {web + database:>8.2f} {web:>7.2f} {database:>6.2f} {jobs:>6.2f} "
            f"{wal:>6.2f}"
        )


class Office:
    """Files complaints and prepares what the clients send."""

    def __init__(self, url: str) -> None:
        content = packaged("bpmn")
        self.client = Client(lambda: url)
        people = organisation_data(content)["people"]
        self.staff = Staff.ask(self.client, [person["login"] for person in people], PASSWORD)
        self.book = AnswerBook.read(content / "organisation" / "demo_answers.yaml", SystemClock())
        rows = read_rows(
            content / "organisation" / "demo_complaints.csv", start_form(self.client, self.staff, "complaint")
        )
        self.rows = [row for row in rows if row.script == ROW][:1]
        self.words = Words("bench", SystemClock().now(), {})
        self.numbers: list[str] = []

    def file(self, count: int) -> None:
        """File `count` complaints."""
        self.numbers = [self._file_one(self.rows[index % len(self.rows)], index) for index in range(count)]

    def round(self) -> list[Job]:
        """Claim every open task of the filed complaints; what completes them comes back."""
        overseer = self.staff.overseer()
        jobs = []
        for number in self.numbers:
            case = self.client.call("GET", f"/cases/{number}", token=overseer.token)
            for task in case["tasks"]:
                if task["state"] not in OPEN:
                    continue
                member = self.staff.answering(task["candidate_groups"], turn=0)
                self.client.call("POST", f"/tasks/{task['id']}/claim", token=member.token)
                answers = self.book.answers(task["activity_id"], SCRIPT, 0, lambda: None, case["facts"])
                path = f"/api/v1/tasks/{task['id']}/complete"
                jobs.append(
                    Job(path, member.token, f"bench-{task['id']}", {"answers": self.words.said(answers)})
                )
        return jobs

    def _file_one(self, row: Row, index: int) -> str:
        clerk = self.staff.answering_role("channel", "henan", turn=index)
        filed = self.client.call(
            "POST", "/cases/complaint", token=clerk.token, json={"facts": self.words.said(row.facts)}
        )
        return str(filed["number"])


def send(host: str, port: int, inbox: Any, outbox: Any) -> None:
    """One client process: takes a list of jobs, waits for the start, sends them one after the other.

    Puts the latencies and counted statements of each list into the outbox, or the sentence that says what went wrong.
    """
    connection = Connection(host, port)
    try:
        while (work := inbox.get()) is not None:
            jobs, start = work
            start.wait()
            outbox.put(_send_all(connection, jobs))
    except Exception as error:
        outbox.put(str(error) or type(error).__name__)
    finally:
        connection.close()


def _send_all(connection: Connection, jobs: Sequence[Job]) -> tuple[list[float], list[tuple[int, ...]]]:
    latencies, statements = [], []
    for job in jobs:
        began = time.perf_counter()
        answer = connection.send("POST", job.path, token=job.token, key=job.key, body=job.body)
        latencies.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"{job.path} answered {answer.status}: {answer.body.decode()}")
        if counted := answer.headers.get(HEADER.lower().encode()):
            statements.append(tuple(map(int, counted.split(b"/"))))
    return latencies, statements


class Clients:
    """N client processes."""

    def __init__(self, url: str, count: int, starts: Any) -> None:
        place = urlsplit(url)
        self.count = count
        self._starts = starts
        self._outbox: Any = multiprocessing.Queue()
        self._inboxes: list[Any] = [multiprocessing.Queue() for _ in range(count)]
        self._processes = [
            multiprocessing.Process(
                target=send, args=(place.hostname, place.port, inbox, self._outbox), daemon=True
            )
            for inbox in self._inboxes
        ]
        for process in self._processes:
            process.start()

    def run(self, jobs: Sequence[Job], result: Result, meters: Meters) -> None:
        """Let the clients share the jobs; what it took is added to the result."""
        start = self._starts.Event()
        for index, inbox in enumerate(self._inboxes):
            inbox.put((jobs[index :: self.count], start))
        time.sleep(_SETTLE_SECONDS)  # the claims' last work in the background is not the completions'
        before = meters.read()
        began = time.perf_counter()
        start.set()
        answers = [self._next() for _ in self._inboxes]
        result.seconds += time.perf_counter() - began
        result.cost.append(meters.read().minus(before))
        for latencies, statements in answers:
            result.latencies += latencies
            result.statements += statements

    def _next(self) -> tuple[list[float], list[tuple[int, int]]]:
        """What the next client has to report. Ends the benchmark with a sentence when one has failed or died."""
        while True:
            try:
                report = self._outbox.get(timeout=_LOOK_EVERY_SECONDS)
            except queue.Empty:
                if dead := [process.exitcode for process in self._processes if not process.is_alive()]:
                    raise SystemExit(f"A client process died with exit code {dead[0]}.") from None
                continue
            if isinstance(report, str):
                raise SystemExit(f"A client gave up: {report}")
            return report

    def stop(self) -> None:
        for inbox in self._inboxes:
            inbox.put(None)
        for process in self._processes:
            process.join(10)


def measure(production: Production, clients: int, complaints: int) -> Result:
    """Walk `complaints` from filing to the archive with this many clients."""
    office = Office(production.url)
    office.file(complaints)
    result = Result(clients)
    meters = production.meters()
    with multiprocessing.Manager() as starts:
        crowd = Clients(production.url, clients, starts)
        while jobs := office.round():
            crowd.run(jobs, result, meters)
        crowd.stop()
    meters.close()
    return result


def sizes(database_url: str) -> Iterable[str]:
    """What an archived complaint leaves in the database."""
    query = (
        "SELECT (SELECT count(*) FROM process_instance), (SELECT avg(octet_length(state))::int FROM process_instance), "
        "(SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE relname <> 'resource')"
    )
    with psycopg.connect(database_url) as connection:
        connection.execute("CHECKPOINT")
        count, state, total = connection.execute(query).fetchone() or (0, 0, 0)
    yield f"bytes per archived complaint: {total / count:,.0f} in all tables with their indexes, {state:,} of them state"


def main() -> None:
    complaints = int(sys.argv[1]) if len(sys.argv) > 1 else COMPLAINTS
    print(
        f"{complaints} complaints per line, script {SCRIPT}, 2 web workers, embedded PostgreSQL; CPU in ms per completion"
    )
    print("clients  count   per s   p50 ms  p95 ms  p99 ms  web + db     web     db   jobs  WAL KB")
    with Production() as production:
        measure(production, 8, WARM_UP)  # both web workers have seen every diagram and form before it counts
        for clients in CLIENTS:
            print(measure(production, clients, complaints).line(), flush=True)
        for line in sizes(production.database_url):
            print(line)
    with Production(REDRESS_COUNT_STATEMENTS="1") as production:
        measure(production, 8, WARM_UP)
        counted = measure(production, 1, 5).statements
        statements, commits = zip(*counted, strict=True)
        print(
            f"per completion: {statistics.mean(statements):.1f} SQL statements (most {max(statements)}), "
            f"{statistics.mean(commits):.1f} commits (most {max(commits)})"
        )
    with database() as office:
        print(permissions(office))


if __name__ == "__main__":
    main()
