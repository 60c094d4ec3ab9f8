"""Random processes, worked on at random: rows mirror tokens after every step, and everything comes to an end."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import RedressError
from engine.incidents import Incident
from engine.instance import ProcessInstance, locked
from engine.ports import BpmnError, OperationCall
from engine.testing import TESTER, Harness
from tests.engine.drawings import draw
from tests.engine.mirrors import check_mirrors

SEEDS = tuple(int(text) for text in os.environ.get("REDRESS_PROCESSES", "0-30").split("-"))
"""Which random processes are drawn: REDRESS_PROCESSES=0-3000 makes it a long run."""


def statuses(run: Harness) -> set[str]:
    return {row.status for row in run.rows(sa.select(ProcessInstance.status))}


@pytest.mark.parametrize("seed", range(*SEEDS))
def test_any_process_comes_to_an_end_and_leaves_nothing_behind(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(seed)

    def work(call: OperationCall) -> dict[str, Any]:
        luck = chance.random()
        if luck < 0.2:
            raise RuntimeError("not now")
        if luck < 0.3:
            raise BpmnError("broken", "not at all")
        return {"by": call.activity_id}

    facts = {"n": chance.randint(1, 3), "items": [1, 2, 3], "flag": 0}
    run = Harness(sessions, clock, case=facts, operations={"work": work})
    files, messages, signals = draw(chance)
    run.deploy(*files)
    instance = run.start("p")
    steps = 0
    while steps < 600 and statuses(run) != {"completed"}:
        steps += 1
        check_mirrors(run)
        act(run, chance, instance, messages, signals, patient=steps < 60)
    assert statuses(run) == {"completed"}, describe(run, files)
    run.settle()
    check_mirrors(run)
    assert run.scalar(sa.text("SELECT max(length(state)) FROM process_instance")) < 20_000


def act(
    run: Harness,
    chance: random.Random,
    instance: Any,
    messages: list[str],
    signals: list[str],
    *,
    patient: bool,
) -> None:
    """Do one random thing; when patience is over, only what brings the process forward."""
    kinds = ["complete"] * 4 + ["jobs", "message", "signal", "time", "retry", "pause", "flag"]
    kind = chance.choice(kinds)
    if not patient and kind in ("message", "signal", "pause", "flag"):
        kind = "time"
    if kind == "complete" and run.waiting():
        token = chance.choice(sorted(run.recorder.open, key=str))
        with run.sessions.begin() as session:
            run.engine.complete(session, instance, token, {"n": chance.randint(0, 9)}, actor=TESTER)
    elif kind == "message" and messages:
        try:
            run.correlate(chance.choice(messages), x=1)
        except RedressError:
            pass
    elif kind == "signal" and signals:
        with run.sessions.begin() as session:
            run.engine.signal(session, chance.choice(signals), payload={"x": 2}, actor=TESTER)
    elif kind == "flag":
        run.recorder.case["flag"] = chance.randint(0, 3)
    elif kind == "time":
        run.clock.advance(timedelta(hours=chance.choice([1, 1, 3, 30])))
        run.settle()
    elif kind == "retry":
        for row in run.rows(sa.select(Incident.id).where(Incident.resolved_at.is_(None))):
            with run.sessions.begin() as session:
                run.engine.retry(session, row.id, actor=TESTER)
        run.settle()
    elif kind == "pause":
        with run.sessions.begin() as session:
            run.engine.suspend(session, instance, reason="pause", actor=TESTER)
        run.clock.advance(timedelta(hours=chance.choice([0, 2])))
        run.settle()
        check_mirrors(run)
        with run.sessions.begin() as session:
            run.engine.resume(session, instance, actor=TESTER)
    else:
        run.settle()


def describe(run: Harness, files: list[Any]) -> str:
    found = run.rows(sa.select(Incident.activity_id, Incident.message).where(Incident.resolved_at.is_(None)))
    with run.sessions() as session:
        row = session.scalars(sa.select(ProcessInstance.id)).one()
        tree = run.engine.acting.restore(session, locked(session, row))
        live = [(t.task_spec.bpmn_id, t._state) for s in tree.scopes() for t in s.live_tokens()]
    return f"waiting {run.waiting()}, live {live}, incidents {found}\n" + "\n".join(
        f.content.decode() for f in files
    )
