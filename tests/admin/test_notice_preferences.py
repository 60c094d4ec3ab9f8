"""What I am told outside the pages, chosen on the page of my account."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from redress import bootstrap
from redress.settings import Settings
from tasks.notices.tables import NoticePreference
from tasks.people.tables import Person
from tests.admin.conftest import Website
from tests.clients import TidyClient


@pytest.fixture
def posting(website: Website) -> Website:
    """The same installation with e-mail, which reaches 李楠, and text messages, which do not."""
    settings = Settings.from_environment(
        {
            "REDRESS_SMTP_URL": "smtp://127.0.0.1",
            "REDRESS_MAIL_FROM": "redress@mail.example",
            "REDRESS_SMS_URL": "https://sms.example",
        }
    )
    deps = replace(website.deps, channels=bootstrap.channels_of(settings, website.clock))
    app = bootstrap.create_app(deps)
    app.test_client_class = TidyClient
    with deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == "li_na").values(email="li_na@mail.example"))
    return Website(app, deps, website.clock)


def chosen(page: str) -> dict[str, str]:
    """What each field of the matrix says."""
    cells = re.findall(r'name="how/([^"]+)"(.*?)</select>', page, re.DOTALL)
    return {name: "".join(re.findall(r'value="(\w+)" selected', options)) for name, options in cells}


def test_the_matrix_shows_what_is_usual_and_keeps_what_is_chosen_otherwise(posting: Website) -> None:
    visitor = posting.visitor()
    visitor.sign_in("li_na")
    page = visitor.get("/account").text
    usual = chosen(page)
    assert (usual["mention/email"], usual["comment/email"]) == ("at_once", "digest")
    assert not any(field.endswith("/sms") for field in usual)
    assert "短信 SMS: 没有登记地址" in page
    form = {f"how/{field}": how for field, how in usual.items()}
    form |= {"how/mention/email": "never", "digest": "hourly", "begins": "22:00", "ends": "07:30"}
    assert visitor.post("/account/notices", form).location == "/account#notice-preferences"
    page = visitor.get("/account").text
    assert chosen(page) == usual | {"mention/email": "never"}
    assert '<option value="hourly" selected>' in page
    assert 'name="begins" value="22:00"' in page
    assert 'name="ends" value="07:30"' in page
    with posting.deps.sessions() as session:
        assert session.execute(sa.select(NoticePreference.cause, NoticePreference.how)).all() == [
            ("mention", "never")
        ]
    visitor.post("/account/notices", {"defaults": "yes"})
    assert chosen(visitor.get("/account").text) == usual


@pytest.mark.parametrize(
    "wrong",
    [
        {"begins": "22:00", "ends": ""},
        {"begins": "", "ends": "07:00"},
        {"begins": "25:00", "ends": "07:00"},
        {"begins": "07:00", "ends": "07:00"},
        {"digest": "24"},
        {"digest": "noon"},
        {"how/mention/email": "sometimes"},
        {"how/gossip/email": "never"},
        {"how/mention/fax": "never"},
    ],
)
def test_what_makes_no_sense_is_refused_on_the_page_and_nothing_is_kept(
    posting: Website, wrong: dict[str, str]
) -> None:
    visitor = posting.visitor()
    visitor.sign_in("li_na")
    answer = visitor.post("/account/notices", {"how/comment/email": "never", **wrong})
    assert answer.status_code == 422
    assert "免打扰时段" in answer.text
    assert chosen(answer.text)["comment/email"] == "never"  # what was typed is still there
    with posting.deps.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(NoticePreference)) == 0


def test_without_a_channel_the_page_says_that_notices_stay_in_it(website: Website) -> None:
    visitor = website.visitor()
    visitor.sign_in("li_na")
    page = visitor.get("/account").text
    assert "通知只在页面上显示" in page
    assert chosen(page) == {}
