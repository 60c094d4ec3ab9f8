"""The table of BPMN elements: what runs, what is only drawn, and what is refused by name and why.

Support grows by editing this table (and teaching `activities`, `events` or `bodies` to read the new row).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

Family = Literal["task", "call", "sub-process", "gateway", "event"]


@dataclass(frozen=True, slots=True)
class FlowNodeRule:
    """How one kind of flow node is treated. `refused_*`: empty when it runs, else what to do instead."""

    en: str
    zh: str
    family: Family
    refused_en: str = ""
    refused_zh: str = ""

    @property
    def runs(self) -> bool:
        """Tell whether the engine runs this kind of node."""
        return not self.refused_en

    @property
    def is_activity(self) -> bool:
        """Tell whether boundary events and multi-instance may be attached to it."""
        return self.family in ("task", "call", "sub-process")


FLOW_NODES: dict[str, FlowNodeRule] = {
    "task": FlowNodeRule("task", "任务", "task"),
    "userTask": FlowNodeRule("user task", "用户任务", "task"),
    "manualTask": FlowNodeRule("manual task", "手工任务", "task"),
    "serviceTask": FlowNodeRule("service task", "服务任务", "task"),
    "scriptTask": FlowNodeRule("script task", "脚本任务", "task"),
    "businessRuleTask": FlowNodeRule("business rule task", "业务规则任务", "task"),
    "sendTask": FlowNodeRule("send task", "发送任务", "task"),
    "receiveTask": FlowNodeRule("receive task", "接收任务", "task"),
    "callActivity": FlowNodeRule("call activity", "调用活动", "call"),
    "subProcess": FlowNodeRule("sub-process", "子流程", "sub-process"),
    "transaction": FlowNodeRule("transaction", "事务子流程", "sub-process"),
    "adHocSubProcess": FlowNodeRule(
        "ad-hoc sub-process",
        "即席子流程",
        "sub-process",
        "draw the order of its activities, or a parallel multi-instance",
        "请画出活动的先后，或改用并行多实例",
    ),
    "exclusiveGateway": FlowNodeRule("exclusive gateway", "排他网关", "gateway"),
    "parallelGateway": FlowNodeRule("parallel gateway", "并行网关", "gateway"),
    "inclusiveGateway": FlowNodeRule("inclusive gateway", "包容网关", "gateway"),
    "eventBasedGateway": FlowNodeRule("event-based gateway", "事件网关", "gateway"),
    "complexGateway": FlowNodeRule(
        "complex gateway",
        "复杂网关",
        "gateway",
        "use an inclusive or exclusive gateway",
        "请改用包容网关或排他网关",
    ),
    "startEvent": FlowNodeRule("start event", "开始事件", "event"),
    "endEvent": FlowNodeRule("end event", "结束事件", "event"),
    "intermediateCatchEvent": FlowNodeRule("intermediate catch event", "中间捕获事件", "event"),
    "intermediateThrowEvent": FlowNodeRule("intermediate throw event", "中间抛出事件", "event"),
    "boundaryEvent": FlowNodeRule("boundary event", "边界事件", "event"),
    "implicitThrowEvent": FlowNodeRule(
        "implicit throw event",
        "隐式抛出事件",
        "event",
        "use an intermediate throw event",
        "请改用中间抛出事件",
    ),
    "choreographyTask": FlowNodeRule(
        "choreography task", "编排任务", "task", "draw it as a process with tasks", "请画成由任务组成的流程"
    ),
    "subChoreography": FlowNodeRule(
        "sub-choreography", "子编排", "sub-process", "draw it as a process", "请画成流程"
    ),
    "callChoreography": FlowNodeRule(
        "call choreography", "调用编排", "call", "draw it as a call activity", "请改用调用活动"
    ),
}

DRAWN_ONLY = frozenset(
    {
        "artifact", "association", "auditing", "category", "correlationSubscription", "dataInput",
        "dataInputAssociation", "dataObject", "dataObjectReference", "dataOutput", "dataOutputAssociation",
        "dataStoreReference", "documentation", "extensionElements", "group", "humanPerformer", "inputSet",
        "incoming", "ioBinding", "ioSpecification", "laneSet", "monitoring", "outgoing", "outputSet",
        "performer", "potentialOwner", "property", "rendering", "resourceRole", "supportedInterfaceRef",
        "supports", "textAnnotation", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics",
        "script", "messageEventDefinition", "conditionExpression", "completionCondition",
    }
)  # fmt: skip
"""Children of a process, sub-process or flow node that are read elsewhere or carry no behaviour."""

CARRIES_DATA = tuple(
    f"{{{BPMN}}}{name}"
    for name in (
        "dataInput",
        "dataOutput",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "property",
    )
)
"""The tags of what can hold data."""

EVENT_DEFINITIONS: dict[str, tuple[str, str, str]] = {
    "timerEventDefinition": ("timer", "timer", "定时"),
    "messageEventDefinition": ("message", "message", "消息"),
    "escalationEventDefinition": ("escalation", "escalation", "升级"),
    "errorEventDefinition": ("error", "error", "错误"),
    "terminateEventDefinition": ("terminate", "terminate", "终止"),
    "signalEventDefinition": ("signal", "signal", "信号"),
    "linkEventDefinition": ("link", "link", "链接"),
    "conditionalEventDefinition": ("conditional", "conditional", "条件"),
    "compensateEventDefinition": ("compensation", "compensation", "补偿"),
    "cancelEventDefinition": ("cancel", "cancel", "取消"),
}
"""Event definition element → (kind in the model, English word, Chinese word)."""

Position = Literal[
    "startEvent",
    "innerStartEvent",
    "eventSubProcessStart",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
    "endEvent",
]
"""Where an event stands: the local name of its element; a start event of a sub-process (inner) or of an event sub-process
is another thing than one of a process."""

SUPPORTED_EVENTS: dict[Position, frozenset[str]] = {
    "startEvent": frozenset({"none", "message", "timer", "signal"}),
    "innerStartEvent": frozenset({"none"}),
    "eventSubProcessStart": frozenset({"message", "timer", "signal", "conditional", "escalation", "error"}),
    "intermediateCatchEvent": frozenset({"timer", "message", "signal", "conditional", "link"}),
    "intermediateThrowEvent": frozenset({"none", "message", "signal", "escalation", "link"}),
    "boundaryEvent": frozenset(
        {"timer", "message", "signal", "conditional", "escalation", "error", "cancel"}
    ),
    "endEvent": frozenset({"none", "message", "signal", "escalation", "error", "cancel", "terminate"}),
}
"""Position → the event kinds the engine runs there. A link runs as the sequence flow it stands for (BPMN 2.0 §10.5.5)."""

ONLY_OF_A_TRANSACTION = "cancel"
"""The kind of event that is drawn at the border of a transaction, and ends one inside it (BPMN 2.0 §10.3.5)."""

POSITIONS: dict[Position, tuple[str, str]] = {
    "startEvent": ("start event", "开始事件"),
    "innerStartEvent": ("start event of a sub-process", "子流程的开始事件"),
    "eventSubProcessStart": ("start event of an event sub-process", "事件子流程的开始事件"),
    "intermediateCatchEvent": ("intermediate catch event", "中间捕获事件"),
    "intermediateThrowEvent": ("intermediate throw event", "中间抛出事件"),
    "boundaryEvent": ("boundary event", "边界事件"),
    "endEvent": ("end event", "结束事件"),
}
"""Position → what it is called in English and Chinese."""

POSITION_ADVICE: dict[Position, tuple[str, str]] = {
    "innerStartEvent": ("start a sub-process with a plain start event", "子流程请用普通开始事件"),
    "eventSubProcessStart": (
        "start an event sub-process with exactly one message, timer, signal, condition, escalation or error",
        "事件子流程请恰好用一个消息、定时、信号、条件、升级或错误来触发",
    ),
}
"""Position → what to draw where the kind of an event does not run; EVENT_ADVICE says it for the others."""

EVENT_ADVICE: dict[str, tuple[str, str]] = {
    "none": ("give it a timer, a message or a signal", "请为它设置定时、消息或信号"),
    "signal": (
        "use it as a start, catch, throw, boundary or end event",
        "请把它用作开始、捕获、抛出、边界或结束事件",
    ),
    "link": (
        "use it as an intermediate throw event and an intermediate catch event of one name",
        "请把它用作同名的中间抛出事件和中间捕获事件",
    ),
    "conditional": (
        "start with a message, a signal or a timer and let a conditional catch event or a gateway follow",
        "请用消息、信号或定时启动，之后再用条件捕获事件或网关",
    ),
    "compensation": ("draw the undoing steps on an own path", "请把撤销步骤画成单独的路径"),
    "cancel": (
        "use it as an end event directly inside a transaction, or on the transaction's border",
        "请把它用作事务子流程内部的结束事件，或事务子流程的边界事件",
    ),
    "multiple": ("keep one event definition per event", "每个事件只保留一个事件定义"),
    "terminate": ("use it as an end event", "请把它用作结束事件"),
    "error": (
        "use it as an end event, a boundary event or the start of an event sub-process",
        "请把它用作结束事件、边界事件或事件子流程的开始事件",
    ),
    "escalation": (
        "throw it, end with it, catch it on a boundary or start an event sub-process with it",
        "请抛出、以其结束、在边界上捕获或用它触发事件子流程",
    ),
    "timer": (
        "use it as a start, catch or boundary event",
        "请把它用作开始、捕获或边界事件",
    ),
    "message": (
        "use it as a start, catch, throw, boundary or end event",
        "请把它用作开始、捕获、抛出、边界或结束事件",
    ),
}

ATTRIBUTE_REFUSALS: dict[str, tuple[frozenset[str], str, str]] = {
    "isForCompensation": (frozenset({"true", "1"}), "Compensation is not supported", "不支持补偿"),
    "instantiate": (
        frozenset({"true", "1"}),
        "An instantiating task or gateway is not supported: use a message start event",
        "不支持由任务或网关启动流程：请使用消息开始事件",
    ),
}
"""Plain BPMN attribute → (values that mean it, why refused)."""

ATTRIBUTE_ONLY: dict[str, tuple[frozenset[str], str, str]] = {
    "startQuantity": (
        frozenset({"", "1"}),
        "An activity begins with one token: join what it waits for with a parallel gateway",
        "活动由一个令牌启动：请用并行网关汇合所等待的分支",
    ),
    "completionQuantity": (
        frozenset({"", "1"}),
        "An activity gives one token on each way out: draw a parallel gateway, or repeat what follows",
        "活动在每个出口只产生一个令牌：请画并行网关，或让后面的活动重复执行",
    ),
    "eventGatewayType": (
        frozenset({"", "Exclusive"}),
        "Of the events behind a gateway one wins: to wait for all of them, draw a parallel gateway and catch events",
        "事件网关之后只有一个事件生效：如需等待全部，请画并行网关和捕获事件",
    ),
}
"""Plain BPMN attribute → (the only values that run, why others are refused)."""

FEEL_LANGUAGES = ("", "feel", "application/feel", "text/feel")
"""Script and expression languages that are FEEL; any address containing "/FEEL" is one too."""


def is_feel(language: str) -> bool:
    """Tell whether a language attribute names FEEL (by word or by the OMG's addresses)."""
    return language.strip().lower() in FEEL_LANGUAGES or "/feel" in language.lower()
