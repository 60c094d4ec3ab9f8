// What staff will see: the very island of their task page, fed by the form as it stands here, its answers checked by the server.

import { ask, refusalOf } from '../asking.js';
import { LOST, element } from '../editors/page.js';
import { formIsland } from '../form/island.js';
import { plain } from '../language.js';

const SOON = 300;

export class Preview {
  constructor({ boot, read }) {
    Object.assign(this, { boot, read });
    this.place = document.getElementById('preview-form');
    this.problem = document.getElementById('preview-problem');
    this.taken = document.getElementById('preview-taken');
    this.pane = document.getElementById('pane-preview');
    this.round = 0;
  }

  /** The form is another one now. */
  stale() {
    this.old = true;
    if (this.pane.hidden) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), SOON);
  }

  async look() {
    if (this.old === false) return;
    const mine = (this.round += 1);
    const answer = await ask(this.boot.urls.try_form, { name: this.boot.file.name, text: await this.read() });
    if (mine !== this.round) return;
    this.taken.replaceChildren();
    if (!answer.ok) {
      this.say(refusalOf(answer, LOST()));
      return;
    }
    this.old = false;
    this.say('');
    await this.show(answer.content.schema);
    this.pane.dataset.shown = String(mine);
  }

  async show(schema) {
    try {
      if (this.island) {
        await this.island.show(schema);
        return;
      }
      this.island = await formIsland({
        boot: { schema, data: {}, columns: 1, papers: { pretend: true, action: '' } },
        container: this.place,
        summary: document.getElementById('preview-problems'),
        notice: document.getElementById('preview-notice'),
        button: document.getElementById('preview-submit'),
        unguarded: true,
        send: (answers) => this.send(answers),
        sent: (content) => this.tell(content)
      });
    } catch (error) {
      this.say(plain(`表单无法显示：${error.message}`, `The form cannot be shown: ${error.message}`));
    }
  }

  async send(answers) {
    this.taken.replaceChildren();
    const answer = await ask(this.boot.urls.try_form, { name: this.boot.file.name, text: await this.read(), answers });
    const errors = answer.content.problems ?? [];
    if (!answer.ok || !errors.length) return answer;
    return { ok: false, status: 422, content: { detail_zh: '填写的内容没有通过检查。', detail: 'Some fields need attention.', errors } };
  }

  tell({ answers }) {
    this.taken.replaceChildren(
      element('p', { className: 'good', textContent: plain('服务器会接受这些内容（只是试填，没有保存）：', 'The server would take this (a trial, nothing was stored):') }),
      element('pre', { className: 'value', textContent: JSON.stringify(answers, null, 2) })
    );
    this.taken.scrollIntoView({ block: 'nearest' });
  }

  say(sentence) {
    this.problem.hidden = !sentence;
    this.problem.textContent = sentence;
  }
}
