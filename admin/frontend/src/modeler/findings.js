// What a check found: badges on the elements, and a list below the canvas that leads to them.

import { button } from '../keeping.js';
import { brief, plain } from '../language.js';
import { goTo } from './view.js';

const GRAVEST = ['error', 'binding', 'warning', 'note'];
const WORDS = {
  error: ['错误', 'error'],
  binding: ['待绑定', 'to bind'],
  warning: ['提醒', 'warning'],
  note: ['说明', 'note']
};
const STATES = {
  stale: ['有新的修改，稍后自动检查', 'Changed since; checked again in a moment'],
  checking: ['正在检查…', 'Checking…'],
  large: ['文件很大，需要时请按“检查”', 'A large file: press Check when you need it']
};

export class Findings {
  /** place: the section below the canvas; file: the name of what is edited; hrefOf: (file) => where another file is edited. */
  constructor({ modeler, place, file, hrefOf, play, resized }) {
    Object.assign(this, { modeler, place, file, hrefOf, play, resized });
    this.found = [];
    this.hidden = new Set();
    this.marked = [];
    this.head = document.createElement('div');
    this.head.className = 'findings-head';
    this.list = document.createElement('ul');
    this.place.append(this.head, this.list);
    this.words = Object.assign(document.createElement('span'), { className: 'quiet' });
    this.words.setAttribute('role', 'status');
    this.toggle = button('', () => this.open(this.place.dataset.open !== 'yes'), 'button small');
    this.filters = document.createElement('span');
    this.filters.className = 'kinds';
    this.head.append(this.toggle, this.filters, this.words);
    modeler.on('import.done', () => this.mark());
    this.draw();
  }

  told({ state, findings, sentence }) {
    this.state = state;
    this.sentence = sentence;
    if (findings) {
      const before = this.count('error') + this.count('binding');
      this.found = [...findings].sort((one, other) => GRAVEST.indexOf(one.severity) - GRAVEST.indexOf(other.severity));
      this.mark();
      this.draw();
      const asked = this.wanted && this.found.some(({ severity }) => severity !== 'note');
      this.wanted = false;
      if (asked || (!this.settled && this.count('error') > before)) this.open(true);
    }
    this.tell();
  }

  open(open) {
    this.settled = this.settled || !open; // whoever has closed the list opens it again themselves
    this.place.dataset.open = open ? 'yes' : 'no';
    this.tell();
    this.resized();
  }

  count(severity) {
    return this.found.filter((one) => one.severity === severity).length;
  }

  tell() {
    const open = this.place.dataset.open === 'yes';
    this.toggle.textContent = `${open ? '▾' : '▸'} ${brief('检查结果', 'Findings')}`;
    this.toggle.setAttribute('aria-expanded', open);
    const words = this.state === 'failed'
      ? plain('没有检查：', 'Not checked: ') + this.sentence
      : this.state === 'checked'
        ? this.found.length ? '' : brief('没有发现问题', 'Nothing found')
        : brief(...(STATES[this.state] ?? ['', '']));
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  draw() {
    this.filters.replaceChildren(...GRAVEST.filter((kind) => this.count(kind)).map((kind) => {
      const one = button(`${brief(...WORDS[kind])} ${this.count(kind)}`, () => {
        if (this.hidden.has(kind)) this.hidden.delete(kind);
        else this.hidden.add(kind);
        this.draw();
      }, `kind ${kind}`);
      one.setAttribute('aria-pressed', !this.hidden.has(kind));
      one.title = plain('显示或隐藏这一类', 'Show or hide this kind');
      return one;
    }));
    const shown = this.found.filter(({ severity }) => !this.hidden.has(severity));
    this.list.replaceChildren(...shown.map((one) => this.row(one)));
    this.tell();
  }

  row(finding) {
    const row = document.createElement('li');
    row.className = finding.severity;
    const elsewhere = finding.file && finding.file !== this.file;
    const go = elsewhere && this.hrefOf(finding.file) ? document.createElement('a') : button('', () => this.goTo(finding), '');
    if (elsewhere && go instanceof HTMLAnchorElement) go.href = `${this.hrefOf(finding.file)}#${encodeURIComponent(finding.element_id ?? '')}`;
    go.className = 'finding';
    go.append(piece('span', brief(...WORDS[finding.severity] ?? ['', '']), 'kind-word'), piece('strong', this.whereOf(finding, elsewhere)));
    go.append(piece('span', brief(finding.message_zh, finding.message), 'sentence'));
    row.append(go);
    if (finding.walk?.length && !elsewhere) {
      const play = button(brief('播放', 'Play'), () => this.play(finding), 'button small');
      play.title = plain('在图上一步步走给您看', 'Show it on the diagram, step by step');
      row.append(play);
    }
    return row;
  }

  whereOf({ file, element_id: id, element_name: name, line, row, column }, elsewhere) {
    const called = name || this.modeler.get('elementRegistry').get(id)?.businessObject?.name || id;
    const place = [elsewhere ? file : '', called || (line ? brief(`第 ${line} 行`, `Line ${line}`) : '')];
    if (row) place.push(brief(`第 ${row} 条规则`, `rule ${row}`));
    if (column) place.push(column);
    return place.filter(Boolean).join(' · ');
  }

  goTo({ element_id: id }) {
    if (id && goTo(this.modeler, id)) return;
    this.words.textContent = id
      ? brief(`图上没有画出 ${id}`, `${id} is not drawn`)
      : brief('这一条说的是整个文件', 'This is about the whole file');
  }

  /** Badges and outlines of what is found in this file. */
  mark() {
    const canvas = this.modeler.get('canvas');
    const registry = this.modeler.get('elementRegistry');
    const overlays = this.modeler.get('overlays');
    overlays.remove({ type: 'finding' });
    for (const [id, marker] of this.marked) if (registry.get(id)) canvas.removeMarker(id, marker);
    this.marked = [];
    const byElement = new Map();
    for (const one of this.found) {
      if (one.file && one.file !== this.file) continue;
      const element = registry.get(one.element_id);
      if (!element || canvas.getRootElements().includes(element)) continue;
      byElement.set(one.element_id, [...(byElement.get(one.element_id) ?? []), one]);
    }
    for (const [id, all] of byElement) {
      const kind = all[0].severity;
      const marker = `found-${kind}`;
      canvas.addMarker(id, marker);
      this.marked.push([id, marker]);
      const badge = button(`${all.length}`, () => {
        this.open(true);
        this.goTo(all[0]);
        this.list.querySelectorAll('.finding')[this.shownIndex(all[0])]?.scrollIntoView({ block: 'nearest' });
      }, `badge-finding ${kind}`);
      badge.title = all.map((one) => brief(one.message_zh, one.message)).join('\n');
      badge.setAttribute('aria-label', `${brief(...WORDS[kind])} ${all.length}: ${badge.title}`);
      overlays.add(id, 'finding', { position: { top: -11, left: -11 }, html: badge, show: { minZoom: 0.2 } });
    }
  }

  shownIndex(finding) {
    return this.found.filter(({ severity }) => !this.hidden.has(severity)).indexOf(finding);
  }
}

function piece(tag, text, className = '') {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}
