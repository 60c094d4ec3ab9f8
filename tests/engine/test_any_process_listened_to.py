"""Random processes with listeners everywhere come to the same kind of end: a call is one more step, and breaks nothing."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import ProcessDefinition
from engine.dialect import SourceFile
from engine.ports import OperationCall
from engine.testing import TESTER, Harness
from tests.engine.mirrors import check_mirrors
from tests.engine.test_any_process import act, describe, draw, statuses
from tests.engine.test_listeners import listening

NODES = "Event|Task|Gateway|task|subProcess|callActivity"


def listened_to(file: SourceFile) -> SourceFile:
    """The file with listeners at the start and end of every node, on every flow and at the start of the process."""
    text = file.content.decode()
    nodes = re.findall(rf'<bpmn:\w*(?:{NODES}) id="([^"]+)"', text)
    flows = re.findall(r'<bpmn:sequenceFlow id="([^"]+)"', text)
    moments = [f"{node} {event}" for node in nodes for event in ("start", "end")]
    moments += [f"{flow} take" for flow in flows]
    return listening(file, *moments, f"{file.name.removesuffix('.bpmn')} start")


def bind_everything(run: Harness) -> int:
    """Bind every need to the first operation it can be bound to, else to nothing; return how many are called."""
    called = 0
    with run.sessions.begin() as session:
        for definition in session.scalars(sa.select(ProcessDefinition.id)).all():
            targets = {
                need.need.key: need.choices[-1].target for need in run.engine.needs(session, definition)
            }
            called += sum(target != "nothing" for target in targets.values())
            assert run.engine.bind(session, definition, targets, actor=TESTER).startable
    return called


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 6, 7])
def test_any_process_with_listeners_everywhere_comes_to_an_end(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(1_000 + seed)
    calls: set[str] = set()

    def work(call: OperationCall) -> dict[str, Any]:
        if chance.random() < 0.05:
            raise RuntimeError("not now")
        calls.add(f"{call.activity_id} {call.inputs.get('event')}")
        return {"by": call.activity_id}

    run = Harness(
        sessions,
        clock,
        case={"n": chance.randint(1, 3), "items": [1, 2, 3], "flag": 0},
        operations={"work": work},
    )
    files, messages, signals = draw(chance)
    run.deploy(*map(listened_to, files))
    assert bind_everything(run) > 0
    instance = run.start("p")
    steps = 0
    while steps < 600 and statuses(run) != {"completed"}:
        steps += 1
        check_mirrors(run)
        act(run, chance, instance, messages, signals, patient=steps < 40)
    assert statuses(run) == {"completed"}, describe(run, files)
    assert {"p start", "s start", "s end"} <= calls
