"""What an activity gives is not read before it can have been done."""

from __future__ import annotations

import pytest

from engine.dialect import compile_files
from engine.dialect.findings import Finding
from tests.engine.diagrams import process

G = "camunda:candidateGroups=g"


def early(*lines: str) -> list[Finding]:
    found = compile_files([process("p", *lines)], operations={"op"})
    assert not found.errors, [one.message for one in found.errors]
    return [one for one in found.findings if one.code == "read-too-early"]


CHOICE = "start s", "xor x", f"user a {G}", f"user b {G}", "end e", "s -> x", "default x -> b"


@pytest.mark.parametrize(
    "lines",
    [
        # before any way to the task
        (*CHOICE, "x -> a : form.a.ok", "a -> e", "b -> e"),
        # where the task stands in a sub-process behind
        ("start s", "xor x", "sub c {", "start i", f"user a {G}", "end o", "i -> a -> o", "}", f"user b {G}", "end e", "s -> x",
         "x -> c : form.a.ok", "default x -> b", "b -> e", "c -> e"),
        # what an operation gives, and a message
        ("start s", "xor x", "service a camunda:type=external camunda:topic=op", "end e", "s -> x", "x -> a : result.a.n > 1",
         "default x -> e", "a -> e"),
        ("start s", "xor x", "catch a message=news", "end e", "s -> x", "x -> a : message.a.n > 1", "default x -> e", "a -> e"),
    ],
)  # fmt: skip
def test_what_every_way_passes_first_is_told(lines: tuple[str, ...]) -> None:
    (found,) = early(*lines)
    assert found.severity == "warning"
    assert "(a), which gives it, passes here first" in found.message
    assert "（a）总在这之后才执行" in found.message_zh
    assert found.expression


@pytest.mark.parametrize(
    "lines",
    [
        # behind it
        ("start s", f"user a {G}", "xor x", f"user b {G}", "end e", "s -> a -> x", "x -> b : form.a.ok", "default x -> e", "b -> e"),
        # a loop comes back from it, or goes round what both are in
        ("start s", "xor m", "xor x", f"user a {G}", "end e", "s -> m -> x", "x -> e : form.a.ok", "default x -> a", "a -> m"),
        ("start s", "xor m", "sub c {", *CHOICE[1:4], "start i", "end o", "i -> x", "default x -> b", "x -> a : form.a.ok", "a -> o", "b -> o",
         "}", "xor y", "end e", "s -> m -> c -> y", "y -> m : again", "default y -> e"),
        # side by side: who is first nobody knows
        ("start s", "and f", f"user a {G}", "xor x", f"user b {G}", "and j", "xor n", "end e", "s -> f -> a -> j -> e", "f -> x",
         "x -> b : form.a.ok", "default x -> n", "b -> n -> j"),
        # written for nothing being there
        (*CHOICE, "x -> a : form.a.ok = null", "a -> e", "b -> e"),
    ],
)  # fmt: skip
def test_what_may_be_there_is_not(lines: tuple[str, ...]) -> None:
    assert early(*lines) == []


def test_of_a_called_process_an_earlier_call_may_have_left_it() -> None:
    called = process("q", *CHOICE, "x -> a : form.a.ok", "a -> e", "b -> e")
    caller = process("p", "start s", "call c calledElement=q", "end e", "s -> c -> e")
    found = compile_files([called, caller], operations=())
    assert not [one for one in found.findings if one.code == "read-too-early"]
