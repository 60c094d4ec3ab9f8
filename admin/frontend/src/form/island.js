// The form as staff fill it in, wherever it stands: on the page of a task, in the preview of the form editor. It shows a form-js
// form, keeps a draft, submits it once, and puts the server's answer beside the fields.

import { Form } from '@bpmn-io/form-js-viewer';
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';

import { ask } from '../asking.js';
import { Draft } from '../draft.js';
import words from '../i18n/form.js';
import { brief, plain } from '../language.js';
import papers, { preparePapers, uploading } from '../papers.js';

if (brief('zh', 'en') === 'zh') flatpickr.localize(Mandarin);

/**
 * boot: { schema, data, readonly, action, draft, columns }; draft: as `draft.js` takes it. container, summary, notice, button: where
 * the form, its mistakes, a remark and the way to send it stand. send: what takes the answers instead of a POST to `action`;
 * sent: what is done with the answer to them. unguarded: the browser's own verdict holds nothing back. Returns { form, draft, answers, waits, show }.
 */
export async function formIsland({ boot, container, summary, notice, button, send: post, sent = goOn, unguarded = false }) {
  const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? '';

  const form = new Form({
    container,
    additionalModules: [words, papers],
    // At once: of two fields that change within the delay form-js would keep one.
    debounce: false,
    properties: { readOnly: Boolean(boot.readonly) }
  });

  preparePapers({ ...boot.papers, csrf });

  const draft = boot.readonly || !boot.draft ? null : new Draft(boot.draft, { read: filledIn, choose: fillIn, over });
  let schema = inColumns(boot.schema, boot.columns ?? 2);
  await fillIn(draft?.start);
  if (draft?.start) say(restored());
  // form-js renders after a tick; only then can fields be found and focused.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  draft?.begin();
  form.on('changed', () => draft?.changed());

  /** What is filled in now, and nothing of what the form only reads. */
  function filledIn() {
    return form._getSubmitData();
  }

  function fillIn(answers) {
    return form.importSchema(schema, { ...boot.data, ...answers });
  }

  /** The task went to somebody else, or is over: what was typed stays readable, and nothing more is taken. */
  function over(sentence) {
    form.setProperty('readOnly', true);
    if (button) button.disabled = true;
    showProblems(sentence, [], again());
  }

  function restored() {
    const { restored: told, discard } = boot.draft.words ?? {};
    if (!told || draft.fromTab) return boot.draft.words?.restored_here ?? plain('已恢复上次未提交的内容。', 'Your unsent draft was restored.');
    const drop = document.createElement('button');
    Object.assign(drop, { type: 'button', className: 'button small', textContent: discard });
    drop.addEventListener('click', async () => {
      draft.end();
      await ask(boot.draft.drop, {});
      window.location.reload();
    });
    const sentence = document.createElement('span');
    sentence.textContent = told.replaceAll('{at}', boot.draft.saved_at);
    return [sentence, drop];
  }

  function again() {
    const { look } = boot.draft.words;
    const link = document.createElement('a');
    Object.assign(link, { href: window.location.pathname, textContent: look });
    return [link];
  }

  /** Why what is filled in cannot be sent yet; empty where it can. */
  function waits() {
    return uploading() ? plain('文件还在上传，请稍候再提交。', 'A file is still on its way.') : '';
  }

  let sending = false;
  let attempt = { body: null, lost: false };

  form.on('submit', async ({ data, errors }) => {
    // Who fills it in for somebody else sends nothing from here.
    if (sending || !(boot.action || post)) return;
    showProblems('', []);
    if (waits()) {
      showProblems(waits(), []);
      return;
    }
    if (Object.keys(errors).length && !unguarded) {
      const problems = localProblems(errors);
      showProblems(plain('还有内容没有填好。', 'Some fields need attention.'), problems);
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

  // Ctrl+Enter submits from anywhere in the form, where no page takes it from everywhere.
  container.addEventListener('keydown', (event) => {
    if (!document.documentElement.dataset.task && event.key === 'Enter' && (event.ctrlKey || event.metaKey) && button) form.submit();
  });

  async function send(data) {
    const body = { answers: data };
    const written = JSON.stringify(body);
    // The same content sent again after its answer was lost says so, so that its effect happens once.
    const repeats = attempt.lost && written === attempt.written;
    attempt = { written, lost: true };
    const { ok, status, content } = await (post ? post(data) : ask(boot.action, body, { headers: repeats ? { 'X-Repeat': 'yes' } : {} }));
    if (!status) {
      showProblems(plain('没有收到服务器的答复，填写的内容已保留，请再试一次。', 'No answer from the server; nothing is lost, try again.'), []);
      return;
    }
    attempt.lost = false;
    if (ok) {
      draft?.end();
      sent(content);
      return;
    }
    const problems = (content.errors ?? []).map(serverProblem);
    form._setState({ errors: fieldErrors(problems) });
    // The mistakes are listed below; the sentence for programs repeats them with the codes of form and fields.
    const detail = problems.length ? 'Some fields need attention.' : content.detail ?? content.title;
    const sentence = plain(content.detail_zh, detail);
    // Whoever has it now, or that it is over, is no mistake of the form.
    if (status === 409 && content.state && content.state !== 'suspended' && boot.draft?.words) {
      draft.done = true;
      over(sentence);
    } else {
      showProblems(sentence, problems);
    }
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
    return { found, label: found?.label ?? path, text: brief(message_zh, message) };
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

  function showProblems(sentence, problems, more = []) {
    summary.hidden = !sentence;
    summary.replaceChildren();
    if (!sentence) return;
    const title = document.createElement('p');
    title.append(sentence, ...more.flatMap((one) => [' ', one]));
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
          item.append(link, `${brief('：', ': ')}${text}`);
        } else {
          item.textContent = `${label}${brief('：', ': ')}${text}`;
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
    notice.replaceChildren(...[sentence].flat());
    notice.hidden = false;
  }

  /** Show another schema, and what was filled in already as far as it has a place there. */
  function show(next, answers = filledIn()) {
    schema = inColumns(next, boot.columns ?? 2);
    return fillIn(answers);
  }

  return { form, draft, answers: filledIn, waits, show };
}

const goOn = ({ next }) => window.location.assign(next);

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
