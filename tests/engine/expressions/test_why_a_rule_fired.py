"""The answer of a decision carries what it was made from: inputs, rules that fired, and why the others did not."""

from __future__ import annotations

from decimal import Decimal

from engine.expressions.dmn import DecisionOutcome
from engine.expressions.dmn.evaluation.explain import explained
from engine.expressions.dmn.evaluation.trace import MAX_KEPT
from engine.expressions.feel import Limits
from tests.engine.expressions.tables import decision, literal, read, table

ANNOTATED = "<description>why</description><annotationEntry><text>clause 7</text></annotationEntry>"
LEVEL = table(
    ["amount", "kind"],
    [(["> 100", '"gold"'], '"high"'), (["> 100", "-"], '"mid"'), (["-", '"gold"'], '"low"')],
    policy="FIRST",
    more=ANNOTATED,
)
FEE = table(["level"], [(['"high"'], "1 + 1"), (["-"], "1")], policy="COLLECT+SUM")
MODEL = read(
    decision("level", LEVEL), decision("fee", FEE, "#level"), decision("both", literal("fee * 10"), "#fee")
)


def test_every_decision_on_the_way_tells_its_values_and_rules() -> None:
    outcome = MODEL.evaluate("both", {"amount": 200, "kind": "gold"})
    assert outcome.outputs == 30
    assert [(one.element.id, one.inputs, one.value) for one in outcome.steps] == [
        ("level", {}, "high"),
        ("fee", {"level": "high"}, Decimal(3)),
        ("both", {"fee": Decimal(3)}, Decimal(30)),
    ]
    level, fee = outcome.steps[0].tables[0], outcome.steps[1].tables[0]
    assert level.inputs == {"amount": Decimal(200), "kind": "gold"}
    assert [(hit.row, hit.rule_id, hit.outputs) for hit in fee.hits] == [(1, "r1", 2), (2, "r2", 1)]
    (hit,) = level.hits
    assert (hit.decision_id, hit.row, hit.annotations) == ("level", 1, (("", "why"), ("", "clause 7")))
    assert outcome.matched == ()
    assert [hit.decision_id for hit in outcome.hits] == ["level", "fee", "fee"]


def test_whoever_asks_why_learns_what_every_cell_said() -> None:
    silent = MODEL.evaluate("level", {"amount": 50, "kind": "gold"})
    assert silent.steps[0].tables[0].verdicts is None
    asked = MODEL.evaluate("level", {"amount": 50, "kind": "gold"}, explain=True)
    run = asked.steps[0].tables[0]
    assert run.verdicts == [(False, True), (False, True), (True, True)]
    assert (asked.outputs, asked.warnings) == (silent.outputs, silent.warnings)


def test_asking_why_changes_neither_warnings_nor_limits() -> None:
    cells = ["sum(for i in 1..30000 return i) > 0", "? > limit", "? > missing"]
    model = read(decision("d", table(["n"], [([cell], "1") for cell in cells], policy="FIRST")))
    plain = model.evaluate("d", {"n": 1, "limit": 5})
    asked = model.evaluate("d", {"n": 1, "limit": 5}, explain=True)
    assert (asked.outputs, asked.warnings) == (plain.outputs, plain.warnings)
    assert asked.steps[0].tables[0].verdicts == [(True,), (False,), (None,)]


def test_a_table_called_in_a_loop_is_kept_each_time_but_not_without_end() -> None:
    rates = table(["n"], [(["< 3"], "1"), (["-"], "2")], policy="FIRST")
    knowledge = (
        '<businessKnowledgeModel id="rate" name="rate"><variable name="rate"/><encapsulatedLogic>'
        f'<formalParameter name="n"/>{rates}</encapsulatedLogic></businessKnowledgeModel>'
    )
    loop = decision("sum of rates", literal("sum(for i in 1..count return rate(i))"), "*rate")
    model = read(knowledge, loop)
    few = model.evaluate("sum of rates", {"count": 4})
    (step,) = few.steps
    assert [table.inputs["n"] for table in step.tables] == [1, 2, 3, 4]
    assert [hit.row for hit in few.hits] == [1, 1, 2, 2]
    assert {hit.decision_id for hit in few.hits} == {"rate"}
    # How much is kept must not depend on how fast the machine is.
    many = model.evaluate("sum of rates", {"count": 3_000}, limits=Limits(seconds=5))
    assert many.outputs == 5_998
    assert len(many.hits) == MAX_KEPT
    assert many.skipped == 2_000


def test_a_business_knowledge_model_can_be_asked_itself() -> None:
    model = read(
        '<businessKnowledgeModel id="twice" name="Twice"><variable name="Twice"/><encapsulatedLogic>'
        '<formalParameter name="n" typeRef="number"/><literalExpression><text>n * 2</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    assert model.evaluate("Twice", {"n": 4}).outputs == 8
    nothing = model.evaluate("Twice", {})
    assert nothing.outputs is None
    assert 'The input "n" was not given.' in [one.message for one in nothing.warnings]


def places(outcome: DecisionOutcome) -> list[tuple[str, int, str]]:
    found = [one.place for one in outcome.warnings]
    return [(one.element, one.row, one.column) for one in found if one is not None]


def test_a_warning_tells_the_decision_the_row_and_the_column() -> None:
    cells = [(["< 5", "-"], "1"), (["-", '? > "a"'], "1"), (["-", "-"], "1 / 0")]
    model = read(
        decision("d", table(["n", "m.x"], cells, policy="FIRST")), decision("e", literal("d + 1"), "#d")
    )
    outcome = model.evaluate("e", {"n": "text", "m": {}})
    assert places(outcome) == [("d", 0, "m.x"), ("d", 1, "n"), ("d", 2, "m.x"), ("d", 3, "y"), ("e", 0, "")]


def test_a_policy_that_is_broken_is_told_of_the_whole_table() -> None:
    model = read(decision("d", table(["n"], [(["1"], "1"), (["-"], "2")])))
    assert places(model.evaluate("d", {"n": 1})) == [("d", 0, "")]


def test_where_few_misses_are_told_they_are_the_closest() -> None:
    rules = [(["1", "1"], '"far"'), (["2", "1"], '"near"'), (["2", "2"], '"hit"')]
    model = read(decision("d", table(["a", "b"], rules)))
    outcome = model.evaluate("d", {"a": 2, "b": 2}, explain=True)
    told = explained(outcome, misses=1)[0]["tables"][0]
    assert [one["row"] for one in told["missed"]] == [2]
    assert told["unexplained"] == 1
