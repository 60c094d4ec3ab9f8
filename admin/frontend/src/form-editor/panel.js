// The properties of what is selected in the form editor: those the server reads when it checks answers, those staff see, and our
// own (`properties` of a field). What it does not know it leaves alone.

import { element } from '../editors/page.js';
import { brief, plain } from '../language.js';
import { ASKS, kindName, propertiesOf } from './kinds.js';
import { optionsOf } from './options.js';
import { field, flag, section, select, textarea } from './widgets.js';

const KEY = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u;
const OWN = ['classification', 'within', 'attachment.kind', 'date.latest'];
const WIDTHS = [['', '自动', 'Automatic'], ['4', '四分之一', 'A quarter'], ['8', '一半', 'Half'], ['12', '四分之三', 'Three quarters'], ['16', '整行', 'Whole row']];

export class Panel {
  constructor({ editor, place, vocabulary }) {
    Object.assign(this, { editor, place, vocabulary });
    const bus = editor.get('eventBus');
    bus.on('selection.changed', () => this.draw());
    editor.on('changed', () => this.follow());
    editor.on('import.done', () => this.draw());
  }

  get modeling() {
    return this.editor.get('modeling');
  }

  get selected() {
    const chosen = this.editor.get('selection').get();
    const registry = this.editor.get('formFieldRegistry');
    return (chosen && registry.get(chosen.id)) || this.editor._getState().schema;
  }

  /** Something changed elsewhere (undo, a drag): what is shown follows, unless somebody is writing here. */
  follow() {
    if (this.place.contains(document.activeElement) && document.activeElement.matches('input, textarea, select')) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), 60);
  }

  draw() {
    const one = this.selected;
    if (!one) return;
    this.one = one;
    const scroll = this.place.scrollTop;
    this.place.replaceChildren(...this.head(one), ...(one.type === 'default' ? this.ofForm(one) : this.ofField(one)));
    this.place.scrollTop = this.shown === one.id ? scroll : 0;
    this.shown = one.id;
  }

  /** Change members of what is shown; null takes one away. */
  set(changes) {
    const clean = {};
    for (const [key, value] of Object.entries(changes)) clean[key] = value === null || value === '' ? undefined : value;
    this.modeling.editFormField(this.one, clean);
  }

  inside(member, key, value) {
    const next = { ...this.one[member] };
    if (value === null || value === '' || value === undefined || value === false) delete next[key];
    else next[key] = value;
    this.set({ [member]: Object.keys(next).length ? next : null });
  }

  head(one) {
    const title = element('h2', { textContent: kindName(one.type) });
    if (one.type === 'default') return [title];
    const tools = element('div', { className: 'field-tools' });
    const parent = this.editor.get('formFieldRegistry').get(one._parent);
    const siblings = parent?.components ?? [];
    const at = siblings.indexOf(one);
    const add = (words, act, disabled = false) => {
      const made = element('button', { type: 'button', className: 'button small', textContent: brief(...words), disabled });
      made.addEventListener('click', act);
      tools.append(made);
    };
    const move = (to) => () => {
      this.modeling.moveFormField(one, parent, parent, at, to, one.layout?.row && this.row(one), undefined);
      this.draw();
    };
    add(['上移', 'Up'], move(at - 1), at <= 0);
    add(['下移', 'Down'], move(at + 1), at < 0 || at >= siblings.length - 1);
    add(['复制', 'Copy'], () => this.copy(one, parent, at));
    add(['删除', 'Remove'], () => this.modeling.removeFormField(one, parent, at));
    return [title, tools];
  }

  row(one) {
    return this.editor.get('formLayouter').getRow?.(one.layout.row);
  }

  copy(one, parent, at) {
    const taken = this.taken();
    const fresh = (node) => {
      const copy = structuredClone(node);
      const again = (part) => {
        delete part.id;
        delete part._parent;
        delete part._path;
        if (part.key) part.key = free(part.key, taken);
        part.components?.forEach(again);
      };
      again(copy);
      if (copy.layout) delete copy.layout.row;
      return copy;
    };
    this.modeling.addFormField(fresh(one), parent, at + 1);
  }

  taken() {
    return new Set(Object.values(this.editor.get('formFieldRegistry').getAll()).map((one) => one.key).filter(Boolean));
  }

  ofForm(form) {
    return [
      section(plain('表单', 'Form'),
        field(plain('标识（流程图用它引用表单）', 'Key (diagrams name the form by it)'), form.id, (value) => {
          if (KEY.test(value) && !value.includes('.')) this.set({ id: value });
        }, { check: (value) => (KEY.test(value) && !value.includes('.') ? '' : plain('用英文字母、数字和下划线，以字母开头。', 'Letters, digits and underscores, a letter first.')) })),
      element('p', { className: 'quiet', textContent: plain('点选一个字段，在这里设置它的属性。', 'Select a field to set its properties here.') })
    ];
  }

  ofField(one) {
    const has = new Set(propertiesOf(one.type));
    return [
      this.general(one, has),
      has.has('options') && optionsOf(this, one),
      this.kindly(one, has),
      ASKS.has(one.type) && one.type !== 'expression' && this.rules(one, has),
      this.showing(one),
      this.others(one)
    ].filter(Boolean);
  }

  general(one, has) {
    const parts = [];
    if (has.has('text')) {
      parts.push(textarea(plain('文字（可用 Markdown 和 {{…}}）', 'Text (Markdown and {{…}})'), one.text, (value) => this.set({ text: value }), { rows: 6 }));
    } else if (one.type === 'datetime') {
      if (one.subtype !== 'time') parts.push(field(plain('日期的名称', 'Label of the date'), one.dateLabel, (value) => this.set({ dateLabel: value })));
      if (one.subtype !== 'date') parts.push(field(plain('时间的名称', 'Label of the time'), one.timeLabel, (value) => this.set({ timeLabel: value })));
    } else if (one.type !== 'separator' && one.type !== 'spacer') {
      parts.push(field(plain('名称', 'Label'), one.label, (value) => this.set({ label: value })));
    }
    if (ASKS.has(one.type)) {
      parts.push(
        field(plain('字段标识（key）', 'Key'), one.key, (value) => this.setKey(one, value), { check: (value) => this.badKey(one, value), code: true }),
        field(plain('填写提示', 'Description'), one.description, (value) => this.set({ description: value }))
      );
    }
    if (has.has('path')) {
      const list = one.type === 'dynamiclist';
      parts.push(field(list ? plain('列表标识（path）', 'Path of the list') : plain('路径（path，可不填）', 'Path (may be empty)'), one.path,
        (value) => (value === '' && !list) || KEY.test(value) ? this.set({ path: value }) : null,
        { check: (value) => ((value === '' && !list) || KEY.test(value) ? '' : BAD_KEY()), code: true }));
    }
    return section(plain('基本', 'General'), ...parts);
  }

  badKey(one, value) {
    if (!KEY.test(value) || value.split('.').some((part) => part.startsWith('__') || part === 'constructor' || part === 'prototype')) return BAD_KEY();
    if (['case', 'clock'].includes(value.split('.')[0])) return plain('case 和 clock 是系统保留的名称。', 'case and clock are reserved.');
    const clash = value !== one.key && this.taken().has(value);
    return clash ? plain('这个标识已经用过了。', 'This key is taken.') : '';
  }

  setKey(one, value) {
    if (value !== one.key && !this.badKey(one, value)) this.set({ key: value });
  }

  kindly(one, has) {
    const parts = [];
    if (has.has('default')) parts.push(this.beginningValue(one));
    if (has.has('ticked')) parts.push(flag(plain('一开始就勾上', 'Ticked at first'), one.defaultValue === true, (value) => this.set({ defaultValue: value || null })));
    if (has.has('digits')) {
      parts.push(field(plain('小数位数', 'Decimal places'), one.decimalDigits, (value) => this.set({ decimalDigits: value === '' ? null : Number(value) }), { whole: true }));
    }
    if (has.has('subtype')) {
      parts.push(select(plain('填写', 'Asks for'), one.subtype ?? 'date', [['date', '日期', 'Date'], ['time', '时间', 'Time'], ['datetime', '日期和时间', 'Date and time']], (value) => this.subtype(value)));
      if (one.subtype && one.subtype !== 'date') {
        parts.push(
          select(plain('时间间隔', 'Steps'), String(one.timeInterval ?? 15), [['1', '1 分钟', '1 minute'], ['5', '5 分钟', '5 minutes'], ['10', '10 分钟', '10 minutes'], ['15', '15 分钟', '15 minutes'], ['30', '30 分钟', '30 minutes'], ['60', '1 小时', '1 hour']], (value) => this.set({ timeInterval: Number(value) })),
          flag(plain('24 小时制', '24 hours'), one.use24h === true, (value) => this.set({ use24h: value || null }))
        );
      }
    }
    if (has.has('days') && one.subtype !== 'time') {
      parts.push(
        flag(plain('不能早于今天', 'Not before today'), one.disallowPassedDates === true, (value) => this.set({ disallowPassedDates: value || null })),
        flag(plain('不能晚于今天', 'Not after today'), one.properties?.['date.latest'] === 'today', (value) => this.inside('properties', 'date.latest', value && 'today'))
      );
    }
    if (has.has('papers')) {
      parts.push(
        select(plain('附件种类', 'Kind of attachment'), one.properties?.['attachment.kind'] ?? '', [['', '任何种类', 'Any'], ...this.vocabulary.attachment_kinds.map((kind) => [kind.name, kind.zh, kind.en])], (value) => this.inside('properties', 'attachment.kind', value)),
        flag(plain('可以选几个文件', 'Several files'), one.multiple === true, (value) => this.set({ multiple: value || null }))
      );
    }
    if (has.has('formula')) parts.push(textarea(plain('公式（FEEL，以 = 开头）', 'Formula (FEEL, with = in front)'), one.expression, (value) => this.set({ expression: value }), { code: true }));
    if (has.has('height')) parts.push(field(plain('高度（像素）', 'Height (pixels)'), one.height, (value) => this.set({ height: value === '' ? null : Number(value) }), { whole: true }));
    if (has.has('rows')) {
      parts.push(
        field(plain('一开始的行数', 'Rows at first'), one.defaultRepetitions, (value) => this.set({ defaultRepetitions: value === '' ? null : Number(value) }), { whole: true }),
        flag(plain('可以增删行', 'Rows can be added and removed'), one.allowAddRemove !== false, (value) => this.set({ allowAddRemove: value }))
      );
    }
    return parts.length ? section(plain('填写', 'Filling in'), ...parts) : null;
  }

  subtype(value) {
    const named = this.one.dateLabel || this.one.timeLabel || kindName('datetime');
    this.set({
      subtype: value,
      dateLabel: value === 'time' ? null : this.one.dateLabel || named,
      timeLabel: value === 'date' ? null : this.one.timeLabel || (value === 'time' ? named : brief('时间', 'Time')),
      ...(value === 'date' ? { timeInterval: null, timeSerializingFormat: null, use24h: null } : { timeInterval: this.one.timeInterval ?? 15, timeSerializingFormat: this.one.timeSerializingFormat ?? 'utc_offset', use24h: this.one.use24h ?? true })
    });
    this.draw();
  }

  beginningValue(one) {
    const words = plain('默认值（以 = 开头是 FEEL）', 'Default (with = in front it is FEEL)');
    return field(words, one.defaultValue, (value) => {
      const number = one.type === 'number' && value !== '' && !value.startsWith('=') ? Number(value) : value;
      if (!Number.isNaN(number)) this.set({ defaultValue: number });
    }, { check: (value) => (one.type === 'number' && value && !value.startsWith('=') && Number.isNaN(Number(value)) ? plain('请填写数字。', 'A number, please.') : '') });
  }

  rules(one, has) {
    const rules = one.validate ?? {};
    const put = (key) => (value) => this.inside('validate', key, value);
    const number = (key) => (value) => this.inside('validate', key, value === '' ? '' : Number(value));
    const parts = [flag(plain('必填', 'Required'), rules.required === true, put('required'))];
    if (has.has('length')) {
      parts.push(
        field(plain('最少字数', 'At least, characters'), rules.minLength, number('minLength'), { whole: true }),
        field(plain('最多字数', 'At most, characters'), rules.maxLength, number('maxLength'), { whole: true })
      );
    }
    if (has.has('range')) {
      parts.push(
        field(plain('最小值', 'Smallest'), rules.min, number('min'), { number: true }),
        field(plain('最大值', 'Largest'), rules.max, number('max'), { number: true })
      );
    }
    if (has.has('textkind')) {
      parts.push(select(plain('格式', 'Form'), rules.validationType ?? '', [['', '不限', 'Any'], ['phone', '电话号码', 'Phone number'], ['email', '电子邮件', 'E-mail address'], ['custom', '按下面的规则', 'By the rule below']], put('validationType')));
    }
    if (has.has('pattern')) {
      parts.push(
        field(plain('格式规则（正则表达式）', 'Rule (regular expression)'), rules.pattern, put('pattern'), { code: true, check: badPattern }),
        field(plain('不符合时的提示', 'What is said when it does not fit'), rules.patternErrorMessage, put('patternErrorMessage'))
      );
    }
    return section(plain('校验', 'Rules'), ...parts);
  }

  showing(one) {
    const parts = [
      textarea(plain('什么时候隐藏（FEEL）', 'Hidden when (FEEL)'), one.conditional?.hide, (value) => this.inside('conditional', 'hide', value && !value.trim().startsWith('=') ? `=${value}` : value), { code: true, rows: 2 }),
      select(plain('宽度', 'Width'), String(one.layout?.columns ?? ''), widths(one), (value) => this.set({ layout: { ...one.layout, columns: value ? Number(value) : null } }))
    ];
    if (ASKS.has(one.type) && one.type !== 'expression') {
      parts.push(field(plain('只读（勾上写 true，或写 FEEL）', 'Read-only (true, or FEEL)'), one.readonly === undefined ? '' : String(one.readonly), (value) => this.set({ readonly: value === 'true' ? true : value === 'false' ? null : value }), { code: true }));
    }
    return section(plain('显示', 'Showing'), ...parts);
  }

  /** Properties of the field that no part above sets. */
  others(one) {
    const known = Object.entries(one.properties ?? {}).filter(([key]) => !OWN.includes(key));
    const rows = known.map(([key, value]) => field(key, value, (next) => this.inside('properties', key, next), { code: true }));
    const name = element('input', { className: 'text', maxLength: 80 });
    name.setAttribute('aria-label', plain('新属性的名称', 'Name of the new property'));
    const add = element('button', { type: 'button', className: 'button small', textContent: brief('添加属性', 'Add') });
    add.addEventListener('click', () => {
      const key = name.value.trim();
      if (!key || OWN.includes(key) || key === '__proto__' || (one.properties && Object.hasOwn(one.properties, key))) return;
      this.inside('properties', key, brief('值', 'value'));
      this.draw();
    });
    return section(plain('其他属性', 'Other properties'), ...rows, element('div', { className: 'line' }, name, add));
  }
}

const BAD_KEY = () => plain('用字母、数字和下划线，以字母开头；下级用点分开。', 'Letters, digits and underscores, a letter first; dots between parts.');

function widths(one) {
  const now = one.layout?.columns;
  return now && !WIDTHS.some(([value]) => value === String(now)) ? [...WIDTHS, [String(now), `${now}/16`, `${now}/16`]] : WIDTHS;
}

function badPattern(value) {
  try {
    new RegExp(value, 'u');
    return '';
  } catch {
    return plain('这不是有效的正则表达式。', 'This is no regular expression.');
  }
}

function free(key, taken) {
  let made = key;
  for (let number = 2; taken.has(made); number += 1) made = `${key}_${number}`;
  taken.add(made);
  return made;
}
