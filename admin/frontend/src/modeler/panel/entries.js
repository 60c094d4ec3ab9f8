// The kinds of fields our groups are made of, each described by data: what it is called, how it is read and how it is written.
// A text is written when it is finished (another field, Enter, leaving the page): one step of undo, and never half a value.

import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useRef, useState } from '@bpmn-io/properties-panel/preact/hooks';
import {
  CheckboxEntry, DescriptionEntry, Group, SelectEntry, TooltipEntry, useError,
  isCheckboxEntryEdited, isSelectEntryEdited, isTextFieldEntryEdited
} from '@bpmn-io/properties-panel';
import { Combo, isChosen } from './combo.js';

/** spec: { id, label, tooltip, description, read(), write(value), check(value), placeholder }. */
export const text = (spec) => ({ ...spec, component: Text, isEdited: isTextFieldEntryEdited });
export const area = (spec) => ({ ...spec, lines: true, component: Text, isEdited: isTextFieldEntryEdited });
/** With options() → [{ value, label }]. */
export const select = (spec) => ({ ...spec, component: Select, isEdited: isSelectEntryEdited });
export const tick = (spec) => ({ ...spec, component: Tick, isEdited: isCheckboxEntryEdited });
/** With options, multiple, free; read() → [values], write([values]). */
export const combo = (spec) => ({ ...spec, component: Choose, isEdited: isChosen });
/** A sentence among the fields. */
export const note = (id, words) => ({ id, component: Note, words });
/** Buttons: [{ id, label, run }]. */
export const buttons = (id, actions) => ({ id, component: Buttons, actions });

/** A group, or nothing where it would be empty. */
export const group = (id, label, entries, more = {}) => {
  const kept = entries.flat().filter(Boolean);
  return kept.length ? { id, label, component: Group, entries: kept, ...more } : null;
};

// A field belongs to one element: when another is selected it is another field, and what was typed is written where it was typed.
const numbers = new WeakMap();
let last = 0;
function numberOf(element) {
  if (!numbers.has(element)) numbers.set(element, (last += 1));
  return numbers.get(element);
}

const Text = (props) => h(Field, { ...props, key: numberOf(props.element) });

function Field({ element, id, label, tooltip, description, placeholder, lines, read, write, check, disabled }) {
  const value = read() ?? '';
  const [typed, setTyped] = useState(value);
  const [wrong, setWrong] = useState('');
  const now = useRef();
  now.current = { typed, value, write, check };
  const error = useError(id) || wrong;
  const prefix = `bio-properties-panel-${id}`;

  useEffect(() => { setTyped(value); setWrong(''); }, [value]);

  /** Write what was typed, unless it is wrong. */
  const finish = () => {
    const { typed: text, value: before, write: put, check: look } = now.current;
    const meant = lines ? text.replace(/\s+$/, '') : text.trim();
    const problem = (meant && look?.(meant)) || '';
    setWrong(problem);
    if (!problem && meant !== before) {
      now.current.value = meant;
      put(meant);
    }
    if (!problem) setTyped(meant);
  };
  useEffect(() => {
    window.addEventListener('pagehide', finish);
    return () => {
      window.removeEventListener('pagehide', finish);
      finish();
    };
  }, []);
  const keys = (event) => {
    if (event.key === 'Enter' && (!lines || event.ctrlKey || event.metaKey)) { event.preventDefault(); finish(); }
    if (event.key.toLowerCase() === 's' && (event.ctrlKey || event.metaKey)) finish();
    if (event.key === 'Escape') { event.stopPropagation(); setTyped(value); setWrong(''); }
  };

  return h('div', { class: `bio-properties-panel-entry${error ? ' has-error' : ''}`, 'data-entry-id': id },
    h('div', { class: lines ? 'bio-properties-panel-textarea' : 'bio-properties-panel-textfield' },
      h('label', { for: prefix, class: 'bio-properties-panel-label' }, h(TooltipEntry, { value: tooltip, forId: id, element }, label)),
      h(lines ? 'textarea' : 'input', {
        id: prefix, name: id, ...(lines ? { rows: Math.min(8, Math.max(2, typed.split('\n').length)) } : { type: 'text' }),
        class: `bio-properties-panel-input${lines ? ' bio-properties-panel-input-monospace' : ''}`, spellcheck: false, autocomplete: 'off', disabled, placeholder,
        'aria-invalid': error ? 'true' : undefined, 'aria-describedby': error ? `${prefix}-error` : undefined,
        value: typed, onInput: (event) => { setTyped(event.target.value); if (wrong) setWrong(''); }, onBlur: finish, onKeyDown: keys
      })),
    error && h('div', { class: 'bio-properties-panel-error', id: `${prefix}-error` }, error),
    h(DescriptionEntry, { forId: id, element, value: description }));
}

function Select({ element, id, label, tooltip, description, read, write, options }) {
  return SelectEntry({ element, id, label, tooltip, description, getValue: () => read() ?? '', setValue: (value) => write(value ?? ''), getOptions: options });
}

function Tick({ element, id, label, tooltip, description, read, write }) {
  return CheckboxEntry({ element, id, label, tooltip, description, getValue: () => read(), setValue: write });
}

function Choose({ read, write, ...props }) {
  return h(Combo, { ...props, key: numberOf(props.element), values: read(), onChange: write });
}

function Note({ id, words }) {
  return h('div', { class: 'bio-properties-panel-entry redress-note', 'data-entry-id': id }, words);
}

function Buttons({ id, actions }) {
  return h('div', { class: 'bio-properties-panel-entry redress-actions', 'data-entry-id': id },
    actions.map(({ id: name, label, run }) => h('button', { key: name, type: 'button', class: 'button small', 'data-action': name, onClick: run }, label)));
}
