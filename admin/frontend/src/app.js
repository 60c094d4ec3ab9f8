// What every page needs: htmx without eval, keyboard help, and small courtesies that also work without scripts.

import htmx from 'htmx.org';
import { isPlain } from './keys.js';

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.responseHandling = [
  { code: '204', swap: false },
  { code: '[23]..', swap: true },
  // A refusal is a page fragment too: it says what was asked, of which thing, in which state.
  { code: '[45]..', swap: true, error: true }
];

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? '';
document.body.addEventListener('htmx:configRequest', (event) => {
  event.detail.headers['X-CSRFToken'] = token;
});

// A form is sent once: the second click of an impatient hand does nothing.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute('hx-post')) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  for (const button of form.querySelectorAll('button[type="submit"]')) button.setAttribute('aria-disabled', 'true');
});
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('[aria-disabled]')) button.removeAttribute('aria-disabled');
  }
});

// Rows of a list open on a click anywhere, the link in them stays the real thing.
document.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-href]');
  if (!row || event.target.closest('a, button, input, select, label, summary')) return;
  if (window.getSelection()?.toString()) return;
  window.location.assign(row.dataset.href);
});

// "/" goes to the search box, as in most dense tools.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || !isPlain(event)) return;
  const search = document.querySelector('#search');
  if (search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// Chosen files are listed with their sizes before they are sent.
for (const input of document.querySelectorAll('input[type="file"][data-list]')) {
  const list = document.getElementById(input.dataset.list);
  const zone = input.closest('.dropzone');
  const show = () => {
    list.replaceChildren(...[...input.files].map((file) => {
      const item = document.createElement('li');
      item.textContent = `${file.name}  ${(file.size / 1024).toFixed(1)} KB`;
      return item;
    }));
  };
  input.addEventListener('change', show);
  if (zone) {
    for (const name of ['dragenter', 'dragover']) {
      zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add('over'); });
    }
    for (const name of ['dragleave', 'drop']) zone.addEventListener(name, () => zone.classList.remove('over'));
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      input.files = event.dataTransfer.files;
      show();
    });
  }
}

// A demo login is filled in by a click on its row.
document.addEventListener('click', (event) => {
  const row = event.target.closest('[data-login]');
  if (!row) return;
  document.querySelector('[name="login"]').value = row.dataset.login;
  document.querySelector('[name="password"]').value = row.dataset.password;
  document.querySelector('main .button.main').focus();
});

// On paper nothing is folded away.
window.addEventListener('beforeprint', () => {
  for (const one of document.querySelectorAll('details:not([open])')) one.open = true;
});

for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

document.documentElement.dataset.app = 'yes';
if (!document.querySelector('[data-island]')) document.documentElement.dataset.ready = 'yes';
