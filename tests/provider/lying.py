"""A provider that lies: it hands out whatever ID token it is told to, over real HTTP, with real signatures."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}, private=True)
NEXT_KEY = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"}, private=True)


class Liar:
    """What it says, by path; a test changes it. `asked`: the paths it was asked for. `drips`: the path whose answer never
    ends, a byte at a time; `floods`: the one whose answer is endless as fast as it can.
    """

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.asked: list[str] = []
        self.drips = self.floods = ""
        self.over = threading.Event()
        self.hold = threading.Event()
        self.hold.set()
        self.says: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/me",
            },
            "/me": {"sub": "wang"},
        }
        self.publish(KEY)

    def publish(self, *keys: RSAKey) -> None:
        self.says["/keys"] = {"keys": [key.as_dict(private=False) for key in keys]}

    def hand_out(self, id_token: str) -> None:
        self.says["/token"] = {"access_token": "a", "token_type": "Bearer", "id_token": id_token}


def signed(claims: dict[str, Any], key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    """An ID token."""
    named = {"kid": key.kid} if getattr(key, "kid", None) else {}
    return jwt.encode({"alg": algorithm, **named, **header}, claims, key, algorithms=[algorithm])


@contextmanager
def lying_provider() -> Iterator[Liar]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            liar.asked.append(self.path)
            liar.hold.wait(20)
            body = json.dumps(liar.says.get(self.path, {})).encode()
            endless = {liar.drips: b" ", liar.floods: b" " * 65_536}.get(self.path, b"")
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            if not endless:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
                while endless and not liar.over.wait(0.01 if liar.drips else 0):
                    self.wfile.write(endless)
            except OSError:
                pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        liar = Liar(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield liar
        finally:
            liar.hold.set()
            liar.over.set()
            server.shutdown()
            thread.join()
