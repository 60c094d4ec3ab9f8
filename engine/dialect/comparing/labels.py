"""What kinds of things and their attributes are called, in English and Chinese."""

from __future__ import annotations

from engine.dialect.tables.elements import FLOW_NODES

KINDS: dict[str, tuple[str, str]] = {
    **{name: (rule.en, rule.zh) for name, rule in FLOW_NODES.items()},
    "sequenceFlow": ("sequence flow", "顺序流"),
    "messageFlow": ("message flow", "消息流"),
    "association": ("association", "关联"),
    "participant": ("pool", "池"),
    "lane": ("lane", "泳道"),
    "laneSet": ("set of lanes", "泳道组"),
    "textAnnotation": ("annotation", "文本注释"),
    "group": ("group", "分组"),
    "dataObject": ("data object", "数据对象"),
    "dataObjectReference": ("data object", "数据对象"),
    "dataStoreReference": ("data store", "数据存储"),
    "dataStore": ("data store", "数据存储"),
    "process": ("process", "流程"),
    "collaboration": ("collaboration", "协作"),
    "message": ("message", "消息"),
    "signal": ("signal", "信号"),
    "error": ("error", "错误"),
    "escalation": ("escalation", "升级"),
    "category": ("category", "类别"),
    "itemDefinition": ("item definition", "数据类型"),
    "definitions": ("file", "文件"),
    "form": ("form", "表单"),
    "field": ("field", "字段"),
    "decision": ("decision", "决策"),
    "inputData": ("input data", "输入数据"),
    "businessKnowledgeModel": ("business knowledge model", "业务知识模型"),
    "knowledgeSource": ("knowledge source", "知识来源"),
    "decisionService": ("decision service", "决策服务"),
    "file": ("file", "文件"),
}
"""Kind → what it is called; kinds that are not here are called as they are written."""

PATHS: dict[str, tuple[str, str]] = {
    "name": ("name", "名称"),
    "documentation": ("documentation", "说明"),
    "description": ("description", "说明"),
    "conditionExpression": ("condition", "条件"),
    "condition language": ("language of the condition", "条件的语言"),
    "sourceRef": ("from", "起点"),
    "targetRef": ("to", "终点"),
    "default": ("default flow", "默认流"),
    "attachedToRef": ("attached to", "附着于"),
    "cancelActivity": ("interrupts", "中断"),
    "isInterrupting": ("interrupts", "中断"),
    "triggeredByEvent": ("event sub-process", "事件子流程"),
    "isExecutable": ("executable", "可执行"),
    "isForCompensation": ("for compensation", "用于补偿"),
    "calledElement": ("called process", "被调用流程"),
    "processRef": ("process", "流程"),
    "lane": ("lane", "泳道"),
    "in": ("inside", "所在"),
    "event": ("event", "事件"),
    "messageRef": ("message", "消息"),
    "signalRef": ("signal", "信号"),
    "errorRef": ("error", "错误"),
    "escalationRef": ("escalation", "升级"),
    "errorCode": ("error code", "错误代码"),
    "escalationCode": ("escalation code", "升级代码"),
    "timeDuration": ("timer duration", "定时时长"),
    "timeDate": ("timer date", "定时日期"),
    "timeCycle": ("timer cycle", "定时周期"),
    "condition": ("condition", "条件"),
    "script": ("script", "脚本"),
    "scriptFormat": ("script language", "脚本语言"),
    "text": ("text", "文字"),
    "gatewayDirection": ("direction", "方向"),
    "loop": ("repeated", "循环方式"),
    "loop loopCardinality": ("how many times", "循环次数"),
    "loop completionCondition": ("repeated until", "完成条件"),
    "loop camunda:collection": ("collection", "循环集合"),
    "loop camunda:elementVariable": ("item variable", "循环变量"),
    "loop loopCondition": ("repeated while", "循环条件"),
    "camunda:candidateGroups": ("candidate groups", "候选组"),
    "camunda:candidateUsers": ("candidate users", "候选人"),
    "camunda:assignee": ("assignee", "办理人"),
    "camunda:formKey": ("form", "表单"),
    "camunda:formRef": ("form", "表单"),
    "camunda:formRefBinding": ("version of the form", "表单版本方式"),
    "camunda:formRefVersion": ("version of the form", "表单版本"),
    "camunda:priority": ("priority", "优先级"),
    "camunda:dueDate": ("due", "到期"),
    "camunda:followUpDate": ("follow up", "跟进时间"),
    "camunda:decisionRef": ("decision table", "决策表"),
    "camunda:decisionRefBinding": ("version of the decision", "决策版本方式"),
    "camunda:decisionRefVersion": ("version of the decision", "决策版本"),
    "camunda:mapDecisionResult": ("shape of the result", "结果形式"),
    "camunda:resultVariable": ("result variable", "结果变量"),
    "camunda:calledElementBinding": ("version of the called process", "被调用流程版本方式"),
    "camunda:calledElementVersion": ("version of the called process", "被调用流程版本"),
    "camunda:calledElementVersionTag": ("version tag of the called process", "被调用流程版本标签"),
    "camunda:topic": ("operation", "操作"),
    "camunda:type": ("kind of implementation", "实现方式"),
    "camunda:class": ("Java class", "Java 类"),
    "camunda:expression": ("expression", "表达式"),
    "camunda:delegateExpression": ("delegate expression", "委托表达式"),
    "camunda:initiator": ("variable of who started it", "发起人变量"),
    "camunda:versionTag": ("version tag", "版本标签"),
    "camunda:historyTimeToLive": ("how long history is kept", "历史保留时间"),
    "camunda:asyncBefore": ("asynchronous before", "之前异步"),
    "camunda:asyncAfter": ("asynchronous after", "之后异步"),
    "camunda:exclusive": ("exclusive job", "独占作业"),
    "position": ("position", "位置"),
    "size": ("size", "大小"),
    "waypoints": ("course", "走线"),
    "label position": ("position of the label", "标签位置"),
    "colour": ("colour", "颜色"),
    "expanded": ("expanded", "展开"),
    "horizontal": ("horizontal", "横向"),
    "order": ("order", "顺序"),
    # decisions
    "hitPolicy": ("hit policy", "命中策略"),
    "aggregation": ("aggregation", "汇总方式"),
    "outputLabel": ("label of the output", "输出标签"),
    "expression": ("expression", "表达式"),
    "expression language": ("language of the expression", "表达式语言"),
    "variable": ("variable", "变量"),
    "typeRef": ("type", "类型"),
    "question": ("question", "问题"),
    "allowedAnswers": ("allowed answers", "允许的答案"),
    "logic": ("logic", "逻辑"),
    "annotation": ("annotation", "注释"),
    # forms
    "key": ("key", "键"),
    "type": ("kind", "类型"),
    "label": ("label", "标签"),
    "values": ("options", "选项"),
    "valuesExpression": ("options", "选项表达式"),
    "valuesKey": ("options from", "选项来源"),
    "defaultValue": ("default", "默认值"),
    "validate.required": ("required", "必填"),
    "validate.min": ("least value", "最小值"),
    "validate.max": ("largest value", "最大值"),
    "validate.minLength": ("least length", "最短长度"),
    "validate.maxLength": ("largest length", "最长长度"),
    "validate.pattern": ("pattern", "格式"),
    "validate.validationType": ("kind of check", "校验类型"),
    "conditional.hide": ("hidden if", "隐藏条件"),
    "disabled": ("disabled", "禁用"),
    "readonly": ("read-only", "只读"),
    "multiple": ("several", "多选"),
    "subtype": ("kind of date", "日期类型"),
}  # fmt: skip
"""Path of an attribute → what it is called."""

PROPERTIES: dict[str, tuple[str, str]] = {
    "sla.policy": ("clock policy", "时限策略"),
    "sla.duration": ("limit", "时限"),
    "sla.warnRatio": ("warn ratio", "预警比例"),
    "sla.warnAt": ("warnings", "预警点"),
    "sla.calendar": ("calendar", "工作日历"),
    "sla.escalateTo": ("escalated to", "升级对象"),
    "form.start": ("start form", "启动表单"),
    "form.start.check": ("table that checks the start form", "启动表单校验表"),
    "form.check": ("table that checks the answers", "表单校验表"),
    "message.form": ("form of the message", "消息表单"),
    "message.from": ("who may send the message", "消息发送方"),
    "message.check": ("table that checks the message", "消息校验表"),
}
"""Name of a property → what it is called."""

_FIRST: dict[str, tuple[str, str]] = {
    "property": ("property", "属性"),
    "input": ("input", "输入"),
    "output": ("output", "输出"),
    "listener": ("listener", "监听器"),
    "formField": ("form field", "表单字段"),
    "field": ("field", "字段"),
    "loop": ("repeated:", "循环"),
    "annotation": ("annotation", "注释列"),
    "requires": ("requires", "依赖"),
    "properties": ("property", "属性"),
    "passes": ("passes in", "传入"),
    "returns": ("passes out", "传出"),
}
"""First word of a path → what it is called; the rest is a name of the author's."""


def kind_label(kind: str) -> tuple[str, str]:
    """Return what a kind of thing is called, in English and Chinese."""
    return KINDS.get(kind, (kind, kind))


def path_label(path: str) -> tuple[str, str]:
    """Return what an attribute is called, in English and Chinese."""
    if path in PATHS:
        return PATHS[path]
    first, _, rest = path.partition(" ")
    if first == "property" and rest in PROPERTIES:
        return PROPERTIES[rest]
    if rest and first in _FIRST:
        en, zh = _FIRST[first]
        inner_en, inner_zh = PATHS.get(rest, (rest, rest))
        return f"{en} {inner_en}", f"{zh} {inner_zh}"
    return path, path
