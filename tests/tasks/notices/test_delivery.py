"""A notice reaches people outside the pages: those who may know, once, as soon as the other side takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tasks.cases.confiding import confide_case
from tasks.notices import outbox
from tasks.notices.defaults import AT_ONCE
from tasks.notices.preferences import prefer
from tasks.notices.sending import FIRST_WAIT, GIVEN_UP_AFTER
from tasks.notices.tables import Delivery, NoticeToSend
from tasks.notices.times import DAILY, Digest, Quiet
from tasks.talk import notices
from tasks.talk.telling import tell, tell_in_words
from tests.tasks.absence.test_substitutes import away
from tests.tasks.notices.mail_server import DROP, MailServer
from tests.tasks.office import TestOffice

HOTLINE = "channel@/hq/henan/henan_hotline/"


def told(office: TestOffice, login: str, number: str = "", about: str = "1", cause: str = "mention") -> None:
    """Tell somebody that they are mentioned."""
    with office.acting(login) as (session, caller):
        tell(session, office.clock, cause, about, people=[caller.id], number=number, fields={"who": "王磊"})


def wants(
    office: TestOffice, login: str, how: Any = (), quiet: Quiet | None = None, digest: Digest = DAILY
) -> Any:
    """Somebody chooses what they want to be told outside the pages."""
    with office.acting(login) as (session, caller):
        return prefer(session, office.deps, caller, dict(how), quiet, digest)


def rows(office: TestOffice) -> list[Any]:
    with office.deps.sessions() as session:
        return list(session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars())


def receivers(server: MailServer) -> list[str]:
    return sorted(mail["To"].addresses[0].addr_spec for mail in server.taken)


def test_who_is_told_gets_one_mail_that_names_the_case(posting: TestOffice, server: MailServer) -> None:
    number = posting.file().number
    told(posting, "li_na", number)
    told(posting, "li_na", number)
    posting.settle()
    posting.settle()
    (mail,) = server.taken
    (row,) = rows(posting)
    assert mail["To"].addresses[0].addr_spec == "li_na@mail.example"
    assert f"王磊在案件 {number} 的备注里提到了您。" in mail.get_content()
    assert (row.state, row.attempts, row.sent_at) == ("sent", 1, posting.clock.now())
    assert server.ids == [f"<{row.id}@mail.example>"]
    assert posting.scalar(sa.select(sa.func.count()).select_from(NoticeToSend)) == 0


def test_a_group_is_its_people_who_have_an_address(posting: TestOffice, server: MailServer) -> None:
    number = posting.file().number
    with posting.deps.sessions.begin() as session:
        tell(session, posting.clock, "pressed", "t", group=HOTLINE, number=number, fields={"task": "核实"})
        tell(session, posting.clock, "pressed", "u", group="person@wang_lei", fields={"task": "核实"})
        tell(session, posting.clock, "pressed", "v", group="unrouted@/hq/henan/", fields={"task": "核实"})
    posting.settle()
    assert receivers(server) == ["li_na@mail.example", "sun_qiang@mail.example", "wang_lei@mail.example"]


def test_who_does_not_see_the_case_any_more_gets_nothing(posting: TestOffice, server: MailServer) -> None:
    number = posting.file().number
    told(posting, "xu_wen", number)
    posting.settle()
    assert server.taken == []
    assert [row.state for row in rows(posting)] == ["dropped"]


def test_what_was_read_in_the_page_meanwhile_is_not_sent(posting: TestOffice, server: MailServer) -> None:
    told(posting, "li_na")
    with posting.acting("li_na") as (session, caller):
        (only,) = notices.notice_list(session, posting.deps, caller).items
        notices.mark_read(session, posting.deps, caller, only.id)
    posting.settle()
    assert server.taken == []


def test_a_mail_quotes_nobody_and_of_a_confidential_case_says_only_its_number(
    posting: TestOffice, server: MailServer
) -> None:
    filed = posting.file()
    number = filed.number
    wants(posting, "li_na", {("told", "email"): AT_ONCE})

    def in_words(key: str) -> None:
        with posting.deps.sessions.begin() as session:
            tell_in_words(
                session, posting.clock, key=key, audience="unit", to_group=HOTLINE, number=number,
                instance_id=filed.instance_id, activity_id="x", template="t", text="客户张三电话13800000000",
            )  # fmt: skip

    in_words("open")
    posting.settle()
    full = TestOffice(
        replace(posting.deps, settings=replace(posting.deps.settings, notices_in_full=True)), posting.clock
    )
    in_words("full")
    full.settle()
    with posting.acting("sun_qiang") as (session, caller):
        confide_case(session, posting.deps, caller, number, confidential=True, reason="涉密")
    in_words("confidential")
    told(posting, "li_na", number)
    full.settle()
    said = [mail.get_content().splitlines()[0] for mail in server.taken]
    bare = f"保密案件 {number} 有新消息。"
    assert said == [f"案件 {number} 有新的通知。", "客户张三电话13800000000", bare, bare]


def test_a_mailbox_that_is_full_is_tried_again_later_and_later_and_one_that_is_gone_is_not(
    posting: TestOffice, server: MailServer
) -> None:
    server.recipients = {"li_na@mail.example": "452 full", "wang_lei@mail.example": "550 gone"}
    for login in ("li_na", "wang_lei", "feng_bo"):
        told(posting, login)
    posting.settle()
    found = {row.error: row for row in rows(posting)}
    assert {error: row.state for error, row in found.items()} == {
        "452 full": "queued", "550 gone": "failed", "": "sent",
    }  # fmt: skip
    assert found["452 full"].next_at == posting.clock.now() + FIRST_WAIT
    posting.clock.advance(FIRST_WAIT)
    posting.settle()
    waits = next(row for row in rows(posting) if row.state == "queued")
    assert (waits.attempts, waits.next_at) == (2, posting.clock.now() + 2 * FIRST_WAIT)
    server.recipients = {}
    posting.clock.advance(2 * FIRST_WAIT)
    posting.settle()
    assert receivers(server) == ["feng_bo@mail.example", "li_na@mail.example"]


def test_a_connection_lost_before_the_answer_sends_the_same_message_again(
    posting: TestOffice, server: MailServer
) -> None:
    server.after = [DROP]
    told(posting, "li_na")
    posting.settle()
    posting.clock.advance(FIRST_WAIT)
    posting.settle()
    assert len(server.ids) == 2
    assert len(set(server.ids)) == 1
    assert [row.state for row in rows(posting)] == ["sent"]


def test_what_a_server_out_of_order_did_not_take_is_sent_once_it_works(
    posting: TestOffice, server: MailServer
) -> None:
    class Dead:
        name, label, shared = "email", "", False

        def address(self, person: Any) -> str:
            return str(person.email)

        def send(self, message: Any, key: str) -> Any:
            raise OSError("an adapter that breaks")

    broken = TestOffice(replace(posting.deps, channels={"email": Dead()}), posting.clock)
    for login in ("li_na", "feng_bo"):
        told(posting, login)
    broken.settle()
    assert {row.error for row in rows(posting)} == {"OSError"}
    posting.clock.advance(FIRST_WAIT)
    posting.settle()
    assert receivers(server) == ["feng_bo@mail.example", "li_na@mail.example"]


def test_what_nobody_takes_for_a_day_is_given_up_and_an_operator_has_it_tried_again(
    posting: TestOffice, server: MailServer
) -> None:
    server.recipients = {"li_na@mail.example": "452 full"}
    told(posting, "li_na")
    posting.settle()
    posting.clock.advance(GIVEN_UP_AFTER - timedelta(seconds=1))
    posting.settle()
    assert [row.state for row in rows(posting)] == ["queued"]
    posting.clock.advance(timedelta(hours=1))
    posting.settle()
    (row,) = rows(posting)
    assert (row.state, row.error) == ("failed", "452 full")
    with posting.acting("tang_wei") as (session, caller):
        outbox.try_again(session, posting.deps, caller, row.id)
    server.recipients = {}
    posting.settle()
    assert [row.state for row in rows(posting)] == ["sent"]


def test_without_a_channel_nothing_is_kept_for_later(office: TestOffice) -> None:
    told(office, "li_na")
    office.settle()
    assert rows(office) == []
    assert office.scalar(sa.select(sa.func.count()).select_from(NoticeToSend)) == 0


def test_what_is_rolled_back_is_not_sent(posting: TestOffice, server: MailServer) -> None:
    with posting.acting("li_na") as (session, caller):
        tell(session, posting.clock, "mention", "1", people=[caller.id], fields={})
        session.flush()
        session.rollback()
    posting.settle()
    assert server.taken == []


def test_what_a_group_is_told_reaches_the_substitute_of_somebody_absent(
    posting: TestOffice, server: MailServer
) -> None:
    away(posting, "sun_qiang", person="li_na", substitute="wang_lei")
    posting.clock.advance(timedelta(hours=1))
    number = posting.file().number
    with posting.deps.sessions.begin() as session:
        tell(session, posting.clock, "pressed", "t", group=HOTLINE, number=number, fields={"task": "核实"})
    posting.settle()
    assert "wang_lei@mail.example" in receivers(server)
