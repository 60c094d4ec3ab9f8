"""Credentials at the desktop's door: a token, or login and password by HTTP Basic, and nothing else, here and nowhere else."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tasks.people.attempts import MOST
from tasks.people.tables import Person
from tests.api.desktop.modeler import Modeler, error_code
from tests.tasks.drawings import one_task
from tests.tasks.office import PASSWORD

ONE = one_task("from_desktop", 'camunda:candidateGroups="channel"').content


def test_login_and_password(api: Any) -> None:
    modeler = Modeler(api.client())
    assert modeler.basic("lu_jian", PASSWORD).deploy("one.bpmn", ONE).status_code == 200
    assert "陆鉴" in {one["deployed_by_name"] for one in api("lu_jian", "GET", "/deployments").json["items"]}
    for wrong in (("lu_jian", "x"), ("nobody", PASSWORD), ("", ""), ("lu_jian", ""), ("lu\x00", "x")):
        refused = modeler.basic(*wrong).check_connection()
        assert (refused.status_code, error_code(refused)) == (401, "UNAUTHORIZED"), wrong
        assert "Bearer token" in refused.json["message"]
    staff = modeler.basic("li_na", PASSWORD)
    assert staff.check_connection().status_code == 200
    assert error_code(staff.deploy("one.bpmn", ONE)) == "FORBIDDEN"


def test_login_and_token(api: Any) -> None:
    modeler, token = Modeler(api.client()), api.token("lu_jian")
    assert modeler.basic("lu_jian", token).check_connection().status_code == 200
    assert modeler.basic("li_na", token).check_connection().status_code == 401
    narrow = api.token("lu_jian", scopes=("definition.read",))
    assert modeler.bearer(narrow).get_version().status_code == 200
    assert modeler.bearer(narrow).deploy("one.bpmn", ONE).status_code == 403


def test_wrong_passwords_are_counted_with_those_of_the_sign_in_page(api: Any) -> None:
    modeler = Modeler(api.client())
    for _ in range(MOST):
        assert modeler.basic("lu_jian", "wrong").get_version().status_code == 401
    locked = modeler.basic("lu_jian", PASSWORD).get_version()
    assert locked.status_code == 429
    assert locked.headers["Retry-After"]
    body = {"login": "lu_jian", "password": PASSWORD}
    assert api(None, "POST", "/tokens", body).status_code == 429
    # A token is no password: whoever has one works on.
    assert modeler.bearer(api.token("lu_jian")).get_version().status_code == 200


def test_who_must_change_the_password_is_told_so(api: Any) -> None:
    with api.office.deps.sessions.begin() as session:
        changed = sa.update(Person).where(Person.login == "lu_jian")
        session.execute(changed.values(must_change_password=True, password_changed_at=api.office.clock.now()))
    refused = Modeler(api.client()).basic("lu_jian", PASSWORD).get_version()
    assert refused.status_code == 403
    assert "请先修改密码" in refused.json["message"]


def test_headers_that_are_none(api: Any) -> None:
    for header in (
        "Basic",
        "Basic !!",
        "Basic bHVfamlhbg==",
        "Bearer",
        "Bearer " + "x" * 9000,
        "Negotiate a",
        "basic  ",
    ):
        answer = api.client().get("/engine-rest/version", headers={"Authorization": header})
        assert answer.status_code == 401, header


def test_the_api_takes_no_password_and_the_door_no_cookie(api: Any) -> None:
    modeler = Modeler(api.client()).basic("lu_jian", PASSWORD)
    refused = api.client().get("/api/v1/deployments", headers=modeler.headers)
    assert refused.status_code == 401
    assert "Basic" not in refused.headers["WWW-Authenticate"]
    client = api.client()
    client.set_cookie("session", "anything")
    assert client.get("/engine-rest/version").status_code == 401


def test_a_page_of_another_site_deploys_nothing(api: Any) -> None:
    """Even where a browser sends a password it kept."""
    modeler = Modeler(api.client()).basic("lu_jian", PASSWORD)
    modeler.headers["Origin"] = "https://evil.example"
    refused = modeler.deploy("one.bpmn", ONE)
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused.headers
    modeler.headers["Origin"] = "http://localhost"
    assert modeler.deploy("one.bpmn", ONE).status_code == 200
    # A browser that shows a page is not made to ask for a password, and so has none to keep.
    shown = api.client().get("/engine-rest/version", headers={"Accept": "text/html,*/*;q=0.8"})
    assert shown.headers.getlist("WWW-Authenticate") == ['Bearer realm="redress"']
