// form-js passes every text through its translate service except these.

import { either } from '../either.mjs';

export const file = /form-js-viewer[\\/]dist[\\/]index\.es\.js$/;
export const texts = [
  ['children: "Browse"', `children: ${either('选择文件', 'Browse')}`],
  ["placeholder: 'Search'", `placeholder: ${either('搜索或选择', 'Search or choose')}`],
  ["valueLabel || 'Select'", `valueLabel || ${either('请选择', 'Select')}`]
];
