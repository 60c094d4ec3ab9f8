"""Reading rows of units, posts and people, from a file of ours or from a sheet, into the chart that is wished.

What no row names is left alone. A person who is named has exactly the seats the rows name: others end with yesterday,
and those that had not begun are taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from tasks.organisation.changing.chart import Chart, PersonData, PostData, SeatData, UnitData
from tasks.organisation.changing.mistakes import Mistake

UNIT_COLUMNS = ("code", "name", "name_en", "kind", "parent", "acts_for", "roles", "handles", "from", "until")
POST_COLUMNS = ("key", "name", "name_en", "roles", "grants", "rank")
SEAT_COLUMNS = ("unit", "post", "title", "roles", "superior", "from", "until")
PERSON_COLUMNS = ("login", "name", "kind", "email", "phone", "active", *SEAT_COLUMNS)

_BETWEEN_WORDS = str.maketrans(dict.fromkeys(";；、，,\n", " "))
_YES = {"true", "yes", "y", "1", "是", "在用", "真"}
_NO = {"false", "no", "n", "0", "否", "停用", "假"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `where`: how people find it, such as `units 3`. `whole`: a column that is absent means its default;
    otherwise it means no change.
    """

    where: str
    values: Mapping[str, Any]
    whole: bool = True


@dataclass
class Tables:
    """Everything one file says, and what was wrong with reading it."""

    units: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """The chart that is wished, how many things were named, and every mistake of single rows."""

    chart: Chart
    named: int
    mistakes: list[Mistake]


def wished(before: Chart, tables: Tables, today: date) -> Wish:
    """The chart after the rows; what a row gets wrong is told and the rest of it used, so that all is told at once."""
    reader = _Reader(list(tables.mistakes))
    units, posts, people = dict(before.units), dict(before.posts), dict(before.people)
    named: set[tuple[str, str]] = set()

    def once(kind: str, key: str, row: Row) -> None:
        if (kind, key) in named:
            reader.wrong(
                row, f"{kind} {key[:64]}", "", "it stands in the file twice.", "在文件中出现了两次。"
            )
        named.add((kind, key))

    for row in tables.units:
        unit = reader.unit(row, before.units)
        once("unit", unit.code, row)
        units[unit.code] = unit
    for row in tables.posts:
        post = reader.post(row, before.posts)
        once("post", post.key, row)
        posts[post.key] = post
    by_login: dict[str, list[Row]] = {}
    for row in tables.people:
        by_login.setdefault(reader.text(row, "person", "login"), []).append(row)
    for login, rows in by_login.items():
        named.add(("person", login))
        people[login] = reader.person(login, rows, before.people.get(login), today)
    return Wish(Chart(units, posts, people), len(named), reader.mistakes)


def seats_after(old: Sequence[SeatData], listed: Sequence[SeatData], today: date) -> tuple[SeatData, ...]:
    """The seats of a person whose seats are to be the listed ones, these first; each keeps the identity it had."""
    left = list(old)
    kept: list[SeatData | None] = [None] * len(listed)
    for by_beginning in (True, False):
        for place, seat in enumerate(listed):
            if kept[place] is None:
                found = next((each for each in left if _same(seat, each, by_beginning, today)), None)
                if found is not None:
                    left.remove(found)
                    kept[place] = replace(seat, id=found.id)
    past = (end(seat, today - timedelta(days=1)) for seat in left)
    return (
        *(keep or seat for keep, seat in zip(kept, listed, strict=True)),
        *(seat for seat in past if seat),
    )


def _same(seat: SeatData, stored: SeatData, by_beginning: bool, today: date) -> bool:
    """Whether a listed seat is the stored one: by unit, post and first day, or else by unit and post while not over."""
    if (seat.unit, seat.post) != (stored.unit, stored.post):
        return False
    return seat.valid_from == stored.valid_from if by_beginning else (stored.valid_until or today) >= today


def end(seat: SeatData, last: date) -> SeatData | None:
    """The seat with `last` as its last day, as it is when it ended before, or None when it would not have begun."""
    if seat.valid_until is not None and seat.valid_until <= last:
        return seat
    return None if seat.valid_from is not None and seat.valid_from > last else replace(seat, valid_until=last)


def tables_of(data: Mapping[str, Any]) -> Tables:
    """The rows of a file shaped like `bpmn/organisation/organisation.yaml`; see docs/organisation.md."""
    found = Tables()
    for section, columns, rows in (
        ("posts", POST_COLUMNS, found.posts),
        ("units", UNIT_COLUMNS, found.units),
        ("people", (*PERSON_COLUMNS, "also"), found.people),
    ):
        given = data.get(section) or ()
        if not isinstance(given, list | tuple):
            found.mistakes.append(Mistake("", section, "", "a list is needed.", "应为列表。"))
            continue
        for place, entry in enumerate(given, start=1):
            _entry(found, rows, section, columns, _where(section, place, entry), entry)
    for section in data.keys() - {"posts", "units", "people"}:
        found.mistakes.append(
            Mistake("", str(section)[:64], "", "there is no such section.", "没有这样的部分。")
        )
    return found


def _entry(
    found: Tables, rows: list[Row], section: str, columns: Sequence[str], where: str, entry: Any
) -> None:
    if not isinstance(entry, Mapping):
        found.mistakes.append(Mistake(where, section, "", "it has no fields.", "没有字段。"))
        return
    for unknown in [str(key) for key in entry if key not in columns]:
        found.mistakes.append(
            Mistake(where, section, unknown[:64], "there is no such field.", "没有这个字段。")
        )
    values = {key: value for key, value in entry.items() if key in columns and key != "also"}
    rows.append(Row(where, values))
    for seat in entry.get("also") or ():
        if isinstance(seat, Mapping):
            _entry(
                found,
                rows,
                section,
                ("login", *SEAT_COLUMNS),
                where,
                {**seat, "login": entry.get("login", "")},
            )
        else:
            found.mistakes.append(Mistake(where, section, "also", "it has no fields.", "没有字段。"))


def _where(section: str, place: int, entry: Any) -> str:
    line = getattr(entry, "line", None)
    return f"line {line}" if line else f"{section} {place}"


def seat_of(values: Mapping[str, Any], base: SeatData | None, login: str) -> tuple[SeatData, list[Mistake]]:
    """A seat as the values say; what they do not name stays as it is in `base`."""
    reader, thing = _Reader([]), f"person {login[:64]}"
    old = base or SeatData()
    row = Row("", {**({"unit": old.unit, "post": old.post} if base else {}), **values}, whole=base is None)
    return replace(reader.seat(row, thing, [old]), id=old.id), reader.mistakes


class _Reader:
    """Cells into values. What cannot be read is noted and stands as empty."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes

    def wrong(self, row: Row, thing: str, column: str, message: str, message_zh: str) -> None:
        self.mistakes.append(Mistake(row.where, thing, column, message, message_zh))

    def unit(self, row: Row, stored: Mapping[str, UnitData]) -> UnitData:
        code = self.text(row, "unit", "code")
        base = stored.get(code)
        old = base if base and not row.whole else UnitData()
        thing = f"unit {code[:64]}"
        return UnitData(
            code=code,
            name=self.text(row, thing, "name", old.name),
            name_en=self.text(row, thing, "name_en", old.name_en),
            kind=self.text(row, thing, "kind", old.kind),
            parent=self.text(row, thing, "parent", old.parent or "") or None,
            acts_for=self.text(row, thing, "acts_for", old.acts_for or "") or None,
            roles=self.words(row, thing, "roles", old.roles),
            handles=self.words(row, thing, "handles", old.handles),
            valid_from=self.day(row, thing, "from", old.valid_from),
            valid_until=self.day(row, thing, "until", old.valid_until),
            id=base.id if base else None,
            where=row.where,
        )

    def post(self, row: Row, stored: Mapping[str, PostData]) -> PostData:
        key = self.text(row, "post", "key")
        base = stored.get(key)
        old = base if base and not row.whole else PostData(key, "")
        thing = f"post {key[:64]}"
        return PostData(
            key=key,
            name=self.text(row, thing, "name", old.name),
            name_en=self.text(row, thing, "name_en", old.name_en),
            roles=self.words(row, thing, "roles", old.roles),
            grants=self.words(row, thing, "grants", old.grants),
            rank=self.number(row, thing, "rank", old.rank),
            where=row.where,
        )

    def person(self, login: str, rows: Sequence[Row], base: PersonData | None, today: date) -> PersonData:
        first, thing = rows[0], f"person {login[:64]}"
        old = base or PersonData(login, "")
        made = PersonData(
            login=login,
            name=self.text(first, thing, "name", old.name),
            kind=self.text(first, thing, "kind", old.kind) or "person",
            email=self.text(first, thing, "email", old.email),
            phone=self.text(first, thing, "phone", old.phone),
            active=self.flag(first, thing, "active", old.active),
            seats=old.seats,
            id=old.id,
            where=first.where,
        )
        for row in rows[1:]:
            for column in ("name", "kind", "email", "phone"):
                again = self.text(row, thing, column, "")
                if again and again != getattr(made, column):
                    self.wrong(
                        row,
                        thing,
                        column,
                        "it differs from the person's first row.",
                        "与此人的第一行不一致。",
                    )
        if any("unit" in row.values for row in rows):
            named = [row for row in rows if row.values.get("unit") or len(rows) > 1]
            if old.seats and made.active and not named:
                self.wrong(
                    first,
                    thing,
                    "unit",
                    "an active person sits in at least one unit.",
                    "在用人员至少要有一个任职单位。",
                )
            listed = [self.seat(row, thing, old.seats) for row in named]
            made = replace(made, seats=seats_after(old.seats, listed, today))
        return made

    def seat(self, row: Row, thing: str, stored: Iterable[SeatData]) -> SeatData:
        unit = self.text(row, thing, "unit")
        post = self.text(row, thing, "post", "") or None
        old = (
            SeatData()
            if row.whole
            else next((s for s in stored if (s.unit, s.post) == (unit, post)), SeatData())
        )
        return SeatData(
            unit=unit,
            post=post,
            title=self.text(row, thing, "title", old.title),
            roles=self.words(row, thing, "roles", old.roles),
            superior=self.text(row, thing, "superior", old.superior or "") or None,
            valid_from=self.day(row, thing, "from", old.valid_from),
            valid_until=self.day(row, thing, "until", old.valid_until),
            where=row.where,
        )

    def text(self, row: Row, thing: str, column: str, default: str | None = None) -> str:
        value = row.values.get(column, default)
        if value is None or value == "":
            if default is None:
                self.wrong(row, thing, column, "it is needed and missing.", "缺少必填内容。")
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # a sheet's numbers
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.wrong(row, thing, column, "a text is needed.", "应为文字。")
            return ""
        return str(value).strip()

    def words(self, row: Row, thing: str, column: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = row.values.get(column, default)
        if isinstance(value, str):
            value = value.translate(_BETWEEN_WORDS).split()
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
            self.wrong(row, thing, column, "a list of words is needed.", "应为以分号分隔的词。")
            return default
        return tuple(dict.fromkeys(value))

    def number(self, row: Row, thing: str, column: str, default: int) -> int:
        value = row.values.get(column, default)
        if value in (None, ""):
            return default
        try:
            if isinstance(value, bool) or int(value) != float(value):
                raise ValueError
            return int(value)
        except (TypeError, ValueError, OverflowError):
            self.wrong(row, thing, column, f"{str(value)[:40]!r} is no whole number.", "应为整数。")
            return default

    def flag(self, row: Row, thing: str, column: str, default: bool) -> bool:
        value = row.values.get(column, default)
        if value in (None, ""):
            return default
        word = str(int(value) if isinstance(value, float) and value.is_integer() else value).strip().lower()
        if word in _YES or word in _NO:
            return word in _YES
        self.wrong(row, thing, column, f"{word[:40]!r} is neither yes nor no.", "应为“是”或“否”。")
        return default

    def day(self, row: Row, thing: str, column: str, default: date | None) -> date | None:
        value = row.values.get(column, default)
        if value in (None, ""):
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            year, month, day = str(value).strip().replace("/", "-").replace(".", "-").split("-")
            return date(int(year), int(month), int(day))
        except ValueError:
            self.wrong(
                row,
                thing,
                column,
                f"{str(value)[:40]!r} is no day such as 2026-03-01.",
                "应为日期，如 2026-03-01。",
            )
            return default
