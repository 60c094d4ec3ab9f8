"""Operators see what became of notices to people in their reach, and nothing of what those say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from tasks.notices.channels.protocol import Message, Refused
from tasks.people.tables import Person
from tasks.talk.telling import tell
from tests.tasks.office import TestOffice


class Refusing:
    """A channel as an installation may bring one: it reaches people by their login, and takes nothing."""

    name, label, shared = "pager", "", False

    def address(self, person: Any) -> str:
        return str(person.login)

    def send(self, message: Message, key: str) -> Refused:
        return Refused("unknown pager")


def test_an_operator_lists_what_failed_without_the_case_and_has_it_tried_again(api: Any) -> None:
    office: TestOffice = api.office
    filed = office.file()
    channel = Refusing()
    posting = TestOffice(replace(office.deps, channels={channel.name: channel}), office.clock)
    with office.deps.sessions.begin() as session:
        li_na = session.scalars(sa.select(Person.id).where(Person.login == "li_na")).one()
        tell(
            session, office.clock, "mention", "1", people=[li_na], number=filed.number, fields={"who": "王磊"}
        )
    posting.settle()
    answer = api("tang_wei", "GET", "/deliveries?state=failed&channel=pager")
    (only,) = answer.json["items"]
    assert (only["person"]["name"], only["cause"], only["error"]) == ("李楠", "mention", "unknown pager")
    assert filed.number not in answer.get_data(as_text=True)
    assert api("tang_wei", "GET", "/deliveries?state=sent").json["items"] == []
    again = f"/deliveries/{only['id']}/retry"
    assert api("tang_wei", "POST", again).status_code == 204
    assert api("tang_wei", "GET", "/deliveries?login=li_na&cause=mention").json["items"] != []
    assert api("tang_wei", "GET", "/deliveries?login=he_jing").json["items"] == []
    assert api("tang_wei", "GET", "/deliveries?cause=comment").json["items"] == []
    refused = api("tang_wei", "POST", again)
    assert (refused.status_code, refused.json["state"]) == (409, "queued")
    posting.settle()
    every = ("tang_wei", "POST", "/deliveries/retry", {"channel": "pager"})
    assert api(*every).json == {"retried": 1}
    assert api(*every).json == {"retried": 0}
    assert api("li_na", "GET", "/deliveries").status_code == 403
    assert api("tang_wei", "GET", "/deliveries?state=lost").status_code == 422
