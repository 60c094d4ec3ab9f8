"""Office documents are archives: whether one is a document, and only that. Nothing in it is unpacked but its table."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO

from tasks.evidence.content.bounds import Data, broken, double
from tasks.evidence.kinds import DOCX, OFD, PPTX, XLSX
from tasks.evidence.refusals import PaperRefused

_MAIN = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_TYPES = "[Content_Types].xml"
_MOST_ENTRIES = 5_000
_LONGEST_DIRECTORY = 2 * 1024 * 1024
_LARGEST_UNPACKED = 1024 * 1024 * 1024
_LARGEST_TYPES = 1024 * 1024
_RUNS = (".exe", ".dll", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jar", ".msi", ".lnk", ".sh", ".hta",
         ".html", ".htm", ".svg")  # fmt: skip


def packed_type(data: Data, file: IO[bytes]) -> str:
    """The media type of an archive that is a document. Raises PaperRefused for every other archive."""
    end = len(data) - 22
    if end < 0 or data[end : end + 4] != b"PK\x05\x06":
        raise double("an archive", "压缩包")
    entries = int.from_bytes(data[end + 10 : end + 12], "little")
    length, start = (int.from_bytes(data[end + at : end + at + 4], "little") for at in (12, 16))
    if start + length != end or entries > _MOST_ENTRIES or length > _LONGEST_DIRECTORY:
        raise broken("an archive", "压缩包")
    try:
        with zipfile.ZipFile(file) as archive:
            return _document(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError):
        raise broken("a document", "文档") from None


def _document(archive: zipfile.ZipFile) -> str:
    listed = archive.infolist()
    names = {one.filename for one in listed}
    if len(names) != len(listed) or sum(one.file_size for one in listed) > _LARGEST_UNPACKED:
        raise broken("a document", "文档")
    for one in listed:
        name = one.filename.lower()
        if one.flag_bits & 1:
            raise PaperRefused(
                "The document is locked with a password; nobody here could read or scan it. Send it unlocked.",
                "文档带有密码，无法查看和扫描，请去除密码后上传。",
            )
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise broken("a document", "文档")
        if name.endswith("vbaproject.bin") or name.endswith(_RUNS):
            raise _carries_programs()
    if "OFD.xml" in names:
        return OFD
    found = [media for part, media in _MAIN.items() if part in names]
    if _TYPES not in names or len(found) != 1:
        raise PaperRefused(
            "The file is an archive; send the files in it one by one.",
            "文件是压缩包，请把里面的文件逐个上传。",
        )
    if archive.getinfo(_TYPES).file_size > _LARGEST_TYPES:
        raise broken("a document", "文档")
    with archive.open(_TYPES) as part:
        types = part.read(_LARGEST_TYPES).lower()
    if b"macroenabled" in types:
        raise _carries_programs()
    return found[0]


def _carries_programs() -> PaperRefused:
    return PaperRefused(
        "The document carries macros or programs; save it without them, or as PDF.",
        "文档含有宏或程序，请另存为不含宏的文档或 PDF 后上传。",
    )
