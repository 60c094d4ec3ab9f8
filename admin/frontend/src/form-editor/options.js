// Where the options of a choice come from: written here, taken from a list of the classification, or worked out by an expression.

import { element } from '../editors/page.js';
import { brief, plain } from '../language.js';
import { field, section, select, textarea } from './widgets.js';

const SOURCES = [['fixed', '写在表单里', 'Written here'], ['list', '取自分类表', 'From a list of the classification'], ['feel', '由表达式给出', 'Worked out by an expression']];

export function optionsOf(panel, one) {
  const source = one.properties?.classification ? 'list' : one.valuesExpression !== undefined || one.valuesKey !== undefined ? 'feel' : 'fixed';
  const parts = [select(plain('选项来源', 'Options come from'), source, SOURCES, (value) => change(panel, one, value))];
  if (source === 'list') parts.push(...listed(panel, one));
  else if (source === 'feel') parts.push(...worked(panel, one));
  else parts.push(written(panel, one));
  return section(plain('选项', 'Options'), ...parts);
}

function change(panel, one, source) {
  const properties = { ...one.properties };
  delete properties.classification;
  delete properties.within;
  if (source === 'list') properties.classification = panel.vocabulary.lists[0]?.name ?? '';
  const first = [{ label: brief('选项一', 'Option 1'), value: 'option_1' }];
  panel.set({
    properties: Object.keys(properties).length ? properties : null,
    // A list of the classification fills them in when the form is shown; without it the written ones would count.
    values: source === 'feel' ? null : Array.isArray(one.values) && one.values.length ? one.values : first,
    valuesKey: null,
    valuesExpression: source === 'feel' ? one.valuesExpression ?? '=[]' : null
  });
  panel.draw();
}

function listed(panel, one) {
  const keys = Object.values(panel.editor.get('formFieldRegistry').getAll())
    .filter((other) => other.id !== one.id && other.properties?.classification && other.key)
    .map((other) => [other.key, other.label ?? other.key, other.label ?? other.key]);
  return [
    select(plain('分类表', 'List'), one.properties.classification, panel.vocabulary.lists.map((list) => [list.name, list.zh || list.name, list.en || list.name]), (value) => panel.inside('properties', 'classification', value)),
    select(plain('随哪个字段变化', 'Depends on the field'), one.properties.within ?? '', [['', '不变化', 'None'], ...keys], (value) => panel.inside('properties', 'within', value))
  ];
}

function worked(panel, one) {
  if (one.valuesKey !== undefined && one.valuesExpression === undefined) {
    return [field(plain('选项变量（valuesKey）', 'Variable with the options'), one.valuesKey, (value) => panel.set({ valuesKey: value }), { code: true })];
  }
  return [textarea(plain('表达式（FEEL，以 = 开头）', 'Expression (FEEL, with = in front)'), one.valuesExpression, (value) => panel.set({ valuesExpression: value && !value.trim().startsWith('=') ? `=${value}` : value || '=[]' }), { code: true })];
}

function written(panel, one) {
  const box = element('div', { className: 'options' });
  const values = Array.isArray(one.values) ? one.values.filter((each) => each && typeof each === 'object') : [];
  const put = (next) => panel.set({ values: next });
  const cell = (words, text, take) => {
    const input = element('input', { className: 'text', value: text ?? '', maxLength: 400, autocomplete: 'off' });
    input.setAttribute('aria-label', words);
    input.addEventListener('change', () => take(input.value));
    return input;
  };
  const now = () => (Array.isArray(panel.one.values) ? panel.one.values : []);
  values.forEach((each, index) => {
    const put1 = (key) => (value) => put(now().map((other, at) => (at === index ? { ...other, [key]: kept(other[key], value) } : other)));
    const remove = element('button', { type: 'button', className: 'button small', textContent: '×', disabled: values.length < 2 });
    remove.setAttribute('aria-label', plain(`删除第 ${index + 1} 个选项`, `Remove option ${index + 1}`));
    remove.addEventListener('click', () => {
      put(now().filter((_, at) => at !== index));
      panel.draw();
    });
    box.append(element('div', { className: 'line' },
      cell(plain(`第 ${index + 1} 个选项的名称`, `Label of option ${index + 1}`), each.label, put1('label')),
      cell(plain(`第 ${index + 1} 个选项的值`, `Value of option ${index + 1}`), each.value, put1('value')),
      remove));
  });
  const add = element('button', { type: 'button', className: 'button small', textContent: brief('添加选项', 'Add an option') });
  add.addEventListener('click', () => {
    let index = values.length + 1;
    while (now().some((each) => each.value === `option_${index}`)) index += 1;
    put([...now(), { label: brief(`选项${index}`, `Option ${index}`), value: `option_${index}` }]);
    panel.draw();
    panel.place.querySelector('.options .line:last-of-type input')?.focus();
  });
  box.append(add);
  return box;
}

/** A number or a truth value stays one where what was typed is still one. */
function kept(before, text) {
  if (typeof before === 'number' && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (typeof before === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
