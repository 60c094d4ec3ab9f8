// What pictures of processes share that only show: fitting the whole into its place, zooming, and pieces laid over shapes.

/** Room around the picture; below it the watermark must stay fully visible. */
export const margin = { side: 24, top: 20, bottom: 48 };

/** Give the picture the height it needs at the width there is, within what a screen can show. */
export function grow(viewer, container) {
  const { inner } = viewer.get('canvas').viewbox();
  const scale = Math.min(1, (container.clientWidth - 2 * margin.side) / inner.width);
  const height = inner.height * scale + margin.top + margin.bottom;
  container.style.height = `${Math.round(Math.min(640, Math.max(260, height)))}px`;
}

/** Show the whole picture, never larger than life, with room for badges at the edge. */
export function fit(viewer) {
  const canvas = viewer.get('canvas');
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  const room = outer.height - margin.top - margin.bottom;
  const scale = Math.min(1, (outer.width - 2 * margin.side) / inner.width, room / inner.height);
  const width = outer.width / scale;
  const height = outer.height / scale;
  canvas.viewbox({
    x: inner.x - (width - inner.width) / 2,
    y: inner.y - (margin.top + (room - inner.height * scale) / 2) / scale,
    width,
    height
  });
  return canvas.zoom();
}

/** A piece of text laid over a shape. */
export function badge(overlays, id, kind, text, title, position = { top: -9, right: 11 }) {
  const html = document.createElement('span');
  html.className = `badge-${kind}`;
  html.textContent = text;
  html.title = title;
  return overlays.add(id, { position, html });
}
