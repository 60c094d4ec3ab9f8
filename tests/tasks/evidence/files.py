"""Files for tests, honest and hostile, each made here and a few kilobytes long."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

PLACE = {1: "N", 2: (34.0, 45.0, 0.0), 3: "E", 4: (113.0, 37.0, 0.0)}
"""GPS tags of a place in Henan."""


def picture(form: str, *, turned: int = 1, size: tuple[int, int] = (40, 24), **more: Any) -> bytes:
    """A picture with a place, a camera's name and, unless 1, an orientation."""
    image = Image.new("RGB", size)
    image.putdata(
        [(x * 6 % 256, y * 10 % 256, (x * y) % 256) for y in range(size[1]) for x in range(size[0])]
    )
    if form == "GIF":
        image = image.quantize(32)
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = turned
    exif.get_ifd(0x8825).update(PLACE)
    out = io.BytesIO()
    image.save(out, form, **({} if form == "GIF" else {"exif": exif}), **more)
    return out.getvalue()


def pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image.convert("RGB").tobytes()


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def png_of(width: int, height: int, packed: bytes) -> bytes:
    """A grey PNG that says it has a size and carries the given packed pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def archive(**entries: bytes | str) -> bytes:
    """A ZIP; keyword names with `__` for `/` and `_dot_` for `.`."""
    return zipped(
        {name.replace("__", "/").replace("_dot_", "."): content for name, content in entries.items()}
    )


def zipped(entries: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def docx(**more: bytes | str) -> bytes:
    types = "<Types><Override PartName='/word/document.xml' ContentType='x.main+xml'/></Types>"
    return zipped({"[Content_Types].xml": types, "word/document.xml": "<w/>", **more})


def pdf(inside: bytes = b"") -> bytes:
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n" + inside
    return body + b"\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def wav(seconds: float = 0.1) -> bytes:
    sound = bytes(int(8000 * seconds))
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    inside = b"WAVE" + form + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def mp3(frames: int = 20) -> bytes:
    return (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def amr(frames: int = 20) -> bytes:
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * frames


def ogg(pages: int = 3) -> bytes:
    def page(body: bytes) -> bytes:
        return b"OggS\x00\x02" + bytes(20) + bytes([1, len(body)]) + body

    return page(b"OpusHead" + bytes(11)) + page(bytes(50)) * pages


def flac() -> bytes:
    return b"fLaC" + b"\x80\x00\x00\x22" + bytes(34) + b"\xff\xf8" + bytes(60)


def m4a(handler: bytes = b"soun") -> bytes:
    def box(name: bytes, body: bytes) -> bytes:
        return (8 + len(body)).to_bytes(4, "big") + name + body

    return (
        box(b"ftyp", b"M4A \x00\x00\x00\x00isom") + box(b"moov", b"hdlr" + handler) + box(b"mdat", bytes(64))
    )
