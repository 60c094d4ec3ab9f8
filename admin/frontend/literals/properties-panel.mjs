// Fields of the library's own groups are not handed the translation; these are what they say without it.

import { either } from '../either.mjs';

export const file = /@bpmn-io[\\/]properties-panel[\\/]dist[\\/]index\.esm\.js$/;
export const texts = [
  ["title = title ?? translate('Open pop-up editor')", `title = title ?? ${either('在大窗口中编辑', 'Open in a larger window')}`],
  ['class: "bio-properties-panel-textarea__open-popup-placeholder",\n        children: translate(\'Opened in editor\')', `class: "bio-properties-panel-textarea__open-popup-placeholder",\n        children: ${either('正在大窗口中编辑', 'Open in a larger window')}`]
];
