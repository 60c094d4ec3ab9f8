"""What a diagram may say here, as JSON for the panels of the modeler."""

from __future__ import annotations

from uuid import UUID

from flask import jsonify

from admin.page import Answer, Page
from tasks.processes.vocabulary import reading


def vocabulary(page: Page, draft_id: UUID | None = None) -> Answer:
    """Groups, clocks, operations, decisions and so on; of a draft with what its own files offer."""
    return jsonify(reading.vocabulary(page.session, page.deps, page.caller, draft_id))
