"""Which removed and added elements look like one element whose id was changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

_NEIGHBOURS = ("sourceRef", "targetRef", "attachedToRef")


@dataclass(frozen=True, slots=True)
class Known:
    """What an element is known by besides its id."""

    kind: str
    name: str
    says: Mapping[str, str]


def renamed(
    gone: Mapping[str, Known],
    new: Mapping[str, Known],
    before: Mapping[str, Known],
    after: Mapping[str, Known],
) -> dict[str, str]:
    """Return key of what is gone → key of what is new, where both are of one kind, have one name and the same neighbours.

    gone, new: what only one file has; before, after: everything the files have. Where several look alike, nothing is said.
    """
    ours, theirs = _looks(gone, before), _looks(new, after)
    seen, alone = Counter(ours.values()), Counter(theirs.values())
    mine = {look: key for key, look in ours.items() if seen[look] == 1}
    return {mine[look]: key for key, look in theirs.items() if look in mine and alone[look] == 1}


def _looks(wanted: Mapping[str, Known], everything: Mapping[str, Known]) -> dict[str, tuple[object, ...]]:
    neighbours: dict[str, list[tuple[str, str, str]]] = {key: [] for key in wanted}
    for one in everything.values():
        if one.kind not in ("sequenceFlow", "messageFlow", "association"):
            continue
        source, target = one.says.get("sourceRef", ""), one.says.get("targetRef", "")
        if source in neighbours:
            neighbours[source].append(("to", *_face(target, everything)))
        if target in neighbours:
            neighbours[target].append(("from", *_face(source, everything)))
    return {
        key: (
            one.kind,
            one.name,
            tuple(_face(one.says[path], everything) for path in _NEIGHBOURS if path in one.says),
            tuple(sorted(neighbours[key])),
        )
        for key, one in wanted.items()
    }


def _face(key: str, everything: Mapping[str, Known]) -> tuple[str, str]:
    found = everything.get(key)
    return (found.kind, found.name) if found else ("", key)
