"""Every run of a drawing is played: joins that starve and steps that run twice are found, with the way there."""

from __future__ import annotations

import time

import pytest

from tests.engine.dialect.soundness.playing import played, told

SPLIT = "start s", "xor x", "user a", "user b", "end e", "s -> x", "x -> a : v = 1", "default x -> b"
FORK = "start s", "and f", "user a", "user b", "end e", "s -> f -> a", "f -> b"
OR = "start s", "or f", "user a", "user b", "end e", "s -> f"


@pytest.mark.parametrize(
    "lines",
    [
        ("start s", "user a", "end e", "s -> a -> e"),
        (*SPLIT, "xor j", "a -> j -> e", "b -> j"),
        (*SPLIT, "or j", "a -> j -> e", "b -> j"),
        (*FORK, "and j", "a -> j -> e", "b -> j"),
        (*FORK, "or j", "a -> j -> e", "b -> j"),
        (*FORK, "end e2", "a -> e", "b -> e2"),
        (*FORK, "a -> e", "b -> e"),  # two tokens that end at one event do nothing twice
        (*FORK, "xor m", "a -> m -> e", "b -> m"),
        (*OR, "or j", "f -> a : v > 1", "f -> b : v > 2", "default f -> j", "a -> j -> e", "b -> j"),
        (*OR, "xor j", "user c", "f -> a : v = 1", "f -> b : v = 2", "a -> j -> c -> e", "b -> j"),
        (*OR, "xor j", "user c", "f -> a : w", "f -> b : not(w)", "a -> j -> c -> e", "b -> j"),
        (*OR, "xor j", "user c", "f -> a : v in [1..5]", "f -> b : v > 5", "a -> j -> c -> e", "b -> j"),
        (*OR, "xor j", "user c", "f -> a : v between 1 and 5", "f -> b : v in (5..9]", "a -> j -> c -> e", "b -> j"),
        (*OR, "xor j", "user c", 'f -> a : v in ("x", "y")', 'f -> b : not(v in ("x", "y"))', "a -> j -> c -> e", "b -> j"),
        # a choice within one branch, a loop around a fork, one within a branch
        (*FORK, "and j", "xor g", "xor h", "user c", "user d", "a -> j -> e", "b -> g", "g -> c : v = 1",
         "default g -> d", "c -> h -> j", "d -> h"),
        ("start s", "xor m", "and f", "user a", "user b", "and j", "xor x", "end e", "s -> m -> f -> a -> j -> x",
         "f -> b -> j", "x -> m : v = 1", "default x -> e"),
        ("start s", "and f", "xor m", "user a", "xor x", "user b", "and j", "end e", "s -> f -> m -> a -> x",
         "x -> m : v = 1", "default x -> j", "f -> b -> j -> e"),
        # what happens at a border
        ("start s", "user a", "boundary t at=a timeDuration=PT1H", "xor m", "user c", "end e", "s -> a -> m -> c -> e", "t -> m"),
        ("start s", "user a", "boundary t at=a only_listens=1 timeCycle=R/PT1H", "user c", "end e", "end e2",
         "s -> a -> e", "t -> c -> e2"),
        # a reminder that goes on while its task is done again
        ("start s", "xor m", "user a", "boundary t at=a only_listens=1 message=news", "user c", "xor x", "end e", "end e2",
         "s -> m -> a -> x", "x -> m : v = 1", "default x -> e", "t -> c -> e2"),
        # whichever event comes first
        ("start s", "events g", "catch m message=news", "catch t timeDuration=PT1H", "xor j", "end e", "s -> g -> m -> j -> e",
         "g -> t -> j"),
        # a branch that ends everything
        (*SPLIT[:1], "and f", "user a", "user b", "and j", "xor x", "end e", "end k terminate=1", "s -> f -> a -> j -> e", "f -> b -> x",
         "x -> k : v = 1", "default x -> j"),
        ("start s", "sub c {", "start i", "and f", "user a", "user b", "and j", "xor x", "end o", "end k error=bad",
         "i -> f -> a -> j -> o", "f -> b -> x", "x -> k : v = 1", "default x -> j", "}", "boundary z at=c error=bad",
         "end e", "end e2", "s -> c -> e", "z -> e2"),
        ("start s", "throw l link=go", "catch k link=go", "user a", "end e", "s -> l", "k -> a -> e"),
    ],
)  # fmt: skip
def test_what_is_sound_is_not_remarked_on(lines: tuple[str, ...]) -> None:
    assert told(*lines) == []


@pytest.mark.parametrize(
    ("lines", "code", "element"),
    [
        ((*SPLIT, "and j", "a -> j -> e", "b -> j"), "join-waits-for-ever", "j"),
        ((*FORK, "xor j", "user c", "a -> j -> c -> e", "b -> j"), "runs-twice", "j"),
        ((*FORK, "user c", "a -> c -> e", "b -> c"), "runs-twice", "c"),
        ((*OR, "and j", "f -> a : v > 1", "f -> b : v > 2", "a -> j -> e", "b -> j"), "join-waits-for-ever", "j"),
        ((*OR, "xor j", "user c", "f -> a : v > 1", "f -> b : v > 2", "a -> j -> c -> e", "b -> j"), "runs-twice", "j"),
        # one branch leaves by a choice
        (("start s", "and f", "user a", "xor x", "user b", "and j", "end e", "end e2", "s -> f -> a -> j -> e", "f -> x",
          "x -> e2 : v = 1", "default x -> b", "b -> j"), "join-waits-for-ever", "j"),
        # one branch leaves by an event at a border
        (("start s", "and f", "user a", "boundary b at=a timeDuration=PT4H", "user c", "and j", "end e", "end e2",
          "s -> f -> a -> j -> e", "f -> c -> j", "b -> e2"), "join-waits-for-ever", "j"),
        # an event beside its task goes on with the main way
        (("start s", "user a", "boundary t at=a only_listens=1 timeDuration=PT1H", "user c", "end e", "s -> a -> c -> e",
          "t -> c"), "runs-twice", "c"),
        # several flows without a gateway
        (("start s", "user a", "user b", "user c", "user d", "end e", "s -> a", "a -> b -> d -> e", "a -> c -> d"), "runs-twice", "d"),
        # a loop that goes back into a parallel branch
        (("start s", "and f", "user a", "user b", "and j", "xor x", "end e", "s -> f -> a -> j -> x", "f -> b -> j",
          "x -> a : v = 1", "default x -> e"), "join-waits-for-ever", "j"),
        # what waits for a flow nothing comes by
        (("start s", "user a", "user z", "and j", "end e", "s -> a -> j -> e", "z -> j"), "join-waits-for-ever", "j"),
        # two joins that wait for each other: the first is told of
        (("start s", "and j1", "and j2", "end e", "s -> j1 -> j2 -> e", "j2 -> j1"), "join-waits-for-ever", "j1"),
        # inside a sub-process, and behind one that never comes to an end in the ordinary way
        (("sub c {", "start i", "xor x", "user a", "user b", "i -> x", "x -> a : v = 1", "default x -> b", "and j",
          "end o", "a -> j -> o", "b -> j", "}", "start s1", "end e1", "s1 -> c -> e1"), "join-waits-for-ever", "j"),
        (("start s", "and f", "sub c {", "start i", "user u", "end o error=bad", "i -> u -> o", "}",
          "boundary z at=c error=bad", "user b", "and j", "end e", "end e2", "s -> f -> c -> j -> e", "f -> b -> j",
          "z -> e2"), "join-waits-for-ever", "j"),
        # a choice by events
        (("start s", "events g", "catch m message=news", "catch t timeDuration=PT1H", "and j", "end e", "s -> g -> m -> j -> e",
          "g -> t -> j"), "join-waits-for-ever", "j"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_once_with_the_way_there(
    lines: tuple[str, ...], code: str, element: str
) -> None:
    (found,) = played(*lines)
    assert (found.code, found.element_id, found.severity) == (code, element, "warning")
    assert found.walk[0].took == () and found.walk[0].at
    assert all(step.took for step in found.walk[1:])
    assert element in found.walk[-1].at


def test_the_sentence_names_the_choice_that_leads_there() -> None:
    (found,) = played(*SPLIT, "and j", "a -> j -> e", "b -> j")
    assert 'when exclusive gateway "x" (x) takes flow (flow_2) to user task "a" (a)' in found.message
    assert "当排他网关“x”（x）走到用户任务“a”（a）的顺序流（flow_2）时" in found.message_zh
    assert [step.at for step in found.walk] == [("s",), ("x",), ("a",), ("j",)]
    assert [step.took for step in found.walk[1:]] == [("s", "flow_1"), ("x", "flow_2"), ("a", "flow_4")]


def test_the_sentence_names_the_event_and_the_split() -> None:
    (stuck,) = played(
        "start s", "and f", "user a", "boundary b at=a timeDuration=PT4H", "user c", "and j", "end e", "end e2",
        "s -> f -> a -> j -> e", "f -> c -> j", "b -> e2",
    )  # fmt: skip
    assert 'boundary event "b" (b) happens at user task "a" (a)' in stuck.message
    assert "用户任务“a”（a）发生边界事件“b”（b）" in stuck.message_zh
    (twice,) = played(*FORK, "user c", "a -> c -> e", "b -> c")
    assert 'parallel gateway "f" (f) sends out several tokens' in twice.message
    assert " when " not in twice.message
    (beside,) = played(
        "start s", "user a", "boundary t at=a only_listens=1 timeDuration=PT1H", "user c", "end e", "s -> a -> c -> e", "t -> c"
    )  # fmt: skip
    assert "or let the event interrupt" in beside.message


def test_a_generated_split_is_told_of_as_the_element_it_stands_behind() -> None:
    (found,) = played(
        "start s", "user a", "user b", "user c", "user d", "end e", "s -> a", "a -> b -> d -> e", "a -> c -> d"
    )  # fmt: skip
    assert 'user task "a" (a) sends out several tokens' in found.message
    names = {name for step in found.walk for name in (*step.at, *step.took)}
    assert not any(":" in name or ">" in name for name in names)


def blocks_in_a_row(count: int) -> list[str]:
    lines = ["start s", "end e"]
    last = "s"
    for n in range(count):
        lines += [f"and f{n}", f"user a{n}", f"user b{n}", f"user c{n}", f"and j{n}", f"{last} -> f{n} -> a{n} -> j{n}",
                  f"f{n} -> b{n} -> j{n}", f"f{n} -> c{n} -> j{n}"]  # fmt: skip
        last = f"j{n}"
    return [*lines, f"{last} -> e"]


def branches_side_by_side(count: int) -> list[str]:
    lines = ["start s", "and f", "and j", "end e", "s -> f", "j -> e"]
    for n in range(count):
        lines += [f"xor x{n}", f"user a{n}", f"user b{n}", f"xor m{n}", f"boundary t{n} at=a{n} timeDuration=PT1H",
                  f"f -> x{n}", f"x{n} -> a{n} : v = 1", f"default x{n} -> b{n}", f"a{n} -> m{n} -> j", f"b{n} -> m{n}",
                  f"t{n} -> m{n}"]  # fmt: skip
    return lines


def inclusive_side_by_side(count: int) -> list[str]:
    lines = ["start s", "or f", "or j", "end e", "s -> f", "j -> e"]
    for n in range(count):
        lines += [f"user a{n}", f"f -> a{n} : v > {n}", f"a{n} -> j"]
    return lines


@pytest.mark.parametrize(
    "lines",
    [
        blocks_in_a_row(14),
        blocks_in_a_row(200),
        branches_side_by_side(12),
        branches_side_by_side(60),
        inclusive_side_by_side(12),
    ],
)
def test_what_is_large_and_sound_is_played_wholly(lines: list[str]) -> None:
    assert told(*lines) == []


def test_what_cannot_be_played_wholly_is_noted_and_the_plain_mistakes_are_still_found() -> None:
    lines = ["start s", "and f", "and j", "end e", "s -> f", "j -> e"]
    for n in range(
        40
    ):  # each branch may go round, leave, or come: every set of those that have left is another state
        lines += [f"xor x{n}", f"user a{n}", f"or m{n}", f"user c{n}", f"end e{n}", f"f -> x{n}", f"x{n} -> a{n} : v = 1",
                  f"default x{n} -> m{n}", f"a{n} -> m{n} -> c{n} -> j"]  # fmt: skip
    begun = time.process_time()
    found = told(*lines)
    assert time.process_time() - begun < 5
    assert found in ([], [("not-explored", "s")])


def test_a_hostile_gateway_costs_no_more_than_others() -> None:
    lines = ["start s", "or f", "or j", "end e", "s -> f", "j -> e"]
    for n in range(400):
        lines += [f"user a{n}", f"xor x{n}", f"end z{n}", f"f -> a{n} : v > {n}", f"a{n} -> x{n}", f"x{n} -> j : w = {n}",
                  f"default x{n} -> z{n}"]  # fmt: skip
    begun = time.process_time()
    assert told(*lines) == [("not-explored", "s")]
    assert time.process_time() - begun < 6


def test_an_exhausted_effort_falls_back_to_the_drawing() -> None:
    from engine.dialect import compile_files
    from engine.dialect.findings import Report
    from engine.dialect.soundness.check import check_soundness
    from engine.dialect.soundness.game import Effort
    from tests.engine.diagrams import process

    found = compile_files([process("p", *SPLIT, "and j", "a -> j -> e", "b -> j")], operations=())
    report = Report("p.bpmn")
    check_soundness(found.models[0], report, Effort(2))
    assert [(one.severity, one.code, one.element_id) for one in report.findings] == [
        ("note", "not-explored", "s"),
        ("warning", "join-waits-for-ever", "j"),
    ]
