"""What a demo run remembers on disk, so that an interrupted one goes on where it was."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC
from pathlib import Path

from engine.clock import Clock


@dataclass
class Notes:
    """One run. `numbers` and `mistakes` are by row of the CSV, counted from 1; `messages` are the cases
    whose customer has sent what the script says.
    """

    run: str
    numbers: dict[int, str] = field(default_factory=dict)
    mistakes: dict[int, list[str]] = field(default_factory=dict)
    archived: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    finished: bool = False

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
                by_row = {
                    name: {int(row): value for row, value in raw[name].items()}
                    for name in ("numbers", "mistakes")
                }
                notes = Notes(
                    raw["run"],
                    archived=raw["archived"],
                    messages=raw["messages"],
                    finished=raw["finished"],
                    **by_row,
                )
            except (OSError, ValueError, KeyError, TypeError):
                continue
            return None if notes.finished else notes
        return None

    def begin(self, clock: Clock) -> Notes:
        """Start a new run; its id sorts by time and is unique."""
        notes = Notes(f"{clock.now().astimezone(UTC):%Y%m%d%H%M%S%f}-{secrets.token_hex(3)}")
        self.save(notes)
        return notes

    def save(self, notes: Notes) -> None:
        """Write the notes; a reader sees either the old ones or the new ones, whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{notes.run}.json"
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(notes), ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(path)
