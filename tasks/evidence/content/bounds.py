"""The refusals all formats share, and how far a reader may go."""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap

from tasks.evidence.refusals import PaperRefused

Data = mmap
"""The bytes of a file, read where they are needed."""

MOST_PIXELS = 120_000_000
LONGEST_SIDE = 65_000
MOST_PARTS = 20_000
"""Segments, chunks, frames or pages of one file."""


_PIECE = 1024 * 1024


def pieces(data: Data, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to before `end`, a megabyte at a time."""
    for at in range(start, end, _PIECE):
        yield data[at : min(at + _PIECE, end)]


def broken(what: str, zh: str) -> PaperRefused:
    """The file begins as one of its type and is not one to its end."""
    return PaperRefused(
        f"The file begins as {what} but is damaged, cut off or only pretends to be one; send the original file again.",
        f"文件开头像{zh}，但内容损坏、不完整或只是伪装，请重新上传原文件。",
    )


def double(what: str, zh: str) -> PaperRefused:
    """The file is two things at once, depending on who opens it."""
    return PaperRefused(
        f"The file is {what} that carries something else as well; send a file that is one thing only.",
        f"文件是{zh}，但里面还藏着别的内容，请上传内容单一的文件。",
    )


def check_dimensions(width: int, height: int) -> None:
    """Refuse a picture nobody could open, by what it says of itself, before anybody decodes it. In pixels."""
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE and width * height <= MOST_PIXELS):
        raise PaperRefused(
            f"The picture says it is {width} × {height} pixels; between 1 and {MOST_PIXELS // 1_000_000} million are taken.",
            f"图片尺寸为 {width} × {height} 像素，超出允许范围（最多 {MOST_PIXELS // 10_000} 万像素）。",
        )
