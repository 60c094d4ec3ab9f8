// The check: the unsaved text is sent a moment after the last change; what comes back is marked on the canvas and listed
// below it. The server stores nothing of it.

import { ask, refusalOf } from '../asking.js';
import { plain } from '../language.js';

const CALM = 2000;
// Above this a check is only made when somebody asks for one.
const BY_ITSELF = 1_500_000;

export class Check {
  /** read: () => a promise of the text; told: ({ state, findings, counts, sentence }) on every change of what is known. */
  constructor({ boot, read, told }) {
    Object.assign(this, { boot, read, told });
    this.stale = true;
    document.addEventListener('visibilitychange', () => !document.hidden && this.waiting && this.soon());
  }

  /** Something was edited. */
  changed() {
    this.stale = true;
    this.running?.abort();
    this.told({ state: 'stale' });
    this.soon();
  }

  soon(after = CALM) {
    clearTimeout(this.timer);
    this.waiting = true;
    this.timer = setTimeout(() => !document.hidden && this.run({ asked: false }), after);
  }

  /** Check now. asked: somebody wants to know, however large the file is. */
  async run({ asked = true } = {}) {
    clearTimeout(this.timer);
    this.waiting = false;
    this.running?.abort();
    const text = await this.read();
    if (!asked && text.length > BY_ITSELF) {
      this.told({ state: 'large' });
      return;
    }
    const running = new AbortController();
    this.running = running;
    this.told({ state: 'checking' });
    const answer = await ask(this.boot.urls.check, { files: { [this.boot.file.name]: text } }, { signal: running.signal });
    if (running.signal.aborted) return;
    this.running = null;
    if (!answer.ok) {
      const words = { lost: plain('没有收到服务器的答复。', 'No answer from the server.') };
      this.told({ state: 'failed', sentence: refusalOf(answer, words) });
      return;
    }
    this.stale = false;
    this.told({ state: 'checked', findings: answer.content.findings ?? [] });
  }
}
