"""Version, list of deployments, and a deployment as the modeler sends it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from api.desktop.door import PREFIX, route
from api.desktop.refusals import reported
from api.edge import Call
from engine.deployment import DeploymentReceipt
from engine.dialect import SourceFile
from engine.errors import InvalidInput
from tasks.core import storable
from tasks.processes import deployments, desktop

VERSION = "7.22.0"
"""The engine whose answers these are; the modeler keeps it with what it tells of a deployment."""
SOURCE = "Camunda Modeler"
PATIENCE = 3.6
"""Seconds from the arrival of a deployment until its trial run has to be over: the modeler hangs up after five."""
_MOST_LISTED = 100
_OURS = {"deployment-name", "deployment-source", "enable-duplicate-filtering", "deploy-changed-only"}
_NOT_HERE = {
    "tenant-id": ("a tenant", "租户"),
    "deployment-activation-time": ("a time of activation", "生效时间"),
}


@route("GET", "/version", name="desktop_version", permission="definition.read")
def version(_call: Call) -> Response:
    return jsonify(version=VERSION)


@route("GET", "/deployment", name="desktop_deployments", permission="deployment.read")
def list_deployments(call: Call) -> Response:
    first, most = _count("firstResult", 0), _count("maxResults", _MOST_LISTED)
    rows = deployments.deployments(call.session, call.caller, limit=_MOST_LISTED)
    return jsonify([_deployment(row) for row in rows[first : first + most]])


@route("POST", "/deployment/create", name="desktop_deploy", permission="deployment.create")
def deploy(call: Call) -> Response:
    until = time.monotonic() + PATIENCE
    files, name, source = _sent()
    receipt = deployments.deploy(
        call.session, call.deps, call.caller, files, name=name, source=source, until=until
    )
    row, definitions = desktop.deployed(call.session, receipt, files)
    body = {
        **_deployment(row),
        "deployedProcessDefinitions": _definitions(definitions, receipt),
        "deployedDecisionDefinitions": None if receipt.unchanged else _decisions(call, row),
        "deployedDecisionRequirementsDefinitions": None,
        "deployedCaseDefinitions": None,
        "warnings": reported(receipt.findings),
    }
    return jsonify(body)


def _sent() -> tuple[list[SourceFile], str, str]:
    """The files, and the texts beside them. Parts that are neither are refused: nothing anybody meant is passed over."""
    if request.mimetype != "multipart/form-data":
        raise InvalidInput(
            f"A deployment was sent as {(request.mimetype or 'nothing')[:60]}; send it as multipart/form-data.",
            message_zh="部署须以 multipart/form-data 发送。",
        )
    for field, value in request.form.items(multi=True):
        if field in _NOT_HERE and value.strip():
            en, zh = _NOT_HERE[field]
            raise InvalidInput(
                f"The deployment was sent with {en} ({field}); there is none here, leave it empty.",
                message_zh=f"部署带有{zh}（{field}），本系统没有{zh}，请留空。",
            )
        if field not in _OURS and field not in _NOT_HERE:
            raise InvalidInput(
                f"No file name found in the deployment resource described by form parameter '{field[:60]}'.",
                message_zh=f"表单参数“{field[:60]}”没有文件名。",
            )
    files = [
        SourceFile(name=file.filename or field, content=file.read())
        for field, file in request.files.items(multi=True)
    ]
    source = _text("deployment-source") or SOURCE
    return files, _text("deployment-name") or (files[0].name if files else ""), source


def _text(field: str) -> str:
    text = request.form.get(field, "").strip()
    if len(text) > 200 or not storable(text):
        raise InvalidInput(
            f"The field {field} of the deployment takes at most 200 characters of Unicode text.",
            message_zh=f"部署的 {field} 最多 200 个字。",
        )
    return text


def _count(name: str, otherwise: int) -> int:
    given = request.args.get(name)
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise InvalidInput(f"Cannot set query parameter '{name}' to value '{given[:60]}': it is no number.")
    return int(given)


def _deployment(row: Any) -> dict[str, Any]:
    return {
        "links": [
            {"method": "GET", "href": f"{request.host_url.rstrip('/')}{PREFIX}/deployment", "rel": "self"}
        ],
        "id": str(row.id),
        "name": row.name,
        "source": row.source,
        "deploymentTime": row.deployed_at.isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
        "tenantId": None,
    }


def _definitions(rows: Mapping[Any, Any], receipt: DeploymentReceipt) -> dict[str, Any] | None:
    """The current version of each process of the files; None where they hold none.

    Those that were there already are named too: a modeler that never heard the first answer could start nothing else.
    """
    return {str(one.id): definition_body(rows[one.id]) for one in receipt.definitions} or None


def definition_body(row: Any) -> dict[str, Any]:
    """A version of a process as the engine shows it."""
    return {
        "id": str(row.id),
        "key": row.key,
        "category": None,
        "description": None,
        "name": row.name or None,
        "version": row.version,
        "resource": row.resource,
        "deploymentId": str(row.deployment_id),
        "diagram": None,
        "suspended": False,
        "tenantId": None,
        "versionTag": row.version_tag or None,
        "historyTimeToLive": None,
        "startableInTasklist": bool(row.startable),
    }


def _decisions(call: Call, row: Any) -> dict[str, Any] | None:
    found = desktop.decisions(call.session, row.id)
    return {
        f"{one.key}:{one.version}:{one.id}": {
            "id": f"{one.key}:{one.version}:{one.id}",
            "key": one.key,
            "category": None,
            "name": one.name,
            "version": one.version,
            "resource": one.resource,
            "deploymentId": str(row.id),
            "decisionRequirementsDefinitionId": None,
            "decisionRequirementsDefinitionKey": None,
            "historyTimeToLive": None,
            "versionTag": None,
            "tenantId": None,
        }
        for one in found
    } or None
