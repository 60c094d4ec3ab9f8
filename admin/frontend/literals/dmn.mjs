// dmn-js passes every text through its translate service except these.

import { either } from '../either.mjs';

export const patches = [
  {
    file: /dmn-js-decision-table[\\/]lib[\\/]features[\\/]drag-and-drop[\\/]DragAndDrop\.js$/,
    texts: [["`Move ${isInput(col) ? 'Input' : 'Output'}`", either('移动这一列', 'Move the column')]]
  },
  {
    file: /dmn-js-decision-table[\\/]lib[\\/]features[\\/]context-menu[\\/]ContextMenu\.js$/,
    texts: [['"aria-label": "Decision table context menu"', `"aria-label": ${either('决策表菜单', 'Decision table menu')}`]]
  },
  {
    file: /dmn-js-decision-table[\\/]lib[\\/]features[\\/]simple-date-time-edit[\\/]Utils\.js$/,
    texts: [
      [
        "'Date and time must match pattern yyyy-MM-ddTHH:mm:ss[time zone]'",
        either('日期时间格式应为 yyyy-MM-ddTHH:mm:ss[时区]', 'Date and time must match pattern yyyy-MM-ddTHH:mm:ss[time zone]')
      ]
    ]
  },
  {
    file: /dmn-js-decision-table[\\/]lib[\\/]features[\\/]simple-date-edit[\\/]Utils\.js$/,
    texts: [["'Date must match pattern yyyy-MM-dd'", either('日期格式应为 yyyy-MM-dd', 'Date must match pattern yyyy-MM-dd')]]
  },
  {
    file: /dmn-js-shared[\\/]lib[\\/]components[\\/]List\.js$/,
    texts: [['"title": "Remove item"', `"title": ${either('删除', 'Remove')}`]]
  },
  {
    file: /dmn-js-shared[\\/]lib[\\/]util[\\/]PoweredByUtil\.js$/,
    texts: [["'title=\"Powered by bpmn.io\" '", `'title="' + ${either('由 bpmn.io 提供', 'Powered by bpmn.io')} + '" '`]]
  },
  {
    file: /dmn-js-decision-table[\\/]lib[\\/]features[\\/]simple-time-edit[\\/]Utils\.js$/,
    texts: [
      ["'Time must match pattern hh:mm:ss[time zone]'", either('时间格式应为 hh:mm:ss[时区]', 'Time must match pattern hh:mm:ss[time zone]')]
    ]
  }
];
