"""From what comes over the network to a paper that may be kept: bounded, looked at, cleaned, scanned.

All of it happens before the database is asked for anything, so that a slow upload holds no connection.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from typing import IO, Any

from engine.errors import InvalidInput
from tasks.deps import Deps
from tasks.evidence.cabinet import Cabinet
from tasks.evidence.content.bounds import broken
from tasks.evidence.content.photos import clean
from tasks.evidence.content.sniff import recognise
from tasks.evidence.kinds import KINDS, MEDIA, PICTURES, kind_of
from tasks.evidence.names import kept_name
from tasks.evidence.refusals import PaperRefused, PaperTooLarge, TooSlow

FIELDS = frozenset({"kind", "task"})
"""What an upload may say besides its file."""
PIECE = 256 * 1024
_STALL_SECONDS = 30.0
_GRACE_SECONDS = 30.0
_SLOWEST = 32 * 1024
"""Bytes a second: whoever sends slower for long keeps a thread from everybody else."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that was looked at and may be kept. `file` holds what is kept; `sha256` is of that, `uploaded_sha256` of what
    came. `notes` tell what was done to it.
    """

    file: IO[bytes]
    kind: str
    name: str
    media_type: str
    size: int
    sha256: bytes
    uploaded_sha256: bytes
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a multipart body, as the web framework has put it aside."""

    field: str
    name: str
    stream: IO[bytes]


@contextmanager
def receiving(
    deps: Deps,
    environ: MutableMapping[str, Any],
    parse: Callable[[], tuple[Mapping[str, str], list[Part]]],
) -> Iterator[tuple[Mapping[str, str], Paper]]:
    """Receive one paper: yields the other fields of the body and the paper.

    environ: of the WSGI request; its body is read by `parse`, within what the slowest sender may take. Takes a turn until
    the paper is there. Raises InvalidInput, PaperRefused, TooSlow, TooBusy, ScanFailed.
    """
    with ExitStack() as kept:
        with deps.turns.one("An upload"):
            fields, parts = _patiently(environ, parse)
            for part in parts:
                kept.callback(part.stream.close)
            unknown = set(fields) - FIELDS - {"csrf_token"}
            if unknown or len(parts) != 1 or parts[0].field != "file" or not parts[0].name:
                raise InvalidInput(
                    "An upload was sent that is not one file in the field `file` with the fields "
                    f"{', '.join(sorted(FIELDS))}.",
                    message_zh="请选择一个文件后再上传。",
                )
            paper = kept.enter_context(
                examined(deps.cabinet, parts[0].stream, name=parts[0].name, kind=fields.get("kind", ""))
            )
        yield fields, paper


@contextmanager
def examined(cabinet: Cabinet, stream: IO[bytes], *, name: str, kind: str) -> Iterator[Paper]:
    """Look at a file and yield it as a paper; its temporary files are gone afterwards.

    Raises PaperRefused when its content is not what the kind takes, is damaged, hides something or is infected;
    PaperTooLarge; ScanFailed.
    """
    chosen, limit = kind_of(kind), cabinet.limit(kind)
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.TemporaryFile())
        size, uploaded = _copied(stream, file, limit, kind)
        data = opened.enter_context(_map(file))
        with _readable():
            media_type = recognise(data, file)
        if media_type not in chosen.media:
            raise PaperRefused(
                f"The file is {MEDIA[media_type].endings[0]}; as {chosen.en} {_listed(kind, 0)} are taken.",
                f"文件是{MEDIA[media_type].zh}；“{chosen.zh}”可以上传：{_listed(kind, 1)}。",
            )
        if cabinet.scanner is not None:
            cabinet.scanner.check(file)
        digest, notes = uploaded, dict[str, Any]()
        if media_type in PICTURES:
            cleaned = opened.enter_context(tempfile.TemporaryFile())
            with _readable():
                clean(data, media_type, cleaned)
            digest, before, file = _digest(cleaned), size, cleaned
            size = cleaned.seek(0, 2)
            if digest != uploaded:
                notes = {"metadata_removed": True, "uploaded_size": before}
        file.seek(0)
        yield Paper(file, kind, kept_name(name, media_type), media_type, size, digest, uploaded, notes)


class Patience:
    """Reads a request's body and gives up on whoever sends too slowly. Raises TooSlow."""

    def __init__(self, body: IO[bytes], now: Callable[[], float] = time.monotonic) -> None:
        self._body, self._now, self._began, self._read = body, now, now(), 0

    def read(self, size: int = -1) -> bytes:
        return self._counted(lambda: self._body.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._counted(lambda: self._body.readline(size))

    def _counted(self, read: Callable[[], bytes]) -> bytes:
        if self._now() - self._began > _GRACE_SECONDS + self._read / _SLOWEST:
            raise TooSlow()
        try:
            found = read()
        except TimeoutError:
            raise TooSlow() from None
        self._read += len(found)
        return found


def _patiently(environ: MutableMapping[str, Any], parse: Callable[[], Any]) -> Any:
    body, socket = environ["wsgi.input"], environ.get("gunicorn.socket")
    environ["wsgi.input"] = Patience(body)
    if socket is not None:
        socket.settimeout(_STALL_SECONDS)
    try:
        return parse()
    finally:
        environ["wsgi.input"] = body
        if socket is not None:
            socket.settimeout(None)


def _copied(stream: IO[bytes], file: IO[bytes], limit: int, kind: str) -> tuple[int, bytes]:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        size += len(piece)
        if size > limit:
            megabytes = limit / (1024 * 1024)
            raise PaperTooLarge(
                f"The file is larger than {megabytes:g} MB, the most that is taken as {KINDS[kind].en}.",
                f"文件超过 {megabytes:g} MB，这是“{KINDS[kind].zh}”的上限。",
            )
        digest.update(piece)
        file.write(piece)
    if not size:
        raise PaperRefused("The file is empty.", "文件是空的。")
    file.flush()
    return size, digest.digest()


def _digest(file: IO[bytes]) -> bytes:
    file.flush()
    file.seek(0)
    return hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]


@contextmanager
def _readable() -> Iterator[None]:
    """Readers of formats go where the file points; one that points nowhere is damaged."""
    try:
        yield
    except (IndexError, KeyError, ValueError, OverflowError, struct.error):
        raise broken("a file of its type", "该类型的文件") from None


@contextmanager
def _map(file: IO[bytes]) -> Iterator[mmap]:
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        yield data


def _listed(kind: str, language: int) -> str:
    media = sorted(KINDS[kind].media)
    names = [MEDIA[one].zh if language else MEDIA[one].endings[0] for one in media]
    return ("、" if language else ", ").join(names)
