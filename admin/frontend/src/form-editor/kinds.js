// What each kind of field is called, and which of its properties the panel offers: those the server reads when it checks answers.

import { brief } from '../language.js';

/** type: [Chinese, English, group of the palette, properties]. */
const KINDS = {
  textfield: ['单行文本', 'Text', 'basic-input', ['default', 'length', 'pattern', 'textkind']],
  textarea: ['多行文本', 'Long text', 'basic-input', ['default', 'length']],
  number: ['数字', 'Number', 'basic-input', ['default', 'range', 'digits']],
  datetime: ['日期时间', 'Date and time', 'basic-input', ['subtype', 'days']],
  checkbox: ['勾选框', 'Checkbox', 'basic-input', ['ticked']],
  filepicker: ['附件', 'Attachment', 'basic-input', ['papers']],
  expression: ['公式', 'Formula', 'basic-input', ['formula']],
  select: ['下拉选择', 'Select', 'selection', ['options', 'default']],
  radio: ['单选', 'Radio', 'selection', ['options', 'default']],
  checklist: ['多选', 'Checklist', 'selection', ['options']],
  taglist: ['标签多选', 'Tags', 'selection', ['options']],
  text: ['文字说明', 'Text to read', 'presentation', ['text']],
  separator: ['分隔线', 'Line', 'presentation', []],
  spacer: ['留白', 'Space', 'presentation', ['height']],
  group: ['分组', 'Group', 'container', ['path']],
  dynamiclist: ['可增行列表', 'Repeated rows', 'container', ['path', 'rows']],
  html: ['HTML', 'HTML', 'presentation', []],
  image: ['图片', 'Image', 'presentation', []],
  table: ['表格', 'Table', 'presentation', []],
  iframe: ['嵌入网页', 'Embedded page', 'presentation', []],
  documentPreview: ['文件预览', 'Document preview', 'presentation', []],
  button: ['按钮', 'Button', 'action', []],
  default: ['表单', 'Form', 'presentation', []]
};

export const kindName = (type) => (KINDS[type] ? brief(KINDS[type][0], KINDS[type][1]) : type);
export const propertiesOf = (type) => KINDS[type]?.[3] ?? [];

/** Whether a field of this kind carries an answer under a key. */
export const ASKS = new Set([
  'textfield', 'textarea', 'number', 'datetime', 'checkbox', 'filepicker', 'expression', 'select', 'radio', 'checklist', 'taglist'
]);

/**
 * Name the kinds in the reader's language, offer those the server takes, and let what nobody knows be shown as a box with its
 * name: it stays in the file. Returns the unknown kinds.
 */
export function teach(formFields, offered, schema) {
  const known = formFields._formFields;
  for (const type of Object.getOwnPropertyNames(known)) {
    const field = known[type];
    const [zh, en, group] = KINDS[type] ?? [type, type, 'presentation'];
    const name = brief(zh, en);
    if (!field.taught) {
      const { create } = field.config;
      field.config = {
        ...field.config,
        name,
        label: field.config.label ? name : field.config.label,
        group,
        create: (attributes) => beginning(type, create(attributes), attributes)
      };
      field.taught = true;
    }
    // Listed in the palette or not: what is in a file already is drawn either way.
    Object.defineProperty(known, type, { value: field, enumerable: offered.includes(type) || type === 'default', configurable: true, writable: true });
  }
  const unknown = new Set();
  const look = (components) => {
    for (const one of Array.isArray(components) ? components : []) {
      if (typeof one?.type === 'string' && !Object.hasOwn(known, one.type)) unknown.add(one.type);
      look(one?.components);
    }
  };
  look(schema.components);
  for (const type of unknown) {
    const Unknown = () => brief(`未知的字段类型：${type}`, `Unknown kind of field: ${type}`);
    Unknown.config = { type, keyed: false, name: type, label: '', group: 'presentation', create: (attributes = {}) => ({ ...attributes }) };
    Unknown.taught = true;
    Object.defineProperty(known, type, { value: Unknown, enumerable: false, configurable: true, writable: true });
  }
  return unknown;
}

/** What a new field begins with, in the reader's language; a field of the file is as it is. */
function beginning(type, made, given = {}) {
  if (given.id || given.key) return made;
  const copy = { ...made };
  if (Array.isArray(copy.values)) {
    copy.values = [
      { label: brief('选项一', 'Option 1'), value: 'option_1' },
      { label: brief('选项二', 'Option 2'), value: 'option_2' }
    ];
  }
  if (type === 'text') copy.text = brief('说明文字', 'Text to read');
  if (type === 'datetime') Object.assign(copy, { subtype: 'date', dateLabel: kindName('datetime') });
  if (copy.label && !given.label) copy.label = kindName(type);
  if (type === 'group' || type === 'dynamiclist') copy.label = kindName(type);
  if (type === 'filepicker') copy.properties = { ...copy.properties, 'attachment.kind': 'document' };
  return copy;
}
