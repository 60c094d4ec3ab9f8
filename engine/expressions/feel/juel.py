"""JUEL `${…}` → FEEL, where that is possible one to one; anything else is an error with its position.

`juel_calls` is the table of the calls that have a twin.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from engine.expressions.feel.errors import ExpressionError, line_and_column
from engine.expressions.feel.juel_calls import (
    EMPTY,
    FUNCTIONS,
    OF_VARIABLES,
    OWN_OBJECTS,
    VARIABLE_PREFIXES,
    VARIABLE_READERS,
    method,
)
from engine.expressions.feel.syntax.names import KEYWORDS

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[A-Za-z_$\u0080-\uffff][\w$]*)|(?P<symbol>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.()\[\],]))",
    re.DOTALL,
)
_WORDS: Final = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
_COMPARISONS: Final = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NAME: Final = re.compile(r"[^\W\d]\w*\Z")
MAX_LENGTH: Final = 10_000
_RESERVED: Final = KEYWORDS - {"and", "or", "true", "false", "null"}
"""Words of FEEL that JUEL takes for names; the others mean the same in both."""


def looks_like_juel(text: str) -> bool:
    """Is the whole text one `${…}` or `#{…}`?"""
    stripped = text.strip()
    return stripped[:2] in ("${", "#{") and stripped.endswith("}")


def translate(text: str) -> str:
    """The FEEL text that means the same as the JUEL one.

    `${approved && amount > 100}` → `approved and amount > 100`. Bean and method calls, assignments, lambdas and texts
    mixed with expressions raise ExpressionError with the position in the given text.
    """
    if len(text) > MAX_LENGTH:
        _refuse(
            text[:100],
            0,
            f"The expression is longer than {MAX_LENGTH} characters.",
            f"表达式超过 {MAX_LENGTH} 个字符。",
        )
    start = len(text) - len(text.lstrip())
    body = text.strip()
    if not looks_like_juel(text):
        if "${" in body or "#{" in body:
            _refuse(
                text,
                start,
                "Text mixed with an expression cannot be translated.",
                "文字与表达式混写，无法转换。",
            )
        _refuse(text, start, "This is not a JUEL expression ${…}.", "这不是 JUEL 表达式 ${…}。")
    return _Translator(text, start + 2, start + len(body) - 1).run()


def _refuse(text: str, position: int, message: str, message_zh: str, hint: str = "") -> NoReturn:
    line, column = line_and_column(text, position)
    raise ExpressionError(
        message, message_zh, position, line, column, hint or "Write the expression in FEEL."
    )


class _Translator:
    """Recursive descent over JUEL's small grammar; each step returns FEEL text and how tightly it binds."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.end = text, end
        self.tokens: list[tuple[str, str, int]] = []
        at = start
        while at < end:
            match = _TOKEN.match(text, at, end)
            if not match:
                rest = text[at:end]
                if not rest.strip():
                    break
                where = at + len(rest) - len(rest.lstrip())
                _refuse(text, where, f'"{text[where]}" cannot be translated.', f"“{text[where]}”无法转换。")
            kind = match.lastgroup or ""
            value = match[kind]
            if kind == "word" and value in _WORDS:
                kind, value = "symbol", _WORDS[value]
            self.tokens.append((kind, value, match.start(match.lastgroup or 0)))
            at = match.end()
        self.i = 0
        self.depth = 0

    def run(self) -> str:
        if not self.tokens:
            _refuse(self.text, self.end, "The expression is empty.", "表达式是空的。")
        made = self.ternary()
        if self.i < len(self.tokens):
            self.strange()
        return made

    def peek(self) -> str:
        return (
            self.tokens[self.i][1] if self.i < len(self.tokens) and self.tokens[self.i][0] == "symbol" else ""
        )

    def take(self, *symbols: str) -> str:
        found = self.peek()
        if found and found in symbols:
            self.i += 1
            return found
        return ""

    def need(self, symbol: str) -> None:
        if not self.take(symbol):
            self.strange(symbol)

    def strange(self, wanted: str = "") -> NoReturn:
        if self.i >= len(self.tokens):
            missing = f' where "{wanted}" should follow' if wanted else " too early"
            _refuse(self.text, self.end, f"The expression ends{missing}.", "表达式提前结束。")
        value, position = self.tokens[self.i][1:]
        _refuse(self.text, position, f'"{value}" cannot be translated here.', f"此处的“{value}”无法转换。")

    def ternary(self) -> str:
        self.depth += 1
        if self.depth > 50:
            _refuse(self.text, self.end, "The expression is nested too deeply.", "表达式嵌套过深。")
        made = self.either()
        if self.take("?"):
            then = self.ternary()
            self.need(":")
            made = f"if {made} then {then} else {self.ternary()}"
        self.depth -= 1
        return made

    def either(self) -> str:
        parts = [self.both()]
        while self.take("||"):
            parts.append(self.both())
        return " or ".join(parts)

    def both(self) -> str:
        parts = [self.comparison()]
        while self.take("&&"):
            parts.append(self.comparison())
        return " and ".join(parts)

    def comparison(self) -> str:
        left = self.sum()
        operator = self.take(*_COMPARISONS)
        if not operator:
            return left
        made = f"{left} {_COMPARISONS[operator]} {self.sum()}"
        if self.peek() in _COMPARISONS:
            self.strange()
        return made

    def sum(self) -> str:
        made = self.product()
        while operator := self.take("+", "-"):
            made = f"{made} {operator} {self.product()}"
        return made

    def product(self) -> str:
        made = self.unary()
        while operator := self.take("*", "/", "%"):
            right = self.unary()
            made = f"modulo({made}, {right})" if operator == "%" else f"{made} {operator} {right}"
        return made

    def unary(self) -> str:
        self.depth += 1
        if self.depth > 50:
            _refuse(self.text, self.end, "The expression is nested too deeply.", "表达式嵌套过深。")
        try:
            if self.take("!"):
                return f"not({_bare(self.unary())})"
            if self.take("-"):
                return f"-{self.unary()}"
            if self.i < len(self.tokens) and self.tokens[self.i][:2] == ("word", "empty"):
                self.i += 1
                return EMPTY.format(self.unary())
            return self.postfix()
        finally:
            self.depth -= 1

    def postfix(self) -> str:
        made = self.primary()
        while True:
            if self.take("."):
                position = self.tokens[self.i][2] if self.i < len(self.tokens) else self.end
                name = self.word(of_object=True)
                if self.peek() == "(":
                    found = method(made, name, self.arguments())
                    if found is not None and len(found) > MAX_LENGTH:
                        # A call may say what it is called on twice, and calls may nest.
                        _refuse(
                            self.text,
                            position,
                            "The expression is too long in FEEL.",
                            "转换为 FEEL 后表达式过长。",
                        )
                    made = found if found is not None else self.no_call(position, f"{made}.{name}")
                else:
                    made += "." + self.allowed(name, position)
            elif self.take("["):
                made = self.index(made)
            elif self.peek() == "(":
                self.no_call(self.tokens[self.i][2], made)
            else:
                return made

    def arguments(self) -> list[str]:
        self.need("(")
        found: list[str] = []
        while not self.take(")"):
            if found:
                self.need(",")
            found.append(self.ternary())
        return found

    def no_call(self, position: int, what: str) -> NoReturn:
        _refuse(
            self.text,
            position,
            f'The call of "{what[:80]}" cannot be translated.',
            f"无法转换对“{what[:80]}”的调用。",
            "Where it reads data, name the data, such as order.amount; where it does something, bind an operation to a "
            "service task.",
        )

    def index(self, source: str) -> str:
        if self.i < len(self.tokens):
            kind, value, _ = self.tokens[self.i]
            if kind == "string":
                self.i += 1
                self.need("]")
                return f"get value({source}, {_string(value)})"
            if kind == "number" and value.isdigit():
                # JUEL counts from 0, FEEL from 1.
                self.i += 1
                self.need("]")
                return f"{source}[{int(value) + 1}]"
        self.strange()

    def word(self, *, of_object: bool = False) -> str:
        if self.i >= len(self.tokens) or self.tokens[self.i][0] != "word":
            self.strange()
        _kind, value, position = self.tokens[self.i]
        self.i += 1
        if of_object:
            return value
        if value in OWN_OBJECTS:
            return self.variable_read(value, position)
        if value in VARIABLE_PREFIXES and self.peek() == ":" and self.is_call(self.i + 1):
            return self.variable_function(position)
        template = FUNCTIONS.get((value, 0))
        if template is not None and self.peek() == "(":
            if self.arguments():
                self.no_call(position, value)
            return template
        return self.allowed(value, position)

    def allowed(self, name: str, position: int) -> str:
        """Return a name as FEEL can say it."""
        if "$" in name or name in _RESERVED or name == "instanceof":
            _refuse(self.text, position, f'"{name}" cannot be translated.', f"“{name}”无法转换。")
        return name

    def is_call(self, at: int) -> bool:
        return at + 1 < len(self.tokens) and self.tokens[at][0] == "word" and self.tokens[at + 1][1] == "("

    def variable_read(self, value: str, position: int) -> str:
        """Translate `execution.getVariable("x")` to the variable; nothing else of another engine's objects is data."""
        if self.take("."):
            name = self.word(of_object=True)
            if name in VARIABLE_READERS and self.peek() == "(":
                arguments = self.arguments()
                if len(arguments) == 1:
                    variable = self.named(arguments[0], position)
                    if name.endswith("Typed"):
                        self.skip_value()
                    return variable
        message = f'"{value}" is an object of another engine and cannot be translated.'
        _refuse(self.text, position, message, f"“{value}”是其他引擎的对象，无法转换。")

    def skip_value(self) -> None:
        """Leave out `.value` and `.getValue()` behind a typed variable: here a variable is its value."""
        words = [token[1] for token in self.tokens[self.i : self.i + 4]]
        if words == [".", "getValue", "(", ")"]:
            self.i += 4
        elif words[:2] == [".", "value"]:
            self.i += 2

    def variable_function(self, position: int) -> str:
        """Translate Flowable's `vars:equals(x, 1)`."""
        self.need(":")
        name = self.word(of_object=True)
        arguments = self.arguments()
        template = OF_VARIABLES.get((name, len(arguments)))
        if template is None:
            self.no_call(position, f"vars:{name}")
        return template.format(self.named(arguments[0], position), *arguments[1:])

    def named(self, argument: str, position: int) -> str:
        """Return the variable a string (or a name) names."""
        name = argument[1:-1] if argument.startswith('"') else argument
        if not _NAME.match(name):
            _refuse(self.text, position, f'"{name[:80]}" names no variable.', f"“{name[:80]}”不是变量名。")
        return self.allowed(name, position)

    def primary(self) -> str:
        if self.i >= len(self.tokens):
            self.strange()
        kind, value, _ = self.tokens[self.i]
        if kind == "number":
            self.i += 1
            return value
        if kind == "string":
            self.i += 1
            return _string(value)
        if kind == "word":
            return self.word()
        if self.take("("):
            inner = self.ternary()
            self.need(")")
            return f"({inner})"
        self.strange()


def _bare(text: str) -> str:
    """Without the brackets that enclose all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    quoted = False
    for at, char in enumerate(text):
        if char == '"' and text[at - 1] != "\\":
            quoted = not quoted
        if quoted:
            continue
        depth += (char == "(") - (char == ")")
        if depth == 0 and at < len(text) - 1:
            return text
    return text[1:-1]


def _string(literal: str) -> str:
    body = re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)
    return (
        '"' + body.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'
    )
