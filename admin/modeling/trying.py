"""What the editors of decisions and forms ask while somebody writes: what would be decided, what would be said of these answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import jsonify, request

from admin.page import Answer, Page, checked_answers
from engine.errors import InvalidInput
from tasks.evidence.kinds import KINDS, UPLOADED
from tasks.forms import OFFERED
from tasks.processes.drafts import reading
from tasks.processes.drafts.texts import decoded
from tasks.processes.trying import needs_of, shown_form, try_decision, try_form


def decide(page: Page, draft_id: UUID) -> Answer:
    """Decide what a decision file says that nobody has saved yet; without a decision: tell which there are, and what they need."""
    name, text, body = _asked(page, draft_id)
    files = {name: text}
    if "import" in text:
        for source in reading.sources(page.session, draft_id):
            if source.name != name and source.name.lower().endswith(".dmn"):
                files[source.name] = decoded("dmn", source.content).text
    decision, inputs = body.get("decision"), body.get("inputs")
    if decision is None:
        return jsonify(decisions=needs_of(page.deps, name, files))
    if not isinstance(decision, str) or not isinstance(inputs, (dict, type(None))):
        raise InvalidInput(
            "A decision was to be tried without its id, or with inputs that are no object.",
            message_zh="没有说明试算哪个决策，或输入格式不对。",
        )
    tried = try_decision(page.deps, name, files, decision, inputs or {})
    return jsonify(
        value=tried.value, steps=tried.steps, warnings=tried.warnings, more_warnings=tried.more_warnings
    )


def fill_in(page: Page, draft_id: UUID) -> Answer:
    """Show a form nobody has saved yet as staff would see it or, with answers, say what the server would say to them."""
    name, text, body = _asked(page, draft_id)
    if body.get("answers") is None:
        return jsonify(schema=shown_form(page.session, page.deps, name, text))
    tried = try_form(page.session, page.deps, name, text, checked_answers(body["answers"]))
    problems = [
        {"path": one.path, "message": one.message, "message_zh": one.message_zh} for one in tried.problems
    ]
    return jsonify(problems=problems, answers=tried.answers)


def vocabulary(page: Page) -> dict[str, Any]:
    """What the form editor offers: kinds of fields, lists of the classification, kinds of attachments."""
    lists = page.deps.office.current(page.session).classification.lists
    return {
        "types": list(OFFERED),
        "lists": [{"name": name, "zh": name, "en": name} for name in sorted(lists)],
        "attachment_kinds": [
            {"name": name, "zh": KINDS[name].zh, "en": name.replace("_", " ")} for name in UPLOADED
        ],
    }


def _asked(page: Page, draft_id: UUID) -> tuple[str, str, Mapping[str, Any]]:
    reading.draft(page.session, page.caller, draft_id)
    body = request.get_json(silent=True)
    name = body.get("name") if isinstance(body, dict) else None
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(name, str) or not isinstance(text, str) or not name:
        raise InvalidInput(
            f"{request.path} was asked without the name or the text of the file.",
            message_zh="没有收到文件的名称或内容。",
        )
    return name, text, body
