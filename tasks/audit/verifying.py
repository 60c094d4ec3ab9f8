"""Going over the whole trail: every row, every chain, and what the rest of the database says against it.

Rows are read as a stream and nothing is kept of them, so that the length of the trail does not matter. What can be
asked of the database as a whole (heads, anchors, things without their line) is `tasks.audit.beside`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from multiprocessing import get_context
from typing import Any

import psycopg
import sqlalchemy as sa

from tasks.audit import beside
from tasks.audit.anchoring import Anchor
from tasks.audit.finding import Finding
from tasks.audit.sealing import FIRST, SEALED, KeyRing, seal

MOST_FINDINGS = 1_000
"""Told one by one; more are counted."""
_FETCHED = 5_000
_AT = "CASE WHEN at BETWEEN '0001-01-02Z' AND '9999-12-30Z' THEN at END"
"""What Python has no instant for cannot have been sealed."""
_COLUMNS = ", ".join(_AT if name == "at" else name for name in SEALED)
_ROWS = f"SELECT {_COLUMNS}, previous, hash FROM audit_event"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be verified: one case, or the chains that have moved since an instant, or everything.

    anchors: ends of the chain of anchors that were kept outside. contents: also whether answers, facts and papers are
    still what the trail says they were. jobs: processes that read at the same time.
    """

    number: str | None = None
    since: datetime | None = None
    anchors: Sequence[Anchor] = ()
    contents: bool = False
    jobs: int = 1


@dataclass
class Report:
    """What was read, and what is wrong. `more`: findings beyond those that are told."""

    rows: int = 0
    chains: int = 0
    sealed: int = 0
    """Rows whose seal holds."""
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, found: Iterator[Finding] | Sequence[Finding]) -> None:
        for one in found:
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(one)
            else:
                self.more += 1

    def join(self, other: Report) -> None:
        """Take in what another process has found."""
        self.rows += other.rows
        self.chains += other.chains
        self.sealed += other.sealed
        self.more += other.more
        self.add(other.findings)


def verify(url: str, keys: KeyRing, wanted: Wanted) -> Report:
    """Verify the trail of the database at `url`, in one consistent reading; nothing is changed."""
    with _reading(url) as connection:
        if wanted.jobs > 1 and wanted.number is None:
            report = _walked_together(url, keys, wanted, connection)
            return _compared(connection, wanted, report)
        return verify_on(connection, keys, wanted)


def verify_on(connection: psycopg.Connection[Any], keys: KeyRing, wanted: Wanted) -> Report:
    """Verify what an open transaction sees, by this process alone."""
    report = Report()
    _walk(connection, keys, *_condition(wanted), report)
    return _compared(connection, wanted, report)


def _compared(connection: psycopg.Connection[Any], wanted: Wanted, report: Report) -> Report:
    report.add(beside.everything(connection, wanted.number, wanted.since, contents=wanted.contents))
    report.add(beside.kept_outside(connection, wanted.anchors))
    if report.rows and not report.sealed:
        report.findings.insert(0, Finding("", None, *_NO_KEY))
    return report


_NO_KEY = (
    "not one row is sealed with a key of this installation: set REDRESS_SECRET_KEY to the key it runs with, and "
    "REDRESS_OLD_SECRET_KEYS to those it had before; unless somebody has sealed the whole trail anew",
    "没有一行是用本系统的密钥封印的：请把 REDRESS_SECRET_KEY 设为系统所用的密钥、REDRESS_OLD_SECRET_KEYS 设为以前的密钥；"
    "否则就是有人重新封印了全部记录",
)


def _reading(url: str) -> psycopg.Connection[Any]:
    libpq = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(libpq)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    # A long reading wants the plan that ends first, not the one that begins first.
    connection.execute("SET cursor_tuple_fraction = 1")
    connection.execute("SET TIME ZONE 'UTC'")
    return connection


def _condition(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    if wanted.number is not None:
        return "chain = %(number)s", {"number": wanted.number}
    if wanted.since is not None:
        return "chain IN (SELECT chain FROM audit_event WHERE at >= %(since)s)", {"since": wanted.since}
    return "true", {}


def _walk(
    connection: psycopg.Connection[Any],
    keys: KeyRing,
    condition: str,
    parameters: dict[str, Any],
    report: Report,
) -> None:
    chain, seq, previous, key = "", 0, FIRST, 0
    with connection.cursor(name="audit_walk", binary=True) as cursor:
        cursor.itersize = _FETCHED
        cursor.execute(f"{_ROWS} WHERE {condition} ORDER BY chain, seq".encode(), parameters)
        for *columns, before, sealed in cursor:
            report.rows += 1
            if columns[0] != chain:
                chain, seq, previous, key = columns[0], 0, FIRST, 0
                report.chains += 1
            if columns[1] != seq + 1:
                report.add([_jump(chain, seq, columns[1])])
            elif before != previous:
                report.add([Finding(chain, columns[1], *_UNLINKED)])
            holds = _key_of(keys, key, before, columns, sealed)
            if holds is None:
                report.add([Finding(chain, columns[1], *_CHANGED)])
            else:
                key = holds
                report.sealed += 1
            seq, previous = columns[1], sealed


_UNLINKED = (
    "does not follow the row before it: that one was replaced, or this one comes from elsewhere",
    "与前一行不衔接：前一行被替换，或本行来自别处",
)
_CHANGED = (
    "is not what was sealed: a column was changed, the row was made up, or it was sealed with a foreign or older key",
    "与封印不符：某列被改动、该行是伪造的，或用的是外来或过期的密钥",
)


def _jump(chain: str, last: int, found: int) -> Finding:
    if found <= last:
        return Finding(chain, found, "is there twice", "重复出现")
    missing = f"{last + 1}" if found == last + 2 else f"{last + 1} to {found - 1}"
    return Finding(
        chain, last + 1, f"is missing: rows {missing} were removed", f"缺失：第 {missing} 行被删除"
    )


def _key_of(keys: KeyRing, oldest: int, before: bytes, columns: Sequence[Any], sealed: bytes) -> int | None:
    """Return the number of the key that sealed a row; a chain never goes back to an older key."""
    if columns[2] is None:
        return None
    for number in range(oldest, len(keys.keys)):
        if compare_digest(seal(keys.keys[number], before, columns), sealed):
            return number
    return None


_SHARES = """
    SELECT max(chain) FROM (
        SELECT chain, ceil(sum(greatest(seq, 1)) OVER (ORDER BY chain) * %(jobs)s / sum(greatest(seq, 1)) OVER ()) AS share
        FROM audit_head) AS shared
    GROUP BY share ORDER BY 1
"""


def _walked_together(url: str, keys: KeyRing, wanted: Wanted, connection: psycopg.Connection[Any]) -> Report:
    """Share the chains among processes, each a stretch of names with about as many rows."""
    ends = [row[0] for row in connection.execute(_SHARES, {"jobs": wanted.jobs})][:-1]
    report = Report()
    stretches = list(zip([None, *ends], [*ends, None], strict=True))
    with ProcessPoolExecutor(len(stretches), mp_context=get_context("spawn")) as pool:
        for part in pool.map(
            _walk_stretch, *zip(*((url, keys, wanted, *one) for one in stretches), strict=True)
        ):
            report.join(part)
    return report


def _walk_stretch(url: str, keys: KeyRing, wanted: Wanted, low: str | None, high: str | None) -> Report:
    condition, parameters = _condition(wanted)
    if low is not None:
        condition += " AND chain > %(low)s"
    if high is not None:
        condition += " AND chain <= %(high)s"
    report = Report()
    with _reading(url) as connection:
        _walk(connection, keys, condition, {**parameters, "low": low, "high": high}, report)
    return report
