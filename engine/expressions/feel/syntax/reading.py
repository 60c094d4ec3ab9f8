"""What every part of the parser shares: the current token, the names in reach, the problems found so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from engine.expressions.feel.chinese import of_word
from engine.expressions.feel.data.types import SIMPLE, FeelType
from engine.expressions.feel.errors import Problem, did_you_mean
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax.lexer import Token, next_token, refuse
from engine.expressions.feel.syntax.names import KEYWORDS, LABEL, NameIndex, normal

_INSTEAD: Final = {
    "?": "For a choice, write if … then … else ….",
    "..": "A range stands in brackets, such as [1..5].",
    # These continue every expression, so what stands before is a test such as `> 3`, which has no value.
    "and": "For two limits, write a range such as (3..5), or ? > 3 and ? < 5.",
    "or": "Write alternatives with a comma, such as < 3, > 5.",
}
"""Sign or word that does not continue what stands before it → what to write instead."""


class Reading:
    """One text being read, once.

    names: known names (variables, functions, members) that may hold spaces or symbols; builtins: names of functions
    that exist everywhere; types: what type names beyond FEEL's own mean.
    """

    def __init__(
        self,
        text: str,
        names: Iterable[str] | NameIndex = (),
        builtins: NameIndex | None = None,
        types: Mapping[str, FeelType] | Callable[[str], FeelType | None] | None = None,
    ) -> None:
        self.text = text
        self.scope = NameIndex((), names) if isinstance(names, NameIndex) else NameIndex(names)
        self.builtins = builtins or NameIndex()
        self.types = types or {}
        self.problems: list[Problem] = []
        self.depth = 0
        self.tokens = 0
        self.type_depth = 0
        self.token = next_token(text, 0)

    # -- tokens ---------------------------------------------------------------------------------------------------

    def advance(self) -> Token:
        self.tokens += 1
        token = self.token
        self.token = next_token(self.text, token.end)
        return token

    def jump(self, position: int) -> None:
        self.token = next_token(self.text, position)

    def at(self, text: str) -> bool:
        return self.token.text == text and self.token.kind in ("symbol", "word")

    def expect(self, text: str) -> Token:
        if not self.at(text):
            self.unexpected(f'"{text}"')
        return self.advance()

    def unexpected(self, wanted: str) -> None:
        found, token = self.token.text[:40], self.token
        wanted_zh = of_word(wanted)
        if token.kind == "end":
            message, zh = (
                f"The expression ends where {wanted} should follow.",
                f"表达式在应有{wanted_zh}的地方结束了。",
            )
            hint = "Check that every bracket is closed." if wanted.strip('"') in ")]}" else ""
            refuse(message, zh, token.start, hint)
        hint = ""
        if token.text == "?":
            hint = "For a choice, write if … then … else …."
        refuse(
            f'"{found}" stands where {wanted} should be.',
            f"应为{wanted_zh}，却出现了“{found}”。",
            token.start,
            hint,
        )

    def _expect_end(self) -> None:
        token = self.token
        if token.kind == "end":
            return
        hint = ""
        if token.text in (")", "]", "}"):
            hint = "There is one closing bracket too many, or its opening one is missing."
        else:
            hint = _INSTEAD.get(token.text, "")
            if token.text not in KEYWORDS and token.text.lower() in KEYWORDS:
                hint = f"Write {token.text.lower()}."
        found = token.text[:40]
        refuse(
            f'"{found}" does not continue the expression.',
            f"“{found}”不能接在前面的表达式之后。",
            token.start,
            hint,
        )

    @contextmanager
    def names(self, names: Iterable[str]) -> Iterator[None]:
        """While inside, these names are in scope."""
        added = list(names)
        for name in added:
            self.scope.add(name)
        try:
            yield
        finally:
            for name in added:
                self.scope.remove(name)

    def _label(self) -> tuple[str, int] | None:
        """A context key or argument name with its colon, if one stands here: the name and where the colon ends."""
        if self.token.kind != "word":
            return None
        match = LABEL.match(self.text, self.token.start)
        if not match or "//" in match[1] or "/*" in match[1]:
            return None
        return normal(match[1]), match.end()

    # -- names ----------------------------------------------------------------------------------------------------

    def name(self, member: bool = False) -> str:
        """The longest known name here, or the words side by side."""
        start = self.token.start
        known, end = self.scope.longest(self.text, start)
        if not member:
            builtin, builtin_end = self.builtins.longest(self.text, start)
            if builtin_end > end and (
                " and " not in builtin or next_token(self.text, builtin_end).text == "("
            ):
                known, end = builtin, builtin_end
        if not known:
            token = self.advance()
            if token.text in KEYWORDS and not member:
                refuse(
                    f'"{token.text}" stands where a value should be.',
                    f"“{token.text}”处应为一个值。",
                    token.start,
                )
            known = token.text
        else:
            self.jump(end)
        while self.token.kind == "word" and self.token.text not in KEYWORDS and self.token.text != "?":
            known += " " + self.advance().text
        return known

    def declared_name(self, stops: tuple[str, ...]) -> str:
        """A name being introduced (iterator, parameter): all words up to one of `stops`."""
        start = self.token.start
        if self.token.kind != "word" or self.token.text in KEYWORDS:
            self.unexpected("a name")
        end = start
        while self.token.kind != "end" and not (
            self.token.text in stops and self.token.kind in ("symbol", "word")
        ):
            if self.token.kind not in ("word", "number") and self.token.text not in ("-", "+", "*", "/", "."):
                break
            end = self.token.end
            self.advance()
        return normal(self.text[start:end])

    # -- problems and types ---------------------------------------------------------------------------------------

    def failed(self, message: str, message_zh: str, position: int, hint: str = "") -> t.Failed:
        """Note a problem that leaves the rest of the text readable."""
        problem = Problem(message, message_zh, position, hint)
        self.problems.append(problem)
        return t.Failed(position, problem)

    def type_named(self, name: str) -> FeelType | None:
        """A type by its own name (item definitions), or None."""
        return self.types(name) if callable(self.types) else self.types.get(name)

    def unknown_type(self, name: str, position: int) -> FeelType:
        hint = did_you_mean(name, [*SIMPLE, *(() if callable(self.types) else self.types)])
        self.problems.append(Problem(f'There is no type "{name}".', f"没有类型“{name}”。", position, hint))
        return FeelType("unknown", name=name)
