"""What an expression or a decision table can complain about: refusals when it is compiled, warnings when it runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal

from engine.expressions.feel.chinese import of_hint, of_warning


class ExpressionError(Exception):
    """An expression was refused: one sentence, where, and what to write instead.

    position counts characters from 0; line and column count from 1. `hint` may be empty.
    """

    def __init__(
        self,
        message: str,
        message_zh: str = "",
        position: int = 0,
        line: int = 1,
        column: int = 1,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.message_zh = message_zh or message
        self.position = position
        self.line = line
        self.column = column
        self.hint = hint

    @property
    def hint_zh(self) -> str:
        """The hint in Chinese; empty where there is none."""
        return of_hint(self.hint)

    def __str__(self) -> str:
        where = f" (line {self.line}, column {self.column})"
        return self.message + where + (f" {self.hint}" if self.hint else "")


class EvaluationLimit(ExpressionError):
    """An evaluation needed more time, memory or depth than the limits allow, and was stopped."""


class ConditionError(ExpressionError):
    """A condition did not say true or false, or read something that is not there; `warnings` are all of its evaluation."""

    def __init__(
        self,
        message: str,
        message_zh: str = "",
        position: int = 0,
        line: int = 1,
        column: int = 1,
        hint: str = "",
        warnings: tuple[Warning, ...] = (),
    ) -> None:
        super().__init__(message, message_zh, position, line, column, hint)
        self.warnings = warnings


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a decision file something happened.

    element: the id of the decision or business knowledge model. row: of its table, counted from 1; 0 for none. column:
    the label of an input column, or the name of an output column. name: what people call the element, once it is told.
    """

    element: str
    row: int = 0
    column: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Warning:
    """Why a value became null: one sentence, and where (a character of the text, counted from 0).

    Codes: unknown-name (a variable or function that is not there), missing-entry (of a context), no-item (of a list),
    null-operand, type-mismatch, function-error, hit-policy. position: in the text of the expression, or of the cell.
    place: of which element, row and column, when it arose in a decision.
    """

    code: str
    message: str
    position: int = 0
    place: Place | None = None

    @property
    def message_zh(self) -> str:
        """The same sentence in Chinese."""
        return of_warning(self.code, self.message)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one element of a decision file; the first fields are those of every finding of a deployment.

    In a decision table, row is the number of the rule (from 1; 0 for the head) and column the label of the input or the
    name of the output. position: a character of the expression's or cell's text, counted from 0; -1 for none.
    """

    code: str
    message: str
    message_zh: str
    file: str
    line: int = 0
    element_id: str = ""
    element_name: str = ""
    severity: Literal["error", "warning"] = "error"
    row: int = 0
    column: str = ""
    position: int = -1


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the text of an expression, before it is known whether that refuses the expression.

    origin: which of several texts that are compiled together it stands in, as the caller told the compiler.
    """

    message: str
    message_zh: str
    position: int
    hint: str = ""
    origin: Any = None

    def error(self, text: str) -> ExpressionError:
        """The same as an exception, with the line and column the position has in `text`."""
        line, column = line_and_column(text, self.position)
        return ExpressionError(self.message, self.message_zh, self.position, line, column, self.hint)


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Turn a character offset into a line and a column, both counted from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint naming the known name closest to `name`, or the empty string."""
    close = closest(name, known, 0.6)
    return f'Did you mean "{close}"?' if close else ""


MAX_GUESSED: Final = 60
"""Characters of a name that is guessed at."""
MAX_GUESSES: Final = 1_000
"""Names of about the same length that are compared with it, each for some ten microseconds."""


def closest(name: str, known: Iterable[str], cutoff: float) -> str:
    """The known name most like `name`, at least by `cutoff` (0 to 1); "" where there is none, or the name is too long."""
    if not 0 < len(name) <= MAX_GUESSED:
        return ""
    # No ratio can be higher than what the lengths allow.
    longest = len(name) * (2 / cutoff - 1)
    shortest = len(name) / (2 / cutoff - 1)
    alike = islice((one for one in known if shortest <= len(one) <= longest), MAX_GUESSES)
    return next(iter(difflib.get_close_matches(name, list(alike), n=1, cutoff=cutoff)), "")
