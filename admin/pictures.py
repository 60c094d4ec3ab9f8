"""Boot data of the diagram island: which pictures belong together, where they are, and what is marked in
them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from admin import queries
from admin.page import Page
from engine.dialect.drawing import drawn
from engine.dialect.ids import drawn_id
from engine.errors import NotFound


def picture(
    page: Page,
    definition_id: UUID,
    *,
    marks: dict[str, Any] | None = None,
    events: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the boot data for the definition and everything it calls; events: of an instance, what happened where."""
    scopes = {scope for scope in (marks or {}) if scope}
    shown = queries.drawn_in(page.session, definition_id, scopes)
    if not shown:
        raise NotFound(f"Process definition {definition_id} was asked for; there is none with this id.")
    return {
        "root": shown[0].key,
        "diagrams": {
            one.key: {"name": one.name or one.key, "url": url_for("admin.drawn", definition_id=one.id)}
            for one in shown
        },
        "instance": events is not None,
        "marks": _as_drawn(marks),
        "events": _as_drawn(events),
    }


def _as_drawn(by_scope: dict[str, Any] | None) -> dict[str, Any]:
    return {
        scope: {drawn_id(element): item for element, item in items.items()}
        for scope, items in (by_scope or {}).items()
    }


def diagram(page: Page, definition_id: UUID) -> Response:
    """Send the author's bytes of one version; they never change."""
    name, content = _file(page, definition_id)
    return sent(content, name)


def picture_file(page: Page, definition_id: UUID) -> Response:
    """Send what the viewer draws of one version: the author's file, with ids it can read."""
    name, content = _file(page, definition_id)
    return sent(drawn(content), name)


def _file(page: Page, definition_id: UUID) -> tuple[str, bytes]:
    found = queries.diagram(page.session, definition_id)
    if found is None:
        raise NotFound(
            f"The diagram of process definition {definition_id} was asked for; there is none with this id."
        )
    return found


def sent(content: bytes, name: str, mimetype: str = "application/xml") -> Response:
    """Answer with bytes that never change, to be kept under their author's name."""
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name.rsplit("/", 1)[-1])
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response
