"""Candidate groups and units by their names: `remote_unit@/hq/henan/` reads 河南省分公司 远端处理单元."""

from __future__ import annotations

from admin.show.filters import label
from tasks.organisation.tree import Organisation


def unit_name(organisation: Organisation, path: str | None) -> str:
    """The name of the unit at a path, or nothing."""
    return next((unit.name for unit in organisation.units if unit.path == path), "")


def group_name(organisation: Organisation, group: str | None) -> str:
    """A candidate group in words."""
    if not group:
        return ""
    role, _, path = group.partition("@")
    if role == "person":
        return path
    unit, part = unit_name(organisation, path), label(role, "group")[0]
    return unit if part in unit else f"{unit} {part}".strip()


def name_of(organisation: Organisation, word: str) -> str:
    """A stored word by its name where it is the code of a unit or a candidate group; else the word itself."""
    if word in organisation.by_code:
        return str(organisation.by_code[word].name)
    return group_name(organisation, word) if "@" in word else word
