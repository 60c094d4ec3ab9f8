"""What people are told without having asked: once, only while they see what it is about, and in few words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotFound
from redress.bootstrap import housekeeping
from tasks.cases.tables import Case
from tasks.organisation.changing.loading import load_organisation
from tasks.people.tables import ApiToken
from tasks.people.tokens import issue_token
from tasks.processes.steering import cancel_instance, send_message
from tasks.talk import notices
from tasks.talk.comments import comment_case
from tasks.talk.tables import Notice
from tasks.talk.telling import tell
from tests.tasks.drawings import one_task
from tests.tasks.office import ORGANISATION, PASSWORD, TestOffice
from tests.tasks.test_clocks_and_notices import telling


def told(office: TestOffice, login: str, **more: Any) -> list[notices.Told]:
    with office.acting(login) as (session, caller):
        return list(notices.notice_list(session, office.deps, caller, **more).items)


def unread(office: TestOffice, login: str) -> int:
    with office.acting(login) as (session, caller):
        return notices.unread_count(session, office.deps, caller)


def mark(office: TestOffice, login: str, notice_id: Any, *, up_to: bool = False) -> Any:
    with office.acting(login) as (session, caller):
        verb = notices.mark_read_up_to if up_to else notices.mark_read
        return verb(session, office.deps, caller, notice_id)


def tell_group(office: TestOffice, number: str, about: str, group: str) -> None:
    """Tell a group in the words of a cause that names a task."""
    with office.deps.sessions.begin() as session:
        tell(
            session,
            office.clock,
            "rerouted",
            about,
            group=group,
            number=number,
            fields={"task": "{who} %s <b>"},
        )


HOTLINE = "channel@/hq/henan/henan_hotline/"


def test_whom_the_diagram_gives_a_task_to_is_told_and_not_whoever_did_it(office: TestOffice) -> None:
    office.deploy(one_task("given", 'camunda:assignee="feng_bo"'))
    office.start("given", "K-7")
    (only,) = told(office, "feng_bo")
    assert (only.cause, only.task_id, only.read) == ("assigned", office.task("work").id, False)
    assert only.text == "案件 K-7 的“办理”交由您办理。"
    office.deploy(one_task("mine", 'camunda:assignee="lu_jian"'))
    with office.acting("lu_jian") as (session, caller):
        office.deps.engine.start(session, "mine", business_key="K-8", actor=caller.actor)
    assert told(office, "lu_jian") == []
    assert office.task("work", "K-8").assignee_name == "陆鉴"


def test_whose_task_the_process_cancels_is_told_and_who_never_had_it_is_not(office: TestOffice) -> None:
    filed, other = office.file(), office.file()
    office.claim("he_jing", filed.tasks[0]["id"])
    for number in (filed.number, other.number):
        with office.acting("li_na") as (session, caller):
            send_message(session, office.deps, caller, number, "withdraw", None)
    (only,) = told(office, "he_jing")
    assert only.text == f"您手上的“核实诉求”（案件 {filed.number}）已被流程取消，不必再办。"
    assert office.scalar(sa.select(sa.func.count()).select_from(Notice)) == 1


def test_whose_work_goes_elsewhere_with_the_organisation_is_told_once(office: TestOffice) -> None:
    filed = office.file()
    office.claim("he_jing", filed.tasks[0]["id"])
    promoted = {"login": "he_jing", "name": "何菁", "unit": "henan", "title": "副经理"}
    with office.deps.sessions.begin() as session:
        load_organisation(
            session,
            {"people": [promoted]},
            now=office.clock.now(),
            passwords=office.deps.passwords,
            password=PASSWORD,
        )
    office.settle()
    office.settle()
    assert office.task("check_request").state == "created"
    (only,) = told(office, "he_jing")
    assert only.text == f"组织调整后，案件 {filed.number} 的“核实诉求”已改派，不再由您办理。"


def test_who_cancels_a_case_is_not_told_of_their_own_task(office: TestOffice) -> None:
    filed = office.file()
    office.claim("he_jing", filed.tasks[0]["id"])
    with office.acting("sun_qiang") as (session, caller):
        cancel_instance(session, office.deps, caller, filed.instance_id, reason="重复")
    assert [each.cause for each in told(office, "he_jing")] == ["cancelled"]
    assert told(office, "sun_qiang") == []


def test_the_same_cause_tells_the_same_receiver_once(office: TestOffice) -> None:
    number = office.file().number
    for _ in range(3):
        tell_group(office, number, "task-1", HOTLINE)
    tell_group(office, number, "task-2", HOTLINE)
    assert len(told(office, "li_na")) == 2
    assert (
        told(office, "li_na")[0].text == f"组织调整后，案件 {number} 的“{{who}} %s <b>”已改派，不再由您办理。"
    )


def test_a_notice_to_a_group_is_read_by_each_of_its_people(office: TestOffice) -> None:
    number = office.file().number
    for each in range(3):
        tell_group(office, number, f"t{each}", HOTLINE)
    latest, middle, oldest = told(office, "li_na")
    mark(office, "li_na", middle.id)
    mark(office, "li_na", middle.id)
    assert [(each.id, each.read) for each in told(office, "li_na")] == [
        (latest.id, False),
        (oldest.id, False),
        (middle.id, True),
    ]
    assert [each.id for each in told(office, "li_na", unread=True)] == [latest.id, oldest.id]
    assert (unread(office, "li_na"), unread(office, "he_jing")) == (2, 3)
    assert mark(office, "he_jing", middle.id, up_to=True) == 2
    assert [each.id for each in told(office, "he_jing", unread=True)] == [latest.id]
    assert mark(office, "he_jing", latest.id, up_to=True) == 1
    assert unread(office, "he_jing") == 0


def test_what_is_told_after_everything_was_marked_is_unread_however_long_ago_that_was(
    office: TestOffice,
) -> None:
    number = office.file().number
    for each in range(3):
        tell_group(office, number, f"old{each}", HOTLINE)
        office.clock.advance(timedelta(hours=3))
    newest = told(office, "li_na")[0]
    assert mark(office, "li_na", newest.id, up_to=True) == 3
    assert [each.read for each in told(office, "li_na")] == [True] * 3
    late_writer = newest.created_at - timedelta(minutes=30) + timedelta(hours=3)
    tell_group(office, number, "new", HOTLINE)
    assert unread(office, "li_na") == 1
    mark(office, "li_na", told(office, "li_na")[0].id, up_to=True)
    with office.deps.sessions.begin() as session:
        at = {"created_at": late_writer}
        tell(session, office.clock, "rerouted", "late", group=HOTLINE, number=number)
        session.execute(sa.update(Notice).where(Notice.key == f"rerouted:late:{HOTLINE}").values(at))
    assert unread(office, "li_na") == 1
    assert mark(office, "li_na", newest.id, up_to=True) == 0
    assert unread(office, "li_na") == 1


def test_notices_are_paged_unread_first_and_each_comes_once(office: TestOffice) -> None:
    number = office.file().number
    for each in range(7):
        tell_group(office, number, f"t{each}", HOTLINE)
    for each in told(office, "li_na")[1:4]:
        mark(office, "li_na", each.id)
    whole = [each.id for each in told(office, "li_na")]
    for limit in (1, 2, 3, 4, 6, 7):
        found: list[Any] = []
        cursor = None
        while True:
            with office.acting("li_na") as (session, caller):
                page = notices.notice_list(session, office.deps, caller, limit=limit, cursor=cursor)
            found += [each.id for each in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == whole
    for forged in ("x", "u", "uuu", "r!", "u" * 500):
        with pytest.raises(InvalidInput, match="cursor"):
            told(office, "li_na", cursor=forged)


def test_what_is_about_a_case_somebody_does_not_see_is_not_there_for_them(office: TestOffice) -> None:
    number = office.file().number
    with office.acting("chen_yu") as (session, caller):
        chen = caller.id
    with office.deps.sessions.begin() as session:
        tell(session, office.clock, "mention", "x", people=[chen], number=number, fields={"who": "李楠"})
    hidden = office.scalar(sa.select(Notice.id))
    assert told(office, "chen_yu") == []
    assert unread(office, "chen_yu") == 0
    with pytest.raises(NotFound) as refused:
        mark(office, "chen_yu", hidden)
    made_up = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(NotFound) as unknown:
        mark(office, "chen_yu", made_up, up_to=True)
    assert str(refused.value).replace(str(hidden), made_up) == str(unknown.value)


def test_who_leaves_the_unit_no_longer_finds_what_was_told_there(office: TestOffice) -> None:
    number = office.file().number
    with office.acting("li_na") as (session, caller):
        comment_case(session, office.deps, caller, number, "@he_jing 请跟进")
    assert unread(office, "he_jing") == 1
    moved = {
        **ORGANISATION,
        "people": [
            {**person, "unit": "zhejiang_hotline"} if person["login"] == "he_jing" else person
            for person in ORGANISATION["people"]
        ],
    }
    with office.deps.sessions.begin() as session:
        load_organisation(
            session, moved, now=office.clock.now(), passwords=office.deps.passwords, password=PASSWORD
        )
    assert told(office, "he_jing") == []


def test_of_a_confidential_case_a_notice_names_only_the_number(office: TestOffice) -> None:
    number = office.file().number
    office.deploy(telling("warning", "notify_unit", {"role": "channel", "text": "张三欠费争议"}))
    office.start("warning", number)
    office.settle()
    assert [each.text for each in told(office, "li_na")] == ["张三欠费争议"]
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Case).values(confidential=True))
    assert [(each.text, each.text_en) for each in told(office, "li_na")] == [
        (f"保密案件 {number} 有新消息。", f"There is news of the confidential case {number}.")
    ]


def test_a_unit_that_is_told_of_a_case_sees_it_from_then_on(office: TestOffice) -> None:
    number = office.file().number
    office.deploy(telling("warning", "notify_unit", {"role": "provincial_centre", "text": "请关注"}))
    office.start("warning", number)
    office.settle()
    assert [each.number for each in told(office, "wang_lei")] == [number]
    assert "/hq/henan/henan_centre/" in office.scalar(sa.select(Case.paths))
    assert told(office, "xu_wen") == []


def test_a_token_that_ends_within_a_week_is_told_of_once(office: TestOffice) -> None:
    hourly = housekeeping(office.deps)["redress.tell_of_expiring"]
    with office.acting("li_na") as (session, caller):
        issue_token(
            session, office.deps, caller.id, actor=caller.actor, label="报表", life=timedelta(days=30)
        )
        issue_token(session, office.deps, caller.id, actor=caller.actor, label="一天", life=timedelta(days=1))
        issue_token(
            session, office.deps, caller.id, actor=caller.actor, label="一年", life=timedelta(days=365)
        )
        ended = issue_token(
            session, office.deps, caller.id, actor=caller.actor, label="已撤销", life=timedelta(days=30)
        )
        session.execute(
            sa.update(ApiToken).where(ApiToken.id == ended.id).values(revoked_at=office.clock.now())
        )
    for days, count in ((0, 0), (22, 0), (1, 1), (6, 1)):
        office.clock.advance(timedelta(days=days))
        with office.deps.sessions.begin() as session:
            hourly(session, {})
        assert len(told(office, "li_na")) == count
    (only,) = told(office, "li_na")
    assert only.text == "令牌或签名密钥“报表”将于 2026-04-01 09:00 到期，请及时更换。"
    assert (only.number, only.has_case) == ("", False)


def test_counting_stops_at_the_cap_and_old_news_to_a_group_counts_as_seen(office: TestOffice) -> None:
    number = office.file().number
    with office.deps.sessions.begin() as session:
        for each in range(notices.COUNT_CAP + 5):
            tell(session, office.clock, "rerouted", each, group=HOTLINE, number=number)
    assert unread(office, "li_na") == notices.COUNT_CAP + 1
    office.clock.advance(notices.UNREAD_FOR)
    assert unread(office, "li_na") == 0
    assert len(told(office, "li_na")) == 50
