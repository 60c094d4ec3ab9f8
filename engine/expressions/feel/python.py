"""Python expressions → FEEL, where that is possible one to one; anything else is an error. Nothing of them is ever run.

SpiffWorkflow writes conditions and timers in Python; most compare a variable with a value.
"""

from __future__ import annotations

import ast
import json
from decimal import Decimal
from typing import Final

from engine.expressions.feel.errors import ExpressionError
from engine.expressions.feel.syntax.names import KEYWORDS

MAX_LENGTH: Final = 2_000
_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "=", ast.IsNot: "!=",
}  # fmt: skip
_OPERATORS: Final[dict[type[ast.operator], str]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_UNITS: Final = {"weeks": "W", "days": "D", "hours": "H", "minutes": "M", "seconds": "S"}
_CALLS: Final = {
    "len": "(if {0} instance of string then string length({0}) else count({0}))",
    "str": "string({0})",
    "abs": "abs({0})",
}


def translate(text: str) -> str:
    """Return the FEEL that means the same as a Python expression. Raises ExpressionError for anything without a twin."""
    tree = _parsed(text)
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        raise _without_twin(text)
    return _bounded(_feel(tree.body[0].value, text), text)


def _parsed(text: str) -> ast.Module:
    if len(text) > MAX_LENGTH:
        raise _without_twin(text)
    try:
        return ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _without_twin(text) from None


def _bounded(feel: str, text: str) -> str:
    if len(feel) > 5 * MAX_LENGTH:  # a template may say its operand twice, and calls may nest
        raise _without_twin(text)
    return feel


def _without_twin(text: str) -> ExpressionError:
    return ExpressionError(
        "This Python has no twin in FEEL.",
        "这段 Python 没有对应的 FEEL。",
        0,
        1,
        1,
        "Write the expression in FEEL.",
    )


def _feel(node: ast.expr, text: str, depth: int = 0) -> str:
    """Return the FEEL of one expression; made of several, it stands in brackets inside another one."""
    if depth > 30:
        raise _without_twin(text)
    whole = "{}" if depth == 0 else "({})"

    def inner(one: ast.expr) -> str:
        return _bounded(_feel(one, text, depth + 1), text)

    match node:
        case ast.Constant(value=bool() | None as value):
            return json.dumps(value)
        case ast.Constant(value=str() as value):
            return json.dumps(value, ensure_ascii=False)
        case ast.Constant(value=int() | float() as value) if abs(value) < 1e15:
            return format(Decimal(repr(value)), "f")
        case ast.Name(id=name) if name not in KEYWORDS:
            return name
        case ast.Attribute(value=source, attr=name) if not name.startswith("_") and name not in KEYWORDS:
            return f"{inner(source)}.{name}"
        case ast.Subscript(value=source, slice=ast.Constant(value=str() as key)):
            return f"get value({inner(source)}, {json.dumps(key, ensure_ascii=False)})"
        case ast.Subscript(value=source, slice=ast.Constant(value=int() as index)) if not isinstance(
            index, bool
        ):
            return f"{inner(source)}[{index + 1}]"  # Python counts from 0, FEEL from 1
        case ast.BoolOp(op=operator, values=values):
            word = " and " if isinstance(operator, ast.And) else " or "
            return whole.format(word.join([inner(value) for value in values]))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"not({inner(operand)})"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{inner(operand)}"
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            return whole.format(f"{inner(left)} {_OPERATORS[type(operator)]} {inner(right)}")
        case ast.BinOp(left=left, op=ast.Mod(), right=right) if not isinstance(left, ast.Constant):
            return f"modulo({inner(left)}, {inner(right)})"
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            made = _compared(
                inner(left), operator, inner(right), listed=isinstance(right, ast.List), text=text
            )
            return whole.format(made)
        case ast.IfExp(test=test, body=body, orelse=other):
            return whole.format(f"if {inner(test)} then {inner(body)} else {inner(other)}")
        case ast.List(elts=items):
            return f"[{', '.join(inner(item) for item in items)}]"
        case ast.Dict(keys=keys, values=values):
            named = [
                key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
            if len(named) == len(keys):
                pairs = zip(named, values, strict=True)
                return f"{{{', '.join(f'{json.dumps(key, ensure_ascii=False)}: {inner(value)}' for key, value in pairs)}}}"
        case ast.Call(
            func=ast.Name(id="timedelta"),
            args=[],
            keywords=[ast.keyword(arg=unit, value=ast.Constant(value=count))],
        ):
            if unit in _UNITS and isinstance(count, int | float) and 0 <= count < 1e6:
                return _span(_UNITS[unit], inner(ast.Constant(count)), text)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _CALLS:
            return _CALLS[name].format(inner(argument))
        case ast.Call(
            func=ast.Attribute(value=source, attr="get"), args=[ast.Constant(value=str() as key)], keywords=[]
        ):
            return f"get value({inner(source)}, {json.dumps(key, ensure_ascii=False)})"
    raise _without_twin(text)


def _compared(left: str, operator: ast.cmpop, right: str, *, listed: bool, text: str) -> str:
    if isinstance(operator, ast.In | ast.NotIn):
        inside = f"list contains({right}, {left})"
        if not listed:
            inside = f"if {right} instance of string then contains({right}, {left}) else {inside}"
        return f"not({inside})" if isinstance(operator, ast.NotIn) else inside
    if isinstance(operator, ast.Is | ast.IsNot) and right != "null":
        raise _without_twin(text)
    return f"{left} {_COMPARISONS[type(operator)]} {right}"


def _span(unit: str, count: str, text: str) -> str:
    if unit == "W":
        if not count.isdecimal():
            raise _without_twin(text)
        unit, count = "D", str(7 * int(count))
    if "." in count and unit != "S":
        raise _without_twin(text)
    return f'duration("P{count}D")' if unit == "D" else f'duration("PT{count}{unit}")'
