"""What is wrong with an organisation, all of it at once, each a sentence that names the row and the thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import InvalidInput
from tasks.organisation.words import COLUMNS, THINGS


@dataclass(frozen=True, slots=True)
class Mistake:
    """`where`: the row or line it was read from, empty for what is stored; `thing`: such as `unit henan`; `column`: the
    field. `message` follows the thing in a sentence.
    """

    where: str
    thing: str
    column: str
    message: str
    message_zh: str

    @property
    def path(self) -> str:
        return " · ".join(part for part in (self.where, self.thing, self.column) if part)

    @property
    def path_zh(self) -> str:
        kind, _, key = self.thing.partition(" ")
        thing = f"{THINGS[kind]} {key}" if kind in THINGS else self.thing
        column = COLUMNS.get(self.column, self.column)
        return " · ".join(part for part in (self.where, thing, column) if part)


class OrganisationRefused(InvalidInput):
    """The organisation would not hold together; nothing was changed. `problems` has one entry per mistake."""

    def __init__(self, problems: Sequence[Mistake]) -> None:
        first, more = problems[0], len(problems) - 1
        super().__init__(
            f"Changing the organisation was refused: {first.path}: {first.message}"
            + (f" And {more} more." if more else ""),
            message_zh=f"没有改动组织：{first.path_zh}：{first.message_zh}"
            + (f"另有 {more} 处。" if more else ""),
        )
        self.problems = list(problems)
