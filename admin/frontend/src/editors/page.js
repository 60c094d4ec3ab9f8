// What the pages of decisions and forms share: the way back through what was done, the check, a file to take along or to bring,
// and a text that no editor can open.

import { ask, refusalOf } from '../asking.js';
import { brief, plain } from '../language.js';
import { notice } from '../modeling/notice.js';

export const LOST = () => ({ lost: plain('没有收到服务器的答复，请再试一次。', 'No answer from the server; try again.') });

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** The tool of the bar with this name. */
export const tool = (name) => document.querySelector(`[data-tool="${name}"]`);

/**
 * Undo and redo: the editor's own steps, and beyond them the revisions the server keeps. own: { canUndo, undo, canRedo, redo };
 * show: (text) => promise. Returns a function to call whenever something may have changed.
 */
export function wayBack(keeper, own, show) {
  const undo = tool('undo');
  const redo = tool('redo');
  let busy = false;
  const step = async (can, act, elsewhere) => {
    if (busy) return;
    busy = true;
    try {
      if (can()) {
        act();
      } else {
        const text = await elsewhere();
        if (text !== null) {
          await show(text);
          keeper.shown();
        }
      }
    } finally {
      busy = false;
      look();
    }
  };
  const back = () => step(own.canUndo, own.undo, () => keeper.earlier());
  const forth = () => step(own.canRedo, own.redo, () => keeper.later());
  undo?.addEventListener('click', back);
  redo?.addEventListener('click', forth);
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const again = key === 'y' || (key === 'z' && event.shiftKey);
    if (!again && key !== 'z') return;
    // A field that is being filled in takes its own letters back; so does an editor of expressions.
    if (event.target.closest?.('.editor-side, dialog, .raw-text, .cm-editor')) return;
    event.preventDefault();
    event.stopPropagation();
    (again ? forth : back)();
  }, true);
  const look = () => {
    if (undo) undo.disabled = !own.canUndo() && !keeper.hasEarlier;
    if (redo) redo.disabled = !own.canRedo() && !keeper.hasLater;
  };
  keeper.on('state', look);
  return look;
}

/** One pane at a time in the place beside what is edited. `open(name)` shows one; a pane is told with `opened`. */
export function panes(opened = {}) {
  const tabs = [...document.querySelectorAll('[role=tab][data-pane]')];
  const open = (name, { focus = false } = {}) => {
    for (const tab of tabs) {
      const here = tab.dataset.pane === name;
      tab.setAttribute('aria-selected', String(here));
      tab.tabIndex = here ? 0 : -1;
      document.getElementById(`pane-${tab.dataset.pane}`).hidden = !here;
      if (here && focus) tab.focus();
    }
    opened[name]?.();
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => open(tab.dataset.pane));
    tab.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      open(tabs[(index + by + tabs.length) % tabs.length].dataset.pane, { focus: true });
    });
  }
  return { open, at: () => tabs.find((tab) => tab.getAttribute('aria-selected') === 'true')?.dataset.pane };
}

const SEVERITY = {
  error: ['错误', 'Error'],
  binding: ['待绑定', 'To be bound'],
  warning: ['提醒', 'Warning'],
  note: ['说明', 'Note']
};

/**
 * The check of the draft with the text as it stands here. place: where the findings of this file are listed; mark: called with
 * them; go: called with one that was chosen.
 */
export function checking({ boot, read, place, mark, go }) {
  let round = 0;
  return async function check() {
    const mine = (round += 1);
    place.setAttribute('aria-busy', 'true');
    const answer = await ask(boot.urls.check, { files: { [boot.file.name]: await read() } });
    if (mine !== round) return;
    place.removeAttribute('aria-busy');
    if (!answer.ok) {
      place.replaceChildren(element('p', { className: 'refused', textContent: refusalOf(answer, LOST()) }));
      return;
    }
    const findings = answer.content.findings ?? [];
    const own = findings.filter((one) => one.file === boot.file.name);
    const others = findings.length - own.length;
    mark(own);
    place.replaceChildren();
    if (own.length === 0) {
      place.append(element('p', { className: 'good', textContent: plain('这份文件没有发现问题。', 'Nothing was found in this file.') }));
    } else {
      place.append(element('ul', { className: 'findings' }, ...own.map((one) => element('li', {}, finding(one, go)))));
    }
    if (others) {
      const words = plain(`草稿的其他文件还有 ${others} 处问题`, `${others} more in other files of the draft`);
      place.append(element('p', {}, element('a', { href: boot.draft.url, textContent: words })));
    }
  };
}

function finding(one, go) {
  const made = element('button', { type: 'button', className: `finding ${one.severity}` });
  const [zh, en] = SEVERITY[one.severity] ?? SEVERITY.note;
  made.append(element('strong', { textContent: brief(zh, en) }), ' ', plain(one.message_zh, one.message));
  if (one.example?.length) {
    const values = one.example.map((pair) => (Array.isArray(pair) ? pair.join(' = ') : `${pair.expression ?? ''} = ${pair.value ?? ''}`));
    made.append(element('span', { className: 'example', textContent: `${brief('例如', 'For example')} ${values.join(brief('，', ', '))}` }));
  }
  made.addEventListener('click', () => go(one));
  return made;
}

/** Take the text along as a file, or bring one: `bring(text)` shows it, and is told of by a rejected promise. */
export function files({ boot, read, bring, keeper, type }) {
  document.querySelector('[data-export]')?.addEventListener('click', async () => {
    const url = URL.createObjectURL(new Blob([await read()], { type }));
    const link = element('a', { href: url, download: boot.file.name.split('/').at(-1) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  const input = document.querySelector('input[data-import]');
  document.querySelector('button[data-import]')?.addEventListener('click', () => input.click());
  input?.addEventListener('change', async () => {
    const [file] = input.files;
    input.value = '';
    if (!file) return;
    if (file.size > 5 * 1024 * 1024) {
      notice(plain('文件超过 5 MB，没有导入。', 'The file has more than 5 MB; it was not imported.'), { kind: 'refused' });
      return;
    }
    const before = await read();
    try {
      await bring(await file.text());
    } catch (error) {
      notice(plain(`没有导入“${file.name}”：${error.message}`, `${file.name} was not imported: ${error.message}`), { kind: 'refused' });
      await bring(before).catch(() => {});
      return;
    }
    await keeper.replaced(before);
    notice(plain(`已导入“${file.name}”，可以撤销。`, `${file.name} was imported; it can be undone.`), { kind: 'done' });
  });
}

/** The text itself, where no editor can open it: it stays as it is, and can be repaired here. Returns how it is read. */
export function raw({ text, sentence, keeper, again }) {
  const stage = document.getElementById('stage');
  const box = document.getElementById('raw');
  stage.hidden = true;
  box.hidden = false;
  const area = box.querySelector('textarea');
  area.value = text;
  area.oninput = () => keeper.changed();
  box.querySelector('.reason').textContent = sentence;
  box.querySelector('button').onclick = () => again(area.value);
  return () => area.value;
}

export function unraw() {
  document.getElementById('stage').hidden = false;
  document.getElementById('raw').hidden = true;
}

/** Marks on what others draw again and again: rules of a sheet of our own, by the ids of what is marked. */
export function marks() {
  const sheet = typeof CSSStyleSheet === 'function' && 'adoptedStyleSheets' in document ? new CSSStyleSheet() : null;
  if (sheet) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return (rules) => sheet?.replaceSync(rules.join('\n'));
}
