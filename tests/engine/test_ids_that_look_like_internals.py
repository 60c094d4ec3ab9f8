"""An element may be called like something inside the engine, or a word of a programming language, and runs unharmed."""

from __future__ import annotations

import pytest

from engine.dialect.ids import engine_id
from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory

NAMES = [
    "Start", "End", "Root", "#root", "x.EndJoin", "x.BoundaryEventSplit", "u#item", "None", "True", "__proto__",
    "__class__", "__init__", "constructor", "toString", "case", "clock", "form", "loop", "decision", "result", "message",
    "class", "import", "lambda", "function", "null", "item", "split:u", "a->b", "boundary:u", "_", "1", "and", "if",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_task_of_this_name_waits_is_done_once_and_keeps_its_answers(name: str) -> None:
    # The builder knows `->` as a flow, so the name is put in afterwards.
    file = process("p", "start s", "user NAME", "user after", "end e", "s -> NAME -> after -> e")
    written = name.replace(">", "&gt;")
    run = InMemory(type(file)(file.name, file.content.replace(b"NAME", written.encode())))
    kept = engine_id(name)
    assert run.waiting() == [kept]
    run.complete(kept, {"yes": True})
    assert run.waiting() == ["after"]
    answers = run.instance.store.values["form"]
    for part in kept.split("."):
        answers = answers[part]
    assert answers == {"yes": True}
    run.complete("after")
    assert run.over


@pytest.mark.parametrize("name", NAMES)
def test_a_scope_and_an_event_of_this_name_run(name: str) -> None:
    file = process(
        "p", "start s", "sub NAME {", "start i", "user u2", "end o", "i -> u2 -> o", "}", "user after", "end e", "s -> NAME -> after -> e"
    )  # fmt: skip
    run = InMemory(type(file)(file.name, file.content.replace(b"NAME", name.replace(">", "&gt;").encode())))
    run.complete("u2")
    run.complete("after")
    assert run.over
    for other in ("start NAME", "end NAME"):
        plain = (
            process("p", other, "user u2", "end e", "NAME -> u2 -> e")
            if "start" in other
            else process("p", "start s", "user u2", other, "s -> u2 -> NAME")
        )
        run = InMemory(
            type(plain)(plain.name, plain.content.replace(b"NAME", name.replace(">", "&gt;").encode()))
        )
        run.complete("u2")
        assert run.over
