"""An archive is a set of files; one that lies, hides or explodes is refused in a sentence, and nothing of it is read."""

from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dialect import SourceFile, compile_files
from tests.engine.diagrams import process

DIAGRAM = process("p", "start s", "user u", "end e", "s -> u -> e").content
FORM = b'{"type": "default", "id": "f", "components": []}'


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries:
            named = zipfile.ZipInfo(name, (2026, 3, 2, 9, 0, 0)) if isinstance(name, str) else name
            archive.writestr(named, content, method)
    return target.getvalue()


def brought(content: bytes, name: str = "export.zip", *more: SourceFile):
    return compile_files([SourceFile(name, content), *more], operations=())


def renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    """The archive with a name of the same length written over another, which no tool would write."""
    assert len(old) == len(new) and content.count(old) == 2
    return content.replace(old, new)


@pytest.mark.parametrize("name", ["export.zip", "EXPORT.BAR"])
def test_an_archive_stands_for_the_files_in_it_and_is_kept_itself(name):
    content = packed(
        ("a/流程.bpmn", DIAGRAM), ("a/forms/f.form", FORM), ("a/", b""), ("icon.png", b"\x89PNG")
    )
    outcome = brought(content, name)
    assert not outcome.errors
    assert [model.key for model in outcome.models] == ["p"]
    assert outcome.kinds == {
        name: "archive", "a/流程.bpmn": "bpmn", "a/forms/f.form": "form", "icon.png": "other",
    }  # fmt: skip
    assert {file.name: file.content for file in outcome.files} == {
        name: content, "a/流程.bpmn": DIAGRAM, "a/forms/f.form": FORM, "icon.png": b"\x89PNG",
    }  # fmt: skip


def test_what_file_managers_add_is_left_out():
    content = packed(("p.bpmn", DIAGRAM), ("__MACOSX/._p.bpmn", b"\x00\x05\x16\x07"), (".DS_Store", b"x"))
    assert brought(content).kinds.keys() == {"export.zip", "p.bpmn"}


def test_a_name_written_by_a_chinese_windows_is_read():
    old, new = b"xxxx.bpmn", "流程".encode("gbk") + b".bpmn"
    assert "流程.bpmn" in brought(renamed(packed(("xxxx.bpmn", DIAGRAM)), old, new)).kinds


def linked() -> bytes:
    entry = zipfile.ZipInfo("p.bpmn")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return packed((entry, b"/etc/passwd"))


def flagged(offset_local: int, offset_central: int, value: int) -> bytes:
    """An archive with a two-byte field changed in both headers."""
    content = bytearray(packed(("p.bpmn", DIAGRAM)))
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<H", content, offset_local, value)
    struct.pack_into("<H", content, central + offset_central, value)
    return bytes(content)


def resized(size: int) -> bytes:
    """An archive whose directory says another size than the file in it has."""
    content = bytearray(packed(("p.bpmn", DIAGRAM)))
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, size)
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(packed(("p.bpmn", DIAGRAM), method=zipfile.ZIP_STORED))
    content[content.index(b"definitions")] ^= 1
    return bytes(content)


def overlapping(times: int) -> bytes:
    """Many entries of the directory that all point to one kernel of bytes."""
    one = packed(("a", zlib.compress(b"")))
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry = one[start:end]
    directory = b"".join(entry[:46] + bytes([65 + n]) + entry[47:] for n in range(times))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(directory), start, 0)
    return one[:start] + directory + tail


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (packed(), "archive-empty", "no file"),
        (packed(("a/", b"")), "archive-empty", "no file"),
        (b"not a zip", "not-an-archive", "no zip"),
        (b"MZ" + packed(("p.bpmn", DIAGRAM)), "not-an-archive", "no zip"),
        (packed(("p.bpmn", DIAGRAM))[:-10], "archive-damaged", "incomplete"),
        (packed(("p.bpmn", DIAGRAM))[:60], "archive-damaged", "incomplete"),
        (damaged(), "archive-damaged", "p.bpmn"),
        (resized(10), "archive-damaged", "p.bpmn"),
        (resized(10**6), "archive-damaged", "p.bpmn"),
        (resized(0xFFFFFFFF), "archive-damaged", "damaged"),
        (packed(*((f"{n}.txt", b"") for n in range(201))), "archive-too-many", "201"),
        (packed(*((f"{n}.txt", b"") for n in range(3000))), "archive-too-many", "3000"),
        (packed(("p.bpmn", b"x" * (5 * 1024 * 1024 + 1))), "archive-too-large", "5242880"),
        (packed(*((f"{n}.bpmn", b"x" * 3_000_000) for n in range(4))), "archive-bomb", "100 times"),
        (packed(("in.zip", packed(("p.bpmn", DIAGRAM)))), "archive-nested", "in.zip"),
        (packed(("p.bpmn", packed(("p.bpmn", DIAGRAM)))), "archive-nested", "p.bpmn"),
        (packed(("a.gz", b"\x1f\x8bxx")), "archive-nested", "a.gz"),
        (packed(("../p.bpmn", DIAGRAM)), "archive-name", ".."),
        (packed(("/etc/p.bpmn", DIAGRAM)), "archive-name", "absolute"),
        (packed(("C:/p.bpmn", DIAGRAM)), "archive-name", "absolute"),
        (packed(("nul.bpmn", DIAGRAM)), "archive-name", "device"),
        (renamed(packed(("a/b.bpmn", DIAGRAM)), b"a/b.bpmn", b"a\\b.bpmn"), "archive-name", "backslash"),
        (renamed(packed(("pxx.bpmn", DIAGRAM)), b"pxx.bpmn", b"p\0x.bpmn"), "archive-name", "control"),
        (packed(("P.bpmn", DIAGRAM), ("p.bpmn", DIAGRAM)), "archive-name", "twice"),
        (linked(), "archive-link", "link"),
        (flagged(6, 8, 1), "archive-encrypted", "password"),
        (flagged(8, 10, 12), "archive-method", "deflate"),
        (overlapping(50), "archive-overlaps", "over each other"),
    ],
    ids=lambda value: value if isinstance(value, str) else "archive",
)
def test_an_archive_that_cannot_be_trusted_is_refused_with_the_reason(content, code, word):
    outcome = brought(content)
    assert [finding.code for finding in outcome.errors] == [code]
    [finding] = outcome.errors
    assert word in finding.message and finding.message.endswith("Nothing in it was read.")
    assert finding.message_zh.startswith("压缩文件“export.zip”") and finding.message_zh.endswith("没有读取。")
    assert outcome.kinds == {"export.zip": "archive"}


def test_two_files_of_one_name_are_refused_with_the_same_name_twice_in_an_archive(recwarn):
    outcome = brought(packed(("p.bpmn", DIAGRAM), ("p.bpmn", DIAGRAM)))
    assert [finding.code for finding in outcome.errors] == ["archive-name"]
    recwarn.clear()  # packing it made zipfile warn


def test_a_file_beside_an_archive_may_not_have_the_name_of_one_in_it():
    outcome = brought(packed(("p.bpmn", DIAGRAM)), "x.zip", SourceFile("p.bpmn", DIAGRAM))
    assert [finding.code for finding in outcome.errors] == ["duplicate-file"]


def test_an_archive_packed_as_a_stream_is_read():
    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.kept = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.kept += bytes(data)
            return len(data)

    target = Stream()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # sizes stand behind the data
        archive.writestr("p.bpmn", DIAGRAM)
    assert [model.key for model in brought(target.kept).models] == ["p"]


def test_a_bomb_takes_no_more_memory_than_its_limit():
    bomb = packed(("p.bpmn", b"\0" * 200_000_000))
    tracemalloc.start()
    try:
        assert brought(bomb).errors
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damaged_archive_makes_the_gate_fall(data):
    content = bytearray(packed(("p.bpmn", DIAGRAM), ("a/f.form", FORM)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    for finding in brought(bytes(content)).findings:
        assert finding.message and finding.message_zh
