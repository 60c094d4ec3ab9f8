// Chinese for everything the modeler's libraries say, unless the page is in English. What the community's table lacks or says in
// other words than the rest of this product is here. A text without an entry is counted, so that a test can name it.

import community from 'bpmn-js-i18n/translations/zn.js';

const english = document.documentElement.dataset.language === 'en';

/** Texts that were asked for and that nobody has said in Chinese. */
export const missing = new Set();
window.__missing = missing;

const KINDS = {
  Message: '消息', Timer: '定时', Conditional: '条件', Signal: '信号', Error: '错误', Escalation: '升级', Compensation: '补偿',
  Cancel: '取消', Terminate: '终止', Link: '链接', '': ''
};
const PLACES = {
  'start event': '开始事件', 'intermediate catch event': '中间捕获事件', 'intermediate throw event': '中间抛出事件',
  'boundary event': '边界事件', 'end event': '结束事件', 'event': '事件'
};
const EVENTS = Object.fromEntries(
  Object.entries(KINDS).flatMap(([kind, kindZh]) => Object.entries(PLACES).flatMap(([place, placeZh]) => {
    const en = kind ? `${kind} ${place}` : place.replace(/^./, (letter) => letter.toUpperCase());
    return [[en, kindZh + placeZh], [`${en} (non-interrupting)`, `${kindZh}${placeZh}（非中断）`], [`Append ${en.toLowerCase()}`, `追加${kindZh}${placeZh}`]];
  }))
);

const DIAGRAM = {
  'Activate hand tool': '移动画布', 'Activate lasso tool': '框选', 'Activate create/remove space tool': '增减空间', 'Activate global connect tool': '连线',
  'Create element': '新建元素', 'Append element': '追加元素', 'Change element': '更改类型', 'Create start event': '新建开始事件', 'Create end event': '新建结束事件',
  'Create intermediate/boundary event': '新建中间事件或边界事件', 'Create gateway': '新建网关', 'Create task': '新建任务', 'Create data object reference': '新建数据对象',
  'Create data store reference': '新建数据存储', 'Create expanded sub-process': '新建子流程（展开）', 'Create pool/participant': '新建泳池', 'Create group': '新建分组',
  'Append task': '追加任务', 'Append gateway': '追加网关', 'Append end event': '追加结束事件', 'Append intermediate/boundary event': '追加中间事件或边界事件',
  'Append receive task': '追加接收任务', 'Append compensation activity': '追加补偿活动', 'Add text annotation': '添加注释', 'Connect to other element': '连接到其他元素',
  'Add lane above': '在上方添加泳道', 'Add lane below': '在下方添加泳道', 'Divide into two lanes': '分成两条泳道', 'Divide into three lanes': '分成三条泳道',
  'Delete': '删除', 'Remove': '移除', 'Set color': '设置颜色', 'Align elements': '对齐元素', 'Align elements ': '对齐元素：', 'Change type': '更改类型',
  'Align elements left': '左对齐', 'Align elements right': '右对齐', 'Align elements center': '左右居中', 'Align elements top': '顶端对齐', 'Align elements bottom': '底端对齐', 'Align elements middle': '上下居中',
  'Distribute elements horizontally': '水平均匀分布', 'Distribute elements vertically': '垂直均匀分布',
  'left': '左', 'right': '右', 'center': '左右居中', 'top': '上', 'bottom': '下', 'middle': '上下居中',
  'Task': '任务', 'User task': '用户任务', 'Service task': '服务任务', 'Send task': '发送任务', 'Receive task': '接收任务', 'Manual task': '手工任务',
  'Business rule task': '业务规则任务', 'Script task': '脚本任务', 'Call activity': '调用活动', 'Transaction': '事务子流程', 'Event sub-process': '事件子流程',
  'Sub-process': '子流程', 'Sub-process (collapsed)': '子流程（折叠）', 'Sub-process (expanded)': '子流程（展开）', 'Ad-hoc sub-process': '即席子流程',
  'Ad-hoc sub-process (collapsed)': '即席子流程（折叠）', 'Ad-hoc sub-process (expanded)': '即席子流程（展开）', 'Ad-hoc': '即席',
  'Exclusive gateway': '排他网关', 'Parallel gateway': '并行网关', 'Inclusive gateway': '包容网关', 'Complex gateway': '复杂网关', 'Event-based gateway': '事件网关',
  'Data store reference': '数据存储', 'Data object reference': '数据对象', 'Expanded pool/participant': '泳池（展开）', 'Empty pool/participant': '泳池（折叠）',
  'Empty pool/participant (removes content)': '泳池（折叠，删除内容）', 'Sequence flow': '顺序流', 'Default flow': '默认路线', 'Conditional flow': '条件顺序流',
  'Loop': '循环', 'Parallel multi-instance': '并行多实例', 'Sequential multi-instance': '顺序多实例', 'Participant multiplicity': '多个参与者', 'Collection': '集合',
  'Toggle non-interrupting': '是否中断', 'Toggle interrupting': '是否中断', 'Tasks': '任务', 'Gateways': '网关', 'Sub-processes': '子流程', 'Events': '事件', 'Data': '数据', 'Participants': '泳池', 'Templates': '模板',
  'Blue': '蓝色', 'Orange': '橙色', 'Green': '绿色', 'Red': '红色', 'Purple': '紫色', 'Default': '默认颜色',
  'Open minimap': '打开缩略图', 'Close minimap': '关闭缩略图', 'Search in diagram': '在图中查找', 'Open {element}': '打开{element}',
  'Search': '查找', 'No matching entries': '没有符合的项', 'No results': '没有结果',
  'flow elements must be children of pools/participants': '流程元素必须放在泳池内', 'out of bounds release': '放到了画布之外', 'no diagram to display': '文件中没有可显示的图',
  'failed to import {element}': '无法导入 {element}', 'more than {count} child lanes': '泳道超过 {count} 条', 'no process or collaboration to display': '没有可显示的流程或协作'
};

const PANEL = {
  'General': '基本信息', 'Documentation': '说明', 'Element documentation': '元素说明', 'Process documentation': '流程说明', 'Name': '名称', 'ID': '标识',
  'Process ID': '流程标识', 'Process name': '流程名称', 'Participant ID': '泳池标识', 'Participant Name': '泳池名称', 'Version tag': '版本标签', 'Executable': '可执行',
  'Version tag by which this process can be referenced.': '其他流程可以按这个标签调用本流程。', 'This maps to the process definition key.': '流程的键，部署后不要改。',
  'ID must be a valid QName.': '标识只能由字母、数字、下划线、连字符和点组成，以字母或下划线开头。', 'ID must be unique.': '标识不能重复。', 'ID must not be empty.': '标识不能为空。',
  'ID must not contain prefix.': '标识不能有前缀。', 'ID must not contain spaces.': '标识不能有空格。',
  'Multi-instance': '多实例', 'Loop cardinality': '次数', 'Completion condition': '提前结束的条件', 'Element variable': '单项变量', 'Collection': '集合', 'Loop counter': '计数',
  'Signal': '信号', 'Error': '错误', 'Errors': '错误', 'Escalation': '升级', 'Link': '链接', 'Message': '消息', 'Timer': '定时', 'Compensation': '补偿', 'Condition': '条件',
  'Global signal reference': '信号', 'Global error reference': '错误', 'Global escalation reference': '升级', 'Global message reference': '消息', 'Code': '代码', 'Code variable': '存代码的变量',
  'Message variable': '存说明的变量', 'Define the name of the escalation code variable.': '保存升级代码的变量名。', 'Define the name of the variable that will contain the error code.': '保存错误代码的变量名。',
  'Define the name of the variable that will contain the error message.': '保存错误说明的变量名。', 'Define the name of the variable that will contain the escalation code.': '保存升级代码的变量名。',
  'Completion': '完成', 'History cleanup': '历史清理', 'Tasklist': '任务列表', 'Candidate starter': '可启动者', 'Implementation': '实现', 'External task': '外部任务', 'User assignment': '办理', 'Forms': '表单',
  'Form fields': '表单字段', 'Task listeners': '任务监听', 'Start initiator': '启动者变量', 'Called element': '调用的流程', 'Asynchronous continuations': '异步', 'Job execution': '作业', 'Inputs': '输入', 'Outputs': '输出',
  'Connector inputs': '连接器输入', 'Connector outputs': '连接器输出', 'Execution listeners': '执行监听', 'Extension properties': '扩展属性', 'Field injections': '字段注入', 'Business key': '业务键', 'Process variables': '流程变量',
  'List contains {numOfItems} item': '共 {numOfItems} 项', 'List contains {numOfItems} items': '共 {numOfItems} 项', '<none>': '（无）', '<empty>': '（空）', 'Create new ...': '新建…', 'Create': '新建', 'Create new list item': '新建一项', 'Delete item': '删除这一项', 'Toggle list item': '展开或收起', 'Toggle section': '展开或收起',
  'Section contains edits': '已填写', 'Section contains an error': '有错误', 'Open documentation': '打开文档', 'Open pop-up editor': '在大窗口中编辑', 'Opened in editor': '正在大窗口中编辑',
  'Select an element to edit its properties.': '选择一个元素后在这里编辑。', 'Multiple elements are selected. Select a single element to edit its properties.': '选择了多个元素；请只选一个后在这里编辑。',
  'In mappings': '交给它的变量', 'Out mappings': '取回的变量', 'In mapping propagation': '交给它的全部变量', 'Out mapping propagation': '取回的全部变量', 'Propagate all variables': '全部变量',
  'Local': '仅本活动的变量', 'Type': '类型', 'Source': '来源', 'Source expression': '来源表达式', 'Target': '变量名', 'Source and target cannot be empty.': '来源和变量名都要填写。', 'Value': '值', 'Variable name': '变量名',
  'Start typing "${}" to create an expression.': '', 'Refers to the process variable name': '流程变量的名称', 'Specifying "all" will pass all variables': '', 'Expression': '表达式', 'Script': '脚本',
  'FEEL expression': 'FEEL 表达式', 'FEEL expression is mandatory': '必须是 FEEL 表达式', 'Unparsable FEEL expression.': 'FEEL 表达式无法读取。', 'Close': '关闭', 'On': '是', 'Off': '否', 'String': '文字', 'Format': '格式', 'Properties': '属性'
};

/** Kinds of elements as the head of the panel names them, such as "Timer Boundary Event". */
const HEADS = {
  'Process': '流程', 'Collaboration': '协作', 'Participant': '泳池', 'Pool': '泳池', 'Lane': '泳道', 'Group': '分组', 'Text Annotation': '注释', 'Association': '关联', 'Message Flow': '消息流',
  'Sequence Flow': '顺序流', 'Default Flow': '默认路线', 'Conditional Flow': '条件顺序流', 'Data Object Reference': '数据对象', 'Data Store Reference': '数据存储', 'Data Input Association': '数据输入', 'Data Output Association': '数据输出',
  'Empty Pool': '泳池（折叠）', 'Expanded Pool': '泳池', 'Sub Process': '子流程', 'Event Sub Process': '事件子流程', 'Ad Hoc Sub Process': '即席子流程', 'Expanded Sub Process': '子流程', 'Collapsed Sub Process': '子流程（折叠）', 'Collapsed Pool': '泳池（折叠）', 'Collapsed Ad Hoc Sub Process': '即席子流程（折叠）', 'Transaction': '事务子流程', 'Subprocess': '子流程', 'Sub-Process': '子流程',
  'Call Activity': '调用活动', 'Business Rule Task': '业务规则任务', 'Event Based Gateway': '事件网关', 'Multiple selected': '多个元素', 'Label': '标签', 'Default': '默认', 'Exclusive Gateway': '排他网关'
};

const community_ = Object.fromEntries(Object.entries(community).filter(([, value]) => value));
const OWN = { ...EVENTS, ...DIAGRAM, ...PANEL, ...HEADS };
const TABLE = { ...community_, ...OWN };
const LOWER = Object.fromEntries(Object.entries(TABLE).map(([key, value]) => [plainly(key), value]));

/** A text without what the same words differ in between libraries: case, and the sign between their parts. */
function plainly(text) {
  return text.toLowerCase().replace(/[-_\s]+/g, ' ').trim();
}

/** What every library of the modeler asks: a text with {places} in the page's language. */
export function translate(template, replacements = {}) {
  const fill = (text) => text.replace(/\{([^}]+)\}/g, (place, name) => (name in replacements ? replacements[name] : place));
  if (english || typeof template !== 'string' || !/[A-Za-z]{2}/.test(template)) return fill(String(template ?? ''));
  const found = TABLE[template] ?? LOWER[plainly(template)];
  if (found === undefined) {
    missing.add(template);
    return fill(template);
  }
  return fill(found);
}

/** The module that says it to a modeler. */
export const translateModule = { translate: ['value', translate] };
export default translateModule;
