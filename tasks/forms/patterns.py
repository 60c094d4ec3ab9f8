"""Patterns written by form authors, matched with a deadline: Python's own `re` cannot be interrupted."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from engine.errors import InvalidInput

DEADLINE = 0.1
"""Seconds one match may take; a pattern that needs longer does not match."""


class SafePattern:
    """A compiled pattern with the browser's meaning: found anywhere in the text unless anchored."""

    def __init__(self, text: str) -> None:
        if len(text) > 1000:
            raise InvalidInput("A pattern of the form is longer than 1000 characters.")
        try:
            self._compiled = regex.compile(text)
        except (regex.error, RecursionError) as error:
            raise InvalidInput(f"A pattern of the form does not compile: {text!r}: {error}.") from error

    def found_in(self, text: str) -> bool:
        try:
            return self._compiled.search(text, timeout=DEADLINE) is not None
        except TimeoutError:
            return False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of text the form can ask for by name."""

    name: str
    name_zh: str
    pattern: SafePattern


EMAIL = Kind("an e-mail address", "电子邮件地址", SafePattern(r"^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$"))
# The browser asks for +86…; numbers as people here write them are as good.
PHONE = Kind("a phone number", "电话号码", SafePattern(r"^(\+|00)?\d[\d \-]{4,20}\d$"))
