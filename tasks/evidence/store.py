"""Where the bytes of papers lie: in pieces in the database, or as files under the home folder. Neither is ever changed."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.evidence.cabinet import DISK, Cabinet
from tasks.evidence.refusals import PaperDamaged
from tasks.evidence.tables import Attachment, AttachmentChunk

PIECE = 512 * 1024
GRACE = timedelta(hours=1)
"""How old a file without a row must be to count as left behind: no transaction takes that long."""
_CHUNK = table(AttachmentChunk)
_KEEP = sa.insert(_CHUNK)


def keep(session: Session, cabinet: Cabinet, attachment_id: UUID, file: IO[bytes]) -> None:
    """Keep the bytes of an attachment whose row this transaction has written.

    On disk they are safe under their name before the transaction ends: if it does not end well, `sweep` finds a file
    without a row, never a row without a file.
    """
    file.seek(0)
    if cabinet.store == DISK:
        _write(_path(cabinet, attachment_id), file)
        return
    number = 0
    while piece := file.read(PIECE):
        session.execute(_KEEP, {"attachment_id": attachment_id, "number": number, "content": piece})
        number += 1


def content(session: Session, cabinet: Cabinet, attachment_id: UUID, store: str) -> Iterator[bytes]:
    """The bytes of an attachment, piece by piece. Raises PaperDamaged when there is nothing."""
    if store == DISK:
        try:
            with _path(cabinet, attachment_id).open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError:
            raise PaperDamaged(attachment_id) from None
        return
    wanted = sa.select(_CHUNK.c.content).where(
        _CHUNK.c.attachment_id == attachment_id, _CHUNK.c.number == sa.bindparam("number")
    )
    number = 0
    while (chunk := session.scalar(wanted, {"number": number})) is not None:
        yield bytes(chunk)
        number += 1


def sweep(session: Session, cabinet: Cabinet, now: datetime) -> int:
    """Delete files that no row names and that are older than an hour; returns how many."""
    gone = 0
    for group in sorted(cabinet.folder.iterdir()) if cabinet.folder and cabinet.folder.is_dir() else ():
        old = {
            path
            for path in (group.iterdir() if group.is_dir() else ())
            if _written(path) < (now - GRACE).timestamp()
        }
        named = {path: _id_of(path) for path in old}
        ids = [one for one in named.values() if one is not None]
        there = set(session.scalars(sa.select(Attachment.id).where(Attachment.id.in_(ids)))) if ids else set()
        for path in (path for path, one in named.items() if one not in there):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf  # it has just been given its name, or has just been swept by another worker


def _path(cabinet: Cabinet, attachment_id: UUID) -> Path:
    """Made of the id alone, which is ours: nothing a person typed is ever part of a path."""
    if cabinet.folder is None:
        raise PaperDamaged(attachment_id)
    return cabinet.folder / attachment_id.hex[-2:] / attachment_id.hex


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(hex=path.name)
    except ValueError:
        return None


def _write(path: Path, file: IO[bytes]) -> None:
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.part")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        while piece := file.read(PIECE):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(path)
    for folder in (path.parent, path.parent.parent):
        _settle(folder)


def _settle(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
