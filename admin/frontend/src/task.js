// The page of one task: the case beside the form in tabs, steps in dialogs with their refusals in place, keys for the hand
// that never leaves the keyboard. Without scripts everything stands below each other.

import { ask, refusalOf } from './asking.js';
import { isPlain, leadsTo } from './keys.js';

const words = JSON.parse(document.getElementById('task-words').textContent);

// ---- the case in tabs

const tabs = [...document.querySelectorAll('[data-tabs] a')].map((link) => ({
  link,
  pane: document.getElementById(link.hash.slice(1))?.closest('.pane')
})).filter(({ pane }) => pane);
const CHOSEN = 'redress.task.tab';

function chosenBefore() {
  try {
    return sessionStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}

function choose(tab, { focus = false, remember = true } = {}) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.link.setAttribute('aria-selected', String(chosen));
    one.link.tabIndex = chosen ? 0 : -1;
    one.pane.classList.toggle('shown', chosen);
  }
  if (focus) tab.link.focus();
  if (tab.pane.querySelector('[data-boot]')) drawPath(tab.pane);
  if (!remember) return;
  try {
    sessionStorage.setItem(CHOSEN, tab.link.hash);
  } catch {
    // Then the first one is open the next time.
  }
}

/** The tab in which an address within the page is, such as #comment-….  */
function tabOf(hash) {
  const target = document.getElementById(decodeURIComponent(hash.slice(1)));
  return target ? tabs.find(({ pane }) => pane.contains(target)) : undefined;
}

if (tabs.length) {
  const list = document.querySelector('[data-tabs]');
  list.setAttribute('role', 'tablist');
  tabs.forEach((tab, place) => {
    const { link, pane } = tab;
    link.setAttribute('role', 'tab');
    link.setAttribute('aria-controls', (pane.id ||= `pane-${place}`));
    pane.setAttribute('role', 'tabpanel');
    pane.setAttribute('aria-label', link.textContent.trim().replace(/\s+/g, ' '));
    link.addEventListener('click', (event) => {
      event.preventDefault();
      choose(tab);
    });
    link.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step ? tabs[(place + step + tabs.length) % tabs.length] : { Home: tabs[0], End: tabs.at(-1) }[event.key];
      if (!next) return;
      event.preventDefault();
      choose(next, { focus: true });
    });
  });
  list.closest('.case-side').classList.add('in-tabs');
  const asked = tabOf(window.location.hash);
  choose(asked ?? tabs.find(({ link }) => link.hash === chosenBefore()) ?? tabs[0], { remember: false });
  if (asked) document.getElementById(window.location.hash.slice(1))?.scrollIntoView({ block: 'nearest' });
  window.addEventListener('hashchange', () => {
    const tab = tabOf(window.location.hash);
    if (tab) choose(tab);
  });
  // A comment that was saved has come with the part of the page it stands in.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    const tab = link && !link.closest('[data-tabs]') && tabOf(link.hash);
    if (tab) choose(tab);
  });
}

// ---- the diagram, drawn when it is looked at

let drawing;
function drawPath() {
  drawing ??= import('./viewer.js').catch((error) => {
    drawing = null;
    const problem = document.getElementById('diagram-problem');
    problem.textContent = `${words.lost} (${error.message})`;
    problem.hidden = false;
  });
  return drawing;
}

// A line of the history points into the picture, which takes it from here once it is drawn.
document.addEventListener('click', async (event) => {
  const pointer = event.target.closest('[data-scope]');
  const tab = pointer && tabs.find(({ pane }) => pane.querySelector('[data-boot]'));
  if (!tab) return;
  const first = !drawing;
  choose(tab);
  if (!first) return;
  await drawPath();
  pointer.click();
});

// ---- steps, in dialogs or by a button

for (const opener of document.querySelectorAll('[data-dialog]')) {
  opener.hidden = false;
  opener.addEventListener('click', () => openDialog(document.getElementById(opener.dataset.dialog)));
}

function openDialog(dialog) {
  tell(dialog.querySelector('form'), '');
  dialog.showModal();
  const list = dialog.querySelector('[data-people]');
  if (list && !list.dataset.read) readPeople(list);
}

for (const dialog of document.querySelectorAll('dialog')) {
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || event.target.closest('[data-close]')) dialog.close();
  });
}

for (const form of document.querySelectorAll('form[data-step]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.getAttribute('aria-busy')) return;
    form.setAttribute('aria-busy', 'true');
    tell(form, '');
    const shown = window.redressForm;
    await shown?.draft?.save();
    const sent = new FormData(form, event.submitter);
    if ('handsOver' in form.dataset && shown?.draft) {
      const waits = shown.waits();
      if (waits) {
        form.removeAttribute('aria-busy');
        tell(form, waits);
        return;
      }
      // What stands in the form, also where its draft could not be saved.
      sent.set('answers', JSON.stringify(shown.answers()));
    }
    const answer = await ask(form.action, sent);
    form.removeAttribute('aria-busy');
    if (answer.ok) {
      shown?.draft?.end();
      if (sameAddress(answer.content.next)) window.location.reload();
      else window.location.assign(answer.content.next);
      return;
    }
    tell(form, refusalOf(answer, words));
  });
}

function sameAddress(target) {
  const address = new URL(target, window.location.href);
  return address.pathname === window.location.pathname && address.search === window.location.search;
}

function tell(form, sentence) {
  const place = document.getElementById(form?.dataset.problems ?? '') ?? form?.querySelector('.problems');
  if (!place) return;
  place.textContent = sentence;
  place.hidden = !sentence;
  if (sentence) place.focus();
}

// ---- whom to give it to

async function readPeople(list) {
  const status = list.closest('dialog').querySelector('[data-people-status]');
  status.textContent = words.reading;
  const answer = await ask(list.dataset.people, { ids: [list.dataset.task] });
  if (!answer.ok) {
    status.textContent = refusalOf(answer, words);
    return;
  }
  const { people } = answer.content;
  for (const { login, name, can, holds } of people) {
    if (login === list.dataset.without) continue;
    const option = new Option(`${name} · ${login} · ${words.holds.replaceAll('{count}', holds)}`, login);
    option.disabled = !can;
    list.append(option);
  }
  list.dataset.read = 'yes';
  status.textContent = people.some(({ can }) => can) ? '' : words.nobody;
  // Somebody may have begun to type a name while they were looked for.
  document.querySelector(`[data-narrows="${list.id}"]`)?.dispatchEvent(new Event('input'));
}

for (const search of document.querySelectorAll('[data-narrows]')) {
  const list = document.getElementById(search.dataset.narrows);
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLowerCase();
    for (const option of list.options) {
      option.hidden = Boolean(wanted && option.value && !option.text.toLowerCase().includes(wanted));
    }
    const first = [...list.options].find((option) => option.value && !option.hidden && !option.disabled);
    if (wanted && first) list.value = first.value;
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    list.focus();
  });
}

// ---- follow-up: ready answers for what is asked most

for (const ready of document.querySelectorAll('[data-sets]')) {
  ready.addEventListener('click', () => {
    const field = document.getElementById(ready.dataset.sets);
    field.value = ready.value;
    field.focus();
  });
}

// ---- keys

/** To the first field that can be filled in. */
function fill() {
  document.querySelector('#form :is(input, textarea, select):not([disabled], [readonly])')?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.altKey) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest('dialog form, #comments form');
    event.preventDefault();
    if (form) form.requestSubmit();
    else if (!document.querySelector('dialog[open]')) document.querySelector('[data-submit], [data-key-enter]')?.click();
    return;
  }
  if (!isPlain(event)) return;
  if (event.key >= '1' && event.key <= '9' && tabs[event.key - 1]) {
    event.preventDefault();
    choose(tabs[event.key - 1], { focus: true });
    return;
  }
  const act = leadsTo(event) ?? (event.key === 'e' ? fill : null);
  if (act) {
    event.preventDefault();
    act();
    return;
  }
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
});

// A page that the browser kept shows how the task stood before: look again.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload();
});

// ---- paper: long texts whole

window.addEventListener('beforeprint', () => {
  for (const text of document.querySelectorAll('#form textarea')) {
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight + 4}px`;
  }
});

document.documentElement.dataset.task = 'yes';
if (!document.getElementById('boot')) document.documentElement.dataset.ready = 'yes';
