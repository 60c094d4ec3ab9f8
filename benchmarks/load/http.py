"""A keep-alive HTTP/1.1 client that costs the machine little: the server is what is being measured."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, headers by lower-case name, and the body."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class Connection:
    """One connection to one server; opened again when the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._buffer = b""

    def send(self, method: str, path: str, *, token: str = "", key: str = "", body: Any = None) -> Answer:
        """Send one request and wait for its answer."""
        content = b"" if body is None else orjson.dumps(body)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self._address[0]}:{self._address[1]}",
            "Accept: application/json",
            f"Content-Length: {len(content)}",
        ]
        if content:
            lines.append("Content-Type: application/json")
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if key:
            lines.append(f"Idempotency-Key: {key}")
        message = "\r\n".join(lines).encode() + b"\r\n\r\n" + content
        fresh = self._socket is None
        try:
            return self._exchange(message)
        except (ConnectionError, EOFError):
            self.close()
            if fresh:
                raise
            return self._exchange(message)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def _exchange(self, message: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(message)
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._read_more()
        status_line, *header_lines = self._buffer[:end].split(b"\r\n")
        headers = {}
        for line in header_lines:
            name, _, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get(b"content-length", b"0"))
        start = end + 4
        while len(self._buffer) < start + length:
            self._read_more()
        body = self._buffer[start : start + length]
        self._buffer = self._buffer[start + length :]
        answer = Answer(int(status_line.split()[1]), headers, body)
        if headers.get(b"connection", b"").lower() == b"close":
            self.close()
        return answer

    def _read_more(self) -> None:
        assert self._socket is not None
        more = self._socket.recv(65536)
        if not more:
            raise EOFError("the server closed the connection")
        self._buffer += more
