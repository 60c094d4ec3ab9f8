"""Editing the clock register: versions that begin on a day, every mistake at once, nothing ever overwritten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from engine.errors import NotFound, NotPermitted, WrongState
from tasks.deadlines.calendar.changed import RECOMPUTE
from tasks.deadlines.policies import editing
from tasks.deadlines.policies.editing import Edited, Plan, StaleRow
from tasks.deadlines.policies.register import NoSuchPolicy
from tasks.deadlines.policies.rows import RegisterRefused
from tasks.deadlines.policies.tables import ClockPolicy
from tasks.memo import memo
from tests.tasks.office import TestOffice

OWNER, CLERK = "lu_jian", "li_na"
TODAY = date(2026, 3, 2)
SOON = TODAY + timedelta(days=30)
ROW = {"code": "R99.check", "limit": "8", "unit": "h", "name_zh": "检查", "clause": "本项目规定"}


def edit(
    office: TestOffice, verb: Callable[..., Edited], *args: Any, login: str = OWNER, **plan: Any
) -> Edited:
    with office.acting(login) as (session, caller):
        return verb(session, office.deps, caller, *args, Plan(**plan))


def newest(office: TestOffice, code: str = "T.days") -> UUID:
    statement = sa.select(ClockPolicy.id).where(ClockPolicy.code == code, ClockPolicy.customer_level == "")
    return office.scalar(statement.order_by(ClockPolicy.version.desc()).limit(1))


def change(office: TestOffice, values: Mapping[str, Any], **plan: Any) -> Edited:
    return edit(office, editing.change_row, newest(office), values, **plan)


def limit(office: TestOffice, code: str = "T.days") -> int | None:
    """What a new clock would get today."""
    with office.deps.sessions() as session:
        try:
            return int(office.deps.office.current(session).policies.find(code).amount)
        except NoSuchPolicy:
            return None


def told(refused: pytest.ExceptionInfo[RegisterRefused]) -> list[str]:
    return [one.column for one in refused.value.problems]


def test_a_change_is_a_new_version_and_the_old_one_stays_as_it_was(office: TestOffice) -> None:
    edited = change(office, {"limit": "9"}, note="试行")
    rows = "select version, amount, changed_by_name, note from clock_policy where code = 'T.days' order by version"
    with office.deps.sessions() as session:
        stored = [tuple(row) for row in session.execute(sa.text(rows))]
    assert stored == [(1, 7, "", ""), (2, 9, "陆鉴", "试行")]
    assert edited.versions[0].version == 2
    assert limit(office) == 9


def test_a_planned_version_counts_from_its_day_on(office: TestOffice) -> None:
    change(office, {"limit": "9"}, effective_from=SOON)
    assert limit(office) == 7
    office.clock.advance(timedelta(days=29))
    assert limit(office) == 7
    office.clock.advance(timedelta(days=1))
    assert limit(office) == 9


def test_a_row_is_added_ended_and_added_again(office: TestOffice) -> None:
    edit(office, editing.add_row, ROW)
    assert limit(office, "R99.check") == 8
    edit(office, editing.end_row, newest(office, "R99.check"), effective_from=SOON)
    assert limit(office, "R99.check") == 8
    office.clock.advance(timedelta(days=30))
    assert limit(office, "R99.check") is None
    with pytest.raises(WrongState, match="ends with"):
        edit(office, editing.end_row, newest(office, "R99.check"))
    edit(office, editing.add_row, {**ROW, "limit": "6"})
    assert limit(office, "R99.check") == 6
    with pytest.raises(RegisterRefused, match="such a row already"):
        edit(office, editing.add_row, ROW)


def test_a_planned_end_is_taken_back_by_changing_the_row(office: TestOffice) -> None:
    edit(office, editing.end_row, newest(office), effective_from=SOON)
    with pytest.raises(RegisterRefused, match="version 2 is planned"):
        change(office, {}, effective_from=SOON)
    change(office, {}, effective_from=SOON, replaces=True)
    office.clock.advance(timedelta(days=30))
    assert limit(office) == 7


def test_who_edits_an_older_version_is_told_to_look_again(office: TestOffice) -> None:
    seen = newest(office)
    change(office, {"limit": "9"})
    with pytest.raises(StaleRow, match=r"T\.days.*version 2, by 陆鉴"):
        edit(office, editing.change_row, seen, {"limit": "10"})
    with pytest.raises(StaleRow):
        edit(office, editing.end_row, seen)
    with pytest.raises(NotFound, match="there is none"):
        edit(office, editing.change_row, uuid4(), {"limit": "10"})
    assert limit(office) == 9


def test_of_two_who_change_a_row_at_once_one_is_told_so(office: TestOffice) -> None:
    seen, came = newest(office), []

    def go(amount: str) -> None:
        try:
            edit(office, editing.change_row, seen, {"limit": amount})
            came.append("done")
        except StaleRow:
            came.append("stale")

    threads = [threading.Thread(target=go, args=(str(amount),)) for amount in (8, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["done", "stale"]


def test_only_the_process_owner_edits(office: TestOffice) -> None:
    for login in (CLERK, "tang_wei", "shen_yun"):
        with pytest.raises(NotPermitted):
            edit(office, editing.change_row, newest(office), {"limit": "9"}, login=login)


@pytest.mark.parametrize(
    ("values", "columns"),
    [
        ({"code": "audit"}, ["code"]),
        ({"code": "R01.audit now"}, ["code"]),
        ({"code": ""}, ["code"]),
        ({"limit": "0"}, ["limit"]),
        ({"limit": "-1"}, ["limit"]),
        ({"limit": "NaN"}, ["limit"]),
        ({"limit": "Infinity"}, ["limit"]),
        ({"limit": "-1E+99999999"}, ["limit"]),
        ({"limit": "1E+99999999"}, ["limit"]),
        ({"limit": "87601"}, ["limit"]),
        ({"limit": "0.0001"}, ["limit"]),
        ({"limit": None}, ["limit"]),
        ({"limit": True}, ["limit"]),
        ({"limit": "3651", "unit": "cd"}, ["limit"]),
        ({"limit": "1.5", "unit": "cd"}, ["limit"]),
        ({"limit": "0.3", "unit": "wd"}, ["limit"]),
        ({"unit": "fortnight"}, ["unit"]),
        ({"target": "9"}, ["target"]),
        ({"target": "0"}, ["target"]),
        ({"rungs": "100% 90%"}, ["rungs"]),
        ({"rungs": "soon"}, ["rungs"]),
        ({"rungs": "soon 90% 120%", "limit": ""}, ["limit", "rungs", "rungs"]),
        ({"pauses": "customer weather"}, ["pauses"]),
        ({"pauses": 7}, ["pauses"]),
        ({"stops_on": "payment"}, ["stops_on"]),
        ({"promised": "perhaps"}, ["promised"]),
        ({"level": "very high"}, ["level"]),
        ({"network": "x" * 65}, ["network"]),
        ({"name_zh": "x" * 201}, ["name_zh"]),
        ({"name_en": "a\x00b"}, ["name_en"]),
        ({"clause": "a\ud800b"}, ["clause"]),
        ({"surprise": "1"}, ["surprise"]),
        ({"code": "x", "limit": "0", "unit": "y", "rungs": "z"}, ["code", "unit", "limit", "rungs"]),
    ],
)
def test_every_mistake_of_a_row_is_told_at_once_and_nothing_is_written(
    office: TestOffice, values: dict[str, Any], columns: list[str]
) -> None:
    before = office.scalar(sa.select(sa.func.count()).select_from(ClockPolicy))
    with pytest.raises(RegisterRefused) as refused:
        edit(office, editing.add_row, {**ROW, **values})
    assert told(refused) == columns
    assert office.scalar(sa.select(sa.func.count()).select_from(ClockPolicy)) == before
    assert all(one.message and one.message_zh for one in refused.value.problems)
    orjson.dumps(str(refused.value))


@pytest.mark.parametrize(
    ("limit", "unit"), [("0.5", "wd"), ("½", "wd"), ("2.5", "wd"), ("0.25", "h"), ("3650", "cd")]
)
def test_half_working_days_and_parts_of_hours_are_limits(office: TestOffice, limit: str, unit: str) -> None:
    edited = edit(office, editing.add_row, {**ROW, "limit": limit, "unit": unit})
    assert edited.versions[0].terms.plain()["limit"] == limit.replace("½", "0.5")


@pytest.mark.parametrize(
    ("plan", "column"),
    [
        ({"effective_from": "2026-02-30"}, "effective_from"),
        ({"effective_from": "next week"}, "effective_from"),
        ({"effective_from": TODAY - timedelta(days=1)}, "effective_from"),
        ({"effective_from": date(1999, 12, 31), "note": "very old"}, "effective_from"),
        ({"effective_from": date(2999, 1, 1)}, "effective_from"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_day_and_note_are_checked_together_with_the_row(
    office: TestOffice, plan: dict[str, Any], column: str
) -> None:
    with pytest.raises(RegisterRefused) as refused:
        edit(office, editing.add_row, {**ROW, "limit": "0"}, **plan)
    assert sorted(told(refused)) == sorted([column, "limit"])


def test_a_correction_of_the_past_needs_a_note_and_says_what_should_have_counted(office: TestOffice) -> None:
    change(office, {"limit": "9"}, effective_from=TODAY - timedelta(days=10), note="录入有误")
    assert limit(office) == 9


def test_what_a_row_is_known_by_cannot_be_changed(office: TestOffice) -> None:
    with pytest.raises(RegisterRefused) as refused:
        change(office, {"code": "T.other", "level": "national", "limit": "0"})
    assert sorted(told(refused)) == ["code", "level", "limit"]


def test_a_planned_version_gives_way_only_when_that_is_said(office: TestOffice) -> None:
    change(office, {"limit": "9"}, effective_from=SOON)
    change(office, {"limit": "10"}, effective_from=SOON + timedelta(days=30))
    for day in (TODAY, SOON, SOON + timedelta(days=30)):
        with pytest.raises(RegisterRefused, match=r"is planned for 2026-0[45]-01"):
            change(office, {"limit": "8"}, effective_from=day)
    change(office, {"limit": "8"}, replaces=True)
    assert limit(office) == 8
    office.clock.advance(timedelta(days=90))
    assert limit(office) == 8


def test_what_is_planned_is_put_off_and_until_then_the_old_limit_goes_on(office: TestOffice) -> None:
    change(office, {"limit": "9"}, effective_from=SOON)
    change(office, {}, effective_from=SOON + timedelta(days=10), replaces=True)
    office.clock.advance(timedelta(days=39))
    assert limit(office) == 7
    office.clock.advance(timedelta(days=1))
    assert limit(office) == 9


def test_a_row_that_is_still_to_begin_is_put_off_as_well(office: TestOffice) -> None:
    edit(office, editing.add_row, ROW, effective_from=SOON)
    row = newest(office, "R99.check")
    later = {"effective_from": SOON + timedelta(days=10), "replaces": True}
    edit(office, editing.change_row, row, {}, **later)
    office.clock.advance(timedelta(days=39))
    assert limit(office, "R99.check") is None
    office.clock.advance(timedelta(days=1))
    assert limit(office, "R99.check") == 8


def test_what_is_planned_is_taken_back(office: TestOffice) -> None:
    with pytest.raises(WrongState, match="nothing is"):
        edit(office, editing.keep_row, newest(office))
    change(office, {"limit": "9"}, effective_from=SOON)
    edit(office, editing.keep_row, newest(office), note="不改了")
    edit(office, editing.add_row, ROW, effective_from=SOON)
    edit(office, editing.keep_row, newest(office, "R99.check"))
    edit(office, editing.end_row, newest(office, "T.working"), effective_from=SOON)
    edit(office, editing.keep_row, newest(office, "T.working"))
    office.clock.advance(timedelta(days=60))
    assert [limit(office, code) for code in ("T.days", "R99.check", "T.working")] == [7, None, 3]


def test_saying_what_is_said_already_writes_nothing(office: TestOffice) -> None:
    assert change(office, {"limit": "7.000", "pauses": []}).changes == []
    assert office.scalar(sa.select(sa.func.max(ClockPolicy.version))) == 1


def test_a_dry_run_tells_what_would_change_and_writes_nothing(office: TestOffice) -> None:
    with office.acting(OWNER) as (session, caller):
        edited = editing.change_row(
            session, office.deps, caller, newest(office), {"limit": "9"}, Plan(), dry=True
        )
        assert memo(session).audit == []
    assert [(one.kind, *one.differs) for one in edited.changes] == [
        ("changed", {"limit": "7"}, {"limit": "9"})
    ]
    assert (edited.versions, limit(office)) == ([], 7)


def test_each_change_leaves_an_audit_entry_with_what_differs(office: TestOffice) -> None:
    with office.acting(OWNER) as (session, caller):
        plan = Plan(note="会议决定", effective_from=SOON)
        editing.change_row(session, office.deps, caller, newest(office), {"limit": "9"}, plan)
        entry = memo(session).audit[0]
    assert (entry.verb, entry.subject, entry.subject_id) == ("policy.manage", "policy", "T.days")
    assert orjson.loads(entry.before) == {"limit": "7"}
    assert orjson.loads(entry.after) == {
        "limit": "9",
        "version": 2,
        "effective_from": "2026-04-01",
        "ended": False,
        "note": "会议决定",
        "recompute": False,
    }


@pytest.mark.parametrize(
    ("values", "plan", "waits"),
    [
        ({"limit": "9"}, {"recompute": True}, False),
        ({"limit": "9"}, {"recompute": True, "effective_from": SOON}, True),
        ({}, {"recompute": True}, False),
    ],
)
def test_running_clocks_are_counted_again_only_when_asked_for_and_when_the_version_counts(
    office: TestOffice, values: dict[str, Any], plan: dict[str, Any], waits: bool
) -> None:
    jobs = sa.text(
        f"select args, scheduled_at, lock = '{RECOMPUTE}' from procrastinate_jobs where task_name = '{RECOMPUTE}'"
    )
    change(office, {"rungs": "80% 100%"})
    with office.deps.sessions() as session:
        assert session.execute(jobs).all() == []
    change(office, values, **plan)
    with office.deps.sessions() as session:
        (found,) = session.execute(jobs).all()
    assert found[0] == {"code": "T.days", "cause": "policy"}
    assert (found[1] is not None, not found[2]) == (waits, waits)
    if waits:
        assert found[1].isoformat().startswith("2026-03-31T16:00")
