"""Unpacks zip archives nobody has vouched for, in memory: nothing the archive says of itself is believed.

Zip is defined in PKWARE's APPNOTE. Only stored and deflated entries are read, each with a hard limit of bytes; what
lies, overlaps, is encrypted, links somewhere or holds a further archive refuses the whole archive.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator

from engine.dialect.files import SourceFile, is_archive, trouble_with
from engine.dialect.findings import Place, Report
from engine.dialect.refusal import Refused
from engine.dialect.strangers import archive_of

MAX_ENTRIES = 200
MAX_ENTRY = 5 * 1024 * 1024
MAX_TOTAL = 20 * 1024 * 1024
MAX_RATIO = 100
"""How much larger an archive may become, once it is more than a megabyte."""
SMALL = 1024 * 1024

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_MARK = b"PK\x01\x02"
_IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers add on their own."""


def with_contents(files: Iterable[SourceFile], report: Callable[[str], Report]) -> Iterator[SourceFile]:
    """Yield the files, and after each archive what is in it. report: gives a file's report by name."""
    for file in files:
        yield file
        if is_archive(file) and trouble_with(file.name) is None:
            yield from unpack(file, report(file.name))


def unpack(archive: SourceFile, report: Report) -> list[SourceFile]:
    """Return the files in an archive, in its order, or none when it is refused, which is reported.

    A Refused in here holds two sentences that go on after the archive's name. The files keep their names inside it; folders, and what file managers add, are left out.
    """
    try:
        found = list(_contents(archive.content))
        if not found:
            raise Refused("archive-empty", "holds no file", "中没有文件")
        return found
    except Refused as refused:
        report.error(
            refused.code,
            Place(),
            f'The archive "{archive.name}" {refused.en}. Nothing in it was read.',
            f"压缩文件“{archive.name}”{refused.zh}。其中的内容没有读取。",
        )
        return []


def _contents(content: bytes) -> Iterator[SourceFile]:
    opened = _opened(content)
    entries = opened.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _too_many(len(entries))
    _check_places(content, entries)
    total, seen = 0, dict[str, str]()
    for entry in entries:
        name = _name_of(entry)
        _check_name(entry, name, seen)
        if entry.is_dir():
            continue
        data = _read(opened, entry, name, MAX_TOTAL - total)
        total += len(data)
        if total > SMALL and total > MAX_RATIO * len(content):
            raise Refused(
                "archive-bomb",
                f"becomes more than {MAX_RATIO} times larger when it is unpacked",
                f"解压后超过原来的 {MAX_RATIO} 倍",
            )
        inner = archive_of(data)
        if inner is not None:
            raise Refused(
                "archive-nested",
                f'holds another archive, "{name[:80]}"; unpack that first',
                f"中还有压缩文件“{name[:80]}”；请先解压",
            )
        if not any(name.startswith(one) or name.rpartition("/")[2] == one for one in _IGNORED):
            yield SourceFile(name, data)


def _opened(content: bytes) -> zipfile.ZipFile:
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise Refused("not-an-archive", "is no zip archive", "不是 zip 压缩文件")
    # The directory is read as a whole before it can be looked at: its entries are counted by their marks first.
    marks = content.count(_CENTRAL_MARK)
    if marks > 10 * MAX_ENTRIES:
        raise _too_many(marks)
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (
        zipfile.BadZipFile,
        ValueError,
        OverflowError,
        struct.error,
        NotImplementedError,
        UnicodeError,
        OSError,
    ):
        raise Refused(
            "archive-damaged",
            "is damaged or incomplete; pack it again",
            "已损坏或不完整；请重新打包",
        ) from None


def _check_places(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes: that is how a small archive holds the same bomb many times."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        start = entry.header_offset
        header = content[start : start + _LOCAL_HEADER.size] if start >= 0 else b""
        if len(header) < _LOCAL_HEADER.size or start < end:
            raise Refused(
                "archive-overlaps",
                "has entries that lie over each other or outside of it",
                "中的条目互相重叠或越界",
            )
        fields = _LOCAL_HEADER.unpack(header)
        end = start + _LOCAL_HEADER.size + fields[9] + fields[10] + entry.compress_size
        if end > len(content):
            raise Refused(
                "archive-damaged",
                "is damaged or incomplete; pack it again",
                "已损坏或不完整；请重新打包",
            )


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name. Where it is not marked as UTF-8, tools wrote UTF-8 or, in China, GBK all the same."""
    name = entry.orig_filename
    if entry.flag_bits & 0x800:
        return name
    raw = name.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _check_name(entry: zipfile.ZipInfo, name: str, seen: dict[str, str]) -> None:
    shown = "".join(sign if sign.isprintable() else "�" for sign in name[:80])
    trouble = trouble_with(name.removesuffix("/") if entry.is_dir() else name)
    if trouble is not None:
        raise Refused(
            "archive-name",
            f'holds "{shown}", a name that {trouble[0]}',
            f"中的“{shown}”名称{trouble[1]}",
        )
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(
            "archive-link",
            f'holds "{shown}", which is a link or a device and no file',
            f"中的“{shown}”是链接或设备，不是文件",
        )
    other = seen.setdefault(name.casefold(), name)
    if other is not name:
        raise Refused(
            "archive-name",
            f'holds "{shown}" twice, or with capitals that differ only',
            f"中的“{shown}”重复，或仅大小写不同",
        )


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, room: int) -> bytes:
    if entry.flag_bits & 0x1:
        raise Refused(
            "archive-encrypted",
            f'is encrypted ("{name[:80]}"); pack it without a password',
            f"已加密（“{name[:80]}”）；请不设密码重新打包",
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(
            "archive-method",
            f'packs "{name[:80]}" with a method that is not read; use the usual one (deflate)',
            f"中“{name[:80]}”的压缩方法不支持；请使用常用的 deflate",
        )
    limit = min(MAX_ENTRY, room)
    try:
        with opened.open(entry) as stream:
            data = stream.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, OSError):
        data = None
    if data is not None and len(data) > limit:
        en, zh = (
            (f'"{name[:80]}" is larger than {MAX_ENTRY} bytes', f"“{name[:80]}”超过 {MAX_ENTRY} 字节")
            if limit == MAX_ENTRY
            else (f"its files have more than {MAX_TOTAL} bytes together", f"文件总共超过 {MAX_TOTAL} 字节")
        )
        raise Refused("archive-too-large", f"is too large: {en}", f"过大：{zh}")
    if data is None or len(data) != entry.file_size:
        raise Refused(
            "archive-damaged",
            f'is damaged: "{name[:80]}" is not what its directory says; pack it again',
            f"已损坏：“{name[:80]}”与目录记录不符；请重新打包",
        )
    return data


def _too_many(count: int) -> Refused:
    return Refused(
        "archive-too-many",
        f"has {count} entries; the limit is {MAX_ENTRIES}",
        f"有 {count} 个条目，上限为 {MAX_ENTRIES} 个",
    )
