// The file of a process draft in an editor: kept on the server while somebody works, in this tab until the server has it,
// never over what somebody else has saved meanwhile. The same for diagrams, decisions and forms.
//
//   const keeper = new Keeper({ boot, read, show });
//   await show(keeper.start);           // the text to begin with: the server's, or what this tab still keeps
//   await keeper.begin();
//   editor.on('changed', () => keeper.changed());
//
// boot: #boot of an editor page. read: () => the text now (or a promise of it). show: (text) => a promise, fulfilled when the
// editor shows the text, rejected when it cannot; used where the text comes from elsewhere (theirs, earlier).
//
// Undo is the editor's own as long as it has something to undo. Beyond that (after a reload) `earlier()` and `later()` give
// the texts of the revisions the server keeps; the editor shows one and says `shown()`.

import { ask, look, refusalOf } from '../asking.js';
import { Shelf, pauseAfter, saveInTime, signInLink } from '../keeping.js';
import { brief, plain } from '../language.js';
import { settle } from './conflict.js';
import { notice, quiet } from './notice.js';
import { clock } from './times.js';

const QUIET = 1500;
const LONGEST = 10_000;
const SOON = 400;
// What a browser still sends for a page that is gone.
const LAST_WORDS = 60_000;

export class Keeper {
  constructor({ boot, read, show = async () => {} }) {
    Object.assign(this, { boot, read, show });
    const { draft, file } = boot;
    const reader = document.getElementById('editor')?.dataset.reader ?? '';
    const name = `redress.process_draft.${reader}.${draft.id}.${file.name}`;
    this.shelf = new Shelf(name);
    this.steps = new Shelf(`${name}.steps`);
    this.place = document.getElementById('saved-state');
    this.more = document.getElementById('saved-more');
    this.more?.addEventListener('click', () => this.retryNow());
    this.hearers = { state: [] };
    this.state = 'saved';
    this.revision = file.revision;
    this.first = file.first_revision ?? file.revision;
    this.at = file.saved_at ?? '';
    /** What the server has, and the revision the editor was given: below it there is nothing to undo in the editor. */
    this.last = file.text;
    this.base = this.top = file.revision;
    this.baseText = file.text;
    this.edits = 0;
    this.failures = 0;
    this.dirty = false;
    const kept = this.shelf.read();
    if (kept && kept.text === file.text) this.shelf.clear();
    this.fromTab = Boolean(kept && kept.text !== file.text);
    this.parted = this.fromTab && kept.revision !== file.revision;
    this.start = this.fromTab ? kept.text : file.text;
    const steps = this.steps.read();
    if (steps && steps.revision === file.revision && !this.fromTab) Object.assign(this, { base: steps.base, top: steps.top });
    this.listen();
  }

  listen() {
    saveInTime(() => this.dirty, (how) => this.save(how));
    window.addEventListener('beforeunload', (event) => this.dirty && event.preventDefault());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.failures) this.save();
    });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 's') {
        event.preventDefault();
        document.activeElement?.blur?.(); // a field that is still being filled in gives up its value
        this.save();
      }
    }, true);
    // A link of the page waits until everything is saved; what cannot be saved is asked about by the browser.
    document.addEventListener('click', async (event) => {
      const link = event.target.closest?.('a[href]');
      if (!link || !this.dirty || event.defaultPrevented || event.button || link.target || link.hasAttribute('download')) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey || link.getAttribute('href').startsWith('#')) return;
      event.preventDefault();
      await this.save();
      window.location.assign(link.href);
    });
  }

  on(name, hear) {
    (this.hearers[name] ??= []).push(hear);
    return this;
  }

  /** The editor shows `start`; from here on it changes by editing. */
  async begin() {
    if (!this.fromTab) {
      this.tell('saved');
      return;
    }
    this.dirty = true;
    this.edits += 1;
    if (this.parted) {
      const { revision, saved_at, saved_by } = this.boot.file;
      this.part({ revision, saved_at, saved_by });
      return;
    }
    notice(plain('已恢复上次没有来得及保存的修改。', 'Changes that had not been saved were restored.'), { kind: 'done' });
    if (await this.save()) this.stand(this.revision);
  }

  /** Something was edited. */
  changed() {
    this.strayed = true;
    this.top = this.base;
    this.touch();
  }

  touch() {
    this.dirty = true;
    this.edits += 1;
    clearTimeout(this.keeping);
    this.keeping = setTimeout(async () => this.dirty && this.keep(await this.read()), SOON);
    if (this.state !== 'conflict') this.tell('unsaved');
    this.schedule();
  }

  schedule() {
    if (this.choosing || this.theirs) return; // until the conflict is settled only Ctrl+S asks again
    this.since ??= Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(QUIET, this.since + LONGEST - Date.now())));
  }

  /** Save what is unsaved; tells whether everything is on the server now. */
  async save({ keepalive = false } = {}) {
    if (!this.dirty) return true;
    if (this.choosing) return false;
    if (this.saving) {
      await this.saving;
      return this.state === 'saved' || this.state === 'unsaved' ? this.save({ keepalive }) : false;
    }
    this.saving = this.send(keepalive);
    try {
      return await this.saving;
    } finally {
      this.saving = null;
    }
  }

  async send(keepalive) {
    clearTimeout(this.timer);
    this.since = null;
    const edits = this.edits;
    const text = await this.read();
    if (text === this.last) return this.settled(edits);
    this.keep(text);
    this.tell('saving');
    const small = keepalive && new Blob([text]).size < LAST_WORDS;
    const answer = await ask(this.boot.urls.content, { text, revision: this.revision }, { keepalive: small });
    if (!answer.ok) return this.refused(answer, text);
    this.took(answer.content, text);
    return this.settled(edits);
  }

  took({ revision, saved_at: at }, text) {
    Object.assign(this, { revision, last: text, at: at ?? this.at, failures: 0 });
  }

  settled(edits) {
    if (edits !== this.edits) {
      this.tell('unsaved');
      this.schedule();
      return false;
    }
    this.dirty = false;
    clearTimeout(this.keeping);
    this.shelf.clear();
    if (this.strayed) this.steps.clear();
    else this.steps.put({ revision: this.revision, base: this.base, top: this.top });
    if (this.complained) quiet();
    this.complained = false;
    this.tell('saved');
    return true;
  }

  async refused(answer, text) {
    const { status, content } = answer;
    if (status === 409 && Number.isInteger(content.revision)) {
      // What stands there may be this very text: sent as a page closed, its answer never heard.
      const there = await look(this.boot.urls.content);
      if (there.ok && there.content.text === text) {
        this.took(there.content, text);
        return this.settled(this.edits);
      }
      this.part(content);
    } else if (status === 401 || status === 400) {
      this.again('signed_out');
    } else if (status === 0 || status === 408 || status === 429 || status >= 500) {
      this.again('offline');
    } else {
      const words = { lost: plain('没有收到服务器的答复。', 'No answer from the server.') };
      this.tell('refused');
      this.complained = true;
      notice(`${plain('没有保存：', 'Not saved:')} ${refusalOf(answer, words)}`, {
        kind: 'refused',
        choices: [[plain('再试一次', 'Try again'), () => this.save()], [KEEP_OWN(), () => this.part({}, { lost: true })]]
      });
    }
    return false;
  }

  again(state) {
    this.tell(state);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pauseAfter(this.failures));
    this.failures += 1;
  }

  retryNow() {
    if (this.theirs) this.part(this.theirs);
    else this.save();
  }

  /** Somebody else has saved meanwhile (or there is nowhere left to save to): whoever works here chooses. */
  async part(theirs, { lost = false } = {}) {
    if (this.choosing) return;
    this.choosing = true;
    if (!lost) {
      this.theirs = theirs;
      this.tell('conflict');
    }
    const choice = await settle({ theirs, lost, draft: this.boot.draft, file: this.boot.file });
    this.choosing = false;
    if (choice.take) await this.takeTheirs();
    else if (choice.copy) await this.keepOwn(choice.copy);
    else if (choice.overwrite) await this.overwrite(theirs);
    // Put off: it stays here and in this tab, and the line above says so.
  }

  async takeTheirs() {
    const there = await look(this.boot.urls.content);
    if (!there.ok) {
      this.say(there);
      return;
    }
    const mine = await this.read();
    try {
      await this.show(there.content.text);
    } catch (error) {
      this.complain(plain(`无法打开对方的版本：${error.message}`, `Their version cannot be opened: ${error.message}`));
      return;
    }
    this.theirs = null;
    this.took(there.content, there.content.text);
    this.dirty = false;
    this.stand(this.revision, there.content.text);
    this.settled(this.edits);
    // One undo brings back what was here.
    this.aside = mine;
    this.tell('saved');
  }

  async overwrite(theirs) {
    this.revision = theirs.revision;
    this.theirs = null;
    await this.save();
  }

  async keepOwn(name) {
    const text = await this.read();
    const answer = await ask(this.boot.urls.copy, { name, files: { [this.boot.file.name]: text } });
    if (!answer.ok) {
      this.say(answer);
      return;
    }
    this.dirty = false;
    this.shelf.clear();
    window.location.assign(`${answer.content.url}/edit/${this.boot.file.name.split('/').map(encodeURIComponent).join('/')}`);
  }

  say(answer) {
    this.complain(refusalOf(answer, { lost: plain('没有收到服务器的答复，请再试一次。', 'No answer from the server; try again.') }));
  }

  complain(sentence) {
    this.complained = true;
    notice(sentence, { kind: 'refused' });
  }

  /** Whether there is something before, or after, what the editor was given. */
  get hasEarlier() {
    return this.aside !== undefined || this.base > this.first;
  }

  get hasLater() {
    return this.base < this.top;
  }

  /** The text before the one the editor was given; null where there is none. Ask only when it has nothing to undo itself. */
  async earlier() {
    if (this.aside === undefined) return this.step(-1);
    const text = this.aside;
    this.aside = undefined;
    return text;
  }

  /** The text after it again; null where there is none, or where something else was edited since. */
  async later() {
    return this.step(1);
  }

  async step(by) {
    for (let at = this.base + by; at >= this.first && at <= this.top; at += by) {
      const there = await look(`${this.boot.urls.content}?revision=${at}`);
      if (!there.ok) {
        if (there.status !== 404) this.say(there);
        return null;
      }
      this.first = there.content.first_revision ?? this.first;
      if (there.content.text === this.baseText) continue;
      this.base = at;
      this.baseText = there.content.text;
      return there.content.text;
    }
    return null;
  }

  /** The editor shows what `earlier()` or `later()` gave: that is what is saved next. */
  shown() {
    this.strayed = false;
    this.touch();
  }

  /** The editor shows another text altogether (a file from elsewhere), and `before` was there: one step, saved at once. */
  async replaced(before) {
    this.strayed = true;
    this.top = this.base;
    this.aside = before;
    this.touch();
    if (await this.save()) {
      this.aside = undefined;
      this.stand(this.revision);
    }
  }

  stand(revision, text = this.last) {
    this.base = this.top = revision;
    this.baseText = text;
    this.strayed = false;
  }

  keep(text) {
    this.kept = this.shelf.put({ text, revision: this.revision });
  }

  tell(state) {
    this.state = state;
    const words = WORDS[state](clock(this.at));
    if (this.place) {
      this.place.dataset.state = state;
      if (this.place.textContent !== words) this.place.textContent = words;
      this.place.title = plain(...DETAILS[state]);
      if (state === 'signed_out') this.place.append(' ', signInLink('/sign-in', plain('在新标签页登录', 'Sign in in another tab')));
    }
    if (this.more) {
      const offer = OFFERS[state];
      this.more.hidden = !offer;
      if (offer) this.more.textContent = offer();
    }
    for (const hear of this.hearers.state) hear({ state, at: this.at, revision: this.revision });
  }
}

const KEEP_OWN = () => plain('另存为自己的草稿', 'Keep as an own draft');

const WORDS = {
  saved: (at) => brief(`已保存 ${at}`, `Saved ${at}`).trim(),
  saving: () => brief('正在保存…', 'Saving…'),
  unsaved: () => brief('未保存', 'Unsaved'),
  offline: () => brief('未保存：连接中断', 'Unsaved: no connection'),
  signed_out: () => brief('未保存：登录已过期', 'Unsaved: signed out'),
  conflict: () => brief('冲突', 'Conflict'),
  refused: () => brief('没有保存', 'Not saved')
};

const DETAILS = {
  saved: ['所有修改都已保存在服务器上', 'Every change is on the server'],
  saving: ['正在把修改存到服务器', 'Changes are being sent to the server'],
  unsaved: ['修改稍后自动保存；Ctrl+S 立即保存', 'Changes are saved in a moment; Ctrl+S saves now'],
  offline: ['修改暂存在本标签页，恢复连接后自动保存', 'Changes are kept in this tab and saved when the connection is back'],
  signed_out: ['修改暂存在本标签页，重新登录后自动保存', 'Changes are kept in this tab and saved after signing in'],
  conflict: ['别人也保存了这份文件；您的修改还在这里', 'Somebody else saved this file too; your changes are still here'],
  refused: ['修改还在本标签页，没有存到服务器', 'Changes are still in this tab, not on the server']
};

const OFFERS = {
  offline: () => brief('再试一次', 'Try again'),
  signed_out: () => brief('再试一次', 'Try again'),
  refused: () => brief('再试一次', 'Try again'),
  conflict: () => brief('处理冲突…', 'Settle…')
};
