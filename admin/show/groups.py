"""Candidate groups and units by their names: `remote_unit@/hq/henan/` reads 河南省分公司 远端处理单元."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from admin.show.filters import label
from tasks.organisation.tree import Organisation

PERSON = "person@"
"""Begins a candidate group that is one person, by login."""


def unit_name(organisation: Organisation, path: str | None) -> str:
    """The name of the unit at a path, or nothing."""
    return next((unit.name for unit in organisation.units if unit.path == path), "")


def role_name(organisation: Organisation, role: str) -> str:
    """A candidate role as the office calls it; one it has not named by the product's word, else by itself."""
    return organisation.roles.names.get(role) or label(role, "group")[0]


def group_name(organisation: Organisation, group: str | None) -> str:
    """A candidate group in words."""
    if not group:
        return ""
    role, _, path = group.partition("@")
    if role == "person":
        return path
    unit, part = unit_name(organisation, path), role_name(organisation, role)
    return unit if part in unit else f"{unit} {part}".strip()


def name_of(organisation: Organisation, word: str, people: Mapping[str, str] | None = None) -> str:
    """A stored word by its name where it is the code of a unit, a candidate role, a group or a person; else the word itself.

    people: names by login, for `person@login`.
    """
    if word in organisation.by_code:
        return str(organisation.by_code[word].name)
    if word.startswith(PERSON):
        login = word.removeprefix(PERSON)
        return (people or {}).get(login, login)
    if word in organisation.roles.names:
        return organisation.roles.names[word]
    return group_name(organisation, word) if "@" in word else word


def persons_in(value: Any) -> set[str]:
    """The logins of everybody a stored value names as `person@login`, however deep."""
    if isinstance(value, str):
        return {value.removeprefix(PERSON)} if value.startswith(PERSON) else set()
    if isinstance(value, Mapping):
        value = value.values()
    return set().union(*map(persons_in, value)) if isinstance(value, Iterable) else set()
