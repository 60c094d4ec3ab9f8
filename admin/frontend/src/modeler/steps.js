// Undo and redo: the modeler's own steps first; when it has none left (after a reload, after a file was opened), the
// revisions of the file that the server keeps.

/**
 * open: (text) => a promise, fulfilled when the modeler shows it. Returns { undo, redo, refresh }; the editor's own actions
 * `undo` and `redo` (keys, toolbar) are these from now on.
 */
export function stepsOf({ modeler, keeper, open, buttons }) {
  const stack = modeler.get('commandStack');
  const actions = modeler.get('editorActions');
  let busy = false;

  async function turn(ask) {
    if (busy) return;
    busy = true;
    try {
      const text = await ask();
      if (text === null || text === undefined) return;
      await open(text);
      keeper.shown();
    } finally {
      busy = false;
      refresh();
    }
  }

  const undo = () => (stack.canUndo() ? stack.undo() : turn(() => keeper.earlier()));
  const redo = () => (stack.canRedo() ? stack.redo() : !stack.canUndo() && turn(() => keeper.later()));

  function refresh() {
    buttons.undo.disabled = !stack.canUndo() && !keeper.hasEarlier;
    buttons.redo.disabled = !stack.canRedo() && (stack.canUndo() || !keeper.hasLater);
  }

  for (const [name, act] of [['undo', undo], ['redo', redo]]) {
    actions.unregister(name);
    actions.register(name, act);
  }
  modeler.on('commandStack.changed', refresh);
  modeler.on('import.done', refresh);
  keeper.on('state', refresh);
  return { undo, redo, refresh };
}
