"""Takes out of a picture what is not picture: places, cameras, names, thumbnails, comments, what is hidden behind its end.

Pixels are never decoded and stay as they were, byte for byte; colour profile and orientation are kept.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from typing import IO

from tasks.evidence.content.bounds import MOST_PARTS, Data, broken, check_dimensions, pieces
from tasks.evidence.content.orientation import UPRIGHT, exif_of, orientation_in
from tasks.evidence.content.tiff import clean_tiff
from tasks.evidence.kinds import GIF, JPEG, PNG, TIFF, WEBP

_UNPACKED_AT_ONCE = 1024 * 1024


def clean(data: Data, media_type: str, into: IO[bytes]) -> None:
    """Write the picture in `data` to `into` without metadata. Raises PaperRefused when it is not whole, or too large."""
    _CLEANERS[media_type](data, into)


def _copy(data: Data, start: int, end: int, into: IO[bytes]) -> None:
    for piece in pieces(data, start, end):
        into.write(piece)


# JPEG (ITU T.81 annex B, JFIF, Exif)

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_KEPT_SEGMENTS = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0)} - {0xC8})
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def _jpeg(data: Data, into: IO[bytes]) -> None:
    no_jpeg = broken("a JPEG picture", "JPEG 图片")
    into.write(b"\xff\xd8")
    head, at, sized, scans, turned = True, 2, False, 0, UPRIGHT
    for _ in range(MOST_PARTS):
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if data[at : at + 1] != b"\xff" or at + 2 > len(data):
            raise no_jpeg
        marker = data[at + 1]
        if marker == 0xD9:
            if not (sized and scans):
                raise no_jpeg
            into.write(b"\xff\xd9")
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or end > len(data) or marker < 0xC0:
            raise no_jpeg
        body = data[at + 4 : end]
        if marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            turned = orientation_in(body[6:]) if turned == UPRIGHT else turned
        elif marker == 0xE0 and body.startswith(b"JFIF\x00") and len(body) >= 14:
            into.write(b"\xff\xe0\x00\x10" + body[:12] + b"\x00\x00")  # without its thumbnail
        elif marker in _KEPT_SEGMENTS or (marker == 0xEE and body.startswith(b"Adobe")):
            if head and turned != UPRIGHT:
                exif = b"Exif\x00\x00" + exif_of(turned)
                into.write(b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif)
                head = False
            if marker in _FRAMES:
                if len(body) < 6:
                    raise no_jpeg
                check_dimensions(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
                sized = True
            _copy(data, at, end, into)
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\x00"):
            _copy(data, at, end, into)
        at = end
        if marker == 0xDA:
            scans += 1
            found = _NEXT_MARKER.search(data, at)
            if not sized or found is None:
                raise no_jpeg
            _copy(data, at, found.start(), into)
            at = found.start()
    raise no_jpeg


# PNG (ISO/IEC 15948, APNG)

_KEPT_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def _png(data: Data, into: IO[bytes]) -> None:
    no_png = broken("a PNG picture", "PNG 图片")
    into.write(data[:8])
    at, pixels = 8, None
    for _ in range(MOST_PARTS):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or (name == b"IHDR") != (pixels is None):
            raise no_png
        sum_of_it = 0
        for piece in pieces(data, at + 4, end - 4):
            sum_of_it = zlib.crc32(piece, sum_of_it)
        if sum_of_it != int.from_bytes(data[end - 4 : end], "big"):
            raise no_png
        if name == b"IHDR":
            pixels = _Inflated(_png_size(data[at + 8 : min(end - 4, at + 64)]), no_png)
        elif name == b"IDAT" and pixels:
            for piece in pieces(data, at + 8, end - 4):
                pixels.take(piece)
        elif name == b"IEND" and pixels:
            pixels.finish()
        if name == b"eXIf" and (turned := orientation_in(data[at + 8 : min(end - 4, at + 65536)])) != UPRIGHT:
            chunk = b"eXIf" + exif_of(turned)
            into.write((len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big"))
        elif name in _KEPT_CHUNKS:
            _copy(data, at, end, into)
        elif not name[:1].islower():  # a critical chunk we do not know: without it the picture is another one
            raise no_png
        at = end
        if name == b"IEND":
            return
    raise no_png


def _png_size(header: bytes) -> int:
    """How many bytes the picture of an IHDR has when it is unpacked."""
    if len(header) != 13 or header[9] not in _CHANNELS or header[12] > 1:
        raise broken("a PNG picture", "PNG 图片")
    width, height = struct.unpack(">II", header[:8])
    check_dimensions(width, height)
    bits = header[8] * _CHANNELS[header[9]]
    passes = _ADAM7 if header[12] else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


class _Inflated:
    """Counts what the pixels unpack to and throws it away: neither more nor less than the header says."""

    def __init__(self, expected: int, refusal: Exception) -> None:
        self._left, self._refusal, self._stream = expected, refusal, zlib.decompressobj()

    def take(self, packed: bytes) -> None:
        try:
            while packed and not self._stream.eof:
                self._left -= len(self._stream.decompress(packed, _UNPACKED_AT_ONCE))
                if self._left < 0:
                    raise self._refusal
                packed = self._stream.unconsumed_tail
        except zlib.error:
            raise self._refusal from None

    def finish(self) -> None:
        if self._left != 0:
            raise self._refusal


# GIF (GIF89a)

_KEPT_EXTENSIONS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"})


def _gif(data: Data, into: IO[bytes]) -> None:
    no_gif = broken("a GIF picture", "GIF 图片")
    if len(data) < 14:
        raise no_gif
    check_dimensions(*struct.unpack("<HH", data[6:10]))
    at = 13 + _colours(data[10])
    _copy(data, 0, at, into)
    frames = 0
    for _ in range(MOST_PARTS):
        kind = data[at : at + 1]
        if kind == b"\x3b":
            if not frames:
                raise no_gif
            into.write(kind)
            return
        if kind == b"\x2c" and at + 11 < len(data):
            body = at + 10 + _colours(data[at + 9]) + 1
            keep = True
            frames += 1
        elif kind == b"\x21":
            body = at + 2
            keep = data[at + 1 : at + 2] == b"\xf9" or (
                data[at + 1 : at + 3] == b"\xff\x0b" and data[at + 3 : at + 14] in _KEPT_EXTENSIONS
            )
        else:
            raise no_gif
        end = _behind_blocks(data, body, no_gif)
        if keep:
            _copy(data, at, end, into)
        at = end
    raise no_gif


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(data: Data, at: int, refusal: Exception) -> int:
    for _ in range(
        1_000 + len(data) // 16
    ):  # blocks have up to 255 bytes, and all but the last are nearly full
        if at >= len(data):
            break
        length = data[at]
        at += 1 + length
        if length == 0:
            return at
    raise refusal


# WebP (RFC 9649)

_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
_KEPT_WEBP = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})


def _webp(data: Data, into: IO[bytes]) -> None:
    no_webp = broken("a WebP picture", "WebP 图片")
    stop = 8 + int.from_bytes(data[4:8], "little")
    if stop > len(data) or stop % 2:
        raise no_webp
    kept: list[tuple[bytes, int, int]] = []
    turned, at, pictures = UPRIGHT, 12, 0
    for _ in range(MOST_PARTS):
        if at + 8 > stop:
            break
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > stop:
            raise no_webp
        if name == b"EXIF":
            turned = orientation_in(data[at + 8 : at + 8 + min(length, 65536)].removeprefix(b"Exif\x00\x00"))
        elif name in _KEPT_WEBP:
            kept.append((name, at + 8, length))
            pictures += name in (b"VP8 ", b"VP8L", b"ANMF")
        at += 8 + length + length % 2
    if not kept or not pictures or at != stop:
        raise no_webp
    first, start, length = kept[0]
    check_dimensions(*_webp_size(first, data[start : start + 10], no_webp))
    exif = exif_of(turned) if turned != UPRIGHT and first == b"VP8X" else b""
    total = 4 + sum(8 + length + length % 2 for _, _, length in kept)
    total += 8 + len(exif) if exif else 0
    into.write(b"RIFF" + total.to_bytes(4, "little") + b"WEBP")
    for name, start, length in kept:
        into.write(name + length.to_bytes(4, "little"))
        if name == b"VP8X":
            flags = data[start] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if exif else 0)
            into.write(bytes([flags]) + data[start + 1 : start + length])
        else:
            _copy(data, start, start + length, into)
        into.write(b"\x00" * (length % 2))
    if exif:
        into.write(b"EXIF" + len(exif).to_bytes(4, "little") + exif)


def _webp_size(name: bytes, body: bytes, refusal: Exception) -> tuple[int, int]:
    if name == b"VP8X" and len(body) == 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) == 10:
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise refusal


_CLEANERS: dict[str, Callable[[Data, IO[bytes]], None]] = {
    JPEG: _jpeg,
    PNG: _png,
    GIF: _gif,
    WEBP: _webp,
    TIFF: clean_tiff,
}
