"""One action costs time in proportion to its steps, and one that would never end rests as an incident."""

from __future__ import annotations

import pytest

from engine.dialect import SourceFile
from engine.spiff import state, workflow
from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory


def around(*inside: str) -> SourceFile:
    """A loop without a wait state: n rounds over what is drawn from node `a` to node `z`."""
    return process(
        "p",
        "start s",
        "script zero | i = 0",
        "xor m",
        *inside,
        "script count | i = i + 1",
        "xor g",
        "end e",
        "s -> zero -> m -> a",
        "z -> count -> g",
        "g -> m : i < n",
        "default g -> e",
    )


ROUNDS = {
    "a join in the loop": around("and a", "task x", "task y", "and z", "a -> x -> z", "a -> y -> z"),
    "an inclusive join in the loop": around(
        "or a", "task x", "task y", "or z", "a -> x : 1 = 1", "a -> y : 1 = 1", "x -> z", "y -> z"
    ),
    "a sub-process in the loop": around("task a", "sub z {", "start zs", "end ze", "zs -> ze", "}", "a -> z"),
    "repeated work in the loop": around("task a times=3", "task z", "a -> z"),
}


@pytest.mark.parametrize("drawing", ROUNDS.values(), ids=ROUNDS.keys())
def test_a_long_action_keeps_no_more_than_its_last_steps(drawing: SourceFile) -> None:
    """What joins, scopes and ends look through stays short, so that a round costs the same however many went before."""
    run = InMemory(drawing, n=1_500)
    assert run.over
    assert run.instance.run.made > 9_000
    assert len(run.instance.tasks) < 3 * workflow.TRIMMED_EVERY


def test_a_loop_without_a_wait_state_names_an_element_of_it() -> None:
    run = InMemory(process("p", "start s", "xor m", "task a", "end e", "s -> m -> a -> m"))
    (held,) = run.instance.run.held
    assert held.kind == "loop"
    assert held.activity_id in ("m", "a")
    assert held.activity_id in held.message
    assert held.activity_id in held.message_zh


def test_tokens_that_multiply_fill_neither_memory_nor_state() -> None:
    multiplying = process(
        "p", "start s", "xor m", "and f", "s -> m -> f", *["f -> m"] * 40, "user u", "end e", "f -> u -> e"
    )
    run = InMemory(multiplying)
    assert [held.kind for held in run.instance.run.held] == ["loop"]
    assert sum(len(scope.tasks) for scope in run.instance.scopes()) <= workflow.MAX_TOKENS + 100
    assert len(state.save(run.instance)) < 3_000_000


def test_a_handler_that_wakes_itself_rests_before_its_forks_fill_the_memory() -> None:
    again = process(
        "p",
        "start s",
        "sub x {",
        "start a",
        "throw t escalation=E",
        "user u",
        "end b",
        "a -> t -> u -> b",
        "}",
        "boundary g at=x escalation=E only_listens=1",
        "end e",
        "s -> x -> e",
        "g -> x",
    )
    run = InMemory(again)
    assert [held.kind for held in run.instance.run.held] == ["loop"]
    assert run.instance.run.steps < workflow.MAX_STEPS
    assert len(state.save(run.instance)) < 1_000_000


def test_repetitions_inside_repetitions_rest_before_they_fill_the_memory() -> None:
    nested = process(
        "p",
        "start s",
        "sub outer times=3000 {",
        "start a",
        "task inner times=3000",
        "end b",
        "a -> inner -> b",
        "}",
        "end e",
        "s -> outer -> e",
    )
    run = InMemory(nested)
    (held,) = run.instance.run.held
    assert held.kind == "loop"
    assert "50000 tokens" in held.message
    assert run.instance.run.made <= workflow.MAX_TOKENS + 3_001


def test_thousands_of_items_are_not_counted_again_after_each(monkeypatch: pytest.MonkeyPatch) -> None:
    until = 'until="nrOfActiveInstances = 0"'
    drawing = process(
        "p", "start s", f"task each times=4000 {until}", "user u", "end e", "s -> each -> u -> e"
    )
    kind = type(InMemory(drawing).specs["p"].task_specs["each"])
    counted: list[object] = []
    count = kind.live_items
    monkeypatch.setattr(kind, "live_items", lambda self, token: counted.append(token) or count(self, token))
    run = InMemory(drawing)
    assert run.waiting() == ["u"]
    assert len(counted) == 1


def test_a_retry_goes_on_where_the_bound_stopped_it() -> None:
    run = InMemory(ROUNDS["a join in the loop"], n=4_000)
    (held,) = run.instance.run.held
    instance = state.restore(state.save(run.instance), run.specs.__getitem__, run.new_run())
    token = instance.token(held.token)
    assert token is not None
    instance.retry(token)
    instance.run_to_rest()
    assert instance.completed
    assert instance.store.values["i"] == 4_000
