"""A picture is read like its reader does: what lies over what, what is named, what is missing."""

from __future__ import annotations

import time

import pytest

from engine.dialect import SourceFile, compile_files
from engine.dialect.findings import Finding

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:dd="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="urn:t">'
)
CODES = (
    "shapes-overlap",
    "not-drawn",
    "outside-its-place",
    "flow-through-shape",
    "label-covers-shape",
    "without-name",
)
PROCESS = (
    '<process id="p" isExecutable="true"><startEvent id="s"/><task id="a" name="A"/><task id="b" name="B"/><endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" name="on" sourceRef="a" targetRef="b"/>'
    '<sequenceFlow id="f3" sourceRef="b" targetRef="e"/></process>'
)
PLACES = {"s": (0, 20, 36, 36), "a": (100, 0, 100, 80), "b": (300, 0, 100, 80), "e": (500, 20, 36, 36)}
LINES = {"f1": "36,38 100,38", "f2": "200,38 300,38", "f3": "400,38 500,38"}


def shape(
    element: str, box: tuple[float, ...], label: tuple[float, ...] | None = None, more: str = ""
) -> str:
    def bounds(one: tuple[float, ...]) -> str:
        return "<dc:Bounds x='{}' y='{}' width='{}' height='{}'/>".format(*one)

    said = f"<di:BPMNLabel>{bounds(label)}</di:BPMNLabel>" if label else ""
    return f"<di:BPMNShape bpmnElement='{element}' {more}>{bounds(box)}{said}</di:BPMNShape>"


def line(flow: str, points: str, label: str = "") -> str:
    ways = "".join("<dd:waypoint x='{}' y='{}'/>".format(*point.split(",")) for point in points.split())
    return f"<di:BPMNEdge bpmnElement='{flow}'>{ways}{label}</di:BPMNEdge>"


def told(body: str = PROCESS, drawn: str = "", places: dict = PLACES, lines: dict = LINES) -> list[Finding]:
    shapes = "".join(shape(name, box) for name, box in places.items())
    edges = "".join(line(name, points) for name, points in lines.items())
    text = f"{HEAD}{body}<di:BPMNDiagram><di:BPMNPlane bpmnElement='p'>{shapes}{edges}{drawn}</di:BPMNPlane></di:BPMNDiagram></definitions>"
    found = compile_files([SourceFile("p.bpmn", text.encode())], operations=())
    return [one for one in found.findings if one.code in CODES]


def met(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.severity, one.code, one.element_id) for one in found]


def test_a_tidy_picture_is_not_remarked_on() -> None:
    assert told() == []


def test_a_file_without_a_picture_is_not_either() -> None:
    found = compile_files([SourceFile("p.bpmn", f"{HEAD}{PROCESS}</definitions>".encode())], operations=())
    assert not [one for one in found.findings if one.code in CODES]


def test_shapes_over_each_other_are_a_warning_once_for_each_pair() -> None:
    (found,) = told(places={**PLACES, "b": (150, 20, 100, 80)}, lines={})
    assert (found.severity, found.code, found.element_id) == ("warning", "shapes-overlap", "b")
    assert 'covers task "A" (a)' in found.message and "盖住了任务“A”（a）" in found.message_zh
    assert told(places={**PLACES, "b": (198, 0, 100, 80)}, lines={}) == []  # they touch


@pytest.mark.parametrize(
    ("changed", "element"),
    [({"f1": "36,38 100,38", "f3": "36,38 500,38"}, "f3"), ({"f1": "0,0 400,80"}, "f1")],
)
def test_a_line_through_a_shape_of_others_is_told(changed: dict[str, str], element: str) -> None:
    places = {**PLACES}
    found = told(places=places, lines={**LINES, **changed})
    assert ("note", "flow-through-shape", element) in met(found)


def test_what_is_not_drawn_and_what_a_label_covers() -> None:
    without = {name: box for name, box in PLACES.items() if name != "e"}
    assert met(told(places=without, lines={})) == [("note", "not-drawn", "e")]
    label = "<di:BPMNLabel><dc:Bounds x='320' y='30' width='40' height='14'/></di:BPMNLabel>"
    flows = {name: points for name, points in LINES.items() if name != "f2"}
    assert met(told(lines=flows, drawn=line("f2", LINES["f2"], label))) == [
        ("note", "label-covers-shape", "f2")
    ]


def test_what_is_drawn_outside_its_pool_and_lane() -> None:
    collaboration = '<collaboration id="c"><participant id="pool" processRef="p"/></collaboration>'
    lanes = '<laneSet id="ls"><lane id="l1" name="省中心"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    body = collaboration + PROCESS.replace("<startEvent", lanes + "<startEvent", 1)
    drawn = shape("pool", (-50, -50, 450, 200)) + shape("l1", (-20, 90, 420, 60))
    assert set(met(told(body, drawn))) == {
        ("note", "outside-its-place", "a"),
        ("note", "outside-its-place", "e"),
    }


def test_names_that_are_missing() -> None:
    body = (
        '<process id="p" isExecutable="true"><startEvent id="s"/><exclusiveGateway id="x" default="f3"/><task id="a"/>'
        '<exclusiveGateway id="m"/><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="x"/>'
        '<sequenceFlow id="f2" sourceRef="x" targetRef="a"><conditionExpression>v = 1</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="f3" sourceRef="x" targetRef="m"/><sequenceFlow id="f4" sourceRef="a" targetRef="m"/>'
        '<sequenceFlow id="f5" sourceRef="m" targetRef="e"/></process>'
    )
    places = {name: (200 * number, 0, 36, 36) for number, name in enumerate(("s", "x", "a", "m", "e"))}
    assert {one.element_id for one in told(body, places=places, lines={})} == {"x", "a", "f2"}


def test_what_belongs_together_may_lie_on_each_other() -> None:
    body = (
        '<process id="p" isExecutable="true"><startEvent id="s"/><subProcess id="c" name="C"><startEvent id="i"/><task id="a" name="A"/>'
        '<sequenceFlow id="g" sourceRef="i" targetRef="a"/></subProcess><boundaryEvent id="t" name="t" attachedToRef="c">'
        "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id='e'/><endEvent id='e2'/>"
        '<sequenceFlow id="f1" sourceRef="s" targetRef="c"/><sequenceFlow id="f2" sourceRef="c" targetRef="e"/>'
        '<sequenceFlow id="f3" sourceRef="t" targetRef="e2"/></process>'
    )
    places = {"s": (0, 80, 36, 36), "c": (100, 0, 400, 200), "i": (120, 80, 36, 36), "a": (200, 60, 100, 80), "t": (300, 182, 36, 36),
              "e": (600, 80, 36, 36), "e2": (600, 300, 36, 36)}  # fmt: skip
    lines = {
        "f1": "36,98 100,98",
        "g": "156,98 200,98",
        "f2": "500,98 600,98",
        "f3": "318,218 318,318 600,318",
    }
    assert told(body, places=places, lines=lines) == []
    closed = {name: box for name, box in places.items() if name not in ("i", "a", "c")}
    drawn = shape("c", (100, 0, 400, 200), more="isExpanded='false'")
    assert told(body, drawn, places=closed, lines={}) == []


def test_a_picture_that_is_all_in_one_place_is_read_in_time() -> None:
    tasks = "".join(f'<task id="t{n}" name="t"/>' for n in range(1_900))
    flows = "".join(f'<sequenceFlow id="g{n}" sourceRef="t{n}" targetRef="t{n + 1}"/>' for n in range(1_899))
    places = {f"t{n}": (n % 7, n % 5, 100, 80) for n in range(1_900)}
    lines = {f"g{n}": "0,0 1000,1000" for n in range(1_899)}
    body = f'<process id="p" isExecutable="true">{tasks}{flows}</process>'
    begun = time.process_time()
    assert len(told(body, places=places, lines=lines)) < 400
    assert time.process_time() - begun < 8


@pytest.mark.parametrize("number", ["nan", "inf", "-1e400", "x", ""])
def test_places_that_are_no_numbers_are_left_out(number: str) -> None:
    assert told(drawn=shape("s", (number, 0, 36, 36)) + line("f1", f"{number},0 1,1"), lines={}) == []  # type: ignore[arg-type]
