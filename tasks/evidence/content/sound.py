"""Recordings: whether a file that begins as one goes on as one to its end."""

from __future__ import annotations

from collections.abc import Callable

from tasks.evidence.content.bounds import Data, broken, double
from tasks.evidence.kinds import AMR, FLAC, M4A, MP3, OGG, WAV
from tasks.evidence.refusals import PaperRefused

_ENOUGH = 400
"""So many frames in a row are no accident."""
_MOST_PAGES = 200_000


def check_sound(data: Data, media_type: str) -> None:
    """Raise PaperRefused unless the file is whole and nothing follows its end."""
    _CHECKS[media_type](data)


def _wav(data: Data) -> None:
    no_wav = broken("a WAV recording", "WAV 录音")
    stop = 8 + int.from_bytes(data[4:8], "little")
    if len(data) > stop + 1:
        raise double("a WAV recording", "WAV 录音")
    at, found = 12, set[bytes]()
    for _ in range(1000):
        if at + 8 > len(data):
            break
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        found.add(name)
        at += 8 + length + length % 2
    if not {b"fmt ", b"data"} <= found or stop > len(data) or not stop - 1 <= at <= stop + 1:
        raise no_wav


_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_BITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _mp3(data: Data) -> None:
    at = 0
    if data[:3] == b"ID3":
        size = data[6:10]
        if any(byte & 0x80 for byte in size):
            raise broken("an MP3 recording", "MP3 录音")
        at = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]) + (10 if data[5] & 0x10 else 0)
    frames = 0
    while at + 4 <= len(data) and frames < _ENOUGH:
        length = _mp3_frame(data[at : at + 4])
        if not length:
            break
        frames, at = frames + 1, at + length
    if frames < 3 or (frames < _ENOUGH and len(data) - at > 64 * 1024):
        raise broken("an MP3 recording", "MP3 录音")


def _mp3_frame(head: bytes) -> int:
    """The bytes of a frame of layer III, or 0 when these are none."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bits, rate = head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] < 0xE0 or layer != 1 or version == 1 or bits in (0, 15) or rate == 3:
        return 0
    kilobits = _BITS_1[bits] if version == 3 else _BITS_2[bits]
    return (144 if version == 3 else 72) * kilobits * 1000 // _RATES[version][rate] + (head[2] >> 1 & 1)


_BRANDS = (
    b"M4A ",
    b"M4B ",
    b"mp41",
    b"mp42",
    b"isom",
    b"iso2",
    b"iso5",
    b"iso6",
    b"3gp4",
    b"3gp5",
    b"3gp6",
    b"3g2a",
)


def _m4a(data: Data) -> None:
    no_m4a = broken("an M4A recording", "M4A 录音")
    at, moov = 0, (0, 0)
    for _ in range(100_000):
        if at == len(data):
            break
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length < 8 or at + length > len(data) or not name.isascii():
            raise no_m4a
        if name == b"moov":
            moov = (at, at + length)
        at += length
    if at != len(data) or data[8:12] not in _BRANDS or data.find(b"soun", *moov) < 0:
        raise no_m4a
    if data.find(b"vide", *moov) >= 0:
        raise PaperRefused(
            "The file is a film; a recording holds sound only.", "文件是视频，录音附件只接收音频。"
        )


def _ogg(data: Data) -> None:
    no_ogg = broken("an Ogg recording", "Ogg 录音")
    if not data[28:36].startswith((b"OpusHead", b"\x01vorbis"[:8], b"Speex   ", b"\x7fFLAC")):
        raise no_ogg
    at = 0
    for _ in range(_MOST_PAGES):
        if at >= len(data):
            break
        if data[at : at + 5] != b"OggS\x00" or at + 27 > len(data):
            raise double("an Ogg recording", "Ogg 录音") if at else no_ogg
        table = data[at + 27 : at + 27 + data[at + 26]]
        at += 27 + len(table) + sum(table)
    if at != len(data):
        raise no_ogg


def _flac(data: Data) -> None:
    no_flac = broken("a FLAC recording", "FLAC 录音")
    if data[4] & 0x7F != 0 or int.from_bytes(data[5:8], "big") != 34:
        raise no_flac
    at = 4
    for _ in range(1000):
        last, length = data[at] & 0x80, int.from_bytes(data[at + 1 : at + 4], "big")
        at += 4 + length
        if last or at + 4 > len(data):
            break
    if data[at : at + 2] not in (b"\xff\xf8", b"\xff\xf9"):
        raise no_flac


_AMR_NARROW = (12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0)
_AMR_WIDE = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0)


def _amr(data: Data) -> None:
    wide = data[:9] == b"#!AMR-WB\n"
    at, frames = (9, 0) if wide else (6, 0)
    while at < len(data) and frames < _ENOUGH:
        length = (_AMR_WIDE if wide else _AMR_NARROW)[data[at] >> 3 & 15]
        if length < 0 or data[at] & 0x83 or at + 1 + length > len(data):
            break
        frames, at = frames + 1, at + 1 + length
    if not frames or (at != len(data) and frames < _ENOUGH):
        raise broken("an AMR recording", "AMR 录音")


_CHECKS: dict[str, Callable[[Data], None]] = {
    WAV: _wav,
    MP3: _mp3,
    M4A: _m4a,
    OGG: _ogg,
    FLAC: _flac,
    AMR: _amr,
}
