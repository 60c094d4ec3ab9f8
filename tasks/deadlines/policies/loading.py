"""The clock register as a file: the columns of `bpmn/organisation/clocks.csv`, all rows or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy.orm import Session

from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.policies.register import Policies, Policy
from tasks.deadlines.policies.rows import Key, Mistake, RegisterRefused, Terms, label, read_row
from tasks.deadlines.policies.versions import Fresh, Version, add_versions, all_versions
from tasks.organisation.revision import lock_office


def load_policies(session: Session, rows: Iterable[Mapping[str, str]], *, now: datetime) -> int:
    """Take over what the file says differently from when it was last loaded: a row that is new or changed there becomes a
    version from today on, one that is gone from it ends.

    What the file says as before is left alone, so that what the office changed or ended since stays, and so do rows that
    the office added. Returns how many versions were added. Raises RegisterRefused with every mistake.
    """
    lock_office(session)
    wanted = read_rows((f"row {number}", row) for number, row in enumerate(rows, start=1))
    stored = all_versions(session)
    today = day_of(now)
    fresh = [
        Fresh(terms, today) for key, terms in wanted.items() if _said(stored.get(key, ())) != terms
    ]  # fmt: skip
    fresh += [
        Fresh(versions[-1].terms, today, ended=True)
        for key, versions in stored.items()
        if key not in wanted and versions[-1].by_file and not versions[-1].ended
    ]
    return len(add_versions(session, stored, fresh, at=now))


def shipped_policies(rows: Iterable[Mapping[str, str]]) -> Policies:
    """The register of the file alone, for where no office is stored. Raises RegisterRefused with every mistake."""
    grouped: dict[str, list[Policy]] = {}
    for terms in read_rows((f"row {number}", row) for number, row in enumerate(rows, start=1)).values():
        policy = Policy(**{each.name: getattr(terms, each.name) for each in fields(terms)})
        grouped.setdefault(terms.code, []).append(policy)
    return Policies({code: tuple(found) for code, found in grouped.items()})


def read_rows(rows: Iterable[tuple[str, Mapping[str, str]]]) -> dict[Key, Terms]:
    """All rows (where it stands, the row) by what they are known by. Raises RegisterRefused with every mistake."""
    mistakes: list[Mistake] = []
    read: dict[Key, Terms] = {}
    for where, row in rows:
        terms, wrong = read_row(row, where=where)
        mistakes += wrong
        if None in row:
            mistakes.append(
                Mistake(where, "", "", "a cell stands outside the headings.", "有单元格超出了表头范围。")
            )
        if terms is None:
            continue
        if terms.key in read:
            mistakes.append(
                Mistake(where, label(terms.key), "code", "this row stands there twice.", "该行出现了两次。")
            )
        read[terms.key] = terms
    if mistakes:
        raise RegisterRefused(mistakes)
    return read


def _said(versions: Iterable[Version]) -> Terms | None:
    """What the file said of a row when it was last loaded; None if it did not have it."""
    own = [version for version in versions if version.by_file]
    return own[-1].terms if own and not own[-1].ended else None
