"""Writes a TIFF anew (TIFF 6.0): its pages with the tags a picture needs, and no byte that no page points at."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import IO

from tasks.evidence.content.bounds import MOST_PARTS, Data, broken, check_dimensions, pieces
from tasks.evidence.refusals import PaperRefused

_WIDTH, _HEIGHT, _COMPRESSION = 256, 257, 259
_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 273, 279, 324, 325
_OLD_JPEG = 6
_KEPT = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291, 292, 293, 296}
    | {297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341, 347, 529, 530, 531, 532}
    | {34675}  # the colour profile
)  # fmt: skip
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_MOST_PAGES = 2_000
_LONGEST_VALUE = 8 * 1024 * 1024

Entry = tuple[int, int, bytes]
"""Type, count, value."""


def clean_tiff(data: Data, into: IO[bytes]) -> None:
    """Write the TIFF in `data` to `into` without metadata. Raises PaperRefused."""
    no_tiff = broken("a TIFF picture", "TIFF 图片")
    order = "<" if data[:2] == b"II" else ">"
    into.write(data[:4] + b"\x00" * 4)
    patch_at, seen, copied, parts = 4, set[int](), 0, 0
    try:
        page_at = struct.unpack_from(order + "I", data, 4)[0]
        while page_at:
            if page_at in seen or len(seen) >= _MOST_PAGES:
                raise no_tiff
            seen.add(page_at)
            page, next_at = _page(data, order, page_at, no_tiff)
            offsets, sizes = _strips(page, order, no_tiff)
            # Pages may point at the same bytes: what is written stays of the size of what came.
            copied += sum(sizes) + sum(len(value) for _, _, value in page.values())
            parts += len(sizes)
            if copied > 2 * len(data) or parts > MOST_PARTS * 10:
                raise no_tiff
            moved = []
            for start, size in zip(offsets, sizes, strict=True):
                if start + size > len(data):
                    raise no_tiff
                moved.append(_append(into, pieces(data, start, start + size)))
            which = _STRIPS if _STRIPS in page else _TILES
            page[which] = (4, len(moved), struct.pack(f"{order}{len(moved)}I", *moved))
            patch_at = _write_page(into, page, order, patch_at)
            page_at = next_at
    except (struct.error, IndexError):
        raise no_tiff from None
    if not seen:
        raise no_tiff


def _page(data: Data, order: str, at: int, refusal: Exception) -> tuple[dict[int, Entry], int]:
    count = struct.unpack_from(order + "H", data, at)[0]
    found: dict[int, Entry] = {}
    for number in range(count):
        here = at + 2 + 12 * number
        tag, kind, length = struct.unpack_from(order + "HHI", data, here)
        if tag not in _KEPT:
            continue
        size = _SIZES.get(kind, 0) * length
        if not 0 < size <= _LONGEST_VALUE:
            raise refusal
        start = here + 8 if size <= 4 else struct.unpack_from(order + "I", data, here + 8)[0]
        if start + size > len(data):
            raise refusal
        found[tag] = (kind, length, data[start : start + size])
    if not {_WIDTH, _HEIGHT} <= found.keys():
        raise refusal
    check_dimensions(_numbers(found[_WIDTH], order)[0], _numbers(found[_HEIGHT], order)[0])
    if _COMPRESSION in found and _numbers(found[_COMPRESSION], order)[0] == _OLD_JPEG:
        raise PaperRefused(
            "The TIFF holds a JPEG in the outdated way nobody reads alike; save it again as TIFF, PDF or JPEG.",
            "TIFF 采用了已废弃的 JPEG 压缩方式，请另存为 TIFF、PDF 或 JPEG 后再上传。",
        )
    return found, int(struct.unpack_from(order + "I", data, at + 2 + 12 * count)[0])


def _strips(page: dict[int, Entry], order: str, refusal: Exception) -> tuple[list[int], list[int]]:
    places, sizes = (_STRIPS, _STRIP_SIZES) if _STRIPS in page else (_TILES, _TILE_SIZES)
    if places not in page or sizes not in page:
        raise refusal
    found = _numbers(page[places], order), _numbers(page[sizes], order)
    if len(found[0]) != len(found[1]):
        raise refusal
    return found


def _numbers(entry: Entry, order: str) -> list[int]:
    kind, count, value = entry
    return list(struct.unpack(f"{order}{count}{'H' if kind == 3 else 'I'}", value))


def _append(into: IO[bytes], content: Iterable[bytes]) -> int:
    at = into.seek(0, 2)
    if at % 2:
        into.write(b"\x00")
        at += 1
    for piece in content:
        into.write(piece)
    return at


def _write_page(into: IO[bytes], page: dict[int, Entry], order: str, patch_at: int) -> int:
    """Append a page and let what comes before it point there; return where the next page's place is to be written."""
    entries = b""
    for tag in sorted(page):
        kind, count, value = page[tag]
        place = (
            value.ljust(4, b"\x00") if len(value) <= 4 else struct.pack(order + "I", _append(into, [value]))
        )
        entries += struct.pack(order + "HHI", tag, kind, count) + place
    at = _append(into, [struct.pack(order + "H", len(page)) + entries + b"\x00" * 4])
    into.seek(patch_at)
    into.write(struct.pack(order + "I", at))
    into.seek(0, 2)
    return at + 2 + len(entries)
