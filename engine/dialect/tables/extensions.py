"""The table of extension attributes and elements: read here, harmless, or refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
DIALECT: dict[str, str] = {
    CAMUNDA: "camunda",
    "http://operaton.org/schema/1.0/bpmn": "operaton",
    "http://flowable.org/bpmn": "flowable",
    "http://activiti.org/bpmn": "activiti",
}
"""Namespaces read as the Camunda 7 dialect → how authors write them.

Operaton carries it on under its own name; Activiti and Flowable share its origin and what is read here.
"""

Meaning = Literal["read", "harmless", "ignored", "listener", "refused"]

_USER = frozenset({"userTask"})
_FORM = frozenset({"userTask", "startEvent"})
_CALLS_CODE = frozenset(
    {"serviceTask", "sendTask", "scriptTask", "businessRuleTask", "messageEventDefinition"}
)
_RULE = frozenset({"businessRuleTask"})
_CALL = frozenset({"callActivity"})
_LOOP = frozenset({"multiInstanceLoopCharacteristics"})


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How one extension is treated. `on`: the elements it has a meaning on (empty: any)."""

    meaning: Meaning
    on: frozenset[str] = frozenset()
    en: str = ""
    zh: str = ""


def _refused(en: str, zh: str) -> ExtensionRule:
    return ExtensionRule("refused", frozenset(), en, zh)


_OPERATION = ExtensionRule("read", _CALLS_CODE)
_LISTENER = ExtensionRule("listener")
_ASYNC = ExtensionRule(
    "ignored",
    frozenset(),
    "What is done is kept even when the next activity fails; nothing has to be asked for",
    "即使后面的活动失败，已完成的动作也会保留，无需另行设置",
)
_JOB = _refused(
    "Priorities and retries of jobs are set for the whole engine, not in a diagram. Remove it",
    "作业的优先级和重试由引擎统一设置，不在流程图中设置，请删除",
)
_GENERATED_FORM = _refused(
    "Generated forms are not supported: draw a form and name it with the form key",
    "不支持内嵌表单字段：请画一个表单并用表单键引用",
)
_VARIABLE = _refused(
    "Catching the code or text of an error into a variable is not supported: decide by the boundary event",
    "不支持把错误代码或文本写入变量：请用边界事件区分",
)
_DYNAMIC = _refused(
    "Code that computes this is not supported: name it literally", "不支持用代码计算：请直接写出名称"
)
_CASE = _refused("CMMN cases and tenants are not supported", "不支持 CMMN 案例和租户")
_HARMLESS = ExtensionRule("harmless")

ATTRIBUTES: dict[str, ExtensionRule] = {
    "assignee": ExtensionRule("read", _USER),
    "candidateUsers": ExtensionRule("read", _USER),
    "candidateGroups": ExtensionRule("read", _USER),
    "priority": ExtensionRule("read", _USER),
    "dueDate": ExtensionRule("read", _USER),
    "followUpDate": ExtensionRule("read", _USER),
    "formKey": ExtensionRule("read", _FORM),
    "formRef": ExtensionRule("read", _FORM),
    "formRefBinding": ExtensionRule("read", _FORM),
    "formRefVersion": ExtensionRule("read", _FORM),
    "topic": ExtensionRule("read", _CALLS_CODE),
    "type": ExtensionRule("read", _CALLS_CODE),
    "decisionRef": ExtensionRule("read", _RULE),
    "decisionRefBinding": ExtensionRule("read", _RULE),
    "decisionRefVersion": ExtensionRule("read", _RULE),
    "decisionRefVersionTag": ExtensionRule("read", _RULE),
    "mapDecisionResult": ExtensionRule("read", _RULE),
    "resultVariable": ExtensionRule("read", frozenset({"businessRuleTask", "scriptTask"})),
    "calledElementBinding": ExtensionRule("read", _CALL),
    "calledElementVersion": ExtensionRule("read", _CALL),
    "calledElementVersionTag": ExtensionRule("read", _CALL),
    "collection": ExtensionRule("read", _LOOP),
    "elementVariable": ExtensionRule("read", _LOOP),
    "versionTag": ExtensionRule("read", frozenset({"process"})),
    "historyTimeToLive": _HARMLESS,
    "isStartableInTasklist": _HARMLESS,
    "exclusive": _HARMLESS,
    "diagramRelationId": _HARMLESS,
    "modelerTemplate": _HARMLESS,
    "modelerTemplateVersion": _HARMLESS,
    "modelerTemplateIcon": _HARMLESS,
    "initiator": ExtensionRule(
        "ignored",
        frozenset(),
        "Who started an instance is recorded in its history; the variable is not set",
        "由谁启动已记录在历史中；不会设置该变量",
    ),
    "candidateStarterGroups": ExtensionRule(
        "ignored", frozenset(), "Who may start is decided by permissions", "谁可以启动由权限决定"
    ),
    "candidateStarterUsers": ExtensionRule(
        "ignored", frozenset(), "Who may start is decided by permissions", "谁可以启动由权限决定"
    ),
    "class": _OPERATION,
    "delegateExpression": _OPERATION,
    "expression": _OPERATION,
    "asyncBefore": _ASYNC,
    "asyncAfter": _ASYNC,
    "async": _ASYNC,
    "jobPriority": _JOB,
    "taskPriority": _JOB,
    "formHandlerClass": _DYNAMIC,
    "errorCodeVariable": _VARIABLE,
    "errorMessageVariable": _VARIABLE,
    "escalationCodeVariable": _VARIABLE,
    "variableMappingClass": _DYNAMIC,
    "variableMappingDelegateExpression": _DYNAMIC,
    "resource": _refused(
        "External scripts are not supported: write the FEEL in the diagram", "不支持外部脚本：请在图中写 FEEL"
    ),
    "caseRef": _CASE,
    "caseBinding": _CASE,
    "caseVersion": _CASE,
    "caseTenantId": _CASE,
    "calledElementTenantId": _CASE,
    "decisionRefTenantId": _CASE,
    "owner": ExtensionRule(
        "ignored", frozenset(), "A task has an assignee and candidates", "任务只有办理人和候选人"
    ),
    "formFieldValidation": ExtensionRule(
        "ignored", frozenset(), "Every submission is checked against its form", "每次提交都按表单校验"
    ),
    "calledElementType": _HARMLESS,
    "skipExpression": _refused("Skipping is not supported: draw a gateway", "不支持跳过：请画一个网关"),
    "elementIndexVariable": _refused(
        "The index of a loop has no variable of its own here", "这里没有循环序号变量"
    ),
    "businessCalendarName": _refused(
        'Write the due date in FEEL, such as =due("R01.audit")',
        '请用 FEEL 写到期时间，例如 =due("R01.audit")',
    ),
    "terminateAll": _refused(
        "Ending the callers too is not supported: end with an error", "不支持连同调用者一起终止：请以错误结束"
    ),
    "correlationKey": _refused("Messages are correlated by the business key", "消息按业务键关联"),
    "triggerable": _refused("Use a message receive task behind it", "请在其后使用接收消息的任务"),
    "variableName": _refused("Conditional events are not supported", "不支持条件事件"),
    "variableEvents": _refused("Conditional events are not supported", "不支持条件事件"),
}
"""Attributes of the dialect, by local name."""

_FALSE_IS_HARMLESS = frozenset({"asyncBefore", "asyncAfter", "async", "terminateAll", "triggerable"})

ELEMENTS: dict[str, ExtensionRule] = {
    "properties": ExtensionRule("read"),
    "inputOutput": ExtensionRule("read"),
    "in": ExtensionRule("read", _CALL),
    "out": ExtensionRule("read", _CALL),
    "formData": _GENERATED_FORM,
    "formProperty": _GENERATED_FORM,
    "executionListener": _LISTENER,
    "taskListener": _LISTENER,
    "eventListener": _LISTENER,
    "connector": _OPERATION,
    "field": _OPERATION,
    "failedJobRetryTimeCycle": _JOB,
    "errorEventDefinition": _refused(
        "Errors by expression are not supported: let the operation fail with an error code",
        "不支持按表达式抛错：请让操作返回错误代码",
    ),
    "potentialStarter": ExtensionRule(
        "ignored", frozenset(), "Who may start is decided by permissions", "谁可以启动由权限决定"
    ),
}
"""Direct children of extensionElements in the dialect's namespace, by local name."""


def attribute_rule(name: str, value: str) -> ExtensionRule | None:
    """Return the rule of a dialect attribute, or None when the attribute is unknown."""
    if name in _FALSE_IS_HARMLESS and value.strip().lower() == "false":
        return _HARMLESS
    return ATTRIBUTES.get(name)


@dataclass(frozen=True, slots=True)
class ForeignDialect:
    """Another engine's dialect: `behaviour` are the local names that would change what the engine does."""

    name: str
    behaviour: frozenset[str]
    advice_en: str = "say it in the Camunda 7 dialect"
    advice_zh: str = "请用 Camunda 7 方言表达"


FOREIGN: dict[str, ForeignDialect] = {
    "http://camunda.org/schema/zeebe/1.0": ForeignDialect(
        "Camunda 8 (Zeebe)",
        frozenset(
            {
                "taskDefinition", "ioMapping", "assignmentDefinition", "formDefinition", "calledElement",
                "calledDecision", "script", "loopCharacteristics", "subscription", "taskSchedule",
                "priorityDefinition", "taskHeaders", "executionListeners", "taskListeners", "userTask",
                "publishMessage", "bindingType", "versionTag", "adHoc", "conditionalFilter", "properties",
            }
        ),
    ),
    "http://spiffworkflow.org/bpmn/schema/1.0/core": ForeignDialect(
        "SpiffWorkflow",
        frozenset(
            {
                "preScript", "postScript", "serviceTaskOperator", "calledDecisionId", "messagePayload",
                "messageVariable", "processVariableCorrelation", "payloadExpression", "variableName",
                "properties", "allowGuest", "guestConfirmation", "isOutputSynced", "startMessageRef",
            }
        ),
    ),
}  # fmt: skip
"""Namespaces whose behaviour is known but not (yet) read."""

PRESENTATION = (
    "http://www.omg.org/",
    "https://www.omg.org/",
    "http://bpmn.io/",
    "http://camunda.org/schema/modeler/",
    "http://www.w3.org/",
    "http://flowable.org/design",
    "http://activiti.com/modeler",
)
"""Namespaces (by prefix) that draw, colour or type: nothing to report."""
