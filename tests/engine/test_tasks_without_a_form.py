"""A user task whose form is a page of another application, missing or not drawn asks for what is read behind it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile, compile_files
from engine.testing import Harness
from tests.engine.diagrams import process

DESK = "camunda:candidateGroups=desk"
LEFT = sa.text("SELECT activity_id FROM history_event WHERE kind = 'activity_completed' ORDER BY id")
CHOICE = ("xor g", "end paid", "end refused", "default g -> refused")


def asked(*files: SourceFile) -> dict[str, list[tuple[str, str]]]:
    """What each made form asks for: (name, type of component), by its key."""
    compiled = compile_files(files, operations=["rate"])
    assert not compiled.errors, [one.message for one in compiled.errors]
    told = [one.element_id for one in compiled.findings if one.code == "form-made"]
    assert [key.rpartition(".")[2] for key in compiled.forms] == told
    return {
        key: [(one["key"], one["type"]) for one in form["components"]] for key, form in compiled.forms.items()
    }


def choosing(task: str, condition: str) -> SourceFile:
    return process("p", "start s", task, *CHOICE, "s -> ask -> g", f"g -> paid : {condition}")


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, operations={"rate": lambda call: {"rating": 4}})


@pytest.mark.parametrize(
    "task",
    [
        f"user ask {DESK} camunda:formKey=embedded:app:forms/approve.html",
        f"user ask {DESK} camunda:formKey=approve",
        f"user ask {DESK}",
    ],
)
@pytest.mark.parametrize(("approved", "reached"), [(True, "paid"), (False, "refused")])
def test_it_is_shown_with_a_form_and_runs_to_its_end(
    run: Harness, task: str, approved: bool, reached: str
) -> None:
    receipt = run.deploy(choosing(task, "${approved}"))
    assert [one.code for one in receipt.findings if one.element_id == "ask"].count("form-made") == 1
    run.start("p")
    [waiting] = run.recorder.named("ask")
    assert (waiting.form, waiting.form_id is None) == ("p.ask", False)
    run.complete("ask", {"approved": approved})
    assert run.rows(LEFT)[-1][0] == reached


def test_the_same_file_again_changes_nothing_and_a_form_that_comes_later_is_taken(run: Harness) -> None:
    drawn = choosing(f"user ask {DESK} camunda:formKey=approve", '${outcome == "yes" || outcome == "no"}')
    run.deploy(drawn)
    assert run.deploy(drawn).unchanged
    form = b'{"type": "default", "id": "approve", "components": [{"type": "textfield", "key": "outcome"}]}'
    assert not run.deploy(drawn, SourceFile("approve.form", form)).unchanged
    run.start("p")
    assert run.recorder.named("ask")[0].form == "approve"


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ("${approved}", [("approved", "checkbox")]),
        ("${!approved}", [("approved", "checkbox")]),
        ("${approved == true && amount > 100}", [("amount", "number"), ("approved", "checkbox")]),
        ('${outcome == "yes"}', [("outcome", "textfield")]),
        ("${price * 2 > limit}", [("limit", "textfield"), ("price", "number")]),
        ("${order.total > 3 && urgent}", [("urgent", "checkbox")]),
        ("=count > 3", [("count", "number")]),
        ("=case.amount > 3", None),
        ("=form.ask.approved", None),
        ("=1 = 2", None),
    ],
)
def test_it_asks_for_each_name_as_it_is_read(condition: str, fields: list[tuple[str, str]] | None) -> None:
    assert asked(choosing(f"user ask {DESK}", condition)) == ({"p.ask": fields} if fields else {})


def test_what_no_field_can_hold_is_a_warning_at_the_task() -> None:
    compiled = compile_files([choosing(f"user ask {DESK}", "${order.total > 3}")], operations=())
    assert not compiled.forms
    [warning] = [one for one in compiled.findings if one.code == "form-needed"]
    assert (warning.element_id, warning.severity) == ("ask", "warning")
    assert "read order" in warning.message
    assert "order" in warning.message_zh


def test_texts_a_name_is_compared_with_are_shown_beside_it() -> None:
    compiled = compile_files([choosing(f"user ask {DESK}", '${o == "yes" || o == "later"}')], operations=())
    [component] = compiled.forms["p.ask"]["components"]
    assert component["description"] == "later · yes"


def test_only_the_nearest_task_is_asked_and_what_is_written_in_between_nobody() -> None:
    drawn = process(
        "p", "start s", f"user one {DESK}", f"user two {DESK}", "script w | total = 3", *CHOICE,
        "s -> one -> two -> w -> g", "g -> paid : ${approved && total > 2}",
    )  # fmt: skip
    assert asked(drawn) == {"p.two": [("approved", "checkbox")]}


def test_what_an_operation_in_between_may_give_no_person_is_asked_for() -> None:
    drawn = process(
        "p", "start s", f"user ask {DESK}", "service t camunda:topic=rate", *CHOICE,
        "s -> ask -> t -> g", "g -> paid : ${rating > 3}",
    )  # fmt: skip
    assert asked(drawn) == {}


def test_tasks_in_and_before_sub_processes_and_callees_ask_for_what_is_read_there() -> None:
    inner = process(
        "p", "start s", "sub x {", "start xs", f"user ask {DESK}", "xs -> ask", "}", *CHOICE,
        "s -> x -> g", "g -> paid : ${approved}",
    )  # fmt: skip
    assert asked(inner) == {"p.ask": [("approved", "checkbox")]}
    before = process(
        "p", "start s", f"user ask {DESK}", "call c calledElement=q", "end e", "s -> ask -> c -> e"
    )
    called = process("q", "start s2", *CHOICE, "s2 -> g", "g -> paid : ${approved}")
    assert asked(before, called) == {"p.ask": [("approved", "checkbox")]}


def test_what_was_given_at_the_start_need_not_be_answered_again(run: Harness) -> None:
    run.deploy(choosing(f"user ask {DESK}", "${amount > 100}"))
    run.start("p", amount=200)
    run.complete("ask", {"amount": None})
    assert run.rows(LEFT)[-1][0] == "paid"


def test_a_table_tells_what_its_columns_are() -> None:
    table = SourceFile(
        "grade.dmn",
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
        b'<decision id="grade" name="grade"><decisionTable id="t" hitPolicy="FIRST">'
        b'<input id="i"><inputExpression id="ie" typeRef="number"><text>age</text></inputExpression></input>'
        b'<output id="o" name="level" typeRef="string"/><rule id="r"><inputEntry id="e"><text>-</text></inputEntry>'
        b'<outputEntry id="f"><text>"a"</text></outputEntry></rule></decisionTable></decision></definitions>',
    )
    drawn: Any = process(
        "p", "start s", f"user ask {DESK}", "rule t camunda:decisionRef=grade camunda:resultVariable=level", "end e",
        "s -> ask -> t -> e",
    )  # fmt: skip
    assert asked(drawn, table) == {"p.ask": [("age", "number")]}
