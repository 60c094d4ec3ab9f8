// The rows of a list: on which of them one is, which are chosen, how more of them come, and how one finds them as one left
// them. Rows are real links in a real table.

import htmx from 'htmx.org';

export const words = JSON.parse(document.getElementById('list-words').textContent);
export const say = (text, values = {}) => Object.entries(values).reduce((said, [name, value]) => said.replaceAll(`{${name}}`, value), text);

const MOST = 500;
const PAGE = 50;
const PAGES = 10;
const KEY = `redress.list ${window.location.pathname}${window.location.search}`;

const told = document.getElementById('told');
export const picked = new Set();
let at = null;
let place = 0;
let lastPicked = null;

export const desk = () => document.getElementById('desk');
export const rows = () => [...document.querySelectorAll('#rows tr[data-task]')];
export const rowOf = (id) => document.getElementById(`t-${id}`);
const tick = (row) => row.querySelector('input[type="checkbox"]');

/** The row one is on. */
export const here = () => (at && rowOf(at)) || null;

export function announce(text) {
  told.textContent = '';
  requestAnimationFrame(() => { told.textContent = text; });
}

// ---- where one is: one row can be tabbed to, the arrows move it

export function stand(row, { focus = true } = {}) {
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
export function settle({ focus = false } = {}) {
  const all = rows();
  for (const row of all) show(row);
  const row = (at && rowOf(at)) || all[Math.min(place, all.length - 1)] || null;
  const inside = row && !row.contains(document.activeElement);
  stand(row ?? null, { focus: focus && Boolean(inside) });
  for (const one of document.querySelectorAll('#pick-all, [data-open]')) one.hidden = false;
  count();
}

export async function move(step) {
  const all = rows();
  if (!all.length) return;
  if (!at || !rowOf(at) || !document.activeElement?.closest('#rows')) return stand((at && rowOf(at)) || all[0]);
  const next = all.indexOf(rowOf(at)) + step;
  if (next >= all.length && (await more())) return stand(rows()[next] ?? rows().at(-1));
  if (next < 0 || next >= all.length) return announce(words.none);
  stand(all[next]);
}

/** Load the next page; tells whether there was one. */
export function more() {
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

export function pick(row, chosen = !picked.has(row.dataset.task)) {
  if (chosen && picked.size >= MOST) return;
  picked[chosen ? 'add' : 'delete'](row.dataset.task);
  show(row);
}

/** What is chosen up to another row is chosen from this one. */
export function pickFrom(row) {
  lastPicked = row.dataset.task;
}

export function pickTo(row) {
  const all = rows();
  const from = lastPicked ? all.indexOf(rowOf(lastPicked)) : -1;
  const to = all.indexOf(row);
  const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
  for (const one of all.slice(first, last + 1)) pick(one, true);
}

export function pickAll(chosen = rows().some((row) => !picked.has(row.dataset.task))) {
  if (!chosen) picked.clear();
  for (const row of rows()) pick(row, chosen);
  count(true);
}

export function count(aloud = false) {
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
export const chosen = () => (picked.size ? [...picked] : at && rowOf(at) ? [at] : []);

// ---- coming back to the same place

export const pagesOpen = () => Math.ceil(rows().length / PAGE);

/** Load pages until so many are open, as far as there are any, or until it is enough. */
export async function open(pages, enough = () => false) {
  for (let page = 1; page < Math.min(pages, PAGES) && !enough(); page += 1) if (!(await more())) break;
}

function remember() {
  const pages = pagesOpen();
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ at, place, pages, picked: [...picked] }));
    sessionStorage.setItem('redress.list', window.location.pathname + window.location.search);
  } catch {
    // Then one comes back to the beginning.
  }
}

export async function recall() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    // As if one had never been here.
  }
  if (!kept) return settle();
  ({ at, place } = kept);
  await open(kept.pages, () => !at || rowOf(at));
  for (const id of kept.picked) if (rowOf(id)) picked.add(id);
  const free = [null, document.body, document.documentElement].includes(document.activeElement);
  settle({ focus: free });
}
