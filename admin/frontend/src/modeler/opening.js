// Opening a text in the modeler. A drawing of thousands of elements takes the browser a while: it says so before it begins,
// and does not begin by itself again where the page was given up the last time.

import { brief, plain } from '../language.js';
import { button, Shelf } from '../keeping.js';

const MANY = 2500;

export const drawnElements = (text) => text.match(/<(?:[\w.-]+:)?BPMN(?:Shape|Edge)[\s>]/g)?.length ?? 0;

/** place: what covers the canvas meanwhile; name: what the tab remembers of an attempt. */
export function watched({ place, name }) {
  const shelf = new Shelf(`redress.opening.${name}`);
  const said = place.querySelector('p');

  /** Run `act` (which opens `text`) as soon as the page has said what it does, or somebody has agreed to it. */
  return async function open(text, act) {
    const count = drawnElements(text);
    const large = count > MANY;
    if (large && shelf.read()) await agreed(count);
    if (large) {
      said.textContent = plain(
        `正在打开 ${count} 个图形元素，可能需要一分钟，请不要关闭页面…`,
        `Opening ${count} drawn elements; this can take a minute, please keep the page open…`
      );
      shelf.put(count);
      place.hidden = false;
      await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    }
    try {
      return await act();
    } finally {
      shelf.clear();
      place.hidden = true;
    }
  };

  function agreed(count) {
    said.textContent = plain(
      `这张图有 ${count} 个图形元素，上次没有打开完。可以再试一次；如果浏览器受不了，请在桌面建模工具里把它拆成子流程，再导入。`,
      `This diagram has ${count} drawn elements and was not opened to the end the last time. Try again; if it is too much for the browser, split it into sub-processes in a desktop modeler and import it.`
    );
    place.hidden = false;
    document.documentElement.dataset.ready = 'yes';
    return new Promise((go) => place.append(button(brief('再试一次', 'Try again'), ({ target }) => {
      target.remove();
      go();
    }, 'button main')));
  }
}
