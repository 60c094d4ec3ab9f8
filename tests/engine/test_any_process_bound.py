"""Random processes whose timers ask a host that changes its mind: rows follow, and each timer fires once or never."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.history import HistoryEvent
from engine.instance import locked
from engine.ports import OperationCall
from tests.engine.drawings import draw
from tests.engine.host import Bound
from tests.engine.mirrors import check_mirrors
from tests.engine.passages import check_passages
from tests.engine.test_any_process import act, describe, statuses

SEEDS = tuple(int(text) for text in os.environ.get("REDRESS_BOUND", "0-8").split("-"))


def asking(file: SourceFile) -> SourceFile:
    """The file with timers that ask: those that wait once for an instant, those that repeat for their first one."""
    text = re.sub(
        r"<bpmn:timeDuration>PT(\d)H</bpmn:timeDuration>",
        r"<bpmn:timeDate>=due(&quot;\1&quot;)</bpmn:timeDate>",
        file.content.decode(),
    )
    text = text.replace(">R2/PT1H<", ">=&quot;R2/&quot; + string(due(&quot;C&quot;)) + &quot;/PT1H&quot;<")
    return SourceFile(file.name, text.encode())


def change(run: Bound, chance: random.Random, instance: Any) -> None:
    """Let the host change its mind, and look at what waits afterwards."""
    run.host.hours = chance.randint(1, 9)
    run.host.paused = {code for code in "12345C" if chance.random() < 0.3}
    run.rearm(instance)
    before = run.writes()
    assert run.rearm(instance) is None and run.writes() == before
    check_mirrors(run)
    with run.sessions() as session:
        tree = run.engine.acting.restore(session, locked(session, instance))
        for token in tree.waiting("timer"):
            data = token.internal_data
            code = re.findall(r'due\("(.)"\)', token.task_spec.event.timer.feel or "")[0]
            assert ("paused" in data) == (code in run.host.paused)
            if "paused" not in data and data.get("first", data["due"]) == data["due"]:
                since = datetime.fromisoformat(data["since"])
                assert datetime.fromisoformat(data["due"]) == since + timedelta(hours=run.host.hours)


@pytest.mark.parametrize("seed", range(*SEEDS))
def test_bound_timers_of_any_process_follow_the_host(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(9_000 + seed)

    def work(call: OperationCall) -> dict[str, Any]:
        return {"by": call.activity_id}

    facts = {"n": chance.randint(1, 3), "items": [1, 2, 3], "flag": 0}
    run = Bound(sessions, clock, case=facts, operations={"work": work})
    files, messages, signals = draw(chance)
    while not any(b"timeDuration" in file.content for file in files):
        files, messages, signals = draw(chance)
    run.deploy(*map(asking, files))
    instance = run.start("p")
    steps = 0
    while steps < 600 and statuses(run) != {"completed"}:
        steps += 1
        check_mirrors(run)
        check_passages(run)
        if steps < 40 and chance.random() < 0.5:
            change(run, chance, instance)
        elif steps == 40:
            run.host.paused = set()
            run.rearm(instance)
        act(run, chance, instance, messages, signals, patient=steps < 40)
    assert statuses(run) == {"completed"}, describe(run, files)
    open_, _ = check_passages(run)
    assert not open_ and run.due() == {} and run.rearm(instance) is None
    fired = run.rows(sa.select(HistoryEvent.token_id).where(HistoryEvent.kind == "timer_fired"))
    assert set(Counter(row.token_id for row in fired).values()) <= {1}
