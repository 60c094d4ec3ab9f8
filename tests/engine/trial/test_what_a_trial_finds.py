"""A process is tried before anybody starts it: what can only go wrong refuses, what may go wrong is told."""

from __future__ import annotations

import pytest

from engine.dialect import SourceFile
from engine.trial.trying import Trial
from tests.engine.diagrams import process
from tests.engine.trial.trying import compiled, met, tried

SPLIT = "start s", "xor x", "s -> x", "x -> a : form.q.v = 1", "default x -> b"


@pytest.mark.parametrize(
    "lines",
    [
        ("start s", "user a", "end e", "s -> a -> e"),
        ("start s", "and f", "user a", "user b", "and j", "end e", "s -> f -> a -> j -> e", "f -> b -> j"),
        (*SPLIT, "user a", "user b", "xor j", "end e", "a -> j -> e", "b -> j"),
        ("start s", "or f", "user a", "user b", "or j", "end e", "s -> f", "f -> a : n > 1", "f -> b : n > 2",
         "default f -> j", "a -> j -> e", "b -> j"),
        ("start s", "xor m", "user a", "xor x", "end e", "s -> m -> a -> x", "x -> m : again = true", "default x -> e"),
        ("start s", "xor m", "task a", "xor x", "end e", "s -> m -> a -> x", "x -> m : n < 5", "default x -> e"),
        ("start s", "events g", "catch m message=news", "catch t timeDuration=PT1H", "xor j", "end e", "s -> g -> m -> j -> e",
         "g -> t -> j"),
        ("start s", "sub p1 {", "start i", "user a", "end o", "i -> a -> o", "}", "boundary b at=p1 timeDuration=PT1H",
         "end e", "end e2", "s -> p1 -> e", "b -> e2"),
        ("start s", "service a camunda:type=external camunda:topic=op", "end e", "s -> a -> e"),
    ],
)  # fmt: skip
def test_a_sound_process_is_not_remarked_on(lines: tuple[str, ...]) -> None:
    assert met(tried(*lines)) == []


def test_a_choice_into_a_parallel_join_is_refused_with_the_join() -> None:
    (found,) = [
        one for one in tried(*SPLIT, "user a", "user b", "and j", "end e", "a -> j -> e", "b -> j")
        if one.severity == "error"
    ]  # fmt: skip
    assert (found.code, found.element_id, found.file) == ("dead-token", "j", "p.bpmn")
    assert found.line
    assert '"j" (j)' in found.message
    assert "（j）" in found.message_zh


def test_a_dead_end_inside_a_sub_process_is_found() -> None:
    inside = (
        "start i",
        "xor x",
        "and j",
        "end o",
        "i -> x",
        "x -> j : form.q.v = 1",
        "default x -> j",
        "j -> o",
    )
    assert met(tried("start s", "sub c {", *inside, "}", "end e", "s -> c -> e")) == [
        ("error", "dead-token", "j")
    ]


def test_a_dead_end_inside_a_called_process_is_found_once() -> None:
    caller = process("p", "start s", "call c calledElement=q", "end e", "s -> c -> e")
    callee = process("q", *SPLIT, "user a", "user b", "and j", "end e", "a -> j -> e", "b -> j")
    found = Trial().findings(compiled(caller, callee))
    assert ("error", "dead-token", "j") in met(found)
    assert {one.file for one in found if one.severity == "error"} == {"q.bpmn"}


def test_a_join_only_some_ways_starve_is_a_warning_that_names_the_way() -> None:
    (found,) = [
        one
        for one in tried(
            "start s", "and f", "user a", "xor x", "user b", "and j", "end e", "end e2", "s -> f -> a -> j -> e",
            "f -> x", "x -> e2 : form.a.give_up = true", "default x -> b", "b -> j",
        )
        if one.severity != "note"
    ]  # fmt: skip
    assert (found.severity, found.code, found.element_id) == ("warning", "may-get-stuck", "j")
    assert 'if exclusive gateway "x" (x) goes on to end event "e2" (e2)' in found.message
    assert "（x）走向结束事件“e2”（e2）" in found.message_zh


def test_a_join_that_an_event_at_a_border_starves_is_a_warning_that_names_the_event() -> None:
    (found,) = tried(
        "start s", "and f", "user a", "boundary b at=a timeDuration=PT4H", "user c", "and j", "end e", "end e2",
        "s -> f -> a -> j -> e", "f -> c -> j", "b -> e2",
    )  # fmt: skip
    assert (found.severity, found.code, found.element_id) == ("warning", "may-get-stuck", "j")
    assert 'boundary event "b" (b) happens at user task "a" (a)' in found.message


def test_a_condition_that_depends_on_nothing_goes_one_way_only() -> None:
    always = "start s", "xor x", "s -> x", "x -> a : 1 = 1", "default x -> b"
    assert met(tried(*always, "user a", "user b", "and j", "end e", "a -> j -> e", "b -> j")) == [
        ("error", "dead-token", "j")
    ]


@pytest.mark.parametrize("condition", ["1 = 1", "n > 0"])
def test_a_loop_without_an_exit_names_its_elements(condition: str) -> None:
    first = (
        "task z" if condition == "1 = 1" else "script z scriptFormat=feel | <bpmn:script>{n: 1}</bpmn:script>"
    )
    lines = first, "start s", "xor m", "task a", "task b", "xor x", "end e"
    (found,) = tried(*lines, "s -> z -> m -> a -> b -> x", f"x -> m : {condition}", "default x -> e")
    assert (found.severity, found.code) == ("error", "endless-loop")
    assert all(f"({name})" in found.message for name in "mabx")
    assert "(z)" not in found.message and "(e)" not in found.message


def test_a_fork_that_comes_back_to_itself_is_endless() -> None:
    found = tried("start s", "xor m", "task a", "and x", "end e", "s -> m -> a -> x", "x -> m", "x -> e")
    assert [(one.severity, one.code) for one in found] == [("error", "endless-loop")]
    assert "(e)" not in found[0].message


def test_a_process_that_calls_itself_for_ever_is_refused() -> None:
    # A condition that is always true looks like a way out, to whoever only looks at the drawing.
    found = tried(
        "start s", "xor x", "call c calledElement=p", "end e", "s -> x", "x -> c : 1 = 1", "default x -> e", "c -> e",
    )  # fmt: skip
    assert met(found) == [("error", "endless-call", "c")]


def test_a_process_that_calls_itself_with_a_way_out_is_not() -> None:
    found = tried(
        "start s",
        "xor x",
        "call c calledElement=p",
        "end e",
        "s -> x",
        "x -> c : n > 0",
        "default x -> e",
        "c -> e",
    )
    assert met(found) == []


def test_repetitions_inside_repetitions_are_refused_where_they_grow() -> None:
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>9000</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    found = tried("start s", f"user a | {loop}", "end e", "s -> a -> e")
    assert met(found) == [("error", "too-many-tokens", "a")]


def test_what_fails_in_every_case_is_a_warning_with_its_sentence() -> None:
    (found,) = tried("start s", "end e error=lost", "s -> e")
    assert (found.severity, found.code, found.element_id) == ("warning", "trial-incident", "e")
    assert "caught nowhere" in found.message and "没有被捕获" in found.message_zh


def test_two_branches_that_write_one_path_can_fail() -> None:
    write = "scriptFormat=feel | <bpmn:script>{n: 1}</bpmn:script>"
    found = tried(
        "start s", "and f", f"script a {write}", f"script b {write}", "and j", "end e", "s -> f -> a -> j -> e", "f -> b -> j",
    )  # fmt: skip
    told = [one for one in found if one.code == "trial-incident"]
    assert [(one.severity, one.element_id) for one in told] == [("warning", "b")]
    assert "can fail" in told[0].message and "可能" in told[0].message_zh


def test_what_is_null_for_lack_of_data_is_a_note_with_the_expression() -> None:
    found = tried(
        "start s",
        "xor x",
        "user a",
        "user b",
        "end e",
        "s -> x",
        "x -> a : amount > 5",
        "default x -> b",
        "a -> e",
        "b -> e",
    )
    assert [(one.severity, one.code, one.element_id) for one in found] == [("note", "trial-guess", "x")]
    assert "amount > 5" in found[0].message and "amount > 5" in found[0].message_zh


def test_what_only_a_sample_lacks_is_not_told() -> None:
    found = tried(
        "start s",
        "user q",
        "xor x",
        "end e",
        "end f",
        "s -> q -> x",
        "x -> e : form.q.a = 1",
        "default x -> f",
    )
    assert found == []


def test_a_called_process_is_judged_by_what_its_caller_gives() -> None:
    caller = process(
        "p", "start s", "script z scriptFormat=feel | <bpmn:script>{n: 1}</bpmn:script>", "call c calledElement=q",
        "end e", "s -> z -> c -> e",
    )  # fmt: skip
    callee = process("q", "start s", "xor x", "end e", "end f", "s -> x", "x -> e : n = 1", "default x -> f")
    assert Trial().findings(compiled(caller, callee)) == []
    assert [one.code for one in Trial().findings(compiled(callee))] == ["trial-guess"]


def test_an_unknown_callee_is_skipped() -> None:
    assert met(tried("start s", "call c calledElement=elsewhere", "end e", "s -> c -> e")) == []


def test_each_start_is_tried() -> None:
    found = tried(
        "start s", "start m message=news", "user a", "end e", "s -> a -> e", "xor x", "and j", "m -> x",
        "x -> j : form.q.v = 1", "default x -> j", "j -> e",
    )  # fmt: skip
    assert met(found) == [("error", "dead-token", "j")]


FORM = b'{"type": "default", "id": "ask", "components": [{"type": "radio", "key": "way", "values": [{"value": "left"}]}]}'


def test_a_form_s_options_are_what_people_answer() -> None:
    diagram = process(
        "p", "start s", "user q camunda:formKey=ask", "xor x", "user a", "user b", "end e", "s -> q -> x",
        'x -> a : form.q.way = "left"', "default x -> b", "a -> e", "b -> e",
    )  # fmt: skip
    found = Trial().findings(compiled(diagram, SourceFile("ask.form", FORM)))
    assert found == [], "the answer has a value, so nothing had to be guessed"


def test_a_split_without_a_gateway_is_told_of_as_the_activity_it_leaves() -> None:
    found = tried(
        "start s",
        "manual u",
        "user a",
        "user b",
        "end e",
        "s -> u",
        "u -> a : amount > 5",
        "u -> b",
        "a -> e",
        "b -> e",
    )
    assert [(one.code, one.element_id) for one in found] == [("trial-guess", "u")]
