"""What is wrong with an organisation, all of it at once, each a sentence that names the row and the thing."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.mistakes import ChangeRefused
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


class OrganisationRefused(ChangeRefused[Mistake]):
    """The organisation would not hold together."""

    refused, refused_zh = "Changing the organisation", "没有改动组织"
    most_told = 1
