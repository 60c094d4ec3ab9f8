// How an activity repeats in a standard loop; for each item of a list is the library's own group.

import { plain } from '../../language.js';
import { unbalanced } from './about.js';
import { area, group, text, tick } from './entries.js';
import { plainFeel, writtenFeel } from './events.js';

export function loop(about) {
  const loops = about.bo.get?.('loopCharacteristics');
  if (loops?.$type !== 'bpmn:StandardLoopCharacteristics') return null;
  const { element, writer } = about;
  const put = (values) => writer.run(element, [() => writer.update(element, loops, values)]);
  return group('redress-loop', plain('循环', 'Loop'), [
    area({
      id: 'loopCondition', label: plain('重复的条件', 'Repeats while'), check: unbalanced, placeholder: 'form.review.complete = false',
      tooltip: plain('每次之后检查；条件成立就再做一次。', 'Looked at after each round: while it holds there is another one.'),
      read: () => plainFeel(loops.get('loopCondition')?.get('body')),
      write: (value) => put({ loopCondition: value ? writer.make('bpmn:FormalExpression', { body: writtenFeel(value) }, loops) : undefined })
    }),
    text({
      id: 'loopMaximum', label: plain('最多次数', 'At most'), read: () => String(loops.get('loopMaximum') ?? ''),
      tooltip: plain('到这个次数就不再重复。', 'It does not repeat more often than this.'),
      check: (value) => (/^[1-9]\d{0,5}$/.test(value) ? undefined : plain('请填写 1 以上的整数。', 'A whole number from 1.')),
      write: (value) => put({ loopMaximum: value ? Number(value) : undefined })
    }),
    tick({
      id: 'testBefore', label: plain('先检查再做', 'Look before the first round'),
      tooltip: plain('第一次之前就检查条件，不成立则一次也不做。', 'The condition is looked at before the first round too.'),
      read: () => Boolean(loops.get('testBefore')), write: (value) => put({ testBefore: Boolean(value) })
    })
  ]);
}
