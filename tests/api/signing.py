"""Signs calls as a careful client would, and lets a test spoil any part of it."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import count
from typing import Any

import orjson

from tests.api.conftest import Api

ORIGIN = "http://localhost"
_nonces = count(1)


def b64(value: bytes) -> str:
    return f":{b64encode(value).decode()}:"


class Signer:
    """Somebody with a key. `sent` makes a call; its keyword arguments replace what the signature would say."""

    def __init__(self, api: Api, key_id: str, secret: str) -> None:
        self.api, self.key_id, self.secret = api, key_id, secret

    def headers(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        components: Mapping[str, str] | None = None,
        leave_out: Sequence[str] = (),
        more: Mapping[str, str] | None = None,
        label: str = "sig1",
        **parameters: Any,
    ) -> dict[str, str]:
        """The headers of a signed call. components, parameters: other or further ones; None leaves a parameter out."""
        headers = dict(more or {})
        covered = {"@method": method, "@target-uri": ORIGIN + target}
        if body:
            headers["Content-Digest"] = "sha-256=" + b64(sha256(body).digest())
            covered["content-digest"] = headers["Content-Digest"]
        covered |= {name.lower(): value for name, value in (more or {}).items()}
        covered |= components or {}
        covered = {name: value for name, value in covered.items() if name not in leave_out}
        now = int(self.api.office.clock.now().timestamp())
        said = {
            "created": now,
            "expires": now + 60,
            "nonce": f"nonce-{next(_nonces):08}",
            "keyid": self.key_id,
            "alg": "hmac-sha256",
        } | parameters
        inputs = "(" + " ".join(f'"{name}"' for name in covered) + ")"
        for name, value in said.items():
            if value is not None:
                inputs += f";{name}=" + (f'"{value}"' if isinstance(value, str) else str(value))
        lines = [f'"{name}": {value}' for name, value in covered.items()]
        base = "\n".join([*lines, f'"@signature-params": {inputs}'])
        signature = hmac.new(self.secret.encode(), base.encode(), sha256).digest()
        return {
            **headers,
            "Signature-Input": f"{label}={inputs}",
            "Signature": f"{label}={b64(signature)}",
        }

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Any:
        typed = {"Content-Type": "application/json"} if body else {}
        return self.api.client().open(
            "/api/v1" + path, method=method, data=body or None, headers={**typed, **headers}
        )

    def call(self, method: str, path: str, data: Any = None, **spoilt: Any) -> Any:
        """Sign and send."""
        body = b"" if data is None else orjson.dumps(data)
        return self.send(method, path, self.headers(method, "/api/v1" + path, body, **spoilt), body)
