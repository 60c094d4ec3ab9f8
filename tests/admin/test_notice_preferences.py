"""What I am told outside the pages, chosen on the page of my account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from redress import bootstrap
from tasks.notices.channels.email import EmailChannel
from tasks.notices.tables import NoticePreference
from tests.admin.conftest import Website
from tests.clients import TidyClient


@pytest.fixture
def posting(website: Website) -> Iterator[Website]:
    """The same installation with e-mail."""
    channels = {"email": EmailChannel("smtp://127.0.0.1", "redress@mail.example")}
    deps = replace(website.deps, channels=channels)
    app = bootstrap.create_app(deps)
    app.test_client_class = TidyClient
    return Website(app, deps, website.clock)


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="told" value="([^"]+)"[^>]* checked', page))


def test_what_is_not_ticked_is_kept_as_never_and_quiet_hours_as_they_are_written(posting: Website) -> None:
    visitor = posting.visitor()
    visitor.sign_in("li_na")
    everything = ticked(visitor.get("/account").text)
    assert "mention/email" in everything
    form = {"told": sorted(everything - {"mention/email"}), "begins": "22:00", "ends": "07:30"}
    assert visitor.post("/account/notices", form).location == "/account"
    page = visitor.get("/account").text
    assert ticked(page) == everything - {"mention/email"}
    assert 'name="begins" value="22:00"' in page
    assert 'name="ends" value="07:30"' in page
    with posting.deps.sessions() as session:
        assert session.execute(sa.select(NoticePreference.cause, NoticePreference.how)).all() == [
            ("mention", "never")
        ]


@pytest.mark.parametrize("hours", [("22:00", ""), ("", "07:00"), ("25:00", "07:00"), ("07:00", "07:00")])
def test_quiet_hours_that_make_no_sense_are_refused_on_the_page_and_nothing_is_kept(
    posting: Website, hours: tuple[str, str]
) -> None:
    visitor = posting.visitor()
    visitor.sign_in("li_na")
    answer = visitor.post("/account/notices", {"begins": hours[0], "ends": hours[1]})
    assert answer.status_code == 422
    assert "免打扰时段" in answer.text
    with posting.deps.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(NoticePreference)) == 0


def test_without_a_channel_the_page_says_that_notices_stay_in_it(website: Website) -> None:
    visitor = website.visitor()
    visitor.sign_in("li_na")
    page = visitor.get("/account").text
    assert "通知只在页面上显示" in page
    assert ticked(page) == set()
