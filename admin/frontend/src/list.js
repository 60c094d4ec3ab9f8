// A list of tasks worked by keyboard and in bulk. Rows are real links in a real table; this adds where one is, what is
// chosen, and what is done with it without leaving the page. What a key does, a button that can be seen does too.

import htmx from 'htmx.org';
import { ask, refusalOf } from './asking.js';
import { isPlain } from './keys.js';

const words = JSON.parse(document.getElementById('list-words').textContent);
const say = (text, values = {}) => Object.entries(values).reduce((said, [name, value]) => said.replaceAll(`{${name}}`, value), text);

const MOST = 500;
const PAGE = 50;
const PAGES = 10;
const KEY = `redress.list ${window.location.pathname}${window.location.search}`;

const told = document.getElementById('told');
const picked = new Set();
let at = null;
let place = 0;
let lastPicked = null;

const desk = () => document.getElementById('desk');
const rows = () => [...document.querySelectorAll('#rows tr[data-task]')];
const rowOf = (id) => document.getElementById(`t-${id}`);
const tick = (row) => row.querySelector('input[type="checkbox"]');

function announce(text) {
  told.textContent = '';
  requestAnimationFrame(() => { told.textContent = text; });
}

// ---- where one is: one row can be tabbed to, the arrows move it

function stand(row, { focus = true } = {}) {
  const all = rows();
  at = row?.dataset.task ?? null;
  place = row ? all.indexOf(row) : 0;
  for (const one of all) {
    const here = one === row;
    one.tabIndex = here ? 0 : -1;
    one.classList.toggle('here', here);
    for (const inside of one.querySelectorAll('a, input, button')) inside.tabIndex = here ? 0 : -1;
  }
  if (row && focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'nearest' });
  }
  remember();
}

/** Rows that have come anew: what was chosen stays chosen, one of them can be tabbed to. */
function settle({ focus = false } = {}) {
  const all = rows();
  for (const row of all) show(row);
  const row = (at && rowOf(at)) || all[Math.min(place, all.length - 1)] || null;
  const inside = row && !row.contains(document.activeElement);
  stand(row ?? null, { focus: focus && Boolean(inside) });
  for (const one of document.querySelectorAll('#pick-all, [data-open]')) one.hidden = false;
  count();
}

async function move(step) {
  const all = rows();
  if (!all.length) return;
  if (!at || !rowOf(at) || !document.activeElement?.closest('#rows')) return stand((at && rowOf(at)) || all[0]);
  const next = all.indexOf(rowOf(at)) + step;
  if (next >= all.length && (await more())) return stand(rows()[next] ?? rows().at(-1));
  if (next < 0 || next >= all.length) return announce(words.none);
  stand(all[next]);
}

/** Load the next page; tells whether there was one. */
function more() {
  const link = document.querySelector('#rows tr.more a');
  if (!link) return Promise.resolve(false);
  return htmx.ajax('GET', link.getAttribute('hx-get'), { source: link, target: link.closest('tr'), swap: 'outerHTML' })
    .then(() => true, () => false);
}

// ---- what is chosen

function show(row) {
  const chosen = picked.has(row.dataset.task);
  row.setAttribute('aria-selected', String(chosen));
  const box = tick(row);
  if (box) box.checked = chosen;
}

function pick(row, chosen = !picked.has(row.dataset.task)) {
  if (chosen && picked.size >= MOST) return;
  picked[chosen ? 'add' : 'delete'](row.dataset.task);
  show(row);
}

function pickTo(row) {
  const all = rows();
  const from = lastPicked ? all.indexOf(rowOf(lastPicked)) : -1;
  const to = all.indexOf(row);
  const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
  for (const one of all.slice(first, last + 1)) pick(one, true);
}

function pickAll(chosen = rows().some((row) => !picked.has(row.dataset.task))) {
  if (!chosen) picked.clear();
  for (const row of rows()) pick(row, chosen);
  count(true);
}

function count(aloud = false) {
  const bar = document.querySelector('.bulk');
  const said = say(words.selected, { n: picked.size });
  if (bar) {
    bar.hidden = picked.size === 0;
    bar.querySelector('.how-many').textContent = said;
    desk().classList.toggle('choosing', picked.size > 0);
  }
  const every = document.getElementById('pick-all');
  const all = rows();
  if (every) {
    every.checked = all.length > 0 && all.every((row) => picked.has(row.dataset.task));
    every.indeterminate = picked.size > 0 && !every.checked;
  }
  if (aloud) announce(said);
  remember();
}

/** What a verb is done with: what is chosen, else where one stands. */
const chosen = () => (picked.size ? [...picked] : at && rowOf(at) ? [at] : []);

// ---- coming back to the same place

function remember() {
  const pages = Math.ceil(rows().length / PAGE);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ at, place, pages, picked: [...picked] }));
    sessionStorage.setItem('redress.list', window.location.pathname + window.location.search);
  } catch {
    // Then one comes back to the beginning.
  }
}

async function recall() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    // As if one had never been here.
  }
  if (!kept) return settle();
  ({ at, place } = kept);
  for (let page = 1; page < Math.min(kept.pages, PAGES) && at && !rowOf(at); page += 1) {
    if (!(await more())) break;
  }
  for (const id of kept.picked) if (rowOf(id)) picked.add(id);
  const free = [null, document.body, document.documentElement].includes(document.activeElement);
  settle({ focus: free });
}

// ---- doing

const nameOf = (id) => rowOf(id)?.dataset.name ?? id;

async function begin(button) {
  const ids = chosen();
  if (!ids.length) return announce(words.none);
  if ('asks' in button.dataset) return inquire(button.dataset.verb, ids);
  if (button.getAttribute('aria-busy')) return undefined;
  button.setAttribute('aria-busy', 'true');
  const answer = await ask(button.dataset.url, { ids });
  button.removeAttribute('aria-busy');
  return answer.ok ? finish(answer.content) : flash(refusalOf(answer, words));
}

async function inquire(verb, ids) {
  const dialog = document.getElementById(`ask-${verb}`);
  dialog.ids = ids;
  dialog.querySelector('[data-which]').textContent = ids.length === 1 ? nameOf(ids[0]) : say(words.selected, { n: ids.length });
  dialog.querySelector('[role="alert"]').hidden = true;
  dialog.showModal();
  const list = dialog.querySelector('[data-people]');
  if (!list) return;
  const answer = await ask(desk().dataset.people, { ids });
  const found = answer.ok ? answer.content.people : [];
  list.replaceChildren(...(list instanceof HTMLSelectElement ? options(found) : boxes(found, ids)));
}

function options(found) {
  const others = found.filter((one) => one.login !== desk().dataset.me);
  if (!others.length) return [new Option(words.nobody, '')];
  return others.map((one) => new Option(`${one.name} · ${say(words.holds, { n: one.holds })}`, one.login));
}

function boxes(found, ids) {
  if (!found.length) return [document.createTextNode(words.nobody)];
  return found.map((one) => {
    const label = document.createElement('label');
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: 'to', value: one.login });
    const small = document.createElement('small');
    const can = one.can < ids.length ? [say(words.can, { n: one.can })] : [];
    small.textContent = [say(words.holds, { n: one.holds }), ...can].join(' · ');
    label.append(box, one.name, small);
    return label;
  });
}

async function send(form) {
  const dialog = form.closest('dialog');
  const problem = form.querySelector('[role="alert"]');
  const button = form.querySelector('[type="submit"]');
  if (button.getAttribute('aria-busy')) return;
  const data = new FormData(form);
  const values = { ...Object.fromEntries(data), ...(form.dataset.ask === 'reassign' ? { to: data.getAll('to') } : {}) };
  button.setAttribute('aria-busy', 'true');
  const answer = await ask(form.dataset.url, { ids: dialog.ids, ...values });
  button.removeAttribute('aria-busy');
  if (!answer.ok) {
    problem.textContent = refusalOf(answer, words);
    problem.hidden = false;
    return;
  }
  dialog.close();
  form.reset();
  await finish(answer.content);
}

/** Show what has become of each task, and the list as it is now. */
async function finish({ done, refused }) {
  const names = new Map(refused.map((one) => [one.id, nameOf(one.id)]));
  for (const id of done) picked.delete(id);
  await renew();
  const sentence = say(words.done, { n: done.length });
  if (!refused.length) {
    announce(sentence);
    flash(sentence);
    return;
  }
  const box = document.getElementById('answered');
  box.querySelector('h2').textContent = `${sentence} · ${say(words.refused, { n: refused.length })}`;
  box.querySelector('ul').replaceChildren(...refused.map((one) => {
    const item = document.createElement('li');
    const name = document.createElement('strong');
    name.textContent = names.get(one.id);
    item.append(name, one.sentence);
    return item;
  }));
  box.showModal();
  box.querySelector('h2').focus();
}

function flash(sentence) {
  document.querySelector('.toast')?.remove();
  const line = document.createElement('p');
  line.className = 'toast';
  line.textContent = sentence;
  document.body.append(line);
  setTimeout(() => line.remove(), 4000);
}

/** Read the list again where it stands: the same address, as many pages as were open. */
async function renew() {
  const pages = Math.ceil(rows().length / PAGE);
  const answer = await fetch(window.location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
  const now = page?.getElementById('desk');
  if (!now) {
    window.location.reload();
    return;
  }
  desk().replaceWith(document.adoptNode(now));
  htmx.process(desk());
  for (let each = 1; each < Math.min(pages, PAGES); each += 1) if (!(await more())) break;
  for (const id of [...picked]) if (!rowOf(id)) picked.delete(id);
  settle({ focus: true });
}

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
    lastPicked = row.dataset.task;
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
  if (row && row.dataset.task !== at) stand(row, { focus: false });
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

let going = 0;
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
    lastPicked = row.dataset.task;
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
  const row = at && rowOf(at);
  const onRow = row && document.activeElement === row;
  const went = going && event.timeStamp - going < 1500;
  going = 0;
  let act = null;
  if (went) act = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (act) act = ((link) => () => link.click())(act);
  else if (key === 'g') act = () => { going = event.timeStamp; };
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
