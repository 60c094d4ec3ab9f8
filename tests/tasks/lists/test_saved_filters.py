"""Saved filters: kept under a name, shared with a group, counted at once; everybody finds their own tasks by them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotFound, NotPermitted
from tasks.audit.tables import AuditEvent
from tasks.lists import saved
from tasks.lists.filters import TaskFilter
from tests.tasks.lists.test_named_lists import VIP
from tests.tasks.office import TestOffice

HOTLINE = "channel@/hq/henan/henan_hotline/"
VIPS = {"name": "贵宾", "list": "queue", "where": TaskFilter(customer_level="vip")}


def keep(office: TestOffice, login: str = "li_na", **values: Any) -> saved.Saved:
    with office.acting(login) as (session, caller):
        return saved.save(session, office.deps, caller, {**VIPS, **values})


def seen(office: TestOffice, login: str = "li_na", **how: Any) -> list[tuple[str, int | None]]:
    with office.acting(login) as (session, caller):
        return [(each.name, each.count) for each in saved.filters_of(session, office.deps, caller, **how)]


def found(office: TestOffice, login: str, filter_id: UUID) -> list[str]:
    with office.acting(login) as (session, caller):
        page = saved.tasks_of(session, office.deps, caller, filter_id)
        return [row.business_key for row in page.items]


def change(office: TestOffice, login: str, filter_id: UUID, **values: Any) -> saved.Saved:
    with office.acting(login) as (session, caller):
        return saved.change(session, office.deps, caller, filter_id, values)


def drop(office: TestOffice, login: str, filter_id: UUID) -> None:
    with office.acting(login) as (session, caller):
        saved.drop(session, office.deps, caller, filter_id)


def test_a_filter_is_read_again_as_it_was_saved_in_the_order_its_owner_wants(office: TestOffice) -> None:
    due = office.clock.now() + timedelta(hours=5)
    where = TaskFilter(q="退费", due_before=due, priority=0, returned=False, assignee="")
    kept = keep(office, where=where, sort="priority")
    keep(office, name="第二个")
    keep(office, name="最前", position=0)
    change(office, "li_na", kept.id, position=7)
    with office.acting("li_na") as (session, caller):
        again = saved.read(session, office.deps, caller, kept.id)
    assert (again.where, again.sort, again.list, again.mine) == (where, "priority", "queue", True)
    assert seen(office) == [("最前", None), ("第二个", None), ("贵宾", None)]


def test_everybody_finds_their_own_tasks_by_a_shared_filter_and_only_its_owner_changes_it(
    office: TestOffice,
) -> None:
    vip, _ = office.file(facts=VIP), office.file()
    shared = keep(office, shared_group=HOTLINE)
    mine = keep(office, name="办理中的贵宾", list="inbox", shared_group=HOTLINE)
    assert found(office, "he_jing", shared.id) == [vip.number]
    office.claim("he_jing", vip.tasks[0]["id"])
    assert found(office, "he_jing", mine.id) == [vip.number]
    assert found(office, "li_na", mine.id) == found(office, "he_jing", shared.id) == []
    assert seen(office, "he_jing", counted=True) == [("办理中的贵宾", 1), ("贵宾", 0)]
    for refused in (
        lambda: change(office, "he_jing", shared.id, name="我的"),
        lambda: drop(office, "he_jing", shared.id),
    ):
        with pytest.raises(NotPermitted, match="李楠"):
            refused()
    assert change(office, "li_na", shared.id, shared_group=None).shared_group is None
    assert seen(office, "he_jing") == [("办理中的贵宾", None)]


def test_whoever_is_not_in_the_group_learns_nothing_of_it(office: TestOffice) -> None:
    shared, private = keep(office, shared_group=HOTLINE), keep(office, name="只给自己")
    for login, kept in (("chen_yu", shared), ("lin_hai", shared), ("feng_bo", shared), ("he_jing", private)):
        for asked in (found, drop):
            with pytest.raises(NotFound, match="no such filter for you"):
                asked(office, login, kept.id)
        assert seen(office, login) == ([("贵宾", None)] if login == "he_jing" else [])


def test_the_lead_of_the_unit_sees_what_is_shared_there_and_may_delete_it(office: TestOffice) -> None:
    shared, private = keep(office, shared_group=HOTLINE), keep(office, name="只给自己")
    assert seen(office, "sun_qiang") == []
    assert seen(office, "sun_qiang", led=True) == [("贵宾", None)]
    assert seen(office, "lin_hai", led=True) == []
    with pytest.raises(NotPermitted):
        seen(office, "he_jing", led=True)
    with pytest.raises(NotPermitted):
        change(office, "sun_qiang", shared.id, name="改名")
    with pytest.raises(NotFound):
        drop(office, "sun_qiang", private.id)
    drop(office, "sun_qiang", shared.id)
    assert seen(office) == [("只给自己", None)]


def test_all_counts_are_one_statement_and_what_the_reader_may_not_see_has_none(office: TestOffice) -> None:
    office.file(facts=VIP)
    centre = "provincial_centre@/hq/henan/henan_centre/"
    keep(office, "sun_qiang", name="团队贵宾", list="team", shared_group=centre)
    keep(office, "sun_qiang", name="队列", where=TaskFilter(group=centre), shared_group=centre)
    keep(office, "sun_qiang", name="办结", list="archive", shared_group=centre)
    keep(office, "wang_lei", name="河南", list="queue", where=TaskFilter(unit="henan"))
    sent: list[str] = []
    with office.acting("wang_lei") as (session, caller):
        sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: sent.append(given[2]))
        mine = saved.filters_of(session, office.deps, caller, counted=True)
    assert [(each.name, each.count) for each in mine] == [
        ("河南", 0),
        ("办结", 0),
        ("团队贵宾", None),
        ("队列", 0),
    ]
    assert len(sent) == 2
    assert dict(seen(office, "sun_qiang", counted=True)) == {"团队贵宾": 1, "队列": 0, "办结": 0}


def test_the_archive_is_narrowed_by_its_cases_too(office: TestOffice) -> None:
    case = office.file(facts=VIP)
    office.claim("li_na", case.tasks[0]["id"])
    office.complete("li_na", case.tasks[0]["id"], {"outcome": "close"})
    for where in (TaskFilter(customer_level="vip"), TaskFilter(unit="henan"), TaskFilter(customer="欧阳")):
        kept = keep(office, name=str(where.given), list="archive", where=where)
        assert found(office, "li_na", kept.id) == [case.number], where
        drop(office, "li_na", kept.id)


def test_every_mistake_is_told_at_once_and_nothing_is_kept(office: TestOffice) -> None:
    keep(office)
    wrong = {
        "list": "team",
        "sort": "luck",
        "where": TaskFilter(q="退"),
        "shared_group": "channel@/hq/henan/",
        "position": 1000,
    }
    with pytest.raises(saved.FilterRefused) as refused:
        keep(office, **wrong)
    assert [each.path for each in refused.value.problems] == [
        "name", "position", "sort", "list", "criteria", "shared_group",
    ]  # fmt: skip
    assert "同名" in refused.value.facts["message_zh"]
    for name in ("", " \t ", "—…", "退\u202e费", "长" * 41, None):
        with pytest.raises(saved.FilterRefused, match="name"):
            keep(office, name=name)
    for group in ("channel@/", "channel@/hq/zhejiang/zhejiang_hotline/", "person@li_na", "nobody"):
        with pytest.raises(saved.FilterRefused, match="shared_group"):
            keep(office, name="共享", shared_group=group)
    with pytest.raises(saved.FilterRefused, match="not one of yours"):
        keep(office, name="别组", where=TaskFilter(group="department@/hq/henan/henan_network/"))
    with pytest.raises(InvalidInput, match="nothing to change"):
        change(office, "li_na", keep(office, name="不变").id)
    assert seen(office) == [("贵宾", None), ("不变", None)]


def test_two_saved_at_the_same_moment_do_not_take_the_same_name_or_go_beyond_the_limit(
    office: TestOffice,
) -> None:
    for number in range(saved.MOST - 1):
        keep(office, name=f"筛选 {number}")

    def again(name: str) -> bool:
        try:
            keep(office, name=name)
        except saved.FilterRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(again, ("同名", "同名", "另一个", "再一个"))) == [False, False, False, True]
    assert len(seen(office)) == saved.MOST


def test_saving_changing_and_deleting_are_told_without_what_is_searched_for(office: TestOffice) -> None:
    kept = keep(office, where=TaskFilter(customer="欧阳建国"))
    change(office, "li_na", kept.id, name="改名")
    drop(office, "li_na", kept.id)
    with office.deps.sessions() as session:
        lines = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.subject_id == str(kept.id)).order_by(AuditEvent.seq)
        ).all()
    assert [line.verb for line in lines] == ["filter.save", "filter.change", "filter.drop"]
    assert '"name":"贵宾"' in lines[1].before and '"name":"改名"' in lines[1].after
    assert not any("欧阳" in f"{line.before}{line.after}" for line in lines)
