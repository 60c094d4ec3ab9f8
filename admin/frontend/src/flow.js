// The heat map of a process: tints the shapes by volume, waiting time or what is there now, writes the number on each, says
// in a legend what the tints mean, and sorts the table below.
//
// Boot data (#boot):
//   url        the author's XML of the version that is shown
//   elements   { element: { now, entered, median, p90, row } }   times in seconds or null; row: id of its row in the table

import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './styles/viewer.css';
import './styles/flow.css';

import { brief, plain } from './language.js';
import { badge, fit, grow } from './picture.js';

const STEPS = 5;
const TIMES = ['median', 'p90'];
const boot = JSON.parse(document.getElementById('boot').textContent);
const container = document.getElementById('diagram');
const legend = document.getElementById('heat-legend');
const problem = document.getElementById('diagram-problem');
const viewer = new NavigatedViewer({ container });

async function open() {
  try {
    const answer = await fetch(boot.url, { headers: { Accept: 'application/xml' } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    await viewer.importXML(await answer.text());
  } catch (error) {
    problem.textContent = plain(`流程图无法显示（${error.message}）；数字见下表。`, `The diagram cannot be shown (${error.message}); the table has the numbers.`);
    problem.hidden = false;
    return false;
  }
  grow(viewer, container);
  fit(viewer);
  return true;
}

/** A value in words: a count, or a time in its largest unit. */
function words(value, measure) {
  if (!TIMES.includes(measure)) return `${Math.round(value)}`;
  if (value < 3600) return amount(value / 60, brief('分', 'min'));
  return value < 172_800 ? amount(value / 3600, brief('小时', 'h')) : amount(value / 86_400, brief('天', 'd'));
}

function amount(number, unit) {
  return `${number >= 100 ? Math.round(number) : Math.round(number * 10) / 10} ${unit}`;
}

function paint(measure) {
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  const registry = viewer.get('elementRegistry');
  overlays.clear();
  const known = Object.entries(boot.elements).filter(([id]) => registry.get(id));
  const highest = Math.max(0, ...known.map(([, one]) => one[measure] ?? 0));
  for (const [id, one] of known) {
    const value = one[measure];
    for (let step = 1; step <= STEPS; step += 1) canvas.removeMarker(id, `heat-${step}`);
    if (!value) continue;
    const element = registry.get(id);
    const container = element.type === 'bpmn:SubProcess' && !element.collapsed;
    const step = Math.max(1, Math.ceil((value / highest) * STEPS));
    // What holds others inside keeps them readable: it has its number, and no tint.
    if (!container) canvas.addMarker(id, `heat-${step}`);
    badge(overlays, id, 'heat', words(value, measure), plain('数字见下表', 'see the table below'), /(Event|Gateway)$/.test(element.type) ? { top: -12, right: 12 } : { bottom: 8, left: 4 });
  }
  legend.replaceChildren(...(highest ? ranges(highest, measure) : [entry('', brief('没有数据', 'nothing to show'))]));
}

function ranges(highest, measure) {
  return Array.from({ length: STEPS }, (_, index) => {
    const [low, high] = [index, index + 1].map((step) => words((highest * step) / STEPS, measure));
    return entry(`heat-${index + 1}`, `${index + 1}. ${low} – ${high}`);
  });
}

function entry(tint, text) {
  const item = document.createElement('li');
  if (tint) {
    const swatch = document.createElement('i');
    swatch.className = tint;
    swatch.setAttribute('aria-hidden', 'true');
    item.append(swatch);
  }
  item.append(text);
  return item;
}

function sort(button) {
  const head = button.closest('th');
  const place = Number(button.dataset.sort);
  const body = document.querySelector('#figures tbody');
  const falls = head.getAttribute('aria-sort') !== 'descending';
  for (const other of head.parentElement.children) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', falls ? 'descending' : 'ascending');
  const value = (row) => row.children[place].dataset.value;
  const rows = [...body.children].sort((one, other) => {
    const [left, right] = [value(one), value(other)];
    const order = place < 2 ? left.localeCompare(right, 'zh') : Number(left || -1) - Number(right || -1);
    return falls ? -order : order;
  });
  body.append(...rows);
}

for (const button of document.querySelectorAll('#figures [data-sort]')) button.addEventListener('click', () => sort(button));

if (await open()) {
  const measures = document.querySelectorAll('[name="measure"]');
  for (const one of measures) one.addEventListener('change', () => paint(one.value));
  paint([...measures].find((one) => one.checked)?.value ?? 'entered');
  viewer.on('element.click', ({ element }) => {
    const row = document.getElementById(boot.elements[element.labelTarget?.id ?? element.id]?.row);
    row?.scrollIntoView({ block: 'center' });
  });
  document.querySelector('[data-zoom="in"]')?.addEventListener('click', () => viewer.get('zoomScroll').stepZoom(1));
  document.querySelector('[data-zoom="out"]')?.addEventListener('click', () => viewer.get('zoomScroll').stepZoom(-1));
  document.querySelector('[data-zoom="fit"]')?.addEventListener('click', () => fit(viewer));
}
document.documentElement.dataset.ready = 'yes';
