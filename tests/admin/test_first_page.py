"""Where people land: the first page their roles allow, from signing in, from `/`, and from every refusal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.admin.conftest import Website

POSTS = [("clerk", "/inbox"), ("operator", "/incidents"), ("auditor", "/inbox")]


def seat(website: Website, post: str, unit: str = "hq_it") -> Any:
    """A newcomer with one post and nothing else, who has to change the password they were given."""
    operator = website.visitor("tang_wei")
    page = operator.get(f"/organisation/units/{unit}").text
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision
    form = {"revision": revision[1], "login": "newcomer", "name": "新人", "kind": "person", "post": post}
    added = operator.post(f"/organisation/units/{unit}/people", form)
    assert added.status_code == 302, added.text
    given = re.search(r"<code>([^<]+)</code>", operator.post("/people/newcomer/password").text)
    assert given
    newcomer = website.visitor()
    assert newcomer.sign_in("newcomer", given[1]).location == "/account/password"
    chosen = "gelber Mond über Kaifeng"
    changed = newcomer.post(
        "/account/password", {"password": given[1], "new_password": chosen, "repeated": chosen}
    )
    newcomer.sent_to = changed.location
    return newcomer


@pytest.mark.parametrize(("post", "wanted"), POSTS)
def test_everybody_begins_on_a_page_they_may_see(website: Website, post: str, wanted: str) -> None:
    newcomer = seat(website, post)
    assert newcomer.sent_to == newcomer.get("/").location == wanted
    landed = newcomer.get(wanted)
    assert landed.status_code == 200
    menu = re.findall(r'<a href="(/[^"]*)"', landed.text.split("<nav")[1].split("</nav>")[0])
    assert wanted in menu
    assert {address: newcomer.get(address).status_code for address in menu} == dict.fromkeys(menu, 200)


def test_an_external_person_begins_with_their_account_and_is_offered_nothing_refused(
    website: Website,
) -> None:
    officer = seat(website, "regulator_officer", "regulator")
    landed = officer.get(officer.sent_to)
    assert landed.status_code == 200
    menu = re.findall(r'<a href="(/[^"]*)"', landed.text.split("<nav")[1].split("</nav>")[0])
    assert {address: officer.get(address).status_code for address in menu} == dict.fromkeys(menu, 200)


def test_a_refusal_leads_back_to_where_one_begins(website: Website) -> None:
    refused = seat(website, "operator").get("/cases")
    assert refused.status_code == 403
    assert 'class="button main" href="/"' in refused.text
