"""Fields that modelers write into the diagram become forms of this system, shown and validated like drawn ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tasks.forms.check import AnswersRefused, FormCheck

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAMUNDA = """<extensionElements><camunda:formData>
 <camunda:formField id="amount" label="Amount" type="long" defaultValue="3">
  <camunda:validation><camunda:constraint name="required"/><camunda:constraint name="min" config="1"/>
   <camunda:constraint name="max" config="10"/></camunda:validation></camunda:formField>
 <camunda:formField id="text" label="Text" type="string"><camunda:validation>
  <camunda:constraint name="minlength" config="2"/><camunda:constraint name="maxlength" config="4"/>
 </camunda:validation></camunda:formField>
 <camunda:formField id="ok" label="OK?" type="boolean" defaultValue="true"/>
 <camunda:formField id="day" type="date"/>
 <camunda:formField id="colour" type="enum"><camunda:value id="r" name="Red"/><camunda:value id="g"/></camunda:formField>
 <camunda:formField id="shown" type="string" defaultValue="${secret}"><camunda:validation>
  <camunda:constraint name="readonly"/></camunda:validation></camunda:formField>
 <camunda:formField id="case" type="string"/><camunda:formField id="a b" type="string"/>
</camunda:formData></extensionElements>"""
ACTIVITI = """<extensionElements xmlns:activiti="http://activiti.org/bpmn">
 <activiti:formProperty id="days" name="Days" type="long" required="true"/>
 <activiti:formProperty id="hidden" type="string" readable="false"/>
 <activiti:formProperty id="seen" type="string" writable="false"/>
 <activiti:formProperty id="x" variable="motive" type="enum"><activiti:value id="a" name="A"/></activiti:formProperty>
</extensionElements>"""


def made(gate: Any, element: str) -> tuple[dict[str, Any], Any]:
    """The form of a task and the compilation."""
    outcome = gate(gate.chain(element))
    assert not outcome.errors, [finding.message for finding in outcome.errors]
    user = outcome.models[0].body.nodes[1].user
    return outcome.forms[user.form], outcome


def test_the_fields_of_camunda_become_components(gate, codes_of):
    form, outcome = made(gate, f'<userTask id="n" camunda:assignee="a">{CAMUNDA}</userTask>')
    assert form["id"] == "p.n"
    components = {component["key"]: component for component in form["components"]}
    assert [(key, one["type"]) for key, one in components.items()] == [
        ("amount", "number"),
        ("text", "textfield"),
        ("ok", "checkbox"),
        ("day", "datetime"),
        ("colour", "select"),
        ("shown", "textfield"),
    ]
    assert components["amount"]["defaultValue"] == 3
    assert components["ok"]["defaultValue"] is True
    assert "defaultValue" not in components["shown"]
    assert components["colour"]["values"] == [{"label": "Red", "value": "r"}, {"label": "g", "value": "g"}]
    assert codes_of(outcome, "warning") == ["bad-component-key", "bad-component-key"]
    assert "form-generated" in codes_of(outcome, "note")


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"amount": 3, "text": "abc", "ok": False, "day": "2026-01-01", "colour": "r"}, []),
        ({}, ["amount"]),
        ({"amount": 0}, ["amount"]),
        ({"amount": 11}, ["amount"]),
        ({"amount": 1.5}, ["amount"]),
        ({"amount": 1, "text": "a"}, ["text"]),
        ({"amount": 1, "text": "abcde"}, ["text"]),
        ({"amount": 1, "colour": "blue"}, ["colour"]),
        ({"amount": 1, "day": "tomorrow"}, ["day"]),
        ({"amount": 1, "ok": "yes"}, ["ok"]),
        ({"amount": 1, "else": 1}, ["else"]),
    ],
)
def test_the_server_validates_what_the_diagram_says(gate, answers, wrong):
    form, _ = made(gate, f'<userTask id="n" camunda:assignee="a">{CAMUNDA}</userTask>')
    if not wrong:
        assert FormCheck(form).check(answers, now=NOW)["amount"] == answers["amount"]
        return
    with pytest.raises(AnswersRefused) as refused:
        FormCheck(form).check(answers, now=NOW)
    assert [problem.path for problem in refused.value.problems] == wrong


def test_the_properties_of_activiti_become_components(gate):
    form, _ = made(gate, f'<userTask id="n" camunda:assignee="a">{ACTIVITI}</userTask>')
    assert [(one["key"], one["type"], one.get("readonly", False)) for one in form["components"]] == [
        ("days", "number", False),
        ("seen", "textfield", True),
        ("motive", "select", False),
    ]
    assert form["components"][0]["validate"] == {"required": True}


def test_the_fields_of_a_start_event_are_the_form_a_case_is_filed_with(gate):
    outcome = gate(gate.diagram(f'<startEvent id="s">{ACTIVITI}</startEvent>'))
    assert outcome.models[0].body.nodes[0].user.form == "p_start"
    assert outcome.form_files == {"p_start": "generated/p_start.form"}


def test_a_generated_form_is_kept_as_a_file_and_stands_behind_a_drawn_one(gate):
    drawn = b'{"type": "default", "id": "p_start", "components": []}'
    outcome = gate(gate.diagram(f'<startEvent id="s">{ACTIVITI}</startEvent>'), p_start__form=drawn)
    assert outcome.models[0].body.nodes[0].user.form == "p.s"
    kept = {file.name: file.content for file in outcome.files}
    assert json.loads(kept["generated/p.s.form"])["id"] == "p.s"
    assert outcome.kinds["generated/p.s.form"] == "form"


def test_a_form_camunda_8_kept_in_the_process_is_the_tasks_form(gate):
    inside = '{"type": "default", "id": "Form_1", "components": [{"type": "textfield", "key": "why"}]}'
    outcome = gate(
        gate.diagram(
            f'<extensionElements><zeebe:userTaskForm id="f1">{inside}</zeebe:userTaskForm></extensionElements>'
            '<startEvent id="s"/><userTask id="n"><extensionElements>'
            '<zeebe:formDefinition formKey="camunda-forms:bpmn:f1"/></extensionElements></userTask>'
            '<sequenceFlow id="f" sourceRef="s" targetRef="n"/>'
        )
    )
    assert not outcome.errors
    assert outcome.forms["p.n"]["components"][0]["key"] == "why"


@pytest.mark.parametrize(
    "attributes",
    [
        'camunda:formKey="embedded:app:forms/x.html"',
        'camunda:formKey="https://acme.example/form"',
        'camunda:formKey="${which}"',
        'camunda:formKey="pages/form.jsp"',
    ],
)
def test_a_page_of_another_application_is_left_out_with_a_warning(gate, codes_of, attributes):
    outcome = gate(gate.chain(f'<userTask id="n" camunda:assignee="a" {attributes}/>'))
    assert codes_of(outcome) == []
    assert codes_of(outcome, "warning") == ["form-left-out"]
    assert outcome.models[0].body.nodes[1].user.form is None
