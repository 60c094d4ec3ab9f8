// What an activity is handed and what it hands on: lists of a name and a value, literal or FEEL that begins with "=".

import { ListGroup } from '@bpmn-io/properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { plain } from '../../language.js';
import { computed, unbalanced } from './about.js';
import { note, text } from './entries.js';

const KINDS = ['bpmn:ServiceTask', 'bpmn:SendTask', 'bpmn:UserTask', 'bpmn:BusinessRuleTask', 'bpmn:ScriptTask', 'bpmn:ReceiveTask', 'bpmn:SubProcess'];
const name = (value) => (/^[\p{L}_][\p{L}\p{N}_.]*$/u.test(value) ? undefined : plain('名称由字母、数字和下划线组成。', 'A name has letters, digits and underscores.'));

/** One side of the mapping, as a group with a list; what the operation's own fields show is left out. */
export function mapping(about, side) {
  if (!about.is(...KINDS) || is(about.bo, 'bpmn:Participant')) return null;
  const inputs = side === 'input';
  const type = inputs ? 'camunda:InputParameter' : 'camunda:OutputParameter';
  const list = inputs ? 'inputParameters' : 'outputParameters';
  const { element, subject, writer } = about;
  const holder = (subject.get('extensionElements')?.get('values') ?? []).find((one) => is(one, 'camunda:InputOutput'));
  const operation = about.property('operation') || String(about.attribute('camunda:topic') || '');
  const own = new Set(inputs ? ((about.vocabulary.operations ?? []).find((one) => one.name === operation)?.inputs ?? []).map((one) => one.name) : []);
  const found = (holder?.get(list) ?? []).filter((one) => !own.has(one.get('name')));
  const drop = (one) => writer.run(element, [() => writer.parameters(element, subject, { [one.get('name')]: '' }, type)]);
  const fresh = () => {
    const taken = new Set((holder?.get(list) ?? []).map((one) => one.get('name')));
    let number = 1;
    while (taken.has(`value_${number}`)) number += 1;
    writer.run(element, [() => writer.parameters(element, subject, { [`value_${number}`]: '=null' }, type)]);
  };
  return {
    id: `redress-${side}`, label: inputs ? plain('交给它的值', 'What it is handed') : plain('留下的值', 'What it hands on'), component: ListGroup, add: (event) => { event.stopPropagation(); fresh(); },
    items: found.map((one, at) => ({
      id: `${side}-${at}`, label: one.get('name') || plain('未命名', 'unnamed'),
      remove: (event) => { event.stopPropagation(); drop(one); },
      entries: [
        text({ id: `${side}-${at}-name`, label: plain('名称', 'Name'), check: name, read: () => one.get('name') ?? '', write: (value) => value && writer.run(element, [() => writer.update(element, one, { name: value })]) }),
        one.get('definition')
          ? note(`${side}-${at}-fixed`, plain('由图中的脚本、列表或映射给出，这里不改。', 'Given by a script, list or map of the diagram and not changed here.'))
          : text({
            id: `${side}-${at}-value`, label: plain('值', 'Value'), check: (value) => (computed(value) ? unbalanced(value) : undefined), placeholder: '=',
            tooltip: plain('直接写文字，或以“=”开头的 FEEL 表达式。', 'A text as it is, or FEEL that begins with "=".'),
            read: () => one.get('value') ?? '', write: (value) => writer.run(element, [() => writer.update(element, one, { value })])
          })
      ]
    }))
  };
}
