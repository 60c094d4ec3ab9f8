"""What a file is, is told from its content; what is not one whole thing of a known type is refused with a sentence."""

from __future__ import annotations

import io
import zlib

import pytest

from tasks.evidence.cabinet import Cabinet
from tasks.evidence.kinds import KINDS, MEDIA
from tasks.evidence.receiving import examined
from tasks.evidence.refusals import PaperRefused, PaperTooLarge
from tests.tasks.evidence import files

KIND_OF = {"image": "photo", "audio": "recording", "application": "document"}
GOOD = {
    "image/jpeg": files.picture("JPEG"),
    "image/png": files.picture("PNG"),
    "image/webp": files.picture("WEBP"),
    "image/gif": files.picture("GIF"),
    "image/tiff": files.picture("TIFF"),
    "application/pdf": files.pdf(),
    "application/ofd": files.zipped({"OFD.xml": "<ofd/>", "Doc_0/Document.xml": "<d/>"}),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": files.docx(),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": files.zipped(
        {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w/>"}
    ),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": files.zipped(
        {"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<w/>"}
    ),
    "audio/wav": files.wav(),
    "audio/mpeg": files.mp3(),
    "audio/mp4": files.m4a(),
    "audio/ogg": files.ogg(),
    "audio/flac": files.flac(),
    "audio/amr": files.amr(),
}
JPEG, PNG, GIF, ZIP = (
    GOOD["image/jpeg"],
    GOOD["image/png"],
    GOOD["image/gif"],
    files.archive(a_dot_txt="x" * 50),
)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "an archive called a picture": (ZIP, "photo", "archive"),
    "a picture with an archive behind it": (JPEG + ZIP, "photo", "something else as well"),
    "a GIF that is a Java archive": (GIF + ZIP, "photo", "something else as well"),
    "a PDF with an archive behind it": (files.pdf() + ZIP, "document", "something else as well"),
    "a PDF with a web page at its beginning": (
        files.pdf(b"<html><script>alert(1)</script>"),
        "document",
        "something else as well",
    ),
    "a PDF with a web page in the middle": (
        files.pdf(bytes(900_000) + b"<SCRIPT>x()</SCRIPT>" + bytes(500_000)),
        "document",
        "something else as well",
    ),
    "a PDF with a program behind its end": (files.pdf() + b"MZ" + bytes(100), "document", "something else"),
    "a PDF without its end": (files.pdf()[:60], "document", "damaged, cut off"),
    "a picture that is a web page to browsers": (
        JPEG[:2] + b"\xff\xfe\x00\x20<html><script>alert(1)//    " + JPEG[2:],
        "photo",
        "something else as well",
    ),
    "SVG": (SVG, "photo", "HTML, SVG"),
    "HTML": (b"<!DOCTYPE html><p>hello", "document", "HTML, SVG"),
    "HTML in UTF-16": ("<html>x</html>".encode("utf-16"), "document", "HTML, SVG"),
    "plain text": (b"just words", "document", "plain text"),
    "a shell script": (b"#!/bin/sh\nrm -rf /\n", "document", "a script"),
    "a Windows program": (b"MZ" + bytes(200), "photo", "Windows program"),
    "a Linux program": (b"\x7fELF" + bytes(200), "document", "a program"),
    "a document of an old Office": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "document",
        "old Office",
    ),
    "a HEIC picture": (b"\x00\x00\x00\x18ftypheic" + bytes(60), "photo", "save it as JPEG"),
    "a document with macros": (files.docx(**{"word/vbaProject.bin": b"x"}), "document", "macros or programs"),
    "a document with a program": (files.docx(**{"word/run.exe": b"MZ"}), "document", "macros or programs"),
    "a document with a way out": (files.docx(**{"../../etc/x": b"x"}), "document", "damaged"),
    "an archive with something behind it": (files.docx() + b"tail", "document", "something else as well"),
    "an archive with something before it": (b"PK" + files.docx(), "document", "damaged"),
    "a JPEG that is only a beginning": (JPEG[:200], "photo", "damaged, cut off"),
    "a JPEG that is an archive inside": (JPEG[:20] + ZIP + b"\xff\xd9", "photo", "something else|damaged"),
    "a PNG that is only a beginning": (PNG[:-20], "photo", "damaged, cut off"),
    "a PNG with a changed byte": (PNG[:80] + bytes([PNG[80] ^ 1]) + PNG[81:], "photo", "damaged, cut off"),
    "a PNG that unpacks to much more": (
        files.png_of(10, 10, zlib.compress(bytes(50_000_000))),
        "photo",
        "damaged, cut off",
    ),
    "a PNG of many pixels": (
        files.png_of(60_000, 60_000, zlib.compress(b"x")),
        "photo",
        "60000 × 60000 pixels",
    ),
    "a PNG of no pixels": (files.png_of(0, 5, zlib.compress(b"")), "photo", "0 × 5 pixels"),
    "a GIF of many pixels": (GIF[:6] + b"\xff\xff\xff\xff" + GIF[10:], "photo", "65535 × 65535 pixels"),
    "a GIF without its end": (GIF[:-1], "photo", "damaged, cut off"),
    "a WebP with a wrong length": (GOOD["image/webp"][:-4], "photo", "damaged, cut off"),
    "a TIFF whose pages go round": (
        b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00",
        "photo",
        "damaged, cut off",
    ),
    "a WAV with an archive behind it": (files.wav() + ZIP, "recording", "something else as well"),
    "an MP3 that is nearly nothing": (
        b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(300),
        "recording",
        "damaged",
    ),
    "an MP3 with an archive behind it": (files.mp3() + ZIP, "recording", "something else as well"),
    "an MP3 with a RAR in it": (files.mp3() + b"Rar!\x1a\x07\x00", "recording", "something else as well"),
    "an Ogg with something behind it": (files.ogg() + b"<html>", "recording", "something else as well"),
    "a film called a recording": (files.m4a(b"sounvide"), "recording", "a film"),
    "an AMR of nonsense": (b"#!AMR\n" + b"\xff" * 300, "recording", "damaged"),
    "nothing": (b"", "photo", "empty"),
}


@pytest.mark.parametrize("media_type", GOOD)
def test_every_type_that_is_taken_is_known_by_its_content(media_type: str) -> None:
    kind = KIND_OF[media_type.partition("/")[0]]
    with examined(
        Cabinet(),
        io.BytesIO(GOOD[media_type]),
        name="lies.exe",
        kind=kind if media_type != "application/ofd" else "original",
    ) as paper:
        assert paper.media_type == media_type
        assert paper.name == "lies.exe" + MEDIA[media_type].endings[0]


def test_every_media_type_of_a_kind_is_tried() -> None:
    assert set(GOOD) == set(MEDIA) == {media for kind in KINDS.values() for media in kind.media}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_one_whole_paper_is_refused(name: str) -> None:
    content, kind, sentence = HOSTILE[name]
    with (
        pytest.raises(PaperRefused, match=sentence) as told,
        examined(Cabinet(), io.BytesIO(content), name="picture.jpg", kind=kind),
    ):
        pass
    assert str(told.value.facts["message_zh"])


@pytest.mark.parametrize("media_type", GOOD)
def test_no_damaged_file_ends_in_anything_but_a_refusal(media_type: str) -> None:
    content = GOOD[media_type]
    kind = next(name for name, kind in KINDS.items() if media_type in kind.media)
    for at in range(0, len(content), max(1, len(content) // 60)):
        for damaged in (
            content[:at],
            content[:at] + b"\xff" + content[at + 1 :],
            content[:at] + b"\x00" * 4 + content[at + 4 :],
        ):
            try:
                with examined(Cabinet(), io.BytesIO(damaged), name="x", kind=kind):
                    pass
            except PaperRefused:
                pass


def test_a_kind_takes_only_its_own_types() -> None:
    with (
        pytest.raises(PaperRefused, match=r"as recording .* are taken"),
        examined(Cabinet(), io.BytesIO(JPEG), name="a.mp3", kind="recording"),
    ):
        pass
    with (
        pytest.raises(PaperRefused, match="the kinds are signature, recording"),
        examined(Cabinet(), io.BytesIO(JPEG), name="a.jpg", kind="selfie"),
    ):
        pass


def test_a_file_above_its_kinds_limit_is_refused_without_being_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, into: memoryview) -> int:  # type: ignore[override]
            self.given += len(into)
            return len(into)

    source = Endless()
    with (
        pytest.raises(PaperTooLarge, match=r"larger than 1 MB"),
        examined(
            Cabinet(upload_bytes=1024 * 1024),
            source,
            name="a.jpg",
            kind="photo",  # type: ignore[arg-type]
        ),
    ):
        pass
    assert source.given < 3 * 1024 * 1024
