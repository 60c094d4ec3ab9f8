"""The rows of SpiffWorkflow and SpiffArena."""

from __future__ import annotations

from engine.dialect.tables.extensions import (
    Dialect,
    ExtensionRule,
    binding,
    harmless,
    ignored,
    listener,
    read,
)

SPIFFWORKFLOW = "http://spiffworkflow.org/bpmn/schema/1.0/core"

_MESSAGE = ignored("Messages are correlated by the business key", "消息按业务键关联")

ELEMENTS: dict[str, ExtensionRule] = {
    "serviceTaskOperator": binding("The operation of this name, or one bound to it", "该名称的操作，或为其绑定的操作"),
    "calledDecisionId": read("The decision that is evaluated", "执行的决策", "businessRuleTask"),
    "properties": read("Properties of the element; JSON Schema forms are not shown", "元素的属性；JSON Schema 表单不显示"),
    "instructionsForEndUser": read("Shown with the task as documentation", "作为任务说明显示"),
    "preScript": listener(),
    "postScript": listener(),
    "unitTests": harmless(),
    "category": harmless(),
    "isOutputSynced": harmless(),
    "messagePayload": _MESSAGE,
    "messageVariable": _MESSAGE,
    "payloadExpression": _MESSAGE,
    "variableName": _MESSAGE,
    "processVariableCorrelation": _MESSAGE,
    "startMessageRef": _MESSAGE,
    "allowGuest": ignored("Who may do a task is decided by permissions", "谁可以办理由权限决定"),
    "guestConfirmation": ignored("Who may do a task is decided by permissions", "谁可以办理由权限决定"),
    "signalButtonLabel": ignored("A signal is sent with its own verb", "信号用专门的操作发送"),
    "taskMetadataValues": ignored("Metadata of tasks are their properties", "任务的元数据是其属性"),
    "scriptsOnInstances": ignored("Scripts run once for each item", "脚本对每一项执行一次"),
}  # fmt: skip

DIALECT = Dialect("spiffworkflow", "SpiffWorkflow", ELEMENTS, ELEMENTS)
