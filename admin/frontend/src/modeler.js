// The editor of a draft's diagram. Boot data (#boot): see modeling/keeper.js.

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './styles/modeler.css';

import { look } from './asking.js';
import { plain } from './language.js';
import { Keeper } from './modeling/keeper.js';
import { notice } from './modeling/notice.js';
import { Check } from './modeler/check.js';
import { UNDRAWN, filesOf } from './modeler/files.js';
import { Findings } from './modeler/findings.js';
import { makeModeler } from './modeler/instance.js';
import { keysOf } from './modeler/keys.js';
import { watched } from './modeler/opening.js';
import { portsOf } from './modeler/ports.js';
import { writable } from './modeler/prefixes.js';
import { importRefusal } from './modeler/reading.js';
import { sides } from './modeler/sides.js';
import { simulationOf } from './modeler/simulation.js';
import { stepsOf } from './modeler/steps.js';
import { PAINTED, fit, goTo, recall, remember } from './modeler/view.js';
import { Walk } from './modeler/walk.js';

const boot = JSON.parse(document.getElementById('boot').textContent);
const container = document.getElementById('canvas');
const stage = document.querySelector('.diagram-stage');
const properties = document.getElementById('properties');
const divider = document.getElementById('divider');
const tool = (name) => document.querySelector(`[data-tool="${name}"]`);

const known = await look(boot.urls.vocabulary);
const vocabulary = known.ok ? known.content : {};
const ports = portsOf({ boot, vocabulary, save: () => keeper.save() });
const modeler = makeModeler({ container, panel: properties, vocabulary, ports });

const canvas = modeler.get('canvas');
const opened = watched({ place: document.getElementById('opening'), name: `${boot.draft.id}.${boot.file.name}` });

let drawn = false; // whether what is on the canvas is the file
let source = boot.file.text; // what the file says while it is not

/** Show a text; the same piece of it as before, unless it is a fresh one. */
async function open(text, { fresh = false } = {}) {
  const view = drawn && !fresh ? remember(modeler) : null;
  return opened(text, async () => {
    try {
      const answer = await modeler.importXML(writable(text, modeler.get('moddle').getPackages()));
      drawn = true;
      if (view) recall(modeler, view);
      else fit(modeler, { start: true });
      return answer;
    } catch (error) {
      drawn = false;
      source = text;
      throw error;
    }
  });
}

const read = async () => (drawn ? (await modeler.saveXML({ format: true })).xml : source);

const keeper = new Keeper({ boot, read, show: open });
const resized = () => drawn && canvas.resized();
const walk = new Walk({ modeler, place: document.getElementById('walk') });
const findings = new Findings({
  modeler,
  place: document.getElementById('findings'),
  file: boot.file.name,
  hrefOf: (file) => ports.addressOf(file),
  play: (finding) => {
    beside.show();
    walk.play(finding);
  },
  resized
});
const check = new Check({ boot, read, told: (news) => findings.told(news) });
const files = filesOf({ modeler, keeper, boot, open, read, input: document.getElementById('import-file') });
const steps = stepsOf({ modeler, keeper, open, buttons: { undo: tool('undo'), redo: tool('redo') } });
const simulation = simulationOf({
  modeler,
  button: tool('simulate'),
  stage,
  others: [properties, ...['undo', 'redo', 'import', 'find'].map(tool)]
});
const beside = sides({ divider, stage, resized });

modeler.on('commandStack.changed', ({ trigger }) => {
  if (!trigger || trigger === 'clear') return;
  keeper.changed();
  check.changed();
});
modeler.on('import.done', ({ error }) => !error && check.soon(600));

const help = document.getElementById('keys');
help.querySelector('[data-close]').addEventListener('click', () => help.close());
const actions = modeler.get('editorActions');
const acts = {
  undo: () => !simulation.active && steps.undo(),
  redo: () => !simulation.active && steps.redo(),
  in: () => actions.trigger('stepZoom', { value: 1 }),
  out: () => actions.trigger('stepZoom', { value: -1 }),
  fit: () => fit(modeler),
  // Not before the click is over: a click anywhere closes what it would have opened.
  find: () => setTimeout(() => simulation.active || actions.trigger('find')),
  minimap: () => {
    modeler.get('minimap').toggle();
    tool('minimap').setAttribute('aria-pressed', modeler.get('minimap').isOpen());
  },
  check: () => {
    findings.settled = false;
    findings.wanted = true; // whoever asks wants to read the answer
    check.run();
  },
  import: () => document.getElementById('import-file').click(),
  'export-xml': files.exportXml,
  'export-svg': files.exportSvg,
  help: () => {
    help.showModal();
    document.getElementById('keys-title').focus();
  }
};
for (const [name, act] of Object.entries(acts)) {
  tool(name).addEventListener('click', () => {
    act();
    tool(name).closest('details')?.removeAttribute('open');
    if (['undo', 'redo', 'in', 'out', 'fit'].includes(name)) canvas.focus();
  });
}
document.addEventListener('click', ({ target }) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(target)) menu.open = false;
});
keysOf({ container, acts });
new ResizeObserver(resized).observe(container);
modeler.on('minimap.toggle', ({ open: shown }) => tool('minimap').setAttribute('aria-pressed', shown));

try {
  const { warnings } = await open(keeper.start, { fresh: true });
  const told = await files.remarks(keeper.start, warnings);
  if (told.length) {
    notice(plain('这份文件里有编辑器不理解的内容：', 'The editor does not understand all of this file:'), { lines: told });
  }
} catch (error) {
  const { sentence, undrawn } = importRefusal(error, boot.file.name);
  notice(
    `${sentence} ${undrawn ? UNDRAWN() : plain('可以撤销到上一个版本，或导入另一个文件。', 'Undo leads to the revision before; or import another file.')}`,
    { kind: 'refused' }
  );
}
document.getElementById('opening').hidden = true;
await keeper.begin();
steps.refresh();
// A link of a list of findings says where to look.
const wanted = decodeURIComponent(window.location.hash.slice(1));
if (wanted && drawn) setTimeout(() => goTo(modeler, wanted), PAINTED);
stage.dataset.boot = 'open';
document.documentElement.dataset.ready = 'yes';
