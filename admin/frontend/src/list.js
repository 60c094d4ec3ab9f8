// A list of tasks worked by keyboard and in bulk: this binds strokes and clicks to what `list/` does. What a key does, a
// button that can be seen does too.

import { isPlain, leadsTo } from './keys.js';
import { count, here, move, pick, picked, pickAll, pickFrom, pickTo, recall, rows, settle, stand } from './list/rows.js';
import { begin, renew, send } from './list/verbs.js';

// ---- by mouse

document.addEventListener('click', (event) => {
  const cell = event.target.closest('#rows td.pick');
  if (cell) {
    // The whole cell is the box; the row behind it does not open.
    event.stopPropagation();
    const row = cell.parentElement;
    if (event.shiftKey) pickTo(row);
    else if (event.target.matches('input')) pick(row, event.target.checked);
    else pick(row);
    pickFrom(row);
    stand(row, { focus: false });
    count(true);
    return;
  }
  if (event.target.id === 'pick-all') return pickAll(event.target.checked);
  const verb = event.target.closest('[data-verb]');
  if (verb) return void begin(verb);
  if (event.target.closest('[data-unpick]')) return pickAll(false);
  const opens = event.target.closest('[data-open]');
  if (opens) return document.getElementById(opens.dataset.open).showModal();
  const dialog = event.target.closest('dialog');
  if (dialog && (event.target === dialog || event.target.closest('[data-close]'))) dialog.close();
  // A click beside an open box of filters closes it.
  const unfolded = document.querySelector('.more-filters[open]');
  if (unfolded && !unfolded.contains(event.target)) unfolded.open = false;
}, true);

document.addEventListener('focusin', (event) => {
  const row = event.target.closest('#rows tr[data-task]');
  if (row && row !== here()) stand(row, { focus: false });
});

document.addEventListener('submit', (event) => {
  if (event.target.matches('[data-ask]')) {
    event.preventDefault();
    send(event.target);
  } else if (event.target.matches('[data-filters]')) {
    // What is empty narrows nothing and stays out of the address.
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  }
}, true);

document.addEventListener('change', (event) => {
  const form = event.target.closest('[data-filters]');
  if (form && event.target instanceof HTMLSelectElement && !event.target.closest('.folded')) form.requestSubmit();
});

window.addEventListener('pageshow', (event) => {
  for (const field of document.querySelectorAll('[data-filters] :disabled')) field.disabled = false;
  if (event.persisted) renew();
});

document.body.addEventListener('htmx:afterSwap', (event) => {
  if (!event.target.closest?.('#rows') && event.target.id !== 'rows') return;
  settle();
  // Whoever pressed "more" goes on with the first of what has come.
  if ([null, document.body].includes(document.activeElement)) {
    const first = rows().find((row) => !seen.has(row.dataset.task));
    if (first) stand(first);
  }
  for (const row of rows()) seen.add(row.dataset.task);
});

// ---- by keyboard

const KEYS = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  a: () => pickAll(),
  n: () => document.querySelector('form[data-next]')?.requestSubmit(),
  u: () => window.history.back(),
  '/': () => {
    const search = document.querySelector('[data-search]');
    search.focus();
    search.select();
  },
  '?': () => document.getElementById('keys').showModal()
};
const ON_A_ROW = {
  x: (row) => {
    pick(row);
    pickFrom(row);
    count(true);
  },
  X: (row) => {
    pickTo(row);
    count(true);
  }
};

document.addEventListener('keydown', (event) => {
  if (!isPlain(event)) return;
  const { key } = event;
  const row = here();
  const onRow = row && document.activeElement === row;
  let act = null;
  const leads = leadsTo(event);
  if (leads) act = leads;
  else if (key === 'Enter') act = onRow && (() => row.querySelector('a.title').click());
  else if (key === ' ') act = onRow && (() => ON_A_ROW.x(row));
  else if (key === 'Escape') act = picked.size > 0 && (() => pickAll(false));
  else if (ON_A_ROW[key]) act = row && (() => ON_A_ROW[key](row));
  else if (Object.hasOwn(KEYS, key)) act = KEYS[key];
  else if (/^[a-z]$/.test(key)) {
    const button = document.querySelector(`[data-verb][data-key="${key}"]`);
    act = button && (() => begin(button));
  }
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}, true);

document.documentElement.dataset.list = 'yes';
const seen = new Set(rows().map((row) => row.dataset.task));
recall();
