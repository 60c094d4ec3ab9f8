"""Data as an attack, and Python itself as the prize: neither gets further than null, and nothing given is changed."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.feel import EvaluationLimit, Scope, compile_expression, to_plain
from tests.engine.expressions.test_hostile_expressions import SOON, took


@pytest.mark.parametrize(
    "text",
    [
        "case.__class__",
        "case.__class__.__mro__",
        'get value(case, "__class__")',
        "(1).__class__",
        '"".__class__.__base__.__subclasses__()',
        "__import__",
        '__import__("os")',
        '__builtins__.eval("1")',
        "__builtins__",
        "case.items",
        "case.keys",
        "case.get",
        "sum.__globals__",
        "sum.call",
        "f.__globals__",
        "f.__code__.co_consts",
        "(function(x) x).call",
        "(function(x) x).__closure__",
        "[case].__class__",
        "case.text.format",
        'date("2026-01-01").__init__',
        'date("2026-01-01").days',
        "now().zone.__class__",
        "[1..2].low",
        "env.run.scope",
        "run",
        'eval("1")',
        'open("/etc/passwd")',
        'getattr(case, "__class__")',
        'string join(["{0.__class__}"], case).__class__',
    ],
)
def test_nothing_of_python_can_be_reached(text: str) -> None:
    def f(context: Scope) -> int:
        return 1

    found = compile_expression(text).evaluate(Scope({"case": {"text": "{0}"}}, functions={"f": f})).value
    assert found is None or found == [None]


def test_format_signs_in_texts_stay_what_they_are() -> None:
    text = '"{case}" + " %s " + "{0.__class__}"'
    assert compile_expression(text).evaluate(Scope({"case": 1})).value == "{case} %s {0.__class__}"


@pytest.mark.parametrize(
    "name", ["len", "sum", "item", "partial", "run", "__builtins__", "self", "date", "?", "env", "list"]
)
def test_a_variable_may_be_called_like_anything_and_is_only_data(name: str) -> None:
    scope = Scope({name: {"a": 7}, "l": [1, 2, 3]})
    assert compile_expression("sum(l) + count(l[item > 1])").evaluate(scope).value == 8
    assert compile_expression("for x in l return partial[-1]").evaluate(scope).value[0] is None
    if name not in ("?", "item", "partial"):
        assert compile_expression(f"{name}.a", names=[name]).evaluate(scope).value == 7


class Secret:
    password = "x"

    def __str__(self) -> str:
        raise AssertionError("nobody asked it")

    __repr__ = __str__


class Lazy(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __getitem__(self, key: str) -> Any:
        if key != "a":
            raise KeyError(key)
        return {"b": 2}

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


NO_VALUES: dict[str, Any] = {
    "an object": Secret(),
    "a class": Secret,
    "a function": len,
    "a module": copy,
    "bytes": b"abc",
    "not a number": float("nan"),
    "infinity": float("-inf"),
    "a decimal that is no number": Decimal("sNaN"),
    "a decimal out of range": Decimal("1e999999999"),
    "a decimal too small": Decimal("1e7000"),
    "an endless integer": 10**50_000,
    "a complex number": 1j,
    "an iterator": iter([1]),
    "an object in a list": [1, [Secret()]],
    "an object as a key": {Secret: 1},
    "bytes as a key": {b"a": 1},
    "a tuple as a key": {(1, 2): 1},
    "an endless key": {10**50_000: 1},
}


@pytest.mark.parametrize("name", NO_VALUES)
def test_what_is_no_data_is_null_with_a_warning(name: str) -> None:
    for text in ("x", "case.x", "string(case.x)", "case.x + 1", "[case.x][1]"):
        found = compile_expression(text).evaluate(
            Scope({"x": NO_VALUES[name], "case": {"x": NO_VALUES[name]}})
        )
        assert found.value is None
        assert any("cannot be used" in warning.message for warning in found.warnings)
        assert all(len(warning.message) < 500 for warning in found.warnings)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({None: "b", True: "c", 1.5: "d"}, {"true": "c", "null": "b", "1.5": "d"}),
        (Lazy(), {"a": {"b": 2}}),
        ((1, 2), [1, 2]),
        (2**70, float(2**70)),
        (0.1, 0.1),
    ],
)
def test_unusual_data_is_taken_as_json_would(value: Any, wanted: Any) -> None:
    assert to_plain(compile_expression("x").evaluate(Scope({"x": value})).value) == wanted


def test_data_that_contains_itself_is_no_endless_loop() -> None:
    circle: dict[str, Any] = {}
    circle["self"] = circle
    ring: list[Any] = []
    ring += [ring, ring]
    for value in (circle, ring):
        assert took(lambda value=value: compile_expression("string(x)").evaluate(Scope({"x": value}))) < SOON  # type: ignore[misc]


def test_a_million_items_are_refused_before_they_are_copied() -> None:
    scope = Scope({"x": list(range(1_000_000)), "case": {"rows": [{"a": 1}] * 1_000_000}})
    for text in ("count(x)", "case.rows[1]", "case"):
        compiled = compile_expression(text)
        with pytest.raises(EvaluationLimit):
            compiled.evaluate(scope)
        assert took(lambda compiled=compiled: compiled.evaluate(scope)) < SOON  # type: ignore[misc]


def test_a_huge_text_among_the_variables_is_not_multiplied() -> None:
    scope = Scope({"x": "汉" * 5_000_000})
    assert compile_expression("x = x").evaluate(scope).value is True
    for text in ("x + x", "upper case(x)", "[x, x, x]", "for i in 1..1000 return substring(x, i)"):
        with pytest.raises(EvaluationLimit):
            compile_expression(text).evaluate(scope)


DATA: dict[str, Any] = {"list": [3, 1, 2], "context": {"a": {"b": [1]}}, "deep": [[1], [2]]}


@pytest.mark.parametrize(
    "text",
    [
        "x", "x.list", "x.context", "x.deep[1]", "append(x.list, 3)", 'context put(x.context, "a", 2)',
        "reverse(x.list)", "sort(x.list)", "concatenate(x.deep)", "for i in x.deep return i",
        "context merge([x.context, {z: 1}])", "if true then x.list else null", "[x.list, x.list]", "{a: x.context}",
        "x.deep[item[1] = 1]", "flatten(x.deep)", "get value(x, \"list\")", "f(x.list)",
    ],
)  # fmt: skip
def test_a_result_shares_nothing_with_what_was_given(text: str) -> None:
    """Whoever changes a result must not change the variables, and an evaluation changes neither."""
    given = copy.deepcopy(DATA)
    result = compile_expression(text).evaluate(Scope({"x": given}, functions={"f": lambda scope, x: x})).value
    assert given == DATA
    pending = [result]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending += one.values()
            one.clear()
        elif isinstance(one, list):
            pending += one
            one.clear()
    assert given == DATA


def test_a_function_of_the_host_gets_values_and_its_failure_is_a_warning() -> None:
    def fails(scope: Scope, *arguments: Any) -> Any:
        raise RuntimeError("x" * 100_000)

    def leaks(scope: Scope, *arguments: Any) -> Any:
        return Secret()

    scope = Scope(functions={"fails": fails, "leaks": leaks})
    for text in ('fails(1, {a: []}, function(x) x, "y")', "leaks()", "fails", "leaks().password"):
        found = compile_expression(text).evaluate(scope)
        if text != "fails":
            assert found.value is None
        assert all(len(warning.message) < 1_000 for warning in found.warnings)


def test_sixteen_threads_share_one_expression_and_mix_nothing_up() -> None:
    text = (
        'if some row in case.rows satisfies row.a = n then {sum: sum(case.rows[a > n].a), t: replace("a" + string(n), '
        '"a", "b"), l: for i in 1..n return partial[-1], f: (function(x) x + n)(1)} else null'
    )
    compiled = compile_expression(text)
    rows = [{"a": number} for number in range(40)]
    wrong: list[int] = []
    start = threading.Barrier(16)

    def work(n: int) -> None:
        start.wait()
        for _ in range(30):
            found = to_plain(compiled.evaluate(Scope({"case": {"rows": rows}, "n": n})).value)
            if found != {"sum": sum(range(n + 1, 40)), "t": f"b{n}", "l": [None] * n, "f": n + 1}:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
