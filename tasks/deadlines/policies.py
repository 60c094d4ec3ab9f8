"""The clock register: one row per time limit, the most specific row wins (domain §1.13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from engine.errors import InvalidInput, RedressError
from tasks.core import table
from tasks.organisation.revision import bump_office

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNITS = ("h", "cd", "wd")


class NoSuchPolicy(RedressError):
    """No time limit of this code is in the clock register."""


class WorkingDaysUnavailable(RedressError):
    """A limit counted in working days needs the working calendar, which is not available here."""


class ClockPolicy(Base):
    """One row of the register. Empty `level` or `customer_level` means any. `unit`: h hours, cd calendar, wd
    working.
    """

    __tablename__ = "clock_policy"

    code: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    level: Mapped[str] = mapped_column(sa.Text, primary_key=True, default="")
    customer_level: Mapped[str] = mapped_column(sa.Text, primary_key=True, default="")
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(10, 3))
    unit: Mapped[str] = mapped_column(sa.Text)
    warn_ratio: Mapped[Decimal] = mapped_column(sa.Numeric(5, 4), default=Decimal("0.9"))
    name_zh: Mapped[str] = mapped_column(sa.Text, default="")
    name_en: Mapped[str] = mapped_column(sa.Text, default="")
    clause: Mapped[str] = mapped_column(sa.Text, default="")


@dataclass(frozen=True, slots=True)
class Policy:
    """A time limit: `amount` of `unit`, warned of after `warn_ratio` of it has gone by."""

    code: str
    level: str
    customer_level: str
    amount: Decimal
    unit: str
    warn_ratio: Decimal
    name_zh: str = ""
    name_en: str = ""

    def due_from(self, start: datetime) -> datetime:
        """When the limit ends that starts at `start` (aware). Hours are natural hours.

        Calendar days do not count the day they start on and end with the last minute of the last day,
        Shanghai time (design §8). Raises WorkingDaysUnavailable for a limit in working days.
        """
        if self.unit == "h":
            return start + timedelta(hours=float(self.amount))
        if self.unit == "cd":
            last = start.astimezone(SHANGHAI).date() + timedelta(days=int(self.amount) + 1)
            return datetime.combine(last, time.min, SHANGHAI).astimezone(UTC)
        raise WorkingDaysUnavailable(
            f"The due time of {self.code} was asked for, but it is counted in working days and the working "
            "calendar is not available in this installation.",
            code=self.code,
        )

    def warn_from(self, start: datetime, ratio: Decimal | None = None) -> datetime:
        """When to warn: `ratio` (by default the policy's) of the time between start and due."""
        due = self.due_from(start)
        return start + (due - start) * float(self.warn_ratio if ratio is None else ratio)


@dataclass(frozen=True)
class Policies:
    """All rows of one revision."""

    by_code: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)

    def find(self, code: str, *, level: str = "", customer_level: str = "") -> Policy:
        """The most specific row of `code` for a case of this level and customer level.

        A row naming the level beats one naming only the customer level; blank matches any. Raises
        NoSuchPolicy.
        """
        rows = [
            row
            for row in self.by_code.get(code, ())
            if row.level in ("", level) and row.customer_level in ("", customer_level)
        ]
        if not rows:
            raise NoSuchPolicy(
                f"The time limit {code} was asked for, but the clock register has no row of it for the "
                f"level {level or 'any'}.",
                code=code,
            )
        return max(rows, key=lambda row: (bool(row.level), bool(row.customer_level)))


def read_policies(session: Session) -> Policies:
    """Read the whole register. One statement."""
    grouped: dict[str, list[Policy]] = {}
    for row in session.execute(sa.select(table(ClockPolicy))).all():
        policy = Policy(
            row.code,
            row.level,
            row.customer_level,
            row.amount,
            row.unit,
            row.warn_ratio,
            row.name_zh,
            row.name_en,
        )
        grouped.setdefault(row.code, []).append(policy)
    return Policies({code: tuple(rows) for code, rows in grouped.items()})


def load_policies(session: Session, rows: Iterable[Mapping[str, str]]) -> int:
    """Bring the register in line with `rows` (the columns of `bpmn/organisation/clocks.csv`); all rows or
    none.

    Idempotent; returns how many rows were added, changed or taken away. Raises InvalidInput naming every wrong row.
    """
    wrong: list[str] = []
    wanted: dict[tuple[str, str, str], dict[str, object]] = {}
    for number, row in enumerate(rows, start=1):
        clean = {key: (value or "").strip() for key, value in row.items() if key}
        try:
            amount = Decimal(clean.get("limit", ""))
            ratio = Decimal(clean.get("warn_ratio") or "0.9")
        except InvalidOperation:
            wrong.append(
                f"row {number} ({clean.get('code', '')}) has a limit or warn_ratio that is no number"
            )
            continue
        if (
            not clean.get("code")
            or clean.get("unit") not in UNITS
            or not 0 < amount <= 100_000
            or not 0 < ratio <= 1
        ):
            wrong.append(
                f"row {number} ({clean.get('code', '')}) needs a code, a unit of {'/'.join(UNITS)}, "
                "a limit above 0 and a warn_ratio up to 1"
            )
            continue
        key = (clean["code"], clean.get("level", ""), clean.get("customer_level", ""))
        if key in wanted:
            wrong.append(f"row {number} repeats {'/'.join(key)}")
        wanted[key] = {
            "code": key[0],
            "level": key[1],
            "customer_level": key[2],
            "amount": amount,
            "unit": clean["unit"],
            "warn_ratio": ratio,
            "name_zh": clean.get("name_zh", ""),
            "name_en": clean.get("name_en", ""),
            "clause": clean.get("clause", ""),
        }
    if wrong:
        raise InvalidInput("The clock register cannot be loaded: " + "; ".join(wrong) + ".")
    before = _stored(session)
    if wanted:
        statement = insert(ClockPolicy).values(list(wanted.values()))
        columns = ("amount", "unit", "warn_ratio", "name_zh", "name_en", "clause")
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["code", "level", "customer_level"],
                set_={column: statement.excluded[column] for column in columns},
            )
        )
    gone = set(before) - set(wanted)
    for key in gone:
        session.execute(
            sa.delete(ClockPolicy).where(
                ClockPolicy.code == key[0], ClockPolicy.level == key[1], ClockPolicy.customer_level == key[2]
            )
        )
    after = _stored(session)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    if changed:
        bump_office(session, moves_work=False)
    return len(changed)


def _stored(session: Session) -> dict[tuple[str, str, str], tuple[object, ...]]:
    rows = session.execute(sa.select(table(ClockPolicy))).all()
    return {(row.code, row.level, row.customer_level): tuple(row) for row in rows}
