// What leads from the diagram to other files of the draft: forms, decisions and called processes open in their own editor,
// in a new tab, after this one is saved. What is deployed and not in the draft yet is put into it first.

import { ask, look, refusalOf } from '../asking.js';
import { plain } from '../language.js';
import { notice } from '../modeling/notice.js';

/** vocabulary: what the server offers, read anew after a file was begun; save: () => a promise, whether this file is saved. */
export function portsOf({ boot, vocabulary, save }) {
  const addressOf = (file) => `${boot.draft.url}/edit/${file.split('/').map(encodeURIComponent).join('/')}`;

  function open(kind) {
    return async (key) => {
      // Opened at once, while the click still counts; where it leads to is known a moment later.
      const tab = window.open('', '_blank');
      const [, answer] = await Promise.all([save(), ask(`${boot.draft.url}/beside`, { kind, key })]);
      if (answer.ok && tab) {
        tab.opener = null;
        tab.location.assign(answer.content.url);
        return;
      }
      tab?.close();
      if (answer.ok) {
        notice(plain('浏览器没有让新标签页打开。', 'The browser did not let a new tab open.'), {
          choices: [[plain('在这里打开', 'Open it here'), () => window.location.assign(answer.content.url)]]
        });
      } else tell(answer);
    };
  }

  function create(kind) {
    return async (suggested, title) => {
      const answer = await ask(`${boot.draft.url}/beside`, { kind, key: suggested.slice(0, 80), title, begin: true });
      if (!answer.ok) {
        tell(answer);
        return null;
      }
      const known = await look(boot.urls.vocabulary);
      if (known.ok) Object.assign(vocabulary, known.content);
      const { key, name } = answer.content;
      notice(plain(`草稿里新建了“${name}”。`, `${name} was begun in the draft.`), {
        kind: 'done',
        choices: [[plain('打开', 'Open it'), () => window.open(addressOf(name), '_blank', 'noopener')]]
      });
      return key;
    };
  }

  return {
    addressOf,
    openForm: open('form'),
    createForm: create('form'),
    openDecision: open('dmn'),
    createDecision: create('dmn'),
    openProcess: open('bpmn')
  };
}

function tell(answer) {
  const words = { lost: plain('没有收到服务器的答复，请再试一次。', 'No answer from the server; try again.') };
  notice(refusalOf(answer, words), { kind: 'refused' });
}
