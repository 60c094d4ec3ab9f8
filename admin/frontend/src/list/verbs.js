// What is done with tasks of a list without leaving it: at once or after a dialog has asked, and what became of each.

import htmx from 'htmx.org';
import { ask, refusalOf } from '../asking.js';
import { announce, chosen, desk, open, pagesOpen, picked, rowOf, say, settle, words } from './rows.js';

const nameOf = (id) => rowOf(id)?.dataset.name ?? id;

/** Do what a button says with what is chosen. */
export async function begin(button) {
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

/** Do what the form of a dialog asks for. */
export async function send(form) {
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
export async function renew() {
  const pages = pagesOpen();
  const answer = await fetch(window.location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
  const now = page?.getElementById('desk');
  if (!now) {
    window.location.reload();
    return;
  }
  // The menu counts the same tasks.
  document.querySelector('.side nav').replaceChildren(...page.querySelector('.side nav').childNodes);
  desk().replaceWith(document.adoptNode(now));
  htmx.process(desk());
  await open(pages);
  for (const id of [...picked]) if (!rowOf(id)) picked.delete(id);
  settle({ focus: true });
}
