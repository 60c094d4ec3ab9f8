"""docs/signing.md: both worked examples run against a server, as they are printed."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from engine.clock import SystemClock
from tests.api.conftest import Api
from tests.tasks.office import FACTS, open_office
from tests.tasks.systems import CRM, add_systems

PAGE = (Path(__file__).parents[2] / "docs" / "signing.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def issued(sessions: sessionmaker[Session]) -> Iterator[tuple[str, str, str]]:
    """The address of a server that goes by the real time, a key id and its secret."""
    office = add_systems(open_office(sessions, SystemClock()))  # type: ignore[arg-type]
    api = Api(office)
    order = {"scopes": ["case.file", "self.read"], "days": 1, "label": "docs"}
    key = api("tang_wei", "POST", f"/people/{CRM}/keys", order).json
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", key["id"], key["secret"]
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_python_on_the_page_signs_calls(issued: tuple[str, str, str]) -> None:
    address, key_id, secret = issued
    said: dict[str, Any] = {}
    exec(compile(block("python"), "docs/signing.md", "exec"), said)
    assert said["call"]("GET", f"{address}/api/v1/me", key_id, secret)["login"] == CRM
    url = f"{address}/api/v1/cases/request"
    first, again = (said["call"]("POST", url, key_id, secret, {"facts": FACTS}, "one") for _ in range(2))
    assert first["number"] == again["number"]
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        said["call"]("GET", f"{address}/api/v1/me", key_id, secret + "x")
    refused.value.close()


def test_the_shell_on_the_page_signs_calls(issued: tuple[str, str, str], tmp_path: Path) -> None:
    address, key_id, secret = issued
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"facts": FACTS}), encoding="utf-8")
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "ADDRESS": address,
        "KEY_ID": key_id,
        "SECRET": secret,
        "BODY": str(body),
        "REGIME": "request",
        "IDEMPOTENCY_KEY": "from-a-shell",
        "NO_PROXY": "*",
    }
    done = subprocess.run(
        ["sh", "-eu", "-c", block("sh")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["number"], done
