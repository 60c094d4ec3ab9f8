"""Random processes with properties on everything: whatever began is over exactly once by the end."""

from __future__ import annotations

import os
import random
import re
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.ports import BpmnError, OperationCall
from engine.testing import TESTER, Harness
from tests.engine.drawings import draw
from tests.engine.passages import check_passages, ended, with_properties
from tests.engine.test_any_process import act, describe, statuses

SEEDS = tuple(int(text) for text in os.environ.get("REDRESS_WATCHED", "0-10").split("-"))
NODES = re.compile(r'<bpmn:\w*(?:Event|[tT]ask|subProcess|transaction|callActivity|Gateway) id="([^"]+)"')


def watched(file: SourceFile) -> SourceFile:
    """The file with a property on every node and on the process."""
    names = [*NODES.findall(file.content.decode()), file.name.removesuffix(".bpmn")]
    return with_properties(file, **{name: {"sla.policy": "X", "sla.limit": "=case.n"} for name in names})


@pytest.mark.parametrize("seed", range(*SEEDS))
def test_whatever_began_is_over_once_by_the_end(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(5_000 + seed)

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
    run.deploy(*map(watched, files))
    instance = run.start("p")
    cut = chance.randint(1, 30) if seed % 3 == 0 else 600
    steps = 0
    while steps < cut and statuses(run) != {"completed"}:
        steps += 1
        check_passages(run)
        act(run, chance, instance, messages, signals, patient=steps < 40)
    if statuses(run) != {"completed"}:
        assert cut < 600, describe(run, files)
        with run.sessions.begin() as session:
            run.engine.cancel(session, instance, reason="test", actor=TESTER)
    open_, over = check_passages(run)
    assert not open_
    told = {p.id for move in run.recorder.moves for p in move.began}
    people = {a.id for move in run.recorder.moves for a in move.entered}
    assert over.keys() == told | people
    assert ended(run).count("p") + ended(run).count("-p") == 1
