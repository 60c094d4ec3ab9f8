"""What I want to be told outside the pages: a part of the page of my account."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask import request

from admin.page import Page
from admin.show.language import plain
from engine.errors import InvalidInput
from tasks.notices.defaults import FOR_INFORMATION, HOW, LADDER, default
from tasks.notices.preferences import prefer, preferences
from tasks.notices.receiving import addresses
from tasks.notices.times import DAILY, Digest, Quiet
from tasks.talk.causes import CAUSES, NAMES

FIELD = "how/"
"""What a field of the form is called, before cause and channel: how/mention/email."""

HOURLY = "hourly"

GROUPS = (
    ("预警与督办", "Warnings and supervision", LADDER),
    ("要我办的", "What asks for me", CAUSES.keys() - LADDER - FOR_INFORMATION),
    ("供我知悉", "For information", FOR_INFORMATION),
)
"""Causes as they stand on the page."""


def shown(page: Page) -> dict[str, Any]:
    """What the template needs. A channel that does not reach me is only named."""
    at = addresses(page.session, page.deps, page.caller)
    wanted = preferences(page.session, page.deps, page.caller)
    channels = page.deps.channels
    reached = [channel for name, channel in channels.items() if at[name]]
    return {
        "wanted": wanted,
        "channels": [
            (channel.name, channel.label or channel.name, "" if channel.shared else at[channel.name])
            for channel in reached
        ],
        "missing": [channels[name].label for name in ("email", "sms") if name in channels and not at[name]],
        "groups": [
            (zh, en, [(cause, NAMES.get(cause, (cause, cause))) for cause in CAUSES if cause in causes])
            for zh, en, causes in GROUPS
        ],
        "how": {each: HOW_NAMES[each] for each in HOW},
        "usual": {(cause, channel.name): default(cause, channel) for cause in CAUSES for channel in reached},
    }


HOW_NAMES = {"at_once": ("立即", "At once"), "digest": ("汇总", "Digest"), "never": ("不发", "Never")}


def keep(page: Page) -> str:
    """Keep what the form says, or nothing but the defaults. Returns what is wrong with it; empty where it is kept."""
    if request.form.get("defaults"):
        prefer(page.session, page.deps, page.caller, {}, None)
        return ""
    how = dict(preferences(page.session, page.deps, page.caller).how)
    for name, value in request.form.items():
        cause, slash, channel = name.removeprefix(FIELD).partition("/")
        if name.startswith(FIELD) and slash:
            how[cause, channel] = value
    begins, ends = request.form.get("begins", ""), request.form.get("ends", "")
    try:
        quiet = Quiet(_time(begins), _time(ends)) if begins or ends else None
        prefer(page.session, page.deps, page.caller, how, quiet, _digest(request.form.get("digest", "")))
    except ValueError:
        return plain(
            "免打扰时段要写明起止时间，汇总时间应为整点。",
            "Quiet hours need a beginning and an end, and a digest its hour.",
        )
    except InvalidInput as refusal:
        return plain(str(refusal.facts.get("message_zh", "")), str(refusal))
    return ""


def _digest(text: str) -> Digest:
    """What the field sends: an hour, or HOURLY; raises ValueError."""
    if text == HOURLY:
        return Digest(None)
    return Digest(int(text)) if text else DAILY


def _time(text: str) -> time:
    """What a time field sends, such as 22:00; raises ValueError."""
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (a time of every day)
