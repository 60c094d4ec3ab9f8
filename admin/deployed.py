"""One deployment: its files as they were brought, byte for byte, with their pictures; drawings that nothing runs too."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from admin import queries
from admin.page import Answer, Page
from admin.pictures import sent
from admin.show.findings import marked
from engine.dialect import SourceFile
from tasks.processes import deployments


def deployment(page: Page, deployment_id: UUID) -> Answer:
    """Who brought what and why, the files with their SHA-256, the versions they made, and the pictures."""
    files = deployments.resources(page.session, page.caller, deployment_id)
    content = queries.contents(page.session, [one.id for one in files if one.kind in ("bpmn", "archive")])
    diagram = marked([], [SourceFile(one.name, content[one.id]) for one in files if one.id in content])
    return page.render(
        "deployment.html",
        section="admin.deploy",
        island=diagram is not None,
        deployment=queries.deployment(page.session, deployment_id),
        files=files,
        made=queries.deployed_with(page.session, [deployment_id]).get(deployment_id, []),
        diagram=diagram,
    )


def file(page: Page, deployment_id: UUID, name: str) -> Response:
    """Send the author's bytes of one file; they never change."""
    found = deployments.resource(page.session, page.caller, deployment_id, name)
    return sent(found.content, found.name, "application/octet-stream")
