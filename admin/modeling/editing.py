"""The editor of one file of a process draft: a diagram, a decision table or a form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, url_for

from admin.modeling import trying
from admin.modeling.content import told
from admin.page import Answer, Page
from admin.show.language import plain, spoken
from engine.errors import WrongState
from tasks.processes.drafts import reading
from tasks.processes.vocabulary.files import title_in

TEMPLATES = {
    "bpmn": "modeling/diagram.html",
    "dmn": "modeling/decision.html",
    "form": "modeling/form.html",
}
"""Kind of file → the page that edits it."""


def edit(page: Page, draft_id: UUID, name: str) -> Answer:
    """The editor for a file, by its kind."""
    draft = reading.draft(page.session, page.caller, draft_id)
    file = reading.text(page.session, page.caller, draft_id, name)
    template = TEMPLATES.get(file.kind)
    if template is None:
        raise WrongState(
            f"To edit the file {file.name} was asked; it is no diagram, decision or form, and nothing edits it here.",
            message_zh=f"“{file.name}”不是流程图、决策表或表单，不能在这里编辑；可以下载。",
        )
    if file.problem:
        flash(plain(file.problem_zh, file.problem), "refused")
    begun = boot(draft, told(file))
    if file.kind == "form":
        begun["form"] = trying.vocabulary(page)
    if draft.state == "submitted":
        flash(
            plain(
                f"{draft.submitted_by_name}已提交这份草稿，正等待复核；修改任何内容都会撤回提交。",
                f"{draft.submitted_by_name} has submitted this draft; changing anything withdraws it.",
            ),
            "wait",
        )
    return page.render(
        template,
        section="admin.process_drafts",
        island="editor" if file.kind == "form" else True,
        draft=draft,
        boot=begun,
        title=title_in(file.text.encode(), file.name),
    )


def boot(draft: Any, file: dict[str, Any]) -> dict[str, Any]:
    """What the script of an editor begins with."""
    of = {"draft_id": draft.id}
    home = url_for("admin.process_draft", **of)
    address = url_for("admin.process_file", **of, name=file["name"])
    return {
        "draft": {"id": str(draft.id), "name": draft.name, "url": home, "state": draft.state},
        "file": file,
        "urls": {
            "content": address,
            "drop": f"{address}/drop",
            "copy": url_for("admin.copy_process_draft", **of),
            "check": url_for("admin.check_process_draft", **of),
            "decide": url_for("admin.try_process_decision", **of),
            "try_form": url_for("admin.try_process_form", **of),
            "vocabulary": f"{home}/vocabulary",
            "draft": home,
        },
        "language": spoken(),
    }
