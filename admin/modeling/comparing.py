"""Two versions of a process beside each other, and a draft beside what is in use; deciding which version is current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from engine.dialect.comparing import Change, Part, PartComparison
from engine.dialect.drawing import drawn
from engine.dialect.encodings import read
from engine.dialect.ids import drawn_id, engine_id
from engine.dialect.refusal import Refused
from engine.errors import DeploymentRefused, InvalidInput
from tasks.processes.versions import callers, comparing, current

SIGNS = {"added": "+", "removed": "−", "changed": "≠", "moved": "→"}
"""What happened → its sign, which goes with the colour."""
WORDS = {
    "added": ("新增", "added"),
    "removed": ("删除", "removed"),
    "changed": ("修改", "changed"),
    "moved": ("移动", "moved"),
}


def compare(page: Page, key: str) -> Answer:
    """Two versions of a process: both pictures, and everything that differs."""
    found = comparing.compare(page.session, page.caller, key, _number("from"), _number("to"))
    return page.render(
        "modeling/compare.html",
        section="admin.processes",
        island=True,
        title=found.name,
        found=found,
        draft=None,
        **_shown(found.parts),
        boot=_boot(
            found.parts,
            {found.key: url_for("admin.drawn", definition_id=found.before.id)},
            {found.key: url_for("admin.drawn", definition_id=found.after.id)},
        ),
    )


def compare_draft(page: Page, draft_id: UUID) -> Answer:
    """A draft beside the versions in use."""
    found = comparing.compare_draft(page.session, page.caller, draft_id)
    used = {one.key: url_for("admin.drawn", definition_id=one.id) for one in found.before}
    return page.render(
        "modeling/compare.html",
        section="admin.process_drafts",
        island=True,
        title=found.draft.name,
        found=found,
        draft=found.draft,
        **_shown(found.parts),
        boot=_boot(found.parts, used, {}),
    )


def choose(page: Page, key: str) -> Answer:
    """Make a version current."""
    version = _number("version", request.form) or 0
    found = current.choose(
        page.session, page.deps, page.caller, key, version, note=request.form.get("note", "")
    )
    flash(
        plain(
            f"启动和调用现在使用 v{found.version}；在办的实例留在原来的版本上。",
            f"Starts and calls use v{found.version} from now on; what runs stays on its version.",
        ),
        "done",
    )
    return redirect(url_for("admin.process", key=key), 303)


def follow(page: Page, key: str) -> Answer:
    """Let the callers of a process call its current version."""
    try:
        receipt = callers.follow(page.session, page.deps, page.caller, key, note=request.form.get("note", ""))
    except DeploymentRefused as refusal:
        page.session.rollback()
        found = refusal.outcome.findings if refusal.outcome is not None else ()
        first = next((one for one in found if one.severity == "error"), None)
        if first is None:
            raise
        flash(
            plain(f"没有更新调用者：{first.message_zh}", f"The callers were not updated: {first.message}"),
            "wait",
        )
        return redirect(url_for("admin.process", key=key) + "#callers", 303)
    made = "、".join(f"{one.key} v{one.version}" for one in receipt.definitions if one.is_new)
    flash(
        plain(f"调用者已有新版本：{made}。", f"The callers have new versions: {made}."),
        "done",
    )
    return redirect(url_for("admin.process", key=key), 303)


def retire(page: Page, key: str) -> Answer:
    """Let nothing new start with a process."""
    current.retire(page.session, page.deps, page.caller, key, note=request.form.get("note", ""))
    flash(plain("流程已停用；在办的继续办理。", "The process is retired; what runs goes on."), "done")
    return redirect(url_for("admin.process", key=key), 303)


def restore(page: Page, key: str) -> Answer:
    """Let a retired process start again."""
    current.restore(page.session, page.deps, page.caller, key, note=request.form.get("note", ""))
    flash(plain("流程已恢复启用。", "The process can start again."), "done")
    return redirect(url_for("admin.process", key=key), 303)


def _number(name: str, given: Any = None) -> int | None:
    text = (request.args if given is None else given).get(name, "").strip().removeprefix("v")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise InvalidInput(
            f"A version was asked for as '{text[:20]}'; versions are numbers.",
            message_zh=f"版本“{text[:20]}”不是数字。",
        )
    return int(text)


def _shown(parts: Sequence[PartComparison]) -> dict[str, Any]:
    """The files by what they are, those without a difference only counted, and what the template says them with."""
    by_kind: dict[str, list[PartComparison]] = {"bpmn": [], "form": [], "dmn": [], "other": []}
    for part in parts:
        if part.what is not None:
            by_kind[part.kind].append(part)
    return {
        "diagrams": by_kind["bpmn"],
        "forms": by_kind["form"],
        "tables": by_kind["dmn"],
        "others": by_kind["other"],
        "signs": SIGNS,
        "words": WORDS,
        "drawn": _drawn,
    }


def _boot(parts: Sequence[PartComparison], before: dict[str, str], after: dict[str, str]) -> dict[str, Any]:
    """The two pictures of every diagram, and what is marked in them."""
    diagrams = []
    for part in parts:
        if part.kind != "bpmn":
            continue
        changes = [one for one in part.comparison.changes if one.id and not one.whole]
        diagrams.append(
            {
                "key": part.key,
                "before": _picture(part.before, before.get(part.key)),
                "after": _picture(part.after, after.get(part.key)),
                "marks": {_drawn(one.id): _mark(one) for one in changes},
            }
        )
    return {"diagrams": sorted(diagrams, key=lambda one: not one["marks"])}


def _picture(part: Part | None, url: str | None) -> dict[str, str] | None:
    if part is None:
        return None
    if url is not None:
        return {"url": url}
    try:
        return {"xml": read(drawn(part.content)).utf8.decode()}
    except Refused:
        return {"xml": ""}


def _mark(change: Change) -> dict[str, Any]:
    zh, en = WORDS[change.what]
    return {
        "what": change.what,
        "sign": SIGNS[change.what],
        "title": plain(zh, en),
        "also_moved": change.moved,
    }


def _drawn(known: str) -> str:
    return drawn_id(engine_id(known.strip()))
