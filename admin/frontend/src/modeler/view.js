// What of the diagram is seen: all of it beside the palette, or its beginning where all would be too small to read; and the
// same piece again after the text was read anew.

const MARGIN = { side: 24, top: 24, bottom: 56 }; // below: room for the mark of bpmn.io
const READABLE = 0.5;
const AROUND = 160; // what of the pool and its lanes is seen left of the start

/** Show the whole diagram right of the palette; `start`: rather its beginning, where the whole would be too small. */
export function fit(modeler, { start = false } = {}) {
  const canvas = modeler.get('canvas');
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  if (!inner.width || !outer.width) return;
  const left = paletteWidth(canvas) + MARGIN.side;
  const room = { width: outer.width - left - MARGIN.side, height: outer.height - MARGIN.top - MARGIN.bottom };
  const whole = Math.min(1, room.width / inner.width, room.height / inner.height);
  const first = start && whole < READABLE && beginning(modeler);
  const scale = first ? 0.75 : whole;
  const x = first ? Math.max(inner.x, first.x - AROUND) : inner.x - Math.max(0, (room.width / scale - inner.width) / 2);
  const y = first
    ? Math.max(inner.y - MARGIN.top / scale, first.y + first.height / 2 - outer.height / scale / 2)
    : inner.y - Math.max(0, (room.height / scale - inner.height) / 2);
  canvas.viewbox({
    x: x - left / scale,
    y: first ? y : y - MARGIN.top / scale,
    width: outer.width / scale,
    height: outer.height / scale
  });
}

function paletteWidth(canvas) {
  const palette = canvas.getContainer().querySelector('.djs-palette');
  return palette ? palette.offsetLeft + palette.offsetWidth : 0;
}

/** The element that the flow begins with: the leftmost start event, or whatever is leftmost. */
function beginning(modeler) {
  const shapes = modeler.get('elementRegistry').filter((one) => one.width && one.parent && !one.labelTarget && !one.hidden);
  const starts = shapes.filter(({ type }) => type === 'bpmn:StartEvent');
  return (starts.length ? starts : shapes).sort((one, other) => one.x - other.x)[0];
}

/** What is seen and selected now, to be seen again after another text was read. */
export function remember(modeler) {
  const canvas = modeler.get('canvas');
  const { x, y, width, height } = canvas.viewbox();
  return {
    viewbox: { x, y, width, height },
    root: canvas.getRootElement()?.id,
    selected: modeler.get('selection').get().map(({ id }) => id)
  };
}

export function recall(modeler, { viewbox, root, selected }) {
  const canvas = modeler.get('canvas');
  const registry = modeler.get('elementRegistry');
  const there = registry.get(root);
  if (there && canvas.getRootElements().includes(there)) canvas.setRootElement(there);
  canvas.viewbox(viewbox);
  // The panel was made anew with the text, and hears of a selection only after it has been painted.
  const selection = modeler.get('selection');
  setTimeout(() => {
    if (!selection.get().length) selection.select(selected.map((id) => registry.get(id)).filter(Boolean));
  }, PAINTED);
}

/** Milliseconds after which the panel hears what is selected in a text just opened. */
export const PAINTED = 150;

/** Bring an element into view, below whichever collapsed sub-process it is drawn, and select it. Tells whether it is drawn. */
export function goTo(modeler, id) {
  const canvas = modeler.get('canvas');
  const element = modeler.get('elementRegistry').get(id);
  if (!element) return false;
  const root = canvas.findRoot(element);
  if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
  if (element !== root) canvas.scrollToElement(element, { top: 90, bottom: 110, left: 140, right: 90 });
  modeler.get('selection').select(element === root ? [] : [element]);
  return true;
}
