// What the menus of diagrams say without asking for a translation.

import { either } from '../either.mjs';

const of = (path, texts) => ({ file: new RegExp(`diagram-js[\\\\/]lib[\\\\/]${path.replaceAll('/', '[\\\\/]')}\\.js$`), texts });

export const patches = [
  of('features/popup-menu/PopupMenuComponent', [
    ["title || 'Search'", `title || ${either('查找', 'Search')}`],
    ["title || 'Results'", `title || ${either('结果', 'Results')}`]
  ]),
  of('features/popup-menu/PopupMenuBreadcrumbs', [
    ['title="Back"', `title=\${ ${either('返回', 'Back')} }`],
    ['aria-label="Back"', `aria-label=\${ ${either('返回', 'Back')} }`]
  ])
];
