"""Moving running instances to another version: how many are on which, the dry run, the move and how far a large one is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from admin import queries
from admin.page import Answer, Page
from engine.errors import InvalidInput
from tasks.processes.moving import reach, verbs, whole


def move(page: Page, key: str) -> Answer:
    """The versions with their instances; where from and to are chosen, a page of the dry run."""
    chosen = _chosen(request.args)
    found = None
    if chosen is not None and page.may(reach.VERB):
        found = verbs.check(
            page.session, page.deps, page.caller, key, *chosen, after=_uuid(request.args.get("after", ""))
        )
    return _page(page, key, chosen, found=found)


def move_chosen(page: Page, key: str) -> Answer:
    """Move the instances that were chosen and say of each what became of it; or have the worker move all of the version."""
    chosen = _chosen(request.form)
    if chosen is None:
        raise InvalidInput(
            "Two versions have to be chosen, from which and to which.",
            message_zh="请选择从哪一版迁移到哪一版。",
        )
    if request.form.get("verb") == "all":
        row = whole.move_all(
            page.session, page.deps, page.caller, key, *chosen, note=request.form.get("note", "")
        )
        return redirect(url_for("admin.migration", migration_id=row.id))
    ids = [one for text in request.form.getlist("id") if (one := _uuid(text)) is not None]
    if not ids:
        raise InvalidInput(
            "Moving was asked for without an instance; choose at least one.",
            message_zh="没有选择流程实例；请至少选择一个。",
        )
    answers = verbs.move(page.session, page.deps, page.caller, key, chosen[1], ids)
    return _page(
        page,
        key,
        chosen,
        answers=[
            {
                "id": one.instance_id,
                "moved": one.moved,
                "key": one.verdict.business_key if one.verdict else "",
                "reasons": verbs.reasons_of(one),
                "told": [*one.verdict.consequences, *one.verdict.warnings]
                if one.verdict and one.moved
                else [],
            }
            for one in answers
        ],
    )


def migration(page: Page, migration_id: UUID) -> Answer:
    """How far moving all instances of a version is, and who was left behind why."""
    row, left = whole.read_migration(page.session, page.caller, migration_id)
    names = queries.process_names(page.session)
    return page.render(
        "running/migration.html",
        section="admin.processes",
        row=row,
        left=left,
        name=names.get(row.process_key, row.process_key),
    )


def _page(
    page: Page, key: str, chosen: tuple[int, int] | None, *, found: Any = None, answers: Any = None
) -> Answer:
    versions = reach.instances_by_version(page.session, page.caller, key)
    may_move = page.may(reach.VERB)
    return page.render(
        "running/move.html",
        section="admin.processes",
        key=key,
        name=versions[0].name or key,
        versions=versions,
        to=chosen[1] if chosen else max(one.version for one in versions),
        source=chosen[0]
        if chosen
        else next((one.version for one in versions[1:] if one.active + one.suspended), None),
        found=found,
        said=verbs.counted(found.verdicts) if found else {},
        answers=answers,
        migrations=whole.migrations_of(page.session, page.caller, key) if may_move else [],
        most=verbs.MOST_CHECKED,
    )


def _chosen(given: Any) -> tuple[int, int] | None:
    source, target = given.get("from", type=int), given.get("to", type=int)
    if source is None or target is None or not all(0 < one < 2**31 for one in (source, target)):
        return None
    return source, target


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
