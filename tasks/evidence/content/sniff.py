"""What a file is, told from its content: never from its name, nor from what the sender says of it."""

from __future__ import annotations

from typing import IO

from tasks.evidence.content.bounds import Data, broken, double, pieces
from tasks.evidence.content.packed import packed_type
from tasks.evidence.content.sound import check_sound
from tasks.evidence.kinds import (
    AMR,
    FLAC,
    GIF,
    JPEG,
    M4A,
    MEDIA,
    MP3,
    OGG,
    PDF,
    PICTURES,
    PNG,
    TIFF,
    WAV,
    WEBP,
)
from tasks.evidence.refusals import PaperRefused

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"%PDF-1.", PDF),
    (b"%PDF-2.", PDF),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"#!AMR\n", AMR),
    (b"#!AMR-WB\n", AMR),
    (b"ID3", MP3),
)
_NOT_TAKEN: tuple[tuple[bytes, str, str], ...] = (
    (b"MZ", "a Windows program", "Windows 程序"),
    (b"\x7fELF", "a program", "程序"),
    (b"\xcf\xfa\xed\xfe", "a program", "程序"),
    (b"\xca\xfe\xba\xbe", "a program", "程序"),
    (b"#!", "a script", "脚本"),
    (b"Rar!", "an archive", "压缩包"),
    (b"7z\xbc\xaf", "an archive", "压缩包"),
    (b"\x1f\x8b", "an archive", "压缩包"),
    (b"BZh", "an archive", "压缩包"),
    (b"\xfd7zXZ", "an archive", "压缩包"),
    (b"\xd0\xcf\x11\xe0", "a document of an old Office, which may hold macros; save it as docx, xlsx or PDF",
     "旧版 Office 文档（可能含宏），请另存为 docx、xlsx 或 PDF"),
    (b"{\\rtf", "an RTF document; save it as docx or PDF", "RTF 文档，请另存为 docx 或 PDF"),
)  # fmt: skip
_MARKUP = (
    b"<html",
    b"<script",
    b"<!doctype",
    b"<svg",
    b"<body",
    b"<iframe",
    b"<?xml",
    b"<?php",
    b"<head",
    b"<x:",
)
_ACTIVE = (b"<html", b"<script", b"<!doctype", b"<svg", b"<body", b"<iframe", b"<?php", b"<head")
"""What no browser may find at the beginning of a file that is something else."""
_HIDDEN = (
    b"<script",
    b"<iframe",
    b"<!doctype html",
    b"<html>",
    b"<html ",
    b"rar!\x1a\x07",
    b"7z\xbc\xaf'\x1c",
)
"""What no file of ours has in the open; compared in lower case."""
_SNIFFED = 2048
"""Browsers look at the first 1,445 bytes when they guess."""


def recognise(data: Data, file: IO[bytes]) -> str:
    """The media type of a whole file, one of `kinds.MEDIA`. `data` is the map of `file`.

    Raises PaperRefused, naming what it is instead, when it is of no type that is taken, is damaged, or is two things at
    once. Pictures are only told apart here; `photos.clean` looks at them closer.
    """
    head = data[:_SNIFFED]
    found = _type_of(head)
    if found is None and head.startswith(b"PK"):
        return packed_type(data, file)
    if found is None:
        raise _not_taken(head)
    what, zh = found.rpartition("/")[2].upper(), MEDIA[found].zh
    if _has(head, _ACTIVE):
        raise double(f"a file of the type {what}", zh)
    if found == PDF:
        _check_pdf(data)
    elif found not in PICTURES:
        check_sound(data, found)
    if _ends_as_archive(data) or (found not in PICTURES and _carries(data)):
        raise double(f"a file of the type {what}", zh)
    return found


def _type_of(head: bytes) -> str | None:
    for beginning, media in _BEGINNINGS:
        if head.startswith(beginning):
            return media
    if head[:4] == b"RIFF":
        return {b"WAVE": WAV, b"WEBP": WEBP}.get(head[8:12])
    if head[4:8] == b"ftyp" and head[8:12] not in (b"heic", b"heix", b"mif1", b"avif"):
        return M4A
    return (
        MP3
        if head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xfa", b"\xf3", b"\xf2", b"\xe3", b"\xe2")
        else None
    )


def _not_taken(head: bytes) -> PaperRefused:
    english, chinese = next(
        ((en, zh) for beginning, en, zh in _NOT_TAKEN if head.startswith(beginning)), ("", "")
    )
    if not english and head[4:8] == b"ftyp":
        english, chinese = "a HEIC or AVIF picture; save it as JPEG", "HEIC/AVIF 图片，请转换为 JPEG"
    elif not english and _has(head, _MARKUP):
        english, chinese = "HTML, SVG, XML or a script", "网页、SVG、XML 或脚本"
    elif not english:
        english, chinese = "of no type that is known, or plain text", "未知类型或纯文本"
    return PaperRefused(
        f"The file is {english}; JPEG, PNG, WebP, GIF, TIFF, PDF, OFD, docx, xlsx, pptx and the usual sound files are taken.",
        f"文件是{chinese}；可上传 JPEG、PNG、WebP、GIF、TIFF、PDF、OFD、docx、xlsx、pptx 和常见录音格式。",
    )


def _has(head: bytes, marks: tuple[bytes, ...]) -> bool:
    texts = [head.lower()]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        texts.append(texts[0].replace(b"\x00", b""))
    return any(mark in text for text in texts for mark in marks)


def _carries(data: Data) -> bool:
    """Whether another kind of file stands in it in the open."""
    before = b""
    for piece in pieces(data, 0, len(data)):
        text = before + piece.lower()
        if any(mark in text for mark in _HIDDEN):
            return True
        before = text[-32:]
    return False


def _ends_as_archive(data: Data) -> bool:
    """Whether what opens archives would find one here: they look for its table from the end."""
    tail = max(0, len(data) - 65_557)
    at = data.rfind(b"PK\x05\x06", tail)
    while at >= 0:
        length = int.from_bytes(data[at + 12 : at + 16], "little")
        if at + 22 <= len(data) and (length == 0 or data[at - length : at - length + 4] == b"PK\x01\x02"):
            return True
        at = data.rfind(b"PK\x05\x06", tail, at)
    return False


def _check_pdf(data: Data) -> None:
    end = data.rfind(b"%%EOF", max(0, len(data) - 4096))
    if end < 0 or data.rfind(b"startxref") < 0:
        raise broken("a PDF", "PDF")
    if data[end + 5 :].strip(b"\x00\r\n\t \x1a"):
        raise double("a PDF", "PDF")
