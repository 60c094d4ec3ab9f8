"""The pictures in docs/processes show the diagrams as they are."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.bpmn.drawing import CONTENT, Drawing, drawings

PICTURES = CONTENT.parent / "docs" / "processes"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("drawing", drawings(), ids=lambda drawing: drawing.key)
def test_the_picture_shows_the_diagram_as_it_is(drawing: Drawing) -> None:
    picture = etree.fromstring((PICTURES / f"{drawing.key}.svg").read_bytes())
    shown = {each.get("data-element-id", ""): each for each in picture.iter(f"{SVG}g")}
    everything = [
        *drawing.nodes.values(),
        *drawing.flows.values(),
        *drawing.messages.values(),
        *drawing.lanes.values(),
        *drawing.pools.values(),
    ]
    for each in everything:
        assert each.id in shown, f"the picture lacks {each.id}; render it again"
        written = shown.get(f"{each.id}_label", shown[each.id])
        assert each.name in "".join(map(str, written.itertext())), (
            f"the picture does not say {each.name}; render it again"
        )
        if each.box is not None:
            matrix = (shown[each.id].get("transform") or "").removeprefix("matrix(").removesuffix(")").split()
            assert [float(matrix[4]), float(matrix[5])] == [each.box.x, each.box.y], f"{each.id} has moved"


def test_every_process_has_its_picture_and_paragraph_in_the_readme() -> None:
    readme = (CONTENT / "README.md").read_text(encoding="utf-8")
    for drawing in drawings():
        assert f"](../docs/processes/{drawing.key}.svg)" in readme, drawing.key
        assert f"· `{drawing.key}`" in readme, drawing.key
