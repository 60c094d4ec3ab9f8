"""Process drafts: begin them, read and save their files, check, deploy, and have a second process owner look."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import request

from api.deployments import ReceiptSchema, receipt_body
from api.edge import ApiBlueprint, Call, operation
from api.modeling.draft_shapes import (
    ProcessDraftApproveBody,
    ProcessDraftCheckBody,
    ProcessDraftDeployBody,
    ProcessDraftFileQuery,
    ProcessDraftFileTextSchema,
    ProcessDraftList,
    ProcessDraftNewBody,
    ProcessDraftRejectBody,
    ProcessDraftSavedSchema,
    ProcessDraftSchema,
    ProcessDraftTextBody,
)
from api.outcomes import OutcomeSchema, outcome_body
from engine.dialect import SourceFile
from engine.errors import InvalidInput
from tasks.processes.drafts import checking, deploying, keeping, making, reading, second_look
from tasks.processes.drafts.overtaken import newer_versions
from tasks.processes.drafts.texts import LONGEST_TITLE

blueprint = ApiBlueprint("process_drafts", __name__, description="Process drafts 流程草稿")

_UPLOAD = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": LONGEST_TITLE},
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
    "required": ["files"],
}
_MATCH = re.compile(r'(?:W/)?"?(\d{1,9})"?\Z')


@operation(
    blueprint,
    "GET",
    "/process-drafts",
    id="listProcessDrafts",
    permission="process_draft.read",
    answer=ProcessDraftList,
    summary="The drafts of every process owner, changed last first",
)
def list_drafts(call: Call) -> dict[str, Any]:
    return {"items": reading.drafts(call.session, call.caller)}


@operation(
    blueprint,
    "POST",
    "/process-drafts",
    id="createProcessDraft",
    permission="process_draft.keep",
    body=ProcessDraftNewBody,
    answer=ProcessDraftSchema,
    status=201,
    summary="Begin a draft: of a version, of a deployment, of another draft, or of nothing",
)
def create_draft(call: Call, body: dict[str, Any]) -> tuple[Any, int, dict[str, str]]:
    of = (call.session, call.deps, call.caller)
    name = body["name"]
    if "definition_id" in body:
        made = making.from_version(*of, body["definition_id"], name=name)
    elif "deployment_id" in body:
        made = making.from_deployment(*of, body["deployment_id"], name=name)
    elif "draft_id" in body:
        made = making.copied(*of, body["draft_id"], name=name, texts=body.get("files"))
    else:
        made = making.from_nothing(*of, body["key"], name=name)
    return _begun(call, made)


@operation(
    blueprint,
    "POST",
    "/process-drafts/uploads",
    id="uploadProcessDraft",
    permission="process_draft.keep",
    answer=ProcessDraftSchema,
    status=201,
    multipart=_UPLOAD,
    summary="Begin a draft with files; archives are unpacked, and what is wrong in them is for the check to say",
)
def upload_draft(call: Call) -> tuple[Any, int, dict[str, str]]:
    unknown = set(request.form) - {"name"}
    if unknown:
        raise InvalidInput(f"The draft was sent with the unknown field {sorted(unknown)[0][:60]}.")
    files = [
        SourceFile(name=file.filename or field, content=file.read())
        for field, file in request.files.items(multi=True)
    ]
    name = request.form.get("name", "").strip()
    return _begun(call, making.from_files(call.session, call.deps, call.caller, files, name=name))


@operation(
    blueprint,
    "GET",
    "/process-drafts/<uuid:draft_id>",
    id="readProcessDraft",
    permission="process_draft.read",
    answer=ProcessDraftSchema,
    summary="A draft and its files",
)
def read_draft(call: Call, draft_id: UUID) -> dict[str, Any]:
    return _told(call, draft_id)


@operation(
    blueprint,
    "DELETE",
    "/process-drafts/<uuid:draft_id>",
    id="dropProcessDraft",
    permission="process_draft.drop",
    status=204,
    summary="Drop a draft of one's own with everything that was saved in it",
)
def drop_draft(call: Call, draft_id: UUID) -> None:
    making.drop(call.session, call.deps, call.caller, draft_id)


@operation(
    blueprint,
    "GET",
    "/process-drafts/<uuid:draft_id>/files/<path:name>",
    id="readProcessDraftFile",
    permission="process_draft.read",
    query=ProcessDraftFileQuery,
    answer=ProcessDraftFileTextSchema,
    summary="A file of a draft as text, as it stands or as one of its revisions was",
)
def read_file(call: Call, query: dict[str, Any], draft_id: UUID, name: str) -> Any:
    return reading.text(call.session, call.caller, draft_id, name, query.get("revision"))


@operation(
    blueprint,
    "PUT",
    "/process-drafts/<uuid:draft_id>/files/<path:name>",
    id="saveProcessDraftFile",
    permission="process_draft.keep",
    body=ProcessDraftTextBody,
    answer=ProcessDraftSavedSchema,
    summary="Save a file of a draft, going on from a revision; nothing saved meanwhile is overwritten",
)
def save_file(call: Call, body: dict[str, Any], draft_id: UUID, name: str) -> Any:
    revision = _match(body.get("revision"))
    return keeping.save(call.session, call.deps, call.caller, draft_id, name, body["text"], revision)


@operation(
    blueprint,
    "DELETE",
    "/process-drafts/<uuid:draft_id>/files/<path:name>",
    id="dropProcessDraftFile",
    permission="process_draft.keep",
    query=ProcessDraftFileQuery,
    status=204,
    summary="Take a file out of a draft; its revisions stay",
)
def drop_file(call: Call, query: dict[str, Any], draft_id: UUID, name: str) -> None:
    revision = _match(query.get("revision"))
    keeping.drop_file(call.session, call.deps, call.caller, draft_id, name, revision)


@operation(
    blueprint,
    "POST",
    "/process-drafts/<uuid:draft_id>/check",
    id="checkProcessDraft",
    permission="process_draft.read",
    body=ProcessDraftCheckBody,
    answer=OutcomeSchema,
    summary="Everything a deployment of a draft would be told, without deploying",
)
def check_draft(call: Call, body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    return outcome_body(checking.check(call.session, call.deps, call.caller, draft_id, body.get("files")))


@operation(
    blueprint,
    "POST",
    "/process-drafts/<uuid:draft_id>/deploy",
    id="deployProcessDraft",
    permission="deployment.create",
    body=ProcessDraftDeployBody,
    answer=ReceiptSchema,
    summary="Deploy the files of a draft together; it stays, and goes on from what was deployed",
)
def deploy_draft(call: Call, body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    return receipt_body(deploying.deploy(call.session, call.deps, call.caller, draft_id, **body))


@operation(
    blueprint,
    "POST",
    "/process-drafts/<uuid:draft_id>/submit",
    id="submitProcessDraft",
    permission="process_draft.submit",
    body=ProcessDraftDeployBody,
    answer=ProcessDraftSchema,
    summary="Ask a second process owner to look at a draft as it is",
)
def submit_draft(call: Call, body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    second_look.submit(call.session, call.deps, call.caller, draft_id, **body)
    return _told(call, draft_id)


@operation(
    blueprint,
    "POST",
    "/process-drafts/<uuid:draft_id>/withdraw",
    id="withdrawProcessDraft",
    permission="process_draft.submit",
    answer=ProcessDraftSchema,
    summary="Take a submitted draft back",
)
def withdraw_draft(call: Call, draft_id: UUID) -> dict[str, Any]:
    second_look.withdraw(call.session, call.deps, call.caller, draft_id)
    return _told(call, draft_id)


@operation(
    blueprint,
    "POST",
    "/process-drafts/<uuid:draft_id>/approve",
    id="approveProcessDraft",
    permission="process_draft.decide",
    body=ProcessDraftApproveBody,
    answer=ReceiptSchema,
    summary="Deploy what another process owner has submitted; both are named",
)
def approve_draft(call: Call, body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    return receipt_body(second_look.approve(call.session, call.deps, call.caller, draft_id, **body))


@operation(
    blueprint,
    "POST",
    "/process-drafts/<uuid:draft_id>/reject",
    id="rejectProcessDraft",
    permission="process_draft.decide",
    body=ProcessDraftRejectBody,
    answer=ProcessDraftSchema,
    summary="Give a submitted draft back with a reason",
)
def reject_draft(call: Call, body: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    second_look.reject(call.session, call.deps, call.caller, draft_id, **body)
    return _told(call, draft_id)


def _begun(call: Call, draft_id: UUID) -> tuple[Any, int, dict[str, str]]:
    location = f"{request.path.removesuffix('/uploads')}/{draft_id}"
    return _told(call, draft_id), 201, {"Location": location}


def _told(call: Call, draft_id: UUID) -> dict[str, Any]:
    row = reading.draft(call.session, call.caller, draft_id)
    return {
        **row._mapping,
        "files": reading.files(call.session, call.caller, draft_id),
        "newer": newer_versions(call.session, row, row.bases),
    }


def _match(revision: int | None) -> int:
    """The revision a change goes on from: a member of the request, or the header If-Match."""
    if revision is not None:
        return revision
    found = _MATCH.match(request.headers.get("If-Match", ""))
    if found is None:
        raise InvalidInput(
            f"{request.method} {request.path} needs the revision it goes on from: as revision, or in the header If-Match.",
            message_zh="没有说明在哪一次保存的基础上修改：请写 revision，或用 If-Match。",
        )
    return int(found[1])
