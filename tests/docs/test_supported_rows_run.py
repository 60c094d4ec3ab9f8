"""Every row of the support table that is not refused is run here, saved and restored before each step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from SpiffWorkflow.util.task import TaskState

from engine.dialect import SourceFile
from engine.dialect.model import NOTHING, Need
from engine.dialect.support import SECTIONS, Row, all_rows, measure
from engine.dialect.support.rows import OPERATION, compiled
from tests.engine.spiff.memory import InMemory

ACCEPTED = [row for row in all_rows() if measure(row).status in ("runs", "converted", "ignored", "kept")]
RUN = [row for row in ACCEPTED if compiled(row).models]
NODES = {row.name for section in SECTIONS[:2] for row in section.rows}
NEVER_COMES = {"no incoming flow", "a missing id"}
"""Rows whose element no token reaches: the gate warns of it."""


def walked(row: Row, bind: Callable[[Need], str] | None = None) -> tuple[InMemory, set[str]]:
    """Run a row to its end: let every awaited event happen once, work be done and people finish; return what was met."""
    run = InMemory(
        SourceFile("row.bpmn", row.content), *row.files, operations=(OPERATION,), bind=bind, key="p"
    )
    met: set[str] = set()
    happened: set[str] = set()
    for _ in range(20):
        met |= {entry.activity_id for entry in run.instance.run.journal}
        assert not run.instance.run.held, [held.message for held in run.instance.run.held]
        if run.over:
            return run, met
        run.restore()
        tokens = [token for scope in run.instance.scopes() for token in scope.live_tokens()]
        awaited = [
            token
            for token in tokens
            if token._state == TaskState.WAITING
            and token.task_spec.waits_for
            and token.task_spec.name not in happened
        ]
        work = [token for token in tokens if token.task_spec.operates or token.task_spec.manual]
        assert awaited or work, [token.task_spec.name for token in tokens]
        if awaited:
            happened.add(awaited[0].task_spec.name)
            awaited[0].task_spec.catch(
                awaited[0], {} if awaited[0].task_spec.waits_for == "message" else None
            )
        else:
            work[0].task_spec.finish(work[0], {})
        run.instance.run_to_rest()
    raise AssertionError("it does not come to an end")


@pytest.mark.parametrize("row", RUN, ids=[row.name for row in RUN])
def test_a_row_that_is_accepted_runs_to_its_end(row: Row) -> None:
    run, met = walked(row)
    assert run.over
    if row.name in NODES and 'id="it"' in row.body:
        assert "it" in met, f"{row.name} was passed by: {sorted(met)}"


BOUND = [row for row in all_rows() if measure(row).status == "binding"]


@pytest.mark.parametrize("code", [OPERATION, NOTHING])
@pytest.mark.parametrize("row", BOUND, ids=[row.name for row in BOUND])
def test_a_row_that_needs_binding_runs_once_it_is_bound(row: Row, code: str) -> None:
    assert any(model.needs for model in compiled(row).models)
    run, met = walked(row, lambda need: {"process": "callee", "decision": "grade"}.get(need.kind, code))
    assert run.over
    assert "it" in met or 'id="it"' not in row.body


def test_what_is_accepted_without_a_process_is_a_drawing() -> None:
    for row in ACCEPTED:
        if row not in RUN:
            assert "not-executable" in {finding.code for finding in compiled(row).findings} or row.whole, (
                row.name
            )
