// The island of a comparison: two pictures that move together, what differs marked in both, and a list that leads to it.
//
// Boot data (#boot): { diagrams: [ { key, before, after, marks } ] }; before and after are { url } or { xml }, or null where
// the process is in one of them only; marks are { element: { what, sign, title, also_moved } }.

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './styles/compare.css';

import { plain } from './language.js';

const SIDES = ['before', 'after'];
const HIDDEN = { before: 'added', after: 'removed' };
const boot = JSON.parse(document.getElementById('boot').textContent);
const viewers = Object.fromEntries(
  SIDES.map((side) => {
    const container = document.getElementById(`picture-${side}`);
    // Told of every step at once: the other picture follows without a lag, and neither answers the other.
    return [side, new NavigatedViewer({ container, canvas: { deferUpdate: false } })];
  })
);
const shown = { before: false, after: false };
const chooser = document.getElementById('compare-diagram');
let key = '';
let following = false;

async function text(picture) {
  if (picture.xml !== undefined) return picture.xml;
  const answer = await fetch(picture.url, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.text();
}

async function open(wanted) {
  const diagram = boot.diagrams.find((one) => one.key === wanted);
  if (!diagram) return;
  key = wanted;
  if (chooser) chooser.value = wanted;
  for (const side of SIDES) {
    const problem = document.getElementById(`problem-${side}`);
    shown[side] = false;
    problem.hidden = true;
    viewers[side].clear();
    if (!diagram[side]) {
      problem.textContent = plain('这一版没有该流程。', 'This process is not in this version.');
      problem.hidden = false;
      continue;
    }
    try {
      await viewers[side].importXML(await text(diagram[side]));
      shown[side] = true;
      mark(side, diagram.marks);
    } catch (error) {
      problem.textContent = plain(`流程图无法显示（${error.message}）；差别见下面的列表。`, `The diagram cannot be shown (${error.message}); the list below has what differs.`);
      problem.hidden = false;
    }
  }
  fit();
}

function mark(side, marks) {
  const canvas = viewers[side].get('canvas');
  const overlays = viewers[side].get('overlays');
  const registry = viewers[side].get('elementRegistry');
  for (const [id, { what, sign, title }] of Object.entries(marks)) {
    const element = registry.get(id);
    if (!element || what === HIDDEN[side]) continue;
    canvas.addMarker(id, `diff-${what}`);
    const badge = document.createElement('span');
    badge.className = `diff-badge ${what}`;
    badge.textContent = sign;
    badge.title = title;
    const position = element.waypoints ? middle(element) : { top: -10, left: -8 };
    overlays.add(id, { position, html: badge });
  }
}

/** Where the badge of a flow stands: on its middle, counted from its upper left corner. */
function middle({ waypoints }) {
  const [left, top] = [Math.min(...waypoints.map(({ x }) => x)), Math.min(...waypoints.map(({ y }) => y))];
  const at = Math.floor((waypoints.length - 1) / 2);
  const [one, other] = [waypoints[at], waypoints[at + 1] ?? waypoints[at]];
  return { left: (one.x + other.x) / 2 - left - 9, top: (one.y + other.y) / 2 - top - 9 };
}

/** Both whole pictures at one scale, at the same place. */
function fit() {
  const there = SIDES.filter((side) => shown[side]);
  if (!there.length) return;
  const boxes = there.map((side) => {
    viewers[side].get('canvas').resized();
    return viewers[side].get('canvas').viewbox();
  });
  const x = Math.min(...boxes.map(({ inner }) => inner.x));
  const y = Math.min(...boxes.map(({ inner }) => inner.y));
  const right = Math.max(...boxes.map(({ inner }) => inner.x + inner.width));
  const bottom = Math.max(...boxes.map(({ inner }) => inner.y + inner.height));
  const { outer } = boxes[0];
  // Below the picture there is room for the watermark, which must stay fully visible.
  const scale = Math.min(1, (outer.width - 32) / Math.max(1, right - x), (outer.height - 64) / Math.max(1, bottom - y));
  const width = outer.width / scale;
  const height = outer.height / scale;
  show({ x: x - (width - (right - x)) / 2, y: y - 20 / scale, width, height });
}

function show(box) {
  following = true;
  for (const side of SIDES) if (shown[side]) viewers[side].get('canvas').viewbox(box);
  following = false;
}

for (const side of SIDES) {
  viewers[side].on('canvas.viewbox.changed', ({ viewbox: { x, y, width, height } }) => {
    if (following) return;
    const other = side === 'before' ? 'after' : 'before';
    following = true;
    if (shown[other]) viewers[other].get('canvas').viewbox({ x, y, width, height });
    following = false;
  });
  viewers[side].on('element.click', ({ element }) => point((element.labelTarget ?? element).id));
}

/** Lead to an element in both pictures, at a size that can be read. */
function lead(id) {
  const side = shown.after && viewers.after.get('elementRegistry').get(id) ? 'after' : 'before';
  if (!shown[side]) return;
  const canvas = viewers[side].get('canvas');
  const element = viewers[side].get('elementRegistry').get(id);
  choose(id);
  if (!element) return;
  for (const one of SIDES) {
    const there = shown[one] && viewers[one].get('elementRegistry').get(id);
    const root = there && viewers[one].get('canvas').findRoot(there);
    if (root && root !== viewers[one].get('canvas').getRootElement()) viewers[one].get('canvas').setRootElement(root);
  }
  const { outer } = canvas.viewbox();
  const scale = Math.max(0.6, Math.min(1, canvas.zoom()));
  const points = element.waypoints ?? [{ x: element.x, y: element.y }, { x: element.x + element.width, y: element.y + element.height }];
  const middleOf = (axis) => (Math.min(...points.map((one) => one[axis])) + Math.max(...points.map((one) => one[axis]))) / 2;
  const width = outer.width / scale;
  const height = outer.height / scale;
  show({ x: middleOf('x') - width / 2, y: middleOf('y') - height / 2, width, height });
}

function choose(id) {
  for (const side of SIDES) {
    if (!shown[side]) continue;
    const canvas = viewers[side].get('canvas');
    const registry = viewers[side].get('elementRegistry');
    for (const one of registry.filter((element) => canvas.hasMarker(element, 'is-chosen'))) canvas.removeMarker(one, 'is-chosen');
    if (registry.get(id)) canvas.addMarker(id, 'is-chosen');
  }
  for (const button of document.querySelectorAll('.changes [data-element]')) {
    if (button.dataset.element === id && button.dataset.diagram === key) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

/** From the picture to the list. */
function point(id) {
  choose(id);
  const button = document.querySelector(`.changes [aria-current="true"]`);
  if (!button) return;
  select(document.getElementById('tab-diagrams'), false);
  button.closest('li').scrollIntoView({ block: 'nearest' });
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('.changes [data-element]');
  if (!button) return;
  const { diagram, element } = button.dataset;
  if (diagram !== key) await open(diagram);
  document.getElementById('compare').scrollIntoView({ block: 'nearest' });
  lead(element);
});

const tabs = [...document.querySelectorAll('[role="tab"]')];

function select(tab, focus = true) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute('aria-selected', `${chosen}`);
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute('aria-controls')).hidden = !chosen;
  }
  if (focus) tab.focus();
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener('click', () => select(tab));
  tab.addEventListener('keydown', ({ key: pressed }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[pressed];
    if (step) select(tabs.at((index + step + tabs.length) % tabs.length));
  });
}

// What differs comes first: the diagrams, unless they say the same.
const first = tabs.find((tab) => tab.querySelector('.count').textContent !== '0') ?? tabs[0];
select(first, false);

chooser?.addEventListener('change', () => open(chooser.value));
const zoom = (step) => viewers[shown.after ? 'after' : 'before'].get('zoomScroll').stepZoom(step);
document.querySelector('[data-zoom="in"]').addEventListener('click', () => zoom(1));
document.querySelector('[data-zoom="out"]').addEventListener('click', () => zoom(-1));
document.querySelector('[data-zoom="fit"]').addEventListener('click', fit);

let resizing;
new ResizeObserver(() => {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => SIDES.forEach((side) => shown[side] && viewers[side].get('canvas').resized()));
}).observe(document.getElementById('compare'));

if (boot.diagrams.length) await open(boot.diagrams[0].key);
document.documentElement.dataset.ready = 'yes';
