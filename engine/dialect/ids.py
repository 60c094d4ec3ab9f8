"""How ids are written: as the author wrote them, as the engine keeps them, and as the pictures can show them.

An id is kept as it is wherever it can be: it becomes part of a variable's path (`form.<id>`), so it is a name, and two
underscores at its beginning are refused everywhere. Any other id is escaped as ISO/IEC 9075-14 §9.1 writes SQL names in
XML: a character that cannot stay becomes `_x`, its hexadecimal number and `_`. That is reversible, so whoever reports
or shows something gives the author's own id back.
"""

from __future__ import annotations

import re

LONGEST_ID = 200
"""Characters an author's id may have."""

LONGEST_KEPT = 9 * LONGEST_ID
"""Characters an id the engine keeps may have: each of the author's escaped."""

_PLAIN = re.compile(r"(?!__)[^\W\d][\w.-]*\Z")
_ESCAPED = re.compile(r"_x((?:10|[0-9A-F])?[0-9A-F]{4})_")
_DRAWABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_INHERITED = frozenset(
    {
        "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__", "constructor",
        "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
    }
)  # fmt: skip
"""What every JavaScript object has already: the viewer would take such an id for a repeated one."""


def engine_id(author: str) -> str:
    """Return the id the engine keeps for an author's id: the same, unless a character of it has to be escaped."""
    if _PLAIN.match(author) and not _ESCAPED.search(author):
        return author
    parts = [_kept(author, place) for place in range(len(author))]
    return "".join(parts)


def author_id(kept: str) -> str:
    """Return what the author wrote, from an id the engine keeps (or from one that was generated)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), kept)


def drawn_id(kept: str) -> str:
    """Return the id an element has in a picture (see `drawing`), from the id the engine keeps."""
    author = author_id(kept)
    if _DRAWABLE.match(author) and author not in _INHERITED:
        return author
    found = "".join(
        letter if re.match(r"[A-Za-z0-9_.-]", letter) else _escape(letter) for letter in engine_id(author)
    )
    return _escape(found[0]) + found[1:] if found in _INHERITED else found


def _kept(author: str, place: int) -> str:
    letter = author[place]
    begins_escape = letter == "_" and _ESCAPED.match(author, place)
    begins_reserved = place == 0 and (author.startswith("__") or not re.match(r"[^\W\d]", letter))
    if begins_escape or begins_reserved or not re.match(r"[\w.-]", letter):
        return _escape(letter)
    return letter


def _escape(letter: str) -> str:
    return f"_x{ord(letter):04X}_"
