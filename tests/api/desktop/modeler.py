"""The free Camunda Modeler as its source has it: the bytes it sends, and what it makes of an answer.

After client/src/plugins/camunda-plugin/shared/CamundaAPI.js and RestAPI.js (versions 3.5 to 5.x send the same).
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

BOUNDARY = "----WebKitFormBoundaryp7MA4YWxkTrZu0gW"
PARSE_ERROR_PREFIX = "ENGINE-09005 Could not parse BPMN process."


@dataclass
class Modeler:
    """client: Flask's. url: what was typed as REST endpoint, below the host."""

    client: Any
    url: str = "/engine-rest"
    headers: dict[str, str] = field(default_factory=dict)

    def basic(self, login: str, password: str) -> Modeler:
        said = b64encode(f"{login}:{password}".encode("latin-1")).decode()
        return Modeler(self.client, self.url, {"Authorization": f"Basic {said}"})

    def bearer(self, token: str) -> Modeler:
        return Modeler(self.client, self.url, {"Authorization": f"Bearer {token}"})

    def at(self, url: str) -> Modeler:
        return Modeler(self.client, url, self.headers)

    def check_connection(self) -> Any:
        return self._fetch("GET", "/deployment?maxResults=0")

    def get_version(self) -> Any:
        return self._fetch("GET", "/version")

    def deploy(
        self, name: str, contents: bytes, *attachments: tuple[str, bytes], title: str = "", **more: str
    ) -> Any:
        """deployDiagram: the fields in its order, the diagram as text/xml under its own name, then the attachments."""
        fields = {
            "deployment-name": title or name.rpartition(".")[0],
            "deployment-source": "Camunda Modeler",
            "enable-duplicate-filtering": "true",
            **more,
        }
        body = b"".join(_part(f'name="{_quoted(key)}"', value.encode()) for key, value in fields.items())
        for number, (file, content) in enumerate([(name, contents), *attachments]):
            kind = "application/octet-stream" if number else "text/xml"
            body += _part(f'name="{_quoted(file)}"; filename="{_quoted(file)}"', content, kind)
        return self._fetch(
            "POST",
            "/deployment/create",
            data=body + f"--{BOUNDARY}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
        )

    def start(self, definition_id: str, business_key: str | None = None, variables: Any = None) -> Any:
        body = {"businessKey": business_key, "variables": variables}
        return self._fetch(
            "POST",
            f"/process-definition/{definition_id}/start",
            data=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(),
            content_type="application/json",
        )

    def _fetch(self, method: str, path: str, **more: Any) -> Any:
        headers = {"accept": "application/json", "Origin": "file://", **self.headers}
        return self.client.open(
            self.url.replace("/deployment/create", "") + path, method=method, headers=headers, **more
        )


def first_definition(answer: Any) -> Any:
    """deployedProcessDefinition: what the modeler keeps to start it later."""
    return next(iter((answer.json["deployedProcessDefinitions"] or {}).values()), None)


def error_code(answer: Any) -> str:
    """What the modeler shows the user for a failed call."""
    message = (answer.json or {}).get("message") or ""
    if message.startswith(PARSE_ERROR_PREFIX):
        return "DIAGRAM_PARSE_ERROR"
    known = {
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        404: "NOT_FOUND",
        500: "INTERNAL_SERVER_ERROR",
        503: "UNAVAILABLE_ERROR",
    }
    return known.get(answer.status_code, "CONNECTION_FAILED")


def _part(disposition: str, content: bytes, kind: str = "") -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n"
    if kind:
        head += f"Content-Type: {kind}\r\n"
    return head.encode() + b"\r\n" + content + b"\r\n"


def _quoted(name: str) -> str:
    return name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")
