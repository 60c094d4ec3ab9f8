"""The shapes of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.dialect.comparing.labels import kind_label, path_label

What = Literal["added", "removed", "changed", "moved"]
"""moved: only where it is drawn, or in which order it stands, differs."""
Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Detail:
    """One attribute that differs. path: as authors know it, `camunda:candidateGroups`, `property sla.policy`.

    before, after: what is written, None where nothing is.
    """

    path: str
    before: str | None
    after: str | None

    @property
    def label(self) -> tuple[str, str]:
        """What the attribute is called, in English and Chinese."""
        return path_label(self.path)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a decision table that differs; numbers are counted from 1, None on the side without it."""

    what: What
    before: int | None
    after: int | None
    cells: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    id: as its author wrote it, empty where there is none; in: the process, sub-process or group it stands in. details:
    what it says; drawing: where and how it is drawn. other_id: of what is added or removed, the id of the removed or
    added element that looks like the same one under another id. whole: it is no element of the picture but the process,
    a message, the collaboration or the whole form.
    """

    what: What
    id: str
    kind: str
    name: str
    details: tuple[Detail, ...] = ()
    drawing: tuple[Detail, ...] = ()
    rows: tuple[Row, ...] = ()
    scope: str = ""
    other_id: str = ""
    whole: bool = False

    @property
    def label(self) -> tuple[str, str]:
        """What this kind of thing is called, in English and Chinese."""
        return kind_label(self.kind)

    @property
    def moved(self) -> bool:
        """Whether it is drawn elsewhere too."""
        return self.what == "moved" or bool(self.drawing)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why one of the two files could not be read, in English and Chinese; line: 0 for the whole file."""

    side: Side
    en: str
    zh: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs, in the order of the later file, what was removed at the end."""

    changes: tuple[Change, ...] = ()
    problems: tuple[Unreadable, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to say."""
        return bool(self.changes or self.problems)

    def of(self, what: What) -> Iterator[Change]:
        """Yield the changes of one kind."""
        return (one for one in self.changes if one.what == what)

    @property
    def added(self) -> tuple[Change, ...]:
        """What only the later file has."""
        return tuple(self.of("added"))

    @property
    def removed(self) -> tuple[Change, ...]:
        """What only the earlier file has."""
        return tuple(self.of("removed"))

    @property
    def changed(self) -> tuple[Change, ...]:
        """What says something else, wherever it is drawn."""
        return tuple(self.of("changed"))

    @property
    def moved(self) -> tuple[Change, ...]:
        """What says the same and is only drawn elsewhere, or stands elsewhere in the order."""
        return tuple(self.of("moved"))

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        found = {"added": 0, "removed": 0, "changed": 0, "moved": 0}
        for one in self.changes:
            found[one.what] += 1
        return found


def details_between(before: dict[str, str], after: dict[str, str]) -> tuple[Detail, ...]:
    """Return what differs between two sets of attributes, in the order of the later one."""
    paths = [*after, *(path for path in before if path not in after)]
    return tuple(
        Detail(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    )
