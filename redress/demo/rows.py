"""The cases of the demo's tables: columns are the start form's keys, and some that say how the demo plays the row.

`script` is the path that is played, `filed_by` the login or the candidate role of whoever files (default: `channel`), and
`sent_twice` = true has the same case sent again, which gets the same answer. A cell may name the day, the run or another
row (`redress.demo.words`); a row that names another one is filed when that case is over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TRUE, _FALSE = "true", "false"
_PREFIX = "demo_"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, counted from 1: what is filed under which regime, by whom, and the script.

    papers: path of a file field → kind of attachment; the fact itself names files that lie beside the table.
    """

    number: int
    script: str
    facts: Mapping[str, Any]
    regime: str = "complaint"
    filed_by: str = "channel"
    sent_twice: bool = False
    papers: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()

    @property
    def key(self) -> str:
        """What names the row in a run of several tables."""
        return f"{self.regime}-{self.number}"

    @property
    def title(self) -> str:
        """What the operator recognises the row by."""
        customer = self.facts.get("customer")
        name = customer.get("name", "") if isinstance(customer, Mapping) else ""
        return f"{name} {self.facts.get('phenomenon') or ''}".strip()

    @property
    def province(self) -> str:
        """The customer's home province, where the row says it."""
        return province_of(self.facts)


def province_of(facts: Mapping[str, Any]) -> str:
    """The code of the customer's home province; empty where the facts have none."""
    customer = facts.get("customer")
    return str(customer.get("home_province") or "") if isinstance(customer, Mapping) else ""


def tables(folder: Path) -> dict[str, Path]:
    """The demo's tables by regime: `demo_appeals.csv` holds cases of `appeal`. Complaints come first, as they arise first."""
    found = {
        path.stem.removeprefix(_PREFIX).removesuffix("s"): path for path in folder.glob(f"{_PREFIX}*.csv")
    }
    return dict(sorted(found.items(), key=lambda each: (each[0] != "complaint", each[0])))


def read_rows(table: Path, form: Mapping[str, Any], regime: str = "complaint") -> list[Row]:
    """Read a CSV for a start form. A cell is sent as what its form field holds (number, yes/no, several
    options); a cell that does not look like it is sent as it stands, for the server to judge. Empty cells
    are not sent.
    """
    known = dict(_fields(form, ""))
    kinds = {path: str(one.get("type", "")) for path, one in known.items()}
    rows = []
    with table.open(encoding="utf-8-sig", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), start=1):
            script, filed_by, twice = (
                (line.pop(column, "") or "").strip() for column in ("script", "filed_by", "sent_twice")
            )
            facts: dict[str, Any] = {}
            papers: dict[str, str] = {}
            for column, cell in line.items():
                if cell and cell.strip():
                    _put(facts, column, _typed(kinds.get(column, ""), cell.strip()))
                    if kinds.get(column) == "filepicker":
                        papers[column] = (known[column].get("properties") or {}).get(
                            "attachment.kind", "document"
                        )
            rows.append(
                Row(
                    number,
                    script or "default",
                    facts,
                    regime,
                    filed_by or "channel",
                    twice == _TRUE,
                    papers,
                    table.parent,
                )
            )
    return rows


def labels(form: Mapping[str, Any]) -> dict[str, str]:
    """What the start form calls its fields, by path: `customer.phone` is 联系电话."""
    names = ((path, one.get("label") or one.get("dateLabel")) for path, one in _fields(form, ""))
    return {path: str(name) for path, name in names if name}


def _fields(group: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in group.get("components") or ():
        path = ".".join(part for part in (prefix, one.get("path") or one.get("key") or "") if part)
        if one.get("components"):
            yield from _fields(one, path)
        else:
            yield path, one


def _typed(kind: str, cell: str) -> Any:
    if kind in ("checklist", "taglist", "filepicker"):
        return [part.strip() for part in cell.split(";") if part.strip()]
    if kind == "checkbox" and cell in (_TRUE, _FALSE):
        return cell == _TRUE
    if kind == "number":
        try:
            return int(cell) if cell.lstrip("-").isdigit() else float(cell)
        except ValueError:
            return cell
    return cell


def _put(target: dict[str, Any], path: str, value: Any) -> None:
    *folders, last = path.split(".")
    for folder in folders:
        target = target.setdefault(folder, {})
    target[last] = value
