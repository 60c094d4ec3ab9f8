"""Hands that reach into the database past everything that guards the trail."""

from __future__ import annotations

from typing import Any

import psycopg

from tasks.audit.verifying import Report, Wanted, verify, verify_on
from tests.conftest import AUDIT_KEYS


def tamper(url: str, *statements: str) -> int:
    """Run statements as whoever owns the database, with the triggers switched off; return how many rows they changed."""
    changed = 0
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            changed += connection.execute(statement.encode()).rowcount
    return changed


def if_tampered(url: str, *statements: str, **wanted: Any) -> Report:
    """What verification would tell if the statements had been run; they are taken back again."""
    with psycopg.connect(url) as connection, connection.transaction(force_rollback=True):
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount > 0, statement
        return verify_on(connection, AUDIT_KEYS, Wanted(**wanted))


def verified(url: str, **wanted: Any) -> Report:
    return verify(url, AUDIT_KEYS, Wanted(**wanted))


def told(report: Report) -> list[str]:
    return [f"{finding.chain} {finding.seq} {finding.what}" for finding in report.findings]
