"""Instances that an earlier release saved go on: what it compiled is still read, and so is what it kept of its tokens."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import pytest

from engine.dialect.model import ProcessModel
from tests.engine.spiff.memory import InMemory

SAVED = Path(__file__).with_name("saved_in_format_1.txt")
"""JSON, packed: the models of two processes and the state of an instance, written before there were event sub-processes. In
it a timer, a called process, a sub-process, items, an event gateway, both inclusive branches and an incident are at work,
and three paths have been written on one of several branches.
"""


@pytest.fixture
def run() -> InMemory:
    saved = json.loads(zlib.decompress(base64.b64decode(SAVED.read_text())))
    models = [ProcessModel.from_plain(model) for model in saved["models"].values()]
    return InMemory.saved(models, base64.b64decode(saved["state"]))


def held(run: InMemory) -> list[str]:
    return sorted(
        token.task_spec.bpmn_id
        for scope in run.instance.scopes()
        for token in scope.live_tokens()
        if "held" in token.internal_data
    )


def retry(run: InMemory, activity_id: str) -> None:
    run.restore()
    [token] = [
        token
        for scope in run.instance.scopes()
        for token in scope.live_tokens()
        if token.task_spec.bpmn_id == activity_id
    ]
    run.instance.retry(token)
    run.instance.run_to_rest()


def test_everything_that_was_at_work_is_there(run: InMemory) -> None:
    assert run.waiting() == ["a", "beside", "bu", "cu", "m", "o2"]
    assert held(run) == ["bad"]
    assert [token.task_spec.bpmn_id for token in run.instance.waiting("timer")] == ["ab"]
    assert [token.task_spec.bpmn_id for token in run.instance.waiting("message")] == ["bm"]


def test_it_goes_on_to_its_end(run: InMemory) -> None:
    for name in ("a", "beside", "cu", "m", "o2", "bu"):
        run.complete(name, {"n": 2})
    assert held(run) == ["bad", "w"]  # the other branch wrote the same path before it was saved
    retry(run, "w")
    run.instance.store.values["nope"] = {"y": 1}
    retry(run, "bad")
    assert run.waiting() == ["z"]
    assert run.instance.store.values["total"] == 1
    assert run.instance.store.values["form"]["m"] == [{"n": 1}, {"n": 2}]
    run.complete("z")
    assert run.over
