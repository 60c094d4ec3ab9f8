// Trying a decision out: its inputs, typed by whoever writes it, decided by the server's own engine as the text stands here.

import { ask, refusalOf } from '../asking.js';
import { LOST, element } from '../editors/page.js';
import { brief, plain } from '../language.js';

const YES_NO = [['', '—', '—'], ['true', '是', 'Yes'], ['false', '否', 'No']];
/** What is FEEL already, and no text somebody has typed without quotes. */
const FEEL = /^\s*(["[{(@]|-?\.?\d|(true|false|null)\s*$|[\p{L}_][\p{L}\p{N}_ ]*\()/u;

export class Trying {
  constructor({ boot, read, at, fired, go }) {
    Object.assign(this, { boot, read, at, fired, go });
    this.form = document.getElementById('try-form');
    this.fields = document.getElementById('try-fields');
    this.result = document.getElementById('try-result');
    this.choice = document.getElementById('try-decision');
    this.typed = {};
    this.old = true;
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.decide();
    });
    this.choice.addEventListener('change', () => this.ask());
  }

  /** The text is another one now: what is asked for is looked up again before it is asked. */
  stale() {
    this.old = true;
    if (!document.getElementById('pane-try')?.hidden) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), 400);
    }
  }

  async look() {
    const shown = this.at();
    if (!this.old && (!shown || shown === this.choice.value)) return;
    const answer = await ask(this.boot.urls.decide, { name: this.boot.file.name, text: await this.read() });
    if (!answer.ok) {
      this.decisions = [];
      this.fields.replaceChildren();
      this.say(refusalOf(answer, LOST()));
      return;
    }
    this.old = false;
    this.decisions = answer.content.decisions;
    const before = shown || this.choice.value;
    this.choice.replaceChildren(...this.decisions.map((one) => element('option', { value: one.id, textContent: one.name || one.id })));
    if (this.decisions.some((one) => one.id === before)) this.choice.value = before;
    this.choice.closest('label').hidden = this.decisions.length < 2;
    this.ask();
  }

  get decision() {
    return this.decisions?.find((one) => one.id === this.choice.value);
  }

  ask() {
    const needs = this.decision?.needs ?? [];
    const focused = document.activeElement?.name;
    this.fields.replaceChildren(...needs.map((need, index) => this.field(need, index)));
    if (focused) this.fields.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
    if (!needs.length) this.fields.append(element('p', { className: 'quiet', textContent: plain('这个决策不需要输入。', 'This decision needs no input.') }));
    this.result.replaceChildren();
    this.fired([]);
  }

  field(need, index) {
    const label = element('label', { className: 'field' });
    const title = element('span', { textContent: need.label && need.label !== need.path ? `${need.label} ` : '' });
    title.append(element('code', { textContent: need.path }));
    let input;
    if (need.type === 'boolean') {
      input = element('select', {}, ...YES_NO.map(([value, zh, en]) => element('option', { value, textContent: brief(zh, en) })));
    } else {
      const kind = { date: 'date', dateTime: 'datetime-local', 'date and time': 'datetime-local' }[need.type] ?? 'text';
      input = element('input', { type: kind, className: 'text', autocomplete: 'off', maxLength: 4000 });
      if (need.type === 'number') input.inputMode = 'decimal';
      if (kind === 'text' && need.offered.length) {
        const offered = element('datalist', { id: `try-offered-${index}` });
        offered.append(...need.offered.map((value) => element('option', { value: JSON.parse(value) })));
        label.append(offered);
        input.setAttribute('list', offered.id);
      }
    }
    input.name = need.path;
    input.dataset.type = need.type;
    input.value = this.typed[need.path] ?? '';
    input.addEventListener('input', () => { this.typed[need.path] = input.value; });
    label.prepend(title);
    label.append(input);
    return label;
  }

  /** What was typed, as FEEL. */
  inputs() {
    const found = {};
    for (const input of this.fields.querySelectorAll('[name]')) {
      const text = input.value.trim();
      if (!text) continue;
      const { type } = input.dataset;
      if (type === 'date') found[input.name] = `date("${text}")`;
      else if (input.type === 'datetime-local') found[input.name] = `date and time("${text.length === 16 ? `${text}:00` : text}")`;
      else if (type === 'string') found[input.name] = text.startsWith('"') ? text : JSON.stringify(text);
      else found[input.name] = FEEL.test(text) ? text : JSON.stringify(text);
    }
    return found;
  }

  async decide() {
    if (this.old) await this.look();
    const { decision } = this;
    if (!decision) return;
    const body = { name: this.boot.file.name, text: await this.read(), decision: decision.id, inputs: this.inputs() };
    this.form.setAttribute('aria-busy', 'true');
    const answer = await ask(this.boot.urls.decide, body);
    this.form.removeAttribute('aria-busy');
    if (!answer.ok) {
      this.fired([]);
      this.say(refusalOf(answer, LOST()));
      return;
    }
    this.tell(answer.content);
  }

  say(sentence) {
    this.result.replaceChildren(element('p', { className: 'refused', textContent: sentence }));
  }

  tell({ value, steps, warnings, more_warnings: more }) {
    const hits = steps.flatMap((step) => step.tables.flatMap((table) => table.fired.map((one) => one.rule)));
    this.fired(hits);
    this.result.replaceChildren(
      element('h3', { textContent: brief('结果', 'Result') }),
      element('pre', { className: 'value', textContent: value === null ? brief('空（null）', 'null') : JSON.stringify(value, null, 2) })
    );
    for (const step of steps) for (const table of step.tables) this.result.append(...this.table(step, table, steps.length > 1));
    if (warnings.length) {
      this.result.append(
        element('h3', { textContent: brief('注意', 'Warnings') }),
        element('ul', {}, ...warnings.map((one) => element('li', { textContent: plain(one.message_zh, one.message) })))
      );
    }
    if (more) this.result.append(element('p', { className: 'quiet', textContent: plain(`还有 ${more} 条。`, `${more} more.`) }));
  }

  table(step, table, several) {
    const title = several ? `${step.name || step.element}${brief('：', ': ')}` : '';
    const made = [element('h3', { textContent: `${title}${brief('命中的规则', 'Rules that fired')}` })];
    if (table.fired.length) {
      made.push(element('ul', { className: 'fired' }, ...table.fired.map((one) => element('li', {}, this.row(step, one.row, one.annotations)))));
    } else {
      made.push(element('p', { className: 'quiet', textContent: plain('没有规则命中。', 'No rule fired.') }));
    }
    const near = table.missed.filter((one) => one.because.length === 1).slice(0, 5);
    if (near.length) {
      made.push(
        element('h3', { textContent: brief('差一个条件的规则', 'Rules one condition away') }),
        element('ul', {}, ...near.map((one) => {
          const [cell] = one.because;
          return element('li', {}, this.row(step, one.row), ` ${plain(`因为 ${cell.column} 不符合 ${cell.cell}`, `because ${cell.column} is not ${cell.cell}`)}`);
        }))
      );
    }
    return made;
  }

  row(step, row, annotations = []) {
    const words = plain(`第 ${row} 条`, `Rule ${row}`);
    const said = annotations.find((one) => one.text)?.text ?? '';
    const made = element('button', { type: 'button', className: 'link', textContent: words, title: said });
    made.addEventListener('click', () => this.go({ element_id: step.element, row, column: '' }));
    return made;
  }
}
