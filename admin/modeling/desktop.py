"""How the free Camunda Modeler on somebody's own computer is set up to deploy here."""

from __future__ import annotations

from flask import Response, json, request

from admin.page import Answer, Page
from tasks.processes.vocabulary import templates as made

ENGINE = "/engine-rest"
"""Where the desktop modeler finds what it takes for an engine."""


def settings(page: Page) -> Answer:
    """The address to enter, how to sign in, the file of templates, and what refusals mean."""
    public = page.deps.settings.public_url
    here = (public or request.host_url).rstrip("/")
    return page.render(
        "modeling/desktop.html",
        section="admin.process_drafts",
        address=f"{here}{ENGINE}",
        plain_http=here.startswith("http://") and not _local(here),
        four_eyes=page.deps.settings.deployment_four_eyes,
        file=made.FILE,
    )


def templates(page: Page) -> Answer:
    """The file of templates, with what this installation has now."""
    found = made.templates(page.session, page.deps, page.caller)
    response = Response(json.dumps(found, ensure_ascii=False), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.FILE}"'
    return response


def _local(address: str) -> bool:
    return address.removeprefix("http://").partition(":")[0] in ("localhost", "127.0.0.1")
