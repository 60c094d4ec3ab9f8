"""The rows of Camunda 7 and of what grew from it: Operaton, CIB seven, Activiti, Flowable."""

from __future__ import annotations

from engine.dialect.tables.extensions import (
    Dialect,
    ExtensionRule,
    binding,
    harmless,
    ignored,
    listener,
    read,
    refused,
)

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"

_WORKS = ("serviceTask", "sendTask", "scriptTask", "businessRuleTask", "messageEventDefinition")
_RESULT = ("businessRuleTask", "scriptTask", "serviceTask", "sendTask")
_LOOP = "multiInstanceLoopCharacteristics"
_FALSE = ("false", "")

_ASYNC = ignored(
    "What is done is kept even when the next activity fails; nothing has to be asked for",
    "即使后面的活动失败，已完成的动作也会保留，无需另行设置",
    _FALSE,
)
_JOB = ignored(
    "Priorities and retries of jobs are set for the whole engine", "作业的优先级和重试由引擎统一设置"
)
_STARTER = ignored("Who may start is decided by permissions", "谁可以启动由权限决定")
_VARIABLE = refused(
    "Catching the code or text of an error into a variable is not supported: decide by the boundary event",
    "不支持把错误代码或文本写入变量：请用边界事件区分",
)
_CONDITION = ignored(
    "A condition is looked at whenever anything has changed, and counts when it becomes true",
    "只要有变化就会检查条件，条件变为真时生效",
)
_DYNAMIC = ExtensionRule(
    "listener",
    "Code that computes what is passed: write the mappings, and bind it to nothing",
    "用代码计算传递的内容：请直接写出映射，并绑定为“无”",
    frozenset({"callActivity"}),
)
_CASE = refused("CMMN cases are not supported: call a process", "不支持 CMMN 案例：请调用流程")
_TENANT = ignored("An installation has no tenants", "系统没有租户")
_CODE = binding("Code of another engine: bound to an operation", "其他引擎的代码：绑定到操作", *_WORKS)
_CODE_PART = ignored(
    "It belongs to the code; the operation that is bound decides for itself",
    "它属于代码；由所绑定的操作自行决定",
)
_EVENT_REGISTRY = ExtensionRule(
    "refused",
    "Events of a registry are not received here: use a message",
    "这里不接收事件注册表的事件：请改用消息",
    frozenset({"startEvent", "boundaryEvent", "intermediateCatchEvent", "receiveTask"}),
    elsewhere=_CODE_PART,
)

ATTRIBUTES: dict[str, ExtensionRule] = {
    "assignee": read("Who does the task", "办理人", "userTask"),
    "candidateUsers": read("Who may do the task", "候选人", "userTask"),
    "candidateGroups": read("Which groups may do the task", "候选组", "userTask"),
    "priority": read("The task's priority", "任务优先级", "userTask"),
    "dueDate": read("When the task is due", "到期时间", "userTask"),
    "followUpDate": read("When to look at the task again", "跟进时间", "userTask"),
    "formKey": read("The form of this key; a page of another application is left out", "该键的表单；其他应用的页面不显示",
                    "userTask", "startEvent"),
    "formRef": read("The form of this id", "该 id 的表单", "userTask", "startEvent"),
    "formRefBinding": read("Which version of the form", "表单的版本方式", "userTask", "startEvent"),
    "formRefVersion": read("Which version of the form", "表单的版本", "userTask", "startEvent"),
    "topic": binding("The operation of this name, or one bound to it", "该名称的操作，或为其绑定的操作", *_WORKS),
    "type": binding("With a topic, the operation of its name; any other kind is bound", "有 topic 时为其同名操作；其他类型需绑定",
                    *_WORKS),
    "class": _CODE,
    "delegateExpression": _CODE,
    "expression": _CODE,
    "decisionRef": read("The decision that is evaluated", "执行的决策", "businessRuleTask"),
    "decisionRefBinding": read("Which version of the decision", "决策的版本方式", "businessRuleTask"),
    "decisionRefVersion": read("Which version of the decision", "决策的版本", "businessRuleTask"),
    "decisionRefVersionTag": read("Which version of the decision", "决策的版本标签", "businessRuleTask"),
    "mapDecisionResult": read("How the result is wrapped; without it, as the decision gives it", "结果的包装方式；不写时保持决策给出的结构",
                              "businessRuleTask"),
    "resultVariable": read("Where a result goes", "结果写入的变量", *_RESULT),
    "resultVariableName": read("Where a result goes", "结果写入的变量", *_RESULT),
    "calledElementBinding": read("Which version of the callee", "被调用流程的版本方式", "callActivity"),
    "calledElementVersion": read("Which version of the callee", "被调用流程的版本", "callActivity"),
    "calledElementVersionTag": read("Which version of the callee", "被调用流程的版本标签", "callActivity"),
    "collection": read("Repeated for each item", "对每一项重复", _LOOP),
    "elementVariable": read("The name of the item", "每一项的变量名", _LOOP),
    "elementIndexVariable": read("The name of the item", "每一项的变量名", _LOOP),
    "versionTag": read("The process's version tag", "流程的版本标签", "process"),
    "historyTimeToLive": harmless(),
    "isStartableInTasklist": harmless(),
    "exclusive": harmless(),
    "diagramRelationId": harmless(),
    "modelerTemplate": harmless(),
    "modelerTemplateVersion": harmless(),
    "modelerTemplateIcon": harmless(),
    "calledElementType": harmless(),
    "category": harmless(),
    "isEagerExecutionFetching": harmless(),
    "initiator": read("Gets the login of whoever starts", "写入启动者的登录名", "startEvent"),
    "candidateStarterGroups": _STARTER,
    "candidateStarterUsers": _STARTER,
    "asyncBefore": _ASYNC,
    "asyncAfter": _ASYNC,
    "async": _ASYNC,
    "asyncLeave": _ASYNC,
    "asyncComplete": _ASYNC,
    "completeAsync": _ASYNC,
    "jobPriority": _JOB,
    "taskPriority": _JOB,
    "jobCategory": _JOB,
    "jobTopic": _JOB,
    "formHandlerClass": ignored("Code does not make forms here", "这里不用代码生成表单"),
    "errorCodeVariable": read("Gets the code of the error", "写入错误代码", "errorEventDefinition"),
    "errorMessageVariable": read("Gets the text of the error", "写入错误文本", "errorEventDefinition"),
    "escalationCodeVariable": read("Gets the code of the escalation", "写入升级代码", "escalationEventDefinition"),
    "variableMappingClass": _DYNAMIC,
    "variableMappingDelegateExpression": _DYNAMIC,
    "resource": refused(
        "External scripts are not supported: write the FEEL in the diagram", "不支持外部脚本：请在图中写 FEEL"
    ),
    "caseRef": _CASE,
    "caseBinding": _CASE,
    "caseVersion": _CASE,
    "caseTenantId": _TENANT,
    "calledElementTenantId": _TENANT,
    "decisionRefTenantId": _TENANT,
    "fallbackToDefaultTenant": _TENANT,
    "sameDeployment": ignored("The binding says which version is called", "由绑定方式决定调用的版本"),
    "owner": ignored("A task has an assignee and candidates", "任务只有办理人和候选人"),
    "formFieldValidation": ignored("Every submission is checked against its form", "每次提交都按表单校验"),
    "skipExpression": ignored(
        "It counts only where skipping is switched on, which it never is here", "只有开启跳过时才起作用，这里从不开启", ("",)
    ),
    "businessCalendarName": ignored(
        'Days are counted as written; for working days write FEEL, such as =due("R01.audit")',
        '按所写的时间计算；如需工作日请用 FEEL，例如 =due("R01.audit")',
    ),
    "terminateAll": read("Ends the callers too", "连同调用者一起终止", "terminateEventDefinition", "endEvent"),
    "correlationKey": ignored("Messages are correlated by the business key", "消息按业务键关联"),
    "triggerable": refused("Use a message receive task behind it", "请在其后使用接收消息的任务", _FALSE),
    "variableName": _CONDITION,
    "variableEvents": _CONDITION,
    "messageExpression": refused("Name the message literally", "请直接写出消息名称"),
    "signalExpression": refused("Name the signal literally", "请直接写出信号名称"),
    "scope": ignored("A signal reaches every waiting instance", "信号会到达所有等待的实例", ("global",)),
    "errorVariableName": _VARIABLE,
    "errorVariableTransient": ignored("It belongs to the variable of the error", "它属于错误变量"),
    "errorVariableLocalScope": ignored("It belongs to the variable of the error", "它属于错误变量"),
    "inheritVariables": read("Passes every variable to the callee", "把全部变量传给被调用流程", "callActivity"),
    "inheritBusinessKey": harmless("A callee always keeps its caller's business key", "被调用流程总是使用调用者的业务键"),
    "businessKey": ignored("A callee keeps its caller's business key", "被调用流程使用调用者的业务键"),
    "processInstanceName": ignored("An instance is named by its business key", "实例以业务键命名"),
    "processInstanceIdVariableName": ignored("Ids of instances are no variables here", "实例 id 不作为变量"),
    "taskIdVariableName": ignored("Ids of tasks are no variables here", "任务 id 不作为变量"),
    "taskCompleterVariableName": ignored("Who completed a task is recorded in its history", "由谁完成已记录在历史中"),
    "useLocalScopeForResultVariable": ignored("A result goes to the scope it is written in", "结果写入所在的作用域", _FALSE),
    "storeResultVariableAsTransient": ignored("Every variable is kept", "变量都会保存", _FALSE),
    "autoStoreVariables": harmless(),
    "includeInHistory": harmless(),
    "noWaitStatesAsyncLeave": harmless(),
    "actExclusive": harmless(),
}  # fmt: skip
"""Attributes, by local name."""

ELEMENTS: dict[str, ExtensionRule] = {
    "properties": read("Properties of the element", "元素的属性"),
    "inputOutput": read("What goes in and comes out", "输入输出映射"),
    "in": read("What the callee gets", "传入被调用流程的变量", "callActivity"),
    "out": read("What the callee gives back", "被调用流程返回的变量", "callActivity"),
    "formData": read("Becomes a form of this system", "转换为本系统的表单", "userTask", "startEvent"),
    "formProperty": read(
        "Becomes a field of a form of this system", "转换为本系统表单的字段", "userTask", "startEvent"
    ),
    "executionListener": listener(),
    "taskListener": listener(),
    "eventListener": listener(),
    "connector": _CODE,
    "field": _CODE_PART,
    "mapException": _CODE_PART,
    "errorEventDefinition": _CODE_PART,
    "failedJobRetryTimeCycle": _JOB,
    "potentialStarter": _STARTER,
    "customResource": ignored("A task has an assignee and candidates", "任务只有办理人和候选人"),
    "localization": harmless(),
    "variableAggregation": read(
        "Collects what each item gives into a list", "把每一项的结果收集成列表", _LOOP
    ),
    "collection": refused("Write the collection as an expression", "请把集合写成表达式"),
    "eventType": _EVENT_REGISTRY,
    "channelKey": _EVENT_REGISTRY,
    "systemChannel": _CODE_PART,
    "triggerEventType": _EVENT_REGISTRY,
    "eventInParameter": _CODE_PART,
    "eventOutParameter": _CODE_PART,
    "eventCorrelationParameter": _CODE_PART,
    "eventCorrelationParameters": _CODE_PART,
    "httpRequestHandler": _CODE_PART,
    "httpResponseHandler": _CODE_PART,
    "transactionDependency": harmless(),
    "version": harmless(),
    "page": harmless(),
}
"""Direct children of extensionElements, by local name."""

FAMILY: dict[str, Dialect] = {
    address: Dialect(prefix, name, ATTRIBUTES, ELEMENTS)
    for address, prefix, name in (
        (CAMUNDA, "camunda", "Camunda 7"),
        ("http://operaton.org/schema/1.0/bpmn", "operaton", "Operaton"),
        ("http://cibseven.org/schema/1.0/bpmn", "cibseven", "CIB seven"),
        ("http://flowable.org/bpmn", "flowable", "Flowable"),
        ("http://activiti.org/bpmn", "activiti", "Activiti"),
        ("http://activiti.org/bpmn-extensions", "activiti", "Activiti"),
        ("http://www.camunda.com/fox", "fox", "camunda fox"),
    )
}
"""Namespace → dialect, for the namespaces that are read directly."""
