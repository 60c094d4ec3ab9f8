"""Which way up a picture is: the one piece of EXIF that is kept, because without it people see the picture lying."""

from __future__ import annotations

import struct

UPRIGHT = 1
_TAG = 0x0112


def orientation_in(tiff: bytes) -> int:
    """The orientation (1 to 8) in a block of EXIF, without its `Exif` header; 1 where it says nothing that can be read."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return UPRIGHT
    try:
        at = struct.unpack_from(order + "I", tiff, 4)[0]
        for number in range(min(struct.unpack_from(order + "H", tiff, at)[0], 1000)):
            tag, kind, count = struct.unpack_from(order + "HHI", tiff, at + 2 + 12 * number)
            if tag == _TAG and kind == 3 and count == 1:
                value = int(struct.unpack_from(order + "H", tiff, at + 10 + 12 * number)[0])
                return value if 1 <= value <= 8 else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT


def exif_of(orientation: int) -> bytes:
    """A block of EXIF that says the orientation and nothing else."""
    return b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _TAG, 3, 1, orientation, 0, 0)
