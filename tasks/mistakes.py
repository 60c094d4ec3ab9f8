"""Refusing a change with everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from engine.errors import InvalidInput


class Mistaken(Protocol):
    """What is wrong: where, and a sentence that follows the place, both in English and Chinese."""

    @property
    def path(self) -> str: ...
    @property
    def path_zh(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def message_zh(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FieldMistake:
    """What is wrong with a field of what somebody sends. `message` follows the name of the field in a sentence; `names`: field
    → its Chinese name.
    """

    names: ClassVar[Mapping[str, str]] = {}
    path: str
    message: str
    message_zh: str

    @property
    def path_zh(self) -> str:
        return self.names.get(self.path, self.path)


Wrong = TypeVar("Wrong", bound=Mistaken)


class ChangeRefused(InvalidInput, Generic[Wrong]):
    """What somebody wants to change would not be right; nothing was changed. `problems` has one entry per mistake.

    Each kind of thing says what was `refused` in words, and how many of its mistakes the sentence names: all are in `problems`.
    """

    refused: ClassVar[str]
    refused_zh: ClassVar[str]
    most_told: ClassVar[int] = 20

    def __init__(self, problems: Sequence[Wrong]) -> None:
        told = problems[: self.most_told]
        more = len(problems) - len(told)
        super().__init__(
            f"{self.refused} was refused: "
            + " ".join(f"{one.path}: {one.message}" for one in told)
            + (f" And {more} more." if more else ""),
            message_zh=f"{self.refused_zh}："
            + "".join(f"{one.path_zh}：{one.message_zh}" for one in told)
            + (f"另有 {more} 处。" if more else ""),
        )
        self.problems = list(problems)
