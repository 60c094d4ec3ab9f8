// Which way a case goes: the condition of a flow, in FEEL, with the answers it may read by their names.

import { is } from 'bpmn-js/lib/util/ModelUtil';
import { plain } from '../../language.js';
import { unbalanced } from './about.js';
import { area, combo, group, note, tick } from './entries.js';
import { plainFeel, writtenFeel } from './events.js';

const SPLITS = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'];

/** What conditions may read: the answers of the diagram's forms, results of its tables and operations, facts of the case. */
export function readable(about) {
  const found = [];
  for (const one of about.registry.filter((each) => each.type !== 'label')) {
    const bo = one.businessObject;
    const name = bo.name || bo.id;
    if (is(bo, 'bpmn:UserTask')) {
      const key = bo.get('camunda:formRef') || bo.get('camunda:formKey');
      for (const field of formOf(about, key)) found.push({ value: `form.${bo.id}.${field.key}`, label: `${name} · ${field.label || field.key}`, words: field.values });
    } else if (is(bo, 'bpmn:BusinessRuleTask')) {
      const table = (about.vocabulary.decisions ?? []).find((each) => each.key === bo.get('camunda:decisionRef'));
      const at = bo.get('camunda:resultVariable') || `decision.${bo.id}`;
      for (const output of table?.outputs ?? []) found.push({ value: `${at}.${output}`, label: `${name} · ${output}` });
    } else if (is(bo, 'bpmn:ServiceTask')) {
      const operation = (about.vocabulary.operations ?? []).find((each) => [bo.get('camunda:topic'), operationOf(bo)].includes(each.name));
      for (const output of operation?.outputs ?? []) found.push({ value: `result.${bo.id}.${output.name}`, label: `${name} · ${plain(output.zh, output.en)}` });
    }
  }
  for (const fact of about.vocabulary.facts ?? []) found.push({ value: `case.${fact.key}`, label: `${plain('案件', 'Case')} · ${plain(fact.name, fact.name_en)}`, words: fact.values });
  // A field with a few values is offered with each of them: nobody has to know their codes.
  return found.flatMap((one) => [
    ...(one.words ?? []).map((word) => ({ value: `${one.value} = ${literal(word.value)}`, label: `${one.label} = ${word.label}`, whole: true })),
    { ...one, whole: false }
  ]).map((one) => ({ ...one, note: one.value }));
}

const literal = (value) => (/^(true|false)$/.test(value) ? value : JSON.stringify(value));

const formOf = (about, key) => (about.vocabulary.forms ?? []).find((one) => one.key === key)?.fields ?? [];
const operationOf = (bo) => {
  const holder = (bo.get('extensionElements')?.get('values') ?? []).find((one) => is(one, 'camunda:Properties'));
  return holder?.get('values')?.find((one) => one.get('name') === 'operation')?.get('value');
};

export function flow(about) {
  const bo = about.bo;
  if (!is(bo, 'bpmn:SequenceFlow')) return null;
  const source = bo.sourceRef;
  const splits = SPLITS.some((type) => is(source, type));
  if (!splits && !is(source, 'bpmn:Activity')) return null;
  const { element, writer } = about;
  const usual = source.get('default') === bo;
  const text = plainFeel(bo.get('conditionExpression')?.get('body'));
  const put = (value) => writer.run(element, [() => writer.update(element, bo, {
    conditionExpression: value ? writer.make('bpmn:FormalExpression', { body: writtenFeel(value) }, bo) : undefined
  })]);
  const fields = usual ? [] : readable(about);
  return group('redress-condition', plain('条件', 'Condition'), [
    usual && note('defaultFlow', plain('其他条件都不成立时走这条线。', 'Taken when no other condition holds.')),
    !usual && area({
      id: 'conditionExpression', label: plain('走这条线的条件', 'Taken when'), check: unbalanced, placeholder: 'form.review.outcome = "agree"',
      tooltip: plain('FEEL 表达式，例如 form.review.outcome = "agree" and case.level = "general"。', 'FEEL, such as form.review.outcome = "agree" and case.level = "general".'),
      read: () => text, write: put
    }),
    fields.length > 0 && combo({
      id: 'conditionField', label: plain('插入一项', 'Insert'), options: fields,
      tooltip: plain('把表单字段（连同可选的值）、决策结果或案件信息加到条件末尾。', 'Adds a field, a result or a fact to the end of the condition.'),
      read: () => [],
      write: ([value]) => {
        if (!value) return;
        const piece = fields.find((one) => one.value === value)?.whole ? value : `${value} = `;
        put(text ? `${text} and ${piece}` : piece);
      }
    }),
    tick({
      id: 'isDefault', label: plain('默认路线', 'Default flow'),
      tooltip: plain('其他条件都不成立时走这条线；默认路线没有条件。', 'Taken when no other condition holds; it has no condition itself.'),
      read: () => usual,
      write: (value) => writer.run(element, [
        () => writer.update(element, source, { default: value ? bo : undefined }),
        () => (value && bo.get('conditionExpression') ? writer.update(element, bo, { conditionExpression: undefined }) : [])
      ])
    })
  ]);
}
