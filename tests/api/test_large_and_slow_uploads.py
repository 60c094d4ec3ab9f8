"""Uploads that are too large or too slow, against the real web server over a real socket."""

from __future__ import annotations

import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import sqlalchemy as sa

from tasks.evidence.receiving import Patience
from tasks.evidence.refusals import TooSlow
from tasks.evidence.tables import Attachment
from tests.redress.running import until
from tests.tasks.evidence import files

TWO_GIGABYTES = 2 * 1024**3
HEAD = (
    "POST /api/v1/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\n{more}\r\n\r\n"
)
SLOW = "Content-Length: 100000"
HELD = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
BEGINNING = (
    b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nrecording\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
)


def opened(served: Any, more: str, token: str | None = None) -> socket.socket:
    place = urlsplit(served.url)
    connection = socket.create_connection((place.hostname, place.port), 30)
    connection.sendall(HEAD.format(token=token or served.token, more=more).encode())
    return connection


def answer(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    found = b""
    while b"\r\n\r\n" not in found or len(found.partition(b"\r\n\r\n")[2]) < length_of(found):
        piece = connection.recv(65536)
        if not piece:
            break
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def length_of(found: bytes) -> int:
    for line in found.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def rows(api: Any) -> int:
    return int(api.office.scalar(sa.select(sa.func.count()).select_from(Attachment)))


def memory(served: Any) -> int:
    server = psutil.Process(served.process.pid)
    return sum(one.memory_info().rss for one in [server, *server.children(recursive=True)])


@pytest.mark.crash
def test_two_gigabytes_are_refused_and_the_server_goes_on(api: Any, served: Any) -> None:
    # Said beforehand: refused at once, without a byte of it.
    with opened(served, f"Content-Length: {TWO_GIGABYTES}") as connection:
        began = time.monotonic()
        status, told = answer(connection)
        assert status == 413 and time.monotonic() - began < 5
        assert f"{TWO_GIGABYTES} bytes" in told["detail"]
    # Sent blindly: the answer is there although nobody has read the body.
    with opened(served, f"Content-Length: {TWO_GIGABYTES}") as connection:
        connection.sendall(BEGINNING + bytes(30_000))
        assert answer(connection)[0] == 413
    # In chunks that never say how many will come: refused where it becomes too much, in memory that stays flat.
    before = memory(served)
    with opened(served, "Transfer-Encoding: chunked") as connection:
        piece = bytes(1024 * 1024)
        connection.sendall(b"%x\r\n%s\r\n" % (len(BEGINNING), BEGINNING))
        sent = 0
        try:
            while sent < TWO_GIGABYTES:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                sent += len(piece)
        except OSError:
            pass
        assert sent < 200 * 1024 * 1024
    assert memory(served) - before < 40 * 1024 * 1024
    # Without a token not even the length matters.
    with opened(served, f"Content-Length: {TWO_GIGABYTES}", "wrong") as connection:
        assert answer(connection)[0] == 401
    # A slow one holds no connection to the database, and nobody up. The listing's own transaction ends a moment
    # after its answer; one that a slow sender held would stay for as long as it sends.
    with opened(served, SLOW) as one, opened(served, SLOW) as other:
        for connection in (one, other):
            connection.sendall(BEGINNING)
        assert served("GET", "/tasks")[0] == 200
        until(lambda: api.office.scalar(sa.text(HELD)) == 0)
    # And after all that an honest one is taken, forty megabytes in memory that stays flat.
    before = memory(served)
    body = BEGINNING + files.wav(5_000) + b"\r\n--b--\r\n"
    with opened(served, f"Content-Length: {len(body)}") as connection:
        connection.sendall(body)
        status, told = answer(connection)
        assert status == 201 and told["size"] == len(files.wav(5_000))
    assert memory(served) - before < 60 * 1024 * 1024
    assert rows(api) == 1


def test_whoever_sends_a_byte_a_second_is_given_up() -> None:
    now = [0.0]

    class Dripping:
        def read(self, size: int) -> bytes:
            now[0] += 1
            return b"x"

    body = Patience(Dripping(), lambda: now[0])  # type: ignore[arg-type]
    with pytest.raises(TooSlow):
        list(iter(lambda: body.read(1024), b""))
    assert 29 <= now[0] <= 32


def test_whoever_stops_sending_is_given_up() -> None:
    class Silent:
        def read(self, size: int) -> bytes:
            raise TimeoutError

    with pytest.raises(TooSlow):
        Patience(Silent()).read(10)  # type: ignore[arg-type]
