"""Messages to a system of the house: JSON, signed as Standard Webhooks says."""

from __future__ import annotations

from typing import Any

import orjson

from engine.clock import Clock
from tasks.notices.channels.posting import post, signed
from tasks.notices.channels.protocol import Message, Outcome, Sent
from tasks.notices.channels.settings import WebhookSettings


class WebhookChannel:
    """Posts each message to one address; the other side knows people by their login."""

    shared = False

    def __init__(self, settings: WebhookSettings, clock: Clock) -> None:
        self.name, self.label = settings.name, settings.label
        self._settings, self._clock = settings, clock

    def address(self, person: Any) -> str:
        return str(person.login) if self._settings.reaches(person.unit_path) else ""

    def send(self, message: Message, key: str) -> Outcome:
        body = orjson.dumps(
            {
                "id": key,
                "to": {"login": message.to.login, "name": message.to.name},
                "subject": message.subject,
                "text": message.text,
                "short": message.short,
                "link": message.link,
            }
        )
        at = int(self._clock.now().timestamp())
        headers = signed(self._settings.secret, key, at, body)
        return post(self._settings.url, body, headers, lambda _: Sent(), secrets=(self._settings.secret,))
