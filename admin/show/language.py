"""In which languages a page speaks: its labels in Chinese with English beside them, or in one of the two.

What a case, a form or a diagram says is data, and stays in the words of whoever wrote it.
"""

from __future__ import annotations

from flask import g, has_request_context
from markupsafe import Markup

from tasks.people.language import BOTH, EN, ZH


def spoken() -> str:
    """The language of the page that is being made: what its reader has chosen, both before somebody is signed in."""
    return str(g.get("language", BOTH)) if has_request_context() else BOTH


def both(zh: str, en: str) -> Markup:
    """A label for the eye: 中文 with the English beside it in its own style, or only one of them."""
    language = spoken()
    if language == ZH or not en:
        return Markup("{}").format(zh)
    if language == EN:
        return Markup('<span lang="en">{}</span>').format(en)
    return Markup('{} <span class="en" lang="en">{}</span>').format(zh, en)


def plain(zh: str, en: str) -> str:
    """The same where no markup may stand: attributes, titles, options, and sentences that are flashed."""
    return {ZH: zh, EN: en or zh}.get(spoken(), f"{zh} {en}".strip())


def terse(zh: str, en: str) -> Markup:
    """A label where there is room for one language only: the Chinese one for the eye, the English one for the ear."""
    if spoken() != BOTH or not en:
        return both(zh, en)
    return Markup('{} <span class="visually-hidden" lang="en">{}</span>').format(zh, en)


def tag() -> str:
    """The language of the whole document, for its `lang` attribute."""
    return "en" if spoken() == EN else "zh-CN"


def brief(zh: str, en: str) -> str:
    """One of the two where place is scarce: the Chinese, unless the page is in English."""
    return en if spoken() == EN else zh
