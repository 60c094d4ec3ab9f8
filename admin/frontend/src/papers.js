// The file field of a form: a chosen file is uploaded at once and the answer is its id, or a list of ids. What the server
// says of a file stands under the field; the file is filed when the form is sent, and forgotten after a day otherwise.

import { h } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Description, Errors, FilePicker, Label, useExpressionEvaluation, useSingleLineTemplateEvaluation } from '@bpmn-io/form-js-viewer';

import { brief, plain } from './language.js';

let around = { action: '', known: {}, endings: {}, csrf: '', pretend: false };
let underWay = 0;

/** around: where to send files (`action`), the papers that answers may name (`known`), the endings each kind takes. pretend: a trial,
 * in which no file leaves the browser. */
export function preparePapers(given) {
  around = { ...around, ...given };
}

/** Whether a file is still on its way; a form is not sent before it has arrived. */
export const uploading = () => underWay > 0;

function PaperField({ field, domId, disabled, readonly, errors = [], value, onChange }) {
  const input = useRef(null);
  const [sending, setSending] = useState([]);
  const [refused, setRefused] = useState([]);
  const several = useExpressionEvaluation(String(field.multiple ?? '')) === true || field.multiple === true;
  const accept = useSingleLineTemplateEvaluation(field.accept || '', { debug: true });
  const kind = field.properties?.['attachment.kind'] || 'document';
  const ids = [value ?? []].flat().filter(Boolean);
  const closed = disabled || readonly;
  const latest = useRef(ids);
  latest.current = ids;

  const answer = (list) => {
    latest.current = list;
    onChange({ value: several ? (list.length ? list : null) : list.at(-1) ?? null });
  };

  const pick = async () => {
    const files = [...input.current.files].slice(0, several ? 20 : 1);
    input.current.value = '';
    setRefused([]);
    for (const file of files) {
      underWay += 1;
      try {
        const paper = await upload(file, kind, (part) => setSending([{ name: file.name, part }]));
        around.known[paper.id] = paper;
        answer(several ? [...latest.current, paper.id] : [paper.id]);
      } catch (error) {
        setRefused((before) => [...before, `${file.name}${brief('：', ': ')}${error.message}`]);
      } finally {
        underWay -= 1;
        setSending([]);
      }
    }
  };

  return h('div', { class: 'fjs-form-field fjs-form-field-filepicker' }, [
    h(Label, { htmlFor: domId, label: field.label, required: field.validate?.required }),
    ids.length ? h('ul', { class: 'paper-list' }, ids.map((id) => {
      const paper = around.known[id];
      const name = paper?.name ?? id;
      return h('li', { key: id }, [
        paper ? h('a', { href: paper.href, download: true }, name) : h('span', {}, name),
        paper ? h('span', { class: 'quiet' }, ` ${(paper.size / 1024).toFixed(1)} KB`) : null,
        closed ? null : h('button', {
          type: 'button', class: 'button small', 'aria-label': `${plain('不用', 'Leave out')} ${name}`,
          onClick: () => { answer(ids.filter((one) => one !== id)); input.current?.focus(); }
        }, brief('不用', 'Leave out'))
      ]);
    })) : null,
    closed
      ? (ids.length ? null : h('p', { class: 'quiet' }, plain('没有附件。', 'No papers.')))
      : h('input', {
        type: 'file', id: domId, ref: input, class: 'paper-input', multiple: several || undefined,
        accept: accept || around.endings[kind] || undefined, onChange: pick,
        'aria-describedby': `${domId}-description ${domId}-error-message`
      }),
    ...sending.map(({ name, part }) => h('p', { class: 'paper-progress', role: 'status' }, [
      `${brief('正在上传', 'Uploading')} ${name} `, h('progress', { max: 1, value: part, 'aria-label': `${Math.round(part * 100)}%` })
    ])),
    refused.length ? h('ul', { class: 'paper-refused', role: 'alert' }, refused.map((text) => h('li', {}, text))) : null,
    h(Description, { id: `${domId}-description`, description: field.description }),
    h(Errors, { id: `${domId}-error-message`, errors })
  ]);
}

PaperField.config = { ...FilePicker.config, type: 'filepicker', keyed: true, emptyValue: null };

// An id that looks like one of the server's; `randomUUID` is there over https alone.
const made = () => '00000000-0000-4000-8000-000000000000'.replace(/0/g, () => (crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16));

function upload(file, kind, told) {
  if (around.pretend) return Promise.resolve({ id: made(), name: file.name, size: file.size, href: '#' });
  return new Promise((resolve, reject) => {
    const body = new FormData();
    body.append('kind', kind);
    body.append('file', file);
    const request = new XMLHttpRequest();
    request.open('POST', around.action);
    request.setRequestHeader('X-CSRFToken', around.csrf);
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    request.upload.addEventListener('progress', ({ loaded, total }) => told(total ? loaded / total : 0));
    request.addEventListener('load', () => {
      if (request.status === 200 && request.response?.id) return resolve(request.response);
      const { detail_zh: chinese = '', detail = '' } = request.response ?? {};
      return reject(new Error(plain(chinese, detail) || plain(`上传失败（${request.status}）。`, `The upload failed (${request.status}).`)));
    });
    for (const lost of ['error', 'abort', 'timeout']) {
      request.addEventListener(lost, () => reject(new Error(plain('上传中断，请重新选择文件。', 'The upload was cut off, choose the file again.'))));
    }
    told(0);
    request.send(body);
  });
}

class PaperFields {
  constructor(formFields) {
    formFields.register('filepicker', PaperField);
  }
}
PaperFields.$inject = ['formFields'];

export default { __init__: ['paperFields'], paperFields: ['type', PaperFields] };
