"""How notices leave the house, from the environment: `REDRESS_SMTP_URL`, `REDRESS_WEBHOOK_<NAME>_…`, `REDRESS_SMS_…`.

Values may hold what is secret: no refusal shows one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from tasks.notices.channels.email import EMAIL, sender_of, server_of
from tasks.notices.channels.posting import key_of, target_of
from tasks.notices.channels.settings import JSON, KINDS, SMS, SmsSettings, WebhookSettings

WEBHOOK, TEXT = "REDRESS_WEBHOOK_", "REDRESS_SMS_"
_WEBHOOK = re.compile(WEBHOOK + r"([A-Z0-9]{1,20})_(URL|KIND|SECRET|LABEL|UNIT)")
_TEXT = re.compile(TEXT + r"(URL|BODY|TYPE|HEADERS|SECRET|TAKEN|REFUSED)")
_BODY = {"to": "{to}", "text": "{text}", "id": "{id}"}
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def notice_settings(env: Mapping[str, str]) -> dict[str, Any]:
    """The fields of Settings about channels. Raises ValueError with a sentence naming the variable that is wrong."""
    return {**_mail(env), "webhooks": webhooks_of(env), "sms": sms_of(env)}


def webhooks_of(env: Mapping[str, str]) -> tuple[WebhookSettings, ...]:
    """The webhooks an environment names, by name."""
    found: dict[str, dict[str, str]] = {}
    for variable, value in _given(env, WEBHOOK):
        matched = _WEBHOOK.fullmatch(variable)
        if matched is None or matched[1].lower() in (EMAIL, SMS):
            raise ValueError(f"{variable} is no setting of a webhook: see docs/notices.md.")
        found.setdefault(matched[1], {})[matched[2]] = value
    return tuple(_webhook(name, given) for name, given in found.items())


def _webhook(name: str, given: Mapping[str, str]) -> WebhookSettings:
    if "URL" not in given:
        raise ValueError(f"{WEBHOOK}{name}_URL must be set for the webhook {name}.")
    kind = given.get("KIND", JSON)
    if kind not in KINDS:
        raise ValueError(f"{WEBHOOK}{name}_KIND must be one of {', '.join(KINDS)}.")
    _read(f"{WEBHOOK}{name}_URL", given["URL"], target_of)
    if kind == JSON:
        _read(f"{WEBHOOK}{name}_SECRET", given.get("SECRET", ""), key_of)
    return WebhookSettings(
        name.lower(),
        kind,
        given["URL"],
        given.get("SECRET", ""),
        given.get("LABEL", ""),
        given.get("UNIT", ""),
    )


def sms_of(env: Mapping[str, str]) -> SmsSettings | None:
    """The gateway for text messages; None for none."""
    given = {}
    for variable, value in _given(env, TEXT):
        matched = _TEXT.fullmatch(variable)
        if matched is None:
            raise ValueError(f"{variable} is no setting of a text message gateway: see docs/notices.md.")
        given[matched[1]] = value
    if not given:
        return None
    if "URL" not in given:
        raise ValueError(f"{TEXT}URL must be set for the other settings of the gateway to mean something.")
    if (kind := given.get("TYPE", "json")) not in ("json", "form"):
        raise ValueError(f"{TEXT}TYPE must be json or form.")
    body = _object(given, "BODY") or _BODY
    if kind == "form" and not all(isinstance(value, str) for value in body.values()):
        raise ValueError(f"{TEXT}BODY must be an object of texts to be sent as a form.")
    headers = _object(given, "HEADERS")
    for name, value in headers.items():
        if not (
            _HEADER.fullmatch(name) and isinstance(value, str) and value.isascii() and value.isprintable()
        ):
            raise ValueError(f"{TEXT}HEADERS must be an object of header names with texts in ASCII.")
    answer, equals, taken = given.get("TAKEN", "").partition("=")
    if "TAKEN" in given and not (answer and equals and taken):
        raise ValueError(f"{TEXT}TAKEN must be like code=0: a field of the answer, and what stands in it.")
    if "REFUSED" in given and not taken:
        raise ValueError(f"{TEXT}REFUSED needs {TEXT}TAKEN, which names the field of the answer.")
    return SmsSettings(
        _read(f"{TEXT}URL", given["URL"], target_of),
        body,
        kind == "form",
        headers,
        given.get("SECRET", ""),
        answer,
        _words(taken),
        _words(given.get("REFUSED", "")),
    )


def _mail(env: Mapping[str, str]) -> dict[str, Any]:
    url, sender = env.get("REDRESS_SMTP_URL", "").strip(), env.get("REDRESS_MAIL_FROM", "").strip()
    if not url:
        return {}
    _read("REDRESS_SMTP_URL", url, server_of)
    _read("REDRESS_MAIL_FROM", sender, sender_of)
    return {"smtp_url": url, "mail_from": sender}


def _given(env: Mapping[str, str], prefix: str) -> list[tuple[str, str]]:
    return [
        (name, env[name].strip()) for name in sorted(env) if name.startswith(prefix) and env[name].strip()
    ]


def _read(name: str, text: str, read: Callable[[str], Any]) -> str:
    try:
        read(text)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    return text


def _object(given: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        found = orjson.loads(given.get(name, "{}"))
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"{TEXT}{name} must be a JSON object.")
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split("|") if word)
