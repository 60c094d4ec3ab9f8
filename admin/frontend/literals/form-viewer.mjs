// form-js passes every text through its translate service except these.

import { either } from '../either.mjs';

export const file = /form-js-viewer[\\/]dist[\\/]index\.es\.js$/;
// The form editor brings a copy of its own, older than this: `form-editor-viewer.mjs`.
export const unless = /form-js-editor[\\/]node_modules/;
export const texts = [
  ['title: "Powered by bpmn.io"', `title: ${either('由 bpmn.io 提供', 'Powered by bpmn.io')}`],
  ['children: "Browse"', `children: ${either('选择文件', 'Browse')}`],
  ["placeholder: 'Search'", `placeholder: ${either('搜索或选择', 'Search or choose')}`],
  ["valueLabel || 'Select'", `valueLabel || ${either('请选择', 'Select')}`]
];
