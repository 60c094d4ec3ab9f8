"""Comparisons that can never come out, where forms, tables or literals tell of which kind both sides are; methods that
FEEL does not have.

FEEL says null for `"abc" > 100`, and nothing more: the author finds it here instead of in a case that rests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, Final

from engine.dialect.findings import Report, Spot
from engine.dialect.read.data.shapes import KINDS, Known, Shape
from engine.dialect.read.data.texts import Read
from engine.dialect.read.data.variables import place_of_decision
from engine.expressions.dmn import Decision
from engine.expressions.dmn.evaluation.table import Table
from engine.expressions.feel import ExpressionError
from engine.expressions.feel.api import parse
from engine.expressions.feel.builtins import BUILTINS
from engine.expressions.feel.chinese import WORDS
from engine.expressions.feel.data.values import kind
from engine.expressions.feel.syntax import tree as t

_RESULTS: Final = {
    "date": "date", "today": "date", "time": "time", "date and time": "date and time", "now": "date and time",
    "number": "number", "count": "number", "sum": "number", "string length": "number", "abs": "number",
    "floor": "number", "ceiling": "number", "modulo": "number", "string": "string", "substring": "string",
    "upper case": "string", "lower case": "string", "string join": "string", "contains": "boolean",
    "starts with": "boolean", "ends with": "boolean", "matches": "boolean", "list contains": "boolean",
    "not": "boolean", "is": "boolean",
}  # fmt: skip
"""What built-in functions give; those that may give several kinds are left out."""

_CONVERSIONS: Final = ("number", "date", "time", "date and time")
"""Kinds that a text is converted to by the function of that name."""

_TRUTHS = t.Comparison | t.Logic | t.In | t.Between | t.Quantified | t.InstanceOf


def check_types(report: Report, read: Read, known: Known) -> None:
    """Report comparisons of two kinds, comparisons with a text that never occurs, and calls of methods."""
    if not any(sign in read.text for sign in ("=", "<", ">", "(", " in ", "between")):
        return
    try:
        tree, _ = parse(read.text)
    except ExpressionError:  # reported already
        return
    for node in every_node(tree):
        if isinstance(node, t.Call) and isinstance(node.callee, t.Path) and node.callee.key in BUILTINS:
            _method(report, read, node.callee)
        told: set[int] = set()
        for left, right, position, equality in compared(node):
            # Both ends of a range are the same slip.
            if position not in told and _compare(report, read, known, left, right, position, equality):
                told.add(position)


def check_columns(report: Report, decision: Decision, known: Known) -> None:
    """Report the inputs of a decision's table that are declared of a kind their expression never has.

    The standard says null for such an input (§10.3.2.9.4), so that no rule is found: dates of a form are texts.
    """
    if not isinstance(decision.logic, Table):
        return
    place = place_of_decision(decision)
    for clause in decision.logic.inputs:
        found = _shape(clause.expression, known)
        wanted = clause.type.kind if clause.type is not None else ""
        if found is None or wanted not in KINDS or wanted == found.kind:
            continue
        if {wanted, found.kind} == {"date", "date and time"}:
            continue
        hint_en, hint_zh = _conversion(clause.expression, found, wanted)
        report.warning(
            "column-of-another-kind",
            place,
            f'The column "{clause.label}" of {place:en} is declared as {wanted}, but {_en(clause.expression, found)} '
            f"is not, so that its value will be null; {hint_en}",
            f"{place:zh}的列“{clause.label}”声明为{WORDS.get(wanted, wanted)}，而{_zh(clause.expression, found)}"
            f"不是，取值将为空（null）；{hint_zh}",
            Spot(clause.text, 0),
        )


def _conversion(node: t.Node, its: Shape, wanted: str) -> tuple[str, str]:
    path = _dotted(node)
    if path and its.kind == "string" and wanted in _CONVERSIONS:
        return f"write {wanted}({path}).", f"请写 {wanted}({path})。"
    return (
        f"declare it as {its.kind}, or convert the value.",
        f"请声明为{WORDS.get(its.kind, its.kind)}，或先转换取值。",
    )


def _method(report: Report, read: Read, callee: t.Path) -> None:
    spot = Spot(read.text, min(callee.position, len(read.text)))
    source, name = _dotted(callee.source) or "…", callee.key
    report.warning(
        "read-as-method",
        read.place,
        f'The {read.what[0]} of {read.place:en}, "{read.text[:120]}", calls {name} as a method of {source}, which has '
        f"none ({spot:en}); write {name}({source}, …).",
        f"{read.place:zh}的{read.what[1]}“{read.text[:120]}”把 {name} 当作 {source} 的方法调用，"
        f"FEEL 没有方法（{spot:zh}）；请写 {name}({source}, …)。",
        spot,
    )


def compared(node: t.Node) -> Iterator[tuple[t.Node, t.Node, int, bool]]:
    """Yield the pairs a node compares, where, and whether it asks for equality."""
    if isinstance(node, t.Comparison):
        yield node.left, node.right, node.position, node.operator in ("=", "!=")
    elif isinstance(node, t.Between):
        yield node.value, node.low, node.position, False
        yield node.value, node.high, node.position, False
    elif isinstance(node, t.In):
        for test in node.tests:
            yield from _tested(node.value, test)


def _tested(value: t.Node, test: t.Node) -> Iterator[tuple[t.Node, t.Node, int, bool]]:
    if isinstance(test, t.ListLiteral | t.UnaryTests):
        for item in test.items if isinstance(test, t.ListLiteral) else test.tests:
            yield from _tested(value, item)
    elif isinstance(test, t.Test):
        yield value, test.operand, test.position, test.operator in ("=", "!=")
    elif isinstance(test, t.RangeLiteral):
        yield value, test.low, test.position, False
        yield value, test.high, test.position, False
    elif isinstance(test, t.Literal):
        yield value, test, test.position, True


def _compare(
    report: Report, read: Read, known: Known, left: t.Node, right: t.Node, position: int, equality: bool
) -> bool:
    """Report a comparison that can never come out; tell whether it is one."""
    a, b = _shape(left, known), _shape(right, known)
    if a is None or b is None:
        return False
    spot = Spot(read.text, min(position, len(read.text)))
    if a.kind != b.kind and not {a.kind, b.kind} <= {"date", "date and time"}:
        both = isinstance(left, t.Literal) and isinstance(right, t.Literal)
        hint_en, hint_zh = _hint(left, a, right, b)
        (report.error if both else report.warning)(
            "never-comparable",
            read.place,
            f'The {read.what[0]} of {read.place:en}, "{read.text[:120]}", compares {_en(left, a)} with '
            f"{_en(right, b)}, which is neither true nor false ({spot:en}); {hint_en}",
            f"{read.place:zh}的{read.what[1]}“{read.text[:120]}”把{_zh(left, a)}与{_zh(right, b)}比较，"
            f"结果既不是真也不是假（{spot:zh}）；{hint_zh}",
            spot,
        )
        return True
    if equality:
        for literal, other, options in ((left, right, b), (right, left, a)):
            if isinstance(literal, t.Literal) and options.options and literal.value not in options.options:
                _never(report, read, spot, literal.value, other, options)
                return True
    return False


def _never(report: Report, read: Read, spot: Spot, value: Any, other: t.Node, shape: Shape) -> None:
    texts = [one for one in shape.options if isinstance(one, str)]
    near = report.closest(value, texts) if isinstance(value, str) else ""
    listed = ", ".join(f'"{one}"' for one in texts[:8]) + (" …" if len(texts) > 8 else "")
    hint_en = f'did you mean "{near}"?' if near else f"it can be {listed}."
    hint_zh = f"是否想写“{near}”？" if near else f"可能的取值为 {listed}。"
    report.warning(
        "never-this-value",
        read.place,
        f'The {read.what[0]} of {read.place:en}, "{read.text[:120]}", asks whether {_dotted(other)} is "{value}", '
        f"which {shape.by[0]} never gives ({spot:en}); {hint_en}",
        f"{read.place:zh}的{read.what[1]}“{read.text[:120]}”判断 {_dotted(other)} 是否为“{value}”，"
        f"但{shape.by[1]}不会给出这个值（{spot:zh}）；{hint_zh}",
        spot,
    )


def _shape(node: t.Node, known: Known) -> Shape | None:
    """What a part of an expression surely is, or None."""
    if isinstance(node, t.Literal):
        found = kind(node.value)
        return Shape(found) if found in KINDS else None
    if isinstance(node, t.Name | t.Path):
        return known.shapes.get(_dotted(node))
    if isinstance(node, _TRUTHS):
        return Shape("boolean")
    if isinstance(node, t.ListLiteral):
        return Shape("list")
    if isinstance(node, t.Negate):
        return _shape(node.operand, known)
    if isinstance(node, t.Call) and isinstance(node.callee, t.Name):
        result = _RESULTS.get(node.callee.name)
        return Shape(result) if result else None
    if isinstance(node, t.Arithmetic):
        parts = [_shape(part, known) for part in (node.first, *(one.operand for one in node.rest))]
        if all(part is not None and part.kind == "number" for part in parts):
            return Shape("number")
    return None


def _dotted(node: t.Node) -> str:
    """The path a node reads, or an empty string."""
    if isinstance(node, t.Name):
        return node.name
    if isinstance(node, t.Path):
        source = _dotted(node.source)
        return f"{source}.{node.key}" if source else ""
    return ""


def _en(node: t.Node, shape: Shape) -> str:
    by = f", says {shape.by[0]}" if shape.by[0] else ""
    return f"{_text(node) or 'what is computed'} (a {shape.kind}{by})"


def _zh(node: t.Node, shape: Shape) -> str:
    by = f"，依据{shape.by[1]}" if shape.by[1] else ""
    return f"{_text(node) or '计算结果'}（{WORDS.get(shape.kind, shape.kind)}{by}）"


def _text(node: t.Node) -> str:
    if isinstance(node, t.Literal):
        return f'"{node.value[:40]}"' if isinstance(node.value, str) else str(node.value).lower()
    return _dotted(node)


def _hint(left: t.Node, a: Shape, right: t.Node, b: Shape) -> tuple[str, str]:
    """What to write instead."""
    for one, its, other, others in ((left, a, right, b), (right, b, left, a)):
        text = one.value if isinstance(one, t.Literal) else None
        if isinstance(text, str) and _reads_as(text, others.kind):
            return f"write {text} without quotes.", f"请去掉引号，写 {text}。"
        if its.kind == "list":
            return (
                f"write list contains({_text(one) or '…'}, {_text(other) or '…'}).",
                f"请写 list contains({_text(one) or '…'}, {_text(other) or '…'})。",
            )
        if its.kind == "string" and _dotted(one) and others.kind in _CONVERSIONS:
            return _conversion(one, its, others.kind)
    return "compare values of one kind.", "请比较同一类型的值。"


def _reads_as(text: str, kind: str) -> bool:
    if kind == "boolean":
        return text in ("true", "false")
    if kind != "number":
        return False
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


def every_node(tree: t.Node) -> Iterator[t.Node]:
    """Yield every node of a tree."""
    waiting: list[Any] = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting.extend(one)
        elif is_dataclass(one) and type(one).__module__ == t.__name__:
            if isinstance(one, t.Node):
                yield one
            waiting.extend(getattr(one, each.name) for each in fields(one))
