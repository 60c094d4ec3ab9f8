// The token simulation asks nobody for a translation.

import { either } from '../either.mjs';

const say = (zh, en) => `\${ ${either(zh, en)} }`;
const title = (zh, en) => [`title="${en}"`, `title="${say(zh, en)}"`];
const named = (zh, en) => [`elementName || '${en}'`, `elementName || ${either(zh, en)}`];
const of = (path, texts) => ({ file: new RegExp(`bpmn-js-token-simulation[\\\\/]lib[\\\\/]${path.replaceAll('/', '[\\\\/]')}\\.js$`), texts });

export const patches = [
  of('features/toggle-mode/modeler/ToggleMode', [
    ['Token Simulation <span class="bts-toggle">${ ToggleOffIcon() }</span>\n', `${say('模拟运行', 'Token simulation')} <span class="bts-toggle">\${ ToggleOffIcon() }</span>\n`],
    ['`Token Simulation <span class="bts-toggle">${ ToggleOnIcon() }', `\`${say('模拟运行', 'Token simulation')} <span class="bts-toggle">\${ ToggleOnIcon() }`],
    ['`Token Simulation <span class="bts-toggle">${ ToggleOffIcon() }', `\`${say('模拟运行', 'Token simulation')} <span class="bts-toggle">\${ ToggleOffIcon() }`]
  ]),
  of('features/pause-simulation/PauseSimulation', [
    title('运行或暂停', 'Play/Pause Simulation'),
    ["text: 'Pause Simulation'", `text: ${either('已暂停', 'Paused')}`],
    ["text: 'Play Simulation'", `text: ${either('继续运行', 'Going on')}`]
  ]),
  of('features/reset-simulation/ResetSimulation', [
    title('重新开始', 'Reset Simulation'),
    ["text: 'Reset Simulation'", `text: ${either('已重新开始', 'Reset')}`]
  ]),
  of('features/show-scopes/ShowScopes', [['title="Focus process instance ${scope.id}"', `title="${say('只看这个实例', 'Focus process instance')}"`]]),
  of('features/set-animation-speed/SetAnimationSpeed', [
    ["'Slow'", either('慢', 'slow')], ["'Normal'", either('中', 'normal')], ["'Fast'", either('快', 'fast')],
    ['title="Set animation speed = ${ label }"', `title="${say('速度：', 'Speed: ')}\${ label }"`]
  ]),
  of('features/context-pads/handler/ExclusiveGatewayHandler', [title('选择走哪条线', 'Set Sequence Flow')]),
  of('features/context-pads/handler/InclusiveGatewayHandler', [title('选择走哪些线', 'Set Sequence Flow')]),
  of('features/context-pads/handler/TriggerHandler', [title('触发', 'Trigger Event')]),
  of('features/context-pads/handler/PauseHandler', [["${ wait ? 'Remove' : 'Add' } pause point", `\${ wait ? ${either('去掉停顿', 'Remove pause point')} : ${either('在此停顿', 'Add pause point')} }`]]),
  of('features/simulation-state/SimulationState', [["text: 'Finished'", `text: ${either('已结束', 'Finished')}`]]),
  of('features/element-support/ElementSupport', [
    ["'Found unsupported elements'", either('有不能模拟的元素', 'Found unsupported elements')], ["'Not supported'", either('不能模拟', 'Not supported')]
  ]),
  of('features/log/Log', [
    ["isSubProcess ? (getElementName(scopeElement) || 'SubProcess') : 'Process'\n    } ${", `isSubProcess ? (getElementName(scopeElement) || ${either('子流程', 'Sub-process')}) : ${either('流程', 'Process')}\n    } \${`],
    ["isSubProcess ? (getElementName(scopeElement) || 'SubProcess') : 'Process'\n    } started", `isSubProcess ? (getElementName(scopeElement) || ${either('子流程', 'Sub-process')}) : ${either('流程', 'Process')}\n    } ${say('已开始', 'started')}`],
    ["completed ? 'finished' : 'canceled'", `completed ? ${either('已结束', 'finished')} : ${either('已取消', 'cancelled')}`],
    named('服务任务', 'Service Task'), named('用户任务', 'User Task'), named('调用活动', 'Call Activity'), named('脚本任务', 'Script Task'),
    named('业务规则任务', 'Business Rule Task'), named('手工任务', 'Manual Task'), named('接收任务', 'Receive Task'), named('发送任务', 'Send Task'), named('任务', 'Task'),
    named('排他网关', 'Exclusive Gateway'), named('并行网关', 'Parallel Gateway'), named('包容网关', 'Inclusive Gateway'),
    named('开始事件', 'Start Event'), named('边界事件', 'Boundary Event'), named('结束事件', 'End Event'),
    ["elementName || 'Intermediate Event',\n        icon: getIconForIntermediateEvent(element, 'catch')", `elementName || ${either('中间事件', 'Intermediate event')},\n        icon: getIconForIntermediateEvent(element, 'catch')`],
    ["elementName || 'Intermediate Event',\n        icon: getIconForIntermediateEvent(element, 'throw')", `elementName || ${either('中间事件', 'Intermediate event')},\n        icon: getIconForIntermediateEvent(element, 'throw')`],
    ['Simulation Log\n        <button class="bts-close" aria-label="Close">', `${say('运行记录', 'Simulation log')}\n        <button class="bts-close" aria-label="${say('关闭', 'Close')}">`],
    ["domify('<p class=\"bts-entry placeholder\">No Entries</p>')", `domify(\`<p class="bts-entry placeholder">${say('还没有记录', 'No entries')}</p>\`)`],
    ['<p class="bts-entry placeholder">No Entries</p>\n      </div>', `<p class="bts-entry placeholder">${say('还没有记录', 'No entries')}</p>\n      </div>`],
    title('运行记录', 'Toggle Simulation Log')
  ])
];
