"""Names with spaces and symbols: what a word may look like, and which known names begin at a place in a text.

FEEL lets `order-total` or `date of birth` be one name. Only a scope tells that from a subtraction or a mistake, so the
parser keeps one of these and asks for the longest known name; words side by side are one name even when unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

# DMN 1.5 grammar rules 28-29, without "?" (it stands alone) and without full-width punctuation, which an author
# typing Chinese means as punctuation.
_START: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3005-\u3007\u3021-\u302f\u3031-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\ufffd\U00010000-\U000effff"
)
BLANK: Final = "\\s\u180e\u200b\ufeff"
"""White space (rule 61), as a class of a pattern: three of them are none to Python."""
_ODD_BLANKS: Final = str.maketrans(dict.fromkeys("\u180e\u200b\ufeff", " "))
_PART: Final = _START + "0-9\u00b7\u0300-\u036f\u203f\u2040"
WORD: Final = re.compile(f"[{_START}][{_PART}]*|\\?")
PART: Final = re.compile(f"[{_PART}]")
LABEL: Final = re.compile(f"([{_START}?][{_PART}+\\-*/.’'{BLANK}?]*+):(?!:)")
"""A context key or an argument name, up to its colon."""

KEYWORDS: Final = frozenset(
    [
        "for",
        "return",
        "if",
        "then",
        "else",
        "some",
        "every",
        "satisfies",
        "in",
        "and",
        "or",
        "between",
        "instance",
        "function",
        "true",
        "false",
        "null",
    ]
)


def normal(name: str) -> str:
    """A name with its white space collapsed, as names are compared."""
    return " ".join(name.translate(_ODD_BLANKS).split())


@lru_cache(maxsize=8192)
def is_simple(name: str) -> bool:
    """One word that is no keyword: found without asking the scope."""
    return WORD.fullmatch(name) is not None and name not in KEYWORDS


@lru_cache(maxsize=8192)
def _pattern(name: str) -> re.Pattern[str]:
    body = f"[{BLANK}]+".join(re.escape(part) for part in name.split())
    return re.compile(body + (f"(?![{_PART}])" if PART.match(name[-1]) else ""))


class NameIndex:
    """The names in scope that are not simply one word, found by their first character. Scopes nest."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, dict[str, int]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        name = normal(name)
        if name and not is_simple(name):
            bucket = self._by_first.setdefault(name[0], {})
            bucket[name] = bucket.get(name, 0) + 1

    def remove(self, name: str) -> None:
        name = normal(name)
        if name and not is_simple(name):
            bucket = self._by_first[name[0]]
            bucket[name] -= 1
            if not bucket[name]:
                del bucket[name]

    def longest(self, text: str, position: int) -> tuple[str, int]:
        """The longest known name at `position` and where it ends; ("", position) when there is none."""
        best, best_end = "", position
        for name in self._by_first.get(text[position : position + 1], ()):
            match = _pattern(name).match(text, position)
            if match and match.end() > best_end:
                best, best_end = name, match.end()
        return best, best_end
