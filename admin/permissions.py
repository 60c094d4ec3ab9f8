"""The permission matrix as a page, for everybody to read."""

from __future__ import annotations

from admin.page import Answer, Page
from tasks.permissions.matrix import ROLES
from tasks.permissions.printing import SCOPES, STATES, rows


def permissions(page: Page) -> Answer:
    """Verb by role by state, how far each reaches, and what the reader may do themselves."""
    return page.render(
        "permissions.html",
        section="admin.permissions",
        rows=rows(),
        roles=ROLES,
        scopes=SCOPES,
        states=STATES,
    )
