// Palette, menus and context pad offer what the engine runs and nothing else. What it runs is data of the server (`supported` of
// the vocabulary, the table of the gate itself), so there is no list of our own here.

import { ALL_EVENTS, GATEWAY, SUBPROCESS, TASK } from 'bpmn-js-create-append-anything';
import * as replacing from 'bpmn-js/lib/features/replace/ReplaceOptions';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { isEventSubProcess } from 'bpmn-js/lib/util/DiUtil';

const LAST = 100;
const DEFINITION = /^bpmn:(.*)EventDefinition$/;

/** Whether the engine runs what a menu would make. supported: { elements, events }; place: the position of start events, if known. */
export function runs(supported, target, place) {
  if (!supported || !target?.type) return true;
  const name = target.type.replace('bpmn:', '').replace(/^./, (letter) => letter.toLowerCase());
  const known = supported.elements?.[name];
  if (known === undefined) return true;
  if (!known.runs || !/Event$/.test(name)) return Boolean(known.runs);
  const found = DEFINITION.exec(target.eventDefinitionType ?? '');
  const kind = found ? supported.definitions?.[`${found[1].replace(/^./, (letter) => letter.toLowerCase())}EventDefinition`] : 'none';
  const positions = name === 'startEvent' ? place ?? ['startEvent', 'innerStartEvent', 'eventSubProcessStart'] : [name];
  return positions.some((position) => supported.events?.[position]?.includes(kind));
}

/** The positions a start event has where it stands. */
function placeOf(element) {
  const parent = getBusinessObject(element)?.$parent;
  if (!is(element, 'bpmn:StartEvent')) return undefined;
  if (isEventSubProcess(parent)) return ['eventSubProcessStart'];
  return is(parent, 'bpmn:SubProcess') ? ['innerStartEvent'] : ['startEvent'];
}

const REPLACED = new Map(
  Object.values(replacing).flatMap((one) => (Array.isArray(one) ? one : Object.values(one).flat())).filter((one) => one?.actionName).map((one) => [one.actionName, one.target])
);
const MADE = new Map([...ALL_EVENTS, ...GATEWAY, ...SUBPROCESS, ...TASK].map((one) => [one.actionName, one.target]));
const ONLY_INSIDE = ['bpmn:ErrorEventDefinition', 'bpmn:EscalationEventDefinition', 'bpmn:CompensateEventDefinition'];

/** Where a start event is meant to stand that a menu makes: those BPMN has for event sub-processes alone stand there. */
const meant = (target) =>
  (target?.isInterrupting === false || ONLY_INSIDE.includes(target?.eventDefinitionType) ? ['eventSubProcessStart'] : ['startEvent']);

class Menus {
  constructor(popupMenu, redressSupported) {
    this.supported = redressSupported;
    popupMenu.registerProvider('bpmn-replace', LAST, this.filter((id, element) => [REPLACED.get(id), placeOf(element)]));
    for (const menu of ['append', 'create']) {
      popupMenu.registerProvider(`bpmn-${menu}`, LAST, this.filter((id) => {
        const target = MADE.get(id.slice(menu.length + 1));
        return [target, meant(target)];
      }));
    }
  }

  filter(describe) {
    return {
      getPopupMenuEntries: (element) => (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => {
        const [target, place] = describe(id, element);
        return runs(this.supported(), target, place);
      })),
      getPopupMenuHeaderEntries: () => (entries) => {
        const { 'toggle-participant-multiplicity': _, ...kept } = entries;
        return kept;
      }
    };
  }
}
Menus.$inject = ['popupMenu', 'redressSupported'];

class Pads {
  constructor(contextPad, palette, redressSupported) {
    this.supported = redressSupported;
    // Menus place themselves below the pad and ask for it in a way that the library warns of at every opening.
    contextPad.getPad = (target) => ({ html: contextPad.isOpen() ? contextPad._current.html : contextPad._createHtml(target) });
    contextPad.registerProvider(LAST, this);
    palette.registerProvider(LAST, this);
  }

  getContextPadEntries() {
    return (entries) => {
      const { 'append.compensation-activity': _, ...kept } = entries;
      const catching = (kind) => runs(this.supported(), { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: `bpmn:${kind}EventDefinition` });
      if (!catching('Conditional')) delete kept['append.condition-intermediate-event'];
      if (!catching('Signal')) delete kept['append.signal-intermediate-event'];
      return kept;
    };
  }

  getMultiElementContextPadEntries() {
    return (entries) => entries;
  }

  getPaletteEntries() {
    return (entries) => entries;
  }
}
Pads.$inject = ['contextPad', 'palette', 'redressSupported'];

/** The modules that keep menus and pads to what `vocabulary.supported` runs; the vocabulary may be changed in place. */
export function paletteModules(vocabulary) {
  return [{
    __init__: ['redressMenus', 'redressPads'],
    redressMenus: ['type', Menus],
    redressPads: ['type', Pads],
    redressSupported: ['value', () => vocabulary.supported]
  }];
}
