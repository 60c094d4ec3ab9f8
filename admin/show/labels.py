"""The names pages give to stored words, Chinese first. The glossary (`docs/glossary.md`) decides the words."""

from __future__ import annotations

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "task_state": {
        "created": ("待认领", "unclaimed"),
        "assigned": ("办理中", "in progress"),
        "delegated": ("已委托", "delegated"),
        "completed": ("已完成", "completed"),
        "cancelled": ("已取消", "cancelled"),
    },
    "instance_status": {
        "active": ("办理中", "active"),
        "suspended": ("已挂起", "suspended"),
        "completed": ("已归档", "completed"),
        "cancelled": ("已撤销", "cancelled"),
        "terminated": ("已终止", "terminated"),
    },
    "event": {
        "instance_started": ("流程启动", "instance started"),
        "activity_entered": ("到达", "entered"),
        "activity_completed": ("完成", "completed"),
        "activity_cancelled": ("取消", "cancelled"),
        "decision_evaluated": ("决策得出", "decision evaluated"),
        "message_correlated": ("收到消息", "message correlated"),
        "message_thrown": ("发出消息", "message thrown"),
        "timer_armed": ("开始计时", "timer armed"),
        "timer_fired": ("到时触发", "timer fired"),
        "incident_raised": ("发生异常", "incident raised"),
        "incident_resolved": ("异常解除", "incident resolved"),
        "instance_suspended": ("挂起", "suspended"),
        "instance_resumed": ("恢复", "resumed"),
        "instance_completed": ("流程结束", "instance completed"),
        "instance_cancelled": ("流程撤销", "instance cancelled"),
        "task_claimed": ("认领", "claimed"),
        "task_released": ("退回队列", "released"),
    },
    "group": {
        "channel": ("受理渠道", "intake channel"),
        "provincial_centre": ("省投诉处理中心", "provincial centre"),
        "remote_unit": ("远端处理单元", "remote unit"),
        "department": ("责任部门", "department"),
        "assisting_department": ("协办部门", "assisting department"),
        "headquarters": ("总部", "headquarters"),
        "revisit": ("回访", "revisit"),
        "archive": ("归档", "archive"),
    },
    "severity": {"error": ("错误", "error"), "warning": ("提醒", "warning")},
    "resource": {
        "bpmn": ("流程图", "diagram"),
        "dmn": ("决策表", "decision table"),
        "form": ("表单", "form"),
        "other": ("附件", "other"),
    },
}
