"""A condition that never ends, met by the web server in the middle of its work: the others are answered meanwhile."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.incidents import Incident
from tests.api.conftest import Api
from tests.redress.running import REPOSITORY, port_of_its_own, until
from tests.tasks.office import drawn

ENDLESS = "".join(
    [
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g" default="no"/><bpmn:endEvent id="e"/>',
        '<bpmn:endEvent id="y"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="g"/>',
        '<bpmn:sequenceFlow id="no" sourceRef="g" targetRef="e"/>',
        '<bpmn:sequenceFlow id="yes" sourceRef="g" targetRef="y"><bpmn:conditionExpression>',
        f'=matches("{"a" * 60}!", "^(a|aa)+$")</bpmn:conditionExpression></bpmn:sequenceFlow>',
    ]
)


class Served:
    """The API behind the production web server: one worker process, its requests in threads."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


@pytest.fixture
def served(api: Api, database_url: str, tmp_path: Path) -> Iterator[Served]:
    port = port_of_its_own()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REDRESS_")} | {
        "DATABASE_URL": database_url,
        "REDRESS_HOME": str(tmp_path),
        "REDRESS_WEB_WORKERS": "1",
        "REDRESS_WEB_THREADS": "4",
    }
    command = [sys.executable, "-m", "redress", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL)
    made = Served(f"http://127.0.0.1:{port}", api.token("li_na", life=timedelta(days=36_500)))
    try:
        until(lambda: _answers(made), lambda: "the web server does not answer")
        yield made
    finally:
        process.terminate()
        process.wait(60)


def _answers(served: Served) -> bool:
    try:
        status, told = served("GET", "/tasks")
    except OSError:
        return False
    assert status == 200, told
    return True


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
