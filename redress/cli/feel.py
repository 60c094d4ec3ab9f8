"""feel: one expression, evaluated as the engine would."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from engine.clock import SystemClock
from redress.cli.data import Instant, JsonFile, as_feel, as_json, names_in
from redress.cli.sentences import refused, show_warnings


# An expression may begin with a minus.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("expression")
@click.option(
    "--context", type=JsonFile(), default=dict, help="JSON file with the variables, - for stdin. 变量"
)
@click.option(
    "--unary", metavar="VALUE", help="Test EXPRESSION as an input cell against this FEEL value. 单元格"
)
@click.option(
    "--now", type=Instant(), help="The instant that now() and today() tell; default: the clock. 当前时间"
)
@click.option("--feel", "in_feel", is_flag=True, help="Print FEEL text instead of JSON. 以 FEEL 文本输出")
def feel(
    expression: str, context: dict[str, Any], unary: str | None, now: datetime | None, in_feel: bool
) -> None:
    """Evaluate a FEEL EXPRESSION and print its value as JSON. 计算表达式

    Warnings go to standard error. Exits with 1 when the expression is refused.
    """
    from engine.expressions.feel import (
        ExpressionError,
        Scope,
        compile_expression,
        compile_unary_tests,
    )
    from redress.cli.limits import limit_functions

    names = names_in(context)
    clock = SystemClock().now if now is None else lambda: now
    functions = limit_functions([expression, unary or ""], clock())
    scope = Scope(context, now=clock, functions=functions)
    text = expression
    try:
        if unary is None:
            compiled = compile_expression(text, names=names, functions=functions)
            found = compiled.evaluate(scope)
        else:
            cell = compile_unary_tests(text, names=names, functions=functions)
            text = unary
            value = compile_expression(text, names=names, functions=functions).evaluate(scope)
            show_warnings(value.warnings, context, text)
            text = expression
            found = cell.evaluate(scope, value.value)
    except ExpressionError as error:
        raise refused(error, text) from error
    show_warnings(found.warnings, context, text)
    click.echo(as_feel(found.value) if in_feel else as_json(found.value))
