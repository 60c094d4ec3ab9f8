// A counter-example, walked on the canvas: where the tokens are after each step, and which way they came.

import { button } from '../keeping.js';
import { brief, plain } from '../language.js';

const PACE = 1400;

export class Walk {
  /** place: the bar above the canvas' lower edge. */
  constructor({ modeler, place }) {
    Object.assign(this, { modeler, place });
    this.marked = [];
    modeler.on('commandStack.changed', ({ trigger }) => trigger && trigger !== 'clear' && this.stop());
    modeler.on('import.parse.start', () => this.stop());
    place.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) this.go(by);
      else if (event.key === 'Escape') this.stop();
      else return;
      event.preventDefault();
    });
  }

  play(finding) {
    this.stop();
    this.steps = finding.walk;
    this.at = 0;
    this.words = document.createElement('p');
    this.words.setAttribute('role', 'status');
    this.back = button('◂', () => this.go(-1), 'button small');
    this.back.setAttribute('aria-label', plain('上一步', 'Previous step'));
    this.next = button('▸', () => this.go(1), 'button small');
    this.next.setAttribute('aria-label', plain('下一步', 'Next step'));
    this.auto = button('', () => this.run(!this.timer), 'button small');
    const close = button(brief('结束', 'Close'), () => this.stop(), 'button small');
    this.place.replaceChildren(this.back, this.auto, this.next, this.words, close);
    this.place.hidden = false;
    this.run(true);
    this.show();
    this.next.focus();
  }

  go(by) {
    this.run(false);
    this.turn(by);
  }

  turn(by) {
    this.at = Math.min(this.steps.length - 1, Math.max(0, this.at + by));
    if (this.at === this.steps.length - 1) this.run(false);
    this.show();
  }

  run(on) {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.turn(1), PACE) : null;
    if (this.auto) this.auto.textContent = on ? brief('暂停', 'Pause') : brief('自动', 'Auto');
  }

  stop() {
    if (!this.steps) return;
    this.run(false);
    this.clear();
    this.steps = null;
    this.place.hidden = true;
    this.place.replaceChildren();
  }

  clear() {
    const canvas = this.modeler.get('canvas');
    const registry = this.modeler.get('elementRegistry');
    this.modeler.get('overlays').remove({ type: 'walk' });
    for (const [id, marker] of this.marked) if (registry.get(id)) canvas.removeMarker(id, marker);
    this.marked = [];
  }

  show() {
    const canvas = this.modeler.get('canvas');
    const registry = this.modeler.get('elementRegistry');
    this.clear();
    const { at, took = [] } = this.steps[this.at];
    const mark = (id, marker) => {
      if (!registry.get(id)) return;
      canvas.addMarker(id, marker);
      this.marked.push([id, marker]);
    };
    for (const { took: earlier = [] } of this.steps.slice(0, this.at)) for (const id of earlier) mark(id, 'walk-was');
    for (const id of took) mark(id, 'walk-took');
    const tokens = new Map();
    for (const id of at) tokens.set(id, (tokens.get(id) ?? 0) + 1);
    for (const [id, count] of tokens) {
      mark(id, 'walk-at');
      if (!registry.get(id)) continue;
      const html = Object.assign(document.createElement('span'), { className: 'badge-walk', textContent: count > 1 ? `${count}` : '' });
      html.title = plain(`${count} 个令牌`, `${count} token(s)`);
      this.modeler.get('overlays').add(id, 'walk', { position: registry.get(id).waypoints ? { top: 0, left: 0 } : { top: -10, right: 12 }, html });
    }
    const seen = [...tokens.keys()].map((id) => registry.get(id)).find(Boolean);
    if (seen) this.into(canvas, seen);
    this.words.textContent = this.sentence(at, took, registry);
    this.back.disabled = this.at === 0;
    this.next.disabled = this.at === this.steps.length - 1;
  }

  into(canvas, element) {
    const root = canvas.findRoot(element);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    canvas.scrollToElement(element, { top: 80, bottom: 130, left: 140, right: 80 });
  }

  sentence(at, took, registry) {
    const call = (id) => {
      const object = registry.get(id)?.businessObject;
      return brief(`“${object?.name || id}”`, object?.name || id);
    };
    const names = (ids) => [...new Set(ids)].map(call).join(brief('、', ', '));
    const moved = took.filter((id) => registry.get(id)?.businessObject?.name || !registry.get(id)?.waypoints);
    const where = at.length
      ? brief(`令牌在 ${names(at)}`, `tokens at ${names(at)}`)
      : brief('没有令牌了', 'no token is left');
    const step = brief(`第 ${this.at + 1}/${this.steps.length} 步：`, `Step ${this.at + 1}/${this.steps.length}: `);
    return step + (moved.length ? brief(`经过 ${names(moved)}，`, `through ${names(moved)}, `) : '') + where;
  }
}
