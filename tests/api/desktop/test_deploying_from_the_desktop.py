"""The Camunda Modeler deploys and starts: its own requests, byte for byte, and what it makes of the answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.api.desktop.modeler import Modeler, error_code, first_definition
from tests.tasks.drawings import REQUEST, one_task

ONE = one_task("from_desktop", 'camunda:candidateGroups="channel"').content
DMN = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
    b'<decision id="half" name="\xe5\x8d\x8a\xe4\xbb\xb7"><literalExpression><text>1 / 2</text></literalExpression>'
    b"</decision></definitions>"
)


@pytest.fixture
def modeler(api: Any) -> Modeler:
    return Modeler(api.client()).bearer(api.token("lu_jian"))


def test_what_the_modeler_asks_before_it_deploys(modeler: Modeler) -> None:
    for typed in (
        "/engine-rest",
        "/engine-rest/",
        "/engine-rest/engine/default",
        "/engine-rest/deployment/create",
    ):
        at = modeler.at(typed)
        checked = at.check_connection()
        assert (checked.status_code, checked.json) == (200, []), typed
        assert at.get_version().json["version"].startswith("7."), typed


def test_the_url_field_is_checked_without_credentials_first(modeler: Modeler, api: Any) -> None:
    refused = Modeler(api.client()).check_connection()
    assert refused.status_code == 401
    assert error_code(refused) == "UNAUTHORIZED"
    assert refused.headers.getlist("WWW-Authenticate") == [
        'Basic realm="redress", charset="UTF-8"',
        'Bearer realm="redress"',
    ]
    assert refused.json["type"] == "AuthenticationException"


def test_a_diagram_is_deployed_and_started(modeler: Modeler, api: Any) -> None:
    answer = modeler.deploy("投诉 一.bpmn", ONE)
    assert answer.status_code == 200, answer.text
    told = answer.json
    made = first_definition(answer)
    assert (made["key"], made["version"], made["resource"]) == ("from_desktop", 1, "投诉 一.bpmn")
    assert (told["name"], told["source"], told["tenantId"]) == ("投诉 一", "Camunda Modeler", None)
    assert made["deploymentId"] == told["id"]
    assert list(told["deployedProcessDefinitions"]) == [made["id"]]
    assert told["deployedCaseDefinitions"] is None
    listed = {one["id"]: one for one in api("lu_jian", "GET", "/deployments").json["items"]}
    assert listed[told["id"]]["source"] == "Camunda Modeler"
    kept = api("lu_jian", "GET", f"/deployments/{told['id']}/resources/投诉 一.bpmn")
    assert kept.data == ONE

    variables = {
        "text": {"value": "甲", "type": "String"},
        "number": {"value": 3, "type": "Long"},
        "day": {"value": "2013-01-23T13:42:42.000+0100", "type": "Date"},
        "list": {"value": '[{"a": 1}]', "type": "Json"},
        "bare": {"value": True},
        "none": {"value": None, "type": "Null"},
    }
    started = modeler.start(made["id"], "默认", variables)
    assert started.status_code == 200, started.text
    assert started.json["definitionId"] == made["id"]
    assert (started.json["businessKey"], started.json["ended"]) == ("默认", False)
    found = api("lu_jian", "GET", f"/instances/{started.json['id']}").json
    assert found["process_key"] == "from_desktop"


def test_the_same_again_is_no_new_deployment(modeler: Modeler) -> None:
    first = modeler.deploy("one.bpmn", ONE)
    again = modeler.deploy("one.bpmn", ONE)
    assert again.status_code == 200
    assert again.json["id"] == first.json["id"]
    assert first_definition(again) == first_definition(first), "whoever lost the first answer can start it"
    changed = modeler.deploy("one.bpmn", ONE.replace(b"channel", b"department"))
    assert first_definition(changed)["version"] == 2
    assert changed.json["id"] != first.json["id"]
    # What a start names is what is started, also after it was overtaken.
    earlier = modeler.start(first_definition(first)["id"], "k", None)
    assert earlier.json["definitionId"] == first_definition(first)["id"]


def test_tables_and_forms_go_with_the_diagram(modeler: Modeler) -> None:
    form = b'{"type": "default", "id": "beside", "components": []}'
    answer = modeler.deploy("one.bpmn", ONE, ("half.dmn", DMN), ("beside.form", form))
    assert answer.status_code == 200, answer.text
    decision = next(iter(answer.json["deployedDecisionDefinitions"].values()))
    assert (decision["key"], decision["name"], decision["version"]) == ("half", "半价", 1)
    alone = modeler.deploy("half.dmn", DMN.replace(b"1 / 2", b"2 / 4"))
    assert alone.json["deployedProcessDefinitions"] is None
    assert next(iter(alone.json["deployedDecisionDefinitions"].values()))["version"] == 2
    assert modeler.deploy("half.dmn", DMN.replace(b"1 / 2", b"2 / 4")).json["id"] == alone.json["id"]


def test_a_diagram_may_name_the_version_of_a_table(modeler: Modeler) -> None:
    def using(version: int) -> bytes:
        task = (
            '<bpmn:businessRuleTask id="work" camunda:decisionRef="half" camunda:resultVariable="r"'
            f' camunda:mapDecisionResult="singleEntry" camunda:decisionRefBinding="version" camunda:decisionRefVersion="{version}"/>'
        )
        text = ONE.decode()
        begin = text.index("<bpmn:userTask")
        end = min(
            at for at in (text.find("/>", begin) + 2, text.find("</bpmn:userTask>", begin) + 16) if at > 20
        )
        return (text[:begin] + task + text[end:]).encode()

    modeler.deploy("half.dmn", DMN)
    modeler.deploy("half.dmn", DMN.replace(b"1 / 2", b"2 / 4"))
    assert modeler.deploy("two.bpmn", using(2)).status_code == 200
    nine = modeler.deploy("nine.bpmn", using(9))
    # There is no ninth: it is stored, and says what it lacks before it can start.
    assert "warnings" in nine.json["warnings"]["nine.bpmn"]
    assert modeler.start(first_definition(nine)["id"], "k").status_code == 409


def test_every_mistake_is_told_in_the_engines_form(modeler: Modeler, api: Any) -> None:
    bad = REQUEST.replace('id="request"', 'id="bad"').replace(
        "<bpmn:serviceTask ", "<bpmn:serviceTask isForCompensation='true' "
    )
    bad = bad.replace("=form.check_request.outcome =", "=form.check_request.outcome ==")
    before = len(api("lu_jian", "GET", "/deployments").json["items"])
    refused = modeler.deploy("坏.bpmn", bad.encode())
    assert (refused.status_code, refused.json["type"]) == (400, "ParseException")
    assert error_code(refused) == "DIAGRAM_PARSE_ERROR"
    lines = refused.json["message"].split("\n")
    assert lines[0] == "ENGINE-09005 Could not parse BPMN process. Errors: "
    assert len(lines) > 2
    assert all(line.startswith("* ") and "| resource 坏.bpmn | line " in line for line in lines[1:])
    problems = refused.json["details"]["坏.bpmn"]["errors"]
    assert len(problems) == len(lines) - 1
    assert all(one["mainElementId"] == one["mainBpmnElementId"] for one in problems)
    assert any(one["elementIds"] for one in problems)
    assert all("\u4e00" <= one["message"][0] <= "\u9fff" or "/" in one["message"] for one in problems)
    assert len(api("lu_jian", "GET", "/deployments").json["items"]) == before


def test_warnings_come_with_the_answer_and_block_nothing(modeler: Modeler) -> None:
    answer = modeler.deploy("one.bpmn", ONE.replace(b"channel", b"nobody_here"))
    assert answer.status_code == 200, answer.text
    assert answer.json["warnings"]["one.bpmn"]["warnings"]
    assert not answer.json["warnings"]["one.bpmn"]["errors"]


def test_fields_of_a_template_that_nobody_filled_in_say_nothing(modeler: Modeler) -> None:
    """The modeler writes a property without a value for each."""
    empty = "".join(
        f'<camunda:property name="{name}" />'
        for name in ("sla.policy", "sla.due", "sla.warnRatio", "separateFrom")
    )
    inside = (
        f"<bpmn:extensionElements><camunda:properties>{empty}</camunda:properties></bpmn:extensionElements>"
    )
    text = ONE.decode()
    end = text.index(">", text.index("<bpmn:userTask"))
    drawn = (
        text[:end].rstrip("/")
        + f">{inside}"
        + ("</bpmn:userTask>" if text[end - 1] == "/" else "")
        + text[end + 1 :]
    )
    answer = modeler.deploy("one.bpmn", drawn.encode())
    assert answer.status_code == 200, answer.text
    assert "sla" not in str(answer.json["warnings"])
    assert "separateFrom" not in str(answer.json["warnings"])


def test_what_is_not_a_diagram_at_all(modeler: Modeler) -> None:
    for content in (
        b"",
        b"hello",
        b"<a/>",
        b"\x00\xff",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ):
        refused = modeler.deploy("x.bpmn", content)
        assert refused.status_code == 400, content
        assert error_code(refused) == "DIAGRAM_PARSE_ERROR", refused.text
        assert "root:" not in refused.text
    for name in ("../../etc/x.bpmn", "C:\\x\\..\\y.bpmn", "/etc/passwd", "con.bpmn", ""):
        assert modeler.deploy(name, ONE, title="odd").status_code == 400, name


def test_a_tenant_a_time_and_parts_without_a_name_are_refused(modeler: Modeler, api: Any) -> None:
    assert "tenant" in modeler.deploy("one.bpmn", ONE, **{"tenant-id": "t1"}).json["message"]
    later = {"deployment-activation-time": "2030-01-01T00:00:00"}
    assert modeler.deploy("one.bpmn", ONE, **later).status_code == 400
    odd = modeler.deploy("one.bpmn", ONE, data="text")
    assert odd.json["message"].startswith("表单参数") or "No file name" in odd.json["message"]
    twice = modeler.deploy("one.bpmn", ONE, ("one.bpmn", ONE))
    assert error_code(twice) == "DIAGRAM_PARSE_ERROR"
    assert modeler.deploy("one.bpmn", ONE, title="名" * 201).status_code == 400
    nothing = modeler._fetch("POST", "/deployment/create", data=b"{}", content_type="application/json")
    assert nothing.status_code == 400
    broken = modeler._fetch(
        "POST", "/deployment/create", data=b"--x\r\n", content_type="multipart/form-data; boundary=y"
    )
    assert broken.status_code == 400
    many = {f"f{number}": "x" for number in range(1200)}
    assert modeler.deploy("one.bpmn", ONE, **many).status_code == 413


def test_more_than_is_taken_is_said_so(modeler: Modeler) -> None:
    large = modeler.deploy("one.bpmn", b"<a>" + b" " * 11_000_000 + b"</a>")
    assert large.status_code == 413
    assert large.json["type"] == "RestException"


def test_one_at_a_time_here_and_the_other_later(modeler: Modeler, api: Any) -> None:
    files = [
        (f"p{number}.bpmn", one_task(f"at_once_{number % 2}", 'camunda:candidateGroups="channel"').content)
        for number in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda file: Modeler(api.client()).bearer(modeler.headers["Authorization"][7:]).deploy(*file),
                files,
            )
        )
    assert {answer.status_code for answer in answers} <= {200, 503}
    made = [first_definition(answer) for answer in answers if answer.status_code == 200]
    assert {(one["key"], one["version"]) for one in made if one} == {("at_once_0", 1), ("at_once_1", 1)}
    assert len({one["id"] for one in made if one}) == 2, "whoever came later is told of the same version"


def test_where_two_have_to_look_nobody_deploys_alone(modeler: Modeler, api: Any) -> None:
    app = api.own_app()
    deps = app.extensions["redress"]
    app.extensions["redress"] = replace(deps, settings=replace(deps.settings, deployment_four_eyes=True))
    refused = Modeler(app.test_client(), headers=modeler.headers).deploy("one.bpmn", ONE)
    assert (refused.status_code, error_code(refused)) == (403, "FORBIDDEN")
    assert "流程设计" in refused.json["message"]


def test_links_of_the_modeler_lead_to_our_pages(api: Any) -> None:
    """determineCockpitUrl and CockpitLink: the address is asked for without credentials, the rest put behind it."""
    client = api.client()
    found = client.get(
        "/.well-known/camunda-automation-platform/webapps", headers={"accept": "application/json"}
    )
    base = found.json["cockpitUrl"]
    assert base.endswith("/engine-rest/open/")
    path = base.removeprefix("http://localhost")
    named = "0190f1a2-0000-7000-8000-000000000001"
    query = (
        f"?deploymentsQuery=%5B%7B%22type%22:%22id%22,%22operator%22:%22eq%22,%22value%22:%22{named}%22%7D%5D"
    )
    assert client.get(f"{path}repository{query}").headers["Location"] == f"/deployments/{named}"
    assert client.get(f"{path}process-instance/{named}").headers["Location"] == f"/instances/{named}"
    assert client.get(f"{path}process-instance/..%2f..").status_code == 404
    for odd in ("%5B%5D", "x", "%7B%7D", "%5B%7B%22type%22:%22id%22,%22value%22:%22//evil.example%22%7D%5D"):
        assert client.get(f"{path}repository?deploymentsQuery={odd}").headers["Location"] == "/processes"


def test_starting_says_what_is_wrong(modeler: Modeler, api: Any) -> None:
    made = first_definition(modeler.deploy("one.bpmn", ONE))["id"]
    for missing in ("00000000-0000-4000-8000-000000000000", "undefined", "a:1:b", "%00"):
        refused = modeler.start(missing, "k")
        assert (refused.status_code, error_code(refused)) == (404, "NOT_FOUND")
    by_key = modeler._fetch("POST", "/process-definition/key/from_desktop/start", json={})
    assert by_key.status_code == 200, by_key.text
    assert by_key.json["businessKey"].startswith("from_desktop-")
    assert modeler._fetch("POST", "/process-definition/key/nothing/start", json={}).status_code == 404
    java = {
        "value": "rO0ABXNyABFqYXZh",
        "type": "Object",
        "valueInfo": {
            "serializationDataFormat": "application/x-java-serialized-object",
            "objectTypeName": "java.util.Map",
        },
    }
    wrong = [
        java, {"value": "x", "type": "File"}, {"value": "<a/>", "type": "Xml"}, {"value": "1", "type": "Integer"},
        {"value": 2**31, "type": "Integer"}, {"value": True, "type": "Long"}, {"value": "yes", "type": "Boolean"},
        {"value": "tomorrow", "type": "Date"}, {"value": "{", "type": "Json"}, {"value": {}, "type": "Json"}, "plain",
        {"value": 1, "type": 7}, {"value": "[" * 5000 + "]" * 5000, "type": "Json"}, {"wert": 1},
    ]  # fmt: skip
    for one in wrong:
        refused = modeler.start(made, "k", {"v": one})
        assert refused.status_code == 400, one
        assert "v" in refused.json["message"]
    assert modeler.start(made, "k", ["v"]).status_code == 400
    assert modeler.start(made, "长" * 201).status_code == 400
    assert modeler.start(made, "nul\x00").status_code == 400
    for body in ({"startInstructions": [{"type": "startBeforeActivity"}]}, [1], {"businessKey": 7}):
        assert modeler._fetch("POST", f"/process-definition/{made}/start", json=body).status_code == 400
    text = modeler._fetch("POST", f"/process-definition/{made}/start", data="x", content_type="text/plain")
    assert text.status_code == 415


def test_other_addresses_and_methods(modeler: Modeler) -> None:
    assert modeler._fetch("GET", "/task").status_code == 404
    assert modeler._fetch("GET", "/task").json["type"] == "RestException"
    wrong = modeler._fetch("GET", "/deployment/create")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "OPTIONS, POST")
    assert modeler._fetch("HEAD", "/version").status_code == 200
    assert modeler._fetch("GET", "/deployment?maxResults=-1").status_code == 400
    assert modeler._fetch("GET", "/deployment?maxResults=1&firstResult=1").status_code == 200
    asked = modeler._fetch("OPTIONS", "/deployment/create")
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, "file://")
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
