// The page of a decision file: dmn-js with all its views, in the reader's language; saved through the keeper, checked and tried
// out by the engine itself.
//
// Boot data (#boot): as every editor of a draft has it, and `urls.decide`.

import DmnModeler from 'dmn-js/lib/Modeler';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import './styles/editors.css';
import './styles/dmn.css';

import { asThirteen, unopened } from './dmn/open.js';
import { marker } from './dmn/places.js';
import { Trying } from './dmn/trying.js';
import { checking, element, files, panes, raw, unraw, wayBack } from './editors/page.js';
import words, { missing } from './i18n/dmn.js';
import { brief, plain } from './language.js';
import { Keeper } from './modeling/keeper.js';
import { notice } from './modeling/notice.js';

const boot = JSON.parse(document.getElementById('boot').textContent);
const tabs = document.getElementById('views');
const modeler = new DmnModeler({
  container: '#dmn',
  common: {
    // One language, and the types the engine reads.
    expressionLanguages: { options: [{ value: 'feel', label: 'FEEL' }], defaults: { editor: 'feel' } },
    dataTypes: ['string', 'boolean', 'number', 'date', 'time', 'dateTime', 'dayTimeDuration', 'yearMonthDuration', 'Any'],
    debounceInput: false
  },
  drd: { additionalModules: [words] },
  decisionTable: { additionalModules: [words] },
  literalExpression: { additionalModules: [words] },
  boxedExpression: { additionalModules: [words] }
});

// What the file says as long as nobody has changed anything: opening a file never rewrites it.
let asItWas = boot.file.text;
let rawText = null;
let opening = false;

const keeper = new Keeper({ boot, read, show });
const stack = () => modeler.getActiveViewer()?.get('commandStack', false);
const look = wayBack(keeper, {
  canUndo: () => Boolean(stack()?.canUndo()),
  undo: () => stack().undo(),
  canRedo: () => Boolean(stack()?.canRedo()),
  redo: () => stack().redo()
}, show);
const place = marker(modeler);
const side = panes({ try: () => trying.look() });
const trying = new Trying({ boot, read, at: decisionShown, fired: place.fired, go: place.go });
const check = checking({ boot, read, place: document.getElementById('findings'), mark: place.found, go: place.go });

modeler.on('viewer.created', ({ viewer }) => {
  viewer.on('commandStack.changed', () => {
    look();
    if (opening) return;
    asItWas = null;
    keeper.changed();
    place.fired([]);
    trying.stale();
  });
});
modeler.on('views.changed', showTabs);
modeler.on('import.render.complete', ({ view, error }) => {
  if (error || view.type !== 'drd') return;
  // Beside the palette and below the name, not under them.
  const canvas = modeler.getActiveViewer().get('canvas');
  const { inner, outer } = canvas.viewbox();
  canvas.viewbox({ x: inner.x - 280, y: inner.y - 60, width: outer.width, height: outer.height });
});

document.querySelector('[data-check]').addEventListener('click', () => {
  side.open('check');
  check();
});
files({ boot, read, bring, keeper, type: 'application/xml' });

await show(keeper.start).catch(() => {});
await keeper.begin();
look();
showTabs();

async function read() {
  if (rawText) return rawText();
  if (asItWas !== null) return asItWas;
  return (await modeler.saveXML({ format: true })).xml;
}

/** Show a text; what cannot be shown is kept as it is, to be read and repaired. */
async function show(text) {
  try {
    await bring(text);
  } catch (error) {
    rawText = raw({ text, sentence: error.message, keeper, again: reopen });
  }
}

async function bring(text) {
  const { text: opened, version } = asThirteen(text);
  opening = true;
  try {
    const before = modeler.getActiveView()?.id;
    await modeler.importXML(opened, { open: false });
    const view = firstView(before);
    if (!view) throw new Error('no displayable contents');
    await modeler.open(view);
  } catch (error) {
    throw new Error(unopened(error), { cause: error });
  } finally {
    opening = false;
  }
  asItWas = text;
  rawText = null;
  unraw();
  place.found([]);
  place.fired([]);
  trying?.stale();
  if (version) {
    notice(plain(`这是 DMN ${version} 的文件；一经修改，将按 DMN 1.3 保存。`, `A file of DMN ${version}; once changed it is saved as DMN 1.3.`));
  }
}

/** What is opened first: what was open before, else the only decision, else the picture, where the author has drawn one. */
function firstView(before) {
  const views = modeler.getViews();
  const logic = views.filter((view) => view.type !== 'drd');
  const drawn = modeler.getDefinitions().dmnDI?.diagrams?.some((diagram) => diagram.diagramElements?.length);
  return views.find((view) => view.id === before) ?? (logic.length === 1 || !drawn ? logic[0] : null) ?? views[0] ?? null;
}

async function reopen(text) {
  try {
    await bring(text);
  } catch (error) {
    rawText = raw({ text, sentence: error.message, keeper, again: reopen });
    return;
  }
  // What was repaired by hand is what is saved, whether or not somebody edits on.
  if (text !== keeper.last) keeper.changed();
}

/** One tab for each view of the file: the picture of what needs what, and each decision. */
function showTabs() {
  const shown = modeler.getActiveView();
  const views = modeler.getViews().filter((view) => view.type !== 'boxedExpression' || view.element);
  const focused = tabs.contains(document.activeElement);
  tabs.replaceChildren(...views.map((view) => {
    const name = view.type === 'drd' ? brief('关系图', 'Requirements') : view.name || view.id;
    const tab = element('button', { type: 'button', textContent: name, title: view.id ?? '' });
    tab.setAttribute('aria-pressed', String(view === shown || view.id === shown?.id));
    tab.dataset.view = view.type;
    tab.addEventListener('click', () => open(view));
    return tab;
  }));
  if (focused) tabs.querySelector('[aria-pressed=true]')?.focus();
  trying?.stale();
}

async function open(view) {
  if (view.id === modeler.getActiveView()?.id) return;
  // Each view forgets its steps when it is left: from here on the revisions of the server are the way back.
  if (asItWas === null && stack()?.canUndo() && (await keeper.save())) keeper.stand(keeper.revision);
  opening = true;
  try {
    await modeler.open(view);
  } catch (error) {
    notice(unopened(error), { kind: 'refused' });
  } finally {
    opening = false;
    look();
  }
}

/** The id of the decision that is open, or of the only one there is. */
function decisionShown() {
  const shown = modeler.getActiveView()?.element;
  return shown && shown.$type !== 'dmn:Definitions' ? shown.id : '';
}

window.redressDecision = { modeler, keeper, missing, read, show, check, trying };
document.documentElement.dataset.ready = 'yes';
