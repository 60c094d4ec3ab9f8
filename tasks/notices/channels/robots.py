"""Messages to a group chat through its robot: WeCom 企业微信, DingTalk 钉钉 and Feishu 飞书.

Everybody in the chat reads along, so a notice is one message that names who it is for, and mentions them by their phone
where the robot can. None of the three has a way to hand it our key: what is sent again after a worker was killed is
there twice.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus

import orjson

from engine.clock import Clock
from tasks.notices.channels.posting import post
from tasks.notices.channels.protocol import Message, Outcome, Receiver, Refused, Sent, TryAgain
from tasks.notices.channels.settings import DINGTALK, FEISHU, WECOM, WebhookSettings

LONGEST = 2000
"""Bytes of a text; WeCom takes 2048, the others more."""

MENTIONED, NAMED = 30, 20
"""How many phones are mentioned and how many names are written at most."""

TOO_MUCH = {WECOM: {45002, 40058}, DINGTALK: {460101}, FEISHU: {9499}}
"""Codes that say that the message itself will never be taken. Every other one is about the robot: too often in a minute,
a wrong signature, an address that is not on its list, gone.
"""


class RobotChannel:
    """Posts each message to one robot."""

    shared = True

    def __init__(self, settings: WebhookSettings, clock: Clock) -> None:
        self.name, self.label = settings.name, settings.label
        self._settings, self._clock = settings, clock

    def address(self, person: Any) -> str:
        return str(person.login) if self._settings.reaches(person.unit_path) else ""

    def send(self, message: Message, key: str) -> Outcome:
        at = self._clock.now().timestamp()
        text = cut(f"{_names(message.receivers)}\n{message.whole}", LONGEST)
        phones = [each.phone for each in message.receivers if each.phone][:MENTIONED]
        url, secret = self._settings.url, self._settings.secret
        body: dict[str, Any]
        if self._settings.kind == FEISHU:
            body = {"msg_type": "text", "content": {"text": text}}
            if secret:
                body |= {"timestamp": str(int(at)), "sign": feishu_sign(secret, int(at))}
        elif self._settings.kind == DINGTALK:
            body = {
                "msgtype": "text",
                "text": {"content": text},
                "at": {"atMobiles": phones, "isAtAll": False},
            }
            if secret:
                joined = "&" if "?" in url else "?"
                url += f"{joined}timestamp={int(at * 1000)}&sign={dingtalk_sign(secret, int(at * 1000))}"
        else:
            body = {"msgtype": "text", "text": {"content": text, "mentioned_mobile_list": phones}}
        return post(url, orjson.dumps(body), {}, self._judged, secrets=(secret,))

    def _judged(self, answer: Any) -> Outcome:
        """The three answer 200 whatever they think: what counts is a code in the body, 0 for taken."""
        found: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
        code = next((found[name] for name in ("errcode", "code", "StatusCode") if name in found), None)
        if code == 0:
            return Sent()
        said = f"{code} {found.get('errmsg') or found.get('msg') or ''}".strip()
        if code in TOO_MUCH[self._settings.kind]:
            return Refused(said)
        return TryAgain(said if found else "The robot answered with no JSON object.", whole=True)


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """加签: the secret is the key, and what is signed the time and the secret."""
    made = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), sha256)
    return quote_plus(base64.b64encode(made))


def feishu_sign(secret: str, seconds: int) -> str:
    """签名校验: time and secret are the key, and nothing is signed."""
    return base64.b64encode(hmac.digest(f"{seconds}\n{secret}".encode(), b"", sha256)).decode()


def cut(text: str, most: int) -> str:
    """The text in so many bytes of UTF-8 at most, with … where something is missing."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"


def _names(receivers: tuple[Receiver, ...]) -> str:
    named = "、".join(each.name for each in receivers[:NAMED])
    return f"{named}等 {len(receivers)} 人：" if len(receivers) > NAMED else f"{named}："
