"""The rows of vendors' extensions: one for each name of the gate's own tables, on the element it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dialect.support.nodes import CALLEE, FORM, TABLE
from engine.dialect.support.rows import OPERATION, Row, between, flow
from engine.dialect.tables.camunda import CAMUNDA, FAMILY
from engine.dialect.tables.extensions import Dialect, ExtensionRule
from engine.dialect.tables.spiffworkflow import DIALECT as SPIFFWORKFLOW
from engine.dialect.tables.spiffworkflow import SPIFFWORKFLOW as SPIFFWORKFLOW_ADDRESS
from engine.dialect.tables.vendors import KNOWN, METADATA
from engine.dialect.tables.zeebe import DIALECT as ZEEBE
from engine.dialect.tables.zeebe import ZEEBE as ZEEBE_ADDRESS

_LOOPED = "multiInstanceLoopCharacteristics"
_DESK = 'camunda:candidateGroups="desk"'
_EVENT = (
    '<startEvent id="s"/><userTask id="u" camunda:candidateGroups="desk"/><boundaryEvent id="it" attachedToRef="u">{{x}}'
    '<{tag} {{a}} {more}</{tag}></boundaryEvent><endEvent id="e"/><endEvent id="e2"/>'
    + flow("s u", "u e", "it e2")
)
CARRIERS: dict[str, str] = {
    "process": '{x}<startEvent id="s"/><endEvent id="e"/>' + flow("s e"),
    "startEvent": '<startEvent id="it" {a}>{x}</startEvent><endEvent id="e"/>' + flow("it e"),
    "endEvent": '<startEvent id="s"/><endEvent id="it">{x}<terminateEventDefinition {a}/></endEvent>'
    + flow("s it"),
    "userTask": between(f'<userTask id="it" {_DESK} {{a}}>{{x}}</userTask>'),
    "serviceTask": between('<serviceTask id="it" {a}>{x}</serviceTask>'),
    "working": between(f'<serviceTask id="it" camunda:topic="{OPERATION}" {{a}}>{{x}}</serviceTask>'),
    "task": between('<task id="it" {a}>{x}</task>'),
    "scriptTask": between('<scriptTask id="it" scriptFormat="feel" {a}>{x}</scriptTask>'),
    "businessRuleTask": between('<businessRuleTask id="it" {a}>{x}</businessRuleTask>'),
    "callActivity": between('<callActivity id="it" calledElement="callee" {a}>{x}</callActivity>'),
    "adHocSubProcess": between('<subProcess id="it" {a}>{x}<startEvent id="xs"/></subProcess>'),
    _LOOPED: between(
        f'<userTask id="it" {_DESK}><{_LOOPED} {{a}}>{{x}}{{more}}</{_LOOPED}></userTask>',
    ),
    "error": _EVENT.format(tag="errorEventDefinition", more='errorRef="r">'),
    "escalation": _EVENT.format(tag="escalationEventDefinition", more='escalationRef="c">'),
    "timer": _EVENT.format(tag="timerEventDefinition", more="><timeDuration>PT1H</timeDuration>"),
    "conditional": _EVENT.format(
        tag="conditionalEventDefinition", more='><condition xsi:type="tFormalExpression">1 = 2</condition>'
    ),
    "message": _EVENT.format(tag="messageEventDefinition", more='messageRef="m">'),
    "signal": _EVENT.format(tag="signalEventDefinition", more='signalRef="g">'),
}
"""Element → a body that holds it, with room for attributes {a} and extension elements {x}."""

ROOTS = (
    '<message id="m" name="Paid"/><signal id="g" name="Alarm"/><error id="r" errorCode="E1"/>'
    '<escalation id="c" escalationCode="L1"/>'
)
HOMES: dict[str, str] = {
    "spiffworkflow:variableName": "message",
    "resultVariable": "businessRuleTask",
    "resultVariableName": "businessRuleTask",
    "initiator": "startEvent",
    "formHandlerClass": "startEvent",
    "historyTimeToLive": "process",
    "isStartableInTasklist": "process",
    "candidateStarterGroups": "process",
    "candidateStarterUsers": "process",
    "potentialStarter": "process",
    "isEagerExecutionFetching": "process",
    "eventListener": "process",
    "errorCodeVariable": "error",
    "errorMessageVariable": "error",
    "errorVariableName": "error",
    "errorVariableTransient": "error",
    "errorVariableLocalScope": "error",
    "escalationCodeVariable": "escalation",
    "businessCalendarName": "timer",
    "variableName": "conditional",
    "variableEvents": "conditional",
    "conditionalFilter": "conditional",
    "messageExpression": "message",
    "correlationKey": "message",
    "signalExpression": "signal",
    "scope": "signal",
    "terminateAll": "endEvent",
    "resource": "scriptTask",
    "triggerable": "serviceTask",
    "elementIndexVariable": _LOOPED,
    "caseRef": "callActivity",
    "variableMappingClass": "callActivity",
    "variableMappingDelegateExpression": "callActivity",
    "connector": "serviceTask",
    "field": "working",
    "serviceTaskOperator": "serviceTask",
    "taskDefinition": "serviceTask",
    "taskName": "task",
    "loopCharacteristics": _LOOPED,
    "waitForCompletion": "callActivity",
    "independent": "callActivity",
    "adHoc": "adHocSubProcess",
}
"""Where a name belongs that its rule allows on several elements, or on any."""

VALUES: dict[str, str] = {
    "formKey": "f",
    "formRef": "f",
    "formRefVersion": "1",
    "decisionRefVersion": "1",
    "calledElementVersion": "1",
    "dueDate": "P1D",
    "followUpDate": "P1D",
    "priority": "5",
    "formRefBinding": "latest",
    "decisionRef": "grade",
    "decisionRefBinding": "deployment",
    "calledElementBinding": "deployment",
    "mapDecisionResult": "singleEntry",
    "type": "mail",
    "collection": "=[1, 2]",
    "elementVariable": "item",
    "inheritVariables": "true",
    "skipExpression": "${skip}",
    "waitForCompletion": "false",
    "scope": "processInstance",
    **dict.fromkeys(
        ("asyncBefore", "asyncAfter", "async", "asyncLeave", "asyncComplete", "completeAsync", "terminateAll", "triggerable",
         "useLocalScopeForResultVariable", "storeResultVariableAsTransient", "independent", "adHoc", "exclusive"),
        "true",
    ),
}  # fmt: skip
"""What an attribute is given to say something; "x" where nothing is written here."""

BESIDE: dict[str, str] = {
    "decisionRefBinding": 'camunda:decisionRef="grade"',
    "decisionRefVersion": 'camunda:decisionRef="grade" camunda:decisionRefBinding="version"',
    "decisionRefVersionTag": 'camunda:decisionRef="grade" camunda:decisionRefBinding="versionTag"',
    "mapDecisionResult": 'camunda:decisionRef="grade" camunda:resultVariable="r"',
    "resultVariable": 'camunda:decisionRef="grade"',
    "resultVariableName": 'camunda:decisionRef="grade"',
    "calledElementVersion": 'camunda:calledElementBinding="version"',
    "calledElementVersionTag": 'camunda:calledElementBinding="versionTag"',
    "formRefVersion": 'camunda:formRef="f" camunda:formRefBinding="version"',
    "formRefBinding": 'camunda:formRef="f"',
    "elementVariable": 'camunda:collection="=[1, 2]"',
    "elementIndexVariable": 'camunda:collection="=[1, 2]"',
}
"""What an attribute needs beside it."""

WRITTEN: dict[str, str] = {
    "properties": '<{p}:properties><{p}:property name="a" value="b"/></{p}:properties>',
    "inputOutput": '<{p}:inputOutput><{p}:inputParameter name="a">1</{p}:inputParameter></{p}:inputOutput>',
    "in": '<{p}:in sourceExpression="${{1}}" target="b"/>',
    "out": '<{p}:out sourceExpression="${{1}}" target="b"/>',
    "formData": '<{p}:formData><{p}:formField id="a" label="A" type="string"/></{p}:formData>',
    "formProperty": '<{p}:formProperty id="a" name="A" type="string"/>',
    "executionListener": '<{p}:executionListener class="org.example.Told" event="start"/>',
    "taskListener": '<{p}:taskListener class="org.example.Told" event="create"/>',
    "eventListener": '<{p}:eventListener class="org.example.Told" events="PROCESS_STARTED"/>',
    "connector": "<{p}:connector><{p}:connectorId>mail</{p}:connectorId></{p}:connector>",
    "variableAggregation": '<{p}:variableAggregation target="all"><{p}:variable source="a"/></{p}:variableAggregation>',
    "taskDefinition": '<{p}:taskDefinition type="mail"/>',
    "ioMapping": '<{p}:ioMapping><{p}:input source="=1" target="a"/></{p}:ioMapping>',
    "taskHeaders": '<{p}:taskHeaders><{p}:header key="a" value="b"/></{p}:taskHeaders>',
    "assignmentDefinition": '<{p}:assignmentDefinition assignee="kermit"/>',
    "taskSchedule": '<{p}:taskSchedule dueDate="2030-01-01T08:00:00Z"/>',
    "priorityDefinition": '<{p}:priorityDefinition priority="5"/>',
    "formDefinition": '<{p}:formDefinition formId="f"/>',
    "userTaskForm": '<{p}:userTaskForm id="f">{{"type": "default", "id": "f", "components": []}}</{p}:userTaskForm>',
    "calledElement": '<{p}:calledElement processId="callee"/>',
    "calledDecision": '<{p}:calledDecision decisionId="grade" resultVariable="r"/>',
    "calledDecisionId": "<{p}:calledDecisionId>grade</{p}:calledDecisionId>",
    "script": '<{p}:script expression="=1" resultVariable="r"/>',
    "loopCharacteristics": '<{p}:loopCharacteristics inputCollection="=[1, 2]" inputElement="item"/>',
    "versionTag": '<{p}:versionTag value="1.0"/>',
    "executionListeners": '<{p}:executionListeners><{p}:executionListener eventType="start" type="told"/></{p}:executionListeners>',
    "taskListeners": '<{p}:taskListeners><{p}:taskListener eventType="creating" type="told"/></{p}:taskListeners>',
    "serviceTaskOperator": '<{p}:serviceTaskOperator id="http/Get" resultVariable="r"/>',
    "preScript": "<{p}:preScript>a = 1</{p}:preScript>",
    "postScript": "<{p}:postScript>a = 1</{p}:postScript>",
    "instructionsForEndUser": "<{p}:instructionsForEndUser>Look twice.</{p}:instructionsForEndUser>",
    "onEntry-script": '<{p}:onEntry-script scriptFormat="java"><{p}:script>x();</{p}:script></{p}:onEntry-script>',
    "onExit-script": '<{p}:onExit-script scriptFormat="java"><{p}:script>x();</{p}:script></{p}:onExit-script>',
}
"""How an extension element is written where an empty one says nothing; {p} is the vendor's prefix."""

_ORDER = (
    "userTask",
    "serviceTask",
    "businessRuleTask",
    "callActivity",
    "scriptTask",
    _LOOPED,
    "process",
    "startEvent",
)


def vendor_sections() -> Iterator[tuple[str, str, tuple[Row, ...]]]:
    """Yield (English heading, Chinese heading, rows) for each dialect, and one for what only draws."""
    prefixes = ", ".join(dict.fromkeys(f"{dialect.prefix}:" for dialect in FAMILY.values()))
    chosen = [
        (f"Camunda 7 and what grew from it ({prefixes})", "Camunda 7 及其后继", CAMUNDA, FAMILY[CAMUNDA]),
        ("Camunda 8 (zeebe:)", "Camunda 8", ZEEBE_ADDRESS, ZEEBE),
        ("SpiffWorkflow (spiffworkflow:)", "SpiffWorkflow", SPIFFWORKFLOW_ADDRESS, SPIFFWORKFLOW),
        *(
            (f"{dialect.name} ({dialect.prefix}:)", dialect.name, address, dialect)
            for address, dialect in KNOWN.items()
        ),
    ]
    for en, zh, address, dialect in chosen:
        yield en, zh, tuple(dialect_rows(address, dialect))
    yield "Other modelers", "其他建模工具", tuple(_others())


def dialect_rows(address: str, dialect: Dialect) -> Iterator[Row]:
    """Yield a row for every attribute and element of a dialect; an element that is an attribute too has one row."""
    for name, rule in dialect.attributes.items():
        if dialect.attributes is not dialect.elements:
            yield _row(address, dialect, name, rule, f'{dialect.prefix}:{name}="{VALUES.get(name, "x")}"', "")
    for name, rule in dialect.elements.items():
        xml = WRITTEN.get(name, "<{p}:{n}/>").replace("{p}", dialect.prefix).replace("{n}", name)
        yield _row(address, dialect, name, rule, "", xml.replace("{{", "{").replace("}}", "}"))


def _row(address: str, dialect: Dialect, name: str, rule: ExtensionRule, attribute: str, xml: str) -> Row:
    written = f"{dialect.prefix}:{name}"
    home = (
        HOMES.get(written)
        or HOMES.get(name)
        or next((kind for kind in _ORDER if kind in rule.on), "userTask")
    )
    beside = BESIDE.get(name, "") if attribute else ""
    holder = f"<extensionElements>{xml}</extensionElements>" if xml else ""
    more = "" if "ollection" in attribute + beside + xml else "<loopCardinality>2</loopCardinality>"
    if home == "businessRuleTask" and "decision" not in (name + beside).lower() and rule.meaning == "read":
        beside += ' camunda:decisionRef="grade"'
    body = CARRIERS[home]
    if written == "camunda:candidateGroups":
        body = body.replace(_DESK, "")
    for mark, text in (("{a}", f"{beside} {attribute}".strip()), ("{x}", holder), ("{more}", more)):
        body = body.replace(mark, text)
    if "Expression" in name and home in ("message", "signal"):
        body = body.replace('messageRef="m"', "").replace('signalRef="g"', "")
    return Row(
        f"<{written}>" if xml else written,
        rule.en,
        rule.zh,
        body,
        ROOTS,
        quiet="kept" if rule.meaning == "harmless" else "runs",
        flags='isExecutable="true"' + (f" {attribute}" if home == "process" else ""),
        spaces=() if address == CAMUNDA else ((dialect.prefix, address),),
        files={"businessRuleTask": (TABLE,), "callActivity": (CALLEE,)}.get(home, (FORM,)),
    )


def _others() -> Iterator[Row]:
    for address, whose in METADATA.items():
        if not address.startswith(("http://www.omg.org", "https://www.omg.org", "http://www.w3.org")):
            yield _foreign(address, whose, whose, "kept")
    yield _foreign("http://vendor.example/", "any other namespace", "其他命名空间", "runs")


def _foreign(address: str, en: str, zh: str, quiet: str) -> Row:
    holder = f'<extensionElements><v:said xmlns:v="{address}"/></extensionElements>'
    return Row(address, en, zh, between(f'<task id="it">{holder}</task>'), quiet=quiet)  # type: ignore[arg-type]
