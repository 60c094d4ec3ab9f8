"""Where a process or sub-process begins, and what is said about it."""

from __future__ import annotations

import pytest

FLOW = '<sequenceFlow id="{}" sourceRef="{}" targetRef="{}"/>'.format


def inside(gate, body: str):
    return gate(gate.chain(f'<subProcess id="sub" name="核实">{body}</subProcess>'))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<task id="a"/><task id="b"/>', [("note", "begins-without-start", "sub")]),
        ('<startEvent id="a"/><startEvent id="b"/>', [("note", "several-starts", "sub")]),
        ("", [("warning", "empty-body", "sub")]),
        (f'<task id="a"/><task id="b"/>{FLOW("x", "a", "b")}{FLOW("y", "b", "a")}', [("error", "no-start", "sub")]),
        ('<startEvent id="a"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></startEvent>',
         [("note", "start-waits-inside", "a"), ("note", "begins-without-start", "sub")]),
        ('<startEvent id="a"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></startEvent>'
         '<task id="other"/>', [("error", "unsupported-event", "a")]),
        ('<startEvent id="a"><errorEventDefinition/></startEvent>', [("error", "unsupported-event", "a")]),
    ],
)  # fmt: skip
def test_a_sub_process_begins_where_the_standard_says_and_says_so(gate, body, found) -> None:
    outcome = inside(gate, body)
    told = {"no-start", "several-starts", "begins-without-start", "empty-body", "start-waits-inside"}
    assert sorted(
        (f.severity, f.code, f.element_id)
        for f in outcome.findings
        if f.code in told or f.severity == "error"
    ) == sorted(found)


def test_a_process_with_several_plain_starts_warns_of_each_that_nobody_reaches_by_its_key(gate) -> None:
    outcome = gate(gate.diagram('<startEvent id="s"/><startEvent id="s2"/><startEvent id="s3"/>'))
    assert not outcome.errors
    found = [(f.code, f.element_id) for f in outcome.findings if f.severity == "warning"]
    assert found == [("several-starts", "s2"), ("several-starts", "s3")]


def test_two_starts_by_the_same_message_are_refused_with_both(gate) -> None:
    start = '<startEvent id="{}"><messageEventDefinition messageRef="m"/></startEvent>'.format
    outcome = gate(gate.diagram(start("a") + start("b"), roots='<message id="m" name="go"/>'))
    [error] = outcome.errors
    assert (error.code, error.element_id) == ("several-starts", "b")
    assert "(a)" in error.message


@pytest.mark.parametrize("body", ["", '<task id="t"/>'])
def test_a_process_nobody_can_start_is_refused_by_its_id(gate, body) -> None:
    [error] = gate(gate.diagram(body)).errors
    assert (error.code, error.element_id) == ("no-start" if body else "empty-body", "p")


def test_entries_that_write_the_same_name_side_by_side_are_warned_of(gate, codes_of) -> None:
    script = '<scriptTask id="{}" scriptFormat="feel"><script>note = 1</script></scriptTask>'.format
    assert "written-side-by-side" in codes_of(inside(gate, script("a") + script("b")), "warning")
    apart = script("a") + script("b").replace("note", "other")
    assert "written-side-by-side" not in codes_of(inside(gate, apart), "warning")
