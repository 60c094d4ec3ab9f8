"""What differs between two versions of a diagram is found and named; what means nothing is left out."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.dialect.comparing import Comparison, Detail, compare_diagrams

CONTENT = Path(__file__).parents[4] / "bpmn"
DIAGRAMS = sorted([*CONTENT.glob("processes/*.bpmn"), *CONTENT.glob("shared/*.bpmn")])
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
COMPLAINT = (CONTENT / "processes/complaint.bpmn").read_bytes()

SMALL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" exporter="one">
  <message id="m1" name="withdraw"/>
  <process id="p" name="P" isExecutable="true">
    <laneSet id="ls"><lane id="left" name="左"><flowNodeRef>start</flowNodeRef><flowNodeRef>review</flowNodeRef></lane>
      <lane id="right" name="右"><flowNodeRef>end</flowNodeRef></lane></laneSet>
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
    <userTask id="review" name="复核" camunda:candidateGroups="centre" camunda:formKey="review">
      <documentation>说明</documentation>
      <extensionElements><camunda:properties><camunda:property name="sla.policy" value="R01.audit"/></camunda:properties>
        <camunda:inputOutput><camunda:inputParameter name="who">${a}</camunda:inputParameter></camunda:inputOutput>
      </extensionElements>
      <multiInstanceLoopCharacteristics camunda:collection="units" camunda:elementVariable="unit"/>
    </userTask>
    <boundaryEvent id="late" attachedToRef="review"><timerEventDefinition id="t1"><timeDuration>PT4H</timeDuration></timerEventDefinition></boundaryEvent>
    <sequenceFlow id="f2" sourceRef="review" targetRef="end"><conditionExpression>a = 1</conditionExpression></sequenceFlow>
    <endEvent id="end"/>
  </process>
  <bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="pl" bpmnElement="p">
    <bpmndi:BPMNShape id="s1" bpmnElement="review"><dc:Bounds x="100" y="80" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="e1" bpmnElement="f2"><di:waypoint x="200" y="120"/><di:waypoint x="300" y="120"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>"""


def after(*edits: tuple[str, str]) -> Comparison:
    changed = SMALL
    for old, new in edits:
        assert old in changed, old
        changed = changed.replace(old, new)
    return compare_diagrams(SMALL.encode(), changed.encode())


@pytest.mark.parametrize(
    ("old", "new", "element", "path", "before", "later"),
    [
        ('Groups="centre"', 'Groups="centre,audit"', "review", "camunda:candidateGroups", "centre", "centre,audit"),
        ('value="R01.audit"', 'value="R02"', "review", "property sla.policy", "R01.audit", "R02"),
        ('name="复核"', 'name="审核"', "review", "name", "复核", "审核"),
        (">说明<", ">另说<", "review", "documentation", "说明", "另说"),
        ("${a}", "${b}", "review", "input who", "${a}", "${b}"),
        ('collection="units"', 'collection="all"', "review", "loop camunda:collection", "units", "all"),
        ("<multiInstanceLoopCharacteristics ", '<multiInstanceLoopCharacteristics isSequential="true" ', "review", "loop", "parallel", "sequential"),
        ("PT4H", "PT8H", "late", "timeDuration", "PT4H", "PT8H"),
        ('id="late" ', 'id="late" cancelActivity="false" ', "late", "cancelActivity", None, "false"),
        ("a = 1", "a = 2", "f2", "conditionExpression", "a = 1", "a = 2"),
        ('targetRef="end"', 'targetRef="start"', "f2", "targetRef", "end", "start"),
        ('name="withdraw"', 'name="urge"', "m1", "name", "withdraw", "urge"),
        ('isExecutable="true"', 'isExecutable="true" camunda:versionTag="2"', "p", "camunda:versionTag", None, "2"),
    ],
)  # fmt: skip
def test_a_change_is_told_with_its_attribute(
    old: str, new: str, element: str, path: str, before: str | None, later: str | None
) -> None:
    (found,) = after((old, new)).changes
    assert (found.what, found.id) == ("changed", element)
    assert found.details == (Detail(path, before, later),)
    assert all(found.details[0].label)


def test_another_lane_is_a_change_and_named() -> None:
    node = "<flowNodeRef>review</flowNodeRef>"
    found = after((node, ""), ("<flowNodeRef>end<", f"{node}<flowNodeRef>end<"))
    (change,) = found.changes
    assert change.details == (Detail("lane", "左 (left)", "右 (right)"),)


def test_what_is_only_drawn_elsewhere_has_moved() -> None:
    found = after(
        ('<dc:Bounds x="100"', '<dc:Bounds x="140"'), ('<di:waypoint x="300"', '<di:waypoint x="340"')
    )
    assert [(one.id, one.what) for one in found.changes] == [("review", "moved"), ("f2", "moved")]
    assert found.changes[0].drawing == (Detail("position", "100,80", "140,80"),)
    assert found.changes[1].drawing == (Detail("waypoints", "200,120 → 300,120", "200,120 → 340,120"),)


def test_what_says_and_is_drawn_otherwise_is_a_change_that_moved() -> None:
    (found,) = after(('<dc:Bounds x="100"', '<dc:Bounds x="140"'), ("复核", "审核")).changes
    assert found.what == "changed"
    assert found.moved


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('exporter="one"', 'exporter="another" exporterVersion="9"'),
        ('id="s1"', 'id="shape_of_review"'),
        ("<startEvent", "<!-- a word -->\n\n   <startEvent"),
        ('camunda:candidateGroups="centre" camunda:formKey="review"', 'camunda:formKey="review" camunda:candidateGroups="centre"'),
        ('<message id="m1"', '<message id="Message_0f"'),
        ('id="t1"', 'id="TimerEventDefinition_9"'),
        ('x="100" y="80"', 'x="100.0" y="80.00"'),
        ('id="late" ', 'id="late" cancelActivity="true" '),
        ("a = 1", "\n      a = 1\n    "),
        ('exporter="one"', 'exporter="one" typeLanguage="http://www.w3.org/2001/XMLSchema" expressionLanguage="http://www.w3.org/1999/XPath"'),
    ],
)  # fmt: skip
def test_what_means_nothing_is_left_out(old: str, new: str) -> None:
    assert not after((old, new))


def test_an_expression_by_its_other_name_and_written_defaults_say_the_same() -> None:
    owner = "<potentialOwner><resourceAssignmentExpression>{}</resourceAssignmentExpression></potentialOwner>"
    data = '<ioSpecification><dataInput id="i"{}/></ioSpecification>'

    def with_(expression: str, default: str) -> bytes:
        inside = data.format(default) + owner.format(expression)
        return SMALL.replace(
            "<documentation>说明</documentation>", f"<documentation>说明</documentation>{inside}"
        ).encode()

    one = with_("<formalExpression>centre</formalExpression>", ' isCollection="false"')
    other = '<expression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="tFormalExpression">{}</expression>'
    assert not compare_diagrams(one, with_(other.format("centre"), "")).changes
    assert compare_diagrams(one, with_(other.format("hall"), "")).changes
    assert compare_diagrams(one, with_(other.format("centre"), ' isCollection="true"')).changes


def test_another_prefix_says_the_same() -> None:
    changed = SMALL.replace("camunda:", "c7:").replace("xmlns:camunda", "xmlns:c7")
    assert not compare_diagrams(SMALL.encode(), changed.replace("xmlns:camunda", "xmlns:c7").encode())


def test_what_was_added_and_removed_is_told() -> None:
    task = '<userTask id="audit" name="审计"/><endEvent id="end"/>'
    found = after(('<endEvent id="end"/>', task))
    assert [(one.what, one.id, one.name) for one in found.changes] == [("added", "audit", "审计")]
    back = compare_diagrams(SMALL.replace('<endEvent id="end"/>', task).encode(), SMALL.encode())
    assert [(one.what, one.id) for one in back.changes] == [("removed", "audit")]


def test_an_id_that_was_changed_is_suspected() -> None:
    found = compare_diagrams(SMALL.encode(), re.sub(r'"review"|>review<', lambda m: m[0].replace("review", "Activity_1"), SMALL).encode())  # fmt: skip
    gone, new = found.removed[0], found.added[0]
    assert (gone.id, gone.other_id) == ("review", "Activity_1")
    assert (new.id, new.other_id) == ("Activity_1", "review")


def test_a_process_under_another_key_is_the_same_process() -> None:
    found = after(('process id="p"', 'process id="q"'))
    assert [(one.what, one.kind, one.details) for one in found.changes] == [
        ("changed", "process", (Detail("id", "p", "q"),))
    ]


@pytest.mark.parametrize(
    "content", [b"", b"<broken", b"{}", b"<a/>", b"\xff\xfe\x00", b"<!DOCTYPE a><a/>", b"x" * (6 << 20)]
)
def test_what_cannot_be_read_is_a_sentence(content: bytes) -> None:
    found = compare_diagrams(SMALL.encode(), content)
    assert [one.side for one in found.problems] == ["after"]
    assert found.problems[0].en
    assert found.problems[0].zh
    assert not found.changes


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_equals_itself_however_it_is_written(path: Path) -> None:
    content = path.read_bytes()
    root = etree.fromstring(content)
    for element in root.iter():
        attributes = list(element.attrib.items())
        for name, _ in attributes:
            del element.attrib[name]
        for name, value in reversed(attributes):
            element.set(name, value)
    assert not compare_diagrams(content, etree.tostring(root, encoding="UTF-16", xml_declaration=True))


@pytest.mark.parametrize("seed", range(30))
def test_any_edit_is_found_and_mirrored(seed: int) -> None:
    chance = random.Random(seed)
    before = chance.choice(DIAGRAMS).read_bytes()
    root = etree.fromstring(before)
    expected: dict[str, str] = {}
    tasks = [
        one for one in root.iter(f"{BPMN}userTask", f"{BPMN}callActivity", f"{BPMN}endEvent") if one.get("id")
    ]
    for element in chance.sample(tasks, min(len(tasks), 3)):
        edit = chance.choice([_rename, _regroup, _document, _describe])
        edit(element, chance)
        expected[element.get("id")] = "changed"
    new = etree.SubElement(next(root.iter(f"{BPMN}process")), f"{BPMN}userTask", {"id": f"brought_{seed}"})
    expected[new.get("id")] = "added"
    changed = etree.tostring(root)
    found = compare_diagrams(before, changed)
    assert {one.id: one.what for one in found.changes} == expected
    back = compare_diagrams(changed, before)
    turned = {"added": "removed", "removed": "added"}
    assert sorted((turned.get(one.what, one.what), one.id, [(d.path, d.after, d.before) for d in one.details]) for one in back.changes) == sorted(
        (one.what, one.id, [(d.path, d.before, d.after) for d in one.details]) for one in found.changes
    )  # fmt: skip


def _rename(element: Any, chance: random.Random) -> None:
    element.set("name", f"新{chance.random()}")


def _regroup(element: Any, chance: random.Random) -> None:
    element.set(f"{CAMUNDA}candidateGroups", f"group_{chance.random()}")


def _document(element: Any, chance: random.Random) -> None:
    etree.SubElement(element, f"{BPMN}documentation").text = f"{chance.random()}"


def _describe(element: Any, chance: random.Random) -> None:
    extensions = etree.SubElement(element, f"{BPMN}extensionElements")
    inner = etree.SubElement(extensions, f"{CAMUNDA}properties")
    etree.SubElement(inner, f"{CAMUNDA}property", {"name": f"x.{chance.random()}", "value": "1"})


def test_a_diagram_as_large_as_they_may_be_is_compared_in_time() -> None:
    tasks = "".join(
        f'<userTask id="t{n}" name="任务{n}"><documentation>{"x" * 180}</documentation></userTask>'
        f'<sequenceFlow id="f{n}" sourceRef="t{n}" targetRef="t{n + 1}"/>'
        for n in range(14_000)
    )
    space = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    before = f'<definitions {space}><process id="p">{tasks}</process></definitions>'.encode()
    assert 4 << 20 < len(before) < 5 << 20
    later = before.replace("任务9000".encode(), b"another")
    began = time.process_time()
    found = compare_diagrams(before, later)
    assert time.process_time() - began < 5
    assert [(one.id, one.details) for one in found.changes] == [
        ("t9000", (Detail("name", "任务9000", "another"),))
    ]
