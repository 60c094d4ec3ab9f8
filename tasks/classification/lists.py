"""The lists as everybody reads them: what is offered, what it is called, and filling the selects of forms with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.classification.tables import ClassificationEntry
from tasks.core import table

LIST, WITHIN = "classification", "within"
"""Custom properties of a form's select, radio or checklist: the list that gives its options, and the key of the field whose
answer says which of them fit.
"""
_ENTRY = table(ClassificationEntry)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a list."""

    code: str
    name_zh: str
    name_en: str = ""
    within: tuple[str, ...] = ()
    clause: str = ""
    ours: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Classification:
    """All lists by name, each in its order. Shared by threads; forms that were filled are kept with it."""

    lists: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    _filled: dict[Any, Mapping[str, Any]] = field(default_factory=dict)

    def offered(self, name: str) -> tuple[Entry, ...]:
        """What of a list may be chosen today."""
        return tuple(entry for entry in self.lists.get(name, ()) if not entry.ended)

    def fits(self, name: str, code: str, above: str) -> bool:
        """Whether a value of a list goes with an answer from the list above it: directly, or because both belong to the
        same entry of the one above that (a problem of mobile business with GSM). What is not listed goes with everything.
        """
        entry = self._entry(name, code)
        if entry is None or not entry.within or above in entry.within:
            return True
        parents = {parent for one in self.lists if (e := self._entry(one, above)) for parent in e.within}
        return not parents or not parents.isdisjoint(entry.within)

    def fill(self, schema: Mapping[str, Any], key: Any, *, ended: bool = False) -> Mapping[str, Any]:
        """The form with the options of today, or with all there ever were, to show old answers; `key` names the form."""
        held = self._filled.get((key, ended))
        if held is None:
            held = self._with_options(schema, ended, dict(_listed(schema)))
            self._filled[(key, ended)] = held
        return held

    def offer(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A form that is still being written, with the options of today; nothing of it is kept."""
        return self._with_options(schema, False, dict(_listed(schema)))

    def _entry(self, name: str, code: str) -> Entry | None:
        return next((entry for entry in self.lists.get(name, ()) if entry.code == code), None)

    def _with_options(
        self, part: Mapping[str, Any], ended: bool, named: Mapping[str, str]
    ) -> Mapping[str, Any]:
        inner = [self._with_options(each, ended, named) for each in part.get("components") or ()]
        filled = {**part, "components": inner} if inner else part
        properties = part.get("properties") or {}
        name = str(properties.get(LIST) or "")
        if name not in self.lists:
            return filled
        above = self.offered(named.get(str(properties.get(WITHIN)), ""))
        options = []
        for entry in self.lists[name]:
            if entry.ended and not ended:
                continue
            fits = [one.code for one in above if self.fits(name, entry.code, one.code)]
            option: dict[str, Any] = {"label": entry.name_zh, "value": entry.code}
            options.append(option if len(fits) == len(above) else {**option, "fits": fits})
        return {**filled, "values": options}


def read_classification(session: Session) -> Classification:
    """Read all lists."""
    lists: dict[str, list[Entry]] = {}
    for row in session.execute(sa.select(_ENTRY).order_by(_ENTRY.c.kind, _ENTRY.c.position, _ENTRY.c.code)):
        lists.setdefault(row.kind, []).append(
            Entry(
                row.code,
                row.name_zh,
                row.name_en,
                tuple(row.within),
                row.clause,
                row.ours,
                row.ended_at is not None,
            )
        )
    return Classification({name: tuple(entries) for name, entries in lists.items()})


def _listed(part: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The keys of the fields that take their options from a list, and the list."""
    named = (part.get("properties") or {}).get(LIST)
    if named and part.get("key"):
        yield str(part["key"]), str(named)
    for each in part.get("components") or ():
        yield from _listed(each)
