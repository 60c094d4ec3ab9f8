// What events wait for or throw: messages, times, conditions.

import { plain } from '../../language.js';
import { computed, unbalanced } from './about.js';
import { policyOptions } from './clock.js';
import { area, combo, group, note, select, text } from './entries.js';
import { definitionOf } from './extensions.js';
import { decisionOptions, formOptions, keyProblem, openOrCreate } from './people.js';

const TASKS = ['bpmn:ReceiveTask', 'bpmn:SendTask'];

export function message(about) {
  const definition = definitionOf(about.element, 'bpmn:MessageEventDefinition');
  const holder = about.is(...TASKS) ? about.subject : definition;
  if (!holder) return null;
  const { element, writer } = about;
  const current = holder.get('messageRef');
  const roots = writer.roots('bpmn:Message');
  const named = new Set(roots.map((one) => one.get('name')));
  const options = [
    ...roots.map((one) => ({ value: one.get('id'), label: one.get('name') || one.get('id'), note: plain('本图', 'this diagram') })),
    ...(about.vocabulary.messages ?? []).filter((one) => !named.has(one.name)).map((one) => ({ value: `name:${one.name}`, label: one.name, note: (one.processes ?? []).join('、') }))
  ];
  const choose = (value) => {
    const there = roots.find((one) => one.get('id') === value || one.get('name') === value);
    const name = value.replace(/^name:/, '').trim();
    let made = there;
    writer.run(element, [
      () => {
        if (there || !name) return [];
        const [fresh, command] = writer.root(element, 'bpmn:Message', { name });
        made = fresh;
        return command;
      },
      () => writer.update(element, holder, { messageRef: made })
    ]);
  };
  const list = (name, label, options) => {
    const { read, write, tooltip } = about.ofProperty(name);
    return combo({ id: name, label, multiple: true, options, tooltip, ...about.listOf(read, write, ' ') });
  };
  const caught = about.catches();
  return group('redress-message', plain('消息', 'Message'), [
    combo({
      id: 'messageRef', label: plain('消息名称', 'Message'), free: true, options,
      tooltip: plain('选择已有的消息，或输入新名称建立一个。名称相同的发送和接收互相对应。', 'Choose a message, or type a new name to make one. What sends and what waits meet by the name.'),
      check: (value) => (value.length > 200 ? plain('名称过长。', 'The name is too long.') : undefined),
      read: () => [current?.get('id')].filter(Boolean), write: ([value]) => choose(value ?? '')
    }),
    current && text({
      id: 'messageName', label: plain('改名', 'Rename'), read: () => current.get('name') ?? '',
      tooltip: plain('改名对图中所有使用这个消息的地方生效。', 'The new name counts wherever this diagram uses the message.'),
      write: (value) => writer.run(element, [() => writer.update(element, current, { name: value })])
    }),
    note('correlation', caught
      ? plain('消息按案件号找到等待它的流程，不需要另设关联条件。', 'A message finds who waits for it by the number of the case; nothing else has to be set.')
      : plain('消息发给同一案件中等待它的流程。', 'The message goes to whoever waits for it in the same case.')),
    caught && combo({
      id: 'message.form', label: plain('消息表单', 'Form'), free: true, options: formOptions(about.vocabulary), check: keyProblem, ...about.oneOf('message.form'),
      actions: openOrCreate(about, about.property('message.form'), { open: 'openForm', create: 'createForm', suggested: about.subject.id, chosen: (key) => about.setProperties({ 'message.form': key }) })
    }),
    caught && combo({
      id: 'message.check', label: plain('校验决策表', 'Check by a table'), free: true, options: decisionOptions(about.vocabulary), check: keyProblem, ...about.oneOf('message.check'),
      actions: openOrCreate(about, about.property('message.check'), { open: 'openDecision', create: 'createDecision', suggested: `${about.subject.id}_facts`, chosen: (key) => about.setProperties({ 'message.check': key }) })
    }),
    caught && list('message.from', plain('谁可以发送', 'Who may send it'), (about.vocabulary.senders ?? []).map((one) => ({ value: one.key, label: plain(one.name, one.name_en), note: one.key }))),
    caught && text({
      id: 'message.unique', label: plain('只接收一次', 'Taken once'), ...about.ofProperty('message.unique'), placeholder: 'letter_number',
      check: (value) => (/^[\p{L}\p{N}_., ，]+$/u.test(value) ? undefined : plain('请写表单字段的键，用逗号分隔。', 'Keys of fields with commas between them.'))
    })
  ]);
}

const UNITS = [
  [/^(\d+(?:\.\d+)?)\s*(?:分钟|分|min(?:utes?)?)$/i, (n) => `PT${n}M`],
  [/^(\d+(?:\.\d+)?)\s*(?:小时|时|h(?:ours?)?)$/i, (n) => `PT${n}H`],
  [/^(\d+)\s*(?:天|日|自然日|d(?:ays?)?)$/i, (n) => `P${n}D`],
  [/^(\d+)\s*(?:周|星期|w(?:eeks?)?)$/i, (n) => `P${Number(n) * 7}D`]
];
/** "4小时" as ISO 8601 has it; anything else stays. */
export function durationOf(typed) {
  for (const [pattern, written] of UNITS) {
    const found = pattern.exec(typed.trim());
    if (found) return written(found[1]);
  }
  return typed;
}

const DURATION = /^P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/;
const CHECKS = {
  timeDuration: (value) => (DURATION.test(durationOf(value)) ? undefined : plain('请写时长，例如 PT4H 或“4小时”，或以“=”开头的表达式。', 'A duration such as PT4H or "4 hours", or an expression that begins with "=".')),
  timeDate: (value) => (INSTANT.test(value) || /^\d{4}-\d\d-\d\d$/.test(value) ? undefined : plain('请写日期时间，例如 2026-03-02T10:00:00+08:00，或以“=”开头的表达式。', 'A date and time such as 2026-03-02T10:00:00+08:00, or an expression that begins with "=".')),
  timeCycle: (value) => (/^R\d*\/.+/.test(value) || value.split(/\s+/).length >= 5 ? undefined : plain('请写周期，例如 R3/PT1H（共三次，每小时一次）。', 'A cycle such as R3/PT1H: three times, every hour.'))
};

function offers(about, kind) {
  const clocks = about.is('bpmn:StartEvent') && about.subject.$parent?.$type === 'bpmn:Process' ? [] : policyOptions(about.vocabulary);
  const of = (code) => code.note;
  if (kind === 'timeDuration') {
    return [
      ['PT30M', '30 分钟', '30 minutes'], ['PT1H', '1 小时', '1 hour'], ['PT4H', '4 小时', '4 hours'], ['PT24H', '24 小时', '24 hours'],
      ['P1D', '1 天', '1 day'], ['P3D', '3 天', '3 days'], ['P7D', '7 天', '7 days']
    ].map(([value, zh, en]) => ({ value, label: plain(zh, en), note: value }));
  }
  if (kind === 'timeDate') {
    return clocks.flatMap((one) => [
      { value: `=due("${of(one)}")`, label: `${plain('到期时：', 'When due: ')}${one.label}`, note: `=due("${of(one)}")` },
      { value: `=warn("${of(one)}")`, label: `${plain('预警时：', 'When warned: ')}${one.label}`, note: `=warn("${of(one)}")` }
    ]);
  }
  return [['R/PT1H', '每小时', 'Every hour'], ['R/P1D', '每天', 'Every day'], ['R3/PT4H', '每 4 小时，共 3 次', 'Every 4 hours, 3 times']]
    .map(([value, zh, en]) => ({ value, label: plain(zh, en), note: value }));
}

export function timer(about) {
  const definition = definitionOf(about.element, 'bpmn:TimerEventDefinition');
  if (!definition) return null;
  const { element, writer } = about;
  const kind = ['timeDuration', 'timeDate', 'timeCycle'].find((name) => definition.get(name)) ?? '';
  const value = kind ? definition.get(kind).get('body') ?? '' : '';
  const shown = kind || about.kindOfTimer?.() || 'timeDuration';
  const put = (name, body) => writer.run(element, [
    () => {
      const made = body === null ? undefined : writer.make('bpmn:FormalExpression', { body }, definition);
      return writer.update(element, definition, { timeDuration: undefined, timeDate: undefined, timeCycle: undefined, ...(name && made ? { [name]: made } : {}) });
    }
  ]);
  return group('redress-timer', plain('定时', 'Timer'), [
    select({
      id: 'timerKind', label: plain('类型', 'Kind'), read: () => kind,
      tooltip: plain('多久之后、某一时刻，或反复。', 'After some time, at an instant, or again and again.'),
      options: () => [
        { value: '', label: plain('请选择', 'Choose') },
        { value: 'timeDuration', label: plain('多久之后', 'After a duration') },
        { value: 'timeDate', label: plain('某一时刻', 'At an instant') },
        { value: 'timeCycle', label: plain('反复', 'Again and again') }
      ],
      write: (name) => put(name, name ? '' : null)
    }),
    kind && combo({
      id: 'timerValue', label: plain('时间', 'When'), free: true, options: offers(about, shown),
      tooltip: plain('选择常用的，或自己写：4小时、3天、PT4H；时限到期时用 =due("代码")，工作日由时限登记和工作日历计算。', 'Choose a usual one, or write 4 hours, 3 days, PT4H; =due("code") is when a limit of the register ends, counted by the working calendar.'),
      read: () => [value].filter(Boolean),
      check: (typed) => (computed(typed) ? unbalanced(typed) : CHECKS[kind](typed)),
      write: ([typed]) => put(kind, kind === 'timeDuration' ? durationOf(typed ?? '') : typed ?? '')
    })
  ]);
}

export function condition(about) {
  const definition = definitionOf(about.element, 'bpmn:ConditionalEventDefinition');
  if (!definition) return null;
  const { element, writer } = about;
  return group('redress-conditional', plain('条件', 'Condition'), [
    area({
      id: 'eventCondition', label: plain('发生的条件', 'Happens when'), placeholder: 'form.review.amount > 100', check: unbalanced,
      tooltip: plain('条件由不成立变为成立时发生。', 'It happens when the condition becomes true.'),
      read: () => plainFeel(definition.get('condition')?.get('body')),
      write: (value) => writer.run(element, [() => writer.update(element, definition, {
        condition: value ? writer.make('bpmn:FormalExpression', { body: writtenFeel(value) }, definition) : undefined
      })])
    })
  ]);
}

/** A condition as people write it; the diagram marks it as FEEL with "=". JUEL of other tools stays as it is. */
export const plainFeel = (body) => (body ?? '').replace(/^\s*=\s*(?!=)/, '');
export const writtenFeel = (value) => (/^\s*([$#]\{|=)/.test(value) ? value.trim() : `=${value.trim()}`);
