// feelin as a service: one JSON request per line in, one JSON answer per line out.
//
//   {"text": "x + 1", "variables": {"x": "2"}}          an expression; variables are FEEL texts
//   {"text": "> 3", "variables": {}, "input": "5"}      an input cell, tested with the value of `input`
//
// The answer is {"value": …} or {"error": …, "syntax": true | false}. Values travel as JSON; what JSON has not is an
// object with a "$": {"$": "date", "text": "2026-01-31"}.

import { createInterface } from 'node:readline';
import vm from 'node:vm';
import {
  evaluate, unaryTest, isRange, isFunction, FeelDate, FeelDateTime, FeelDuration, FeelTime
} from 'feelin';

const TEMPORAL = new Map([[FeelDate, 'date'], [FeelTime, 'time'], [FeelDateTime, 'date and time']]);
const kept = new Map();

/** The value of a variable's text; the same texts come again and again. */
function value(text) {
  if (!kept.has(text)) {
    if (kept.size > 20000) kept.clear();
    kept.set(text, evaluate(text, {}).value);
  }
  return kept.get(text);
}

function tagged(one) {
  if (one === undefined || one === null) return null;
  if (typeof one === 'number') return Number.isFinite(one) ? one : { $: 'number', text: String(one) };
  if (typeof one === 'string' || typeof one === 'boolean') return one;
  if (Array.isArray(one)) return Array.from(one, tagged);
  if (TEMPORAL.has(one.constructor)) return { $: TEMPORAL.get(one.constructor), text: String(one) };
  if (one instanceof FeelDuration) {
    return { $: one.yearsMonths ? 'years and months duration' : 'days and time duration', text: String(one) };
  }
  if (isRange(one)) {
    return {
      $: 'range', low: tagged(one.start), high: tagged(one.end),
      lowClosed: one['start included'], highClosed: one['end included']
    };
  }
  if (isFunction(one) || typeof one === 'function') return { $: 'function' };
  if (Object.getPrototypeOf(one) === Object.prototype) {
    return { $: 'context', entries: Object.entries(one).map(([key, entry]) => [key, tagged(entry)]) };
  }
  return { $: 'other', text: String(one) };
}

function answer({ text, variables = {}, input }) {
  const data = Object.fromEntries(Object.entries(variables).map(([name, code]) => [name, value(code)]));
  if (input === undefined) return tagged(evaluate(text, data).value);
  return tagged(unaryTest(text, { ...data, '?': value(input) }).value);
}

// feelin iterates for ever over a range that starts with a fraction; what takes two seconds counts as an error.
const script = new vm.Script('globalThis.work()');

function ask(request) {
  globalThis.work = () => answer(request);
  try {
    return { value: script.runInThisContext({ timeout: 2000 }) };
  } catch (error) {
    return { error: String(error.message ?? error), syntax: error.constructor.name === 'SyntaxError' };
  }
}

createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(ask(JSON.parse(line)))}\n`);
});
