"""The expressions that begin with a word or sign of their own: literals, brackets, if, for, some, every, function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import DecimalException
from typing import Final

from engine.expressions.feel.data.literals import parse_temporal
from engine.expressions.feel.data.temporal import InvalidTemporal
from engine.expressions.feel.data.types import FeelType
from engine.expressions.feel.data.values import NUMBERS
from engine.expressions.feel.errors import Problem
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax import type_parser
from engine.expressions.feel.syntax.lexer import Token, next_token, refuse
from engine.expressions.feel.syntax.reading import Reading

TESTS: Final = frozenset(("=", "!=", "<", "<=", ">", ">="))
_RANGE_ENDS: Final = frozenset((")", "]", "["))
NEGATE: Final = 7
"""How tightly a minus sign binds; the other powers stand in `parser`."""


class Primaries(Reading, ABC):
    @abstractmethod
    def expression(self, power: int = 0) -> t.Node: ...

    @abstractmethod
    def test(self) -> t.Node: ...

    @abstractmethod
    def test_operator(self) -> t.Test: ...

    def prefix(self, power: int) -> t.Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return (
                t.Literal(token.start, NUMBERS.create_decimal(token.value))
                if _fits(token.value)
                else _too_big(token)
            )
        if token.kind == "string":
            self.advance()
            return t.Literal(token.start, token.value)
        if token.kind == "word":
            return self._word(token)
        if token.kind == "symbol":
            return self._symbol(token)
        self.unexpected("a value")
        raise AssertionError

    def _word(self, token: Token) -> t.Node:
        known, _ = self.scope.longest(self.text, token.start)
        if not known:
            if token.text in ("true", "false", "null"):
                self.advance()
                return t.Literal(token.start, {"true": True, "false": False, "null": None}[token.text])
            special = {"if": self._if, "for": self._for, "some": self._quantified, "every": self._quantified}
            if token.text in special:
                return special[token.text]()
            if token.text == "function" and next_token(self.text, token.end).text == "(":
                return self._function()
        return t.Name(token.start, self.name())

    def _symbol(self, token: Token) -> t.Node:
        text = token.text
        if text == "-":
            self.advance()
            if self.token.kind == "number" and _fits(self.token.value):
                # Grammar rule 37: the sign belongs to the literal, so -1 instance of number is true.
                number = NUMBERS.create_decimal(self.advance().value)
                return t.Literal(token.start, number.copy_negate() if number else number)
            return t.Negate(token.start, self.expression(NEGATE))
        if text == "(":
            return self._parenthesis()
        if text == "[":
            return self._bracket()
        if text == "]":
            self.advance()
            low = self.expression()
            return self._range(token, low, False)
        if text == "{":
            return self._context()
        if text == "@":
            return self._at()
        self.unexpected("a value")
        raise AssertionError

    def _parenthesis(self) -> t.Node:
        bracket = self.advance()
        inner = self.test()
        if self.at(".."):
            return self._range(bracket, inner, False)
        self.expect(")")
        return inner

    def _bracket(self) -> t.Node:
        bracket = self.advance()
        if self.at("]"):
            self.advance()
            return t.ListLiteral(bracket.start, ())
        items = [self.test()]
        if self.at(".."):
            return self._range(bracket, items[0], True)
        while self.at(","):
            self.advance()
            items.append(self.test())
        self.expect("]")
        return t.ListLiteral(bracket.start, tuple(items))

    def _range(self, bracket: Token, low: t.Node, low_closed: bool) -> t.Node:
        self.expect("..")
        high = self.expression()
        if self.token.text not in _RANGE_ENDS:
            self.unexpected('")" or "]"')
        return t.RangeLiteral(bracket.start, low, high, low_closed, self.advance().text == "]")

    def _context(self) -> t.Node:
        brace = self.advance()
        entries: list[tuple[str, t.Node]] = []
        known: set[str] = set()
        while entries or not self.at("}"):
            if self.token.kind == "string":
                key = self.advance().value
                self.expect(":")
            else:
                label = self._label()
                if label is None:
                    self.unexpected("the name of an entry and a colon")
                assert label is not None
                key = label[0]
                self.jump(label[1])
            entries.append((key, self.test()))
            if key in known:
                self.problems.append(
                    Problem(f'The context has two entries "{key}".', f"上下文里有两个“{key}”。", brace.start)
                )
            # The key stays known for the rest of the text: `.key` may follow anywhere.
            self.scope.add(key)
            known.add(key)
            if not self.at(","):
                break
            self.advance()
        self.expect("}")
        return t.ContextLiteral(brace.start, tuple(entries))

    def _at(self) -> t.Node:
        at = self.advance()
        if self.token.kind != "string":
            self.unexpected('a date, time or duration in quotes, such as @"2026-01-31"')
        text = self.advance()
        try:
            return t.Literal(at.start, parse_temporal(text.value))
        except InvalidTemporal as problem:
            sentence = str(problem)
            return self.failed(
                f"{sentence[0].upper()}{sentence[1:]}.",
                f"“{text.value[:60]}”不是日期、时间或时长。",
                at.start,
            )

    def _if(self) -> t.Node:
        start = self.advance().start
        condition = self.expression()
        self.expect("then")
        then = self.expression()
        self.expect("else")
        return t.If(start, condition, then, self.expression())

    def _iterators(self) -> list[t.Iterator]:
        found: list[t.Iterator] = []
        while True:
            name = self.declared_name(("in",))
            self.expect("in")
            domain = self.test()
            end = None
            if self.at(".."):
                self.advance()
                end = self.expression()
            found.append(t.Iterator(name, domain, end))
            self.scope.add(name)
            if not self.at(","):
                return found
            self.advance()

    def _for(self) -> t.Node:
        start = self.advance().start
        iterators = self._iterators()
        self.expect("return")
        body = self.expression()
        for one in iterators:
            self.scope.remove(one.name)
        return t.For(start, tuple(iterators), body)

    def _quantified(self) -> t.Node:
        word = self.advance()
        iterators = self._iterators()
        self.expect("satisfies")
        test = self.expression()
        for one in iterators:
            self.scope.remove(one.name)
        return t.Quantified(word.start, word.text == "every", tuple(iterators), test)

    def _function(self) -> t.Node:
        start = self.advance().start
        self.expect("(")
        parameters: list[tuple[str, FeelType | None]] = []
        while not self.at(")"):
            name = self.declared_name((":", ",", ")"))
            kind: FeelType | None = None
            if self.at(":"):
                self.advance()
                kind = type_parser.parse(self)
            if any(name == one for one, _ in parameters):
                self.problems.append(
                    Problem(f'The function has two parameters "{name}".', f"函数有两个参数“{name}”。", start)
                )
            parameters.append((name, kind))
            if not self.at(","):
                break
            self.advance()
        self.expect(")")
        if self.at("external"):
            self.advance()
            self.expression()
            problem = self.failed(
                "An external function (Java, PMML) cannot run here.", "不能执行外部函数（Java、PMML）。", start,
                "Write the body in FEEL.",
            )  # fmt: skip
            return t.FunctionLiteral(start, tuple(parameters), problem)
        with self.names(name for name, _ in parameters):
            body = self.expression()
        return t.FunctionLiteral(start, tuple(parameters), body)


def _fits(text: str) -> bool:
    exponent = text.lower().partition("e")[2]
    if len(exponent.lstrip("+-")) > 5:
        return False
    try:
        NUMBERS.create_decimal(text)
    except DecimalException:
        return False
    return True


def _too_big(token: Token) -> t.Node:
    refuse(f"The number {token.text[:40]} is outside FEEL's numbers.", "数字超出 FEEL 的范围。", token.start)
