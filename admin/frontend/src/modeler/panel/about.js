// What every group is told: the element, what it belongs to, what the server knows, and shorthands for reading and writing.

import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { plain } from '../../language.js';
import { parameterOf, propertyOf, subject } from './extensions.js';

/** A text that is worked out when the process runs. */
export const computed = (text) => /^\s*(=|[$#]\{)/.test(text ?? '');

/** What is wrong with an expression as far as a look tells; the rest the server says when the draft is checked. */
export function feelProblem(text) {
  if (!computed(text)) return plain('表达式以“=”开头，例如 =case.level。', 'An expression begins with "=", such as =case.level.');
  return unbalanced(text);
}

/** What is wrong with brackets and quotes, or nothing. */
export function unbalanced(text) {
  const open = [];
  const pairs = { ')': '(', ']': '[', '}': '{' };
  for (const [part] of (text ?? '').matchAll(/"(?:[^"\\]|\\.)*"|["()[\]{}]/g)) {
    if (part === '"') return plain('引号没有成对。', 'A quotation mark is not closed.');
    if (part.length > 1) continue;
    if ('([{'.includes(part)) open.push(part);
    else if (open.pop() !== pairs[part]) return plain('括号没有成对。', 'The brackets do not match.');
  }
  return open.length ? plain('括号没有成对。', 'The brackets do not match.') : undefined;
}

/** The words of a name of the server's, in the page's language; English ones begin with a capital, as labels do. */
export const called = (zh, en) => plain(zh, (en ?? '').replace(/^./, (letter) => letter.toUpperCase()));

const list = (text) => text.split(/[\s,，]+/).filter(Boolean);

export class About {
  constructor({ element, writer, vocabulary, ports, registry }) {
    Object.assign(this, { element, writer, vocabulary, ports, registry });
    this.bo = getBusinessObject(element);
    this.subject = subject(element);
    this.kind = this.subject.$type?.replace('bpmn:', '').replace(/^./, (letter) => letter.toLowerCase()) ?? '';
  }

  is(...types) {
    return types.some((type) => is(this.subject, type));
  }

  has(definition) {
    return (this.bo.get?.('eventDefinitions') ?? []).some((one) => is(one, definition));
  }

  /** Whether events happen to it: what waits for a message, a signal, a time. */
  catches() {
    return this.is('bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:BoundaryEvent', 'bpmn:ReceiveTask');
  }

  attribute(name) {
    return this.subject.get(name) ?? '';
  }

  setAttributes(values) {
    this.writer.run(this.element, [() => this.writer.attributes(this.element, this.subject, values)]);
  }

  /** Those of some attributes that are there, to be taken away: to name others would make the library clear what goes with them. */
  cleared(...names) {
    return Object.fromEntries(names.filter((name) => this.attribute(name)).map((name) => [name, '']));
  }

  property(name) {
    return propertyOf(this.subject, name);
  }

  setProperties(changes) {
    this.writer.run(this.element, [() => this.writer.properties(this.element, this.subject, changes)]);
  }

  parameter(name) {
    return parameterOf(this.subject, name);
  }

  setParameter(name, value) {
    this.writer.run(this.element, [() => this.writer.parameters(this.element, this.subject, { [name]: value })]);
  }

  /** The words of the vocabulary for a property: what it does. */
  meaning(name) {
    const found = this.vocabulary.properties?.find((one) => one.name === name);
    return found ? plain(found.does_zh, found.does_en) : undefined;
  }

  /** How a field reads and writes an attribute as one text. */
  ofAttribute(name) {
    return { read: () => String(this.attribute(name)), write: (value) => this.setAttributes({ [name]: value }) };
  }

  ofProperty(name) {
    return { read: () => this.property(name), write: (value) => this.setProperties({ [name]: value }), tooltip: this.meaning(name) };
  }

  /** The same as a list of words, for fields to choose from; joined as the diagram has them. */
  listOf(read, write, joined) {
    return {
      read: () => { const text = read(); return computed(text) ? [text] : list(text); },
      write: (values) => write(values.some(computed) ? values.filter(computed).at(-1) : values.join(joined))
    };
  }

  /** A single word or expression of a property to choose. */
  oneOf(name) {
    const { read, write, tooltip } = this.ofProperty(name);
    return { read: () => [read()].filter(Boolean), write: ([value]) => write(value ?? ''), tooltip };
  }

  oneOfAttribute(name, more = {}) {
    return {
      read: () => [String(this.attribute(name))].filter(Boolean),
      write: ([value]) => this.setAttributes({ [name]: value ?? '', ...(value ? more : Object.fromEntries(Object.keys(more).map((key) => [key, '']))) })
    };
  }

  /** The other elements of the diagram of some types, as options with their names. */
  others(...types) {
    return this.registry
      .filter((one) => one !== this.element && one.type !== 'label' && types.some((type) => is(one, type)))
      .map((one) => ({ value: one.businessObject.id, label: one.businessObject.name || one.businessObject.id, note: one.businessObject.id }));
  }
}
