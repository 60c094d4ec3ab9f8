"""The page that says what runs tells the truth: it is what the gate says today, and it leaves nothing of BPMN 2.0 out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.dialect.support import SECTIONS, all_rows, measure, page, vendors
from engine.dialect.support.events import POSITIONS, STANDARD, event_row
from engine.dialect.support.rows import STATUSES
from engine.dialect.tables.camunda import CAMUNDA, FAMILY
from engine.dialect.tables.elements import EVENT_DEFINITIONS, FLOW_NODES, SUPPORTED_EVENTS, Position
from engine.dialect.tables.extensions import Dialect
from engine.dialect.tables.vendors import KNOWN
from redress.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "bpmn-support.md"


def words(text: str) -> list[str]:
    return text.split()


FLOW_NODES_OF_BPMN = words("""
    task userTask manualTask serviceTask scriptTask businessRuleTask sendTask receiveTask callActivity subProcess
    transaction adHocSubProcess exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway complexGateway
    startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent implicitThrowEvent choreographyTask
    subChoreography callChoreography
""")
"""The concrete flow nodes of BPMN 2.0 (§8.3.14, §10, §11; BPMN20.xsd: substitution group flowElement)."""

EVENTS_OF_BPMN = words("""
    message timer conditional signal error escalation compensate cancel link terminate
""")
"""The event definitions of BPMN 2.0 (§10.5.5; BPMN20.xsd: substitution group eventDefinition)."""

OTHERS_OF_BPMN = words("""
    artifact association auditing callConversation category categoryValue childLaneSet choreography collaboration
    completionCondition conditionExpression conversation conversationLink correlationProperty
    correlationPropertyRetrievalExpression correlationSubscription dataInput dataInputAssociation dataObject
    dataObjectReference dataOutput dataOutputAssociation dataState dataStore dataStoreReference documentation endPoint error
    escalation eventDefinitionRef extension flowNodeRef formalExpression globalBusinessRuleTask globalConversation
    globalManualTask globalScriptTask globalTask globalUserTask group humanPerformer import inputDataItem inputSet interface
    ioSpecification itemDefinition lane laneSet loopCardinality loopCondition loopDataInputRef loopDataOutputRef message
    messageFlow monitoring multiInstanceLoopCharacteristics operation outputDataItem outputSet participant
    participantMultiplicity partnerEntity partnerRole performer potentialOwner process property relationship rendering
    resource resourceAssignmentExpression resourceRole script sequenceFlow signal standardLoopCharacteristics subConversation
    text textAnnotation timeCycle timeDate timeDuration
""")
"""Every other element of BPMN20.xsd and Semantic.xsd with a meaning of its own."""

ATTRIBUTES_OF_BPMN = words("""
    isExecutable isClosed processType isForCompensation startQuantity completionQuantity implementation instantiate
    gatewayDirection triggeredByEvent cancelActivity isInterrupting parallelMultiple isSequential behavior loopMaximum
    testBefore default eventGatewayType
""")

WRITTEN = "".join(row.content.decode() for row in all_rows())


@pytest.mark.parametrize("element", FLOW_NODES_OF_BPMN)
def test_every_flow_node_of_the_standard_has_a_row(element: str) -> None:
    rows = [row for row in SECTIONS[0].rows if row.name.split()[0] == element]
    assert rows
    assert element in FLOW_NODES
    assert any(measure(row).status != "refused" for row in rows) == FLOW_NODES[element].runs


@pytest.mark.parametrize("element", [*(f"{kind}EventDefinition" for kind in EVENTS_OF_BPMN), *OTHERS_OF_BPMN])
def test_every_element_of_the_standard_is_in_some_row(element: str) -> None:
    if element in ("artifact", "text"):
        element = "textAnnotation"
    assert re.search(rf"<{element}[\s/>]", WRITTEN)


@pytest.mark.parametrize("attribute", ATTRIBUTES_OF_BPMN)
def test_every_attribute_with_a_meaning_is_in_some_row(attribute: str) -> None:
    assert re.search(rf"\s{attribute}=", WRITTEN)


def test_every_event_definition_has_its_line() -> None:
    assert {kind for kind, _, _ in EVENT_DEFINITIONS.values()} | {
        "none",
        "multiple",
        "parallel multiple",
    } == set(STANDARD)


IN_THE_TABLE: dict[str, Position] = {
    "start": "startEvent",
    "inner": "innerStartEvent",
    "sub interrupting": "eventSubProcessStart",
    "sub non-interrupting": "eventSubProcessStart",
    "catch": "intermediateCatchEvent",
    "gateway": "intermediateCatchEvent",
    "boundary interrupting": "boundaryEvent",
    "boundary non-interrupting": "boundaryEvent",
    "throw": "intermediateThrowEvent",
    "end": "endEvent",
}


KNOWN_EVENTS = [(kind, place) for kind in STANDARD for place in POSITIONS if place in STANDARD[kind]]


@pytest.mark.parametrize(("kind", "position"), KNOWN_EVENTS)
def test_an_event_runs_where_the_table_says_so(kind: str, position: str) -> None:
    runs = kind in SUPPORTED_EVENTS[IN_THE_TABLE[position]]
    assert (measure(event_row(kind, position)).status != "refused") == runs


@pytest.mark.parametrize("kind", STANDARD)
@pytest.mark.parametrize("position", POSITIONS)
def test_an_event_where_the_standard_knows_none_never_runs_silently(kind: str, position: str) -> None:
    if position in STANDARD[kind]:
        return
    assert measure(event_row(kind, position)).status in ("refused", "ignored", "converted")


MEANS = {
    "read": {"runs", "converted"},
    "binding": {"binding"},
    "listener": {"binding"},
    "ignored": {"ignored"},
    "harmless": {"kept"},
    "refused": {"refused"},
}


@pytest.mark.parametrize(
    ("address", "dialect"),
    [
        *list(FAMILY.items())[:1],
        (vendors.ZEEBE_ADDRESS, vendors.ZEEBE),
        (vendors.SPIFFWORKFLOW_ADDRESS, vendors.SPIFFWORKFLOW),
        *KNOWN.items(),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_the_gate_does_with_an_extension_what_its_table_says(address: str, dialect: Dialect) -> None:
    tables = (
        [dialect.elements]
        if dialect.attributes is dialect.elements
        else [dialect.attributes, dialect.elements]
    )
    rules = [rule for table in tables for rule in table.values()]
    rows = list(vendors.dialect_rows(address, dialect))
    assert len(rows) == len(rules)
    for row, rule in zip(rows, rules, strict=True):
        status = measure(row).status
        if row.name.endswith(("Version", "VersionTag")) and status in ("binding", "ignored"):
            continue  # no such version is deployed here
        assert status in MEANS[rule.meaning], (row.name, measure(row))


def test_the_successors_of_camunda_7_share_its_table() -> None:
    for dialect in FAMILY.values():
        assert dialect.attributes is FAMILY[CAMUNDA].attributes
        assert dialect.elements is FAMILY[CAMUNDA].elements


def test_rows_have_names_of_their_own_within_a_section() -> None:
    for section in SECTIONS:
        names = [row.name for row in section.rows]
        assert len(names) == len(set(names)), section.en


def test_what_is_not_simply_done_says_why_in_both_languages() -> None:
    for row in all_rows():
        outcome = measure(row)
        if outcome.status not in ("runs", "kept"):
            assert re.search(r"[a-z]{3}", outcome.en), row.name
            assert re.search(r"[\u4e00-\u9fff]", outcome.zh), row.name


def test_the_page_is_what_the_gate_says_today() -> None:
    written, found, _ = PAGE.read_text(encoding="utf-8").partition("\n## Disagreements with the corpus")
    assert found
    assert written == page(), "run: redress support --write docs/bpmn-support.md"


def test_the_command_prints_the_page_and_keeps_what_people_wrote(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["support"])
    assert shown.exit_code == 0
    assert shown.output == page()
    for en, zh in STATUSES.values():
        assert zh in shown.output, en
    file = tmp_path / "page.md"
    assert CliRunner().invoke(main, ["support", "--write", str(file)]).exit_code == 0
    file.write_text(file.read_text(encoding="utf-8") + "\nby hand\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["support", "--write", str(file)]).exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith(page())
    assert text.count("\nby hand\n") == 1
