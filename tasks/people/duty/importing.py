"""A roster as a file: taken whole, or refused with every mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.calendar.limits import in_our_time
from tasks.deps import Deps
from tasks.mistakes import ChangeRefused
from tasks.organisation.exchange.columns import restored
from tasks.organisation.exchange.reading import cells_of
from tasks.organisation.revision import lock_office
from tasks.organisation.tables import Membership, OrgUnit
from tasks.people.caller import Caller
from tasks.people.duty.reading import COLUMNS
from tasks.people.duty.tables import DutyRoster
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.permissions.visibility import reach

CHINESE = {"单位": "unit", "账号": "login", "起始": "from", "截止": "until", "备注": "note"}
"""Chinese heading → column."""
LONGEST = timedelta(days=31)
"""Of one turn: our rule [D]."""
MOST, LONGEST_NOTE = 5_000, 200

_DUTY, _UNIT, _PERSON, _SEAT = table(DutyRoster), table(OrgUnit), table(Person), table(Membership)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a line and column of the file."""

    line: int
    column: str
    message: str
    message_zh: str

    @property
    def path(self) -> str:
        return f"{self.line} · {self.column}" if self.column else str(self.line)

    @property
    def path_zh(self) -> str:
        chinese = {column: zh for zh, column in CHINESE.items()}.get(self.column, self.column)
        return f"第{self.line}行" + (f" · {chinese}" if chinese else "")


class RosterRefused(ChangeRefused[Mistake]):
    """The duty roster cannot be so."""

    refused, refused_zh = "The duty roster", "没有导入值班表"


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the file, found to be right."""

    line: int
    unit_id: int
    person_id: UUID
    from_at: datetime
    until_at: datetime
    note: str


def import_roster(session: Session, deps: Deps, caller: Caller, name: str, content: bytes) -> dict[str, int]:
    """Replace what is not over of every unit that the file names by its lines, turns under way included; what is over stays.

    A CSV or XLSX file with the columns unit, login, from, until, note; times in the office's time. Returns how many turns
    there were of these units and how many there are. Raises InvalidInput for no such file, RosterRefused with every mistake.
    """
    require(caller, "duty.manage")
    lock_office(session)
    now = deps.clock.now()
    mistakes: list[Mistake] = []
    turns = _read(session, caller, _lines(name, content), mistakes)
    _overlaps(turns, mistakes)
    if mistakes:
        raise RosterRefused(sorted(mistakes, key=lambda one: one.line))
    units = {turn.unit_id for turn in turns}
    ahead = sa.and_(_DUTY.c.unit_id.in_(units), _DUTY.c.until_at > now)
    was = len(session.execute(sa.delete(_DUTY).where(ahead).returning(_DUTY.c.id)).all())
    rows = [
        {
            "id": deps.engine.new_id(), "unit_id": turn.unit_id, "person_id": turn.person_id,
            "from_at": turn.from_at, "until_at": turn.until_at, "note": turn.note,
        }
        for turn in turns
        if turn.until_at > now
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(_DUTY), rows)
    codes = session.scalars(sa.select(_UNIT.c.code).where(_UNIT.c.id.in_(units)).order_by(_UNIT.c.code)).all()
    record(
        session, caller.actor, "duty.manage", at=now, subject="duty_roster", subject_id=" ".join(codes)[:200],
        before={"turns": was}, after={"turns": len(rows), "units": list(codes)},
    )  # fmt: skip
    return {"was": was, "turns": len(rows)}


def _lines(name: str, content: bytes) -> list[tuple[int, dict[str, Any]]]:
    """The lines of the first sheet, each with its number, by column."""
    sheets = list(cells_of(name, content, lambda cell: _column(cell) is not None))
    cells = sheets[0][1] if sheets else []
    numbered = [(number, row) for number, row in enumerate(cells, start=1) if any(map(_text, row))]
    if not numbered:
        raise InvalidInput(
            "Importing a duty roster was asked for; the file is empty.", message_zh="文件是空的。"
        )
    columns = [_column(cell) for cell in numbered[0][1]]
    missing = [column for column in COLUMNS[:4] if columns.count(column) != 1]
    if missing:
        raise InvalidInput(
            f"Importing a duty roster was asked for; these columns are missing or there twice: {', '.join(missing)}.",
            message_zh=f"缺少或重复的列：{'、'.join(missing)}。",
        )
    if len(numbered) > MOST + 1:
        raise InvalidInput(
            f"Importing a duty roster was asked for; it has more than {MOST} lines.",
            message_zh=f"值班表超过 {MOST} 行。",
        )
    return [
        (number, {column: cell for column, cell in zip(columns, row, strict=False) if column})
        for number, row in numbered[1:]
    ]


def _read(
    session: Session, caller: Caller, lines: Sequence[tuple[int, dict[str, Any]]], mistakes: list[Mistake]
) -> list[Turn]:
    held = reach(caller, "duty.manage")
    units = {
        row.code: row
        for row in session.execute(sa.select(_UNIT.c.id, _UNIT.c.code, _UNIT.c.path))
        if any(row.path.startswith(path) for path in held)
    }
    logins = {text for _, line in lines if storable(text := _text(line.get("login")))}
    seats: dict[str, list[Any]] = {}
    for row in session.execute(
        sa.select(_PERSON.c.id, _PERSON.c.login, _UNIT.c.path)
        .join(_SEAT, _SEAT.c.person_id == _PERSON.c.id)
        .join(_UNIT, _UNIT.c.id == _SEAT.c.unit_id)
        .where(_PERSON.c.active, _PERSON.c.kind == "person", _PERSON.c.login.in_(logins))
    ):
        seats.setdefault(row.login, []).append(row)
    found = []
    for number, line in lines:
        unit, login = units.get(_text(line.get("unit"))), _text(line.get("login"))
        wrong = len(mistakes)
        if unit is None:
            said = _text(line.get("unit"))[:60]
            mistakes.append(
                Mistake(number, "unit", f"there is no {said!r} that you lead.", f"没有您所辖的单位“{said}”。")
            )
        at = [seat for seat in seats.get(login, ()) if unit is not None and seat.path.startswith(unit.path)]
        if unit is not None and not at:
            mistakes.append(
                Mistake(
                    number, "login", f"nobody called {login[:60]!r} sits in {unit.code}.",
                    f"单位 {unit.code} 没有“{login[:60]}”。",
                )
            )  # fmt: skip
        begin, end = (_instant(number, column, line.get(column), mistakes) for column in ("from", "until"))
        if begin and end and not begin < end <= begin + LONGEST:
            mistakes.append(
                Mistake(
                    number, "until", f"is not within {LONGEST.days} days after its begin.",
                    f"应晚于起始，且不超过 {LONGEST.days} 天。",
                )
            )  # fmt: skip
        note = _text(line.get("note"))
        if len(note) > LONGEST_NOTE or not storable(note):
            mistakes.append(
                Mistake(number, "note", f"is longer than {LONGEST_NOTE}.", f"超过 {LONGEST_NOTE} 个字。")
            )
        if wrong == len(mistakes) and unit is not None and begin and end:
            found.append(Turn(number, unit.id, at[0].id, begin, end, note))
    if not lines:
        mistakes.append(Mistake(1, "", "there are no turns below the headings.", "表头之下没有内容。"))
    return found


def _overlaps(turns: Sequence[Turn], mistakes: list[Mistake]) -> None:
    last: dict[tuple[int, UUID], Turn] = {}
    for turn in sorted(turns, key=lambda each: each.from_at):
        before = last.get((turn.unit_id, turn.person_id))
        if before is not None and turn.from_at < before.until_at:
            mistakes.append(
                Mistake(turn.line, "from", f"overlaps line {before.line}.", f"与第{before.line}行重叠。")
            )
        if before is None or turn.until_at > before.until_at:
            last[turn.unit_id, turn.person_id] = turn


def _instant(number: int, column: str, cell: Any, mistakes: list[Mistake]) -> datetime | None:
    try:
        at = cell if isinstance(cell, datetime) else datetime.fromisoformat(_text(cell).replace("/", "-"))
        at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at
        if in_our_time(at):
            return at
    except (ValueError, OverflowError):
        pass
    said = _text(cell)[:40]
    mistakes.append(
        Mistake(
            number, column, f"{said!r} is no time such as 2026-10-01 08:30.",
            f"“{said}”不是 2026-10-01 08:30 这样的时间。",
        )
    )  # fmt: skip
    return None


def _column(cell: Any) -> str | None:
    text = _text(cell).casefold()
    return text if text in COLUMNS else CHINESE.get(text)


def _text(cell: Any) -> str:
    return "" if cell is None else str(restored(str(cell).strip()))
