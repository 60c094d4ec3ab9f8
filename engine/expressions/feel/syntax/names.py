"""Names with spaces and symbols: what a word may look like, and which known names begin at a place in a text.

FEEL lets `order-total` or `date of birth` be one name. Only a scope tells that from a subtraction or a mistake, so the
parser keeps one of these and asks for the longest known name; words side by side are one name even when unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
    """A name with its white space collapsed, as it is kept."""
    return " ".join(name.translate(_ODD_BLANKS).split())


def _tokens(name: str) -> str:
    """A name as names are compared: white space is no token, so `a - b` is the name `a-b` (§10.3.1.4, §10.3.1.6)."""
    return _AROUND_SYMBOL.sub(r"\1", normal(name))


MAX_NAME: Final = 200
"""Characters of a name with spaces; a longer one is not looked for."""
_SLACK: Final = 40
"""Characters of white space that may stand in a name besides one for each of its characters."""
_BLANKS: Final = re.compile(f"[{BLANK}]*")
_AROUND_SYMBOL: Final = re.compile(r" ?([-+*/.’']) ?")
_TOKEN: Final = re.compile(r"[-+*/.’']|[^-+*/.’' ]+")


def is_simple(name: str) -> bool:
    """One word that is no keyword: found without asking the scope."""
    return WORD.fullmatch(name) is not None and name not in KEYWORDS


class NameIndex:
    """The names in scope that are not simply one word. Scopes nest: `outer` is asked too, and never changed.

    Found by their first word and then by their length, so that looking takes as long with ten names as with thousands.
    """

    def __init__(self, names: Iterable[str] = (), outer: NameIndex | None = None) -> None:
        self.outer = outer
        self._by_start: dict[str, _Bucket] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        name = normal(name)
        if name and len(name) <= MAX_NAME and not is_simple(name):
            self._by_start.setdefault(_start(name, 0), _Bucket()).add(name)

    def remove(self, name: str) -> None:
        name = normal(name)
        if name and len(name) <= MAX_NAME and not is_simple(name):
            self._by_start[_start(name, 0)].remove(name)

    def longest(self, text: str, position: int) -> tuple[str, int]:
        """The longest known name at `position` and where it ends; ("", position) when there is none."""
        best = ("", position) if self.outer is None else self.outer.longest(text, position)
        bucket = self._by_start.get(_start(text, position)) if self._by_start else None
        if bucket is None or not bucket.names:
            return best
        lengths = bucket.lengths()
        following = _tokens(text[position : position + 2 * lengths[0] + _SLACK])
        for length in lengths:
            name = following[:length]
            if name in bucket.names:
                end = _end(name, text, position)
                if end <= best[1]:
                    break
                if not (PART.match(name[-1]) and PART.match(text, end)):
                    return bucket.names[name][-1], end
        return best


class _Bucket:
    """Names with the same first word: each by its tokens, as it was added each time; their lengths, longest first."""

    __slots__ = ("_lengths", "names")

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self._lengths: list[int] | None = None

    def add(self, name: str) -> None:
        self.names.setdefault(_tokens(name), []).append(name)
        self._lengths = None

    def remove(self, name: str) -> None:
        key = _tokens(name)
        self.names[key].remove(name)
        if not self.names[key]:
            del self.names[key]
        self._lengths = None

    def lengths(self) -> list[int]:
        # Two threads may both work it out, and come to the same.
        found = self._lengths
        if found is None:
            found = self._lengths = sorted({len(name) for name in self.names}, reverse=True)
        return found


def _start(text: str, position: int) -> str:
    """The word at a place, or its one character where there is none."""
    word = WORD.match(text, position)
    return word[0] if word else text[position : position + 1]


def _end(name: str, text: str, position: int) -> int:
    """Where a name that stands at a place ends there: between its tokens may be any white space."""
    for part in _TOKEN.findall(name):
        blank = _BLANKS.match(text, position)
        position = (blank.end() if blank else position) + len(part)
    return position
