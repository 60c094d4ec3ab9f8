"""The candidate roles of the office and everything they are called, so that a lane says who does the work inside it.

Data, like the clock register: `bpmn/organisation/roles.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from engine.errors import InvalidInput
from tasks.core import TextList, table
from tasks.organisation.revision import bump_office

Near = Literal["home", "filing", "anywhere"]
"""Where the unit of a role is looked for first. home: the customer's home province. filing: the unit that filed the
case, such as the hall that hears the customer again. anywhere: the whole organisation, such as headquarters.
"""

USUALLY: dict[str, Near] = {"channel": "filing", "headquarters": "anywhere"}
"""What holds for two roles where the office has not said it; every other role is near home."""


class OrgRole(Base):
    """A candidate role: its key, its names and where it is looked for (`Near`)."""

    __tablename__ = "org_role"

    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text, default="")
    aliases: Mapped[list[str]] = mapped_column(TextList, default=list)
    near: Mapped[str] = mapped_column(sa.Text, default="home")


@dataclass(frozen=True)
class Roles:
    """The roles of one revision. `keys`: every name, as `_plain` writes it, to its key; `names`: its Chinese name by key."""

    keys: Mapping[str, str] = field(default_factory=dict)
    near: Mapping[str, Near] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def key(self, text: str) -> str:
        """The key a name stands for; a text that is no role's name stands for itself."""
        return self.keys.get(_plain(text), text)

    def looked_for(self, key: str) -> Near:
        """Where the units of a role are looked for."""
        return self.near.get(key) or USUALLY.get(key, "home")


def read_roles(session: Session) -> Roles:
    """All roles. One statement."""
    rows = session.execute(sa.select(table(OrgRole))).all()
    keys = {
        _plain(name): row.key
        for row in rows
        for name in (*row.aliases, row.name_en, row.name, row.key)
        if name
    }
    return Roles(keys, {row.key: row.near for row in rows}, {row.key: row.name for row in rows})


def load_roles(session: Session, rows: Sequence[Mapping[str, str]]) -> int:
    """Bring the roles in line with rows of key, name_zh, name_en, aliases (divided by `;`) and near.

    Idempotent; roles that the rows do not name stay. Returns how many changed. Raises InvalidInput naming every wrong
    row: without a key or name, with a near that is none, or with a name that another row has too.
    """
    wished = [_role(row) for row in rows]
    _check(wished)
    held = {row.key: row._asdict() for row in session.execute(sa.select(table(OrgRole)))}
    changed = [role for role in wished if held.get(str(role["key"])) != role]
    for role in changed:
        session.merge(OrgRole(**role))
    session.flush()
    if changed:
        bump_office(session)
    return len(changed)


def _role(row: Mapping[str, str]) -> dict[str, object]:
    return {
        "key": (row.get("key") or "").strip(),
        "name": (row.get("name_zh") or "").strip(),
        "name_en": (row.get("name_en") or "").strip(),
        "aliases": [name.strip() for name in (row.get("aliases") or "").split(";") if name.strip()],
        "near": (row.get("near") or "home").strip(),
    }


def _check(roles: Iterable[Mapping[str, object]]) -> None:
    wrong, taken = [], dict[str, int]()
    for number, role in enumerate(roles, start=1):
        if not role["key"] or not role["name"]:
            wrong.append(f"row {number} needs a key and a name")
        if role["near"] not in get_args(Near):
            wrong.append(
                f"row {number} is near {role['near']!r}, which is none of {', '.join(get_args(Near))}"
            )
        aliases = role["aliases"]
        assert isinstance(aliases, list)
        for name in {
            _plain(str(text)) for text in (role["key"], role["name"], role["name_en"], *aliases) if text
        }:
            if taken.setdefault(name, number) != number:
                wrong.append(f"row {number} is called {name!r} like row {taken[name]}")
    if wrong:
        raise InvalidInput("The roles cannot be loaded: " + "; ".join(wrong) + ".")


def _plain(text: str) -> str:
    """A name as people mean it: without spaces, case or width."""
    return "".join(text.split()).casefold()
