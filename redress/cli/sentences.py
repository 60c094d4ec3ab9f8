"""Refusals and warnings of expressions on a terminal: the sentence in both languages, and a caret under the place."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import click

from engine.expressions.feel.chinese import of_hint
from engine.expressions.feel.errors import (
    EvaluationLimit,
    ExpressionError,
    Place,
    Warning,
    did_you_mean,
    line_and_column,
)
from redress.cli.data import names_in

_AROUND = 60
"""Characters of a long line shown on either side of the caret."""


def refused(error: ExpressionError, text: str = "") -> click.ClickException:
    """A refusal as a command ends with it; `text` is the expression, when the place is to be shown."""
    shown = text and not isinstance(error, EvaluationLimit)
    where = f" (line {error.line}, column {error.column})" if shown else ""
    lines = [f"{error.message}{where} {error.hint}".rstrip(), f"{error.message_zh} {error.hint_zh}".rstrip()]
    if shown:
        lines.append(caret(text, error.position))
    return click.ClickException("\n".join(lines))


def caret(text: str, position: int) -> str:
    """The line of `text` a position is in, and a caret under it."""
    position = max(0, min(position, len(text)))
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0]
    column = position - start
    first = max(0, column - _AROUND)
    shown = "".join(one if one.isprintable() else " " for one in line[first : column + _AROUND])
    before = "…" if first else ""
    after = "…" if column + _AROUND < len(line) else ""
    indent = sum(_width(one) for one in shown[: column - first]) + len(before)
    return f"    {before}{shown}{after}\n    {' ' * indent}^"


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def show_warnings(warnings: Iterable[Warning], data: Mapping[str, Any], text: str = "") -> None:
    """All warnings on standard error, equal ones once. data: what was given, for "did you mean". text: the expression."""
    for one, times in Counter(warnings).items():
        hint = _hint(one, data)
        where = _in_words(one.place)
        if not where and text:
            line, column = line_and_column(text, one.position)
            where = f" (line {line}, column {column})"
        often = f" ×{times}" if times > 1 else ""
        click.secho(f"warning 警告{where}{often}: ", fg="yellow", nl=False, err=True)
        click.echo(f"{one.message} {hint}".rstrip(), err=True)
        click.echo(f"    {one.message_zh}{of_hint(hint)}", err=True)
        if text and one.place is None:
            click.echo(caret(text, one.position), err=True)


def _hint(warning: Warning, data: Mapping[str, Any]) -> str:
    """The name that was meant, when the sentence ends with one that is not there."""
    quoted = re.findall('"([^"]+)"', warning.message)
    known = {"unknown-name": data, "missing-entry": names_in(data)}.get(warning.code)
    return did_you_mean(quoted[-1], known) if quoted and known else ""


def _in_words(place: Place | None) -> str:
    if place is None:
        return ""
    row = f", row 第 {place.row} 行" if place.row else ""
    column = f', column 列 "{place.column}"' if place.column else ""
    return f' ("{place.element}"{row}{column})'
