// The form island: the form of the page it stands on.
//
// Boot data (#boot): as `form/island.js` takes it. The server checks every submission again; what happens here is a courtesy.

import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import './styles/form.css';

import { formIsland } from './form/island.js';
import { missing } from './i18n/form.js';

const { form, draft, answers, waits } = await formIsland({
  boot: JSON.parse(document.getElementById('boot').textContent),
  container: document.getElementById('form'),
  summary: document.getElementById('form-problems'),
  notice: document.getElementById('form-notice'),
  button: document.querySelector('button[data-submit]')
});

window.redressForm = { form, missing, draft, answers, waits };
document.documentElement.dataset.ready = 'yes';
