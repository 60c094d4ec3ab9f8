"""The panel of clocks on the pages of a case and a task, and what may be done to them there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, url_for

from admin.instants import instant_of
from admin.page import Answer, Page, local_path
from admin.show.clocks import told_words
from admin.show.language import plain
from engine.errors import InvalidInput
from tasks.deadlines.clocks.changing import extending, pausing, promising
from tasks.deadlines.clocks.changing.approving import may_decide
from tasks.deadlines.clocks.changing.pausing import pause_verb
from tasks.deadlines.faces.reading import Told, told_of_case, told_of_task
from tasks.deadlines.policies.pauses import PAUSE_REASONS


def case_panel(page: Page, case: Any) -> dict[str, Any]:
    """The clocks of a case (a row of `read_case`) that is seen from within."""
    told = told_of_case(page.session, page.deps, case.id)
    panel = _panel(page, told, may_move=True)
    if case.archived_at is None and case.status in ("active", "suspended"):
        reasons = _reasons(page, (reason for one in told if _runs(one) for reason in one.face.pausable))
        panel["case_waits"] = {
            "paused": case.paused_at is not None,
            "number": case.number,
            "may_pause": reasons,
            "may_resume": case.paused_at is not None and _may_resume(page, case.pause_reason),
        }
    return panel


def task_panel(page: Page, task: Any, *, whole_case: bool) -> dict[str, Any]:
    """The clocks of a task (a row of `read_task`), with those of its case where that may be read."""
    if whole_case and task.case_id is not None:
        told = told_of_case(page.session, page.deps, task.case_id, task_id=task.id)
    else:
        told = told_of_task(page.session, page.deps, task.id)
    return {
        **_panel(page, told, may_move=whole_case),
        "no_clock": (task.properties.get("sla.problem_zh", ""), task.properties.get("sla.problem", "")),
    }


def _panel(page: Page, told: list[Told], *, may_move: bool) -> dict[str, Any]:
    return {
        "clocks": [
            {**told_words(one), "verbs": _verbs(page, one) if may_move and _runs(one) else None}
            for one in told
        ],
        "as_of": page.deps.clock.now(),
        "back": request.path,
    }


def _runs(one: Told) -> bool:
    return one.face.stopped_at is None


def _verbs(page: Page, one: Told) -> dict[str, Any]:
    """What the caller's roles allow with a running clock now."""
    face = one.face
    open_requests = [row for row in one.requests if row.state == extending.REQUESTED]
    decides = bool(open_requests) and may_decide(page.session, page.deps, page.caller, face)
    return {
        "pause": [] if face.paused_at else _reasons(page, face.pausable),
        "resume": face.paused_at is not None and _may_resume(page, face.pause_reason),
        "ask": page.may("clock.ask") and not any(row.kind == extending.EXTENSION for row in open_requests),
        "decide": [row.id for row in open_requests if decides and row.asked_by != str(page.caller.id)],
        "promise": page.may("clock.promise"),
    }


def _reasons(page: Page, allowed: Iterable[str]) -> list[tuple[str, tuple[str, str]]]:
    """The reasons among those allowed for which the caller may have clocks stand still, with their words."""
    known = set(allowed)
    return [
        (reason, words)
        for reason, words in PAUSE_REASONS.items()
        if reason in known and page.may(pause_verb(reason))
    ]


def _may_resume(page: Page, reason: str) -> bool:
    return page.may("clock.resume") and page.may(pause_verb(reason))


def pause_case(page: Page, number: str) -> Answer:
    """Have all clocks of a case stand still that may."""
    moved = pausing.pause_case(page.session, page.deps, page.caller, number, **_pause())
    return _back(plain(f"{moved} 个时限已暂停。", "Paused."), url_for("admin.case", number=number))


def resume_case(page: Page, number: str) -> Answer:
    """Have a case go on."""
    moved = pausing.resume_case(page.session, page.deps, page.caller, number, note=_text("note"))
    return _back(plain(f"{moved} 个时限已恢复。", "Going on."), url_for("admin.case", number=number))


def pause_clock(page: Page, clock_id: UUID) -> Answer:
    """Have one clock stand still."""
    pausing.pause_clock(page.session, page.deps, page.caller, clock_id, **_pause())
    return _back(plain("时限已暂停。", "Paused."))


def resume_clock(page: Page, clock_id: UUID) -> Answer:
    """Have one clock go on."""
    pausing.resume_clock(page.session, page.deps, page.caller, clock_id, note=_text("note"))
    return _back(plain("时限已恢复。", "Going on."))


def ask_extension(page: Page, clock_id: UUID) -> Answer:
    """Ask for more time, and say what the customer is promised anew."""
    extending.ask_extension(
        page.session,
        page.deps,
        page.caller,
        clock_id,
        amount=_text("amount"),
        reason=_text("reason"),
        promise=instant_field("until"),
        text=_text("text"),
    )
    return _back(plain("延期申请已提交。", "Asked for."))


def decide(page: Page, clock_id: UUID, request_id: UUID) -> Answer:
    """Approve or refuse a request."""
    wanted = request.form.get("decision")
    if wanted not in ("approve", "refuse"):
        raise InvalidInput(
            "A decision on a request was sent that is neither to approve nor to refuse it.",
            message_zh="请选择同意或不同意。",
        )
    approve = wanted == "approve"
    extending.decide(
        page.session, page.deps, page.caller, clock_id, request_id, approve=approve, note=_text("note")
    )
    return _back(plain("已同意。", "Approved.") if approve else plain("未予同意。", "Refused."))


def promise(page: Page, clock_id: UUID) -> Answer:
    """Keep what the customer was promised."""
    until = instant_field("until")
    if until is None:
        raise InvalidInput(
            "A promise was sent without the instant until which it holds.", message_zh="请填写承诺时间。"
        )
    promising.promise(page.session, page.deps, page.caller, clock_id, until=until, text=_text("text"))
    return _back(plain("承诺已记录。", "Kept."))


def _pause() -> dict[str, Any]:
    return {"reason": _text("reason"), "note": _text("note"), "from_at": instant_field("from_at")}


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def instant_field(name: str) -> datetime | None:
    """An instant as a form of this request sends it; see `instant_of`."""
    return instant_of(_text(name))


def _back(said: str, otherwise: str | None = None) -> Answer:
    """To the page it was asked from, whose panel says what has happened; a refusal leaves what was typed where it is."""
    flash(said, "clocks")
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Refresh": "true"})
    target = local_path(request.form.get("back")) or otherwise or url_for("admin.cases")
    return redirect(f"{target}#clocks", 303)
