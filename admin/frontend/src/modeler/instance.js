// The modeler: bpmn-js with the dialect the engine reads, and what a process owner needs around it.

import Modeler from 'bpmn-js/lib/Modeler';
import camundaModdle from 'camunda-bpmn-moddle/resources/camunda.json';
import behaviors from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import colorPicker from 'bpmn-js-color-picker';
import minimap from 'diagram-js-minimap';
import simulation from 'bpmn-js-token-simulation';

import translateModule from '../i18n/modeler.js';
import { paletteModules } from './palette.js';
import { panelModules } from './panel/index.js';

/** container and panel: elements of the page; vocabulary: what the panels offer; ports: what leads to other files. */
export function makeModeler({ container, panel, vocabulary, ports }) {
  return new Modeler({
    container,
    propertiesPanel: { parent: panel },
    // Top level, or the last change of a field is lost when something else is done within its 600 ms.
    debounceInput: false,
    moddleExtensions: { camunda: camundaModdle },
    additionalModules: [
      CreateAppendAnythingModule,
      behaviors,
      colorPicker,
      minimap,
      simulation,
      ...panelModules(vocabulary, ports),
      ...paletteModules(vocabulary),
      translateModule
    ]
  });
}
