// What the groups of the panel read of an element and write to it. All changes of one edit are one command, so that undo takes
// them back together; containers that become empty go, and what somebody else has put beside ours stays as it is.

import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

/** What the attributes and properties of a selected element belong to: of a pool its process. */
export function subject(element) {
  const bo = getBusinessObject(element);
  return is(bo, 'bpmn:Participant') && bo.get('processRef') ? bo.get('processRef') : bo;
}

/** The event definition of an element, or of none. */
export const definitionOf = (element, type) =>
  (getBusinessObject(element).get?.('eventDefinitions') ?? []).find((one) => is(one, type));

const extensionsOf = (bo) => bo.get('extensionElements')?.get('values') ?? [];
const holders = (bo, type) => extensionsOf(bo).filter((one) => is(one, type));

/** The value of a `camunda:property`; where it is there twice the last one counts, as it does when the diagram runs. */
export function propertyOf(bo, name) {
  const found = holders(bo, 'camunda:Properties').flatMap((one) => one.get('values') ?? []).filter((one) => nameOf(one) === name);
  return found.at(-1)?.get('value') ?? '';
}

/** All of them by name. */
export function propertiesOf(bo) {
  const found = holders(bo, 'camunda:Properties').flatMap((one) => one.get('values') ?? []);
  return Object.fromEntries(found.map((one) => [nameOf(one), one.get('value') ?? '']));
}

/** An input parameter: `{ value, fixed }`; fixed where a script, list or map stands behind it. */
export function parameterOf(bo, name, type = 'camunda:InputParameter') {
  const found = holders(bo, 'camunda:InputOutput').flatMap((one) => one.get(side(type)) ?? []).find((one) => one.get('name') === name);
  return { value: found?.get('value') ?? '', fixed: Boolean(found?.get('definition')) };
}

/** The names of all input parameters, in their order. */
export const parametersOf = (bo) =>
  holders(bo, 'camunda:InputOutput').flatMap((one) => one.get('inputParameters') ?? []).map((one) => one.get('name'));

/** What writes to diagrams: made once per panel. */
export class Writer {
  constructor(injector) {
    this.commandStack = injector.get('commandStack');
    this.commandStack.registerHandler('redress.steps', Steps);
    this.factory = injector.get('bpmnFactory');
    this.canvas = injector.get('canvas');
  }

  /**
   * Do several changes as one. steps: functions that return commands, each called when those before it are done, since what one
   * has made the next may need.
   */
  run(element, steps) {
    this.commandStack.execute('redress.steps', { element, steps });
  }

  update(element, moddleElement, properties) {
    return { cmd: 'element.updateModdleProperties', context: { element, moddleElement, properties } };
  }

  /** Attributes of an element; an empty text takes one away. */
  attributes(element, bo, values) {
    const wished = Object.entries(values).map(([name, value]) => [name, value === '' || value == null ? undefined : value]);
    return this.update(element, bo, Object.fromEntries(wished));
  }

  make(type, properties, parent) {
    const made = this.factory.create(type, properties);
    made.$parent = parent;
    return made;
  }

  /** Properties by name, an empty text takes one away. Returns commands. */
  properties(element, bo, changes) {
    return this.inside(element, bo, {
      type: 'camunda:Properties', list: 'values', item: 'camunda:Property', key: nameOf,
      changes: Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ? { name, value } : null]))
    });
  }

  /** Input parameters by name, as `properties`. */
  parameters(element, bo, changes, type = 'camunda:InputParameter') {
    return this.inside(element, bo, {
      type: 'camunda:InputOutput', list: side(type), item: type, key: (one) => one.get('name'),
      changes: Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ? { name, value, definition: undefined } : null]))
    });
  }

  inside(element, bo, { type, list, item, key, changes }) {
    const found = holders(bo, type);
    const rest = { ...changes };
    const commands = [];
    const kept = new Map(found.map((holder) => [holder, [...(holder.get(list) ?? [])]]));
    for (const [name, value] of Object.entries(changes)) {
      const same = found.flatMap((holder) => (holder.get(list) ?? []).filter((one) => key(one) === name).map((one) => [holder, one]));
      const stays = value ? same.at(-1)?.[1] : null;
      for (const [holder, one] of same) if (one !== stays) kept.set(holder, kept.get(holder).filter((other) => other !== one));
      if (stays) {
        if (stays.get('value') !== value.value || ('definition' in value && stays.get('definition'))) {
          commands.push(this.update(element, stays, Object.fromEntries(Object.entries(value).filter(([part]) => part !== 'name'))));
        }
        delete rest[name];
      }
    }
    const fresh = Object.values(rest).filter(Boolean);
    let extensions = bo.get('extensionElements');
    if (fresh.length) {
      let holder = found[0];
      if (!holder) {
        const made = extensions ?? this.make('bpmn:ExtensionElements', { values: [] }, bo);
        if (!extensions) commands.push(this.update(element, bo, { extensionElements: made }));
        holder = this.make(type, { [list]: [] }, made);
        holder[list] = fresh.map((one) => this.make(item, one, holder));
        commands.push(this.update(element, made, { values: [...made.get('values'), holder] }));
        return commands;
      }
      kept.set(holder, [...kept.get(holder), ...fresh.map((one) => this.make(item, one, holder))]);
    }
    const empty = [];
    for (const [holder, values] of kept) {
      if (values.length === (holder.get(list) ?? []).length && values.every((one, at) => one === holder.get(list)[at])) continue;
      if (!values.length && this.bare(holder, list)) empty.push(holder);
      else commands.push(this.update(element, holder, { [list]: values }));
    }
    if (empty.length) {
      const left = extensions.get('values').filter((one) => !empty.includes(one));
      commands.push(left.length ? this.update(element, extensions, { values: left }) : this.update(element, bo, { extensionElements: undefined }));
    }
    return commands;
  }

  /** Whether nothing else is in a container. */
  bare(holder, list) {
    const others = ['values', 'inputParameters', 'outputParameters'].filter((name) => name !== list);
    return others.every((name) => !(holder.$descriptor.propertiesByName[name] && (holder.get(name) ?? []).length)) && !(holder.$children ?? []).length;
  }

  /** The root elements of a type: messages, signals, errors. */
  roots(type) {
    return (this.definitions()?.get('rootElements') ?? []).filter((one) => is(one, type));
  }

  definitions() {
    let bo = getBusinessObject(this.canvas.getRootElement());
    while (bo?.$parent) bo = bo.$parent;
    return bo;
  }

  /** A new root element and the command that adds it. */
  root(element, type, properties) {
    const definitions = this.definitions();
    const made = this.make(type, properties, definitions);
    return [made, this.update(element, definitions, { rootElements: [...definitions.get('rootElements'), made] })];
  }
}

/** Runs commands that depend on each other as one that is undone at once. */
class Steps {
  constructor(commandStack) {
    this.commandStack = commandStack;
  }

  preExecute({ steps }) {
    for (const step of steps) {
      for (const { cmd, context } of [step()].flat().filter(Boolean)) this.commandStack.execute(cmd, context);
    }
  }
}
Steps.$inject = ['commandStack'];

const side = (type) => (type === 'camunda:InputParameter' ? 'inputParameters' : 'outputParameters');
const nameOf = (one) => (one.get('name') ?? '').trim();
