"""Tokens → syntax tree, by operator precedence (DMN 1.5 §10.3.1.2). Scope-aware: it knows which names are in reach."""

from __future__ import annotations

from typing import Final

from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax import type_parser
from engine.expressions.feel.syntax.lexer import Refusal, Token, next_token, refuse
from engine.expressions.feel.syntax.primaries import NEGATE, TESTS, Primaries

OR, AND, COMPARE, ADD, MULTIPLY, POWER = range(1, 7)
INSTANCE, POSTFIX = NEGATE + 1, NEGATE + 2
_BINARY: Final = {
    "=": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER,
}  # fmt: skip
_AFTER_RANGE: Final = frozenset((")", "]", "}", ",", ".", "=", "!=", "+", "*", "/", "**"))
MAX_DEPTH: Final = 100


class Parser(Primaries):
    """The whole grammar; see Reading for what it is given."""

    # -- entry points ---------------------------------------------------------------------------------------------

    def whole_expression(self) -> t.Node:
        if self.token.kind == "end":
            refuse("The expression is empty.", "表达式是空的。", 0)
        node = self.expression()
        self._expect_end()
        return node

    def whole_unary_tests(self) -> t.UnaryTests:
        start = self.token.start
        if (
            self.token.text == "-" and next_token(self.text, self.token.end).kind == "end"
        ) or self.token.kind == "end":
            return t.UnaryTests(start, ())
        if self.token.text == "not" and next_token(self.text, self.token.end).text == "(":
            before = self.token
            try:
                self.advance()
                self.advance()
                tests = self.tests()
                self.expect(")")
                if self.token.kind == "end":
                    return t.UnaryTests(start, tests, True)
            except Refusal:
                pass
            # `not(a) and b` is an expression, not a negated list of tests.
            self.token = before
        tests = self.tests()
        self._expect_end()
        return t.UnaryTests(start, tests)

    def tests(self) -> tuple[t.Node, ...]:
        found = [self.test()]
        while self.token.text == "," and self.token.kind == "symbol":
            self.advance()
            found.append(self.test())
        return tuple(found)

    def test(self) -> t.Node:
        """One positive unary test: `< 5`, `[1..3]`, `"a"`, `starts with(?, "x")`."""
        if self.token.kind == "symbol" and self.token.text in TESTS:
            return self.test_operator()
        return self.expression()

    # -- expressions ----------------------------------------------------------------------------------------------

    def expression(self, power: int = 0) -> t.Node:
        """Everything that binds tighter than `power`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            refuse(
                "The expression is nested more than 100 levels deep.",
                "表达式嵌套超过 100 层。",
                self.token.start,
            )
        left = self.prefix(power)
        chain = 0
        while True:
            longer = self.infix(left, power)
            if longer is None:
                break
            left, chain = longer, chain + 1
            if chain > MAX_DEPTH * 2:
                refuse(
                    "The expression chains more than 200 steps.",
                    "表达式连续步骤超过 200 个。",
                    self.token.start,
                )
        self.depth -= 1
        return left

    def infix(self, left: t.Node, power: int) -> t.Node | None:
        token = self.token
        if token.kind == "symbol":
            binding = _BINARY.get(token.text)
            if token.text == "<" and self.text.startswith("<>", token.start):
                refuse('FEEL has no "<>".', "FEEL 没有“<>”。", token.start, "Write a != b.")
            if binding is not None:
                return self._binary(left, token, binding) if binding > power else None
            if power >= POSTFIX:
                return None
            if token.text == ".":
                return self._path(left)
            if token.text == "[" and not self._closes_range():
                return self._filter(left)
            if token.text == "(":
                return self._call(left)
            return None
        if token.kind == "word":
            if token.text == "and" and power < AND:
                return self._logic(left, "and", AND)
            if token.text == "or" and power < OR:
                return self._logic(left, "or", OR)
            if token.text == "in" and power < COMPARE:
                self.advance()
                return t.In(token.start, left, self._in_tests())
            if token.text == "between" and power < COMPARE:
                self.advance()
                low = self.expression(COMPARE)
                self.expect("and")
                return t.Between(token.start, left, low, self.expression(COMPARE))
            if token.text == "instance" and power < INSTANCE:
                self.advance()
                self.expect("of")
                return t.InstanceOf(token.start, left, type_parser.parse(self))
        return None

    def _binary(self, left: t.Node, token: Token, binding: int) -> t.Node:
        if binding == COMPARE:
            self.advance()
            return t.Comparison(token.start, token.text, left, self.expression(COMPARE))
        rest: list[t.Step] = []
        while self.token.kind == "symbol" and _BINARY.get(self.token.text) == binding:
            operator = self.advance()
            rest.append(t.Step(operator.start, operator.text, self.expression(binding)))
        return t.Arithmetic(token.start, left, tuple(rest))

    def _logic(self, left: t.Node, word: str, binding: int) -> t.Node:
        start, operands = self.token.start, [left]
        while self.token.kind == "word" and self.token.text == word:
            self.advance()
            operands.append(self.expression(binding))
        return t.Logic(start, word, tuple(operands))

    def _in_tests(self) -> tuple[t.Node, ...]:
        """What follows `in`: one test, or several in parentheses."""
        if not self.at("("):
            if self.token.kind == "symbol" and self.token.text in TESTS:
                return (self.test_operator(),)
            return (self.expression(COMPARE),)
        bracket = self.advance()
        tests = self.tests()
        if len(tests) == 1 and self.at(".."):
            return (self._continued(self._range(bracket, tests[0], False)),)
        self.expect(")")
        # `in (a) + b`: what looked like a list of tests was a bracket in an expression.
        return (self._continued(tests[0]),) if len(tests) == 1 else tests

    def _continued(self, left: t.Node) -> t.Node:
        """What is already read, and whatever follows that binds tighter than a comparison."""
        for _ in range(MAX_DEPTH * 2):
            longer = self.infix(left, COMPARE)
            if longer is None:
                return left
            left = longer
        refuse("The expression chains more than 200 steps.", "表达式连续步骤超过 200 个。", self.token.start)

    def test_operator(self) -> t.Test:
        operator = self.advance()
        return t.Test(operator.start, operator.text, self.expression(COMPARE))

    def _path(self, source: t.Node) -> t.Node:
        dot = self.advance()
        if self.token.kind != "word":
            self.unexpected("a name")
        return t.Path(dot.start, source, self.name(member=True))

    def _closes_range(self) -> bool:
        """Is this `[` the open end of a range, `]1..5[`, rather than the start of a filter?"""
        after = next_token(self.text, self.token.end)
        if after.kind == "end" or (after.kind == "symbol" and after.text in _AFTER_RANGE):
            return True
        return after.kind == "word" and after.text in (
            "and", "or", "then", "else", "return", "satisfies", "in", "between", "instance",
        )  # fmt: skip

    def _filter(self, source: t.Node) -> t.Node:
        bracket = self.advance()
        test = self.test()
        self.expect("]")
        return t.Filter(bracket.start, source, test)

    def _call(self, callee: t.Node) -> t.Node:
        bracket = self.advance()
        if self.at(")"):
            self.advance()
            return t.Call(bracket.start, callee, ())
        names: list[str] | None = [] if self._label() else None
        arguments: list[t.Node] = []
        while True:
            if names is not None:
                label = self._label()
                if label is None:
                    self.unexpected("the name of an argument")
                assert label is not None
                names.append(label[0])
                self.jump(label[1])
            arguments.append(self.test())
            if not self.at(","):
                break
            self.advance()
        self.expect(")")
        return t.Call(bracket.start, callee, tuple(arguments), None if names is None else tuple(names))
