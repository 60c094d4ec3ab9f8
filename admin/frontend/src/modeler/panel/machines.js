// What machines do: decisions, operations with their parameters, scripts, called processes.

import { plain } from '../../language.js';
import { called, computed, unbalanced } from './about.js';
import { parametersOf } from './extensions.js';
import { area, combo, group, note, select, text } from './entries.js';
import { decisionOptions, keyProblem, openOrCreate } from './people.js';

const feel = (value) => unbalanced(value);
const variable = (value) => (/^[\p{L}_][\p{L}\p{N}_.]*$/u.test(value) ? undefined : plain('变量名由字母、数字和下划线组成。', 'A variable has letters, digits and underscores.'));

const BINDINGS = (deployment) => [
  { value: '', label: plain('与本流程一起部署的版本', deployment) },
  { value: 'latest', label: plain('执行时的最新版本', 'The newest when it runs') },
  { value: 'version', label: plain('固定版本号', 'A fixed version') },
  { value: 'versionTag', label: plain('固定版本标签', 'A fixed version tag') }
];

/** Which version is used, and the number or tag of a fixed one. */
function binding(about, prefix) {
  const kind = String(about.attribute(`${prefix}Binding`));
  const names = { version: `${prefix}Version`, versionTag: `${prefix}VersionTag` };
  return [
    select({
      id: `${prefix}Binding`, label: plain('使用哪个版本', 'Which version'), options: () => BINDINGS('The one deployed with this process'),
      tooltip: plain('一般与本流程一起部署，这样正在办理的案件不受以后修改的影响。', 'Usually the one deployed together, so that running cases are not touched by later changes.'),
      read: () => (kind === 'deployment' ? '' : kind),
      write: (value) => about.setAttributes({ [`${prefix}Binding`]: value || 'deployment', ...about.cleared(...Object.values(names)) })
    }),
    names[kind] && text({
      id: names[kind], label: kind === 'version' ? plain('版本号', 'Version') : plain('版本标签', 'Version tag'), ...about.ofAttribute(names[kind]),
      check: (value) => (kind === 'version' && !/^\d+$/.test(value) ? plain('请填写版本号，例如 3。', 'A number such as 3.') : undefined)
    })
  ];
}

export function decision(about) {
  if (!about.is('bpmn:BusinessRuleTask')) return null;
  const key = String(about.attribute('camunda:decisionRef'));
  const known = (about.vocabulary.decisions ?? []).find((one) => one.key === key);
  const choose = (value) => about.setAttributes({
    'camunda:decisionRef': value, 'camunda:decisionRefBinding': value ? about.attribute('camunda:decisionRefBinding') || 'deployment' : ''
  });
  return group('redress-decision', plain('决策表', 'Decision table'), [
    combo({
      id: 'decisionRef', label: plain('决策表', 'Decision'), free: true, options: decisionOptions(about.vocabulary), check: keyProblem,
      tooltip: plain('到达时执行的决策表；结果以后用 decision.任务标识 读取。', 'The table that is evaluated here; its result is read as decision.<task id>.'),
      read: () => [key].filter(Boolean), write: ([value]) => choose(value ?? ''),
      actions: openOrCreate(about, key, { open: 'openDecision', create: 'createDecision', suggested: about.subject.id, chosen: choose })
    }),
    known && known.inputs?.length > 0 && note('decisionInputs', `${plain('读取', 'Reads')} ${known.inputs.join('、')}`),
    known && known.outputs?.length > 0 && note('decisionOutputs', `${plain('给出', 'Gives')} ${known.outputs.map((name) => `decision.${about.subject.id}.${name}`).join('、')}`),
    text({
      id: 'resultVariable', label: plain('结果变量', 'Result variable'), check: variable, placeholder: `decision.${about.subject.id}`,
      tooltip: plain('一般留空；要用别的名称读取结果时填写。', 'Mostly empty; a name of your own for the result.'), ...about.ofAttribute('camunda:resultVariable')
    }),
    key && binding(about, 'camunda:decisionRef')
  ]);
}

const RUNS = ['bpmn:ServiceTask', 'bpmn:SendTask'];

export function operation(about) {
  if (!about.is(...RUNS)) return null;
  const topic = String(about.attribute('camunda:topic'));
  const name = about.property('operation') || (computed(topic) ? '' : topic);
  const known = (about.vocabulary.operations ?? []).find((one) => one.name === name);
  return group('redress-operation', plain('操作', 'Operation'), [
    combo({
      id: 'operation', label: plain('执行的操作', 'Operation'),
      tooltip: plain('系统在这里自动做的事；只能从已登记的操作中选择。', 'What the system does here by itself; one of the registered operations.'),
      options: (about.vocabulary.operations ?? []).map((one) => ({ value: one.name, label: plain(one.title, one.title_en), note: one.name })),
      read: () => [name].filter(Boolean),
      write: ([value]) => choose(about, value ?? '', topic, known)
    }),
    known && note('operationDoes', plain(known.does, known.does_en)),
    known && known.inputs.map((one) => parameter(about, one)),
    known && known.outputs.length > 0 && note('operationGives', `${plain('给出', 'Gives')} ${known.outputs.map((one) => `result.${about.subject.id}.${one.name} (${plain(one.zh, one.en)})`).join(', ')}`)
  ]);
}

/** Choose an operation; parameters that only the one before had go with it. */
function choose(about, value, topic, before) {
  const { element, subject, writer, vocabulary } = about;
  const after = vocabulary.operations.find((one) => one.name === value);
  const stays = new Set((after?.inputs ?? []).map((one) => one.name));
  const there = new Set(parametersOf(subject));
  const gone = (before?.inputs ?? []).map((one) => one.name).filter((name) => there.has(name) && !stays.has(name));
  const written = about.property('operation');
  writer.run(element, [
    () => (topic && !written
      ? writer.attributes(element, subject, { 'camunda:topic': value, 'camunda:type': value ? 'external' : '' })
      : writer.properties(element, subject, { operation: value })),
    () => (topic && written ? writer.attributes(element, subject, about.cleared('camunda:topic', 'camunda:type')) : []),
    () => (gone.length ? writer.parameters(element, subject, Object.fromEntries(gone.map((name) => [name, '']))) : [])
  ]);
}

const CHECKS = {
  number: (value) => (computed(value) ? unbalanced(value) : Number.isFinite(Number(value)) ? undefined : plain('请填写数字，或以“=”开头的表达式。', 'A number, or an expression that begins with "=".')),
  expression: (value) => (computed(value) ? unbalanced(value) : plain('请写以“=”开头的表达式。', 'An expression that begins with "=".'))
};

function parameter(about, one) {
  const { value, fixed } = about.parameter(one.name);
  const label = `${called(one.zh, one.en)}${one.required ? ' *' : ''}`;
  const id = `parameter-${one.name}`;
  if (fixed) return note(id, `${label}：${plain('由图中的脚本、列表或映射给出，这里不改。', 'given by a script, list or map of the diagram and not changed here.')}`);
  const need = !value && one.required ? plain('必须填写', 'Has to be given') : undefined;
  const common = { id, label, description: need };
  if (one.type === 'yes') {
    const options = [{ value: '=true', label: plain('是', 'Yes'), note: '' }, { value: '=false', label: plain('否', 'No'), note: '' }];
    return combo({ ...common, options, free: true, check: CHECKS.expression, read: () => [value].filter(Boolean), write: ([text]) => about.setParameter(one.name, text ?? '') });
  }
  const words = one.words ?? wordsOf(about.vocabulary, one.of);
  if (words) {
    const options = words.map((word) => ({ value: word.value, label: plain(word.zh, word.en) || word.value, note: word.value }));
    const check = (text) => (computed(text) ? unbalanced(text) : one.open ? undefined : plain('请从列表中选择，或写以“=”开头的表达式。', 'Choose one of the list or write an expression that begins with "=".'));
    return combo({ ...common, options, free: true, check, read: () => [value].filter(Boolean), write: ([text]) => about.setParameter(one.name, text ?? '') });
  }
  return (['lines', 'expression'].includes(one.type) ? area : text)({ ...common, check: CHECKS[one.type] ?? (computed(value) ? feel : undefined), read: () => value, write: (text) => about.setParameter(one.name, text), placeholder: one.type === 'expression' ? '=' : '' });
}

/** Words of another part of the vocabulary: groups, processes, letters. */
function wordsOf(vocabulary, of) {
  if (!of) return null;
  return (vocabulary[of] ?? []).map((one) => ({ value: one.key, zh: one.name, en: one.name_en ?? one.name }));
}

export function script(about) {
  if (!about.is('bpmn:ScriptTask')) return null;
  return group('redress-script', plain('脚本', 'Script'), [
    area({
      id: 'script', label: plain('赋值', 'Assignments'), placeholder: plain('合计 = case.amount + 10', 'total = case.amount + 10'), check: feel,
      tooltip: plain('每行一个 FEEL 赋值：变量 = 表达式。', 'One FEEL assignment per line: variable = expression.'),
      read: () => String(about.attribute('script')), write: (value) => about.setAttributes({ script: value, scriptFormat: value ? 'feel' : '' })
    }),
    text({
      id: 'scriptResult', label: plain('结果变量', 'Result variable'), check: variable, ...about.ofAttribute('camunda:resultVariable'),
      tooltip: plain('填写后，上面写一个表达式，结果存入这个变量。', 'With it, one expression is written above and kept under this name.')
    })
  ]);
}

export function call(about) {
  if (!about.is('bpmn:CallActivity')) return null;
  const key = String(about.attribute('calledElement'));
  const options = (about.vocabulary.processes ?? []).map((one) => ({
    value: one.key, label: one.name || one.key, note: `${one.key}${one.draft ? ` · ${plain('草稿', 'draft')}` : ''}`
  }));
  return group('redress-call', plain('调用的流程', 'Called process'), [
    combo({
      id: 'calledElement', label: plain('流程', 'Process'), free: true, options, check: keyProblem,
      tooltip: plain('到达时启动并等待其结束的流程。', 'The process that is started here and waited for.'),
      read: () => [key].filter(Boolean),
      write: ([value]) => about.setAttributes({ calledElement: value ?? '', 'camunda:calledElementBinding': value ? about.attribute('camunda:calledElementBinding') || 'deployment' : '' }),
      actions: key && about.ports.openProcess ? [{ id: 'open', label: plain('打开', 'Open'), run: () => about.ports.openProcess(key) }] : []
    }),
    key && binding(about, 'camunda:calledElement')
  ]);
}
