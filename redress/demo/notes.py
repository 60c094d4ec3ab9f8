"""What a demo run remembers on disk, so that an interrupted one goes on where it was."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

from engine.clock import Clock

_STAMP = "%Y%m%d%H%M%S%f"


@dataclass
class Notes:
    """One run. `numbers`, `mistakes`, `repeated` (what the same case sent again was answered) and `papers` (ids of uploaded
    files, by file field) are by key of the row; `opened` are the cases that other cases opened, with the opener; `done`
    is what was done once beside the tasks, such as messages; `standing` are the cases that are left where they are.
    """

    run: str
    numbers: dict[str, str] = field(default_factory=dict)
    mistakes: dict[str, list[str]] = field(default_factory=dict)
    repeated: dict[str, str] = field(default_factory=dict)
    papers: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    archived: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    done: dict[str, list[str]] = field(default_factory=dict)
    finished: bool = False

    @property
    def begun(self) -> datetime:
        """When the run began."""
        return datetime.strptime(self.run.split("-")[0], _STAMP).replace(tzinfo=UTC)

    @property
    def short(self) -> str:
        """A short name of the run: month and day, and its random end."""
        return f"{self.run[4:8]}-{self.run.split('-')[1]}"

    @property
    def over(self) -> set[str]:
        """The cases that need nothing more in this run."""
        return {*self.archived, *self.standing}

    def key(self, *parts: object) -> str:
        """The Idempotency-Key of one step of this run: the same step has the same key, however often it is
        tried.
        """
        return "-".join(["demo", self.run, *map(str, parts)])


class Notebook:
    """The notes of all runs from one home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "demo"

    def unfinished(self) -> Notes | None:
        """The newest run that did not come to its end, or None."""
        for path in sorted(self._folder.glob("*.json"), reverse=True):
            try:
                raw = json.loads(path.read_text(encoding="utf-8"))
                notes = Notes(**{each.name: raw[each.name] for each in fields(Notes)})
            except (OSError, ValueError, KeyError, TypeError):
                continue
            return None if notes.finished else notes
        return None

    def begin(self, clock: Clock) -> Notes:
        """Start a new run; its id sorts by time and is unique."""
        notes = Notes(f"{clock.now().astimezone(UTC):{_STAMP}}-{secrets.token_hex(3)}")
        self.save(notes)
        return notes

    def save(self, notes: Notes) -> None:
        """Write the notes; a reader sees either the old ones or the new ones, whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{notes.run}.json"
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(notes), ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(path)
