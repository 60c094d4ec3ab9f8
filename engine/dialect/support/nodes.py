"""The rows of flow nodes, of how they repeat and of what joins them."""

from __future__ import annotations

from engine.dialect.files import SourceFile
from engine.dialect.support.rows import HEAD, OPERATION, Row, between, flow
from engine.dialect.tables.elements import FLOW_NODES

_XS = ' xsi:type="tFormalExpression"'
TABLE = SourceFile(
    "grade.dmn",
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
    b'<decision id="grade" name="grade"><literalExpression><text>1</text></literalExpression></decision></definitions>',
)
FORM = SourceFile(
    "f.form",
    b'{"type": "default", "id": "f", "components": [{"type": "textfield", "key": "a", "id": "a1", "label": "A"}]}',
)
CALLEE = SourceFile(
    "callee.bpmn",
    (
        HEAD.format(spaces="")
        + f'<process id="callee" isExecutable="true"><startEvent id="cs"/><endEvent id="ce"/>{flow("cs ce")}</process></definitions>'
    ).encode(),
)


def _inside(prefix: str = "x") -> str:
    flows = flow(f"{prefix}s {prefix}t", f"{prefix}t {prefix}e").replace('id="f', f'id="{prefix}f')
    return f'<startEvent id="{prefix}s"/><task id="{prefix}t"/><endEvent id="{prefix}e"/>{flows}'


def _node(kind: str, name: str, body: str, *, en: str = "", zh: str = "", **more: object) -> Row:
    words = FLOW_NODES[kind]
    return Row(
        name,
        words.en + (f", {en}" if en else ""),
        words.zh + (f"：{zh}" if zh else ""),
        body,
        **more,  # type: ignore[arg-type]
    )


def _forked(kind: str, *, condition: str = "") -> str:
    written = f"<conditionExpression{_XS}>{condition}</conditionExpression>" if condition else ""
    default = ' default="f3"' if condition else ""
    flows = flow("s it", "it t", "it v", "t j", "v j", "j e")
    if condition:
        flows = flows.replace('targetRef="t"/>', f'targetRef="t">{written}</sequenceFlow>', 1)
    join = "exclusiveGateway" if kind in ("exclusiveGateway", "complexGateway") else kind
    return (
        f'<startEvent id="s"/><{kind} id="it"{default}/><task id="t"/><task id="v"/><{join} id="j"/>'
        f'<endEvent id="e"/>{flows}'
    )


AWAITS = (
    '<startEvent id="s"/><eventBasedGateway id="it"/>'
    '<intermediateCatchEvent id="k"><messageEventDefinition messageRef="n"/></intermediateCatchEvent>'
    '<intermediateCatchEvent id="l"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    f'<endEvent id="e"/><endEvent id="e2"/>{flow("s it", "it k", "it l", "k e", "l e2")}'
)
_MESSAGE = '<message id="m" name="Paid"/><message id="n" name="Withdrawn"/>'
_EVENT_SUB = (
    '<startEvent id="s"/><userTask id="u" camunda:candidateGroups="desk"/><subProcess id="it" triggeredByEvent="true"><startEvent id="xs">'
    '<messageEventDefinition messageRef="m"/></startEvent><endEvent id="xe"/><sequenceFlow id="xf1" sourceRef="xs" '
    f'targetRef="xe"/></subProcess><endEvent id="e"/>{flow("s u", "u e")}'
)

NODES: tuple[Row, ...] = (
    _node("task", "task", between('<task id="it"/>')),
    _node("userTask", "userTask", between('<userTask id="it" camunda:candidateGroups="desk"/>')),
    _node("manualTask", "manualTask", between('<manualTask id="it"/>')),
    _node(
        "serviceTask",
        "serviceTask + operation",
        between(f'<serviceTask id="it" camunda:topic="{OPERATION}"/>'),
        en="naming an operation of this installation",
        zh="指定本系统的操作",
    ),
    _node(
        "serviceTask",
        "serviceTask",
        between('<serviceTask id="it"/>'),
        en="naming nothing",
        zh="未指定操作",
    ),
    _node(
        "scriptTask",
        "scriptTask scriptFormat=feel",
        between('<scriptTask id="it" scriptFormat="feel"><script>n = 1</script></scriptTask>'),
        en="in FEEL",
        zh="FEEL 脚本",
    ),
    _node(
        "scriptTask",
        "scriptTask scriptFormat=groovy",
        between('<scriptTask id="it" scriptFormat="groovy"><script>def x = 1</script></scriptTask>'),
        en="in another language",
        zh="其他语言脚本",
    ),
    _node(
        "businessRuleTask",
        "businessRuleTask + decision",
        between('<businessRuleTask id="it" camunda:decisionRef="grade"/>'),
        en="its decision deployed with it",
        zh="决策一并部署",
        files=(TABLE,),
    ),
    _node(
        "businessRuleTask",
        "businessRuleTask",
        between('<businessRuleTask id="it" camunda:decisionRef="missing"/>'),
        en="its decision not here",
        zh="决策不在此处",
    ),
    _node(
        "sendTask",
        "sendTask + message",
        between('<sendTask id="it" messageRef="m"/>'),
        en="naming a message",
        zh="指定消息",
        roots=_MESSAGE,
    ),
    _node("sendTask", "sendTask", between('<sendTask id="it"/>'), en="naming nothing", zh="未指定消息"),
    _node(
        "receiveTask",
        "receiveTask + message",
        between('<receiveTask id="it" messageRef="m"/>'),
        en="naming a message",
        zh="指定消息",
        roots=_MESSAGE,
    ),
    _node(
        "receiveTask", "receiveTask", between('<receiveTask id="it"/>'), en="naming nothing", zh="未指定消息"
    ),
    _node(
        "callActivity",
        "callActivity + callee",
        between('<callActivity id="it" calledElement="callee"/>'),
        en="its callee deployed with it",
        zh="被调用流程一并部署",
        files=(CALLEE,),
    ),
    _node(
        "callActivity",
        "callActivity",
        between('<callActivity id="it" calledElement="missing"/>'),
        en="its callee not here",
        zh="被调用流程不在此处",
        files=(CALLEE,),
    ),
    _node("subProcess", "subProcess", between(f'<subProcess id="it">{_inside()}</subProcess>')),
    _node(
        "subProcess",
        'subProcess triggeredByEvent="true"',
        _EVENT_SUB,
        en="event sub-process",
        zh="事件子流程",
        roots=_MESSAGE,
    ),
    _node("transaction", "transaction", between(f'<transaction id="it">{_inside()}</transaction>')),
    _node(
        "adHocSubProcess",
        "adHocSubProcess",
        between('<adHocSubProcess id="it"><task id="a"/><task id="b"/></adHocSubProcess>'),
    ),
    _node("exclusiveGateway", "exclusiveGateway", _forked("exclusiveGateway", condition="1 = 1")),
    _node("parallelGateway", "parallelGateway", _forked("parallelGateway")),
    _node("inclusiveGateway", "inclusiveGateway", _forked("inclusiveGateway", condition="1 = 1")),
    _node("eventBasedGateway", "eventBasedGateway", AWAITS, roots=_MESSAGE),
    _node(
        "eventBasedGateway",
        'eventBasedGateway instantiate="true"',
        AWAITS.replace('id="it"/>', 'id="it" instantiate="true"/>')
        .replace('<startEvent id="s"/>', "")
        .replace('<sequenceFlow id="f1" sourceRef="s" targetRef="it"/>', ""),
        en="starting the process",
        zh="启动流程",
        roots=_MESSAGE,
    ),
    _node("complexGateway", "complexGateway", _forked("complexGateway", condition="1 = 1")),
    _node("startEvent", "startEvent", f'<startEvent id="it"/><endEvent id="e"/>{flow("it e")}'),
    _node("endEvent", "endEvent", f'<startEvent id="s"/><endEvent id="it"/>{flow("s it")}'),
    _node("intermediateThrowEvent", "intermediateThrowEvent", between('<intermediateThrowEvent id="it"/>')),
    _node(
        "intermediateCatchEvent",
        "intermediateCatchEvent",
        between(
            '<intermediateCatchEvent id="it"><messageEventDefinition messageRef="m"/>'
            "</intermediateCatchEvent>"
        ),
        roots=_MESSAGE,
    ),
    _node(
        "boundaryEvent",
        "boundaryEvent",
        '<startEvent id="s"/><userTask id="u" camunda:candidateGroups="desk"/><boundaryEvent id="it" attachedToRef="u"><messageEventDefinition messageRef="m"/>'
        f'</boundaryEvent><endEvent id="e"/>{flow("s u", "u e", "it e")}',
        roots=_MESSAGE,
    ),
    _node(
        "implicitThrowEvent",
        "implicitThrowEvent",
        between('<implicitThrowEvent id="it"/>'),
    ),
    _node("choreographyTask", "choreographyTask", between('<choreographyTask id="it"/>')),
    _node("subChoreography", "subChoreography", between('<subChoreography id="it"/>')),
    _node("callChoreography", "callChoreography", between('<callChoreography id="it"/>')),
)


def _repeated(inside: str, element: str = "multiInstanceLoopCharacteristics", flags: str = "") -> str:
    return between(
        f'<userTask id="it" camunda:candidateGroups="desk"><{element}{flags}>{inside}</{element}></userTask>'
    )


LOOPS: tuple[Row, ...] = (
    Row(
        "multiInstanceLoopCharacteristics / loopCardinality",
        "parallel, a number of times",
        "并行多实例：次数",
        _repeated("<loopCardinality>2</loopCardinality>"),
    ),
    Row(
        'isSequential="true"',
        "one after the other",
        "顺序多实例",
        _repeated("<loopCardinality>2</loopCardinality>", flags=' isSequential="true"'),
    ),
    Row(
        "completionCondition",
        "done before all are",
        "提前完成条件",
        _repeated(
            "<loopCardinality>2</loopCardinality><completionCondition>nrOfCompletedInstances &gt; 0</completionCondition>"
        ),
    ),
    Row(
        "camunda:collection",
        "for each item of a list",
        "逐项重复（camunda:collection）",
        _repeated("", flags=' camunda:collection="=[1, 2]" camunda:elementVariable="x"'),
    ),
    Row(
        "loopDataInputRef / inputDataItem",
        "for each item of a data object",
        "逐项重复（数据对象）",
        '<dataObject id="list" name="list" isCollection="true"/>'
        + between(
            '<userTask id="it" camunda:candidateGroups="desk"><multiInstanceLoopCharacteristics><loopDataInputRef>list</loopDataInputRef><inputDataItem id="x" '
            'name="x"/></multiInstanceLoopCharacteristics></userTask>'
        )
        .replace(
            '<endEvent id="e"/>',
            '<scriptTask id="fill" scriptFormat="feel"><script>list = [1, 2]</script></scriptTask><endEvent id="e"/>',
        )
        .replace(
            'sourceRef="s" targetRef="it"/>',
            'sourceRef="s" targetRef="fill"/><sequenceFlow id="f0" sourceRef="fill" targetRef="it"/>',
        ),
    ),
    Row(
        "loopDataOutputRef / outputDataItem",
        "what the items give, as a list",
        "结果收集为列表",
        _repeated(
            '<loopCardinality>2</loopCardinality><loopDataOutputRef>all</loopDataOutputRef><outputDataItem id="one" name="one"/>'
        ),
    ),
    Row(
        'behavior="None"',
        "an event as the items end",
        "多实例完成事件",
        _repeated("<loopCardinality>2</loopCardinality>", flags=' behavior="None"'),
    ),
    Row(
        "standardLoopCharacteristics / loopCondition",
        "as long as a condition holds",
        "标准循环：条件",
        _repeated("<loopCondition>loopCounter &lt; 2</loopCondition>", "standardLoopCharacteristics"),
    ),
    Row(
        'loopMaximum, testBefore="true"',
        "at most so many times, tested first",
        "标准循环：上限、先判断",
        _repeated(
            "<loopCondition>1 = 1</loopCondition>",
            "standardLoopCharacteristics",
            ' testBefore="true" loopMaximum="2"',
        ),
    ),
)

_TWO_WAYS = (
    '<startEvent id="s"/><task id="it"{flags}/><userTask id="u" camunda:candidateGroups="desk"/><userTask id="v" camunda:candidateGroups="desk"/><endEvent id="e"/><endEvent id="e2"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="it"/>{one}{two}'
    '<sequenceFlow id="f4" sourceRef="u" targetRef="e"/><sequenceFlow id="f5" sourceRef="v" targetRef="e2"/>'
)
_PLAIN = '<sequenceFlow id="f{n}" sourceRef="it" targetRef="{to}"/>'
_WHEN = f'<sequenceFlow id="f{{n}}" sourceRef="it" targetRef="{{to}}"><conditionExpression{_XS}>{{text}}</conditionExpression></sequenceFlow>'

FLOWS: tuple[Row, ...] = (
    Row("sequenceFlow", "sequence flow", "顺序流", between('<task id="it"/>')),
    Row(
        "sequenceFlow without id",
        "sequence flow without id",
        "没有 id 的顺序流",
        between('<task id="it"/>').replace('id="f1" ', ""),
    ),
    Row(
        "conditionExpression",
        "condition in FEEL",
        "FEEL 条件",
        _forked("exclusiveGateway", condition="1 = 1"),
    ),
    Row(
        "conditionExpression ${…}",
        "condition in JUEL",
        "JUEL 条件",
        _forked("exclusiveGateway", condition="${1 == 1}"),
    ),
    Row(
        "conditionExpression, Python",
        "condition in another language",
        "其他语言的条件",
        _forked("exclusiveGateway", condition="len(x) == 1"),
    ),
    Row(
        "several outgoing flows",
        "a task with several ways out",
        "任务有多个出口",
        _TWO_WAYS.format(flags="", one=_PLAIN.format(n=2, to="u"), two=_PLAIN.format(n=3, to="v")),
    ),
    Row(
        "conditions on flows from a task",
        "a task with conditional ways out",
        "任务出口带条件",
        _TWO_WAYS.format(
            flags=' default="f3"',
            one=_WHEN.format(n=2, to="u", text="1 = 1"),
            two=_PLAIN.format(n=3, to="v"),
        ),
    ),
    Row("no outgoing flow", "implicit end", "隐式结束", f'<startEvent id="s"/><task id="it"/>{flow("s it")}'),
    Row(
        "no incoming flow",
        "implicit start",
        "隐式开始",
        f'<startEvent id="s"/><task id="t"/><task id="it"/><endEvent id="e"/>{flow("s t", "t e", "it e")}',
    ),
    Row(
        "flow to nothing",
        "a flow without end",
        "悬空的顺序流",
        between('<task id="it"/>') + '<sequenceFlow id="f9" sourceRef="it" targetRef="nowhere"/>',
    ),
)
