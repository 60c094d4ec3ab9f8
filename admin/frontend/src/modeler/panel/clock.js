// How long something may take: the limit of the register, an own one, when to warn, and what stops or pauses a clock.

import { plain } from '../../language.js';
import { computed, unbalanced } from './about.js';
import { combo, group, note, text } from './entries.js';

const ONE_CLOCK = ['bpmn:UserTask', 'bpmn:ManualTask'];

export const policyOptions = (vocabulary) => (vocabulary.clocks?.policies ?? []).map((one) => ({
  value: one.code, label: `${plain(one.name, one.name_en)} · ${plain(one.limit_zh, one.limit_en)}`, note: one.code
}));

const expression = (value) => (computed(value) ? unbalanced(value) : plain('没有这一项；请从列表中选择，或写以“=”开头的表达式。', 'There is no such entry; choose one of the list or write an expression that begins with "=".'));
const numberUpTo = (most, zh, en) => (value) => {
  if (computed(value) && !/^=\s*[\d.]+%?\s*$/.test(value)) return unbalanced(value);
  const number = Number(value.replace(/^=/, ''));
  return Number.isFinite(number) && number > 0 && number <= most ? undefined : plain(zh, en);
};
const moment = (value) => {
  if (computed(value)) return unbalanced(value);
  return /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/.test(value) ? undefined : plain('请写日期 2026-03-02、日期时间 2026-03-02T10:00:00+08:00，或以“=”开头的表达式。', 'A date, a date and time such as 2026-03-02T10:00:00+08:00, or an expression that begins with "=".');
};

/** "80 %" as the register has it, 0.8; anything else stays. */
export const ratio = (value) => {
  const percent = /^\s*(\d+(?:\.\d+)?)\s*[%％]\s*$/.exec(value ?? '');
  return percent ? String(Number((Number(percent[1]) / 100).toFixed(6))) : value;
};

const timed = (about) => about.is('bpmn:Activity', 'bpmn:Event', 'bpmn:Process');

export function clock(about) {
  if (!timed(about)) return null;
  const policy = about.ofProperty('sla.policy');
  const several = !about.is(...ONE_CLOCK);
  const options = [...policyOptions(about.vocabulary), { value: 'none', label: plain('不计时', 'No clock'), note: 'none' }];
  const most = about.vocabulary.clocks?.most ?? 87600;
  const of = several ? about.listOf(policy.read, policy.write, ' ') : about.oneOf('sla.policy');
  return group('redress-clock', plain('时限', 'Clock'), [
    combo({ id: 'sla.policy', label: plain('时限', 'Limit of the register'), multiple: several, free: true, options, check: expression, ...of, tooltip: policy.tooltip }),
    text({
      id: 'sla.limit', label: plain('自定时限', 'Own limit'), ...about.ofProperty('sla.limit'), placeholder: chosenUnit(about, policy.read()),
      check: numberUpTo(most, `请填写大于 0 的数（单位同时限登记），或以“=”开头的表达式。`, 'A number above 0 in the unit of the register, or an expression that begins with "=".')
    }),
    text({
      id: 'sla.warnRatio', label: plain('预警点', 'Warn at'), placeholder: '0.8',
      ...about.ofProperty('sla.warnRatio'), write: (value) => about.setProperties({ 'sla.warnRatio': ratio(value) }),
      check: (value) => numberUpTo(1, '请填写大于 0、不超过 1 的数，例如 0.8；也可以写 80%。', 'A number above 0 and up to 1, such as 0.8 or 80%.')(ratio(value))
    }),
    about.is('bpmn:UserTask') && text({
      id: 'dueDate', label: plain('固定到期时间', 'Due date'), placeholder: '=due("R01.stage")', ...about.ofAttribute('camunda:dueDate'),
      check: (value) => (/^P(?=.)/.test(value) ? undefined : moment(value)),
      tooltip: plain('一般留空，由时限决定。写 =due("代码") 时与外层时限同时到期。', 'Mostly empty: the limit decides. =due("code") is due with a clock around it.')
    }),
    note('calendar', plain('时限按办理单位所在地区的工作日历计算。', 'Limits are counted by the working calendar of the unit that has the work.'))
  ]);
}

/** What is said about other clocks: stop, choose again, pause, another beginning or end, a promise. */
export function clockMore(about) {
  if (!timed(about)) return null;
  const options = policyOptions(about.vocabulary);
  const codes = (name, label) => {
    const { read, write, tooltip } = about.ofProperty(name);
    return combo({ id: name, label, multiple: true, free: true, options, check: expression, ...about.listOf(read, write, ' '), tooltip });
  };
  return group('redress-clock-more', plain('时限的起止和暂停', 'Clocks: begin, end, pause'), [
    codes('sla.stop', plain('到此停止的时限', 'Stops these clocks')),
    codes('sla.choose', plain('到此重新选择的时限', 'Chooses these clocks again')),
    combo({
      id: 'sla.pause', label: plain('停留期间暂停', 'Pauses clocks while here'), free: true, check: expression,
      options: (about.vocabulary.clocks?.pauses ?? []).map((one) => ({ value: one.key, label: plain(one.name, one.name_en), note: one.key })), ...about.oneOf('sla.pause')
    }),
    text({ id: 'sla.from', label: plain('起算时间', 'Runs since'), check: moment, ...about.ofProperty('sla.from') }),
    text({ id: 'sla.due', label: plain('到期时间', 'Fixed end'), check: moment, ...about.ofProperty('sla.due') }),
    text({ id: 'sla.promise', label: plain('对客户的承诺时间', 'Promised to the customer'), check: moment, ...about.ofProperty('sla.promise') })
  ]);
}

function chosenUnit(about, code) {
  const found = (about.vocabulary.clocks?.policies ?? []).find((one) => one.code === code);
  return found ? plain(`${found.limit_zh}`, found.limit_en) : '';
}
