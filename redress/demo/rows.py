"""The complaints of the CSV: columns are the start form's keys, plus `script`, the path the demo plays."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TRUE, _FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the CSV, counted from 1: what is filed, and the script."""

    number: int
    script: str
    facts: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What the operator recognises the row by."""
        customer = self.facts.get("customer")
        name = customer.get("name", "") if isinstance(customer, Mapping) else ""
        return f"{name} {self.facts.get('phenomenon') or ''}".strip()


def read_rows(table: Path, form: Mapping[str, Any]) -> list[Row]:
    """Read the CSV for a start form. A cell is sent as what its form field holds (number, yes/no, several
    options); a cell that does not look like it is sent as it stands, for the server to judge. Empty cells
    are not sent.
    """
    kinds = dict(_fields(form, ""))
    rows = []
    with table.open(encoding="utf-8-sig", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), start=1):
            script = (line.pop("script", "") or "default").strip()
            facts: dict[str, Any] = {}
            for column, cell in line.items():
                if cell and cell.strip():
                    _put(facts, column, _typed(kinds.get(column, ""), cell.strip()))
            rows.append(Row(number, script, facts))
    return rows


def labels(form: Mapping[str, Any]) -> dict[str, str]:
    """What the start form calls its fields, by path: `customer.phone` is 联系电话."""
    return dict(_labels(form, ""))


def _labels(group: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for field in group.get("components") or ():
        path = ".".join(part for part in (prefix, field.get("path") or field.get("key") or "") if part)
        if field.get("components"):
            yield from _labels(field, path)
        elif name := field.get("label") or field.get("dateLabel"):
            yield path, str(name)


def _fields(group: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for field in group.get("components") or ():
        path = ".".join(part for part in (prefix, field.get("path") or field.get("key") or "") if part)
        if field.get("components"):
            yield from _fields(field, path)
        else:
            yield path, field.get("type", "")


def _typed(kind: str, cell: str) -> Any:
    if kind in ("checklist", "taglist"):
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
