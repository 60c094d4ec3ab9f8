"""Text messages through an HTTP gateway of the house, whose protocol is a template in the settings."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import orjson

from engine.clock import Clock
from tasks.notices.channels.posting import post, signed
from tasks.notices.channels.protocol import Message, Outcome, Refused, Sent, TryAgain
from tasks.notices.channels.settings import SMS, SMS_WORDS, SmsSettings

_WORD = re.compile(rf"\{{({'|'.join(SMS_WORDS)})\}}")
LONGEST = 200
"""Characters of a text: three parts of a long message."""


class SmsChannel:
    """Posts each message to one gateway."""

    name, label, shared = SMS, "短信 SMS", False

    def __init__(self, settings: SmsSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock

    def address(self, person: Any) -> str:
        return str(person.phone)

    def send(self, message: Message, key: str) -> Outcome:
        at, to = self._settings, message.to
        text = message.short if len(message.short) <= LONGEST else message.short[: LONGEST - 1] + "…"
        known = dict(zip(SMS_WORDS, (to.address, text, key, to.name, message.link), strict=True))
        filled = _filled(at.body, known)
        if at.form:
            body, kind = urlencode(filled).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = orjson.dumps(filled), "application/json"
        headers = {**signed(at.secret, key, int(self._clock.now().timestamp()), body), **at.headers}
        secrets = (at.secret, *at.headers.values(), to.address)
        return post(at.url, body, headers, self._judged, secrets=secrets, kind=kind)

    def _judged(self, answer: Any) -> Outcome:
        """Whether the gateway's own word in its answer is the one for taken; without such a word its status is enough."""
        at = self._settings
        if not at.taken:
            return Sent()
        said = answer
        for part in at.answer.split("."):
            said = said.get(part) if isinstance(said, dict) else None
        word = "" if said is None else str(said)
        if word in at.taken:
            return Sent()
        reason = orjson.dumps(answer).decode() if answer is not None else "The gateway answered with no JSON."
        return Refused(reason) if word in at.refused else TryAgain(reason)


def _filled(template: Any, known: dict[str, str]) -> Any:
    """The template with each {word} of its texts replaced. What is put in is never read as a template again."""
    if isinstance(template, dict):
        return {name: _filled(value, known) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, known) for value in template]
    return _WORD.sub(lambda found: known[found[1]], template) if isinstance(template, str) else template
