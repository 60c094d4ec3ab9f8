"""The office, with a mail server and people who have addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tasks.notices.channels.email import EmailChannel
from tasks.people.tables import Person
from tests.tasks.notices.mail_server import MailServer, mail_server
from tests.tasks.office import TestOffice

SENDER = "redress@mail.example"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def posting(office: TestOffice, server: MailServer) -> TestOffice:
    """The office with e-mail to the server; everybody but 何菁 has an address."""
    with office.deps.sessions.begin() as session:
        people = sa.update(Person).where(Person.login != "he_jing")
        session.execute(people.values(email=Person.login + "@mail.example"))
    channel = EmailChannel(server.url, SENDER)
    return TestOffice(replace(office.deps, channels={channel.name: channel}), office.clock)
