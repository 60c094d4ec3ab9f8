// The page of a form: the form-js editor with the fields the server takes, our own panel of properties, and a live preview that is
// the staff's own form; saved through the keeper, checked by the server.
//
// Boot data (#boot): as every editor of a draft has it, `urls.try_form`, and `form`: { types, lists, attachment_kinds }.

import { FormEditor } from '@bpmn-io/form-js-editor';
import 'form-js-viewer-v1/dist/assets/form-js.css?within=as-drawn';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css?within=as-staff';
import './styles/form.css?within=as-staff';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import './styles/editors.css';
import './styles/form-editor.css';

import { checking, files, panes, raw, unraw, wayBack } from './editors/page.js';
import { teach } from './form-editor/kinds.js';
import { Panel } from './form-editor/panel.js';
import { Preview } from './form-editor/preview.js';
import { Written, parsed } from './form-editor/text.js';
import { missing } from './i18n/form.js';
import { plain } from './language.js';
import { Keeper } from './modeling/keeper.js';
import { notice } from './modeling/notice.js';

const boot = JSON.parse(document.getElementById('boot').textContent);
// The editor's own panel is not used: nothing of it is made.
const noPanel = {
  propertiesPanel: ['value', { registerProvider() {}, attachTo() {}, detach() {} }],
  propertiesProvider: ['value', {}]
};
const editor = new FormEditor({
  container: document.getElementById('form-editor'),
  propertiesPanel: { parent: document.createElement('div') },
  additionalModules: [noPanel]
});

// What the file says as long as nobody has changed anything: opening a form never rewrites it.
let asItWas = boot.file.text;
let rawText = null;
let written = null;

const keeper = new Keeper({ boot, read, show });
const stack = editor.get('commandStack');
const look = wayBack(keeper, {
  canUndo: () => stack.canUndo(),
  undo: () => stack.undo(),
  canRedo: () => stack.canRedo(),
  redo: () => stack.redo()
}, show);
const panel = new Panel({ editor, place: document.getElementById('pane-panel'), vocabulary: boot.form });
const preview = new Preview({ boot, read });
const side = panes({ preview: () => preview.look() });
const check = checking({ boot, read, place: document.getElementById('findings'), mark: () => {}, go });

editor.on('commandStack.changed', ({ trigger } = {}) => {
  look();
  if (trigger === 'clear') return;
  asItWas = null;
  keeper.changed();
  preview.stale();
});

document.querySelector('[data-check]').addEventListener('click', () => {
  side.open('check');
  check();
});
files({ boot, read, bring, keeper, type: 'application/json' });
clickable();

await show(keeper.start).catch(() => {});
await keeper.begin();
look();

async function read() {
  if (rawText) return rawText();
  if (asItWas !== null) return asItWas;
  return written.text(editor.getSchema());
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
  const schema = parsed(text);
  const unknown = teach(editor.get('formFields'), boot.form.types, schema);
  editor.get('selection').clear();
  try {
    await editor.importSchema(schema);
  } catch (error) {
    throw new Error(plain(`表单无法打开：${error.message}`, `The form cannot be opened: ${error.message}`), { cause: error });
  }
  written = new Written(text, schema, editor._getState().schema);
  asItWas = text;
  rawText = null;
  unraw();
  panel.draw();
  preview.stale();
  if (unknown.size) {
    const names = [...unknown].join(plain('、', ', '));
    notice(plain(`表单里有未知的字段类型：${names}。它们原样保留，但不会显示给填写的人。`, `The form has fields of unknown kinds: ${names}. They are kept as they are; nobody will see them.`));
  }
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

/** A finding names a field by its id or key. */
function go({ element_id: id }) {
  const all = Object.values(editor.get('formFieldRegistry').getAll());
  const found = all.find((one) => one.id === id) ?? all.find((one) => one.key === id);
  if (!found) return;
  editor.get('selection').set(found);
  document.querySelector(`#form-editor .fjs-element[data-id="${CSS.escape(found.id)}"]`)?.scrollIntoView({ block: 'center' });
}

/** A field of the palette comes in by a click and by Enter: behind what is selected, or at the end; and is selected. */
function clickable() {
  let dragged = false;
  editor.on('drag.start', () => { dragged = true; });
  const palette = document.getElementById('form-editor');
  palette.addEventListener('pointerdown', () => { dragged = false; }, true);
  palette.addEventListener('click', (event) => {
    const button = event.target.closest('.fjs-palette-field');
    if (button && !dragged && event.detail !== 0) add(button);
  });
  // Left to form-js, the same stroke goes on to the new field, which takes it for the wish not to be selected.
  palette.addEventListener('keydown', (event) => {
    const button = event.key === 'Enter' && event.target.closest('.fjs-palette-field');
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    add(button);
  }, true);
  function add(button) {
    const chosen = panel.selected;
    const registry = editor.get('formFieldRegistry');
    const within = chosen.type === 'default' ? chosen : ['group', 'dynamiclist'].includes(chosen.type) ? chosen : registry.get(chosen._parent);
    const at = within === chosen ? within.components.length : within.components.indexOf(chosen) + 1;
    editor.get('modeling').addFormField({ type: button.dataset.fieldType }, within, at);
    side.open('panel');
  }
  document.addEventListener('keydown', (event) => {
    const field = event.target.closest?.('#form-editor .fjs-element');
    if (event.key !== 'Delete' || !field || event.target.matches('input, textarea, select')) return;
    const one = panel.selected;
    if (one.type === 'default') return;
    const parent = editor.get('formFieldRegistry').get(one._parent);
    editor.get('modeling').removeFormField(one, parent, parent.components.indexOf(one));
  });
}

editor.on('selection.changed', ({ selection }) => selection && selection.type !== 'default' && side.at() === 'check' && side.open('panel'));

window.redressFormEditor = { editor, keeper, missing, read, show, check, preview, written: () => written };
document.documentElement.dataset.ready = 'yes';
