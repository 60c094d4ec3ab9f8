"""A group chat hears of a notice once, whoever of it is meant; text messages reach phones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput
from redress.bootstrap import channels_of
from redress.settings import Settings
from tasks.notices.sending import FIRST_WAIT
from tasks.notices.times import Quiet
from tasks.organisation import browsing
from tasks.organisation.changing import editing
from tasks.organisation.exchange.exporting import export_csv
from tasks.people.tables import Person
from tasks.talk.telling import tell
from tests.conftest import SHANGHAI
from tests.tasks.notices.test_delivery import HOTLINE, rows, told, wants
from tests.tasks.notices.web_server import WebServer, web_server
from tests.tasks.office import TestOffice

PHONE = "13800000001"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as made:
        yield made


@pytest.fixture
def chatting(office: TestOffice, web: WebServer) -> TestOffice:
    """The office with a robot for Henan and a gateway for text messages; only 李楠 has a phone."""
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == "li_na").values(phone=PHONE))
    settings = Settings.from_environment(
        {
            "REDRESS_WEBHOOK_HENAN_URL": f"{web.url}/chat",
            "REDRESS_WEBHOOK_HENAN_KIND": "feishu",
            "REDRESS_WEBHOOK_HENAN_UNIT": "henan",
            "REDRESS_SMS_URL": f"{web.url}/sms",
        }
    )
    return TestOffice(replace(office.deps, channels=channels_of(settings, office.clock)), office.clock)


def chat(web: WebServer) -> list[str]:
    return [hit.json["content"]["text"].splitlines()[0] for hit in web.hits if hit.path == "/chat"]


def told_hotline(office: TestOffice, about: str, cause: str = "pressed") -> None:
    with office.deps.sessions.begin() as session:
        tell(session, office.clock, cause, about, group=HOTLINE, fields={"who": "王磊"})


def test_a_notice_to_a_group_is_one_message_in_its_chat_and_nobody_outside_the_unit_is_in_it(
    chatting: TestOffice, web: WebServer
) -> None:
    web.answers = [(200, {"code": 0})] * 3
    told_hotline(chatting, "1")
    told(chatting, "chen_yu")
    chatting.settle()
    assert chat(web) == ["李楠、何菁：" if chat(web)[0].startswith("李") else "何菁、李楠："]
    sent = [row for row in rows(chatting) if row.channel == "henan"]
    assert {row.state for row in sent} == {"sent"}
    assert len({row.batch_id for row in sent}) == 1


def test_who_is_in_their_quiet_hours_is_left_out_of_the_chat_until_they_end(
    chatting: TestOffice, web: WebServer
) -> None:
    web.answers = [(200, {"code": 0})] * 9
    wants(chatting, "li_na", quiet=Quiet(time(22), time(7)))
    chatting.clock.advance(datetime(2026, 3, 2, 23, tzinfo=SHANGHAI) - chatting.clock.now())
    told_hotline(chatting, "1")
    told_hotline(chatting, "2")
    chatting.settle()
    assert chat(web) == ["何菁：", "何菁："]
    chatting.clock.advance(datetime(2026, 3, 3, 7, tzinfo=SHANGHAI) - chatting.clock.now())
    chatting.settle()
    assert chat(web) == ["何菁：", "何菁：", "李楠："]
    last = [hit for hit in web.hits if hit.path == "/chat"][-1].json["content"]["text"]
    assert "您有 2 条通知：" in last
    assert "2 notices:" in last


def test_a_robot_out_of_order_is_left_alone_for_a_minute_and_gets_everything_then(
    chatting: TestOffice, web: WebServer
) -> None:
    web.answers = [(200, {"code": 9499_9, "msg": "too often"}), (200, {"code": 0}), (200, {"code": 0})]
    told(chatting, "he_jing", about="1")
    told(chatting, "he_jing", about="2")
    chatting.settle()
    assert len(web.hits) == 1
    chatting.clock.advance(FIRST_WAIT)
    chatting.settle()
    assert len(web.hits) == 3
    assert {row.state for row in rows(chatting)} == {"sent"}


def test_a_text_message_is_short_chinese_to_the_phone_and_its_key_is_the_delivery(
    chatting: TestOffice, web: WebServer
) -> None:
    number = chatting.file().number
    web.answers = [(200, {"code": 0})] * 2
    told(chatting, "li_na", number, cause="warned")
    chatting.settle()
    (hit,) = [hit for hit in web.hits if hit.path == "/sms"]
    (row,) = [row for row in rows(chatting) if row.channel == "sms"]
    assert hit.json["to"] == PHONE
    assert hit.json["text"].startswith(f"预警（）：案件 {number}")
    assert hit.json["id"] == hit.headers["webhook-id"] == str(row.id)


def test_a_phone_is_shown_to_its_owner_and_to_who_maintains_the_organisation_and_to_nobody_else(
    chatting: TestOffice,
) -> None:
    deps = chatting.deps

    def seen(login: str) -> tuple[str, bool, str]:
        with chatting.acting(login) as (session, caller):
            tree = browsing.tree(session, deps, caller)
            there = browsing.seats_of_unit(session, tree, "henan_hotline")
            listed = next(one.person.phone for one in there if one.person.login == "li_na")
            file = export_csv(session, caller, "people").decode()
            return browsing.person(session, deps, caller, "li_na").phone, PHONE in file, listed

    assert seen("tang_wei") == (PHONE, True, PHONE)
    assert seen("li_na") == (PHONE, False, "")
    assert seen("sun_qiang") == ("", False, "")


def test_a_phone_is_changed_and_the_trail_tells_only_its_end(chatting: TestOffice) -> None:
    with chatting.acting("tang_wei") as (session, caller):
        revision = browsing.tree(session, chatting.deps, caller).revision
        made = editing.change_person(
            session, chatting.deps, caller, "li_na", {"phone": "+8613911112222"}, revision=revision
        )
    (change,) = made.changes
    assert (change.before, change.after) == ({"phone": "…0001"}, {"phone": "…2222"})
    with chatting.acting("tang_wei") as (session, caller), pytest.raises(InvalidInput, match="phone number"):
        editing.change_person(
            session, chatting.deps, caller, "li_na", {"phone": "no number"}, revision=revision + 1
        )
    assert chatting.scalar(sa.select(Person.phone).where(Person.login == "li_na")) == "+8613911112222"
