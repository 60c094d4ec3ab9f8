"""Process drafts through the API: for systems with tokens that keep, check, deploy and have somebody look."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.api.conftest import Api
from tests.conftest import Furnishing
from tests.databases import Databases
from tests.tasks.drafts.conftest import _furnish
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice, open_office

DIAGRAM = one_task("redesigned", "")
TEXT = DIAGRAM.content.decode()


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    return furnishing("drafts", _furnish)


@pytest.fixture
def api(sessions: sessionmaker[Session], clock: FrozenClock) -> Api:
    return Api(open_office(sessions, clock, furnished=True))


def call(api: Api, login: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {api.token(login)}", **more.pop("headers", {})}
    sent = {"json": body} if body is not None else {}
    return api.client().open(f"/api/v1/process-drafts{path}", method=method, headers=headers, **sent, **more)


def uploaded(api: Api, login: str = "lu_jian") -> str:
    files = {"name": "改", "files": (io.BytesIO(DIAGRAM.content), DIAGRAM.name)}
    answer = call(api, login, "POST", "/uploads", data=files)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/v1/process-drafts/{answer.json['id']}"
    return f"/{answer.json['id']}"


def test_a_draft_is_uploaded_saved_checked_and_deployed(api: Api) -> None:
    draft = uploaded(api)
    found = call(api, "bai_he", "GET", draft).json
    assert (found["name"], found["state"], found["owner_name"]) == ("改", "open", "陆鉴")
    assert [(one["name"], one["kind"], one["revision"]) for one in found["files"]] == [
        (DIAGRAM.name, "bpmn", 1)
    ]
    file = f"{draft}/files/{DIAGRAM.name}"
    edited = TEXT.replace("办理", "复核")
    assert call(api, "bai_he", "PUT", file, {"text": edited, "revision": 1}).json["revision"] == 2
    refused = call(api, "lu_jian", "PUT", file, {"text": TEXT + " "}, headers={"If-Match": '"1"'})
    assert refused.status_code == 409
    assert (refused.json["revision"], refused.json["saved_by"]) == (2, "白鹤")
    assert (
        call(api, "lu_jian", "PUT", file, {"text": TEXT}, headers={"If-Match": '"2"'}).json["revision"] == 3
    )
    for more in ({}, {"headers": {"If-Match": "*"}}):
        assert call(api, "lu_jian", "PUT", file, {"text": TEXT}, **more).status_code == 422
    assert call(api, "lu_jian", "GET", f"{file}?revision=2").json["text"] == edited
    checked = call(api, "lu_jian", "POST", f"{draft}/check", {"files": {DIAGRAM.name: "<a/>"}}).json
    assert not checked["ok"] and checked["findings"][0]["walk"] == []
    assert call(api, "lu_jian", "POST", f"{draft}/check").json["ok"]
    assert call(api, "lu_jian", "POST", f"{draft}/deploy", {}).status_code == 422
    receipt = call(api, "lu_jian", "POST", f"{draft}/deploy", {"note": "按新规"}).json
    assert receipt["definitions"][0]["version"] == 1
    found = call(api, "lu_jian", "GET", draft).json
    assert (found["state"], found["based_key"], found["based_version"]) == ("deployed", "redesigned", 1)
    copy = call(
        api, "bai_he", "POST", "", {"draft_id": found["id"], "name": "副本", "files": {DIAGRAM.name: edited}}
    )
    assert copy.status_code == 201 and copy.json["owner_name"] == "白鹤"
    of_version = call(api, "lu_jian", "POST", "", {"definition_id": found["based_definition_id"]}).json
    assert of_version["name"] == "redesigned v1"
    assert len(call(api, "lu_jian", "GET", "").json["items"]) == 3
    assert call(api, "lu_jian", "DELETE", f"/{copy.json['id']}").status_code == 403
    assert call(api, "bai_he", "DELETE", f"/{copy.json['id']}").status_code == 204
    assert call(api, "bai_he", "GET", f"/{copy.json['id']}").status_code == 404


def test_the_second_owner_approves_through_the_api(api: Api) -> None:
    draft = uploaded(api)
    found = call(api, "lu_jian", "POST", f"{draft}/submit", {"note": "按新规"}).json
    assert (found["state"], found["submission"], found["submitted_by_name"]) == ("submitted", 1, "陆鉴")
    refused = call(api, "lu_jian", "POST", f"{draft}/approve", {"submission": 1})
    assert refused.status_code == 403 and "who submitted it" in refused.json["detail"]
    found = call(api, "bai_he", "POST", f"{draft}/reject", {"submission": 1, "reason": "缺少时限"}).json
    assert (found["state"], found["rejection"], found["rejected_by_name"]) == ("open", "缺少时限", "白鹤")
    call(api, "lu_jian", "POST", f"{draft}/submit", {"note": "按新规"})
    assert call(api, "lu_jian", "POST", f"{draft}/withdraw").json["state"] == "open"
    call(api, "lu_jian", "POST", f"{draft}/submit", {"note": "按新规"})
    receipt = call(api, "bai_he", "POST", f"{draft}/approve", {"submission": 3})
    assert receipt.status_code == 200, receipt.text
    headers = {"Authorization": f"Bearer {api.token('lu_jian')}"}
    for listed in ("deployments", "process-definitions?key=redesigned"):
        first = api.client().get(f"/api/v1/{listed}", headers=headers).json["items"][0]
        assert (first["deployed_by_name"], first["approved_by_name"]) == ("陆鉴", "白鹤")


def test_where_four_eyes_are_wanted_no_way_of_the_api_deploys_alone(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    office = open_office(sessions, clock, furnished=True)
    settings = replace(office.deps.settings, deployment_four_eyes=True)
    api = Api(TestOffice(replace(office.deps, settings=settings), office.clock))
    draft = uploaded(api)
    refused = call(api, "lu_jian", "POST", f"{draft}/deploy", {"note": "按新规"})
    assert refused.status_code == 403 and "POST /process-drafts" in refused.json["detail"]
    headers = {"Authorization": f"Bearer {api.token('lu_jian')}"}
    files = {"name": "alone", "files": (io.BytesIO(DIAGRAM.content), DIAGRAM.name)}
    refused = api.client().post("/api/v1/deployments", headers=headers, data=files)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"key": "a", "definition_id": "00000000-0000-4000-8000-000000000000"},
        {"key": "a", "name": "x", "files": {"a": "b"}},
        {"key": "1 2", "name": "x"},
        {"key": "fine"},
        {"key": "fine", "name": "x" * 121},
        {"definition_id": "x"},
    ],
)
def test_what_no_draft_can_be_begun_with_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert call(api, "lu_jian", "POST", "", body).status_code == 422


def test_names_and_drafts_that_are_not_there(api: Api) -> None:
    draft = uploaded(api)
    nowhere = "/00000000-0000-4000-8000-000000000000"
    assert call(api, "lu_jian", "GET", nowhere).status_code == 404
    assert call(api, "lu_jian", "POST", "", {"definition_id": nowhere[1:]}).status_code == 404
    assert call(api, "lu_jian", "GET", f"{draft}/files/nothing.bpmn").status_code == 404
    for name in ("..%2Fx.bpmn", "a%0Ab.form", "x" * 300):
        answer = call(api, "lu_jian", "PUT", f"{draft}/files/{name}", {"text": "{}", "revision": 0})
        assert answer.status_code in (404, 422), name
    assert call(api, "li_na", "GET", draft).status_code == 403
