"""The rows of attributes that say how something runs, and of ways of writing the same thing."""

from __future__ import annotations

from engine.dialect.support.nodes import AWAITS
from engine.dialect.support.rows import Row, between

_BODY = between('<task id="it"/>')


def _flagged(
    flags: str, en: str, zh: str, *, tag: str = "task", quiet: str = "runs", inside: str = "", roots: str = ""
) -> Row:
    return Row(flags, en, zh, between(f'<{tag} id="it" {flags}>{inside}</{tag}>'), roots, quiet=quiet)  # type: ignore[arg-type]


ATTRIBUTES: tuple[Row, ...] = (
    Row('isExecutable="true"', "executable process", "可执行流程", _BODY),
    Row(
        'isExecutable="false"',
        "process not to be executed",
        "不可执行的流程",
        _BODY,
        flags='isExecutable="false"',
        quiet="kept",
    ),
    Row("isExecutable missing", "process that does not say", "未说明是否可执行", _BODY, flags=""),
    Row(
        'isClosed="true"',
        "closed process",
        "封闭流程",
        _BODY,
        flags='isExecutable="true" isClosed="true"',
        quiet="kept",
    ),
    Row(
        'processType="Private"',
        "kind of process",
        "流程类型",
        _BODY,
        flags='isExecutable="true" processType="Private"',
        quiet="kept",
    ),
    _flagged('isForCompensation="true"', "activity for compensation", "补偿活动"),
    _flagged('startQuantity="2"', "tokens needed to begin", "开始所需令牌数"),
    _flagged('completionQuantity="2"', "tokens given at the end", "完成产生令牌数"),
    Row(
        'eventGatewayType="Parallel"',
        "gateway that waits for all its events",
        "等待全部事件的网关",
        AWAITS.replace('id="it"', 'id="it" eventGatewayType="Parallel"'),
        '<message id="m" name="Paid"/><message id="n" name="Withdrawn"/>',
    ),
    _flagged(
        'implementation="##WebService"', "kind of implementation", "实现方式", tag="manualTask", quiet="kept"
    ),
    _flagged(
        'instantiate="true"', "receive task that starts the process", "启动流程的接收任务", tag="receiveTask"
    ),
    _flagged(
        'gatewayDirection="Diverging"',
        "direction of a gateway",
        "网关方向",
        tag="exclusiveGateway",
        quiet="kept",
    ),
    Row(
        "auditing, monitoring",
        "auditing and monitoring",
        "审计与监控",
        between('<task id="it"><auditing/><monitoring/></task>'),
        quiet="kept",
    ),
    Row(
        "a missing id",
        "node without id",
        "没有 id 的节点",
        between(
            '<userTask id="it" camunda:candidateGroups="desk"/>',
            more='<boundaryEvent attachedToRef="it"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
            "</boundaryEvent>",
        ),
    ),
    Row(
        "a QName reference",
        "reference with a prefix",
        "带前缀的引用",
        between('<receiveTask id="it" messageRef="tns:m"/>'),
        '<message id="m" name="Paid"/>',
        spaces=(("tns", "urn:support"),),
    ),
    Row(
        "timeDuration ${…}",
        "timer in JUEL",
        "JUEL 定时",
        between(
            '<intermediateCatchEvent id="it"><timerEventDefinition><timeDuration>${"PT1H"}</timeDuration></timerEventDefinition></intermediateCatchEvent>'
        ),
    ),
    Row(
        "timeDate",
        "timer at a date",
        "日期定时",
        between(
            '<intermediateCatchEvent id="it"><timerEventDefinition><timeDate>2030-01-01T08:00:00Z</timeDate></timerEventDefinition></intermediateCatchEvent>'
        ),
    ),
    Row(
        "timeCycle",
        "repeating timer",
        "循环定时",
        '<startEvent id="s"/><userTask id="u" camunda:candidateGroups="desk"/><boundaryEvent id="it" attachedToRef="u" cancelActivity="false"><timerEventDefinition>'
        '<timeCycle>R3/PT1H</timeCycle></timerEventDefinition></boundaryEvent><endEvent id="e"/><endEvent id="e2"/>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="u"/><sequenceFlow id="f2" sourceRef="u" targetRef="e"/>'
        '<sequenceFlow id="f3" sourceRef="it" targetRef="e2"/>',
    ),
    Row(
        "timeCycle, cron",
        "timer in cron",
        "cron 定时",
        between(
            '<intermediateCatchEvent id="it"><timerEventDefinition><timeCycle>0 0 * * * ?</timeCycle></timerEventDefinition></intermediateCatchEvent>'
        ),
    ),
    Row(
        "several plain start events",
        "several starts",
        "多个开始事件",
        '<startEvent id="s"/><startEvent id="it"/><task id="t"/><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
        '<sequenceFlow id="f2" sourceRef="it" targetRef="t"/><sequenceFlow id="f3" sourceRef="t" targetRef="e"/>',
    ),
    Row(
        "no start event",
        "a process without a start",
        "没有开始事件的流程",
        '<task id="it"/><endEvent id="e"/><sequenceFlow id="f1" sourceRef="it" targetRef="e"/>',
    ),
)
