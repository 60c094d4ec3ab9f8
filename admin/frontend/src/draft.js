// The draft of a form: kept on the server while somebody types, and in this tab until the server has it, so that neither a
// lost connection nor a session that ends costs what was typed.
//
// given: { key, action, drop, revision, answers, saved_at, words }; without `action` it is kept in this tab only.

import { ask, refusalOf } from './asking.js';
import { Shelf, button, pauseAfter, saveInTime, signInLink } from './keeping.js';

const QUIET = 1200;
const LONGEST = 10_000;

export class Draft {
  /** read: what is in the form now; choose: put answers into it; over: told when the task is no longer the reader's. */
  constructor(given, { read, choose, over }) {
    Object.assign(this, { given, read, choose, over });
    this.shelf = new Shelf(`redress.draft.${given.key}`);
    this.revision = given.revision ?? 0;
    this.place = document.getElementById('draft-state');
    this.box = document.getElementById('draft-choice');
    this.dirty = false;
    this.failures = 0;
    const kept = this.shelf.read();
    this.start = kept?.data ?? (this.revision ? given.answers : null);
    /** What is in this tab was typed on from another draft than the server has: the reader chooses. */
    this.parted = Boolean(given.action && kept && kept.revision !== this.revision && this.revision);
    this.fromTab = Boolean(kept);
    saveInTime(() => this.dirty, (how) => this.save(how));
    window.addEventListener('beforeunload', (event) => {
      if (given.action && this.dirty && !this.done) event.preventDefault();
    });
  }

  /** The form stands as it was opened; from here on it changes by typing. */
  begin() {
    this.last = JSON.stringify(this.read());
    if (this.parted) {
      this.last = JSON.stringify(this.given.answers);
      this.dirty = true;
      this.ask({ answers: this.given.answers, revision: this.revision, saved_at: this.given.saved_at });
    } else if (this.fromTab && this.given.action) {
      this.dirty = true;
      this.save();
    } else if (this.revision) {
      this.tell('saved', this.given.saved_at);
    }
  }

  changed() {
    if (this.done) return;
    const now = JSON.stringify(this.read());
    if (now === this.last && !this.dirty) return;
    this.dirty = now !== this.last;
    this.keep();
    if (!this.given.action || this.choosing) return;
    this.since ??= Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Date.now() - this.since > LONGEST ? 0 : QUIET);
  }

  async save({ keepalive = false } = {}) {
    if (!this.given.action || this.done || this.choosing) return;
    if (this.saving) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.since = null;
    const answers = this.read();
    const sent = JSON.stringify(answers);
    if (sent === this.last) {
      this.settled();
      return;
    }
    this.saving = true;
    this.tell('saving');
    const answer = await ask(this.given.action, { answers, revision: this.revision }, { keepalive });
    this.saving = false;
    if (answer.ok) {
      this.revision = answer.content.revision;
      this.last = sent;
      this.failures = 0;
      this.given.saved_at = answer.content.saved_at;
      if (JSON.stringify(this.read()) === sent) this.settled();
      else this.changed();
    } else {
      this.refused(answer);
    }
    if (this.again) {
      this.again = false;
      await this.save();
    }
  }

  settled() {
    this.dirty = false;
    this.forget();
    this.tell('saved', this.given.saved_at);
  }

  refused(answer) {
    const { status, content } = answer;
    this.keep();
    if (content.draft) {
      this.ask(content.draft);
    } else if (status === 401 || status === 400) {
      this.tell('signed_out');
      this.retry();
    } else if (status === 409 || status === 404 || status === 403) {
      this.done = true;
      this.tell('unsaved');
      this.over(refusalOf(answer, this.given.words));
    } else if (status === 0 || status >= 500) {
      this.tell('offline');
      this.retry();
    } else {
      this.tell('unsaved');
      this.place?.setAttribute('title', refusalOf(answer, this.given.words));
    }
  }

  retry() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pauseAfter(this.failures));
    this.failures += 1;
  }

  /** Two drafts have parted: the one here and the one saved elsewhere meanwhile. */
  ask({ answers, revision, saved_at: at }) {
    const { words } = this.given;
    this.choosing = true;
    this.tell('unsaved');
    const sentence = document.createElement('span');
    sentence.textContent = words.parted.replaceAll('{at}', at ?? '');
    const settle = (after) => () => {
      this.choosing = false;
      this.box.hidden = true;
      this.revision = revision;
      this.last = JSON.stringify(answers);
      after();
    };
    this.box.replaceChildren(
      sentence,
      button(words.take_theirs, settle(async () => {
        await this.choose(answers);
        this.last = JSON.stringify(this.read());
        this.given.saved_at = at;
        this.settled();
      })),
      button(words.keep_mine, settle(() => {
        this.dirty = true;
        this.save();
      }))
    );
    this.box.hidden = false;
    this.box.scrollIntoView({ block: 'nearest' });
  }

  /** What was written has been sent; nothing of it stays here. */
  end() {
    this.done = true;
    this.dirty = false;
    clearTimeout(this.timer);
    this.forget();
  }

  tell(state, at = '') {
    if (!this.place) return;
    this.place.dataset.state = state;
    this.place.removeAttribute('title');
    const words = this.given.words[state].replaceAll('{at}', at);
    if (state !== 'signed_out') {
      this.place.textContent = words;
      return;
    }
    this.place.replaceChildren(words, ' ', signInLink(this.given.sign_in, this.given.words.sign_in));
  }

  keep() {
    this.shelf.put({ data: this.read(), revision: this.revision });
  }

  forget() {
    this.shelf.clear();
  }
}
