// Files from elsewhere: what their bytes say, whether they can be a diagram at all, and what would not survive being saved.

import { plain } from '../language.js';

/** What a file may have; the server takes no more. */
export const LARGEST = 5 * 1024 * 1024;

const DIAGRAM = ['http://www.omg.org/spec/BPMN/20100524/DI', 'http://www.omg.org/spec/DD/20100524/DI', 'http://www.omg.org/spec/DD/20100524/DC'];
const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const MOST_LINES = 12;

/** The text of a file's bytes: by its byte order mark, by what its XML declaration says, else UTF-8, else GB 18030. */
export function textOf(bytes) {
  const view = new Uint8Array(bytes);
  const marked = view[0] === 0xff && view[1] === 0xfe ? 'utf-16le' : view[0] === 0xfe && view[1] === 0xff ? 'utf-16be' : null;
  const head = new TextDecoder('latin1').decode(view.slice(0, 200));
  const declared = /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*encoding=["']([\w.-]+)["']/.exec(head)?.[1];
  for (const name of [marked ?? declared ?? 'utf-8', 'utf-8', 'gb18030']) {
    try {
      const text = new TextDecoder(name, { fatal: true }).decode(view);
      return text.replace(/^(<\?xml[^>]*encoding=["'])[\w.-]+(["'])/, '$1UTF-8$2');
    } catch {
      // Not these characters; the next.
    }
  }
  return new TextDecoder('utf-8').decode(view);
}

/** Why a text cannot be a diagram, as a sentence; '' where nothing speaks against it. */
export function refusalOfText(text, name) {
  if (text.length > LARGEST) {
    return plain(`“${name}”太大（超过 5 MB）。`, `${name} is too large (more than 5 MB).`);
  }
  if (!text.trim()) return plain(`“${name}”是空文件。`, `${name} is empty.`);
  if (/<!DOCTYPE/i.test(text.slice(0, 10_000))) {
    return plain(`“${name}”带有 DOCTYPE 声明，不能打开。`, `${name} holds a DOCTYPE declaration and is not opened.`);
  }
  const parsed = new DOMParser().parseFromString(text, 'application/xml');
  const problem = parsed.querySelector('parsererror');
  if (problem) return `${plain(`“${name}”不是完整的 XML 文件。`, `${name} is not well-formed XML.`)} ${whereOf(problem.textContent)}`.trim();
  const root = parsed.documentElement;
  if (root.localName !== 'definitions' || root.namespaceURI !== BPMN) {
    return plain(
      `“${name}”不是 BPMN 2.0 文件（第 1 层元素是 ${root.nodeName}）。`,
      `${name} is not a BPMN 2.0 file (its outermost element is ${root.nodeName}).`
    );
  }
  return '';
}

/** Where a parser stopped, and what it says. */
function whereOf(said) {
  const found = /line (\d+) at column (\d+):\s*([^\n]*)/.exec(said);
  if (!found) return '';
  const [, line, column, reason] = found;
  return plain(`第 ${line} 行第 ${column} 列：`, `Line ${line}, column ${column}:`) + reason;
}

/** Why the modeler cannot show a text that is BPMN, as a sentence. `undrawn`: whether only its drawing is missing. */
export function importRefusal(error, name) {
  const said = error?.message ?? `${error}`;
  if (/no diagram to display|no process or collaboration/.test(said)) {
    return {
      undrawn: true,
      sentence: plain(
        `“${name}”里没有图形信息（BPMN DI）。`,
        `${name} says nothing about its drawing (no BPMN DI).`
      )
    };
  }
  const at = /line: (\d+)\s+column: (\d+)/.exec(said);
  const where = at ? plain(`第 ${at[1]} 行第 ${at[2]} 列。`, `Line ${at[1]}, column ${at[2]}.`) : '';
  return {
    undrawn: false,
    sentence: `${plain(`“${name}”无法打开。`, `${name} cannot be opened.`)} ${where} ${said.split('\n')[0]}`
  };
}

/** What the modeler did not understand while it read a text, one line each. */
export function warningLines(warnings) {
  return shortened(warnings.map((warning) => {
    const lost = /unresolved reference <([^>]*)>/.exec(warning.message);
    if (lost) {
      const element = warning.element?.id ?? '';
      const property = (warning.property ?? '').replace(/^\w+:/, '');
      return plain(
        `元素 ${element} 的 ${property} 指向“${lost[1]}”，文件里没有它；保存后这一引用会丢失。`,
        `${property} of ${element} points to ${lost[1]}, which the file does not hold; saving loses the reference.`
      );
    }
    const at = /line: (\d+)/.exec(warning.message)?.[1];
    return (at ? plain(`第 ${at} 行：`, `Line ${at}:`) : '') + warning.message.split('\n')[0];
  }));
}

/**
 * What is in the text before and no longer in the text after: elements of any dialect and attributes of foreign ones, by
 * the element they belong to. The drawing is not compared. Returns lines to read, none where nothing is lost.
 */
export function lossLines(before, after) {
  const kept = pieces(after);
  const lost = new Map();
  for (const [key, { count, owner, what }] of pieces(before)) {
    if ((kept.get(key)?.count ?? 0) >= count) continue;
    const words = lost.get(owner) ?? new Set();
    lost.set(owner, words.add(what));
  }
  const lines = [...lost].map(([owner, words]) => plain(
    `元素 ${owner || '（文件）'}：${[...words].join('、')}`,
    `Element ${owner || '(the file)'}: ${[...words].join(', ')}`
  ));
  const remarks = comments(before) - comments(after);
  if (remarks > 0) lines.unshift(plain(`XML 注释（<!-- … -->）${remarks} 处`, `${remarks} XML comments (<!-- … -->)`));
  return shortened(lines);
}

const comments = (text) => text.replace(/<!\[CDATA\[[^]*?\]\]>/g, '').match(/<!--/g)?.length ?? 0;

function pieces(text) {
  const found = new Map();
  const note = (owner, what, value) => {
    const key = `${owner}\n${what}\n${value}`;
    const one = found.get(key) ?? { count: 0, owner, what: what.replace(/^\{.*\}/, '') };
    one.count += 1;
    found.set(key, one);
  };
  const visit = (element, owner) => {
    const { namespaceURI: space } = element;
    // One element under two names: the other is written with xsi:type.
    const name = space === BPMN && element.localName === 'formalExpression' ? 'expression' : element.localName;
    if (DIAGRAM.includes(space)) return;
    const own = (space === BPMN && element.getAttribute('id')) || owner;
    const leaf = !element.firstElementChild;
    note(own === owner ? owner : own, `{${space}}${name}`, leaf ? element.textContent.trim() : '');
    for (const { namespaceURI, localName, value, prefix } of element.attributes) {
      if (prefix === 'xmlns' || localName === 'xmlns') continue;
      const foreign = (namespaceURI && namespaceURI !== BPMN) || space !== BPMN;
      if (foreign && prefix !== 'xsi') note(own, `{${namespaceURI ?? ''}}${name}/@${localName}`, value);
    }
    for (const child of element.children) visit(child, own);
  };
  visit(new DOMParser().parseFromString(text, 'application/xml').documentElement, '');
  return found;
}

function shortened(lines) {
  if (lines.length <= MOST_LINES) return lines;
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), plain(`还有 ${more} 处。`, `And ${more} more.`)];
}
