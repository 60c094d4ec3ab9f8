"""The rows of everything around the flow: data, artifacts, lanes, collaboration, choreography, people and definitions."""

from __future__ import annotations

from engine.dialect.support.nodes import CALLEE
from engine.dialect.support.rows import Row, between

_TASK = '<task id="it"/>'
_BODY = between(_TASK)
_PROCESS = f'<process id="p" isExecutable="true">{between("<task id=" + chr(34) + "t" + chr(34) + "/>").replace("it", "t")}</process>'

_NAMED = _PROCESS
for _id, _name in (("s", "Begun"), ("t", "Work"), ("e", "Done")):
    _NAMED = _NAMED.replace(f'id="{_id}"', f'id="{_id}" name="{_name}"')
_DRAWN = "".join(
    f'<bpmndi:BPMNShape id="sh{x}" bpmnElement="{name}"><dc:Bounds x="{x}" y="0" width="36" height="36"/></bpmndi:BPMNShape>'
    for x, name in ((0, "s"), (100, "t"), (200, "e"))
)


def _inside(name: str, en: str, zh: str, xml: str) -> Row:
    """A row of something beside the flow, in the process."""
    return Row(name, en, zh, xml + _BODY, quiet="kept")


def _on_task(
    name: str, en: str, zh: str, xml: str, *, tag: str = "task", quiet: str = "kept", roots: str = ""
) -> Row:
    return Row(name, en, zh, between(f'<{tag} id="it">{xml}</{tag}>'), roots, quiet=quiet)  # type: ignore[arg-type]


def _root(name: str, en: str, zh: str, xml: str) -> Row:
    """A row of something beside the process."""
    return Row(name, en, zh, _BODY, xml, quiet="kept")


def _whole(name: str, en: str, zh: str, xml: str, *, process: bool = True) -> Row:
    return Row(name, en, zh, xml + (_PROCESS if process else ""), whole=True, quiet="kept")


DATA: tuple[Row, ...] = (
    _inside("dataObject", "data object", "数据对象", '<dataObject id="d"/>'),
    _inside(
        "dataObjectReference",
        "data object reference",
        "数据对象引用",
        '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>',
    ),
    _inside(
        "dataState",
        "data state",
        "数据状态",
        '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"><dataState id="ds" name="draft"/></dataObjectReference>',
    ),
    _inside("dataStoreReference", "data store reference", "数据存储引用", '<dataStoreReference id="sr"/>'),
    _root("dataStore", "data store", "数据存储", '<dataStore id="store" name="store"/>'),
    _inside("property", "property", "属性", '<property id="prop" name="prop"/>'),
    _inside(
        "ioSpecification",
        "input and output specification",
        "输入输出规范",
        '<ioSpecification><dataInput id="i"/><dataOutput id="o"/><inputSet><dataInputRefs>i</dataInputRefs></inputSet>'
        "<outputSet><dataOutputRefs>o</dataOutputRefs></outputSet></ioSpecification>",
    ),
    Row(
        "dataInputAssociation",
        "data input association",
        "数据输入关联",
        '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>'
        + between(
            '<userTask id="it" camunda:candidateGroups="desk"><dataInputAssociation id="da"><sourceRef>dr</sourceRef></dataInputAssociation></userTask>'
        ),
        quiet="kept",
    ),
    Row(
        "dataOutputAssociation",
        "data output association",
        "数据输出关联",
        '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>'
        + between(
            '<userTask id="it" camunda:candidateGroups="desk"><dataOutputAssociation id="da"><targetRef>dr</targetRef></dataOutputAssociation></userTask>'
        ),
        quiet="kept",
    ),
    _root(
        "itemDefinition",
        "item definition",
        "数据项定义",
        '<itemDefinition id="item" structureRef="xsd:string"/>',
    ),
)

_WHO = "<resourceAssignmentExpression><formalExpression>{}</formalExpression></resourceAssignmentExpression>"

ARTIFACTS: tuple[Row, ...] = (
    _inside(
        "textAnnotation",
        "text annotation",
        "文本注释",
        '<textAnnotation id="n"><text>note</text></textAnnotation>',
    ),
    _inside(
        "association",
        "association",
        "关联",
        '<textAnnotation id="n"><text>note</text></textAnnotation><association id="as" sourceRef="it" targetRef="n"/>',
    ),
    _inside("group", "group", "分组", '<group id="grp"/>'),
    _root("category", "category", "类别", '<category id="cat"><categoryValue id="cv" value="x"/></category>'),
    _on_task("documentation", "documentation", "说明文档", "<documentation>why</documentation>"),
)

LANES: tuple[Row, ...] = (
    _inside(
        "laneSet / lane / flowNodeRef",
        "lane",
        "泳道",
        '<laneSet id="ls"><lane id="l" name="Desk"><flowNodeRef>it</flowNodeRef></lane></laneSet>',
    ),
    _inside(
        "childLaneSet",
        "lanes in lanes",
        "嵌套泳道",
        '<laneSet id="ls"><lane id="l" name="Desk"><childLaneSet id="cl"><lane id="l2" name="A"><flowNodeRef>it</flowNodeRef></lane>'
        "</childLaneSet></lane></laneSet>",
    ),
)

_POOL = '<participant id="pa" name="Office" processRef="p"/><participant id="pb" name="Customer"/>'
COLLABORATION: tuple[Row, ...] = (
    _whole("collaboration / participant", "pools", "池", f'<collaboration id="col">{_POOL}</collaboration>'),
    _whole(
        "messageFlow",
        "message flow",
        "消息流",
        f'<collaboration id="col">{_POOL}<messageFlow id="mf" sourceRef="t" targetRef="pb"/></collaboration>',
    ),
    _whole(
        "participantMultiplicity",
        "several of one participant",
        "多个参与者",
        '<collaboration id="col"><participant id="pb"><participantMultiplicity minimum="1" maximum="3"/></participant></collaboration>',
    ),
    _whole(
        "conversation / callConversation / subConversation",
        "conversation",
        "会话",
        f'<collaboration id="col">{_POOL}<conversation id="cv"><participantRef>pa</participantRef><participantRef>pb</participantRef>'
        '</conversation><callConversation id="cc"/><subConversation id="sc"/><conversationLink id="cl" sourceRef="pa" targetRef="cv"/>'
        "</collaboration>",
    ),
    _whole(
        "choreography beside a process",
        "choreography beside a process",
        "流程之外的编排图",
        '<choreography id="ch"><choreographyTask id="ct"/></choreography>',
    ),
    _whole(
        "choreography",
        "nothing but a choreography",
        "只有编排图",
        '<choreography id="ch"><choreographyTask id="ct"/></choreography>',
        process=False,
    ),
    _whole(
        "globalConversation / partnerRole / partnerEntity",
        "global conversation, partners",
        "全局会话、合作方",
        '<globalConversation id="gc"/><partnerRole id="pr"/><partnerEntity id="pe"/>',
    ),
    _whole(
        "collaboration only",
        "nothing but pools",
        "只有池",
        '<collaboration id="col"><participant id="pb"/></collaboration>',
        process=False,
    ),
    _root(
        "correlationProperty",
        "correlation",
        "关联键",
        '<message id="m" name="Paid"/><correlationProperty id="cp"><correlationPropertyRetrievalExpression messageRef="m"><messagePath>x'
        "</messagePath></correlationPropertyRetrievalExpression></correlationProperty>",
    ),
    _inside(
        "correlationSubscription",
        "correlation subscription",
        "关联订阅",
        '<correlationSubscription id="cs" correlationKeyRef="ck"/>',
    ),
)

PEOPLE: tuple[Row, ...] = (
    *(
        _on_task(name, en, zh, f"<{name}>{_WHO.format(who)}</{name}>", tag="userTask", quiet="runs")
        for name, en, zh, who in (
            ("humanPerformer", "who does it", "办理人", "kermit"),
            ("potentialOwner", "who may do it", "候选人", "group(desk)"),
            ("performer", "performer", "执行者", "kermit"),
            ("resourceRole", "resource role", "资源角色", "kermit"),
        )
    ),
    _on_task(
        "rendering",
        "rendering",
        "呈现",
        f'<potentialOwner>{_WHO.format("group(desk)")}</potentialOwner><rendering id="rd"/>',
        tag="userTask",
    ),
    _root("resource", "resource", "资源", '<resource id="res" name="desk"/>'),
)

DEFINITIONS: tuple[Row, ...] = (
    _root("message", "message", "消息", '<message id="m" name="Paid"/>'),
    _root("signal", "signal", "信号", '<signal id="g" name="Alarm"/>'),
    _root("error", "error", "错误", '<error id="r" errorCode="E1"/>'),
    _root("escalation", "escalation", "升级", '<escalation id="c" escalationCode="L1"/>'),
    _root(
        "interface / operation",
        "interface and operation",
        "接口与操作",
        '<interface id="if" name="I"><operation id="op" name="o"><inMessageRef>m</inMessageRef></operation></interface><message id="m" name="M"/>',
    ),
    _root("endPoint", "end point", "端点", '<endPoint id="ep"/>'),
    _root(
        "import",
        "import",
        "导入",
        '<import importType="http://www.w3.org/2001/XMLSchema" location="types.xsd" namespace="urn:types"/>',
    ),
    _root(
        "extension",
        "extension declaration",
        "扩展声明",
        '<extension mustUnderstand="false" definition="urn:x"/>',
    ),
    _root(
        "relationship",
        "relationship",
        "关系",
        '<relationship type="x"><source>a</source><target>b</target></relationship>',
    ),
    *(
        Row(
            f"{kind} called by a call activity",
            f"{en}, called",
            f"{zh}（被调用）",
            between('<callActivity id="it" calledElement="gt"/>'),
            f'<{kind} id="gt" name="global"/>',
            files=(CALLEE,),
        )
        for kind, en, zh in (
            ("globalTask", "global task", "全局任务"),
            ("globalUserTask", "global user task", "全局用户任务"),
            ("globalManualTask", "global manual task", "全局手工任务"),
            ("globalScriptTask", "global script task", "全局脚本任务"),
            ("globalBusinessRuleTask", "global business rule task", "全局业务规则任务"),
        )
    ),
    Row(
        "eventDefinitionRef",
        "an event definition of the file, referred to",
        "引用的事件定义",
        between(
            '<intermediateCatchEvent id="it"><eventDefinitionRef>def</eventDefinitionRef></intermediateCatchEvent>'
        ),
        '<message id="m" name="Paid"/><messageEventDefinition id="def" messageRef="m"/>',
    ),
    _whole(
        "BPMNDiagram",
        "positions and shapes",
        "图形位置",
        f'<bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="pl" bpmnElement="p">{_DRAWN}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
        + _NAMED,
        process=False,
    ),
)
