"""Operators see what became of notices on their way out, why, and have them tried again."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tasks.core import table
from tasks.notices.tables import Delivery
from tasks.people.tables import Person
from tasks.talk.tables import Notice
from tasks.talk.telling import tell
from tests.admin.conftest import Website


@pytest.fixture
def posted(website: Website) -> Website:
    """Two that were given up, and one that waits; all to 李楠."""
    with website.deps.sessions.begin() as session:
        li_na = session.scalars(sa.select(Person.id).where(Person.login == "li_na")).one()
        for about in "123":
            tell(session, website.clock, "mention", about, people=[li_na], fields={"who": "王磊"})
        session.flush()
    with website.deps.sessions.begin() as session:
        now = website.clock.now()
        states = ("failed", "failed", "queued")
        for notice, state in zip(session.scalars(sa.select(Notice.id)), states, strict=True):
            new_id = website.deps.engine.new_id()
            values = {
                "id": new_id, "batch_id": new_id, "notice_id": notice, "person_id": li_na, "channel": "email",
                "state": state, "attempts": 3, "created_at": now, "since": now, "next_at": now,
                "error": "" if state == "queued" else "550 <gone>",
            }  # fmt: skip
            session.execute(sa.insert(table(Delivery)).values(values))
    return website


def states(website: Website) -> list[str]:
    with website.deps.sessions() as session:
        return sorted(session.scalars(sa.select(Delivery.state)))


def test_what_was_given_up_is_found_with_its_reason_and_tried_again_one_or_all(posted: Website) -> None:
    operator = posted.visitor()
    operator.sign_in("tang_wei")
    page = operator.get("/deliveries").text
    assert page.count("550 &lt;gone&gt;") == 3  # the channel's last, and each of the two
    assert "王磊" not in page
    failed = operator.get("/deliveries?state=failed&login=li_na").text
    again = re.findall(r'action="(/deliveries/[0-9a-f-]+/retry)"', failed)
    assert len(again) == 2
    assert operator.post(again[0], {}).location == "/deliveries?state=failed"
    assert states(posted) == ["failed", "queued", "queued"]
    operator.post("/deliveries/retry", {"channel": "email"})
    assert states(posted) == ["queued"] * 3
    assert "没有符合条件的通知" in operator.get("/deliveries?state=failed").text
    assert operator.get("/deliveries?state=nonsense&cause=nonsense").status_code == 200


def test_who_is_no_operator_has_no_such_page(posted: Website) -> None:
    clerk = posted.visitor()
    clerk.sign_in("li_na")
    assert clerk.get("/deliveries").status_code == 403
    assert 'href="/deliveries"' not in clerk.get("/account").text
