"""Saving what a process owner chose for the needs of a version: all of a page at once, or nothing."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for

from admin import processes
from admin.page import Answer, Page
from admin.show.language import plain
from engine.errors import BindingRefused, NotFound
from tasks.processes import bindings, deployments

FIELD = "need:"
"""What the name of a select box begins with; the key of the need follows."""


def bind(page: Page, definition_id: UUID) -> Answer:
    """Bind what was chosen; what was left open stays open. Wrong choices come back with the reason beside each."""
    chosen = {
        name.removeprefix(FIELD): target
        for name, target in request.form.items()
        if name.startswith(FIELD) and target
    }
    try:
        bound = bindings.bind(page.session, page.deps, page.caller, definition_id, chosen)
    except BindingRefused as refusal:
        page.session.rollback()
        needs = bindings.needs(page.session, page.deps, page.caller, definition_id)
        versions = deployments.definitions(page.session, page.caller, key=needs.key, latest=False)
        row = next((one for one in versions if one.id == definition_id), None)
        if row is None:
            raise NotFound(
                f"Process definition {definition_id} was asked for; there is none with this id."
            ) from None
        response = processes.show(
            page, versions, row, problems={problem.path: problem for problem in refusal.problems}
        )
        response.status_code = 422
        return response
    done = (
        plain(f"绑定已保存，生成了 v{bound.version}。", f"Saved as v{bound.version}.")
        if bound.is_new
        else plain("绑定已保存。", "Saved.")
    )
    if bound.callers_unchanged:
        done += (
            " "
            + plain("仍调用旧版本的流程：", "Go on calling the version before:")
            + " "
            + ", ".join(bound.callers_unchanged)
        )
    flash(done, "done")
    return redirect(url_for("admin.process", key=bound.key, version=bound.version))
