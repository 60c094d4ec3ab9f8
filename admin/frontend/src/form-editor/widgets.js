// The fields of the panel. What is typed is taken a moment after the last key, and at once when the field is left.

import { element } from '../editors/page.js';
import { brief, plain } from '../language.js';

const SOON = 250;
let number = 0;

function typed(input, take, check) {
  let timer = null;
  let taken = input.value;
  const problem = element('span', { className: 'problem', role: 'alert' });
  const now = () => {
    clearTimeout(timer);
    const said = check?.(input.value) ?? '';
    problem.textContent = said;
    input.setAttribute('aria-invalid', String(Boolean(said)));
    if (said || input.value === taken) return;
    taken = input.value;
    take(input.value);
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(now, SOON);
  });
  input.addEventListener('change', now);
  input.addEventListener('blur', now);
  return problem;
}

function labelled(words, input, ...more) {
  number += 1;
  input.id = `property-${number}`;
  const label = element('label', { htmlFor: input.id, textContent: words });
  return element('div', { className: 'property' }, label, input, ...more);
}

export function field(words, value, take, { check, whole = false, number: any = false, code = false } = {}) {
  const input = element('input', { className: `text${code ? ' code' : ''}`, value: value ?? '', autocomplete: 'off', spellcheck: false, maxLength: 4000 });
  if (whole || any) input.inputMode = whole ? 'numeric' : 'decimal';
  const look = check ?? (whole ? wholeNumber : any ? anyNumber : undefined);
  return labelled(words, input, typed(input, take, look));
}

export function textarea(words, value, take, { rows = 3, code = false, check } = {}) {
  const input = element('textarea', { className: code ? 'code' : '', value: value ?? '', rows, spellcheck: false, maxLength: 20_000 });
  return labelled(words, input, typed(input, take, check));
}

export function select(words, value, options, take) {
  const input = element('select', {}, ...options.map(([name, zh, en]) => element('option', { value: name, textContent: brief(zh, en) })));
  if (![...input.options].some((one) => one.value === value)) input.append(element('option', { value, textContent: value }));
  input.value = value;
  input.addEventListener('change', () => take(input.value));
  return labelled(words, input);
}

export function flag(words, on, take) {
  const input = element('input', { type: 'checkbox', checked: on });
  input.addEventListener('change', () => take(input.checked));
  return element('label', { className: 'flag' }, input, ` ${words}`);
}

const opened = new Map();

export function section(title, ...parts) {
  const made = element('details', { className: 'properties', open: opened.get(title) ?? true });
  made.append(element('summary', { textContent: title }), ...parts);
  made.addEventListener('toggle', () => opened.set(title, made.open));
  return made;
}

const wholeNumber = (value) => (value === '' || /^\d+$/.test(value) ? '' : plain('请填写整数。', 'A whole number, please.'));
const anyNumber = (value) => (value === '' || !Number.isNaN(Number(value)) ? '' : plain('请填写数字。', 'A number, please.'));
