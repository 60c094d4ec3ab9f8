"""What the verification claims of a table is what the evaluation of that table does, for tables nobody thought of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions.dmn import DecisionModel
from engine.expressions.dmn.verification import Effort, TableFinding, verify
from engine.expressions.feel import Scope, compile_expression
from tests.engine.expressions.checked_tables import In, Made, Out, decide, values_of

NUMBERS = ["0", "1", "2", "2.5", "3", "-1", "10"]
TEXTS = ['"a"', '"b"', '"c"', '"no"', '""']
DATES = ['@"2026-01-01"', '@"2026-01-02"', 'date("2026-03-01")', '@"2026-12-31"']
MOMENTS = ['@"2026-01-01T00:00:00"', '@"2026-01-01T12:30:00"', '@"2026-02-01T08:00:00"', '@"2026-01-02"']
ZONED = ['@"2026-01-01T00:00:00Z"', '@"2026-01-01T08:00:00+08:00"', '@"2026-02-01T08:00:00"']
TIMES = ['@"00:00:00"', '@"08:00:00"', '@"12:30:00.5"', '@"23:59:59"', '@"08:00:00Z"', '@"23:00:00-02:00"']
DAYS = ['@"P1D"', '@"PT0S"', '@"-PT1H"', 'duration("P2DT3H")']
MONTHS = ['@"P1Y"', '@"P1M"', '@"-P2M"']
KINDS = {
    "number": NUMBERS,
    "integer": NUMBERS,
    "string": TEXTS,
    "date": DATES,
    "date and time": MOMENTS + ZONED,
    "time": TIMES,
    "days and time duration": DAYS,
    "years and months duration": MONTHS,
    "boolean": ["true", "false"],
}
EVERYTHING = [text for texts in KINDS.values() for text in texts]
SAMPLES = [
    compile_expression(text).evaluate(Scope()).value
    for text in [
        *EVERYTHING, "0.5", "1.5", "4", "-7", "100", '"d"', '"zz"', '@"2025-01-01"', '@"2026-01-15"', '@"2027-01-01"',
        '@"2026-01-01T12:30:01"', '@"2025-01-01T00:00:00Z"', '@"05:00:00"', '@"P9D"', '@"P5Y"', "null", "[1]", '["a"]',
    ]
]  # fmt: skip


def cells_of(texts: Sequence[str]) -> st.SearchStrategy[str]:
    """A cell over these values."""
    one = st.sampled_from(texts)
    simple = st.one_of(
        one,
        st.builds("{}{}".format, st.sampled_from(["< ", "<= ", "> ", ">= ", "= ", "!= "]), one),
        st.builds("{}{}..{}{}".format, st.sampled_from("[("), one, one, st.sampled_from("])")),
        st.builds("[{}, {}]".format, one, one),
    )
    several = st.lists(simple, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        st.just("-"),
        several,
        several,
        several.map("not({})".format),
        st.sampled_from(["null", "not(null)", 'string(?) = "1"', "other"]),
    )


@st.composite
def tables(draw: st.DrawFn, policies: Sequence[str]) -> Made:
    inputs, cells = [], []
    for name in ["x", "y", "z"][: draw(st.integers(1, 3))]:
        kind = draw(st.sampled_from(list(KINDS)))
        typed = draw(st.booleans())
        texts = KINDS[kind] if typed or draw(st.booleans()) else EVERYTHING
        values = draw(
            st.one_of(
                st.just(""),
                st.just(""),
                st.lists(st.sampled_from(texts), min_size=1, max_size=4).map(", ".join),
            )
        )
        # Now and then two columns ask the same input.
        inputs.append(In(draw(st.sampled_from([name, name, name, "x"])), kind if typed else "", values))
        cells.append(cells_of(texts))
    outputs = [Out(values='"p", "q", "r"')]
    answer = st.sampled_from(['"p"', '"q"', '"r"', '"s"', "x"])
    rows = st.tuples(st.tuples(*cells), st.tuples(answer))
    rules = draw(st.lists(rows, min_size=1, max_size=6))
    return Made(inputs, rules, draw(st.sampled_from(policies)), outputs)


def at(model: DecisionModel, finding: TableFinding, more: dict[str, Any]) -> tuple[Any, list[int], list[str]]:
    outcome, rows = decide(model, {**more, **values_of(finding.example)})
    return outcome.outputs, rows, [warning.code for warning in outcome.warnings]


@settings(max_examples=100, deadline=None)
@given(
    made=tables(["UNIQUE", "ANY", "FIRST", "PRIORITY", "COLLECT"]),
    others=st.lists(st.sampled_from(SAMPLES), min_size=3, max_size=3),
)
def test_every_example_does_what_the_finding_says(made: Made, others: list[Any]) -> None:
    model = made.model()
    # Inputs an example does not name may have any value.
    anything = dict(zip("xyz", others, strict=True))
    for finding in verify(model, effort=Effort(shown=1_000)):
        assert finding.message and finding.message_zh
        if "read the same data" in finding.message:
            continue
        if finding.code == "table-gap":
            assert at(model, finding, anything)[:2] == (None, []), finding
        if finding.code == "table-overlap":
            rows = at(model, finding, anything)[1]
            assert set(finding.rows[:2]) <= set(rows), finding
        if finding.code == "table-conflict":
            found = at(model, finding, anything)
            assert set(finding.rows[:2]) <= set(found[1]) and "hit-policy" in found[2], finding
        if finding.code in ("rule-masked", "rule-never-fires") and finding.example:
            assert finding.rows[0] not in at(model, finding, anything)[1], finding


@settings(max_examples=100, deadline=None)
@given(made=tables(["UNIQUE", "FIRST", "PRIORITY", "COLLECT"]), start=st.integers(0, 1_000))
def test_a_rule_said_never_to_fire_does_not(made: Made, start: int) -> None:
    model = made.model()
    findings = verify(model, effort=Effort(shown=1_000))
    masked = {one.rows[0] for one in findings if one.code == "rule-masked"}
    never = {one.rows[0] for one in findings if one.code == "rule-never-fires"}
    if not masked | never:
        return
    count = len(SAMPLES)
    for n in range(start, start + count * 2):
        # Every sample twice in each column, beside another one each time.
        point = (SAMPLES[n % count], SAMPLES[(n * 7 + start) % count], SAMPLES[(n * 11 + 3) % count])
        rows = decide(model, dict(zip("xyz", point, strict=True)))[1]
        assert not masked & set(rows)
        # Null is no input a cell lets through by intention; see the sentence.
        if all(value is not None and type(value) is not list for value in point) and _whole(made, point):
            assert not never & set(rows) or _became_null(model, point)


def _whole(made: Made, point: tuple[Any, ...]) -> bool:
    """No fraction stands where the type says that there are none, which an evaluation does not check."""
    given = dict(zip("xyz", point, strict=True))
    integers = [given[column.text] for column in made.inputs if column.type == "integer"]
    return all(type(value) is not Decimal or value == int(value) for value in integers)


def _became_null(model: DecisionModel, point: tuple[Any, ...]) -> bool:
    """Was a value none of the column's type or of its allowed values, so that the table saw null?"""
    warnings = model.evaluate("verdict", dict(zip("xyz", point, strict=True))).warnings
    return any("allowed values" in one.message or "is not of type" in one.message for one in warnings)


# -- small worlds, compared with trying everything ------------------------------------------------------------------------

WORLDS: dict[str, tuple[str, str, list[Any]]] = {
    "boolean": ("boolean", "", [True, False]),
    "integer": ("integer", "[0..4]", [Decimal(n) for n in range(5)]),
    "string": ("string", '"a", "b", "c"', ["a", "b", "c"]),
}
CELLS = {
    "boolean": ["-", "true", "false", "not(true)"],
    "integer": ["-", "0", "1", "2,3", "< 2", ">= 2", "[1..3]", "(1..3)", "> 3", "not(2)", "not(< 3)", "[3..1]", "!= 4"],
    "string": ["-", '"a"', '"b"', '"a","b"', 'not("a")', 'not("a","c")', '< "b"'],
}  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn, policy: str) -> tuple[Made, list[list[Any]]]:
    kinds = draw(st.lists(st.sampled_from(list(WORLDS)), min_size=1, max_size=3))
    inputs = [In(name, WORLDS[kind][0], WORLDS[kind][1]) for name, kind in zip("xyz", kinds, strict=False)]
    answer = st.sampled_from(["1", "2"])
    rule = st.tuples(st.tuples(*[st.sampled_from(CELLS[kind]) for kind in kinds]), st.tuples(answer))
    rules = draw(st.lists(rule, max_size=7))
    return Made(inputs, rules, policy), [WORLDS[kind][2] for kind in kinds]


def every_answer(made: Made, worlds: list[list[Any]]) -> dict[tuple[Any, ...], list[int]]:
    """The rows that match at every input there is."""
    model = made.model()
    return {
        point: decide(model, dict(zip("xyz", point, strict=False)))[1] for point in itertools.product(*worlds)
    }


@settings(max_examples=60, deadline=None)
@given(world=worlds("UNIQUE"))
def test_gaps_and_overlaps_are_those_found_by_trying_everything(world: tuple[Made, list[list[Any]]]) -> None:
    made, values = world
    answers = every_answer(made, values)
    findings = made.findings(Effort(shown=1_000))
    gaps = [one for one in findings if one.code == "table-gap"]
    assert bool(gaps) is any(not rows for rows in answers.values())
    overlaps = {
        frozenset((one.rows[0], other))
        for one in findings
        if one.code == "table-overlap"
        for other in one.rows[1:]
    }
    assert overlaps == {
        frozenset(pair) for rows in answers.values() for pair in itertools.combinations(rows, 2)
    }
    never = {one.rows[0] for one in findings if one.code == "rule-never-fires"}
    assert never == set(range(1, len(made.rules) + 1)) - {row for rows in answers.values() for row in rows}


@settings(max_examples=60, deadline=None)
@given(world=worlds("ANY"))
def test_conflicts_are_those_found_by_trying_everything(world: tuple[Made, list[list[Any]]]) -> None:
    made, values = world
    outputs = [results[0] for _, results in made.rules]
    conflicts = {
        frozenset((one.rows[0], other))
        for one in made.findings(Effort(shown=1_000))
        if one.code == "table-conflict"
        for other in one.rows[1:]
    }
    tried: set[frozenset[int]] = set()
    for rows in every_answer(Made(made.inputs, made.rules, "UNIQUE"), values).values():
        tried |= {
            frozenset(pair)
            for pair in itertools.combinations(rows, 2)
            if outputs[pair[0] - 1] != outputs[pair[1] - 1]
        }
    assert conflicts == tried


@settings(max_examples=60, deadline=None)
@given(world=worlds("FIRST"))
def test_rules_that_never_fire_are_those_found_by_trying_everything(
    world: tuple[Made, list[list[Any]]],
) -> None:
    made, values = world
    findings = made.findings(Effort(shown=1_000))
    # A missing input is null, and nothing checks that the number of a type called "integer" is whole.
    halves = [Decimal(n) + Decimal("0.5") for n in range(4)]
    with_null = every_answer(made, [[*world, None, *(halves if 4 in world else [])] for world in values])
    masked = {one.rows[0] for one in findings if one.code == "rule-masked"}
    never = {one.rows[0] for one in findings if one.code == "rule-never-fires"}
    fired = {row for rows in with_null.values() for row in rows}
    assert masked == set(range(1, len(made.rules) + 1)) - fired - never
    assert not never & {row for rows in every_answer(made, values).values() for row in rows}
