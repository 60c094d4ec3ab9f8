// The line between the bar of an editor and what is edited: one sentence about what just happened, with what can be done.

import { button } from '../keeping.js';
import { plain } from '../language.js';

const place = document.getElementById('editor-notice');

/**
 * Say a sentence. kind: 'wait', 'done', 'refused'; choices: [[words, act], …], each of which also closes it; lines: more that
 * belongs to it, one below the other.
 */
export function notice(sentence, { kind = 'wait', choices = [], lines = [] } = {}) {
  if (!place) return;
  place.className = `notice ${kind}`;
  const said = document.createElement('div');
  said.className = 'said';
  said.append(Object.assign(document.createElement('span'), { textContent: sentence }));
  if (lines.length) {
    const list = document.createElement('ul');
    list.append(...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })));
    said.append(list);
  }
  place.replaceChildren(
    said,
    ...choices.map(([words, act]) => button(words, () => {
      quiet();
      act();
    })),
    dismissal()
  );
  place.hidden = false;
  window.dispatchEvent(new Event('resize')); // what is below has less room now
}

/** Take back what was said. */
export function quiet() {
  if (!place || place.hidden) return;
  place.hidden = true;
  place.replaceChildren();
  window.dispatchEvent(new Event('resize'));
}

function dismissal() {
  const made = button('×', quiet, 'dismiss');
  made.setAttribute('aria-label', plain('关闭提示', 'Dismiss'));
  return made;
}
