"""A task's form may read what the process has learnt where the task stands; server and browser see the same of it."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.desk import read_task
from tasks.filling import ShownForm, task_form
from tasks.forms import AnswersRefused
from tasks.forms.around import picked, reads_of
from tasks.listener import case_facts
from tests.tasks.filling.forms import FIELD, PICK, asking, form
from tests.tasks.office import TestOffice

TWO = '[{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]'


def opened(office: TestOffice, *components: dict[str, Any], **more: Any) -> Any:
    office.deploy(asking(options=TWO, **more), form("answer", *components))
    number = office.file("li_na", "asking", {}).number
    task = office.task("answer", number)
    office.claim("li_na", task.id)
    return task


def shown(office: TestOffice, task: Any) -> ShownForm:
    with office.acting("li_na") as (session, caller):
        row = read_task(session, office.deps, caller, task.id)
        return task_form(session, office.deps, row, case_facts(row))


def test_a_select_offers_what_the_process_has_found_and_takes_nothing_else(office: TestOffice) -> None:
    task = opened(office, PICK, FIELD)
    with pytest.raises(AnswersRefused) as refused:
        office.complete("li_na", task.id, {"picked": "c"})
    assert [one.path for one in refused.value.problems] == ["picked"]
    with pytest.raises(AnswersRefused):
        office.complete("li_na", task.id, {"picked": "c", "loop": {"options": [{"value": "c"}]}})
    office.complete("li_na", task.id, {"picked": "b"})
    assert office.task("answer", task.business_key).answers["picked"] == "b"


def test_only_what_the_form_reads_is_given_out(office: TestOffice) -> None:
    task = opened(office, PICK, {"type": "text", "text": "案件 {{case.number}}"})
    found = shown(office, task)
    assert found.context == {
        "loop": {"options": [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]},
        "case": {"number": task.business_key},
    }


def test_a_form_that_reads_nothing_is_given_nothing(office: TestOffice) -> None:
    task = opened(office, FIELD)
    assert shown(office, task).context == {}


def test_conditions_are_decided_on_the_server_by_the_same_values(office: TestOffice) -> None:
    hidden = {**FIELD, "key": "why", "conditional": {"hide": '=loop.secret = "内部"'}}
    task = opened(office, FIELD, hidden)
    with pytest.raises(AnswersRefused) as refused:
        office.complete("li_na", task.id, {"why": "x"})
    assert refused.value.problems[0].message == "is not asked in this situation"


def test_a_default_value_is_worked_out_for_the_task(office: TestOffice) -> None:
    by_default = {**FIELD, "defaultValue": "=loop.options[1].label"}
    nothing = {**FIELD, "key": "other", "defaultValue": "=loop.nowhere"}
    inside = {
        "type": "group",
        "path": "g",
        "components": [{**FIELD, "defaultValue": '="案件" + case.number'}],
    }
    task = opened(office, by_default, nothing, inside)
    schema = shown(office, task).schema
    assert schema is not None
    one, two, three = schema["components"]
    assert one["defaultValue"] == "甲" and "defaultValue" not in two
    assert three["components"][0]["defaultValue"] == f"案件{task.business_key}"


def test_a_completed_task_still_shows_what_its_options_were_called(office: TestOffice) -> None:
    task = opened(office, PICK)
    office.complete("li_na", task.id, {"picked": "a"})
    assert [one["label"] for one in shown(office, task).context["loop"]["options"]] == ["甲", "乙"]


def test_a_field_called_like_a_home_is_the_form_s_own(office: TestOffice) -> None:
    decision = {**FIELD, "key": "decision"}
    depends = {**FIELD, "key": "why", "conditional": {"hide": '=decision != "refuse"'}}
    assert reads_of({"components": [decision, depends]}) == frozenset()
    task = opened(office, decision, depends)
    office.complete("li_na", task.id, {"decision": "refuse", "why": "x"})


def test_what_is_read_is_found_in_every_expression_and_template() -> None:
    schema = {
        "components": [
            {"type": "text", "text": "{{#if result.a.b}}{{case.x}}{{/if}} {{ (( broken form.q.w }}"},
            {"type": "select", "key": "k", "valuesExpression": "=for i in decision.d return i.v"},
            {"type": "textfield", "key": "t", "readonly": "=loop.r > 1", "label": "form.not.read"},
        ]
    }
    assert reads_of(schema) == {"result.a.b", "case.x", "form.q.w", "decision.d", "loop.r"}


def test_a_part_of_a_whole_that_is_read_comes_with_it() -> None:
    context = {"loop": {"a": {"b": 1, "c": 2}, "d": 3}, "result": {"list": [{"x": 1, "y": 2}]}}
    assert picked({"loop.a", "loop.a.b"}, context) == {"loop": {"a": {"b": 1, "c": 2}}}
    assert picked({"loop.a.b", "loop.nowhere", "result.list.x"}, context) == {
        "loop": {"a": {"b": 1}},
        "result": {"list": [{"x": 1, "y": 2}]},
    }
