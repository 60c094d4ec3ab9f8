"""What a stretch of work cost: processor time of process trees, commits and write-ahead log of the
database.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil
import psycopg

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """Processor seconds (user and system) of a process and everything below it, the dead it has reaped
    included.
    """
    try:
        family = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for process in family:
        try:
            with open(f"/proc/{process.pid}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        total += sum(int(fields[index]) for index in (11, 12, 13, 14)) / _TICK
    return total


@dataclass(frozen=True, slots=True)
class Reading:
    """All meters at one moment. Times in seconds, sizes in bytes."""

    web: float
    jobs: float
    database: float
    wal: int
    size: int

    def minus(self, earlier: Reading) -> Reading:
        """What happened between two readings."""
        return Reading(
            self.web - earlier.web,
            self.jobs - earlier.jobs,
            self.database - earlier.database,
            self.wal - earlier.wal,
            self.size - earlier.size,
        )


class Meters:
    """Reads the meters of one installation: web server, job worker and database, by process id."""

    def __init__(self, database_url: str, *, web: int, jobs: int, database: int) -> None:
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._web, self._jobs, self._database = web, jobs, database

    def read(self) -> Reading:
        """Read everything now."""
        row = self._connection.execute(
            "SELECT pg_current_wal_lsn() - '0/0', pg_database_size(current_database())"
        ).fetchone()
        assert row is not None
        return Reading(
            cpu_seconds(self._web),
            cpu_seconds(self._jobs),
            cpu_seconds(self._database),
            int(row[0]),
            int(row[1]),
        )

    def close(self) -> None:
        self._connection.close()
