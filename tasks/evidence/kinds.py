"""What a paper may be: its kinds, the media types each takes, and how large it may get. One table."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.evidence.refusals import PaperRefused

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Media:
    """A media type: the endings its files have, the usual one first, and what people call it."""

    endings: tuple[str, ...]
    zh: str


JPEG, PNG, WEBP, GIF, TIFF = "image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff"
PDF, OFD = "application/pdf", "application/ofd"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
WAV, MP3, M4A, OGG, FLAC, AMR = "audio/wav", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/amr"

MEDIA: dict[str, Media] = {
    JPEG: Media((".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG 图片"),
    PNG: Media((".png", ".apng"), "PNG 图片"),
    WEBP: Media((".webp",), "WebP 图片"),
    GIF: Media((".gif",), "GIF 图片"),
    TIFF: Media((".tif", ".tiff"), "TIFF 图片"),
    PDF: Media((".pdf",), "PDF"),
    OFD: Media((".ofd",), "OFD"),
    DOCX: Media((".docx",), "Word 文档"),
    XLSX: Media((".xlsx",), "Excel 表格"),
    PPTX: Media((".pptx",), "PowerPoint 演示"),
    WAV: Media((".wav",), "WAV 录音"),
    MP3: Media((".mp3",), "MP3 录音"),
    M4A: Media((".m4a", ".mp4", ".3gp"), "M4A 录音"),
    OGG: Media((".ogg", ".oga", ".opus"), "Ogg 录音"),
    FLAC: Media((".flac",), "FLAC 录音"),
    AMR: Media((".amr", ".awb"), "AMR 录音"),
}
"""Every media type that is taken at all. Text, HTML, SVG and scripts are none of them: no content tells a harmless text
from a script.
"""

PICTURES = frozenset({JPEG, PNG, WEBP, GIF, TIFF})
_SCANS = frozenset({JPEG, PNG, TIFF, PDF, OFD})
_SOUND = frozenset({WAV, MP3, M4A, OGG, FLAC, AMR})


@dataclass(frozen=True, slots=True)
class Kind:
    """What a paper is in the file. `limit` in bytes; an installation may lower it, or set that of recordings."""

    zh: str
    en: str
    media: frozenset[str]
    limit: int


RECORDING, LETTER = "recording", "letter"
KINDS: dict[str, Kind] = {
    "signature": Kind("签名", "signature", frozenset({JPEG, PNG, WEBP, PDF, OFD}), 10 * MEGABYTE),
    RECORDING: Kind("录音", "recording", _SOUND, 100 * MEGABYTE),
    "original": Kind("原件", "original document", _SCANS | {WEBP}, 50 * MEGABYTE),
    "photo": Kind("照片", "photo", PICTURES, 50 * MEGABYTE),
    "document": Kind("文书", "document", _SCANS | {DOCX, XLSX, PPTX}, 50 * MEGABYTE),
    LETTER: Kind("出具的文书", "letter we made", frozenset({PDF}), 50 * MEGABYTE),
}
UPLOADED = tuple(name for name in KINDS if name != LETTER)
"""The kinds people bring. A letter is made here (`tasks.letters`), and nobody can upload one and call it ours."""


def kind_of(name: str) -> Kind:
    """The kind of that name that somebody uploads. Raises PaperRefused, listing the kinds."""
    if name in UPLOADED:
        return KINDS[name]
    raise PaperRefused(
        f"A paper of the kind {name[:40]!r} was sent; the kinds are {', '.join(UPLOADED)}.",
        f"没有“{name[:40]}”这种附件，可用的种类：" + "、".join(KINDS[one].zh for one in UPLOADED) + "。",
    )
