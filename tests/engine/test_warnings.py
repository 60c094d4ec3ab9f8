"""What FEEL warns of while an instance runs stays with the instance, whoever looks later."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.errors import InvalidInput
from engine.expressions.feel import Warning
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.ports import FormWarning
from engine.spiff.warned import LONGEST, MOST_KEPT
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process

MAPPED = (
    "<bpmn:extensionElements><camunda:inputOutput>{0}</camunda:inputOutput></bpmn:extensionElements>".format
)


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def kept(run: Harness) -> list[Any]:
    return run.rows(
        sa.select(HistoryEvent.activity_id, HistoryEvent.activity_name, HistoryEvent.at, HistoryEvent.data)
        .where(HistoryEvent.kind == "warning_recorded")
        .order_by(HistoryEvent.id)
    )


def told(run: Harness) -> list[tuple[str, str, str, str]]:
    return [
        (row.activity_id, row.data["what"], row.data.get("of", ""), row.data["expression"])
        for row in kept(run)
    ]


def around(*lines: str, node: str = "t") -> SourceFile:
    """A person's task `a`, then the node under test, then a person's task `z`."""
    return process("p", "start s", "user a", *lines, "user z", "end e", f"s -> a -> {node} -> z -> e")


def test_a_warning_says_of_which_element_and_expression_why_and_when(run: Harness) -> None:
    run.deploy(around("script t | form.t.total = form.a.amount + 1"))
    run.start("p")
    run.complete("a", {"amount": None})
    assert run.waiting() == ["z"]
    (row,) = kept(run)
    assert (row.activity_id, row.activity_name, row.at) == ("t", "t", run.clock.now())
    assert row.data == {
        "what": "script",
        "of": "form.t.total",
        "expression": "form.a.amount + 1",
        "code": "null-operand",
        "message": "Addition met null.",
        "message_zh": "加法遇到空值（null）。",
        "position": row.data["position"],
        "count": 1,
    }
    assert 1 <= row.data["position"] <= len("form.a.amount + 1")


EXPRESSIONS = [
    (
        "condition",
        process(
            "p", "start s", "user a", "xor g", "user z", "end e",
            "s -> a -> g", "g -> z : form.a.n > 1 or true", "default g -> e", "z -> e",
        ),
        ("g", "condition", "flow_3", "form.a.n > 1 or true"),
    ),
    (
        "input mapping",
        around(
            "task t | "
            + MAPPED('<camunda:inputParameter name="x">=form.a.n * 2</camunda:inputParameter>'
                     '<camunda:outputParameter name="y">=1</camunda:outputParameter>')
        ),
        ("t", "input", "x", "form.a.n * 2"),
    ),
    (
        "output mapping",
        around("task t | " + MAPPED('<camunda:outputParameter name="y">=form.a.n * 2</camunda:outputParameter>')),
        ("t", "output", "y", "form.a.n * 2"),
    ),
    (
        "timer",
        around('catch t timeDuration="=[form.a.n > 1, form.a.when][2]"'),
        ("t", "timer", "", "[form.a.n > 1, form.a.when][2]"),
    ),
    (
        "assignee",
        around('user t camunda:assignee="=if (form.a.n > 1) = true then form.a.who else form.a.me"'),
        ("t", "assignee", "", "if (form.a.n > 1) = true then form.a.who else form.a.me"),
    ),
    (
        "property",
        around(
            'user t | <bpmn:extensionElements><camunda:properties>'
            '<camunda:property name="route.unit" value="=form.a.n + 1"/></camunda:properties></bpmn:extensionElements>'
        ),
        ("t", "property", "route.unit", "form.a.n + 1"),
    ),
    (
        "collection",
        around('user t each="=for i in [1,2] return form.a.n + i as i"'),
        ("t", "collection", "", "for i in [1,2] return form.a.n + i"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "expected"),
    [pytest.param(file, expected, id=name) for name, file, expected in EXPRESSIONS],
)
def test_every_kind_of_expression_keeps_its_warnings(
    run: Harness, file: SourceFile, expected: tuple[str, str, str, str]
) -> None:
    run.deploy(file)
    run.start("p")
    run.complete("a", {"n": None, "me": "li", "who": "wang", "when": "PT1H"})
    assert expected in told(run)
    assert all(row.data["code"] == "null-operand" for row in kept(run))


def test_a_completion_condition_keeps_its_warnings(run: Harness) -> None:
    run.deploy(around('user t each="=[1,2] as i" until="form.t.n > 1 or nrOfCompletedInstances = 1"'))
    run.start("p")
    run.complete("a", {})
    run.complete("t", {"n": None})
    assert ("t", "completion", "", "form.t.n > 1 or nrOfCompletedInstances = 1") in told(run)


def test_equal_warnings_of_one_action_are_one_line_with_a_count(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            'script t | { "loop.round": loop.round + 1, lost: form.a.n + 1 }',
            "xor g",
            "user z",
            "end e",
            "s -> a -> first -> t -> g",
            "g -> t : loop.round < 200",
            "default g -> z",
            "z -> e",
            "script first | loop.round = 0",
        )
    )
    run.start("p")
    run.complete("a", {"n": None})
    assert run.waiting() == ["z"]
    (row,) = kept(run)
    assert (row.data["expression"], row.data["count"]) == ("form.a.n + 1", 200)


def test_more_different_warnings_than_anybody_reads_are_counted(run: Harness) -> None:
    entries = ", ".join(f"x{number}: form.a.n + {number}" for number in range(MOST_KEPT + 30))
    run.deploy(around(f"script t | {{ {entries} }}"))
    run.start("p")
    run.complete("a", {"n": None})
    rows = kept(run)
    assert len(rows) == MOST_KEPT + 1
    assert rows[-1].data == {"what": "more", "count": 30}


def test_a_long_expression_and_a_quoted_answer_are_kept_short(run: Harness) -> None:
    text = "form.a.n + 1" + " + 1" * 2_000
    run.deploy(around(f"script t | x = {text}"))
    run.start("p")
    run.complete("a", {"n": None})
    assert len(kept(run)[0].data["expression"]) == LONGEST + 2


def test_an_incident_quotes_its_warning_and_the_others_are_kept(run: Harness) -> None:
    run.deploy(around("script t | x = [form.a.n + 1, misspelt]"))
    run.start("p")
    run.complete("a", {"n": None})
    (incident,) = run.rows(sa.select(Incident.message, Incident.message_zh))
    assert 'There is no variable "misspelt".' in incident.message
    assert incident.message_zh == "“[form.a.n + 1, misspelt]”没有值：没有名为“misspelt”的变量。"
    assert [row.data["code"] for row in kept(run)] == ["null-operand"]
    raised = run.scalar(sa.select(HistoryEvent.data).where(HistoryEvent.kind == "incident_raised"))
    assert raised["message_zh"] == incident.message_zh


def test_an_incident_without_a_warning_speaks_chinese_too(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "user a", "xor g", "user z", "s -> a -> g", "g -> z : form.a.n = 1", "g -> a : form.a.n = 2")
    )  # fmt: skip
    run.start("p")
    run.complete("a", {"n": 3})
    (incident,) = run.rows(sa.select(Incident.message, Incident.message_zh))
    assert incident.message.startswith("No way out of 'g'")
    assert incident.message_zh == "“g”（g）没有出路：条件都不成立，也没有默认顺序流。"


def test_an_undecidable_condition_keeps_the_warnings_it_does_not_quote(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user a", "xor g", "user z", "end e",
            "s -> a -> g", "g -> z : form.a.n > 1 and form.b.x = 1", "default g -> e", "z -> e",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("a", {"n": None})
    (incident,) = run.rows(sa.select(Incident.message, Incident.message_zh))
    assert "cannot be decided" in incident.message and "无法判定" in incident.message_zh
    assert {row.data["code"] for row in kept(run)} == {"null-operand"}


DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="level" name="评定级别"><decisionTable id="t" hitPolicy="FIRST">
<input id="i" label="金额"><inputExpression id="x" typeRef="number"><text>form.a.n</text></inputExpression></input>
<output id="o" name="level" typeRef="string"/>
<rule id="r1"><inputEntry id="e1"><text>&gt; 100</text></inputEntry><outputEntry id="o1"><text>"high"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="e2"><text>-</text></inputEntry><outputEntry id="o2"><text>"low"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_a_decision_keeps_its_warnings_with_row_and_column(run: Harness) -> None:
    run.deploy(SourceFile("level.dmn", DECISION.encode()), around("rule t camunda:decisionRef=level"))
    run.start("p")
    run.complete("a", {"n": None})
    assert run.waiting() == ["z"]
    (row,) = kept(run)
    assert (row.activity_id, row.data["what"], row.data["of"]) == ("t", "decision", "level")
    assert (row.data["element"], row.data["row"], row.data["column"]) == ("level", 1, "金额")
    assert row.data["name"] == "评定级别"


def test_what_a_form_warned_of_is_kept_with_its_task_and_with_the_start(run: Harness) -> None:
    run.deploy(around("task t"))
    found = FormWarning("score > 3", Warning("type-mismatch", '">" cannot take a string and a number.', 6))
    with run.sessions.begin() as session:
        move = run.engine.start(session, "p", business_key="K", actor=TESTER, form_warnings=[found])
        run.engine.complete(
            session, move.instance.id, move.entered[0].id, {}, actor=TESTER, form_warnings=[found, found]
        )
    assert [(row.activity_id, row.data["what"], row.data["count"]) for row in kept(run)] == [
        ("s", "form", 1),
        ("a", "form", 2),
    ]
    assert kept(run)[0].data["position"] == 7


def test_a_run_without_warnings_writes_none(run: Harness) -> None:
    run.deploy(around("script t | x = form.a.n + 1"))
    run.start("p")
    run.complete("a", {"n": 1})
    assert kept(run) == []


def test_a_timer_start_that_leaves_a_doubt_is_refused_because_no_instance_could_keep_it(run: Harness) -> None:
    file = process("p", "start s timeCycle=WHEN", "user a", "end e", "s -> a -> e")
    doubtful = b'=if (null &gt; 1) = true then "R/P1D" else "R/P2D"'
    with pytest.raises(InvalidInput, match="leaves a doubt"):
        run.deploy(SourceFile(file.name, file.content.replace(b"WHEN", doubtful)))
