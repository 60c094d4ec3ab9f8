"""Boot data of the diagram island: which pictures belong together, where they are, and what is marked in
them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from admin import queries
from admin.page import Page
from engine.errors import NotFound


def picture(
    page: Page,
    definition_id: UUID,
    *,
    marks: dict[str, Any] | None = None,
    events: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the boot data for the definition and everything it calls."""
    scopes = {scope for scope in (marks or {}) if scope}
    drawn = queries.drawn_in(page.session, definition_id, scopes)
    if not drawn:
        raise NotFound(f"Process definition {definition_id} was asked for; there is none with this id.")
    return {
        "root": drawn[0].key,
        "diagrams": {
            one.key: {"name": one.name or one.key, "url": url_for("admin.diagram", definition_id=one.id)}
            for one in drawn
        },
        "marks": marks or {},
        "events": events or {},
    }


def diagram(page: Page, definition_id: UUID) -> Response:
    """Send the author's bytes of one version; they never change."""
    found = queries.diagram(page.session, definition_id)
    if found is None:
        raise NotFound(
            f"The diagram of process definition {definition_id} was asked for; there is none with this id."
        )
    name, content = found
    response = Response(content, mimetype="application/xml")
    response.headers.set("Content-Disposition", "attachment", filename=name.rsplit("/", 1)[-1])
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response
