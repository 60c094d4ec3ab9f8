// The properties panel of the modeler: of the library's groups those that mean something here, and our own for what process
// owners change: who does the work, with which form, how long it may take, what is decided and done, which way a case goes.

import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule } from 'bpmn-js-properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil';
import '@bpmn-io/properties-panel/assets/properties-panel.css';
import '../../styles/panel.css';
import { About } from './about.js';
import { clock, clockMore } from './clock.js';
import { condition, message, timer } from './events.js';
import { Writer } from './extensions.js';
import { flow } from './flows.js';
import { call, decision, operation, script } from './machines.js';
import { loop } from './loops.js';
import { mapping } from './mappings.js';
import { more } from './more.js';
import { assignment, form } from './people.js';

/** Groups of the library that stay, with the entries that stay in them (all where none are named), and their own words. */
const KEPT = {
  general: { entries: ['name', 'id', 'processId', 'processName', 'versionTag', 'isExecutable'] },
  documentation: { entries: ['documentation', 'elementDocumentation', 'processDocumentation'] },
  multiInstance: { entries: ['loopCardinality', 'completionCondition', 'collection', 'elementVariable'] },
  signal: {}, link: {}, error: { entries: ['errorRef', 'errorName', 'errorCode', 'errorCodeVariable', 'errorMessageVariable'] },
  escalation: { entries: ['escalationRef', 'escalationName', 'escalationCode', 'escalationCodeVariable'] },
  CamundaPlatform__InMapping: {}, CamundaPlatform__InMappingPropagation: {}, CamundaPlatform__OutMapping: {}, CamundaPlatform__OutMappingPropagation: {}
};

const OWN = [
  assignment, form, decision, operation, call, script, message, timer, condition, loop, flow, clock
];
const LAST = [clockMore, more, (about) => mapping(about, 'input'), (about) => mapping(about, 'output')];

class Groups {
  constructor(injector, propertiesPanel, translate, elementRegistry, redressWriter, redressVocabulary, redressPorts) {
    Object.assign(this, { translate, registry: elementRegistry, writer: redressWriter, vocabulary: redressVocabulary, ports: redressPorts });
    propertiesPanel.registerProvider(400, this);
    // For tests, and for whoever looks for a mistake in the console.
    window.__modeler = injector;
  }

  getGroups(element) {
    return (groups) => {
      const kept = groups.filter((one) => KEPT[one.id]).map(trimmed).filter(Boolean);
      // What groups say of themselves ("contains edits") is English unless they are handed the translation.
      const spoken = (found) => found.filter(Boolean).map((one) => ({ ...one, translate: this.translate }));
      if (is(element, 'bpmn:Group') || element.type === 'label') return spoken(kept);
      const about = new About({ element, writer: this.writer, vocabulary: this.vocabulary, ports: this.ports, registry: this.registry });
      const own = OWN.map((make) => make(about)).filter(Boolean);
      const last = LAST.map((make) => make(about)).filter(Boolean);
      if (own.length) own[0].shouldOpen = true;
      const [general, ...others] = kept;
      if (general) general.shouldOpen = true;
      const documentation = others.filter((one) => one.id === 'documentation');
      const rest = others.filter((one) => one.id !== 'documentation');
      return spoken([general, ...own, ...rest, ...last, ...documentation]);
    };
  }
}
Groups.$inject = ['injector', 'propertiesPanel', 'translate', 'elementRegistry', 'redressWriter', 'redressVocabulary', 'redressPorts'];

function trimmed(group) {
  const { entries } = KEPT[group.id];
  if (!entries || !group.entries) return group;
  const stays = group.entries.filter((one) => entries.includes(one.id));
  return stays.length ? { ...group, entries: stays } : null;
}

/**
 * The modules of the panel. vocabulary: what the server knows (GET …/vocabulary); it may be changed in place. ports: what opens other
 * editors: { openForm(key), createForm(suggested) → key, openDecision, createDecision, openProcess }.
 */
export function panelModules(vocabulary, ports = {}) {
  return [
    BpmnPropertiesPanelModule,
    BpmnPropertiesProviderModule,
    CamundaPlatformPropertiesProviderModule,
    {
      __init__: ['redressGroups'],
      redressGroups: ['type', Groups],
      redressWriter: ['type', WriterOf],
      redressVocabulary: ['value', vocabulary],
      redressPorts: ['value', ports]
    }
  ];
}

class WriterOf extends Writer {}
WriterOf.$inject = ['injector'];

