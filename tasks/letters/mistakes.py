"""What is wrong with a template, all of it at once, and why a letter could not be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import InvalidInput, NotFound, RedressError, WrongState

MOST_TOLD = 20
"""Mistakes that a refusal's sentence names; all of them are in its `problems`."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a template. thing: its key; line: counted from 1, 0 where it is about the whole."""

    thing: str
    line: int
    message: str
    message_zh: str

    @property
    def path(self) -> str:
        return f"{self.thing}, line {self.line}" if self.line else self.thing

    @property
    def path_zh(self) -> str:
        return f"{self.thing} 第 {self.line} 行" if self.line else self.thing


class TemplateRefused(InvalidInput):
    """The template would not make a letter; nothing was changed. `problems` has one entry per mistake."""

    def __init__(self, problems: Sequence[Mistake]) -> None:
        told = problems[:MOST_TOLD]
        more = len(problems) - len(told)
        super().__init__(
            "Changing letter templates was refused: "
            + " ".join(f"{one.path}: {one.message}" for one in told)
            + (f" And {more} more." if more else ""),
            message_zh="没有改动文书模板："
            + "".join(f"{one.path_zh}：{one.message_zh}" for one in told)
            + (f"另有 {more} 处。" if more else ""),
        )
        self.problems = list(problems)


class NoSuchTemplate(NotFound):
    """There is no letter template of that key, or no such version of it."""


class StaleTemplate(WrongState):
    """The letter template has a newer version than the one the edit was made on."""


class LetterFailed(RedressError):
    """The letter could not be made, and nothing of it was kept."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english, message_zh=chinese)
