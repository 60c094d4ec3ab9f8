// What every keeper of unsaved work shares: a shelf in this tab for what the server does not have yet, how long is waited
// before the next attempt, and the moments at which a page may go away.

const PAUSES = [3_000, 10_000, 30_000, 60_000];

/** How long, in milliseconds, to wait after so many attempts in a row that failed. */
export const pauseAfter = (failures) => PAUSES[Math.min(failures, PAUSES.length - 1)];

/** One value under one name, for as long as the tab is open. */
export class Shelf {
  constructor(name) {
    this.name = name;
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.name) ?? 'null');
    } catch {
      return null;
    }
  }

  /** Tells whether it is kept. */
  put(value) {
    try {
      sessionStorage.setItem(this.name, JSON.stringify(value));
      return true;
    } catch {
      return false; // A full or forbidden storage only costs what the server does not have yet.
    }
  }

  clear() {
    try {
      sessionStorage.removeItem(this.name);
    } catch {
      // Nothing was kept either.
    }
  }
}

/** Call save whenever the page may be gone the next moment, or the connection is back, and something is unsaved. */
export function saveInTime(unsaved, save) {
  window.addEventListener('online', () => unsaved() && save());
  window.addEventListener('pagehide', () => unsaved() && save({ keepalive: true }));
  document.addEventListener('visibilitychange', () => document.hidden && unsaved() && save({ keepalive: true }));
}

/** A button in a sentence that offers a choice. */
export function button(text, act, look = 'button small') {
  const made = document.createElement('button');
  Object.assign(made, { type: 'button', className: look, textContent: text });
  made.addEventListener('click', act);
  return made;
}

/** The way to sign in again without leaving the page. */
export function signInLink(href, text) {
  const link = document.createElement('a');
  Object.assign(link, { href, target: '_blank', rel: 'noopener', textContent: text });
  return link;
}
