"""Which characters can be printed, and what stands for one that cannot: nothing is dropped without a trace."""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path

from pylopdf_fonts_zh_cn import sans_path, serif_path

FONTS: tuple[Path, ...] = (serif_path(), sans_path())
"""Noto Serif SC for what is read, Noto Sans SC for headings; both under the SIL Open Font License 1.1."""
RUN = 40
"""How many letters and digits may follow each other without a place to break the line."""
_BREAK = "\u200b"
_LONG = re.compile(rf"[^\s\u2e80-\uffef\U00020000-\U0003ffff{_BREAK}]{{16,}}")
_KEPT = frozenset("\n")


@cache
def printable() -> frozenset[int]:
    """The code points both fonts have. Read from the fonts once per process."""
    serif, sans = (_characters(path) for path in FONTS)
    return serif & sans


def sayable(text: str, run: int = RUN) -> str:
    """The text as it can be printed, on lines that can be broken.

    Control and direction characters, which print nothing and may turn a line round, are taken out; any other character
    that the fonts lack is named by its number, such as 〔U+1F600〕. More than `run` letters and digits without a space may be broken between any eight of them.
    """
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    have = printable()
    found = []
    for one in plain:
        if one in _KEPT or (ord(one) in have and not _is_mute(one)):
            found.append(one)
        elif unicodedata.category(one) == "Zs":
            found.append(" ")
        elif not _is_mute(one):
            found.append(f"〔U+{ord(one):04X}〕")
    return _LONG.sub(lambda long: _breakable(long, run), "".join(found))


def _is_mute(one: str) -> bool:
    """Whether a character prints nothing by its nature: controls, direction marks, joiners, selectors of a variant."""
    return unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") or 0xFE00 <= ord(one) <= 0xFE0F


def _breakable(found: re.Match[str], most: int) -> str:
    run = found[0]
    return run if len(run) <= most else _BREAK.join(run[at : at + 8] for at in range(0, len(run), 8))


def _characters(path: Path) -> frozenset[int]:
    """The code points of an OpenType font's character map (cmap, format 12, which fonts with rare characters have)."""
    data = path.read_bytes()
    (count,) = struct.unpack_from(">H", data, 4)
    tables = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0] for at in range(12, 12 + 16 * count, 16)
    }
    cmap = tables[b"cmap"]
    (subtables,) = struct.unpack_from(">H", data, cmap + 2)
    for at in range(cmap + 4, cmap + 4 + 8 * subtables, 8):
        table = cmap + struct.unpack_from(">I", data, at + 4)[0]
        if struct.unpack_from(">H", data, table)[0] == 12:
            (groups,) = struct.unpack_from(">I", data, table + 12)
            ranges = struct.iter_unpack(">III", data[table + 16 : table + 16 + 12 * groups])
            return frozenset(code for first, last, _glyph in ranges for code in range(first, last + 1))
    raise ValueError(f"The font {path.name} has no character map of format 12.")
