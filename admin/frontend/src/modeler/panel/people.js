// Who does the work, with which form, and who checks what they fill in.

import { plain } from '../../language.js';
import { computed, feelProblem, unbalanced } from './about.js';
import { combo, group, text, tick } from './entries.js';

/** The groups of the organisation, with how many people stand behind each. */
const groupsOf = (vocabulary) => (vocabulary.groups ?? []).map((one) => ({
  value: one.key,
  label: plain(one.name, one.name_en),
  note: `${one.key} · ${plain(`${one.people} 人`, `${one.people} people`)}`
}));

const wholeNumber = (value) => {
  if (computed(value)) return unbalanced(value);
  return /^\d{1,7}$/.test(value) && Number(value) <= 1_000_000 ? undefined : plain('请填写 0 到 1000000 的整数，或以“=”开头的表达式。', 'A whole number from 0 to 1000000, or an expression that begins with "=".');
};
const names = (value) => (computed(value) ? unbalanced(value) : /[<>"]/.test(value) ? plain('登录名中不能有引号或尖括号。', 'A login has no quotation marks or angle brackets.') : undefined);

export function assignment(about) {
  if (!about.is('bpmn:UserTask')) return null;
  const groups = about.ofAttribute('camunda:candidateGroups');
  const separate = about.ofProperty('separateFrom');
  const direct = about.others('bpmn:UserTask', 'bpmn:ManualTask');
  return group('redress-assignment', plain('办理', 'Assignment'), [
    combo({
      id: 'candidateGroups', label: plain('办理组', 'Candidate groups'), multiple: true, free: true, options: groupsOf(about.vocabulary), check: unknownGroup,
      tooltip: plain('哪些岗位或部门的人可以领取这个任务；可以选多个。具体到哪个单位由案件所在省份和分类决定。', 'Whose people may claim this task; several may be chosen. Which unit it is depends on the province and classification of the case.'),
      ...about.listOf(groups.read, groups.write, ',')
    }),
    text({
      id: 'assignee', label: plain('指定办理人', 'Assignee'), check: names, placeholder: '=form.first_task.by',
      tooltip: plain('只有一个人可以办理时填写登录名，或以“=”开头的表达式。一般留空，由办理组领取。', 'A login, or an expression that begins with "=", where exactly one person does it. Mostly empty: the group claims it.'),
      ...about.ofAttribute('camunda:assignee')
    }),
    text({
      id: 'candidateUsers', label: plain('可办理的人', 'Candidate users'), check: names,
      tooltip: plain('办理组之外还可以领取的人：登录名，用逗号分隔，或以“=”开头的表达式。', 'People who may claim it besides the groups: logins with commas between them, or an expression that begins with "=".'),
      ...about.ofAttribute('camunda:candidateUsers')
    }),
    text({
      id: 'priority', label: plain('优先级', 'Priority'), check: wholeNumber, placeholder: '50',
      tooltip: plain('数字越大越靠前，一般为 50；也可以是表达式，例如 =decision.priority。', 'Higher numbers come first, usually 50; an expression such as =decision.priority is possible.'),
      ...about.ofAttribute('camunda:priority')
    }),
    combo({
      id: 'separateFrom', label: plain('不得与之同一人', 'Somebody else than'), multiple: true, free: true, options: direct,
      check: (value) => (computed(value) ? unbalanced(value) : plain('请从流程中的用户任务中选择。', 'Choose user tasks of this diagram.')),
      tooltip: plain('四眼原则：办理过这些任务的人不能再办理本任务。', 'Four eyes: whoever did one of these tasks cannot do this one.'),
      ...about.listOf(separate.read, separate.write, ' ')
    }),
    tick({
      id: 'separateFromCase', label: plain('在整个案件中查', 'Look at the whole case'),
      tooltip: plain('不只看本流程，案件中其他流程实例办理过的人也不能办理。', 'Not only in this process: who did it anywhere in the case cannot do it either.'),
      read: () => ['yes', 'true', '是'].includes(about.property('separateFrom.case')),
      write: (value) => about.setProperties({ 'separateFrom.case': value ? 'yes' : '' })
    })
  ]);
}

const unknownGroup = (value) => {
  if (computed(value)) return unbalanced(value);
  return /^[\w.@/:-]+$/.test(value) ? undefined : plain('没有这个办理组；请从列表中选择，或写以“=”开头的表达式。', 'There is no such group; choose one of the list or write an expression that begins with "=".');
};

export const formOptions = (vocabulary) => (vocabulary.forms ?? []).map((one) => ({
  value: one.key, label: one.name || one.key, note: `${one.key}${one.draft ? ` · ${plain('草稿', 'draft')}` : ''}`
}));
export const decisionOptions = (vocabulary) => (vocabulary.decisions ?? []).map((one) => ({
  value: one.key, label: one.name || one.key, note: `${one.key}${one.draft ? ` · ${plain('草稿', 'draft')}` : ''}`
}));
export const keyProblem = (value) =>
  (/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(value) ? undefined : plain('键由字母、数字和下划线组成，以字母开头。', 'A key has letters, digits and underscores and begins with a letter.'));

/** Buttons to open what is chosen and to make a new one. */
export function openOrCreate(about, key, { open, create, suggested, chosen }) {
  const found = [];
  if (key && about.ports[open]) found.push({ id: 'open', label: plain('打开', 'Open'), run: () => about.ports[open](key) });
  if (!key && about.ports[create]) {
    found.push({
      id: 'create', label: plain('新建', 'Create'),
      run: async () => { const made = await about.ports[create](suggested, about.subject.get('name') || ''); if (made) chosen(made); }
    });
  }
  return found;
}

/** The form of a user task, of a start, and of a process. */
export function form(about) {
  const process = about.is('bpmn:Process');
  const task = about.is('bpmn:UserTask');
  if (!process && !task) return null;
  const { read, write } = process
    ? { read: () => about.property('form.start'), write: (value) => about.setProperties({ 'form.start': value }) }
    : {
        read: () => String(about.attribute('camunda:formRef') || about.attribute('camunda:formKey')),
        write: (value) => about.setAttributes({
          'camunda:formRef': value, ...about.cleared('camunda:formKey'),
          ...(value ? { 'camunda:formRefBinding': about.attribute('camunda:formRefBinding') || 'deployment' } : about.cleared('camunda:formRefBinding', 'camunda:formRefVersion'))
        })
      };
  const check = process ? 'form.start.check' : 'form.check';
  return group('redress-form', plain('表单', 'Form'), [
    combo({
      id: process ? 'form.start' : 'formRef', label: process ? plain('登记表单', 'Start form') : plain('表单', 'Form'), free: true, options: formOptions(about.vocabulary), check: keyProblem,
      tooltip: process ? about.meaning('form.start') : plain('办理时填写的表单；填写的内容以后用 form.任务标识.字段 读取。', 'What is filled in; read later as form.<task id>.<field>.'),
      read: () => [read()].filter(Boolean), write: ([value]) => write(value ?? ''),
      actions: openOrCreate(about, read(), { open: 'openForm', create: 'createForm', suggested: process ? `${about.subject.id}_start` : about.subject.id, chosen: write })
    }),
    combo({
      id: check, label: plain('校验决策表', 'Check by a table'), free: true, options: decisionOptions(about.vocabulary), check: keyProblem,
      ...about.oneOf(check),
      actions: openOrCreate(about, about.property(check), { open: 'openDecision', create: 'createDecision', suggested: `${about.subject.id}_facts`, chosen: (key) => about.setProperties({ [check]: key }) })
    })
  ]);
}

export { feelProblem };
