"""What has to be so of a task after every step, whatever that was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tasks.user_task import TRANSITIONS
from tests.tasks.desk.room import Written
from tests.tasks.desk.work import CREATED, DELEGATED, HELD, OPEN, Line, Work


def task_agrees(now: Written, work: Work, ids: Mapping[str, UUID], *, verb: str, was: Any) -> None:
    """A task as it is written is as the rules say, and has come there by an edge of the printed table. ids: of people, by login.
    was: its row before `verb` was done; None where it is new.
    """
    row = now.tasks[work.id]
    _columns_are_consistent(row)
    _row_is_as_the_rules_say(row, work, ids)
    assert now.drafts[work.id] == {ids[who]: count for who, count in work.drafts.items()}
    assert [Line(*line) for line in now.trail[work.id]] == work.trail, work
    _history_tells(now.history[work.id], work)
    _clocks_run(now.clocks[work.id], work)
    assert now.holdings[work.id] == ([work.group] if work.state in OPEN else [])
    _only_by_a_known_edge(row, verb, was)


def _columns_are_consistent(row: Any) -> None:
    """Whatever has happened: the state and who has it never contradict each other."""
    held, delegated = row.state in HELD, row.state == DELEGATED
    if row.state in OPEN:
        assert (row.assignee_id is not None) == (row.assignee_name is not None) == held, row
        assert (row.claimed_at is not None) == held, row
        assert row.completed_at is None and row.completed_by is None and row.answers is None, row
    else:
        assert row.completed_at is not None
        assert (row.completed_by is not None) == (row.state == "completed")
    if row.state != "cancelled":
        assert (row.owner_id is not None) == (row.owner_name is not None) == delegated, row
        assert row.owner_id is None or row.owner_id != row.assignee_id
    if row.state == CREATED:
        assert row.note is None and row.follow_up_at is None, row


def _row_is_as_the_rules_say(row: Any, work: Work, ids: Mapping[str, UUID]) -> None:
    expected = (
        work.state, ids.get(work.holder or ""), ids.get(work.owner or ""), work.note, work.priority,
        ids.get(work.priority_by or ""), work.returned, work.claimed_at, work.follow_up,
        ids.get(work.completed_by or ""), work.due, work.rank, work.group,
    )  # fmt: skip
    assert expected == (
        row.state, row.assignee_id, row.owner_id, row.note, row.priority,
        row.priority_by, row.returned, row.claimed_at, row.follow_up_at,
        row.completed_by, row.due_at, row.rank_at, row.candidate_group,
    ), work  # fmt: skip


def _history_tells(told: list[tuple[str, str]], work: Work) -> None:
    kinds = [kind for kind, _ in told]
    ended = {"completed": ["activity_completed"], "cancelled": ["activity_cancelled"]}.get(work.state, [])
    assert kinds == ["activity_entered", *ended], work
    if work.state == "completed":
        assert told[-1][1] == work.trail[-1].by


def _clocks_run(running: list[str], work: Work) -> None:
    expected = [*(["R35.unassigned"] if work.waits else []), *(["T.check"] if work.due else [])]
    assert running == (expected if work.state in OPEN else []), work


def _only_by_a_known_edge(row: Any, verb: str, was: Any) -> None:
    """What has changed of a task has changed by an edge of the printed table."""
    if was is None or verb == "settle":
        return
    if (was.state, was.assignee_id, was.owner_id) == (row.state, row.assignee_id, row.owner_id):
        return
    assert any(
        (edge.before, edge.verb, edge.after) == (was.state, verb, row.state) for edge in TRANSITIONS
    ), (was.state, verb, row.state)
