"""Who may call what: every operation is in this table; one that is not fails the suite."""

from __future__ import annotations

import re
from typing import Any

from api.edge import OPERATIONS

STAFF, SUPERVISOR, OWNER, OPERATOR = "li_na", "sun_qiang", "lu_jian", "tang_wei"
ANY = "00000000-0000-4000-8000-000000000000"
EVERYBODY = {STAFF, SUPERVISOR, OWNER, OPERATOR}

ALLOWED: dict[str, set[str]] = {
    "readMe": EVERYBODY,
    "listPeople": EVERYBODY,
    "listTokens": EVERYBODY,
    "revokeToken": EVERYBODY,
    "listSessions": EVERYBODY,
    "endSession": EVERYBODY,
    "endSessions": EVERYBODY,
    "readAccess": {OPERATOR},
    "endAccess": {OPERATOR},
    "unlockPerson": {OPERATOR},
    "resetPassword": {OPERATOR},
    "issueToken": {OPERATOR},
    "revokeTokenOf": {OPERATOR},
    "issueKey": {OPERATOR},
    "revokeKeyOf": {OPERATOR},
    "listRegimes": EVERYBODY,
    "listCases": EVERYBODY,
    "fileCase": EVERYBODY,
    "file_complaint": EVERYBODY,
    "file_upgrade_complaint": EVERYBODY,
    "file_appeal": EVERYBODY,
    "readCase": EVERYBODY,
    "addAttachment": EVERYBODY,
    "addPendingAttachment": EVERYBODY,
    "listAttachments": EVERYBODY,
    "listPendingAttachments": EVERYBODY,
    "readAttachment": EVERYBODY,
    "sendMessage": EVERYBODY,
    "listTasks": EVERYBODY,
    "countTasks": EVERYBODY,
    "readTask": EVERYBODY,
    "claimTask": EVERYBODY,
    "releaseTask": EVERYBODY,
    "completeTask": EVERYBODY,
    "listCaseComments": EVERYBODY,
    "commentCase": EVERYBODY,
    "listTaskComments": EVERYBODY,
    "commentTask": EVERYBODY,
    "listNotices": EVERYBODY,
    "countNotices": EVERYBODY,
    "readNotice": EVERYBODY,
    "readNotices": EVERYBODY,
    "readInstance": EVERYBODY,
    "readHistory": EVERYBODY,
    "cancelInstance": {SUPERVISOR, OPERATOR},
    "suspendInstance": {SUPERVISOR, OPERATOR},
    "resumeInstance": {SUPERVISOR, OPERATOR},
    "setVariables": {OWNER, OPERATOR},
    "listIncidents": {OPERATOR},
    "retryIncident": {OPERATOR},
    "startProcess": {OWNER, OPERATOR},
    "sendSignal": {OWNER, OPERATOR},
    "listDefinitions": EVERYBODY,
    "listNeeds": EVERYBODY,
    "bindNeeds": {OWNER},
    "listDeployments": EVERYBODY,
    "deploy": {OWNER},
    "checkDeployment": {OWNER},
    "listResources": EVERYBODY,
    "readResource": EVERYBODY,
    "readOrganisation": EVERYBODY,
    "readUnit": EVERYBODY,
    "readPerson": EVERYBODY,
    "addUnit": {OPERATOR},
    "changeUnit": {OPERATOR},
    "addPerson": {OPERATOR},
    "changePerson": {OPERATOR},
    "addSeat": {OPERATOR},
    "changeSeat": {OPERATOR},
    "endSeat": {OPERATOR},
    "importOrganisation": {OPERATOR},
    "exportOrganisation": EVERYBODY,
}
"""operation → who of the four may call it. Everybody in the office is staff too."""

OPEN_TO_ALL = {"createToken", "changePassword"}
BODIES: dict[str, Any] = {
    "addUnit": {"revision": 1, "code": "x", "name": "x"},
    "changeUnit": {"revision": 1},
    "addPerson": {"revision": 1, "login": "x", "name": "x", "unit": "x"},
    "changePerson": {"revision": 1},
    "addSeat": {"revision": 1, "unit": "x"},
    "changeSeat": {"revision": 1},
    "endSeat": {"revision": 1, "last": "2026-03-01"},
    "issueToken": {"scopes": ["case.read"], "days": 1, "label": "x"},
    "issueKey": {"scopes": ["case.read"], "days": 1, "label": "x"},
    "fileCase": {"facts": {}},
    "file_complaint": {"facts": {}},
    "file_upgrade_complaint": {"facts": {}},
    "file_appeal": {"facts": {}},
    "sendMessage": {"name": "withdraw"},
    "completeTask": {"answers": {}},
    "commentCase": {"text": "x"},
    "commentTask": {"text": "x"},
    "readNotices": {"up_to": ANY},
    "cancelInstance": {"reason": "x"},
    "suspendInstance": {"reason": "x"},
    "resumeInstance": {},
    "sendSignal": {"name": "holiday"},
    "bindNeeds": {"bindings": {"task": "nothing"}},
    "setVariables": {"variables": {"a": 1}, "reason": "x"},
    "startProcess": {"process_key": "nothing", "business_key": "K"},
}


def test_every_operation_is_in_the_table(api: Any) -> None:
    assert set(OPERATIONS) == set(ALLOWED) | OPEN_TO_ALL
    assert {name for name, each in OPERATIONS.items() if each.permission is None} == OPEN_TO_ALL


def test_every_route_under_the_api_is_a_declared_operation(api: Any) -> None:
    declared = {(each.method, "/api/v1" + each.rule) for each in OPERATIONS.values()}
    for rule in api.app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and not rule.rule.endswith("openapi.json"):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                assert (method, rule.rule) in declared


def test_the_table_holds_for_everybody(api: Any) -> None:
    for name, allowed in ALLOWED.items():
        each = OPERATIONS[name]
        path = re.sub(r"<path:[^>]*>", "x.bpmn", re.sub(r"<uuid:[^>]*>", ANY, each.rule))
        path = re.sub(r"<[^>]*>", "nothing", re.sub(r"<int:[^>]*>", "1", path))
        assert api(None, each.method, path, BODIES.get(name)).status_code == 401, name
        for login in sorted(EVERYBODY):
            status = api(login, each.method, path, BODIES.get(name)).status_code
            assert (status != 403) == (login in allowed), (name, login, status)
            assert status < 500, (name, login)


def test_a_made_up_token_is_not_signed_in(api: Any) -> None:
    for header in ("Bearer x", "Bearer " + "x" * 5000, "Basic abc", "Bearer", "bearer \u00fc"):
        answer = api(None, "GET", "/me", headers={"Authorization": header})
        assert answer.status_code == 401, header


def test_the_openapi_document_names_operation_permission_and_problem(api: Any) -> None:
    document = api(None, "GET", "/openapi.json").json
    assert document["openapi"] == "3.1.0"
    found = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "delete", "put", "patch")
    }
    assert set(found) == set(OPERATIONS)
    for name, operation in found.items():
        if name in OPEN_TO_ALL:
            assert operation["security"] == []
        else:
            assert operation["x-permission"] == OPERATIONS[name].permission
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
