"""What the reader sees: a diagram on the grid, where nothing covers anything and no line crosses another."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from tests.bpmn.drawing import Box, Drawing, Drawn, Point, drawings

EVERY = pytest.mark.parametrize("drawing", drawings(), ids=lambda drawing: drawing.key)


@EVERY
def test_everything_is_drawn(drawing: Drawing) -> None:
    for each in [*drawing.nodes.values(), *drawing.lanes.values(), *drawing.pools.values()]:
        assert each.box is not None, each.id
    for each in [*drawing.flows.values(), *drawing.messages.values()]:
        assert len(each.points) >= 2, each.id


@EVERY
def test_shapes_lie_on_the_ten_pixel_grid(drawing: Drawing) -> None:
    for each in drawing.nodes.values():
        assert all(value % 10 == 0 for value in each.place().centre), f"{each.id} at {each.place().centre}"
    for each in [*drawing.lanes.values(), *drawing.pools.values()]:
        box = each.place()
        assert all(value % 10 == 0 for value in (box.x, box.y, box.width, box.height)), each.id


@EVERY
def test_lanes_fill_the_pool_and_nodes_stand_in_their_lane(drawing: Drawing) -> None:
    pool = next(p for p in drawing.pools.values() if p.get("processRef")).place()
    lanes = sorted((lane.place() for lane in drawing.lanes.values()), key=lambda lane: lane.y)
    assert lanes[0].y == pool.y
    assert lanes[-1].bottom == pool.bottom
    for upper, lower in pairwise(lanes):
        assert upper.bottom == lower.y
    for lane_id, members in drawing.members.items():
        for node in members:
            assert drawing.lanes[lane_id].place().contains(drawing.nodes[node].place()), node
    for node in drawing.nodes:
        for around in drawing.around(node):
            assert drawing.nodes[around].place().contains(drawing.nodes[node].place()), node


@EVERY
def test_no_shape_covers_another(drawing: Drawing) -> None:
    for one, other in combinations(drawing.nodes.values(), 2):
        if other.id == one.get("attachedToRef") or one.id == other.get("attachedToRef"):
            continue
        if other.id in drawing.around(one.id) or one.id in drawing.around(other.id):
            continue
        assert not one.place().overlaps(other.place(), gap=9), f"{one.id} is too close to {other.id}"


@EVERY
def test_boundary_events_sit_on_the_border_of_their_activity(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        if host := node.get("attachedToRef"):
            assert drawing.nodes[host].place().on_border(node.place().centre), node.id


@EVERY
def test_lines_are_orthogonal_and_dock_where_they_say(drawing: Drawing) -> None:
    places = {**drawing.nodes, **drawing.pools}
    for line in _lines(drawing):
        for start, end in line.segments():
            assert (start[0] == end[0]) != (start[1] == end[1]), f"{line.id} is slanted or empty at {start}"
        assert places[line.get("sourceRef") or ""].place().on_border(line.points[0]), line.id
        assert places[line.get("targetRef") or ""].place().on_border(line.points[-1]), line.id
        for x, y in line.points[1:-1]:
            assert (x % 10, y % 10) == (0, 0), f"{line.id} bends off the grid at {x},{y}"


@EVERY
def test_no_line_runs_through_a_shape(drawing: Drawing) -> None:
    for line in _lines(drawing):
        for node in drawing.nodes.values():
            hosts = {drawing.nodes[e].get("attachedToRef") for e in _ends(line) if e in drawing.nodes}
            inside = {around for end in _ends(line) for around in drawing.around(end)}
            if node.id in _ends(line) or node.id in hosts or node.id in inside:
                continue
            for start, end in line.segments():
                assert not node.place().is_cut_by(start, end), f"{line.id} runs through {node.id}"


@EVERY
def test_no_line_crosses_another(drawing: Drawing) -> None:
    for one, other in combinations(_lines(drawing), 2):
        if _ends(one) & _ends(other):
            continue
        for a in one.segments():
            for b in other.segments():
                assert not _meet(a, b), f"{one.id} crosses {other.id}"


@EVERY
def test_no_label_is_covered(drawing: Drawing) -> None:
    labelled = [each for each in _everything(drawing) if each.label is not None]
    for each in labelled:
        assert each.label is not None
        inside = drawing.around(each.id) | drawing.around(each.get("sourceRef") or "")
        for node in drawing.nodes.values():
            if node.id not in inside:
                assert not each.label.overlaps(node.place()), f"the label of {each.id} lies on {node.id}"
        for line in _lines(drawing):
            for start, end in line.segments():
                assert not each.label.is_cut_by(start, end), f"{line.id} runs through the label of {each.id}"
        for lane in drawing.lanes.values():
            assert not _straddles(each.label, lane.place()), f"the label of {each.id} lies on a lane border"
    for one, other in combinations(labelled, 2):
        assert one.label is not None
        assert other.label is not None
        assert not one.label.overlaps(other.label), f"the labels of {one.id} and {other.id} overlap"


@EVERY
def test_nothing_is_written_over_the_name_of_a_lane_or_the_mark_of_a_part(drawing: Drawing) -> None:
    """The name of a lane has a strip of 30 px; what is called has its mark in the middle of its lower border."""
    for node in drawing.nodes.values():
        for lane in drawing.lanes.values():
            place = lane.place()
            if node.label is not None and place.y <= node.label.y < place.bottom:
                assert node.label.x >= place.x + 30, f"the label of {node.id} lies on the name of {lane.id}"
        if (host := node.get("attachedToRef")) and drawing.nodes[host].kind == "callActivity":
            part = drawing.nodes[host].place()
            if node.place().centre[1] == part.bottom:
                gap = abs(node.place().centre[0] - part.centre[0])
                assert gap >= 18 + 7, f"{node.id} covers the mark of {host}"


@EVERY
def test_names_fit_where_they_are_written(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        if node.label is None and node.name:
            assert _wide(node.name) <= 2 * (node.place().width - 10), f"{node.id} does not fit its shape"
        if node.label is not None:
            assert _wide(node.name) <= 90 * node.label.height / 14, f"the label of {node.id} needs more room"


@EVERY
def test_reading_goes_from_left_to_right(drawing: Drawing) -> None:
    for scope in {drawing.scope(node) for node in drawing.nodes}:
        inside = [node for node in drawing.nodes.values() if drawing.scope(node.id) == scope]
        starts = [node.place().x for node in inside if node.kind == "startEvent"]
        ends = [node.place().x for node in inside if node.kind == "endEvent"]
        assert max(starts) < min(ends)
        assert max(starts) <= min(node.place().x for node in inside)


def _lines(drawing: Drawing) -> list[Drawn]:
    return [*drawing.flows.values(), *drawing.messages.values()]


def _everything(drawing: Drawing) -> list[Drawn]:
    return [*drawing.nodes.values(), *_lines(drawing)]


def _ends(line: Drawn) -> set[str]:
    return {line.get("sourceRef") or "", line.get("targetRef") or ""}


def _meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    return (
        min(ax, bx) <= max(cx, dx)
        and min(cx, dx) <= max(ax, bx)
        and min(ay, by) <= max(cy, dy)
        and min(cy, dy) <= max(ay, by)
    )


def _straddles(label: Box, lane: Box) -> bool:
    return any(label.y < edge < label.bottom for edge in (lane.y, lane.bottom)) and label.x < lane.right


def _wide(text: str) -> int:
    return sum(11 if ord(letter) > 0x2E80 else 6 for letter in text)
