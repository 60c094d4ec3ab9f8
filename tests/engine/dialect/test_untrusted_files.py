"""Whatever is uploaded, the answer is a sentence: never an exception, never a fetched file."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.dialect import SourceFile, compile_files

FLOW = b'<startEvent id="s"/><userTask id="t" name="\xe5\xa4\x8d\xe6\xa0\xb8"/>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"   \n", "empty-file"),
        (b"no xml at all", "not-xml"),
        (b"<definitions><process></definitions>", "not-xml"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><d>&x;</d>', "doctype"),
        (b'<!DOCTYPE d SYSTEM "http://nowhere.invalid/x.dtd"><d/>', "doctype"),
        (b'<?xml version="1.0" encoding="UTF-7"?><d/>', "encoding"),
        (b"<a>" * 220 + b"</a>" * 220, "too-deep"),
        (b"<a>" * 600 + b"</a>" * 600, "not-xml"),
        (b"<a>" + b"<b/>" * 100_001 + b"</a>", "too-many-elements"),
        (b"<a>" + b"<b/>" * 500_000 + b"</a>", "too-many-elements"),
        (b"<a>" + b" " * (5 * 1024 * 1024) + b"</a>", "too-large"),
        (gzip.compress(b"<definitions/>", mtime=0), "not-xml"),
        (b"<html/>", "not-bpmn"),
    ],
)
def test_a_file_that_is_not_safe_xml_is_refused_in_one_sentence(gate, codes_of, content, code):
    outcome = gate(content)
    assert codes_of(outcome) == [code]
    assert not outcome.models
    [finding] = outcome.errors
    assert finding.file == "file.bpmn"
    assert finding.message.endswith(".")
    assert finding.message_zh.endswith("。")


def test_an_entity_bomb_is_refused_at_once(gate):
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "&a;" * 10}">'.encode() for n in range(12)
    )
    assert gate(bomb + b"]><a>&a11;</a>").errors


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "GBK", "GB18030"])
def test_a_diagram_may_be_saved_in_any_usual_encoding(gate, encoding):
    text = gate.diagram('<startEvent id="s"/><userTask id="t"/>', name="投诉处理").decode()
    content = text.replace("UTF-8", encoding, 1).encode(encoding)
    assert gate.model(content).name == "投诉处理"


@pytest.mark.parametrize(
    "name", ["../evil.bpmn", "/etc/x.bpmn", "a/../../b.bpmn", "", "a\\..\\b.bpmn", "x" * 300]
)
def test_a_file_name_that_leaves_the_deployment_is_refused(name):
    outcome = compile_files([SourceFile(name, b"<a/>")], operations=())
    assert [finding.code for finding in outcome.errors] == ["bad-file-name"]


def test_the_same_file_twice_is_refused(gate):
    content = gate.chain('<task id="t"/>')
    outcome = compile_files([SourceFile("a.bpmn", content)] * 2, operations=())
    assert [finding.code for finding in outcome.errors] == ["duplicate-file"]


def test_files_are_told_apart_by_ending_and_content(gate):
    content = gate.chain('<task id="t"/>')
    outcome = compile_files(
        [
            SourceFile("a.bpmn", content),
            SourceFile("b.bpmn20.xml", content.replace(b'id="p"', b'id="q"')),
            SourceFile("c.xml", b"<other/>"),
            SourceFile("d.form", b'{"type": "default", "components": []}'),
            SourceFile("README.md", b"# hello"),
        ],
        operations=(),
    )
    assert outcome.kinds == {
        "a.bpmn": "bpmn", "b.bpmn20.xml": "bpmn", "c.xml": "other", "d.form": "form", "README.md": "other",
    }  # fmt: skip
    assert not outcome.errors


def test_a_file_with_too_many_nodes_is_refused_once(gate, codes_of):
    nodes = "".join(f'<task id="t{n}"/>' for n in range(2001))
    assert codes_of(gate(gate.diagram(f'<startEvent id="s"/>{nodes}'))) == ["too-many-nodes"]


def test_an_xpath_in_a_reference_is_only_a_wrong_reference(gate, codes_of):
    element = '<receiveTask id="r" messageRef="x\' or count(//*)>0 or \'"/>'
    assert codes_of(gate(gate.chain(element))) == ["unresolved-reference"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_no_damaged_file_makes_the_gate_fall(gate, data):
    content = bytearray(
        gate.chain(
            '<userTask id="a" camunda:candidateGroups="x"><extensionElements><camunda:properties>'
            '<camunda:property name="p" value="=1 + 1"/></camunda:properties></extensionElements>'
            '<multiInstanceLoopCharacteristics camunda:collection="xs" camunda:'
            'elementVariable="x"/></userTask>',
            '<exclusiveGateway id="g"/>',
            '<subProcess id="sub"><startEvent id="s2"/></subProcess>',
            '<intermediateCatchEvent id="c"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
            "</timerEventDefinition></intermediateCatchEvent>",
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(400, len(content) - 1))
        kind = data.draw(st.sampled_from(["cut", "change", "repeat"]))
        if kind == "cut":
            del content[where : where + data.draw(st.integers(1, 30))]
        elif kind == "change":
            content[where : where + 1] = data.draw(st.binary(min_size=1, max_size=3))
        else:
            content[where:where] = content[where : where + 40]
        if len(content) < 500:
            break
    for finding in gate(bytes(content)).findings:
        assert finding.message
        assert finding.message_zh
