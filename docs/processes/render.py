"""Draws docs/processes/<process>.svg for every diagram of bpmn/, as bpmn-js shows it.

Run it after changing a diagram: `npm ci --prefix admin/frontend --ignore-scripts`, then
`python docs/processes/render.py`. Needs a Chromium (`$CHROMIUM`, by default /usr/bin/chromium) and a CJK font. The
same diagram always gives the same bytes.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
BPMN_JS = ROOT / "admin" / "frontend" / "node_modules" / "bpmn-js" / "dist"
FONT = "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
DRAW = """
async ([xml, fontFamily]) => {
  document.body.innerHTML = '<div id="canvas" style="width: 2400px; height: 1200px"></div>';
  const viewer = new BpmnJS({container: '#canvas', textRenderer: {defaultStyle: {fontFamily}}});
  const {warnings} = await viewer.importXML(xml);
  const {svg} = await viewer.saveSVG();
  return [warnings.map(warning => warning.message), svg];
}
"""


def draw(page: Page, diagram: Path) -> str:
    """Return the picture of one diagram, on white. Raises ValueError with bpmn-js' warnings."""
    warnings, svg = page.evaluate(DRAW, [diagram.read_text(encoding="utf-8"), FONT])
    if warnings:
        raise ValueError(f"{diagram.name}: {'; '.join(warnings)}")
    svg = re.sub(r"<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*", "", svg, flags=re.DOTALL)
    view = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', svg)
    assert view is not None
    sheet = '<rect x="{}" y="{}" width="{}" height="{}" fill="white"/>'.format(*view.groups())
    start = svg.index(">", svg.index("<svg")) + 1
    markers: dict[str, str] = {}

    def stable(found: re.Match[str]) -> str:
        # bpmn-js gives its arrow heads random ids; the picture must not change when the diagram does not.
        return markers.setdefault(found[0], f"marker-{diagram.stem}-{len(markers) + 1}")

    return re.sub(r"marker-[a-z0-9]{10,}", stable, svg[:start] + sheet + svg[start:]).strip() + "\n"


def main() -> None:
    """Draw every diagram."""
    viewer = BPMN_JS / "bpmn-viewer.production.min.js"
    if not viewer.exists():
        sys.exit(
            f"There is no {viewer.relative_to(ROOT)}; run: npm ci --prefix admin/frontend --ignore-scripts"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page(viewport={"width": 2400, "height": 1200})
        page.set_content("<!doctype html><body></body>")
        for style in ("diagram-js.css", "bpmn-js.css"):
            page.add_style_tag(path=str(BPMN_JS / "assets" / style))
        page.add_script_tag(path=str(viewer))
        for diagram in sorted((ROOT / "bpmn").rglob("*.bpmn")):
            picture = Path(__file__).with_name(f"{diagram.stem}.svg")
            picture.write_text(draw(page, diagram), encoding="utf-8")
            sys.stdout.write(f"{picture.relative_to(ROOT)}\n")
        browser.close()


if __name__ == "__main__":
    main()
