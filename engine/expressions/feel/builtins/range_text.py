"""range(): the interval a text such as "[1..10]" says (DMN 1.5 table 72, grammar rules 66 and 67)."""

from __future__ import annotations

from decimal import DecimalException
from typing import Any, Final

from engine.expressions.feel.builtins.registry import BUILTINS, Fails, builtin, by_position, invoke
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.literals import parse_temporal
from engine.expressions.feel.data.values import NUMBERS, Range
from engine.expressions.feel.runtime import Run
from engine.expressions.feel.syntax.lexer import Refusal, Token, next_token

MAX_LENGTH: Final = 1000
_DATE_TIME_LITERALS: Final = ("date and time", "date", "time", "duration")


@builtin("range(from: string)")
def range_(run: Run, text: str) -> Range:
    """Ends may only be literals (`5`, `"a"`, `@"P1D"`, `date("2026-01-31")`), of one type and in order.

    One of them may be left out, where the bracket is open: `[2..)` is `>= 2`.
    """
    if len(text) > MAX_LENGTH:
        raise Fails(f"the text of a range has at most {MAX_LENGTH} characters")
    try:
        found = _Reader(run, text).range()
    except (Refusal, DecimalException):
        found = None
    if found is None:
        raise Fails(f'"{text[:60]}" is not a range')
    return found


class _Reader:
    def __init__(self, run: Run, text: str) -> None:
        self.run, self.text, self.depth = run, text, 0
        self.token = next_token(text, 0)

    def advance(self) -> Token:
        token = self.token
        self.token = next_token(self.text, token.end)
        return token

    def takes(self, symbol: str) -> bool:
        if self.token.kind != "symbol" or self.token.text != symbol:
            return False
        self.advance()
        return True

    def range(self) -> Range | None:
        opening = self.advance().text
        low = None if self.takes("..") else self.literal()
        if low is not None and not self.takes(".."):
            return None
        high = self.literal() if self.token.text not in (")", "]", "[") else None
        closing = self.advance().text
        if opening not in ("[", "(", "]") or closing not in (")", "]", "[") or self.token.kind != "end":
            return None
        low_closed, high_closed = opening == "[", closing == "]"
        if low is None or high is None:
            closed_nothing = (low is None and low_closed) or (high is None and high_closed)
            if closed_nothing or low is high:
                return None
            return Range(low, high, low_closed, high_closed, True)
        if type(low) is not type(high) or op.order(low, high) in (None, 1):
            return None
        return Range(low, high, low_closed, high_closed)

    def literal(self) -> Any:
        """The value of a literal. Raises Fails when something else stands here."""
        negative = self.takes("-")
        token = self.advance()
        if token.kind == "number":
            number = NUMBERS.create_decimal(token.value)
            return NUMBERS.minus(number) if negative else number
        if not negative and token.kind == "string":
            return token.value
        if not negative and token.text == "@" and self.token.kind == "string":
            return parse_temporal(self.advance().value)
        if not negative and token.kind == "word":
            return self.date_time_literal(token)
        raise Fails(f'"{self.text[:60]}" is not a range: its ends must be literals')

    def date_time_literal(self, first: Token) -> Any:
        """`date("2026-01-31")` and its like, with literals as arguments."""
        name = next((one for one in _DATE_TIME_LITERALS if self.text.startswith(one, first.start)), "")
        self.token = next_token(self.text, first.start + len(name))
        self.depth += 1
        if not name or not self.takes("(") or self.depth > 3:
            raise Fails(f'"{self.text[:60]}" is not a range: its ends must be literals')
        arguments = [self.literal()]
        while self.takes(","):
            arguments.append(self.literal())
        self.depth -= 1
        forms = by_position(BUILTINS[name], len(arguments))
        found = invoke(self.run, BUILTINS[name], forms, arguments, 0) if self.takes(")") and forms else None
        if found is None:
            raise Fails(f'"{self.text[:60]}" is not a range: {name}() has no value there')
        return found
