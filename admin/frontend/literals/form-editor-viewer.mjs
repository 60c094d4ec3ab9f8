// The fields as the form editor draws them come from a form-js without a translate service.

import { either } from '../either.mjs';

export const file = /form-js-editor[\\/]node_modules[\\/]@bpmn-io[\\/]form-js-viewer[\\/]dist[\\/]index\.es\.js$/;
export const texts = [
  ['title: "Powered by bpmn.io"', `title: ${either('由 bpmn.io 提供', 'Powered by bpmn.io')}`],
  ['children: "Browse"', `children: ${either('选择文件', 'Browse')}`],
  ["placeholder: 'Search'", `placeholder: ${either('搜索或选择', 'Search or choose')}`],
  ["valueLabel || 'Select'", `valueLabel || ${either('请选择', 'Select')}`],
  ["return 'No files selected'", `return ${either('未选择文件', 'No files selected')}`],
  ['children: [jsx(SvgAdd, {}), " ", \'Add new\']', `children: [jsx(SvgAdd, {}), " ", ${either('新增一行', 'Add new')}]`],
  ['"aria-label": "Increment"', `"aria-label": ${either('增加', 'Increment')}`],
  ['"aria-label": "Decrement"', `"aria-label": ${either('减少', 'Decrement')}`],
  ['label: "Skip to search"', `label: ${either('跳到搜索', 'Skip to search')}`],
  ['title: "Remove tag"', `title: ${either('移除标签', 'Remove tag')}`],
  ["buildErrorState('No options source defined in the form definition')", `buildErrorState(${either('还没有选项', 'No options yet')})`]
];
