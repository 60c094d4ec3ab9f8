"""What an installation decides about webhooks and text messages; `redress.notice_settings` reads it from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON, WECOM, DINGTALK, FEISHU = "json", "wecom", "dingtalk", "feishu"
KINDS = (JSON, WECOM, DINGTALK, FEISHU)
"""Of a webhook: a system of the house, or the robot of a group chat."""

SMS = "sms"
SMS_WORDS = ("to", "text", "id", "name", "link")
"""What a template of a text message may name, such as {to}."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """name: what deliveries through it are called. url, secret: never shown. unit: the code of the unit whose people it
    reaches, with those of the units below; empty: everybody.
    """

    name: str
    kind: str
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    label: str = ""
    unit: str = ""

    def reaches(self, unit_path: str) -> bool:
        """Whether it is for people who sit there."""
        return not self.unit or f"/{self.unit}/" in unit_path


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """url, headers, secret: never shown. body: what is sent, with the SMS_WORDS in braces; form: as a form, else as JSON.

    answer: where in the gateway's JSON answer its own word stands, such as `result.code`; taken, refused: which words say
    that the message is sent, or that it never will be. None for taken: the status is enough.
    """

    url: str = field(repr=False)
    body: Mapping[str, Any]
    form: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)
    answer: str = ""
    taken: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
