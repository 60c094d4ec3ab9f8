// The properties beside the canvas: as wide as somebody likes, or folded away; remembered in this browser.

const NAME = 'redress.modeler.properties';
const NORMAL = 300;
const LEAST = 220;
const MOST = 600;

export function sides({ divider, stage, resized }) {
  let width = Number(stored() ?? NORMAL);
  let before = width || NORMAL;

  function set(next) {
    width = next && Math.round(Math.min(MOST, Math.max(LEAST, next)));
    if (width) before = width;
    stage.style.setProperty('--properties', `${width}px`);
    stage.classList.toggle('folded', !width);
    divider.setAttribute('aria-valuenow', width);
    try {
      localStorage.setItem(NAME, width);
    } catch {
      // Then it is as wide as ever the next time.
    }
    resized();
  }

  divider.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    divider.setPointerCapture(event.pointerId);
    const right = stage.getBoundingClientRect().right;
    const move = ({ clientX }) => set(right - clientX < LEAST / 2 ? 0 : right - clientX);
    divider.addEventListener('pointermove', move);
    divider.addEventListener('pointerup', () => divider.removeEventListener('pointermove', move), { once: true });
  });
  divider.addEventListener('dblclick', () => set(width ? 0 : before));
  divider.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: 20, ArrowRight: -20 }[event.key];
    if (step) set(width ? (width + step < LEAST ? 0 : width + step) : Math.max(0, step) && LEAST);
    else if (event.key === 'Enter') set(width ? 0 : before);
    else return;
    event.preventDefault();
  });
  set(width);
  return { show: () => width || set(before) };
}

function stored() {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
