"""People choose what reaches them outside the pages, and when; a rung of the ladder reaches them at any time."""

from __future__ import annotations

from datetime import datetime, time
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput
from tasks.notices.defaults import NEVER
from tasks.notices.preferences import preferences
from tasks.notices.tables import Delivery
from tasks.notices.times import Quiet
from tasks.talk.causes import CAUSES, NAMES, words_outside
from tests.conftest import SHANGHAI
from tests.tasks.notices.mail_server import MailServer
from tests.tasks.notices.test_delivery import receivers, told, wants
from tests.tasks.office import TestOffice

NIGHT = Quiet(time(22), time(7))


def test_what_somebody_never_wants_by_mail_is_only_in_the_page(
    posting: TestOffice, server: MailServer
) -> None:
    wants(posting, "li_na", {("mention", "email"): NEVER})
    told(posting, "li_na")
    told(posting, "li_na", cause="assigned")
    told(posting, "feng_bo")
    posting.settle()
    assert receivers(server) == ["feng_bo@mail.example", "li_na@mail.example"]
    wants(posting, "li_na")
    told(posting, "li_na", about="2")
    posting.settle()
    assert len(server.taken) == 3


def test_at_night_only_a_rung_of_the_ladder_is_sent_and_the_rest_in_the_morning(
    posting: TestOffice, server: MailServer
) -> None:
    wants(posting, "li_na", quiet=NIGHT)
    posting.clock.advance(datetime(2026, 3, 2, 23, tzinfo=SHANGHAI) - posting.clock.now())
    for cause in ("mention", "warned", "supervised"):
        told(posting, "li_na", cause=cause)
    posting.settle()
    assert len(server.taken) == 2
    morning = datetime(2026, 3, 3, 7, tzinfo=SHANGHAI)
    waiting = sa.select(Delivery.next_at).where(Delivery.state == "queued")
    assert posting.scalar(waiting) == morning
    posting.clock.advance(morning - posting.clock.now())
    posting.settle()
    assert len(server.taken) == 3
    assert posting.scalar(waiting) is None


def test_what_could_not_be_sent_before_the_night_is_not_tried_in_it(
    posting: TestOffice, server: MailServer
) -> None:
    wants(posting, "li_na", quiet=NIGHT)
    server.recipients = {"li_na@mail.example": "452 full"}
    posting.clock.advance(datetime(2026, 3, 2, 21, 59, 30, tzinfo=SHANGHAI) - posting.clock.now())
    told(posting, "li_na")
    posting.settle()
    server.recipients = {}
    posting.clock.advance(datetime(2026, 3, 2, 22, 5, tzinfo=SHANGHAI) - posting.clock.now())
    posting.settle()
    assert server.taken == []


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        (NIGHT, (2, 21, 59), None),
        (NIGHT, (2, 22, 0), (3, 7, 0)),
        (NIGHT, (2, 6, 59), (2, 7, 0)),
        (NIGHT, (2, 7, 0), None),
        (Quiet(time(12), time(13, 30)), (2, 13, 29), (2, 13, 30)),
        (Quiet(time(12), time(13, 30)), (2, 13, 30), None),
        (Quiet(time(12), time(13, 30)), (2, 11, 59), None),
    ],
)
def test_quiet_hours_hold_from_their_beginning_to_before_their_end(quiet: Quiet, at: Any, until: Any) -> None:
    def instant(given: tuple[int, int, int]) -> datetime:
        return datetime(2026, 3, *given, tzinfo=SHANGHAI)

    assert quiet.until(instant(at)) == (instant(until) if until else None)


def test_everything_that_is_wrong_with_preferences_is_said_at_once_and_nothing_is_kept(
    posting: TestOffice,
) -> None:
    wants(posting, "li_na", {("mention", "email"): NEVER})
    with pytest.raises(
        InvalidInput, match=r"no cause gossip; there is no channel fax; sometimes is not .*; quiet"
    ):
        wants(posting, "li_na", {("gossip", "fax"): "sometimes"}, Quiet(time(1), time(1)))
    with posting.acting("li_na") as (session, caller):
        kept = preferences(session, posting.deps, caller)
    assert [key for key, how in kept.how.items() if how == NEVER] == [("mention", "email")]
    assert kept.quiet is None


def test_every_cause_has_a_name_to_choose_it_by() -> None:
    assert NAMES.keys() == CAUSES.keys()


def test_of_every_cause_a_mail_says_no_field_that_somebody_may_have_written() -> None:
    names = ("reason", "words", "words_en", "why", "why_zh", "note", "anything_new")
    for cause in CAUSES:
        notice = SimpleNamespace(
            cause=cause, business_key="TS-1", text="张三", fields=dict.fromkeys(names, "张三")
        )
        zh, en = words_outside(notice, confidential=False, full=False)
        assert "张三" not in zh + en
