"""A test client that closes what it has sent, and what it was given.

Werkzeug's client writes a large upload to a temporary file and leaves it to the garbage collector, whose warning then
fails whatever test happens to run.
"""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient


class TidyClient(FlaskClient):
    """Flask's test client; the body of a request is closed when its answer is there."""

    def open(self, *args: Any, **more: Any) -> Any:
        answer = super().open(*args, **{"buffered": True, **more})
        answer.request.environ["wsgi.input"].close()
        return answer
