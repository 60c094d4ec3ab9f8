// When a key stroke is meant for the page and not for a field, an input method, the browser, or a dialog.

/** Whether a stroke is a plain one that nobody is typing with. Shift counts as plain: it makes "?" and capitals. */
export function isPlain(event) {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (document.querySelector('dialog[open]')) return false;
  return !isTyped(event.target);
}

let going = 0;

/** What a stroke of g, or of the letter of a list soon after it, does; null where it is neither. */
export function leadsTo(event) {
  const went = going && event.timeStamp - going < 1500;
  going = 0;
  const link = went && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  if (link) return () => link.click();
  return event.key === 'g' ? () => { going = event.timeStamp; } : null;
}

/** Whether strokes in this element write or choose something. Boxes that are ticked are not typed in. */
export function isTyped(element) {
  if (!(element instanceof Element)) return false;
  const field = element.closest('input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"]');
  return Boolean(field) && !(field instanceof HTMLInputElement && ['checkbox', 'radio', 'button', 'submit'].includes(field.type));
}
