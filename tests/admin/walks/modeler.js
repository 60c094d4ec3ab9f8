// Walks everything the modeler offers and returns the visible Latin words outside an allow-list, each with where it was seen.
async (modeler) => {
  const ALLOWED = /^(BPMN|SVG|FEEL|DMN|XML|ISO|PNG|JSON|BPMN\.iO|Ctrl|Alt|Shift|Enter|Esc|Tab|Del|Delete|Backspace|Space|PgUp|PgDn|Home|End|[A-Z])$/i;
  const found = new Map();
  const seen = { menus: 0, offered: new Map(), groups: new Set(), entries: new Set(), kinds: 0 };
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const note = (text, where) => {
    // What looks like code (a.b, a_b, =a, "a", P1D, a:b) is what people write into the diagram, not words of the page.
    const plain = (text ?? '').replace(/=[^，。；、]*|"[^"]*"|\S*[A-Za-z0-9][._:/@-][A-Za-z0-9]\S*|\b[PR][T\d]\S*|[R]\d\S*/g, ' ');
    for (const word of plain.match(/[A-Za-z]{2,}/g) ?? []) {
      if (!ALLOWED.test(word)) found.set(`${word} in ${JSON.stringify(text.trim().slice(0, 80))}`, where);
    }
  };
  const read = (selector, where) => {
    for (const root of document.querySelectorAll(selector)) {
      const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const { parentElement, textContent } = walk.currentNode;
        if (['SCRIPT', 'STYLE'].includes(parentElement.tagName) || !parentElement.getClientRects().length) continue;
        note(textContent, where);
      }
      for (const one of [root, ...root.querySelectorAll('[title], [aria-label], [placeholder], [alt]')]) {
        if (!one.getClientRects().length) continue;
        for (const name of ['title', 'aria-label', 'placeholder', 'alt']) if (one.hasAttribute?.(name)) note(one.getAttribute(name), `${where} @${name}`);
      }
    }
  };
  const remember = (where) => {
    for (const one of document.querySelectorAll('.djs-popup .entry[data-id]')) {
      seen.menus += 1;
      seen.offered.set(`${one.dataset.id} of ${where}`, true);
    }
  };
  const get = (name) => modeler.get(name);
  const factory = get('elementFactory');
  const modeling = get('modeling');
  const root = get('canvas').getRootElement();
  const made = [];
  const put = (attrs, parent = root, at = null, hints) => {
    const shape = factory.createShape(attrs);
    const place = at ?? { x: 300 + (made.length % 8) * 170, y: 500 + Math.floor(made.length / 8) * 150 };
    made.push(modeling.createShape(shape, place, parent, hints ?? {}));
    return made.at(-1);
  };
  const kinds = ['Message', 'Timer', 'Conditional', 'Signal', 'Error', 'Escalation', 'Link', 'Terminate'];
  for (const type of ['Task', 'UserTask', 'ServiceTask', 'SendTask', 'ReceiveTask', 'ManualTask', 'BusinessRuleTask', 'ScriptTask', 'CallActivity', 'ExclusiveGateway', 'ParallelGateway',
    'InclusiveGateway', 'EventBasedGateway', 'DataObjectReference', 'DataStoreReference', 'TextAnnotation', 'Group', 'StartEvent', 'EndEvent', 'IntermediateThrowEvent']) put({ type: `bpmn:${type}` });
  put({ type: 'bpmn:SubProcess', isExpanded: false });
  put({ type: 'bpmn:Transaction', isExpanded: false });
  const sub = put({ type: 'bpmn:SubProcess', isExpanded: true }, root, { x: 400, y: 1400 });
  const handler = put({ type: 'bpmn:SubProcess', isExpanded: true, triggeredByEvent: true }, root, { x: 900, y: 1400 });
  put({ type: 'bpmn:StartEvent' }, sub, { x: 300, y: 1400 });
  put({ type: 'bpmn:StartEvent', eventDefinitionType: 'bpmn:MessageEventDefinition', isInterrupting: false }, handler, { x: 800, y: 1400 });
  for (const kind of kinds) {
    const eventDefinitionType = `bpmn:${kind}EventDefinition`;
    if (['Message', 'Timer', 'Signal'].includes(kind)) put({ type: 'bpmn:StartEvent', eventDefinitionType });
    if (['Message', 'Timer', 'Conditional', 'Signal', 'Link'].includes(kind)) put({ type: 'bpmn:IntermediateCatchEvent', eventDefinitionType });
    if (['Message', 'Signal', 'Escalation', 'Link'].includes(kind)) put({ type: 'bpmn:IntermediateThrowEvent', eventDefinitionType });
    if (['Message', 'Signal', 'Error', 'Escalation', 'Terminate'].includes(kind)) put({ type: 'bpmn:EndEvent', eventDefinitionType });
    if (['Message', 'Timer', 'Conditional', 'Signal', 'Error', 'Escalation'].includes(kind)) {
      const host = made[1];
      const [one] = modeling.createElements([factory.createShape({ type: 'bpmn:BoundaryEvent', eventDefinitionType, cancelActivity: kind === 'Error' })], { x: host.x + 10 * kinds.indexOf(kind), y: host.y + host.height }, host, { attach: true });
      made.push(one);
    }
  }
  const loop = put({ type: 'bpmn:UserTask' });
  modeling.updateProperties(loop, { loopCharacteristics: get('bpmnFactory').create('bpmn:MultiInstanceLoopCharacteristics') });
  const again = put({ type: 'bpmn:UserTask' });
  modeling.updateProperties(again, { loopCharacteristics: get('bpmnFactory').create('bpmn:StandardLoopCharacteristics') });
  made.push(modeling.connect(made.find((one) => one.type === 'bpmn:ExclusiveGateway'), made[1]));
  made.push(modeling.connect(made[1], made[2]));

  read('.djs-palette', 'palette');
  get('palette').triggerEntry('create', 'click', new MouseEvent('click', { clientX: 200, clientY: 300 }));
  await frame();
  read('.djs-popup', 'create menu');
  remember('create');
  get('popupMenu').close();
  for (const element of [root, ...made]) {
    const where = `${element.type} ${(element.businessObject.eventDefinitions ?? []).map((one) => one.$type).join()}`;
    seen.kinds += 1;
    get('selection').select(element);
    await frame();
    if (element !== root) read('.djs-context-pad', `pad of ${where}`);
    for (const menu of ['bpmn-replace', 'bpmn-append', 'color-picker']) {
      // What may be appended and the colours are the same for all.
      if (element === root || (menu !== 'bpmn-replace' && element !== made[1]) || get('popupMenu').isEmpty(element, menu)) continue;
      get('popupMenu').open(element, menu, { x: 300, y: 200 }, { title: get('translate')('Change element'), search: true });
      await frame();
      read('.djs-popup', `${menu} of ${where}`);
      remember(where);
      get('popupMenu').close();
    }
    for (const header of document.querySelectorAll('.bio-properties-panel-group-header:not(.open)')) header.click();
    await frame();
    await frame();
    for (const header of document.querySelectorAll('.bio-properties-panel-group [class*="collapsible-entry-header"]')) header.click();
    for (const group of document.querySelectorAll('.bio-properties-panel-group')) seen.groups.add(group.dataset.groupId);
    for (const entry of document.querySelectorAll('[data-entry-id]')) seen.entries.add(entry.dataset.entryId);
    read('.bio-properties-panel', `panel of ${where}`);
  }
  get('selection').select(made.slice(0, 3));
  await frame();
  read('.djs-context-pad', 'pad of several');
  read('.bio-properties-panel', 'panel of several');
  if (!get('popupMenu').isEmpty(made.slice(0, 3), 'align-elements')) {
    get('popupMenu').open(made.slice(0, 3), 'align-elements', { x: 300, y: 200 });
    await frame();
    read('.djs-popup', 'alignment');
    get('popupMenu').close();
  }
  get('selection').select([]);
  get('minimap').open();
  await frame();
  read('.djs-minimap', 'minimap');
  get('minimap').close();
  get('searchPad').open();
  await frame();
  read('.djs-search-container', 'search');
  get('searchPad').close();
  get('toggleMode').toggleMode(true);
  await frame();
  for (const one of document.querySelectorAll('[class^="bts-"].hidden')) one.classList.remove('hidden');
  read('.bts-palette, .bts-toggle-mode, .bts-log, .bts-notifications, .bts-set-animation-speed, .bts-context-pad, .bts-scopes, .djs-overlay-container', 'simulation');
  get('toggleMode').toggleMode(false);
  const keys = document.getElementById('keys');
  keys?.showModal();
  read('#keys', 'help');
  keys?.close();
  return { found: [...found], missing: [...window.__missing], menus: seen.menus, offered: [...seen.offered.keys()], kinds: seen.kinds, groups: [...seen.groups].sort(), entries: [...seen.entries].length };
}
