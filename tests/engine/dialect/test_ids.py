"""Ids as people and tools write them: missing, padded, strange, repeated, and referred to with a prefix."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.dialect.drawing import drawn
from engine.dialect.ids import author_id, drawn_id, engine_id

FLOW = '<sequenceFlow id="{}" sourceRef="{}" targetRef="{}"/>'.format
STRANGE = [
    "1st step",
    "a/b",
    "urn:x:y",
    "step#2",
    "__proto__",
    "é.ü-1",
    "_x0041_",
    "复核 1",
    "e\u0301tape",
    "-a",
    "𝒳1",
]


@given(st.text(min_size=1, max_size=40) | st.text(alphabet="_x0041:-" + string.hexdigits, min_size=1))
def test_every_escaped_id_gives_the_authors_id_back(author: str) -> None:
    kept = engine_id(author)
    assert author_id(kept) == author
    assert engine_id(author) == kept
    assert author_id(drawn_id(kept)) == author


@given(st.lists(st.text(alphabet="_x05F1:a ", min_size=1, max_size=12), unique=True, max_size=8))
def test_different_ids_stay_different(authors: list[str]) -> None:
    assert len({engine_id(author) for author in authors}) == len(authors)
    assert len({drawn_id(engine_id(author)) for author in authors}) == len(authors)


@pytest.mark.parametrize("author", STRANGE)
def test_a_strange_id_is_kept_reported_and_told_as_its_author_wrote_it(gate, author) -> None:
    body = f'<startEvent id="s"/><userTask id="{author}" name="x"/>{FLOW("f", "s", author)}'
    outcome = gate(gate.diagram(body))
    assert not outcome.errors, [f.message for f in outcome.errors]
    assert [node.id for node in outcome.models[0].body.nodes] == ["s", engine_id(author)]
    assert outcome.models[0].body.flows[0].target == engine_id(author)
    told = {f.element_id for f in outcome.findings if f.code == "id-escaped"}
    assert told == ({author} if engine_id(author) != author else set())
    nobody = next(f for f in outcome.findings if f.code == "nobody-may-do-it")
    assert (nobody.element_id, f"({author})" in nobody.message) == (author, True)


def test_blanks_around_ids_and_references_say_nothing(gate, codes_of) -> None:
    body = '<startEvent id=" s "/><task id="t\n"/><sequenceFlow id="f " sourceRef="s" targetRef=" t"/>'
    outcome = gate(gate.diagram(body))
    assert not outcome.errors
    [flow] = outcome.models[0].body.flows
    assert (flow.id, flow.source, flow.target) == ("f", "s", "t")


def test_a_prefix_in_a_reference_says_nothing_wherever_it_stands(gate) -> None:
    body = (
        '<laneSet><lane id="l" name="客服"><flowNodeRef>tns:t</flowNodeRef></lane></laneSet><startEvent id="s"/>'
        '<task id="t" default="tns:fb"/><boundaryEvent id="b" attachedToRef="tns:t"><errorEventDefinition/></boundaryEvent>'
        '<task id="a"/><task id="c"/><sequenceFlow id="fs" sourceRef="tns:s" targetRef="tns:t"/>'
        '<sequenceFlow id="fa" sourceRef="tns:t" targetRef="tns:a"><conditionExpression>false</conditionExpression>'
        '</sequenceFlow><sequenceFlow id="fb" sourceRef="tns:t" targetRef="tns:c"/>'
    )
    nodes = {node.id: node for node in gate.model(gate.diagram(body)).body.nodes}
    assert (nodes["t"].lane, nodes["b"].attached_to, nodes["split:t"].default_flow) == ("客服", "t", "fb")


def test_an_id_with_a_colon_is_not_taken_for_a_prefix(gate) -> None:
    body = (
        f'<startEvent id="s"/><task id="my:t"/><task id="t"/>{FLOW("f", "s", "my:t")}{FLOW("g", "my:t", "t")}'
    )
    flows = gate.model(gate.diagram(body)).body.flows
    assert [author_id(flow.target) for flow in flows] == ["my:t", "t"]


def test_nodes_without_ids_get_the_same_ones_each_time(gate, codes_of) -> None:
    content = gate.diagram('<startEvent id="s"/><task name="a"/><task name="b"/><userTask name="c"/>')
    outcome = gate(content)
    assert [node.id for node in outcome.models[0].body.nodes] == ["s", "task:p", "task:p-2", "userTask:p"]
    assert outcome.models == gate(content).models
    assert codes_of(outcome, "note").count("id-generated") == 3


@pytest.mark.parametrize(
    ("body", "harmless"),
    [
        ('<startEvent id="x"/>\n<task id="x"/>', False),
        (f'<startEvent id="s"/><task id="x"/>\n{FLOW("x", "s", "x")}', False),
        ('<laneSet><lane id="x"/></laneSet>\n<startEvent id="x"/>', False),
        ('<startEvent id="s"/>\n<dataObject id="s"/>', False),
        ('<startEvent id="s"><timerEventDefinition id="s"><timeDate>2030-01-01T00:00:00Z</timeDate>'
         "</timerEventDefinition></startEvent>", True),
        ('<startEvent id="s"><extensionElements><acme:x id="s"/></extensionElements></startEvent>', True),
    ],
)  # fmt: skip
def test_an_id_used_twice_is_refused_with_both_lines_unless_nobody_can_mean_it(gate, body, harmless) -> None:
    errors = [f for f in gate(gate.diagram(body)).errors if f.code == "duplicate-id"]
    assert bool(errors) != harmless
    if errors:
        second, first = errors[0].line, errors[0].line - 1
        assert f"on line {second} " in errors[0].message and f"on line {first};" in errors[0].message


def test_a_repeated_id_in_a_process_that_is_only_drawn_is_a_warning(gate, codes_of) -> None:
    content = gate.chain('<task id="t"/>').replace(
        b"</definitions>",
        b'<process id="q" isExecutable="false"><task id="t"/></process></definitions>',
    )
    outcome = gate(content)
    assert not outcome.errors
    assert "duplicate-id" in codes_of(outcome, "warning")


def test_the_picture_has_ids_the_viewer_can_read_and_everything_still_meets(gate) -> None:
    text = gate.diagram(
        f'<startEvent id="s"/><userTask id="复核 1" name="复核 1"/>{FLOW("f", "s", "tns:复核 1")}'
    ).decode()
    shape = '<bpmndi:BPMNShape xmlns:bpmndi="urn:di" id="复核 1_di" bpmnElement="复核 1"/></definitions>'
    content = text.replace("</definitions>", shape).encode()
    root = etree.fromstring(drawn(content))
    wanted = drawn_id(engine_id("复核 1"))
    assert wanted.isascii()
    assert root.find(".//{*}userTask").attrib == {"id": wanted, "name": "复核 1"}
    assert root.find(".//{*}sequenceFlow").get("targetRef") == wanted
    assert root.find(".//{*}BPMNShape").get("bpmnElement") == wanted


def test_a_picture_that_needs_no_change_is_the_authors_bytes_and_another_encoding_becomes_utf8(gate) -> None:
    content = gate.chain('<task id="t"/>')
    assert drawn(content) == content
    assert drawn(b"no xml") == b"no xml"
    other = content.decode().replace("UTF-8", "GBK").replace('"t"', '"t" name="复核"').encode("gbk")
    assert "复核" in drawn(other).decode("utf-8")


def test_a_drawing_that_comes_first_takes_no_id_away(gate) -> None:
    drawing = b'<process id="q" isExecutable="false"><task id="t"/></process><process id="p"'
    content = gate.chain('<task id="t"/>').replace(b'<process id="p"', drawing)
    assert [node.id for node in gate.model(content).body.nodes] == ["start", "t", "end"]


def test_a_long_id_of_strange_characters_still_meets_its_flows(gate) -> None:
    author = "步 " * 99 + "步"
    body = f'<startEvent id="s"/><task id="{author}"/>{FLOW("f", "s", author)}'
    assert gate.model(gate.diagram(body)).body.flows[0].target == engine_id(author)
