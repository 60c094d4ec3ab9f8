// The other properties the installation gives a meaning, from the vocabulary alone: what a new one is called and may say comes
// from the server, no line here.

import { plain } from '../../language.js';
import { called, computed, unbalanced } from './about.js';
import { combo, group, text } from './entries.js';

/** Properties that have a field of their own elsewhere. */
const ELSEWHERE = new Set([
  'operation', 'separateFrom', 'separateFrom.case', 'form.start', 'form.check', 'form.start.check', 'message.form', 'message.check', 'message.from', 'message.unique',
  'sla.policy', 'sla.stop', 'sla.choose', 'sla.pause', 'sla.promise', 'sla.limit', 'sla.warnRatio', 'sla.from', 'sla.due'
]);

export function more(about) {
  const known = (about.vocabulary.properties ?? []).filter((one) => !ELSEWHERE.has(one.name) && (one.kinds ?? []).includes(about.kind));
  return group('redress-more', plain('其他设置', 'Other settings'), known.map((one) => {
    const label = called(one.zh, one.en);
    const words = one.words ?? [];
    const check = (value) => (computed(value) || !words.length || one.open ? unbalanced(value) : plain('请从列表中选择，或写以“=”开头的表达式。', 'Choose one of the list or write an expression that begins with "=".'));
    if (!words.length) return text({ id: one.name, label, ...about.ofProperty(one.name), check: lengthOf(one) });
    const options = words.map((word) => ({ value: word.value, label: plain(word.zh, word.en) || word.value, note: word.value }));
    const { read, write } = about.ofProperty(one.name);
    return combo({ id: one.name, label, options, free: true, check, multiple: Boolean(one.several), ...(one.several ? about.listOf(read, write, ' ') : about.oneOf(one.name)), tooltip: about.meaning(one.name) });
  }));
}

const lengthOf = (one) => (value) => (one.longest && !computed(value) && value.length > one.longest ? plain(`最多 ${one.longest} 个字符。`, `At most ${one.longest} characters.`) : computed(value) ? unbalanced(value) : undefined);
