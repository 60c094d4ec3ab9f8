// The form island: shows a form-js form, keeps a draft, submits it once, and puts the server's answer beside the fields.
//
// Boot data (#boot): { schema, data, readonly, action, draft, columns }. The server checks every submission again;
// what happens here is a courtesy.

import { Form } from '@bpmn-io/form-js-viewer';
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import './styles/form.css';

import chinese, { missing } from './i18n/form.js';
import papers, { preparePapers, uploading } from './papers.js';

flatpickr.localize(Mandarin);

const boot = JSON.parse(document.getElementById('boot').textContent);
const container = document.getElementById('form');
const summary = document.getElementById('form-problems');
const notice = document.getElementById('form-notice');
const button = document.querySelector('button[data-submit]');
const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? '';

const form = new Form({
  container,
  additionalModules: [chinese, papers],
  // At once: of two fields that change within the delay form-js would keep one.
  debounce: false,
  properties: { readOnly: Boolean(boot.readonly) }
});

preparePapers({ ...boot.papers, csrf });

const draft = !boot.readonly && boot.draft ? `redress.draft.${boot.draft}` : null;
const kept = draft ? read(draft) : null;
await form.importSchema(inColumns(boot.schema, boot.columns ?? 2), { ...boot.data, ...kept });
if (kept) say('已恢复上次未提交的内容。 Your unsent draft was restored.');
// form-js renders after a tick; only then can fields be found and focused.
await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

form.on('changed', ({ data }) => {
  if (draft) write(draft, data);
});

let sending = false;
let attempt = { body: null, lost: false };

form.on('submit', async ({ data, errors }) => {
  if (sending) return;
  showProblems('', []);
  if (uploading()) {
    showProblems('文件还在上传，请稍候再提交。 A file is still on its way.', []);
    return;
  }
  if (Object.keys(errors).length) {
    const problems = localProblems(errors);
    showProblems('还有内容没有填好。 Some fields need attention.', problems);
    return;
  }
  sending = true;
  button?.setAttribute('aria-busy', 'true');
  try {
    await send(data);
  } finally {
    sending = false;
    button?.removeAttribute('aria-busy');
  }
});
button?.addEventListener('click', () => form.submit());

// Ctrl+Enter submits from anywhere in the form.
container.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && button) form.submit();
});

async function send(data) {
  const body = JSON.stringify({ answers: data });
  // The same content sent again after its answer was lost says so, so that its effect happens once.
  const again = attempt.lost && body === attempt.body;
  attempt = { body, lost: true };
  let answer;
  let content = {};
  try {
    answer = await fetch(boot.action, {
      method: 'POST',
      body,
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'X-CSRFToken': csrf,
        ...(again ? { 'X-Repeat': 'yes' } : {})
      }
    });
    content = await answer.json();
  } catch {
    showProblems('没有收到服务器的答复，填写的内容已保留，请再试一次。 No answer from the server; nothing is lost, try again.', []);
    return;
  }
  attempt.lost = false;
  if (answer.ok) {
    if (draft) sessionStorage.removeItem(draft);
    window.location.assign(content.next);
    return;
  }
  const problems = (content.errors ?? []).map(serverProblem);
  form._setState({ errors: fieldErrors(problems) });
  // The mistakes are listed below; the sentence for programs repeats them with the codes of form and fields.
  const detail = problems.length ? 'Some fields need attention.' : content.detail ?? content.title;
  showProblems(content.detail_zh ? `${content.detail_zh} ${detail}` : detail, problems);
}

/**
 * Put short fields that stand one after the other side by side, unless the author has laid them out. Only the picture
 * changes: a field that may be hidden keeps a row of its own.
 */
function inColumns(schema, columns) {
  const short = ['textfield', 'number', 'select'];
  let rows = 0;
  const arrange = (components) => {
    let row = [];
    return components.map((component) => {
      const copy = component.components ? { ...component, components: arrange(component.components) } : { ...component };
      if (!short.includes(component.type) || component.conditional || component.layout?.row) {
        row = [];
        return copy;
      }
      if (row.length === 0 || row.length === columns) {
        row = [];
        rows += 1;
      }
      row.push(copy);
      for (const one of row) {
        // A row that is not full keeps the width of its neighbours above; the grid has sixteen columns.
        const width = row.length < columns ? Math.floor(16 / columns) : null;
        one.layout = { ...one.layout, row: `side_by_side_${rows}`, columns: width };
      }
      return copy;
    });
  };
  return { ...schema, components: arrange(schema.components ?? []) };
}

/** Every keyed field as it stands on the page now, by its path. */
function fields() {
  const registry = form.get('formFieldRegistry');
  return form.get('formFieldInstanceRegistry').getAllKeyed().map((instance) => {
    const field = registry.get(instance.id);
    return {
      ...instance,
      field,
      path: instance.valuePath.join('.'),
      label: field.label || field.dateLabel || field.timeLabel || field.key
    };
  });
}

function serverProblem({ path, message, message_zh }) {
  const found = fields().find((field) => field.path === path.replace(/\[(\d+)\]/g, '.$1'));
  return { found, label: found?.label ?? path, text: message_zh || message };
}

function fieldErrors(problems) {
  const errors = {};
  for (const { found, text } of problems) {
    if (!found) continue;
    let at = errors;
    const way = [found.id, ...Object.values(found.indexes ?? {})];
    for (const step of way.slice(0, -1)) at = at[step] ??= {};
    (at[way.at(-1)] ??= []).push(text);
  }
  return errors;
}

function localProblems(errors) {
  return fields().flatMap((field) => {
    let at = errors;
    for (const step of [field.id, ...Object.values(field.indexes ?? {})]) at = at?.[step];
    return Array.isArray(at) ? [{ found: field, label: field.label, text: at[0] }] : [];
  });
}

function showProblems(sentence, problems) {
  summary.hidden = !sentence;
  summary.replaceChildren();
  if (!sentence) return;
  const title = document.createElement('p');
  title.textContent = sentence;
  summary.append(title);
  if (problems.length) {
    const list = document.createElement('ul');
    for (const { found, label, text } of problems) {
      const item = document.createElement('li');
      const input = found && inputOf(found);
      if (input) {
        const link = document.createElement('a');
        link.href = `#${input.id}`;
        link.textContent = label;
        link.addEventListener('click', (event) => { event.preventDefault(); input.focus(); });
        item.append(link, `：${text}`);
      } else {
        item.textContent = `${label}：${text}`;
      }
      list.append(item);
    }
    summary.append(list);
  }
  summary.focus();
}

function inputOf({ id, indexes }) {
  const tail = Object.values(indexes ?? {}).map((index) => `_${index}`).join('');
  const found = container.querySelectorAll(`[id^="fjs-form-"][id$="-${id}${tail}"], [id*="-${id}${tail}-"]`);
  // A select's display has an id too and comes first, but only its input takes the focus.
  return [...found].find((element) => element.matches('input, select, textarea, button, [tabindex]'));
}

function say(sentence) {
  notice.textContent = sentence;
  notice.hidden = false;
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A full or forbidden storage only costs the draft.
  }
}

window.redressForm = { form, missing };
document.documentElement.dataset.ready = 'yes';
