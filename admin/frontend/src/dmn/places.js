// Where in a decision file something is: the view, the row and the column, brought into sight and marked.

import { marks } from '../editors/page.js';

export function marker(modeler) {
  const paint = marks();
  let found = [];
  let fired = [];

  const decisions = () => modeler.getDefinitions()?.drgElement ?? [];

  function owner(id) {
    return decisions().find((one) => one.id === id || one.decisionLogic?.id === id || one.encapsulatedLogic?.id === id);
  }

  const tableOf = (one) => {
    const logic = one?.decisionLogic;
    return logic?.$type === 'dmn:DecisionTable' ? logic : null;
  };

  /** The ids of what a finding is about: a cell, a row, or the head of a column. */
  function idsOf({ element_id: id, row, column }) {
    const table = tableOf(owner(id));
    if (!table) return { cells: [id].filter(Boolean), row: '' };
    const inputs = table.input ?? [];
    const outputs = table.output ?? [];
    const input = column ? inputs.findIndex((one) => one.label === column || one.inputExpression?.text?.trim() === column) : -1;
    const output = column ? outputs.findIndex((one) => (one.name ?? '') === column || one.label === column) : -1;
    const rule = row ? (table.rule ?? [])[row - 1] : null;
    if (rule) {
      const cell = input >= 0 ? rule.inputEntry?.[input] : output >= 0 ? rule.outputEntry?.[output] : null;
      return { cells: cell ? [cell.id] : [], row: rule.id };
    }
    const head = input >= 0 ? inputs[input] : outputs[output];
    return { cells: head ? [head.id] : [], row: '' };
  }

  function draw() {
    const rules = [];
    for (const one of found) {
      const { cells, row } = idsOf(one);
      const tone = one.severity === 'error' ? 'bad' : 'odd';
      for (const cell of cells) rules.push(`[data-element-id="${CSS.escape(cell)}"], [data-col-id="${CSS.escape(cell)}"] { background: var(--${tone}-ground) !important; }`);
      if (row && !cells.length) rules.push(`td[data-row-id="${CSS.escape(row)}"] { background: var(--${tone}-ground) !important; }`);
    }
    for (const rule of fired) rules.push(`td[data-row-id="${CSS.escape(rule)}"] { background: var(--fired-ground) !important; }`);
    paint(rules);
  }

  return {
    found(findings) {
      found = findings;
      draw();
    },
    fired(rules) {
      fired = rules.filter(Boolean);
      draw();
    },
    /** Open the view a finding is in, and bring it into sight. */
    async go(one) {
      const decision = owner(one.element_id);
      const view = decision && modeler.getView(decision);
      if (view && modeler.getActiveView() !== view) await modeler.open(view);
      const { cells, row } = idsOf(one);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const spot = [...cells.map((id) => `[data-element-id="${CSS.escape(id)}"]`), row && `[data-row-id="${CSS.escape(row)}"]`]
        .filter(Boolean)
        .map((selector) => document.querySelector(`#dmn ${selector}`))
        .find(Boolean);
      spot?.scrollIntoView({ block: 'center', inline: 'nearest' });
      (spot?.querySelector('[contenteditable], input, textarea') ?? spot)?.focus?.();
    }
  };
}
