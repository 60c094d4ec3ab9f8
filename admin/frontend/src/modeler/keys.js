// Strokes of the whole page. Those of the canvas are the modeler's own and work while it has the focus; a few of them are
// meant wherever nobody is typing.

import { isPlain, isTyped } from '../keys.js';

const EVERYWHERE = { z: 'undo', y: 'redo', f: 'find', '=': 'in', '+': 'in', '-': 'out', 0: 'fit' };

/** acts: by the names above, and `check`, `help`; container: of the canvas. */
export function keysOf({ container, acts }) {
  // Before the modeler hears it: Ctrl+0 shows the whole diagram beside the palette, not at its natural size.
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) {
      if (event.key === '?' && isPlain(event)) done(event, acts.help);
      return;
    }
    if (event.key === 'Enter') {
      done(event, acts.check);
      return;
    }
    if (isTyped(event.target)) return;
    const inside = container.contains(event.target);
    const name = event.shiftKey && event.key.toLowerCase() === 'z' ? 'redo' : EVERYWHERE[event.key.toLowerCase()];
    if (name && (!inside || name === 'fit')) done(event, acts[name]);
  }, true);
}

function done(event, act) {
  event.preventDefault();
  event.stopPropagation();
  act();
}
