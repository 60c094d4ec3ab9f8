"""Processes and deployments: what is deployed, in which versions, and bringing new files with every finding
shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from flask import Response, make_response, request, url_for

from admin import queries
from admin.page import Answer, Page
from admin.pictures import picture
from admin.show.filters import label
from admin.show.findings import by_severity, marked
from admin.show.language import brief
from engine.deployment import DeploymentReceipt, not_deployed
from engine.dialect import SourceFile
from engine.dialect.outcome import Outcome
from engine.errors import DeploymentRefused, InvalidInput
from tasks.cases import filing
from tasks.processes import bindings, deployments
from tasks.processes.drafts import reading
from tasks.processes.moving.reach import instances_by_version
from tasks.processes.versions import callers, current


def processes(page: Page) -> Answer:
    """Every deployed process in its newest version."""
    running = queries.running(page.session)
    everything = deployments.definitions(page.session, page.caller, latest=False)
    totals: dict[str, int] = {}
    for row in everything:
        totals[row.key] = totals.get(row.key, 0) + running.get(row.id, 0)
    decided = current.standings(page.session, page.caller)
    newest: dict[str, Any] = {}
    for row in everything:
        newest.setdefault(row.key, row)
    regimes = {one.key for one in filing.regimes(page.session, page.deps)}
    called = queries.called(page.session)
    return page.render(
        "processes.html",
        section="admin.processes",
        processes=sorted(
            (
                {
                    **_version(row, totals[row.key]),
                    "regime": row.key in regimes,
                    "standing": decided.get(row.key),
                    "called": row.key in called,
                }
                for row in newest.values()
            ),
            key=lambda one: (not one["regime"], one["called"], one["key"]),
        ),
    )


MOST_DRAFTS = 5
"""Drafts of the reader that the page of a process names, those changed last first."""


def process(page: Page, key: str) -> Answer:
    """One process: the picture of a version (unless one is named: the current one, or the newest while that is still to be
    bound) and the list of versions.
    """
    found = deployments.definitions(page.session, page.caller, key=key, latest=False)
    wanted = request.args.get("version", type=int)
    if found and wanted is None and (used := current.standing(page.session, page.caller, key)).chosen:
        wanted = used.version
    row = next((one for one in found if wanted is None or one.version == wanted), None)
    if row is None:
        raise not_deployed(key, wanted)
    return show(page, found, row)


def show(
    page: Page, versions: Sequence[Any], row: Any, *, problems: Mapping[str, Any] | None = None, **more: Any
) -> Response:
    """The page of one version. problems: why what was just chosen cannot be bound, by the key of the need."""
    running = queries.running(page.session)
    standing = current.standing(page.session, page.caller, row.key)
    bound = bindings.needs(page.session, page.deps, page.caller, row.id) if row.need_count else None
    return page.render(
        "process.html",
        section="admin.processes",
        island=True,
        process=_version(row, running.get(row.id, 0)),
        source_url=url_for("admin.diagram", definition_id=row.id),
        versions=[_version(one, running.get(one.id, 0)) for one in versions],
        bound=bound,
        called=row.key in queries.called(page.session),
        standing=standing,
        behind=callers.behind(page.session, page.caller, row.key),
        drafts=_under_way(page, row.key),
        problems=problems or {},
        diagram=picture(page, row.id, marks={row.key: _to_bind(bound)} if bound else None),
        **more,
    )


def _under_way(page: Page, key: str) -> list[Any]:
    """The reader's own drafts of a process that are not deployed: what they go on with instead of beginning anew."""
    if not page.may("process_draft.keep"):
        return []
    found = reading.drafts(page.session, page.caller)
    return [
        one
        for one in found
        if one.based_key == key and one.owner_id == page.caller.id and one.state != "deployed"
    ][:MOST_DRAFTS]


def _to_bind(bound: bindings.VersionNeeds) -> dict[str, dict[str, str]]:
    """Marks of the elements that wait to be bound, with what they ask for."""
    asked: dict[str, list[str]] = {}
    for one in bound.needs:
        if one.target is None or one.wrong:
            kind = brief(*label(one.need.kind, "need"))
            asked.setdefault(one.need.element, []).append(
                f"{brief('待绑定', 'to bind:')} {kind} {one.need.asked}".rstrip()
            )
    return {element: {"remark": "\n".join(lines)} for element, lines in asked.items()}


def _version(row: Any, running: int) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": row.name or row.key,
        "version": row.version,
        "tag": row.version_tag,
        "running": running,
        "id": row.id,
        "startable": row.startable,
        "open_needs": row.open_needs,
        "deployed_at": row.deployed_at,
        "deployed_by": row.deployed_by_name,
        "approved_by": row.approved_by_name,
        "deployment_id": row.deployment_id,
        "note": row.note or row.deployment_name,
    }


def deploy(page: Page) -> Answer:
    """The form and what was deployed before."""
    return _deploy_page(page)


def deploy_files(page: Page) -> Answer:
    """Check the uploaded files and, unless only a check was asked for, deploy them together or not at all."""
    name, note = request.form.get("name", "").strip()[:120], request.form.get("note", "").strip()[:2000]
    files = [
        SourceFile(upload.filename or "", upload.read())
        for upload in request.files.getlist("files")
        if upload.filename
    ]
    try:
        if not files:
            raise InvalidInput("A deployment was asked for without a file; choose at least one.")
        if request.form.get("verb") == "check":
            found = deployments.check(page.session, page.deps, page.caller, files)
            return _deploy_page(page, outcome=found, files=files, checked=True, name=name, note=note)
        named = name or "、".join(dict.fromkeys(PurePath(file.name).stem for file in files))[:120]
        receipt = deployments.deploy(
            page.session, page.deps, page.caller, files, name=named, note=note, source="admin"
        )
    except DeploymentRefused as refusal:
        page.session.rollback()
        response = make_response(
            _deploy_page(page, outcome=refusal.outcome, files=files, name=name, note=note)
        )
        response.status_code = 422
        return response
    return _deploy_page(page, outcome=receipt.outcome, files=files, receipt=receipt)


def staying(page: Page, receipt: DeploymentReceipt) -> list[dict[str, Any]]:
    """Of each process that has a new version: how many running instances stay on which older one."""
    found = []
    for one in receipt.definitions:
        rows = instances_by_version(page.session, page.caller, one.key) if one.is_new else ()
        versions = [(row.version, row.active + row.suspended) for row in rows if row.active + row.suspended]
        if versions:
            found.append({"key": one.key, "versions": versions})
    return found


def _deploy_page(
    page: Page,
    *,
    outcome: Outcome | None = None,
    files: Sequence[SourceFile] = (),
    receipt: DeploymentReceipt | None = None,
    checked: bool = False,
    name: str = "",
    note: str = "",
) -> Answer:
    before = deployments.deployments(page.session, page.caller)
    made = queries.deployed_with(page.session, [row.id for row in before])
    diagram = marked(outcome.findings, files) if outcome is not None else None
    return page.render(
        "deploy.html",
        section="admin.deploy",
        island=diagram is not None,
        outcome=outcome,
        groups=by_severity(outcome.findings) if outcome is not None else [],
        diagram=diagram,
        four_eyes=page.deps.settings.deployment_four_eyes,
        checked=checked,
        receipt=receipt,
        staying=staying(page, receipt) if receipt is not None else [],
        names=queries.process_names(page.session),
        name=name,
        note=note,
        deployments=[{"row": row, "made": made.get(row.id, [])} for row in before],
    )
