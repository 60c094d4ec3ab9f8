"""What is only for information gathers, and comes as one message at an hour; on rest days it is those on duty who are told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.cases.confiding import confide_case
from tasks.core import table
from tasks.notices.defaults import DIGEST, FOR_INFORMATION, LADDER, default
from tasks.notices.tables import Delivery
from tasks.notices.times import Digest, Quiet
from tasks.people.duty.tables import DutyRoster
from tasks.people.tables import Person
from tasks.talk import notices
from tasks.talk.causes import CAUSES
from tasks.talk.tables import Notice
from tasks.talk.telling import tell
from tests.conftest import SHANGHAI
from tests.tasks.notices.mail_server import DROP, MailServer
from tests.tasks.notices.test_delivery import HOTLINE, receivers, rows, told, wants
from tests.tasks.office import TestOffice

NIGHT = Quiet(time(22), time(7))


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def go_to(office: TestOffice, instant: datetime) -> None:
    office.clock.advance(instant - office.clock.now())
    office.settle()


@pytest.mark.parametrize(
    ("digest", "quiet", "now", "then"),
    [
        (Digest(), None, at(2, 8, 59), at(2, 9)),
        (Digest(), None, at(2, 9), at(3, 9)),
        (Digest(), None, at(6, 12), at(9, 9)),  # a Friday: not before Monday
        (Digest(6), NIGHT, at(2, 12), at(3, 7)),
        (Digest(None), None, at(2, 9, 1), at(2, 10)),
        (Digest(None), None, at(2, 23, 59), at(3, 0)),
        (Digest(None), None, at(7, 10), at(7, 11)),  # a Saturday: hours have no rest days
        (Digest(None), NIGHT, at(2, 21, 30), at(3, 7)),
        (Digest(None), Quiet(time(22), time(7, 30)), at(3, 3), at(3, 7, 30)),
    ],
)
def test_a_digest_goes_out_at_its_hour_of_a_working_day_or_every_hour_and_never_at_night(
    digest: Digest, quiet: Quiet | None, now: datetime, then: datetime
) -> None:
    assert digest.after(now, quiet, lambda day: day.weekday() < 5) == then


def test_what_is_for_information_is_one_mail_in_the_morning_and_what_needs_doing_comes_at_once(
    posting: TestOffice, server: MailServer
) -> None:
    go_to(posting, at(2, 10))
    for about in ("1", "2"):
        told(posting, "li_na", cause="comment", about=about)
    told(posting, "li_na", cause="assigned")
    posting.settle()
    assert len(server.taken) == 1
    go_to(posting, at(3, 8, 59))
    told(posting, "li_na", cause="recalled")
    posting.settle()
    go_to(posting, at(3, 9))
    (_, mail) = server.taken
    assert mail["Subject"] == "Redress 通知汇总：3 条"
    lines = mail.get_content().splitlines()
    assert lines[:3] == [
        "您有 3 条通知：",
        "03-02 10:00 王磊就案件 写了备注。",
        "03-02 10:00 王磊就案件 写了备注。",
    ]
    assert "3 notices:" in lines
    assert {row.state for row in rows(posting)} == {"sent"}


def test_a_digest_says_what_its_reader_may_see_then_and_has_not_read(
    posting: TestOffice, server: MailServer
) -> None:
    go_to(posting, at(2, 10))
    secret, plain = posting.file().number, posting.file().number
    for number in (secret, plain, ""):
        told(posting, "li_na", number, cause="comment", about=f"1{number}")
    told(posting, "xu_wen", plain, cause="comment")
    posting.settle()
    with posting.acting("li_na") as (session, caller):
        read = next(
            each for each in notices.notice_list(session, posting.deps, caller).items if not each.number
        )
        notices.mark_read(session, posting.deps, caller, read.id)
    with posting.acting("sun_qiang") as (session, caller):
        confide_case(session, posting.deps, caller, secret, confidential=True, reason="涉密")
    go_to(posting, at(3, 9))
    (mail,) = [each for each in server.taken if "汇总" in each["Subject"]]
    text = mail.get_content()
    assert "您有 2 条通知：" in text
    assert f"保密案件 {secret} 有新消息。" in text
    assert f"王磊就案件 {plain} 写了备注。" in text
    comments = (
        sa.select(Delivery.state)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.cause == "comment")
    )
    with posting.deps.sessions() as session:
        assert sorted(session.scalars(comments)) == ["dropped", "dropped", "sent", "sent"]


def test_a_digest_that_broke_off_is_the_same_message_again_and_one_notice_too_late_for_it_is_another(
    posting: TestOffice, server: MailServer
) -> None:
    go_to(posting, at(2, 10))
    for about in ("1", "2"):
        told(posting, "li_na", cause="comment", about=about)
    posting.settle()
    server.after = [DROP]
    go_to(posting, at(3, 9))
    go_to(posting, at(3, 9, 1))
    assert len(server.ids) == 2
    assert len(set(server.ids)) == 1
    (first, _) = rows(posting)
    told(posting, "li_na", cause="comment", about="3")
    posting.settle()
    with (
        posting.deps.sessions.begin() as session
    ):  # as if it had been spread a moment before nine and seen after it
        late = sa.update(Delivery).where(Delivery.state == "queued")
        session.execute(late.values(batch_id=first.batch_id, next_at=posting.clock.now()))
    posting.settle()
    assert len(server.ids) == 3
    assert len(set(server.ids)) == 2


def test_hours_of_ones_own_gather_even_what_would_come_at_once(
    posting: TestOffice, server: MailServer
) -> None:
    wants(posting, "li_na", {("assigned", "email"): DIGEST}, digest=Digest(None))
    go_to(posting, at(2, 10, 5))
    for about in ("1", "2"):
        told(posting, "li_na", cause="assigned", about=about)
    go_to(posting, at(2, 10, 59))
    assert server.taken == []
    go_to(posting, at(2, 11))
    assert len(server.taken) == 1


def on_duty(office: TestOffice, login: str, begin: datetime, end: datetime) -> None:
    with office.acting(login) as (session, caller):
        unit = office.deps.office.current(session).organisation.units
        place = next(each for each in unit if each.code == "henan_hotline")
        values: dict[str, Any] = {
            "id": office.deps.engine.new_id(), "unit_id": place.id, "person_id": caller.id, "from_at": begin,
            "until_at": end, "note": "",
        }  # fmt: skip
        session.execute(sa.insert(table(DutyRoster)).values(values))


def test_on_a_rest_day_a_queue_is_whoever_of_it_is_on_duty_and_everybody_where_nobody_is(
    posting: TestOffice, server: MailServer
) -> None:
    with posting.deps.sessions.begin() as session:
        session.execute(
            sa.update(Person).where(Person.login == "he_jing").values(email="he_jing@mail.example")
        )
    saturday = at(7, 9)
    on_duty(posting, "he_jing", saturday, saturday + timedelta(hours=4))

    def tell_hotline(about: str) -> list[str]:
        server.taken.clear()
        with posting.deps.sessions.begin() as session:
            tell(session, posting.clock, "pressed", about, group=HOTLINE, fields={})
            tell(session, posting.clock, "pressed", about, group="person@li_na", fields={})
        posting.settle()
        return receivers(server)

    li_na, he_jing = "li_na@mail.example", "he_jing@mail.example"
    go_to(posting, at(6, 10))
    assert tell_hotline("friday") == [he_jing, li_na, li_na]
    go_to(posting, at(7, 10))
    assert tell_hotline("on duty") == [he_jing, li_na]
    go_to(posting, at(7, 14))
    assert tell_hotline("after it") == [he_jing, li_na, li_na]


def test_by_default_only_rungs_of_the_ladder_are_text_messages_and_a_chat_hears_only_what_needs_doing() -> (
    None
):
    def usual(cause: str, name: str, shared: bool) -> str:
        return default(cause, type("", (), {"name": name, "shared": shared})())

    assert {cause for cause in CAUSES if usual(cause, "sms", False) != "never"} == LADDER
    assert {cause for cause in CAUSES if usual(cause, "chat", True) == "never"} == FOR_INFORMATION
    assert {cause for cause in CAUSES if usual(cause, "email", False) == "digest"} == FOR_INFORMATION


def test_a_calendar_without_working_days_does_not_hold_a_digest_for_ever() -> None:
    def never(day: date) -> bool:
        return False

    assert Digest().after(at(2, 10), None, never) == at(3, 9)
