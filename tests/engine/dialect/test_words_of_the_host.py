"""The gate warns of words that the host will not understand: in properties, and in what its functions are asked."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from engine.dialect import Compilation, Finding, SourceFile, compile_files
from engine.dialect.host import Host, Meaning, Vocabulary
from tests.engine.dialect.conftest import Gate

COLOUR = Vocabulary("colour of the paint shop", "油漆店的颜色", ("R01.red", "R01.green", "R02.blue"))
HOST = Host(
    arguments={"due": COLOUR},
    properties={
        "sla.policy": Meaning(
            COLOUR, several=True, also=frozenset({"none"}), alone_on=frozenset({"userTask"})
        ),
        "sla.pause": Meaning(Vocabulary("reason", "原因", ("rain", "snow"))),
        "sla.warnRatio": Meaning(most=Decimal(1)),
        "ball.open": Meaning(),
    },
)

Told = Callable[..., list[Finding]]


def compiled(*files: SourceFile, host: Host = HOST) -> Compilation:
    return compile_files(files, operations=(), functions=("due", "warn"), host=host)


@pytest.fixture
def told(gate: Gate) -> Told:
    """What is said of an element with these properties: the warnings about words of the host."""

    def ask(kind: str = "manualTask", host: Host = HOST, inner: str = "", **properties: str) -> list[Finding]:
        written = "".join(
            f'<camunda:property name="{name.replace("__", ".")}" value="{value}"/>'
            for name, value in properties.items()
        )
        element = (
            f'<{kind} id="it" name="Paint"><extensionElements><camunda:properties>{written}'
            f"</camunda:properties></extensionElements>{inner}</{kind}>"
        )
        outcome = compiled(SourceFile("file.bpmn", gate.chain(element)), host=host)
        assert not outcome.errors
        return [one for one in outcome.findings if one.code in ("unknown-value", "unknown-property")]

    return ask


def test_a_code_that_is_not_known_is_told_with_the_element_and_what_was_meant(told: Told) -> None:
    (found,) = told(sla__policy="R01.rde")
    assert (found.severity, found.element_id, found.code) == ("warning", "it", "unknown-value")
    assert found.message == (
        'manual task "Paint" (it) has the property sla.policy: "R01.rde" is no colour of the paint shop. '
        'Did you mean "R01.red"?'
    )
    assert "油漆店的颜色" in found.message_zh and "R01.red" in found.message_zh


def test_each_of_several_codes_is_looked_up_and_the_host_s_own_words_pass(told: Told) -> None:
    assert told("subProcess", sla__policy="R01.red, R02.blue none", inner='<startEvent id="s"/>') == []
    found = told("subProcess", sla__policy="R01.red,nothing R09.x", inner='<startEvent id="s"/>')
    assert [one.message.split('"')[3] for one in found] == ["nothing", "R09.x"]


def test_where_one_word_can_stand_two_are_no_word(told: Told) -> None:
    (found,) = told("userTask", sla__policy="R01.red R01.green")
    assert '"R01.red R01.green" is no colour' in found.message
    (found,) = told(sla__pause="rain, snow")
    assert '"rain, snow" is no reason (rain, snow).' in found.message


@pytest.mark.parametrize(
    "value", ["0", "1.5", "-0.5", "soon", "80%", "NaN", "=2", "=-1", "=&quot;x&quot;", "=true"]
)
def test_a_number_out_of_its_bounds_is_told(told: Told, value: str) -> None:
    (found,) = told(sla__warnRatio=value)
    assert "is no number above 0 and up to 1" in found.message
    assert "大于 0 且不超过 1" in found.message_zh


@pytest.mark.parametrize("value", ["1", "0.8", ".5", "=0.75", "=form.x.share", "=null", ""])
def test_a_number_within_its_bounds_and_what_is_computed_are_not(told: Told, value: str) -> None:
    assert told(sla__warnRatio=value) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sla__polcy", "sla.policy"),
        ("SLA__Policy", "sla.policy"),
        ("sla_policy", "sla.policy"),
        ("ball__opne", "ball.open"),
    ],
)
def test_a_name_nobody_knows_is_told_with_the_one_that_was_meant(told: Told, name: str, meant: str) -> None:
    (found,) = told(**{name: "R01.red"})
    assert found.code == "unknown-property"
    assert f'Did you mean "{meant}"?' in found.message and meant in found.message_zh


def test_a_name_like_none_is_told_with_all_there_are_and_other_properties_are_the_author_s(
    told: Told,
) -> None:
    (found,) = told(sla__zzz="1", colour="red", slab="2")
    assert "ball.open, sla.pause, sla.policy, sla.warnRatio" in found.message


def test_a_host_of_which_nothing_is_known_says_nothing(told: Told) -> None:
    assert told(host=Host(), sla__polcy="x", sla__policy="y", inner="") == []


@pytest.mark.parametrize(
    "element",
    [
        '<userTask id="it" camunda:dueDate="=due(&quot;R01.rde&quot;)"/>',
        '<userTask id="it" camunda:priority="=if due(&quot;R01.rde&quot;) = null then 1 else 2"/>',
        '<intermediateCatchEvent id="it"><timerEventDefinition><timeDate>=due("R01.rde")</timeDate>'
        "</timerEventDefinition></intermediateCatchEvent>",
        '<manualTask id="it"><extensionElements><camunda:properties><camunda:property name="own" '
        'value="=due(&quot;R01.rde&quot;)"/></camunda:properties></extensionElements></manualTask>',
        '<scriptTask id="it" scriptFormat="feel"><script>loop.at = due("R01.rde")</script></scriptTask>',
    ],
)
def test_what_a_function_is_asked_literally_is_looked_up_in_every_expression(
    gate: Gate, element: str
) -> None:
    outcome = compiled(SourceFile("file.bpmn", gate.chain(element)))
    (found,) = [one for one in outcome.findings if one.code == "unknown-value"]
    assert not outcome.errors
    assert (found.severity, found.element_id) == ("warning", "it")
    assert "asks due()" in found.message and 'Did you mean "R01.red"?' in found.message
    assert "▸" in found.message and found.position > 0


def test_what_is_known_or_not_literal_is_not_told(gate: Gate) -> None:
    element = (
        '<userTask id="it" camunda:dueDate="=due(&quot;R01.red&quot;)" camunda:followUpDate="=due(case.code)" '
        'camunda:priority="=if warn(&quot;anything&quot;) = null then 1 else 2"/>'
    )
    outcome = compiled(SourceFile("file.bpmn", gate.chain(element)))
    assert [one for one in outcome.findings if one.code == "unknown-value"] == []


TABLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="when" name="when"><variable name="when"/><decisionTable id="t" hitPolicy="FIRST">
<input id="i" label="level"><inputExpression id="ie"><text>level</text></inputExpression></input>
<output id="o" name="at"/>
<rule id="r1"><inputEntry id="a"><text>"x"</text></inputEntry><outputEntry id="b"><text>due("R01.red")</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c"><text>-</text></inputEntry><outputEntry id="e"><text>due("R01.rad")</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_in_a_decision_table_the_rule_and_the_column_are_told() -> None:
    outcome = compiled(SourceFile("when.dmn", TABLE))
    (found,) = [one for one in outcome.findings if one.code == "unknown-value"]
    assert (found.severity, found.row, found.column, found.file) == ("warning", 2, "at", "when.dmn")
    assert '"R01.rad" is no colour of the paint shop.' in found.message and "R01.red" in found.message_zh
    assert "油漆店的颜色" in found.message_zh


def test_a_table_s_own_function_of_that_name_is_asked_what_it_likes() -> None:
    own = (
        b'<businessKnowledgeModel id="due" name="due"><variable name="due"/><encapsulatedLogic>'
        b'<formalParameter name="x"/><literalExpression><text>x</text></literalExpression></encapsulatedLogic>'
        b"</businessKnowledgeModel>"
    )
    needs = b'<knowledgeRequirement><requiredKnowledge href="#due"/></knowledgeRequirement><decisionTable'
    table = TABLE.replace(b"<decision id", own + b"<decision id").replace(b"<decisionTable", needs)
    outcome = compiled(SourceFile("when.dmn", table))
    assert [one for one in outcome.findings if one.code == "unknown-value"] == []


def test_a_user_task_that_nobody_drew_is_told_with_the_element_that_names_it(gate: Gate) -> None:
    host = Host(properties={"apart": Meaning(of_tasks=True)})

    def told(kind: str, value: str) -> list[tuple[str, str, str]]:
        element = (
            f'<{kind} id="audit"><extensionElements><camunda:properties><camunda:property name="apart" value="{value}"/>'
            f"</camunda:properties></extensionElements></{kind}>"
        )
        other = gate.chain('<userTask id="write_it"/>', key="other")
        files = SourceFile("file.bpmn", gate.chain(element)), SourceFile("other.bpmn", other)
        codes = ("unknown-task", "property-without-effect")
        findings = compiled(*files, host=host).findings
        return [(one.code, one.element_id, one.message) for one in findings if one.code in codes]

    assert told("userTask", "write_it, audit") == told("userTask", "=form.audit.names") == []
    for value in ("write_itt", "=[&quot;write_itt&quot;, form.x]", "=&quot;audit write_itt&quot;"):
        ((code, element, message),) = told("userTask", value)
        assert (code, element) == ("unknown-task", "audit")
        assert '"write_itt" is no user task of these diagrams' in message
        assert 'Did you mean "write_it"?' in message
    ((code, element, _),) = told("manualTask", "write_it")
    assert (code, element) == ("property-without-effect", "audit")
