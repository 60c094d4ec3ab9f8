"""What is wrong with a template, all of it at once, and why a letter could not be made."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import NotFound, RedressError, WrongState
from tasks.mistakes import ChangeRefused


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


class TemplateRefused(ChangeRefused[Mistake]):
    """The template would not make a letter."""

    refused, refused_zh = "Changing letter templates", "没有改动文书模板"


class NoSuchTemplate(NotFound):
    """There is no letter template of that key, or no such version of it."""


class StaleTemplate(WrongState):
    """The letter template has a newer version than the one the edit was made on."""


class LetterFailed(RedressError):
    """The letter could not be made, and nothing of it was kept."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english, message_zh=chinese)
