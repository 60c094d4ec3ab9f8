"""One process draft: its files, what was saved before, the check, and its way to being deployed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for

from admin import queries
from admin.errors import sentence_of
from admin.page import Answer, Page
from admin.show.findings import by_severity
from admin.show.language import plain
from engine.deployment import DeploymentReceipt
from engine.dialect.outcome import Outcome
from engine.errors import DeploymentRefused, RedressError, WrongState
from tasks.processes import deployments
from tasks.processes.drafts import checking, deploying, making, reading, second_look
from tasks.processes.drafts.overtaken import Overtaken, newer_versions
from tasks.processes.vocabulary.files import title_in

STRETCH = timedelta(minutes=15)
"""Revisions of one file by one person that are closer to each other than this are one line of the history."""
MOST_REVISIONS = 1000


@dataclass(slots=True)
class Stretch:
    """Revisions of a file somebody has saved in a row: the last of them, and how many."""

    last: Any
    first_revision: int
    count: int = 1


def draft(page: Page, draft_id: UUID) -> Answer:
    """The files of a draft and what can be done with it."""
    return _show(page, draft_id)


def check(page: Page, draft_id: UUID) -> Answer:
    """Everything a deployment would be told; nothing is deployed."""
    found = checking.check(page.session, page.deps, page.caller, draft_id)
    return _show(page, draft_id, outcome=found, checked=True, note=_note())


def deploy(page: Page, draft_id: UUID) -> Answer:
    """Deploy the draft with a note, or say why not."""

    def verb() -> DeploymentReceipt:
        return deploying.deploy(page.session, page.deps, page.caller, draft_id, **_asked())

    return _carried_out(page, draft_id, verb)


def submit(page: Page, draft_id: UUID) -> Answer:
    """Ask a second process owner to look at it."""

    def verb() -> None:
        row = second_look.submit(page.session, page.deps, page.caller, draft_id, **_asked())
        flash(
            plain(
                f"草稿“{row.name}”已提交，其他流程负责人会收到通知。",
                f"The draft {row.name} was submitted; the other process owners are told.",
            ),
            "done",
        )

    return _carried_out(page, draft_id, verb)


def approve(page: Page, draft_id: UUID) -> Answer:
    """Deploy what somebody else has submitted."""

    def verb() -> DeploymentReceipt:
        number, over = _number("submission"), request.form.getlist("over")
        return second_look.approve(page.session, page.deps, page.caller, draft_id, number, over=over)

    return _carried_out(page, draft_id, verb)


def reject(page: Page, draft_id: UUID) -> Answer:
    """Give a submitted draft back with a reason."""

    def verb() -> None:
        second_look.reject(
            page.session,
            page.deps,
            page.caller,
            draft_id,
            _number("submission"),
            reason=request.form.get("reason", ""),
        )
        flash(plain("已退回，提交人会收到通知。", "Rejected; whoever submitted it is told."), "done")

    return _carried_out(page, draft_id, verb)


def withdraw(page: Page, draft_id: UUID) -> Answer:
    """Take a submitted draft back."""

    def verb() -> None:
        second_look.withdraw(page.session, page.deps, page.caller, draft_id)
        flash(plain("已撤回，可以继续修改。", "Withdrawn; it can be changed again."), "done")

    return _carried_out(page, draft_id, verb)


def rename(page: Page, draft_id: UUID) -> Answer:
    """Call the draft otherwise."""
    making.rename(page.session, page.deps, page.caller, draft_id, request.form.get("name", ""))
    return _back(draft_id)


def duplicate(page: Page, draft_id: UUID) -> Answer:
    """Begin a draft of one's own with what stands in this one."""
    made = making.copied(page.session, page.deps, page.caller, draft_id, name=request.form.get("name", ""))
    return _back(made)


def drop(page: Page, draft_id: UUID) -> Answer:
    """Drop a draft of one's own."""
    row = reading.draft(page.session, page.caller, draft_id)
    making.drop(page.session, page.deps, page.caller, draft_id)
    flash(plain(f"流程草稿“{row.name}”已删除。", f"The draft {row.name} was dropped."), "done")
    return redirect(url_for("admin.process_drafts"), 303)


def _carried_out(page: Page, draft_id: UUID, verb: Callable[[], DeploymentReceipt | None]) -> Answer:
    """What a step of the draft comes to, on its page: nothing that was written in the form is lost where it is refused."""
    try:
        receipt = verb()
    except (DeploymentRefused, WrongState) as refusal:
        page.session.rollback()
        status, _, sentence = sentence_of(refusal)
        outcome = refusal.outcome if isinstance(refusal, DeploymentRefused) else None
        shown = _show(page, draft_id, outcome=outcome, refusal=(sentence, refusal), note=_note())
        response = make_response(shown)
        response.status_code = status
        return response
    return _show(page, draft_id, receipt=receipt) if receipt is not None else _back(draft_id)


def _show(
    page: Page,
    draft_id: UUID,
    *,
    outcome: Outcome | None = None,
    checked: bool = False,
    receipt: DeploymentReceipt | None = None,
    refusal: tuple[str, RedressError] | None = None,
    note: str = "",
) -> Answer:
    row = reading.draft(page.session, page.caller, draft_id)
    files = reading.files(page.session, page.caller, draft_id)
    newer = newer_versions(page.session, row, row.bases)
    if refusal is not None and isinstance(refusal[1], Overtaken):
        newer = refusal[1].newer
    found = outcome or (receipt.outcome if receipt is not None else None)
    return page.render(
        "modeling/draft.html",
        section="admin.process_drafts",
        draft=row,
        files=files,
        titles={one.name: title_in(one.content, one.name) for one in reading.sources(page.session, draft_id)},
        there={one.name for one in files},
        kinds={one.name: one.kind for one in files},
        stretches=stretches(reading.revisions(page.session, page.caller, draft_id, limit=MOST_REVISIONS)),
        newer=newer,
        outcome=found,
        groups=by_severity(found.findings) if found is not None else [],
        checked=checked,
        receipt=receipt,
        staying=_staying(page, receipt) if receipt is not None else [],
        names=queries.process_names(page.session),
        refusal=refusal,
        note=note,
        four_eyes=page.deps.settings.deployment_four_eyes,
        barred=second_look.barred(page.caller, row) if row.state == "submitted" else None,
        writers=[one["name"] for one in row.writers.values()],
    )


def stretches(revisions: Sequence[Any]) -> list[Stretch]:
    """The history as people read it: what somebody saved in a row of one file is one line, the last of it first."""
    found: list[Stretch] = []
    open_: dict[str, tuple[Stretch, Any]] = {}
    for one in revisions:
        before = open_.get(one.name)
        if before is not None:
            stretch, next_ = before
            if one.by_name == next_.by_name and next_.at - one.at <= STRETCH:
                stretch.count += 1
                stretch.first_revision = one.revision
                open_[one.name] = (stretch, one)
                continue
        stretch = Stretch(one, one.revision)
        found.append(stretch)
        open_[one.name] = (stretch, one)
    return found


def _staying(page: Page, receipt: DeploymentReceipt) -> list[tuple[str, int, int]]:
    """Of the processes that got a new version: key, older version, and how many instances go on under it."""
    running = queries.running(page.session)
    return [
        (row.key, row.version, running[row.id])
        for one in receipt.definitions
        if one.is_new
        for row in deployments.definitions(page.session, page.caller, key=one.key, latest=False)
        if row.version < one.version and running.get(row.id)
    ]


def _asked() -> dict[str, Any]:
    seen = request.form.get("revision", "")
    return {
        "note": _note(),
        # The versions the page has shown: what was deployed since is not replaced unseen.
        "over": request.form.getlist("over"),
        "revision": int(seen) if seen.isdecimal() and len(seen) < 10 else None,
    }


def _note() -> str:
    return request.form.get("note", "").strip()


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _back(draft_id: UUID) -> Answer:
    return redirect(url_for("admin.process_draft", draft_id=draft_id), 303)
