"""The list of a folder of diagrams: what is in it, and what should happen to each."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAME = "index.tsv"


@dataclass(frozen=True, slots=True)
class Case:
    """One diagram. `ids`: the elements a refusal, a conversion or a need should name, any one of them is enough."""

    file: str
    expected: str
    """accept-run, accept-convert, accept-bind, reject-unsupported, reject-invalid or not-executable."""
    ids: frozenset[str]
    reasons: str
    modeler: str
    sha256: str
    content: bytes


def cases(folder: Path) -> Iterator[Case]:
    """Yield every diagram of the folder's list. Raises SystemExit with a sentence where the list cannot be read."""
    try:
        lines = (folder / NAME).open(encoding="utf-8", newline="")
    except FileNotFoundError:
        raise SystemExit(f"{folder} has no {NAME}: name a folder of diagrams with a list of them.") from None
    with lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield Case(
                file=row["file"],
                expected=row["expected_class"],
                ids=frozenset(filter(None, (row["element_ids"] or "").split(";"))),
                reasons=row["reasons"] or "",
                modeler=row["modeler"] or "",
                sha256=row["sha256"] or "",
                content=(folder / row["file"]).read_bytes(),
            )
