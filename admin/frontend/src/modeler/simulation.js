// Simulation: a mode of its own. Tokens walk, nothing of the diagram can change meanwhile.

/** button: the one that turns it on and off; stage: what is around the canvas. Returns { active }. */
export function simulationOf({ modeler, button, stage, others }) {
  const mode = modeler.get('toggleMode');
  const state = { active: false };
  button.addEventListener('click', () => mode.toggleMode());
  modeler.on('tokenSimulation.toggleMode', ({ active }) => {
    state.active = active;
    button.setAttribute('aria-pressed', active);
    stage.classList.toggle('simulating', active);
    for (const one of others) one.inert = active;
  });
  state.leave = () => state.active && mode.toggleMode(false);
  return state;
}
