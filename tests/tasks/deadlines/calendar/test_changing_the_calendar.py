"""Importing a notice, a unit's own days and hours: who may, what is left behind, and what makes of it a limit."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tasks.audit.tables import AuditEvent
from tasks.deadlines.calendar import keeping, looking
from tasks.deadlines.calendar.alarm import tell_of_missing_years
from tasks.deadlines.calendar.arithmetic import SHANGHAI, OutsideCalendar
from tasks.deadlines.calendar.changed import RECOMPUTE
from tasks.deadlines.calendar.loading import load_workdays
from tasks.deadlines.calendar.notices.importing import Notice, Report, confirm, report
from tasks.deadlines.calendar.notices.stated import NoticeRefused
from tasks.people.tables import Person
from tasks.talk.tables import Notice as Told
from tests.admin.test_calendar_page import NOTICE as OF_2027
from tests.tasks.deadlines.calendar.calendars import FILE
from tests.tasks.deadlines.calendar.test_notices import OF_2026
from tests.tasks.office import TestOffice


@pytest.fixture(autouse=True)
def published(office: TestOffice) -> None:
    """The office has the calendar that is shipped."""
    with office.deps.sessions.begin() as session, FILE.open(encoding="utf-8") as rows:
        load_workdays(session, csv.DictReader(rows), now=office.clock.now())


def jobs(office: TestOffice) -> list[dict[str, Any]]:
    """The arguments of the recomputations that wait."""
    query = sa.text("SELECT args FROM procrastinate_jobs WHERE task_name = :name ORDER BY id")
    with office.deps.sessions() as session:
        found = session.scalars(query, {"name": RECOMPUTE}).all()
    return [orjson.loads(each) if isinstance(each, str) else each for each in found]


def told(office: TestOffice, subject: str) -> list[str]:
    with office.deps.sessions() as session:
        return list(
            session.scalars(
                sa.select(AuditEvent.subject_id).where(AuditEvent.subject == subject).order_by(AuditEvent.seq)
            )
        )


def reported(office: TestOffice, notice: Notice, login: str = "tang_wei") -> Report:
    with office.acting(login) as (session, caller):
        return report(session, office.deps, caller, notice)


def confirmed(office: TestOffice, notice: Notice, digest: str, login: str = "tang_wei") -> Report:
    with office.acting(login) as (session, caller):
        return confirm(session, office.deps, caller, notice, digest)


def ends(office: TestOffice, start: str, days: int, region: str = "") -> date:
    """When a limit of working days ends, on the calendar of a unit."""
    with office.acting("tang_wei") as (session, _):
        snapshot = office.deps.office.current(session)
        path = snapshot.organisation.places.get(region, "")
        return snapshot.calendars.of(path).add(date.fromisoformat(start), days)


def keep(office: TestOffice, login: str, verb: Callable[..., Any], *arguments: Any, reason: str) -> Any:
    with office.acting(login) as (session, caller):
        return verb(session, office.deps, caller, *arguments, reason=reason)


def test_importing_next_year_ends_its_being_provisional_and_leaves_one_recomputation(
    office: TestOffice,
) -> None:
    notice = Notice(text=OF_2027)
    made = reported(office, notice)
    assert (made.year, made.published, made.mistakes) == (2027, False, [])
    assert [(str(one.day), one.before, one.after) for one in made.changes][:2] == [
        ("2027-01-31", "rest", "work"), ("2027-02-11", "work", "rest"),
    ]  # fmt: skip
    assert jobs(office) == [] and told(office, "calendar_year") == []
    confirmed(office, notice, made.digest)
    assert jobs(office) == [{"first": "2027-01-01", "last": "2027-12-31", "region": "", "cause": "calendar"}]
    assert told(office, "calendar_year") == ["2027"]
    with office.acting("li_na") as (session, caller):
        years, missing = looking.years(session, office.deps, caller)
        assert next(one for one in years if one.year == 2027).imported_by == "唐苇"
        assert missing == []
        assert looking.year(session, office.deps, caller, 2027).provisional is False
    assert ends(office, "2027-01-29", 1) == date(2027, 1, 31)


def test_importing_it_again_is_a_correction_of_what_differs_alone(office: TestOffice) -> None:
    same = reported(office, Notice(text=OF_2026))
    assert (same.published, same.changes, same.clocks) == (True, [], 0)
    moved = Notice(text=OF_2026.replace("5月9日（周六）", "4月26日（周日）"))
    made = reported(office, moved)
    assert [(str(one.day), one.before, one.after) for one in made.changes] == [
        ("2026-04-26", "rest", "work"), ("2026-05-09", "work", "rest"),
    ]  # fmt: skip
    confirmed(office, moved, made.digest)
    assert jobs(office) == [{"first": "2026-04-26", "last": "2026-05-09", "region": "", "cause": "calendar"}]
    assert ends(office, "2026-05-08", 1) == date(2026, 5, 11)
    assert reported(office, moved).changes == []


def test_a_report_on_a_calendar_that_has_changed_since_cannot_be_confirmed(office: TestOffice) -> None:
    first, second = Notice(text=OF_2027), Notice(text=OF_2027.replace("1月31日（周日）", "1月30日（周六）"))
    one, other = reported(office, first), reported(office, second)
    confirmed(office, first, one.digest)
    with pytest.raises(WrongState, match="look at a new report"):
        confirmed(office, second, other.digest)
    with pytest.raises(WrongState, match="look at a new report"):
        confirmed(office, first, one.digest)
    assert len(jobs(office)) == 1


def test_a_wrong_notice_changes_nothing_and_names_every_mistake(office: TestOffice) -> None:
    notice = Notice(
        text=OF_2027.replace("共5天", "共6天").replace("（周三）放假，共1天", "（周四）放假，共1天")
    )
    made = reported(office, notice)
    assert len(made.mistakes) == 3 and made.changes == []
    with pytest.raises(NoticeRefused) as refused:
        confirmed(office, notice, made.digest)
    assert len(refused.value.problems) == 3
    assert jobs(office) == []
    with pytest.raises(InvalidInput, match="it is empty"):
        reported(office, Notice(text="  "))


def test_only_who_reaches_the_root_imports(office: TestOffice) -> None:
    for login in ("sun_qiang", "li_na", "gu_heng"):
        with pytest.raises(NotPermitted):
            reported(office, Notice(text=OF_2027), login)


def test_open_clocks_counted_over_the_days_are_counted(office: TestOffice) -> None:
    office.deploy(one_task_with("T.working"))
    office.start("slow")
    moved = Notice(text=OF_2026.replace("2月28日\n（周六）", "3月8日（周日）"))
    assert reported(office, moved).clocks == 1
    assert reported(office, Notice(text=OF_2027)).clocks == 0


def one_task_with(code: str) -> Any:
    from tests.tasks.drawings import one_task

    return one_task(
        "slow", 'camunda:candidateGroups="channel"', f'<camunda:property name="sla.policy" value="{code}"/>'
    )


def test_a_day_of_a_unit_counts_for_everything_below_and_the_nearest_wins(office: TestOffice) -> None:
    assert ends(office, "2026-08-11", 1, "henan_centre") == date(2026, 8, 12)
    keep(office, "sun_qiang", keeping.set_day, "henan", date(2026, 8, 12), "rest", reason="台风停工")
    keep(office, "sun_qiang", keeping.set_day, "henan_centre", date(2026, 8, 12), "work", reason="值班")
    assert ends(office, "2026-08-11", 1, "henan_hotline") == date(2026, 8, 13)
    assert ends(office, "2026-08-11", 1, "henan_centre") == date(2026, 8, 12)
    assert ends(office, "2026-08-11", 1, "zhejiang_centre") == date(2026, 8, 12)
    assert ends(office, "2026-08-11", 1) == date(2026, 8, 12)
    keep(office, "sun_qiang", keeping.remove_day, "henan", date(2026, 8, 12), reason="台风未登陆")
    assert ends(office, "2026-08-11", 1, "henan_hotline") == date(2026, 8, 12)
    assert [job["region"] for job in jobs(office)] == ["henan", "henan_centre", "henan"]
    assert told(office, "workday") == [
        "henan 2026-08-12", "henan_centre 2026-08-12", "henan 2026-08-12"
    ]  # fmt: skip


def test_the_same_day_twice_changes_nothing_the_second_time(office: TestOffice) -> None:
    given = (keeping.set_day, "henan", date(2026, 8, 12), "rest")
    assert keep(office, "sun_qiang", *given, reason="台风停工") is True
    assert keep(office, "sun_qiang", *given, reason="台风停工") is False
    assert len(jobs(office)) == 1


def test_what_is_beyond_ones_reach_does_not_exist(office: TestOffice) -> None:
    sentences = set()
    for region in ("zhejiang", "hq", "nowhere"):
        with pytest.raises(NotFound) as refused:
            keep(office, "sun_qiang", keeping.set_day, region, date(2026, 8, 12), "rest", reason="x")
        sentences.add(str(refused.value).replace(region, "…"))
        with pytest.raises(NotFound):
            keep(office, "sun_qiang", keeping.set_hours, region, "09:00-12:00", reason="x")
    assert len(sentences) == 1
    with pytest.raises(NotPermitted):
        keep(office, "li_na", keeping.set_day, "henan_hotline", date(2026, 8, 12), "rest", reason="x")
    keep(office, "tang_wei", keeping.set_day, "hq", date(2026, 8, 12), "rest", reason="全国停工")
    assert ends(office, "2026-08-11", 1, "zhejiang_centre") == date(2026, 8, 13)


def test_a_day_needs_a_reason_a_kind_and_a_year_that_is_held(office: TestOffice) -> None:
    def trying(day: date, kind: str, reason: str) -> None:
        keep(office, "tang_wei", keeping.set_day, "henan", day, kind, reason=reason)

    for day, kind, reason in (
        (date(2026, 8, 12), "rest", "  "),
        (date(2026, 8, 12), "rest", "x" * 201),
        (date(2026, 8, 12), "holiday", "台风"),
    ):
        with pytest.raises(InvalidInput):
            trying(day, kind, reason)
    with pytest.raises(OutsideCalendar):
        trying(date(2050, 1, 1), "rest", "台风")
    with pytest.raises(NotFound, match="decided nothing"):
        keep(office, "tang_wei", keeping.remove_day, "henan", date(2026, 8, 12), reason="x")
    trying(date(2025, 3, 4), "rest", "补登台风")
    assert jobs(office)[-1]["first"] == "2025-03-04"


@pytest.mark.parametrize(
    "spans",
    ["", "9:00-12:00", "09:00-09:00", "12:00-09:00", "09:00-12:00,12:00-18:00", "13:00-18:00,09:00-12:00",
     "09:00-13:00,12:00-18:00", "09:00-25:00", "09:60-12:00", "09:00", "09:00-24:01"],
)  # fmt: skip
def test_office_hours_that_cannot_be_are_refused(office: TestOffice, spans: str) -> None:
    with pytest.raises(InvalidInput, match="office hours"):
        keep(office, "sun_qiang", keeping.set_hours, "henan", spans, reason="x")


def test_office_hours_count_for_the_unit_and_everything_below(office: TestOffice) -> None:
    start = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)

    def half_a_day(region: str) -> str:
        with office.acting("tang_wei") as (session, _):
            snapshot = office.deps.office.current(session)
            calendar = snapshot.calendars.of(snapshot.organisation.places[region])
            at = calendar.add_office_time(start, timedelta(hours=4))
            return f"{at.astimezone(SHANGHAI):%H:%M}"

    keep(office, "sun_qiang", keeping.set_hours, "henan", "08:30-11:30, 14:00-18:00", reason="夏令作息")
    assert (half_a_day("henan_centre"), half_a_day("zhejiang_centre")) == ("16:30", "15:00")
    assert told(office, "office_hours") == ["henan"]
    assert jobs(office)[-1]["region"] == "henan"
    keep(office, "sun_qiang", keeping.remove_hours, "henan", reason="恢复")
    assert half_a_day("henan_centre") == "15:00"
    with pytest.raises(NotFound, match="none of its own"):
        keep(office, "sun_qiang", keeping.remove_hours, "henan", reason="恢复")


def until(office: TestOffice, at: datetime) -> None:
    office.clock.advance(at - office.clock.now())


def alarms(office: TestOffice) -> list[str]:
    with office.deps.sessions.begin() as session:
        tell_of_missing_years(session, office.deps)
    with office.deps.sessions() as session:
        query = (
            sa.select(Person.login)
            .join(Told, Told.to_person == Person.id)
            .where(Told.cause == "year_missing")
        )
        return sorted(session.scalars(query))


def test_headquarters_hears_once_a_week_from_november_on_that_next_year_is_missing(
    office: TestOffice,
) -> None:
    until(office, datetime(2026, 10, 31, 23, 0, tzinfo=SHANGHAI))
    assert alarms(office) == []
    until(office, datetime(2026, 11, 1, 0, 5, tzinfo=SHANGHAI))
    assert alarms(office) == ["tang_wei"]
    assert alarms(office) == ["tang_wei"]
    until(office, datetime(2026, 11, 2, 0, 5, tzinfo=SHANGHAI))  # the next ISO week
    assert alarms(office) == ["tang_wei", "tang_wei"]
    notice = Notice(text=OF_2027)
    confirmed(office, notice, reported(office, notice).digest)
    until(office, datetime(2026, 11, 10, tzinfo=SHANGHAI))
    assert alarms(office) == ["tang_wei", "tang_wei"]


def test_what_the_office_has_stored_outlives_a_newer_file_whose_new_years_are_loaded(
    office: TestOffice,
) -> None:
    moved = Notice(text=OF_2026.replace("5月9日（周六）", "4月26日（周日）"))
    confirmed(office, moved, reported(office, moved).digest)
    newer = [
        {"day": "2026-05-09", "kind": "work", "name": "劳动节"},
        {"day": "2026-12-31", "kind": "rest", "name": "元旦"},
        {"day": "2027-01-01", "kind": "rest", "name": "元旦"},
    ]
    with office.deps.sessions.begin() as session:
        assert load_workdays(session, newer, now=office.clock.now()) == 2
        assert load_workdays(session, newer, now=office.clock.now()) == 0
    assert ends(office, "2026-05-08", 1) == date(2026, 5, 11)
    assert ends(office, "2026-12-30", 1) == date(2027, 1, 4)
    again = reported(office, moved)
    assert again.changes == []  # the last of December belongs to the notice for 2027
