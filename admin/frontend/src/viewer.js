// The diagram island: where an instance stands. Tokens are badges, what was visited is tinted, incidents are red;
// a click on an element shows its documentation and its history beside the picture; call activities open in place.
//
// Boot data (#boot, or what is at the address in the container's data-boot):
//   root       the process key shown first
//   diagrams   { key: { name, url } }              the author's XML of every process drawn in this deployment;
//              { key: { name, xml } }              of a file that is not stored: what is marked in it are findings
//   open       the process keys to begin with, the outermost first; without it, root
//   near       whether a picture too large for its place is shown at the token instead of whole
//   instance   whether it is a case that is shown: elements then have a state
//   marks      { key: { element: { active, visited, cancelled, incident, remark, came, left } } }
//   events     { key: { element: [ { at, what, who, detail } ] } }

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './styles/viewer.css';

import { brief, plain } from './language.js';
import { badge, fit, grow } from './picture.js';

const container = document.getElementById('diagram');
const boot = container.dataset.boot ? await fetched(container.dataset.boot) : JSON.parse(document.getElementById('boot').textContent);
const stage = container.closest('.stage');
const panel = document.getElementById('element-panel');
const crumbs = document.getElementById('diagram-path');
const problem = document.getElementById('diagram-problem');

const viewer = new NavigatedViewer({ container });
const sources = new Map();
let path = [];
let fitted = 0;

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function source(key) {
  if (boot.diagrams[key].xml) return boot.diagrams[key].xml;
  if (!sources.has(key)) {
    const answer = await fetch(boot.diagrams[key].url, { headers: { Accept: 'application/xml' } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    sources.set(key, await answer.text());
  }
  return sources.get(key);
}

async function open(next) {
  try {
    await viewer.importXML(await source(next.at(-1)));
    problem.hidden = true;
  } catch (error) {
    tell(error, boot.diagrams[next.at(-1)].name);
    if (!path.length) {
      for (const one of stage.closest('.panel').querySelectorAll('.stage, .zoom, .legend, .hint-line')) one.hidden = true;
      return;
    }
    // The picture before stays below what is said of the other.
    next = path;
    await viewer.importXML(await source(next.at(-1)));
  }
  path = next;
  stage.classList.remove('with-panel');
  grow(viewer, container);
  whole();
  mark(path.at(-1));
  if (boot.near) approach();
  breadcrumbs();
  show(null);
}

/** Where the whole picture would be too small to read, the token in the middle at a size that can be. */
function approach() {
  const canvas = viewer.get('canvas');
  const [id] = Object.entries(boot.marks?.[path.at(-1)] ?? {}).find(([, { active }]) => active) ?? [];
  const element = id && viewer.get('elementRegistry').get(id);
  if (!element || fitted >= 0.55) return;
  canvas.zoom(0.7, { x: 0, y: 0 });
  const { outer, scale } = canvas.viewbox();
  canvas.viewbox({
    x: element.x + element.width / 2 - outer.width / scale / 2,
    y: element.y + element.height / 2 - outer.height / scale / 2,
    width: outer.width / scale,
    height: outer.height / scale
  });
}

/** Why there is no picture, and what to do. A file of elements without a drawing is legal, and runs. */
function tell(error, name) {
  const undrawn = /no diagram to display|no process or collaboration/.test(error.message);
  problem.className = undrawn ? 'notice wait' : 'problems';
  problem.textContent = undrawn
    ? plain(
      `“${name}”的文件中没有图形信息（BPMN DI），因此没有图可看；不影响运行。想看到图，请在建模工具中排好版再保存。`,
      `The file of ${name} says nothing about its drawing (no BPMN DI), so there is no picture; it runs all the same. To see one, lay it out in a modeler and save it.`
    )
    : plain(`流程图“${name}”无法显示（${error.message}）。`, `The diagram ${name} cannot be shown (${error.message}).`);
  problem.hidden = false;
}

/** Show the whole picture, and remember how large it is then. */
function whole() {
  fitted = fit(viewer);
}

function mark(key) {
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  const registry = viewer.get('elementRegistry');
  const marks = boot.marks?.[key] ?? {};
  for (const [id, state] of Object.entries(marks)) {
    const element = registry.get(id);
    if (!element) continue;
    const container = isContainer(element);
    if (state.visited) canvas.addMarker(id, container ? 'was-inside' : 'was-visited');
    // A boundary event listens while its activity runs; the token is the activity's.
    const listens = element.businessObject?.$type === 'bpmn:BoundaryEvent';
    if (state.active && !listens) canvas.addMarker(id, container ? 'is-inside' : 'is-active');
    if (state.cancelled && !state.visited && !state.active && !container) canvas.addMarker(id, 'was-cancelled');
    if (state.incident) canvas.addMarker(id, 'has-incident');
    if (state.remark) canvas.addMarker(id, 'has-remark');
    if (state.remark) badge(overlays, id, 'remark', '!', state.remark, { bottom: 10, right: 10 });
    if (state.active && !container && !listens) badge(overlays, id, 'token', state.active > 1 ? `${state.active}` : '', plain('正在办理', 'active'));
    if (state.incident) badge(overlays, id, 'incident', '!', state.incident, { bottom: 10, right: 10 });
    if (state.visited > 1) badge(overlays, id, 'count', `×${state.visited}`, plain(`经过 ${state.visited} 次`, `visited ${state.visited} times`), { bottom: 9, left: -6 });
  }
  for (const flow of taken(registry, marks)) canvas.addMarker(flow, 'was-taken');
  registry.forEach((element) => {
    const object = element.businessObject;
    if (object?.$type === 'bpmn:CallActivity' && boot.diagrams[object.calledElement] && !element.labelTarget) {
      drill(overlays, element.id, object);
    }
  });
}

/** The flows that were taken: of the ways into an element the one left last before it was reached, at a join all. */
function taken(registry, marks) {
  const found = new Set();
  const flows = registry.filter(({ type, labelTarget }) => type === 'bpmn:SequenceFlow' && !labelTarget);
  for (const [id, { came = [] }] of Object.entries(marks)) {
    const incoming = flows.filter(({ businessObject }) => businessObject.targetRef?.id === id);
    const joins = /(Parallel|Inclusive)Gateway$/.test(registry.get(id)?.type);
    for (const arrival of came) {
      const ways = incoming
        .map((flow) => {
          const left = marks[flow.businessObject.sourceRef?.id]?.left ?? [];
          return { id: flow.id, left: Math.max(...left.filter((at) => at < arrival)) };
        })
        .filter(({ left }) => left >= 0)
        .sort((one, other) => other.left - one.left);
      for (const way of joins ? ways : ways.slice(0, 1)) found.add(way.id);
    }
  }
  return found;
}

function isContainer(element) {
  return element.businessObject?.$type === 'bpmn:SubProcess' && !element.collapsed;
}

function drill(overlays, id, { calledElement, name }) {
  const html = document.createElement('button');
  html.type = 'button';
  html.className = 'drill';
  html.textContent = brief('打开', 'Open');
  html.setAttribute('aria-label', `${plain('打开子流程', 'Open the called process')} ${name ?? calledElement}`);
  html.addEventListener('click', () => open([...path, calledElement]));
  // Inside the corner: what hangs on the border below, such as an event, keeps its place.
  overlays.add(id, { position: { top: 3, left: 3 }, html });
}

function breadcrumbs() {
  crumbs.replaceChildren(...path.map((key, index) => {
    const last = index === path.length - 1;
    const item = document.createElement(last ? 'strong' : 'button');
    item.textContent = boot.diagrams[key].name;
    if (!last) {
      item.type = 'button';
      item.addEventListener('click', () => open(path.slice(0, index + 1)));
    }
    const step = document.createElement('li');
    step.append(item);
    return step;
  }));
}

function show(element) {
  const canvas = viewer.get('canvas');
  for (const marked of viewer.get('elementRegistry').filter((one) => canvas.hasMarker(one, 'is-chosen'))) {
    canvas.removeMarker(marked, 'is-chosen');
  }
  panel.replaceChildren();
  // Whoever has not zoomed still sees the whole picture beside the panel.
  const unzoomed = Math.abs(canvas.zoom() - fitted) < 0.001;
  if (stage.classList.contains('with-panel') !== Boolean(element)) {
    stage.classList.toggle('with-panel', Boolean(element));
    if (unzoomed) whole();
  }
  if (!element) return;
  const object = element.businessObject;
  canvas.addMarker(element.id, 'is-chosen');
  const close = line('button', '×', 'close');
  close.type = 'button';
  close.setAttribute('aria-label', plain('关闭说明', 'Close'));
  close.addEventListener('click', () => show(null));
  panel.append(close, line('h3', object.name || object.id), line('p', object.id, 'code'));
  const state = boot.marks?.[path.at(-1)]?.[object.id];
  for (const said of (state?.incident ?? state?.remark ?? '').split('\n')) if (said) panel.append(line('p', said, 'problem'));
  if (boot.instance) panel.append(line('p', stateText(state, object.$type), 'state'));
  for (const { text } of object.documentation ?? []) {
    for (const part of (text ?? '').split(/\n+/)) if (part.trim()) panel.append(line('p', part.trim(), 'doc'));
  }
  const events = boot.events?.[path.at(-1)]?.[object.id] ?? [];
  if (events.length) {
    const list = document.createElement('ol');
    list.className = 'events';
    for (const { at, what, who, detail } of events) {
      const item = document.createElement('li');
      item.append(line('time', at), line('span', who ? `${what}${brief('，', ', ')}${who}` : what));
      if (detail) item.append(line('small', detail));
      list.append(item);
    }
    panel.append(line('h4', plain('经过', 'History')), list);
  }
}

function stateText(state, type) {
  if (state?.active && /Event$/.test(type)) return plain('状态：等待中', 'waiting');
  if (state?.active) return plain('状态：正在办理', 'active');
  if (state?.visited) return plain('状态：已经过', 'visited');
  if (state?.cancelled) return plain('状态：已取消', 'cancelled');
  return plain('状态：未到达', 'not reached');
}

function line(tag, text, className = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

viewer.on('element.click', ({ element }) => {
  const object = element.businessObject;
  const silent = ['bpmn:Collaboration', 'bpmn:Participant', 'bpmn:Lane', 'bpmn:Process', 'bpmn:SequenceFlow'];
  show(object && !silent.includes(object.$type) ? element.labelTarget ?? element : null);
});
viewer.on('element.dblclick', ({ element }) => {
  const called = element.businessObject?.calledElement;
  if (called && boot.diagrams[called]) open([...path, called]);
});

// Rows of the history point into the picture.
document.addEventListener('click', async (event) => {
  const pointer = event.target.closest('[data-scope]');
  if (!pointer) return;
  const { scope, element: id } = pointer.dataset;
  if (!boot.diagrams[scope]) return;
  // Uploaded files stand beside each other; called processes stand below the one shown first.
  const alone = scope === boot.root || boot.diagrams[scope].xml;
  if (path.at(-1) !== scope) await open(alone ? [scope] : [boot.root, scope]);
  container.scrollIntoView({ block: 'nearest' });
  const element = viewer.get('elementRegistry').get(id);
  if (!element) return;
  viewer.get('canvas').scrollToElement(element, 60);
  show(element);
});

document.querySelector('[data-zoom="in"]')?.addEventListener('click', () => viewer.get('zoomScroll').stepZoom(1));
document.querySelector('[data-zoom="out"]')?.addEventListener('click', () => viewer.get('zoomScroll').stepZoom(-1));
document.querySelector('[data-zoom="fit"]')?.addEventListener('click', whole);

// On paper the picture is as wide as the page between its margins, whatever the window was.
const PAPER = { width: '680px', height: '340px' };
let onScreen = null;
window.addEventListener('beforeprint', () => {
  onScreen = { width: container.style.width, height: container.style.height };
  Object.assign(container.style, PAPER);
  if (path.length) whole();
});
window.addEventListener('afterprint', () => {
  Object.assign(container.style, onScreen);
  if (path.length) whole();
});

let resizing;
new ResizeObserver(() => {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => path.length && viewer.get('canvas').resized());
}).observe(container);

await open(boot.open ?? [boot.root]);
if (boot.near) container.dataset.drawn = 'yes';
else document.documentElement.dataset.ready = 'yes';
