"""A process owner rolls back in one call, retires a process and restores it; everything else is refused with a sentence."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.deployment import ProcessDefinition
from tasks.audit.tables import AuditEvent
from tasks.processes import deployments
from tests.api.test_deployments import upload
from tests.engine.diagrams import process


def deploy(api: Any, task: str) -> None:
    drawn = process(
        "hello", "start s", f"user {task} camunda:candidateGroups=channel", "end e", f"s -> {task} -> e"
    )
    assert upload(api, ("hello.bpmn", drawn.content)).status_code == 201


def start(api: Any) -> None:
    begun = api(
        "lu_jian",
        "POST",
        "/process-instances",
        {"process_key": "hello", "business_key": "K", "variables": {}},
    )
    assert begun.status_code == 201, begun.text


def test_an_older_version_is_made_current_again_with_a_note(api: Any) -> None:
    deploy(api, "one")
    start(api)
    deploy(api, "two")
    path = "/process-definitions/hello/current"
    for body in ({"version": 1}, {"version": 1, "note": "  "}, {"version": 0, "note": "x"}, {"note": "x"}):
        assert api("lu_jian", "POST", path, body).status_code == 422, body
    assert api("li_na", "POST", path, {"version": 1, "note": "回退"}).status_code == 403
    assert api("lu_jian", "POST", path, {"version": 9, "note": "回退"}).status_code == 404
    done = api("lu_jian", "POST", path, {"version": 1, "note": "回退：新版漏了审计"})
    assert done.status_code == 200, done.text
    assert (done.json["version"], done.json["note"]) == (1, "回退：新版漏了审计")
    assert done.json["running"] == [{"version": 1, "running": 1}]
    assert api("li_na", "GET", path).json["version"] == 1
    with api.office.deps.sessions() as session:
        noted = session.scalars(
            sa.select(AuditEvent.verb).where(AuditEvent.verb == "definition.choose")
        ).all()
        assert noted == ["definition.choose"]
        assert session.scalar(sa.select(sa.func.count()).where(ProcessDefinition.key == "hello")) == 2


def test_a_retired_process_is_not_offered_and_not_started(api: Any) -> None:
    path = "/process-definitions/request"
    filed = api("li_na", "POST", "/cases/request", {"facts": {}})
    assert filed.status_code in (201, 422)
    assert api("lu_jian", "POST", f"{path}/retire", {}).status_code == 422
    done = api("lu_jian", "POST", f"{path}/retire", {"note": "由新流程代替"})
    assert (done.status_code, done.json["retired_note"]) == (200, "由新流程代替")
    refused = api("li_na", "POST", "/cases/request", {"facts": {}})
    assert refused.status_code == 409
    assert "retired it on" in refused.json["detail"]
    assert "停用" in refused.json["message_zh"]
    assert "request" not in [one["key"] for one in api("li_na", "GET", "/regimes").json["items"]]
    assert api("lu_jian", "POST", f"{path}/retire", {"note": "again"}).status_code == 409
    assert api("lu_jian", "POST", f"{path}/restore", {}).json["retired_at"] is None
    assert "request" in [one["key"] for one in api("li_na", "GET", "/regimes").json["items"]]


def test_a_start_of_the_system_deploys_only_what_has_changed_in_its_folder(api: Any) -> None:
    deps = api.office.deps
    ours = process("hello", "start s", "user one camunda:candidateGroups=channel", "end e", "s -> one -> e")
    theirs = process("hello", "start s", "user two camunda:candidateGroups=channel", "end e", "s -> two -> e")
    with deps.sessions() as session:
        assert not deployments.brought_before(session, [ours], "content")
        deployments.deploy_as(session, deps, SYSTEM, [ours], name="bpmn", source="content")
        deployments.deploy_as(session, deps, SYSTEM, [theirs], name="redesigned", source="modeler")
        assert deployments.brought_before(session, [ours], "content")
        assert not deployments.brought_before(session, [theirs], "content")
        assert not deployments.brought_before(session, [ours, theirs], "content")
