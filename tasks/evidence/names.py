"""The name a paper is kept and given out under: what a person called it, without anything that means something else."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PureWindowsPath

from tasks.evidence.kinds import MEDIA

LONGEST = 120
_FORBIDDEN = re.compile(r'[<>:"|?*;%$`\\/]')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(10))}
)


def kept_name(given: str, media_type: str) -> str:
    """Return the last part of a path without control, direction and invisible characters, with an ending that belongs to
    what the file is: `..\\a\\发票.pdf.exe` that holds a PDF becomes `发票.pdf.exe.pdf`.
    """
    last = unicodedata.normalize("NFC", given[-1000:].replace("/", "\\").rpartition("\\")[2])
    plain = "".join(one if unicodedata.category(one)[0] in "LMNPSZ" else "" for one in last)
    plain = _FORBIDDEN.sub("_", " ".join(plain.split())).strip(" .")
    endings = MEDIA[media_type].endings
    ending = PureWindowsPath(plain).suffix
    stem = plain[: -len(ending)] if ending.lower() in endings else plain
    if ending.lower() not in endings:
        ending = endings[0]
    stem = stem[:LONGEST].strip(" .") or "附件"
    if stem.partition(".")[0].strip().lower() in _DEVICES:
        stem = f"_{stem}"
    return stem + ending
