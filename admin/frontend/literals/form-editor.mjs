// The form editor has no translate service either. Its panel of properties is ours (`src/form-editor/panel.js`) and so are the
// names of the fields; this is what is left.

import { either } from '../either.mjs';

export const file = /form-js-editor[\\/]dist[\\/]index\.es\.js$/;
export const texts = [
  ["label: 'Input',\n  id: 'basic-input'", `label: ${either('填写', 'Input')},\n  id: 'basic-input'`],
  ["label: 'Selection',\n", `label: ${either('选择', 'Selection')},\n`],
  ["label: 'Presentation',\n", `label: ${either('显示', 'Presentation')},\n`],
  ["label: 'Containers',\n", `label: ${either('分组', 'Containers')},\n`],
  ["label: 'Action',\n  id: 'action'", `label: ${either('操作', 'Action')},\n  id: 'action'`],
  ['title: "Components",\n      children: "Components"', `title: ${either('字段', 'Fields')},\n      children: ${either('字段', 'Fields')}`],
  ['placeholder: "Search components"', `placeholder: ${either('查找字段', 'Find a field')}, "aria-label": ${either('查找字段', 'Find a field')}`],
  ['title: "Clear content"', `title: ${either('清除', 'Clear')}`],
  ['children: "No components found."', `children: ${either('没有这样的字段', 'No such field')}`],
  ['`Create ${getIndefiniteArticle(type)} ${label} element`', `${either('添加', 'Add')} + " " + label`],
  ['children: "Drag and drop components here."', `children: ${either('把字段拖到这里', 'Drag fields here')}`],
  ['children: "Build your form"', `children: ${either('表单还是空的', 'The form is empty')}`],
  ['children: "Drag and drop components here to start designing."', `children: ${either('从左边拖一个字段过来，或点一下它', 'Drag a field from the left, or click it')}`],
  ['children: "Use the preview window to test your form."', `children: ${either('右边的“预览”显示经办人看到的样子', 'Preview, on the right, shows what staff will see')}`],
  ['"Text view is empty"', either('空的文字', 'Empty text')],
  ['"Text view is populated by an expression"', either('文字由表达式给出', 'Text given by an expression')],
  ['"Text view is templated"', either('文字里有模板', 'Text with a template')],
  ['"Html view is empty"', either('空的 HTML', 'Empty HTML')],
  ['"Html view is populated by an expression"', either('HTML 由表达式给出', 'HTML given by an expression')],
  ['"Html view is templated"', either('HTML 里有模板', 'HTML with a template')],
  ["'Expression is empty'", either('还没有公式', 'No formula yet')],
  ["`Expression for '${key}'`", `${either('公式：', 'Formula: ')} + key`],
  ['label: \'Column 1\'', `label: ${either('第 1 列', 'Column 1')}`],
  ['label: \'Column 2\'', `label: ${either('第 2 列', 'Column 2')}`],
  ['label: \'Column 3\'', `label: ${either('第 3 列', 'Column 3')}`],
  ['children: "Content"', `children: ${either('内容', 'Content')}`],
  ['}), "Document preview"]', `}), ${either('文件预览', 'Document preview')}]`],
  ["'Remove form field'", either('删除字段', 'Remove form field')],
  ['return `Remove ${entry.label}`', `return ${either('删除', 'Remove')} + " " + entry.label`],
  ['children: "Repeatable"', `children: ${either('可以重复填写', 'Repeatable')}`]
];
