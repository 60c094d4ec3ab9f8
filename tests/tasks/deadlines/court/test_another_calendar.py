"""Work that goes to another unit is counted by that unit's calendar, and waits for somebody anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from engine.dialect import SourceFile
from tasks.deadlines.clocks.tables import Clock
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    decide_day,
    filed,
    pause,
    promise,
    register,
    requests,
    resume,
    revisions,
    timed,
    timer_of,
)
from tests.tasks.office import TestOffice
from tests.tasks.reorganising import change

DAY, TUESDAY = timedelta(days=1), date(2026, 3, 3)
ALARM = {"code": "R35.unassigned", "limit": "2", "unit": "h", "stops_on": "claim"}
LEFT_TO_BILLING = {"henan_network": {"roles": []}}


def of_departments(office: TestOffice) -> tuple[str, Any]:
    """A case whose work is the departments' of Henan, three working days; the clock."""
    source = timed("dept", "T.working")
    number = filed(office, SourceFile(source.name, source.content.replace(b'"channel"', b'"department"')))
    return number, clock_of(office, number, "T.working")


def test_work_that_goes_to_another_unit_is_counted_by_its_days(settled: TestOffice) -> None:
    decide_day(settled, "henan_billing", TUESDAY, "rest")
    number, before = of_departments(settled)
    change(settled, LEFT_TO_BILLING)
    settled.settle()
    clock = clock_of(settled, number, "T.working")
    assert (clock.region, clock.due_at) == ("/hq/henan/henan_billing/", before.due_at + DAY)
    assert settled.task("work", number).due_at == timer_of(settled, number) == clock.due_at
    assert [one.cause for one in revisions(settled, clock.id)] == ["start", "region"]


def test_what_was_promised_is_not_shortened_by_sending_the_work_elsewhere(settled: TestOffice) -> None:
    decide_day(settled, "henan", TUESDAY, "rest")
    decide_day(settled, "henan_billing", TUESDAY, "work")
    number, before = of_departments(settled)
    promise(settled, before.id, before.due_at)
    change(settled, LEFT_TO_BILLING)
    settled.settle()
    clock = clock_of(settled, number, "T.working")
    assert (clock.region, clock.due_at, clock.revision) == ("/hq/henan/henan_billing/", before.due_at, 1)
    (asked,) = requests(settled, clock.id)
    assert (asked.kind, asked.reason, asked.due_after) == ("shortening", "region", before.due_at - DAY)


def test_a_clock_that_stands_still_meanwhile_goes_on_by_the_new_days(settled: TestOffice) -> None:
    decide_day(settled, "henan_billing", TUESDAY, "rest")
    number, before = of_departments(settled)
    pause(settled, number)
    change(settled, LEFT_TO_BILLING)
    settled.settle()
    resume(settled, number)
    assert clock_of(settled, number, "T.working").due_at == before.due_at + DAY


def test_the_clocks_of_a_unit_that_moves_follow_the_days_of_its_new_place(settled: TestOffice) -> None:
    decide_day(settled, "zhejiang", TUESDAY, "rest")
    number = filed(settled, timed("bound", "T.working"))
    before = clock_of(settled, number, "T.working")
    change(settled, {"henan_hotline": {"parent": "zhejiang"}})
    settled.settle()
    clock = clock_of(settled, number, "T.working")
    assert (clock.region, clock.due_at) == ("/hq/zhejiang/henan_hotline/", before.due_at + DAY)
    assert timer_of(settled, number) == clock.due_at


def test_natural_hours_are_not_counted_again(settled: TestOffice) -> None:
    number = filed(settled)
    change(settled, {"henan_hotline": {"parent": "zhejiang"}})
    settled.settle()
    clock = clock_of(settled, number)
    assert (clock.region, clock.revision) == ("/hq/zhejiang/henan_hotline/", 1)


def test_work_taken_from_its_holder_waits_for_somebody_anew(settled: TestOffice) -> None:
    register(settled, ALARM)
    number = filed(settled)
    task = settled.task("check_request", number)
    settled.claim("li_na", task.id)
    settled.clock.advance(timedelta(hours=1))
    change(settled, people=[{"login": "li_na", "name": "李楠", "unit": "zhejiang_hotline"}])
    settled.settle()
    alarm = clock_of(settled, number, "R35.unassigned")
    assert (alarm.started_at, alarm.stopped_at, alarm.token_id) == (settled.clock.now(), None, task.id)
    assert alarm.holder == "channel@/hq/henan/henan_hotline/"
    settled.claim("he_jing", task.id)
    left = sa.select(sa.func.count()).where(Clock.code == "R35.unassigned", Clock.stopped_at.is_(None))
    assert settled.scalar(left) == 0
