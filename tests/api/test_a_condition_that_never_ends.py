"""A condition that never ends, met by the web server in the middle of its work: the others are answered meanwhile."""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

import sqlalchemy as sa

from engine.incidents import Incident
from tests.api.conftest import Api, Served
from tests.tasks.drawings import drawn

ENDLESS = "".join(
    [
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g" default="no"/><bpmn:endEvent id="e"/>',
        '<bpmn:endEvent id="y"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="g"/>',
        '<bpmn:sequenceFlow id="no" sourceRef="g" targetRef="e"/>',
        '<bpmn:sequenceFlow id="yes" sourceRef="g" targetRef="y"><bpmn:conditionExpression>',
        f'=matches("{"a" * 60}!", "^(a|aa)+$")</bpmn:conditionExpression></bpmn:sequenceFlow>',
    ]
)


def test_a_catastrophic_condition_in_one_thread_leaves_the_others_their_answers(
    api: Api, served: Served
) -> None:
    api.office.deploy(drawn("endless", ENDLESS))

    def answered() -> float:
        started = time.perf_counter()
        assert served("GET", "/tasks")[0] == 200
        return time.perf_counter() - started

    quiet = statistics.median(answered() for _ in range(20))
    stop = threading.Event()
    filed: list[tuple[int, Any]] = []

    def hostile() -> None:
        while not stop.is_set():
            filed.append(served("POST", "/cases/endless", {"facts": {}}))

    threads = [threading.Thread(target=hostile) for _ in range(2)]
    for thread in threads:
        thread.start()
    busy = statistics.median(answered() for _ in range(30))
    stop.set()
    for thread in threads:
        thread.join()
    assert filed
    assert {status for status, _ in filed} == {201}
    with api.office.deps.sessions() as session:
        resting = session.scalars(sa.select(Incident.message)).all()
    assert len(resting) == len(filed)
    assert all("takes too long" in message for message in resting), resting
    # Generous: the machine may be busy with other tests, and the searches themselves want a core each.
    assert busy < 10 * quiet + 0.1, (quiet, busy)
