"""A real HTTP server in a thread, whose answers a test may choose."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DRIP = "drip"
"""An answer that never ends: a byte of a header now and then."""


@dataclass
class Hit:
    """One call as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebServer:
    """answers: what it says in turn, a status and a body, or DRIP; then 200 with an empty object. hits: what it has got."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def web_server() -> Iterator[WebServer]:
    """Serve on this machine until the test is over."""
    made = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.hits.append(Hit(self.path, headers, body))
            what = made.answers.pop(0) if made.answers else (200, {})
            if what == DRIP:
                self._drip()
                return
            status, said = what
            text = said if isinstance(said, str) else json.dumps(said)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{made.url}/elsewhere")
            self.end_headers()
            self.wfile.write(text.encode())

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not made.closing.wait(0.05):
                try:
                    self.wfile.write(b"a")
                except OSError:
                    return

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
