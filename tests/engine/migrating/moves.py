"""The harness of the tests of moving instances: versions of one process, and a move whose dry run has to say the same."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from engine.instance import ProcessInstance
from engine.migrating.verdict import MigrationRefused, Verdict
from engine.ports import OperationCall
from engine.testing import TESTER, Harness
from engine.timers import Timer
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors


def work(call: OperationCall) -> dict[str, Any]:
    if call.case.get("broken"):
        raise RuntimeError("not now")
    return {"got": dict(call.inputs)}


class Moving(Harness):
    """The harness with versions of the process "p"."""

    def draw(self, *lines: str, key: str = "p", **names: str) -> UUID:
        """Deploy a version of a process and return its id. names: of elements, by their ids."""
        file = process(key, *lines)
        content = file.content
        for identity, name in names.items():
            content = content.replace(f'name="{identity}"'.encode(), f'name="{name}"'.encode())
        receipt = self.deploy(SourceFile(file.name, content))
        found: UUID = next(one.id for one in receipt.definitions if one.key == key)
        return found

    def move(self, target: UUID, **mapping: str) -> Verdict:
        """Move the one instance; the dry run before has to say the same."""
        instance = self.scalar(sa.select(ProcessInstance.id))
        with self.sessions() as session:
            said = self.engine.migration_verdict(session, instance, target, mapping=mapping)
        with self.sessions.begin() as session:
            done = self.engine.migrate(session, instance, target, actor=TESTER, mapping=mapping).verdict
        assert (said.refusals, said.consequences, said.warnings) == (
            done.refusals,
            done.consequences,
            done.warnings,
        )
        check_mirrors(self)
        return done

    def refused(self, target: UUID, **mapping: str) -> list[tuple[str, str]]:
        """Return why the one instance cannot be moved; nothing of it may change."""
        instance = self.scalar(sa.select(ProcessInstance.id))
        before = self.rows(sa.select(ProcessInstance.__table__))
        with pytest.raises(MigrationRefused) as refusal, self.sessions.begin() as session:
            self.engine.migrate(session, instance, target, actor=TESTER, mapping=mapping)
        assert self.rows(sa.select(ProcessInstance.__table__)) == before
        with self.sessions() as session:
            said = self.engine.migration_verdict(session, instance, target, mapping=mapping)
        assert said.refusals == refusal.value.verdict.refusals
        assert all(one.message and one.message_zh for one in said.refusals)
        return [(one.code, one.element) for one in said.refusals]

    def codes(self, verdict: Verdict) -> list[tuple[str, str]]:
        return [(one.code, one.element) for one in verdict.consequences]

    def due(self) -> dict[str, Any]:
        rows = self.rows(sa.select(Timer.activity_id, Timer.due_at).where(Timer.fired_at.is_(None)))
        return {row.activity_id: row.due_at for row in rows}
