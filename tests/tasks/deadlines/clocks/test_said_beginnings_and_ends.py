"""A diagram says since when a clock runs (`sla.from`) and until when (`sla.due`), also of one code."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.supervision.tables import ClockRing
from tests.tasks.deadlines.clocks.test_clocks_of_diagrams import ALL, waiting, work
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    decide_day,
    extend,
    filed,
    ledger,
    pause,
    register,
    resume,
    send,
    timed,
    timer_of,
)
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)


def said(**named: str) -> str:
    """Properties of one element; `__` is a point."""
    rows = "".join(
        f'<camunda:property name="{name.replace("__", ".")}" value="{value.replace(chr(34), "&quot;")}"/>'
        for name, value in named.items()
    )
    return f"<bpmn:extensionElements><camunda:properties>{rows}</camunda:properties></bpmn:extensionElements>"


def ago(office: TestOffice, hours: float) -> str:
    at = office.clock.now() - hours * HOUR
    return f'=date and time("{at.isoformat()}")'


def rung(office: TestOffice, clock: Any) -> list[int]:
    with office.deps.sessions() as session:
        wanted = sa.select(ClockRing.rung).where(ClockRing.clock_id == clock.id).order_by(ClockRing.rung)
        return list(session.scalars(wanted))


def told(office: TestOffice, number: str) -> str:
    statement = "SELECT string_agg(after::text, ' ') FROM audit_event WHERE chain = :n"
    with office.deps.sessions() as session:
        return str(session.execute(sa.text(statement), {"n": number}).scalar())


@pytest.mark.parametrize("where", ["process", "task", "wait"])
def test_a_clock_of_a_case_a_stage_or_a_task_runs_since_when_the_diagram_says(
    office: TestOffice, where: str
) -> None:
    begun = office.clock.now() - HOUR
    words = said(sla__policy="T.check", sla__from=ago(office, 1))
    number = filed(office, waiting(**{where: words}))
    if where == "wait":
        work(office, number)
    clock = clock_of(office, number)
    assert (clock.started_at, clock.due_at, clock.warn_at) == (begun, begun + 4 * HOUR, begun + 2 * HOUR)
    if where == "task":
        assert office.task("work", number).due_at == begun + 4 * HOUR


def test_only_the_last_of_the_rungs_that_were_over_when_it_began_rings(office: TestOffice) -> None:
    number = filed(office, waiting(said(sla__policy="T.check", sla__from=ago(office, 5))))
    clock = clock_of(office, number)
    assert (clock.next_rung, clock.next_at) == (1, clock.due_at), "50% was over long before anybody knew"
    office.settle()
    assert rung(office, clock) == [1]
    extend(office, clock.id, 4)
    office.settle()
    assert rung(office, clock) == [1], "what it jumped over does not ring when it gets more time"
    assert clock_of(office, number).next_rung == 1, "the end of its limit is to come again"
    office.clock.advance(7 * HOUR)
    office.settle()
    assert rung(office, clock) == [1, 1, 2]


def test_a_late_told_clock_that_begins_standing_still_jumps_over_the_same_rungs(office: TestOffice) -> None:
    register(office, ALL)
    number = filed(
        office, waiting(said(sla__policy="T.all"), more=said(sla__policy="T.check", sla__from=ago(office, 5)))
    )
    pause(office, number)
    office.clock.advance(HOUR)
    work(office, number)
    with office.deps.sessions.begin() as session:
        office.deps.engine.correlate(session, "answered", business_key=number, actor=SYSTEM)
    clock = clock_of(office, number)
    assert clock.paused_at == office.clock.now() - HOUR, (
        "it stood still with its case before anybody knew of it"
    )
    resume(office, number)
    office.settle()
    assert rung(office, clock) == [1]
    assert clock_of(office, number).due_at == clock.started_at + 4 * HOUR, (
        "it was over before its case waited"
    )


def test_what_stands_still_before_a_clock_begins_costs_it_nothing(office: TestOffice) -> None:
    register(office, ALL)
    number = filed(office, waiting(said(sla__policy="T.check", sla__from=ago(office, -2))))
    clock = clock_of(office, number)
    assert clock.due_at == office.clock.now() + 6 * HOUR
    pause(office, number)
    office.clock.advance(3 * HOUR)
    resume(office, number)
    assert clock_of(office, number).due_at == clock.due_at + HOUR


@pytest.mark.parametrize("waits", ["person", "diagram"])
def test_what_stood_still_before_a_clock_is_begun_late_is_credited_from_its_start_on(
    office: TestOffice, waits: str
) -> None:
    register(office, ALL)
    begun = office.clock.now() + HOUR
    words = said(sla__policy="T.check", sla__from=ago(office, -1))
    wait = said(sla__pause="customer") if waits == "diagram" else ""
    number = filed(office, waiting(said(sla__policy="T.all"), wait=wait, more=words))
    if waits == "diagram":
        work(office, number)  # waits, and stands still, until the answer comes
    else:
        pause(office, number)
    office.clock.advance(3 * HOUR)
    if waits == "person":
        resume(office, number)
        work(office, number)
    send(office, "answered", number)
    clock = clock_of(office, number)
    assert (clock.started_at, clock.due_at) == (begun, begun + 4 * HOUR + 2 * HOUR)
    assert office.task("more", number).due_at == clock.due_at
    (credit,) = ledger(office, clock.id)
    assert (credit.reason, credit.from_at, credit.to_at) == ("customer", begun, begun + 2 * HOUR)
    pause(office, number)
    office.clock.advance(HOUR)
    resume(office, number)
    assert clock_of(office, number).due_at == begun + 7 * HOUR, "and stands still like any other"


def test_only_what_a_clock_may_stand_still_for_is_credited(office: TestOffice) -> None:
    register(office, ALL, {"code": "T.firm", "limit": "4", "unit": "h", "pauses": ""})
    begun = office.clock.now()
    words = said(
        sla__policy="T.firm T.check", **{"sla__from": ago(office, 0), "sla__due__T__check": ago(office, -9)}
    )
    number = filed(office, waiting(said(sla__policy="T.all"), wait=words))
    pause(office, number)
    office.clock.advance(3 * HOUR)
    resume(office, number)
    work(office, number)
    assert clock_of(office, number, "T.firm").due_at == begun + 4 * HOUR
    assert clock_of(office, number).due_at == begun + 9 * HOUR, "an instant that is given is what it is"


def test_a_day_is_due_at_its_end_and_rolls_only_where_the_policy_does(office: TestOffice) -> None:
    register(office, ALL, {"code": "T.exact", "limit": "3", "unit": "cd", "rolls": "no"})
    decide_day(office, "henan", date(2026, 3, 5), "rest")
    for code, end in (("T.days", 6), ("T.working", 6), ("T.exact", 5), ("T.check", 5)):
        number = filed(office, timed(f"until_{code[2:]}", code, sla_due="=date(&quot;2026-03-05&quot;)"))
        clock = clock_of(office, number, code)
        assert clock.due_at == datetime(2026, 3, end, 16, tzinfo=UTC), code
        assert timer_of(office, number) == office.task("work", number).due_at == clock.due_at


def test_a_day_that_becomes_one_of_rest_moves_the_clock_and_its_timer(office: TestOffice) -> None:
    number = filed(office, timed("until", "T.days", sla_due="2026-03-05"))
    exact = filed(office, timed("exactly", "T.days", sla_due="2026-03-05T24:00:00+08:00"))
    decide_day(office, "henan", date(2026, 3, 5), "rest")
    moved = clock_of(office, number, "T.days").due_at
    assert moved == timer_of(office, number) == datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert clock_of(office, exact, "T.days").due_at == datetime(2026, 3, 5, 16, tzinfo=UTC)


def test_a_fixed_end_is_paused_and_extended_like_any_other(office: TestOffice) -> None:
    number = filed(office, waiting(said(sla__policy="T.check", sla__due=ago(office, -10))))
    clock = clock_of(office, number)
    assert clock.due_at == office.clock.now() + 10 * HOUR
    pause(office, number)
    office.clock.advance(HOUR)
    resume(office, number)
    extend(office, clock.id, 5)
    assert clock_of(office, number).due_at == clock.due_at + 6 * HOUR
    assert len(ledger(office, clock.id)) == 1


def test_one_of_several_codes_has_words_of_its_own_which_go_before_those_for_all(office: TestOffice) -> None:
    register(office, ALL)
    words = said(
        sla__policy="T.all T.check T.days",
        sla__from=ago(office, 1),
        **{"sla__from__T__check": ago(office, 2), "sla__due__T__days": "2026-03-09"},
    )
    number = filed(office, waiting(words))
    now = office.clock.now()
    assert clock_of(office, number, "T.all").started_at == now - HOUR
    assert clock_of(office, number, "T.check").started_at == now - 2 * HOUR
    days = clock_of(office, number, "T.days")
    assert (days.started_at, days.due_at) == (now - HOUR, datetime(2026, 3, 9, 16, tzinfo=UTC))


def test_null_says_nothing(office: TestOffice) -> None:
    words = said(
        sla__policy="T.check", sla__from="=null", sla__due="=null", **{"sla__from__T__check": "=null"}
    )
    number = filed(office, waiting(words))
    clock = clock_of(office, number)
    assert (clock.started_at, clock.due_at) == (office.clock.now(), office.clock.now() + 4 * HOUR)


@pytest.mark.parametrize("name", ["sla__from", "sla__due", "sla__due__T__check"])
@pytest.mark.parametrize(
    "value", ["soon", "=7", "=true", "=[1]", '="0001-01-01T00:00:00"', '="9999-12-31"', f'="{"9" * 900}"']
)
def test_what_is_no_date_is_said_and_refuses_nobody(office: TestOffice, name: str, value: str) -> None:
    words = said(sla__policy="T.check", **{name: value})
    number = filed(office, waiting(words, words))
    problem = office.task("work", number).properties
    assert name.replace("__", ".")[:7] in problem["sla.problem"] and "既不是日期" in problem["sla.problem_zh"]
    assert len(problem["sla.problem"]) < 300
    assert "is no date" in told(office, number)
    assert office.scalar(sa.select(sa.func.count()).select_from(Clock).where(Clock.code == "T.check")) == 0


def test_a_day_beyond_the_calendar_of_a_policy_that_rolls_is_said(office: TestOffice) -> None:
    number = filed(office, timed("far", "T.days", sla_due="2150-01-01"))
    assert "calendar" in office.task("work", number).properties["sla.problem"]
    number = filed(office, timed("farther", "T.check", sla_due="2150-01-01"))
    assert clock_of(office, number).due_at == datetime(2150, 1, 1, 16, tzinfo=UTC)


def warnings(office: TestOffice, source: SourceFile) -> list[str]:
    with office.deps.sessions() as session:
        found = office.deps.engine.check(session, [source]).findings
    return [
        one.message
        for one in found
        if one.code in ("unknown-value", "unknown-property", "property-without-effect")
    ]


def test_the_check_warns_of_words_that_say_nothing(office: TestOffice) -> None:
    def of(**named: str) -> list[str]:
        return warnings(office, waiting(task=said(**named)))

    assert of(sla__policy="T.check", sla__from="=case.filed_at", **{"sla__due__T__check": "2026-03-05"}) == []
    assert "is no date and no date and time" in of(sla__policy="T.check", sla__due="tomorrow")[0]
    unknown = of(sla__policy="T.check", **{"sla__from__T__chek": "=null"})
    assert any("is no code of the clock register" in one for one in unknown)
    assert "but not sla.policy" in of(sla__from="=case.filed_at")[0]
    assert "but not sla.policy T.days" in of(sla__policy="T.check", **{"sla__due__T__days": "2026-03-05"})[0]
    assert 'Did you mean "sla.from"?' in of(sla__policy="T.check", sla__form="=case.filed_at")[0]
