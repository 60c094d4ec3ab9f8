"""A list as a file: `bpmn/classification/<list>.csv`, taken whole or refused with every mistake; and replacing one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.classification.lists import Entry, read_classification
from tasks.classification.tables import ClassificationEntry, ClassificationSource
from tasks.core import storable, table
from tasks.organisation.exchange.columns import neutral, restored
from tasks.organisation.revision import bump_office, lock_office

COLUMNS = ("code", "name_zh", "name_en", "within", "clause", "ours")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LIST = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST = 5_000
LONGEST = 200
_ENTRY, _SOURCE = table(ClassificationEntry), table(ClassificationSource)


@dataclass(frozen=True, slots=True)
class Difference:
    """What replacing a list changes, by code."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.ended)


def load_lists(session: Session, files: Mapping[str, str], *, now: datetime) -> int:
    """Take over the lists of a content folder (name → text of the file) that hold something else than when they were last
    loaded; returns how many rows changed. Raises InvalidInput with every mistake of every file.
    """
    lock_office(session)
    loaded = {row.kind: row.sha256 for row in session.execute(sa.select(_SOURCE.c.kind, _SOURCE.c.sha256))}
    mistakes: list[str] = []
    wanted = {}
    for name, text in files.items():
        digest = sha256(text.encode()).digest()
        if loaded.get(name) != digest:
            wanted[name] = (_read(name, text, mistakes), digest)
    _refuse(mistakes)
    changed = 0
    for name, (entries, digest) in wanted.items():
        difference = _replace(session, name, entries, now)
        changed += len(difference.added + difference.changed + difference.ended)
        values = {"kind": name, "sha256": digest, "loaded_at": now}
        session.execute(
            insert(_SOURCE).values(values).on_conflict_do_update(index_elements=["kind"], set_=values)
        )
    if changed:
        bump_office(session, moves_work=False)
    return changed


def replace_list(session: Session, name: str, text: str, *, now: datetime) -> Difference:
    """Replace one list by the rows of a CSV text; what is not in it any more ends. Raises InvalidInput with every mistake."""
    lock_office(session)
    mistakes: list[str] = []
    entries = _read(name, text, mistakes)
    _refuse(mistakes)
    difference = _replace(session, name, entries, now)
    if difference:
        bump_office(session, moves_work=False)
    return difference


def as_csv(entries: tuple[Entry, ...]) -> str:
    """A list as the file that would give it; no cell is one that a spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        cells = (entry.code, entry.name_zh, entry.name_en, " ".join(entry.within), entry.clause)
        writer.writerow((*map(neutral, cells), "yes" if entry.ours else ""))
    return out.getvalue()


def _read(name: str, text: str, mistakes: list[str]) -> list[Entry]:
    if not _LIST.fullmatch(name):
        mistakes.append(f"a list is called {name[:60]!r}; its name is small letters, digits and _")
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if missing := {"code", "name_zh"} - set(reader.fieldnames or ()):
        mistakes.append(f"{name}: the column {', '.join(sorted(missing))} is missing")
        return []
    if unknown := sorted(set(reader.fieldnames or ()) - set(COLUMNS)):
        mistakes.append(f"{name}: the columns {', '.join(unknown)} are none of {', '.join(COLUMNS)}")
    entries: list[Entry] = []
    seen: set[str] = set()
    for number, row in enumerate(reader, start=2):
        if number > MOST + 1:
            mistakes.append(f"{name}: it has more than {MOST} rows")
            break
        code, zh = _cell(row, "code"), _cell(row, "name_zh")
        where = f"{name} line {number}"
        if not _CODE.fullmatch(code):
            mistakes.append(f"{where}: the code {code[:60]!r} is not small letters, digits and _")
        if code in seen:
            mistakes.append(f"{where}: the code {code} stands twice")
        texts = [zh, *(_cell(row, column) for column in ("name_en", "clause"))]
        if not zh or any(len(one) > LONGEST or not storable(one) for one in texts):
            mistakes.append(
                f"{where}: {code} needs a Chinese name, and texts of at most {LONGEST} characters"
            )
        if None in row:
            mistakes.append(f"{where}: a cell stands outside the headings")
        if _cell(row, "ours") not in ("", "yes"):
            mistakes.append(f"{where}: `ours` is yes or empty")
        seen.add(code)
        within = tuple(_cell(row, "within").split())
        entries.append(Entry(code, zh, texts[1], within, texts[2], bool(_cell(row, "ours"))))
    if not entries:
        mistakes.append(
            f"{name}: it has no rows; a list that nothing can be chosen from would stop every form"
        )
    return entries


def _cell(row: Mapping[str, str | None], column: str) -> str:
    return restored((row.get(column) or "").strip())


def _refuse(mistakes: list[str]) -> None:
    if mistakes:
        raise InvalidInput(
            f"The classification was refused with {len(mistakes)} mistakes: {'; '.join(mistakes[:50])}.",
            mistakes=mistakes[:50],
            message_zh=f"分类表有 {len(mistakes)} 处错误：{'；'.join(mistakes[:50])}",
        )


def _replace(session: Session, name: str, entries: list[Entry], now: datetime) -> Difference:
    before = read_classification(session).lists.get(name, ())
    held = {entry.code: (position, entry) for position, entry in enumerate(before)}
    added, changed = [], []
    for position, entry in enumerate(entries):
        if entry.code not in held or held[entry.code][1].ended:
            added.append(entry.code)
        elif held[entry.code] != (position, entry):
            changed.append(entry.code)
        else:
            continue
        values = {
            "kind": name, "code": entry.code, "position": position, "name_zh": entry.name_zh, "name_en": entry.name_en,
            "within": list(entry.within), "clause": entry.clause, "ours": entry.ours, "ended_at": None,
        }  # fmt: skip
        session.execute(
            insert(_ENTRY).values(values).on_conflict_do_update(index_elements=["kind", "code"], set_=values)
        )
    codes = {entry.code for entry in entries}
    ended = tuple(code for code, (_, entry) in held.items() if code not in codes and not entry.ended)
    if ended:
        session.execute(
            sa.update(_ENTRY).where(_ENTRY.c.kind == name, _ENTRY.c.code.in_(ended)).values(ended_at=now)
        )
    return Difference(tuple(added), tuple(changed), ended)
