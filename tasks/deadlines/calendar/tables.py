"""The rows of the working calendar: what differs from Monday to Friday, where, and who said so."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant

NATION = ""
"""The region of what counts everywhere; any other region is the code of a unit and counts for it and everything below."""

REST, WORK = "rest", "work"


class Workday(Base):
    """One day that is not what its weekday says, or that a region keeps otherwise than the region around it does.

    kind: `rest` 休息 or `work` 上班. source: the notice it comes from, or why a unit departs from it (typhoon, duty).
    year: of the notice it comes from, which is not always the day's (New Year's Day takes days of December); null for what
    a unit has decided. The nation's days come from notices only.
    """

    __tablename__ = "workday"
    __table_args__ = (
        sa.CheckConstraint("kind in ('rest', 'work')", name="kind"),
        sa.CheckConstraint("(region = '') = (year is not null)", name="year"),
    )

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    region: Mapped[str] = mapped_column(sa.Text, primary_key=True, default=NATION)
    kind: Mapped[str] = mapped_column(sa.Text)
    year: Mapped[int | None] = mapped_column(sa.Integer)
    name: Mapped[str] = mapped_column(sa.Text, default="")
    source: Mapped[str] = mapped_column(sa.Text, default="")
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(sa.Text, default="")


class CalendarYear(Base):
    """A year whose schedule the State Council has published. A year without a row is provisional (design §8)."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(sa.Text)
    published_on: Mapped[date | None] = mapped_column(sa.Date)
    imported_at: Mapped[datetime] = mapped_column(Instant)
    imported_by: Mapped[str] = mapped_column(sa.Text)


class OfficeHoursRow(Base):
    """When a region works on a working day: spans such as `09:00-12:00,13:00-18:00`. Without a row the nation's count."""

    __tablename__ = "office_hours"

    region: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    spans: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(sa.Text, default="")
