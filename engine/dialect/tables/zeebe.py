"""The rows of Camunda 8 (Zeebe)."""

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

ZEEBE = "http://camunda.org/schema/zeebe/1.0"

ATTRIBUTES: dict[str, ExtensionRule] = {
    "modelerTemplate": harmless(),
    "modelerTemplateVersion": harmless(),
    "modelerTemplateIcon": harmless(),
    "retryCounter": harmless(),
}

ELEMENTS: dict[str, ExtensionRule] = {
    "taskDefinition": binding("The operation of this name, or one bound to it", "该名称的操作，或为其绑定的操作"),
    "ioMapping": read("What goes in and comes out", "输入输出映射"),
    "taskHeaders": read('Properties of the element, named "header.…"', "元素的属性，名为 header.…"),
    "properties": read("Properties of the element", "元素的属性"),
    "assignmentDefinition": read("Who does or may do the task", "办理人和候选人", "userTask"),
    "taskSchedule": read("When the task is due", "到期和跟进时间", "userTask"),
    "priorityDefinition": read("The task's priority", "任务优先级", "userTask"),
    "formDefinition": read("The task's form; a page of another application is left out", "任务的表单；其他应用的页面不显示",
                           "userTask", "startEvent"),
    "userTaskForm": read("A form kept in the diagram", "保存在图中的表单", "process"),
    "userTask": harmless("Every user task is managed here", "用户任务都由本系统管理"),
    "calledElement": read("The process that is called", "被调用的流程", "callActivity"),
    "calledDecision": read("The decision that is evaluated", "执行的决策", "businessRuleTask"),
    "script": read("The FEEL of a script task", "脚本任务的 FEEL", "scriptTask"),
    "loopCharacteristics": read("Repeated for each item", "对每一项重复", "multiInstanceLoopCharacteristics"),
    "versionTag": read("The process's version tag", "流程的版本标签", "process"),
    "executionListeners": listener(),
    "taskListeners": listener(),
    "subscription": ignored("Messages are correlated by the business key", "消息按业务键关联"),
    "publishMessage": ignored("Messages are correlated by the business key and kept for the time set here",
                              "消息按业务键关联，保存时间由本系统设置"),
    "conditionalFilter": ignored("A condition is looked at whenever something has changed", "数据变化时都会检查条件"),
    "linkedResources": ignored("It belongs to the worker; the operation decides for itself", "它属于工作者；由操作自行决定"),
    "jobPriorityDefinition": ignored("Priorities of jobs are set for the whole engine", "作业的优先级由引擎统一设置"),
    "adHoc": refused("Draw the order of the activities", "请画出活动的先后"),
}  # fmt: skip

DIALECT = Dialect("zeebe", "Camunda 8 (Zeebe)", ATTRIBUTES, ELEMENTS)
