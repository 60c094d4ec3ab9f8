"""How long a look takes, and by which plan PostgreSQL reads it."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.deps import Deps

WARM_UP = 7
"""After five executions of a statement PostgreSQL decides whether it goes on planning it anew each time."""
_FEWEST = 15
_BUFFERS = re.compile(r"shared hit=(\d+)(?: read=(\d+))?")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a look took, in ms, how many rows it gave, and how many pages of 8 KB PostgreSQL touched for them, or None."""

    p50: float
    p99: float
    rows: int
    pages: int | None = None


def taken(run: Callable[[], int], times: int, seconds: float) -> Taken:
    """Run something `times` times, fewer where that takes longer than `seconds`."""
    rows = 0
    for _ in range(WARM_UP):
        rows = run()
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    while len(latencies) < times and (len(latencies) < _FEWEST or time.perf_counter() < until):
        began = time.perf_counter()
        run()
        latencies.append((time.perf_counter() - began) * 1e3)
    return Taken(statistics.median(latencies), quantile(latencies, 0.99), rows)


def quantile(latencies: list[float], share: float) -> float:
    """The value that this share of all is not above."""
    ordered = sorted(latencies)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def plan(deps: Deps, read: Callable[[Session], object], file: Path | None) -> int:
    """The pages PostgreSQL touches for a look; its plans are written into the file, with how often the statement has been
    planned anew until now.
    """
    pages, parts = 0, []
    with deps.sessions() as session, _sent(session) as statements:
        read(session)
        raw = session.connection().connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        for text, given in statements:
            with psycopg.ClientCursor(raw) as cursor:
                query = f"EXPLAIN (ANALYZE, BUFFERS, SETTINGS) {text}"
                lines = [line for (line,) in cursor.execute(query, given).fetchall()]
                cursor.execute(
                    "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = %s",
                    [_numbered(text)],
                )
                planned = cursor.fetchone()
            found = next((match for line in lines if (match := _BUFFERS.search(line))), None)
            pages += sum(int(number or 0) for number in found.groups()) if found else 0
            head = f"-- planned anew {planned[0]} times, {planned[1]} times not" if planned else "-- "
            parts += [head, text, "", *lines, ""]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(parts), encoding="utf-8")
    return pages


@contextmanager
def _sent(session: Session) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []
    engine = session.connection().engine

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        statements.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def _numbered(text: str) -> str:
    """The statement with numbered parameters, as the driver prepares it."""
    numbers: dict[str, int] = {}
    return re.sub(
        r"%\((\w+)\)s", lambda name: f"${numbers.setdefault(name[1], len(numbers) + 1)}", text
    ).replace("%%", "%")
