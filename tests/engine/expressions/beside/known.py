"""The differences that are known: where feelin says something else than DMN 1.5 does, and Redress keeps to DMN.

`docs/feel.md` tells authors about each of them, with the clause of the standard; a test compares the two lists and runs
every example on both engines. A difference the fuzz finds that is none of these fails it: either we are wrong and get
mended, or a row is added here and there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tests.engine.expressions.beside.about import (
    DURATIONS,
    INSTANTS,
    PLAIN,
    backwards,
    ends,
    is_duration,
    items,
    no_number,
    of_two_kinds,
    of_two_zones,
    pairs,
    zoned,
)  # fmt: skip
from tests.engine.expressions.beside.blame import Difference
from tests.engine.expressions.beside.values import Interval, literal, type_of

Test = Callable[[Difference], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """example: a FEEL text, or an input cell when `given` (the text of its input) is told; ours, theirs: what the two
    engines answer, as FEEL, "refused" or "thrown"; when: is this difference one of them?"""

    id: str
    example: str
    theirs: str
    ours: str
    when: Test
    given: str | None = None


def known_as(difference: Difference) -> str:
    """The id of the first known difference this is one of, or the empty string."""
    return next((one.id for one in KNOWN if one.when(difference)), "")


def form_is(*forms: str) -> Test:
    return lambda d: d.form in forms


def calls(names: str, test: Test = lambda d: True) -> Test:
    """A call of one of these functions, for which `test` holds."""
    pattern = re.compile(rf"({names})\(")
    return lambda d: pattern.match(d.form) is not None and test(d)


def compares(test: Callable[[Any, Any], bool]) -> Test:
    return lambda d: any(test(a, b) for a, b in pairs(d))


def has_ends(test: Callable[[Any, Any], bool]) -> Test:
    """A range of which the two ends are so."""

    def holds(d: Difference) -> bool:
        found = ends(d)
        return found is not None and test(*found)

    return holds


# -- numbers, texts -------------------------------------------------------------------------------------------------


def _fractions(d: Difference) -> bool:
    if d.noise and None not in d.operands:
        return True
    both = isinstance(d.ours.value, Decimal) and isinstance(d.theirs.value, Decimal)
    return both and any(isinstance(one, Decimal) and one % 1 for one in d.operands)


def _no_end(d: Difference) -> bool:
    return any(map(no_number, [d.theirs.value, *d.operands]))


def _blank_number(d: Difference) -> bool:
    return isinstance(d.operands[0], str) and not d.operands[0].strip() and d.theirs.value == 0


def _far_characters(d: Difference) -> bool:
    return isinstance(d.operands[0], str) and any(ord(one) > 0xFFFF for one in d.operands[0])


def _outside(d: Difference) -> bool:
    """A position that is zero, no whole number, or not in the text or list; or a length below one."""
    size = len(d.operands[0]) if isinstance(d.operands[0], str | list) else 1
    at, rest = d.operands[1], d.operands[2:]
    if d.ours.value is not None or d.theirs.failed or not isinstance(at, Decimal):
        return False
    short = d.form.startswith("sub") and bool(rest) and isinstance(rest[0], Decimal)
    start = at if at > 0 else size + at + 1
    return at == 0 or at % 1 != 0 or abs(at) > size or (short and (rest[0] < 1 or start + rest[0] > size + 1))


# -- dates and durations --------------------------------------------------------------------------------------------


def _negative_years(d: Difference) -> bool:
    if "negative date" in d.theirs.why:
        return True
    return type_of(d.theirs.value) in INSTANTS and bool(re.match(r"[-+]\d{6}-", d.theirs.value.text))


def _scaled(d: Difference) -> bool:
    return d.form in ("{0} * {1}", "{0} / {1}") and any(map(is_duration, d.operands))


def _date_and_hours(d: Difference) -> bool:
    both = set(d.types) == {"date", "days and time duration"}
    if d.form not in ("{0} + {1}", "{0} - {1}") or not both or type_of(d.theirs.value) != "date and time":
        return False
    return type_of(d.ours.value) == "date" and bool(d.theirs.value.text.startswith(d.ours.value.text))


def _months_and_days(d: Difference) -> bool:
    """The same months and some days, which feelin rounds to a further month by the calendar of 1970."""
    if type_of(d.ours.value) not in DURATIONS or type_of(d.theirs.value) not in DURATIONS:
        return False
    return abs(_months(d.ours.value.text) - _months(d.theirs.value.text)) <= 1


def _months(text: str) -> int:
    years, months = re.search(r"(\d+)Y", text), re.search(r"(\d+)M", text)
    count = 12 * int(years[1] if years else 0) + int(months[1] if months else 0)
    return -count if text.startswith("-") else count


def _time_and_months(d: Difference) -> bool:
    return d.form in ("{0} + {1}", "{0} - {1}") and set(d.types) == {"time", "years and months duration"}


def _zones_apart(d: Difference) -> bool:
    if d.form != "{0} - {1}" or not set(d.types) <= INSTANTS:
        return False
    return any(map(zoned, d.operands)) or set(d.types) == {"date", "date and time"}


def _rounded_durations(d: Difference) -> bool:
    """Counted in whole seconds, or in months of the calendar of 1970 above half a year."""
    both = any({type_of(a), type_of(b)} <= DURATIONS for a, b in pairs(d))
    return both and {type_of(d.ours.value), type_of(d.theirs.value)} == {"boolean"}


# -- ranges, comparisons --------------------------------------------------------------------------------------------


def _end_null(d: Difference) -> bool:
    if d.form == "(< {0})":
        return d.operands[0] is None
    if d.form == "for {name} in {0}..{1} return {2}":
        return None in d.operands[:2]
    wanted = d.operands[-1] if d.form == "{0} in {1}" or (d.form == "{0}" and d.given) else None
    if isinstance(wanted, Interval) and not d.ours.value:
        return None in (wanted.low, wanted.high)
    return d.form != "{0} between {1} and {2}" and has_ends(lambda a, b: a is None or b is None)(d)


def _end_kinds(d: Difference) -> bool:
    if "unsupported range" in d.theirs.why:
        return True
    return has_ends(lambda a, b: of_two_kinds(a, b) or of_two_zones(a, b))(d)


def _identity(d: Difference) -> bool:
    """Looked for with JavaScript's ===, which knows no dates, lists and contexts."""
    if re.match(r"(index of|list contains)\(", d.form):
        return type_of(d.input if "?" in d.form else d.operands[1]) not in PLAIN
    return d.form == "{0}" and d.types == ("list",) and type_of(d.input) not in PLAIN


def _list_of_one(d: Difference) -> bool:
    one = any(isinstance(value, list) and len(value) < 2 for pair in pairs(d) for value in pair)
    return d.form in ("{0} = {1}", "{0} != {1}") and one


def _in_then_or(d: Difference) -> bool:
    return d.form == "reading" and not d.ours.failed and re.search(r" in .* (or|and) ", d.text) is not None


def _outside_brackets(d: Difference) -> bool:
    bracket = re.search(r"\].*\.\..*\[", d.text) is not None
    return bracket and "refused" in (d.theirs.failed, d.ours.failed)


# -- lists, loops, cells --------------------------------------------------------------------------------------------


def _lists_among_numbers(d: Difference) -> bool:
    """`sum([1], 2)`, also where comments keep the search for the smallest difference from finding it."""
    if d.form == "reading":
        return "sum(" in d.text and d.ours.value is None
    named = re.match(r"(sum|min|max|mean|median|product)\(", d.form) is not None
    several = len(d.operands) > 1 and any(isinstance(one, list) for one in d.operands)
    return named and several and d.ours.value is None


def _extremes(d: Difference) -> bool:
    values = [one for operand in d.operands for one in items(operand)]
    return d.theirs.value is None and any(type_of(one) != "number" for one in values)


def _loop_over_one(d: Difference) -> bool:
    loop = re.match(r"(for|some|every) \{name\} in \{0\}(, other in \{1\})? (return|satisfies)", d.form)
    return (
        bool(loop)
        and any(type_of(one) not in ("list", "null") for one in d.operands)
        and d.theirs.value is None
    )


def _null_items(d: Difference) -> bool:
    if not d.form.startswith("{0}[{1}]") or not isinstance(d.ours.value, list):
        return False
    return d.theirs.value == [one for one in d.ours.value if one is not None and one is not False]


def _other_filter(d: Difference) -> bool:
    return d.form == "{0}[{1}]" and {literal(d.ours.value), literal(d.theirs.value)} == {"null", "[]"}


def _unknown_in_quantifier(d: Difference) -> bool:
    return (
        d.form.startswith(("some ", "every "))
        and d.ours.value is None
        and type_of(d.theirs.value) == "boolean"
    )


def _cell_of_booleans(d: Difference) -> bool:
    return d.form in ("{0}", "not({0})") and type_of(d.input) == "boolean"


def _cell_and_null(d: Difference) -> bool:
    return d.given is not None and (d.input is None or None in d.operands)


def _unbounded(d: Difference) -> bool:
    """A relation of ranges, one of which has no end on one side."""
    ranges = [one for one in d.operands if isinstance(one, Interval)]
    return any(None in (one.low, one.high) for one in ranges)


def _lists_wanted(d: Difference) -> bool:
    """A function of lists that was given something else."""
    return any(not isinstance(one, list) for one in d.operands)


KNOWN: Final = [
    Known("negative-years", 'date("-0044-03-15")', "thrown", '@"-0044-03-15"', _negative_years),
    Known("no-number", "0 ** -1 > 1", "true", "null", _no_end),
    Known("range-end-null", '(0..number("x"))', "(> 0)", "null", _end_null),
    Known("binary-fractions", "0.1 + 0.2 = 0.3", "false", "true", _fractions),
    Known("scientific", "1e3", "1", "1000", lambda d: "1e3" in d.form),
    Known("trailing-zeros", "string(2.50)", '"2.5"', '"2.50"', lambda d: d.form == "string({0})" and d.types == ("number",)),
    Known("text-of-values", "string([1..3])", '"<range>"', '"[1..3]"',
          lambda d: d.form == "string({0})" and d.types[0] in ("context", "range", "function", "list")),
    Known("number-of-number", "number(1)", "null", "1", lambda d: d.form == "number({0})" and d.types == ("number",)),
    Known("rounded-far", "round up(7, -400) = 7", "true", "false",
          calls("decimal|floor|ceiling|round [a-z ]+", lambda d: abs(d.operands[-1]) > 300)),
    Known("empty-number", 'number("")', "0", "null", calls("number", _blank_number)),
    Known("empty-pattern", 'replace("ab", "x*", "-")', '"-a-b-"', "null",
          calls("replace|split", lambda d: d.ours.value is None and d.theirs.value is not None)),
    Known("odd-of-fraction", "odd(1.5)", "false", "null", calls("odd|even", lambda d: d.types[:1] == ("number",) and d.operands[0] % 1 != 0)),
    Known("far-characters", 'substring("😀x", -2)', '"x"', '"😀x"', calls("substring", _far_characters)),
    Known("position-outside", 'substring("abc", 0)', '"c"', "null", calls("substring|sublist|insert before|remove|list replace", _outside)),
    Known("position-negative", "remove([1, 2, 3], -2)", "[2, 3]", "[1, 3]",
          calls("insert before|remove|list replace", lambda d: isinstance(d.operands[1], Decimal) and d.operands[1] < 0)),
    Known("length-null", 'substring("abc", 2, null)', '""', '"bc"', calls("substring|sublist", lambda d: d.operands[-1] is None)),
    Known("replace-unknown", 'list replace([1, "a"], function(x, y) x > 0, 5)', '[5, "a"]', "null",
          lambda d: d.form.startswith("list replace({0}, function") and d.ours.value is None),
    Known("duration-sign", '-@"P1D"', "null", '@"-P1D"', lambda d: d.form == "-{0}" and is_duration(d.operands[0])),
    Known("duration-scaled", '@"P1D" * 3', "null", '@"P3D"', _scaled),
    Known("duration-equal", '@"PT1S" = @"PT1.5S"', "true", "false", _rounded_durations),
    Known("date-and-hours", '@"2026-01-31" + @"PT36H"', '@"2026-02-01T12:00:00Z"', '@"2026-02-01"', _date_and_hours),
    Known("months-with-days", 'years and months duration(@"2026-01-01", @"2026-03-15")', '@"P2M14D"', '@"P2M"',
          calls("years and months duration", _months_and_days)),
    Known("time-and-months", '@"10:00:00" + @"P1M"', '@"10:00:00"', "null", _time_and_months),
    Known("date-minus-time", '@"2026-01-31" - @"10:00:00"', '@"P20483DT14H"', "null",
          lambda d: d.form == "{0} - {1}" and "time" in d.types and set(d.types) <= INSTANTS and len(set(d.types)) == 2),
    Known("far-offset", 'time(10, 0, 0, @"PT19H")', '@"10:00:00+19:00"', "null", calls("time", lambda d: is_duration(d.operands[-1]))),
    Known("zones-apart", '@"2026-01-01T08:00:00+08:00" - @"2026-01-01T00:00:00Z"', '@"PT8H"', '@"PT0S"', _zones_apart),
    Known("zone-name", '@"10:00:00Z".timezone', '"UTC"', "null", lambda d: d.form.endswith(".timezone") and d.ours.value is None),
    Known("fraction-of-second", '@"PT1.5S".seconds', "1", "1.5", lambda d: re.search(r"\.seconds?$", d.form) is not None),
    Known("duration-of-duration", 'duration(@"P1D")', "null", '@"P1D"', calls("duration", lambda d: is_duration(d.operands[0]))),
    Known("time-of-date-and-time", 'time(date and time(@"2026-01-31", time(day of year(@"2026-01-09"), 1, 2)))', "refused", '@"09:01:02"',
          lambda d: d.theirs.failed == "refused" and not d.ours.failed and re.search(r"date and time\(|instance of", d.text) is not None),
    Known("time-of-another-kind", 'date and time(@"2026-01-31", @"2026-01-01T10:00:00")', '@"2026-01-31T10:00:00"', "null",
          calls("date and time", lambda d: len(d.types) > 1 and d.types[1] != "time")),
    Known("too-many-arguments", 'time(@"2026-01-31T10:00:00", 1, 0)', '@"10:00:00"', "null",
          calls("time|date", lambda d: d.types[0] in ("date", "date and time") and len(d.types) > 1)),
    Known("time-of-text", 'time("2026-01-31T10:00:00")', '@"10:00:00"', "null",
          lambda d: d.form in ("time({0})", "date({0})") and d.types == ("string",) and d.ours.value is None),
    Known("extremes", 'max(["b", "a"])', "null", '"b"', calls("min|max", _extremes)),
    Known("sum-of-lists", "sum([1], 2)", '"12"', "null", _lists_among_numbers),
    Known("sort-alone", "sort([2, 1])", "null", "[1, 2]", lambda d: d.form == "sort({0})" and d.theirs.value is None),
    Known("sort-without-order", "sort([3, null, 2], function(a, b) a < b)", "[3, null, 2]", "null",
          lambda d: d.form.startswith("sort(") and (d.ours.value is None or len(set(map(type_of, items(d.operands[0])))) > 1)),
    Known("median-order", "median([9, 10, 2])", "2", "9", calls("median")),
    Known("mode-order", "mode([10, -0.5])", "[10, -0.5]", "[-0.5, 10]", calls("mode")),
    Known("found-by-identity", 'list contains([@"2026-01-31"], @"2026-01-31")', "false", "true", _identity),
    Known("list-of-one", "[1] = []", "null", "false", _list_of_one),
    Known("is-of-another-kind", 'is(1, "a")', "null", "false", calls("is", lambda d: d.types[0] != d.types[1])),
    Known("key-of-another-kind", "context({key: [], value: 1})", '{"": 1}', "null",
          lambda d: d.form.startswith("context({{key: {0}") and d.types[0] != "string"),
    Known("null-as-list", "concatenate(null, [1])", "[null, 1]", "null",
          calls("concatenate", lambda d: None in d.operands and d.ours.value is None)),
    Known("union-of-one", "union([1], 2)", "thrown", "[1, 2]", calls("union", _lists_wanted)),
    Known("filter-of-one", "5[true]", "5", "[5]",
          lambda d: d.form == "{0}[{1}]" and d.ours.value == [d.operands[0]] and d.theirs.value == d.operands[0]),
    Known("loop-over-one", "for x in 5 return x + 1", "null", "[6]", _loop_over_one),
    Known("loop-to-zero", "for x in 2..0 return x", "null", "[2, 1, 0]",
          lambda d: d.form == "for {name} in {0}..{1} return {2}" and d.operands[1] == 0 and d.theirs.value is None),
    Known("null-items", "[1, null, 3][item != 1]", "[3]", "[null, 3]", _null_items),
    Known("filter-of-another-kind", '[1, 2]["a"]', "[]", "null", _other_filter),
    Known("quantifier-null", "every x in [1, null] satisfies x > 0", "false", "null", _unknown_in_quantifier),
    Known("if-not-boolean", 'if 0 then "a" else "b"', '"a"', '"b"',
          lambda d: d.form.startswith("if ") and d.types[0] not in ("boolean", "null")),
    Known("range-of-two-kinds", '[1.."b"]', "thrown", "null", _end_kinds),
    Known("range-function", 'range("[1..3]")', "null", "[1..3]", lambda d: "range(" in d.text and d.form.startswith(("range(", "reading")) and d.theirs.value is None),
    Known("typed-parameters", '(function(a: number) a)("x")', '"x"', "null",
          lambda d: d.form.startswith("(function(a: number)")),
    Known("range-relations", "during(3, [1..5])", "null", "true",
          calls("overlaps before|overlaps after|finishes|finished by|during|starts|started by|coincides")),
    Known("unbounded-relations", "before((> 5), 9)", "true", "false",
          calls("before|after|meets|met by|overlaps|includes", _unbounded)),
    Known("cell-of-booleans", "x", "false", "true", _cell_of_booleans, "false"),
    Known("not-of-null", "not(> 5)", "true", "false", lambda d: d.form.startswith("not(") and None in d.cells, "null"),
    Known("cell-and-null", "? > null", "true", "false", _cell_and_null, "null"),
    Known("null-compared", "3 in (1, null)", "false", "null", lambda d: compares(lambda a, b: a is None or b is None)(d) or (d.form.startswith("({0} in [[") and d.operands[0] is None)),
    Known("relation-of-lists", "before([], [1..5])", "true", "null",
          calls("before|after|includes", lambda d: any(isinstance(one, list) for one in d.operands) and d.ours.value is None)),
    Known("kinds-compared", '"10" > 9', "true", "null", compares(of_two_kinds)),
    Known("range-backwards", "[5..1]", "[5..1]", "null", has_ends(backwards)),
    Known("zone-compared", '@"10:30:00+08:00" < @"10:00:00"', "true", "false", compares(lambda a, b: of_two_zones(a, b) or {type_of(a), type_of(b)} == {"date", "date and time"})),
    Known("in-then-or", "1 in [1..2] or false", "null", "true", _in_then_or),
    Known("outside-brackets", "[1, ]2..3[ ]", "refused", "[1, (2..3)]", _outside_brackets),
]  # fmt: skip
