"""Whatever was uploaded comes back byte for byte, and whatever an upload pretends to be is answered in a sentence."""

from __future__ import annotations

import gc
import hashlib
import io
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import FrozenClock
from tests.tasks.drawings import one_task

DIAGRAM = one_task("hello", 'camunda:candidateGroups="channel"').content


def send(
    api: Any, *files: tuple[Any, ...], path: str = "/deployments", field: str = "files", **fields: str
) -> Any:
    data = {
        "name": "test",
        **fields,
        field: [(BytesIO(content), name, *kind) for name, content, *kind in files],
    }
    return api("lu_jian", "POST", path, data=data, content_type="multipart/form-data")


def fetched(api: Any, deployment: str, name: str) -> bytes:
    listed = api("lu_jian", "GET", f"/deployments/{deployment}/resources").json["items"]
    content: bytes = api("lu_jian", "GET", f"/deployments/{deployment}/resources/{name}").data
    [told] = [one["sha256"] for one in listed if one["name"] == name]
    assert told == hashlib.sha256(content).hexdigest()
    return content


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    line_end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    inside=st.sampled_from(
        [b"", b"<!-- \xe5\xa4\x8d -->", b"<documentation><![CDATA[a & b]]></documentation>", b"\t \t"]
    ),
    after=st.text(alphabet=" \t\n", max_size=5).map(str.encode),
    other=st.binary(max_size=60),
)
def test_what_was_uploaded_comes_back_byte_for_byte(api, mark, line_end, inside, after, other):
    content = mark + DIAGRAM.replace(b"><", b">" + line_end + b"<").replace(
        b"<bpmn:startEvent", inside.replace(b"documentation", b"bpmn:documentation") + b"<bpmn:startEvent", 1
    )
    content += after
    other += hashlib.sha256(content).digest()  # new every time, so that a deployment is made
    answer = send(api, ("hello.bpmn", content), ("any.bin", other))
    assert answer.status_code == 201, answer.text
    deployment = answer.json["deployment_id"]
    assert fetched(api, deployment, "hello.bpmn") == content
    assert fetched(api, deployment, "any.bin") == other
    assert {one["name"]: one["sha256"] for one in answer.json["files"]} == {
        "hello.bpmn": hashlib.sha256(content).hexdigest(),
        "any.bin": hashlib.sha256(other).hexdigest(),
    }


def test_other_bytes_of_the_same_process_are_kept_too_and_make_no_version(
    api: Any, clock: FrozenClock
) -> None:
    first = send(api, ("hello.bpmn", DIAGRAM))
    clock.advance(timedelta(seconds=1))
    spaced = DIAGRAM + b"<!-- drawn again -->\r\n"
    again = send(api, ("hello.bpmn", spaced))
    assert (first.status_code, again.status_code) == (201, 201)
    assert [one["version"] for one in again.json["definitions"]] == [1]
    assert fetched(api, again.json["deployment_id"], "hello.bpmn") == spaced
    assert send(api, ("hello.bpmn", spaced)).json["unchanged"] is True


def test_a_refused_upload_leaves_nothing_and_the_corrected_one_is_kept_as_it_is(api: Any) -> None:
    broken = DIAGRAM.replace(b"</bpmn:process>", b"")
    refused = send(api, ("hello.bpmn", broken))
    assert (refused.status_code, refused.json["files"][0]["sha256"]) == (
        422,
        hashlib.sha256(broken).hexdigest(),
    )
    corrected = DIAGRAM + b"\n\n"
    kept = send(api, ("hello.bpmn", corrected))
    assert fetched(api, kept.json["deployment_id"], "hello.bpmn") == corrected


def test_an_archive_comes_back_as_it_was_and_so_do_the_files_in_it(api: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("流程/hello.bpmn", DIAGRAM)
    answer = send(api, ("export.zip", packed.getvalue()))
    assert answer.status_code == 201, answer.text
    assert [(one["name"], one["kind"]) for one in answer.json["files"]] == [
        ("export.zip", "archive"),
        ("流程/hello.bpmn", "bpmn"),
    ]
    deployment = answer.json["deployment_id"]
    assert fetched(api, deployment, "export.zip") == packed.getvalue()
    assert fetched(api, deployment, "流程/hello.bpmn") == DIAGRAM


def test_a_drawing_is_no_empty_success(api: Any) -> None:
    drawing = DIAGRAM.replace(b'isExecutable="true"', b'isExecutable="false"')
    answer = send(api, ("hello.bpmn", drawing))
    assert answer.status_code == 201, answer.text
    assert answer.json["definitions"] == []
    assert [(one["key"], one["state"]) for one in answer.json["processes"]] == [("hello", "drawing")]
    assert fetched(api, answer.json["deployment_id"], "hello.bpmn") == drawing


def test_a_check_answers_the_same_shape_and_stores_nothing(api: Any) -> None:
    before = api("lu_jian", "GET", "/deployments").json
    checked = send(api, ("hello.bpmn", DIAGRAM), path="/deployments/check")
    assert (checked.status_code, checked.json["ok"]) == (200, True)
    assert checked.json.keys() == {"ok", "counts", "files", "processes", "findings"}
    assert api("lu_jian", "GET", "/deployments").json == before


@pytest.mark.parametrize(
    "files",
    [
        [("a.bpmn", b"")],
        [("a.bpmn", b"\x89PNG\r\n")],
        [("a.bpmn", DIAGRAM), ("a.bpmn", DIAGRAM)],
        [("../a.bpmn", DIAGRAM)],
        [("x" * 300 + ".bpmn", DIAGRAM)],
        [(f"{n}.bpmn", b"<a/>") for n in range(250)],
        [("a.zip", b"PK\x03\x04")],
    ],
    ids=["empty", "picture", "twice", "path", "long", "many", "archive"],
)
def test_what_cannot_be_taken_is_refused_with_findings(api: Any, files: Any) -> None:
    refused = send(api, *files)
    assert (refused.status_code, refused.json["code"]) == (422, "deployment-refused"), refused.text
    assert all(one["message"] and one["message_zh"] for one in refused.json["errors"])


def test_a_content_type_that_lies_changes_nothing(api: Any) -> None:
    answer = send(api, ("hello.bpmn", DIAGRAM, "image/png"))
    assert answer.status_code == 201, answer.text


def test_a_part_without_a_file_name_is_called_by_its_field_or_refused(api: Any) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\n' + DIAGRAM + b"\r\n--b--\r\n"
    answer = api("lu_jian", "POST", "/deployments", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 422
    assert "files" in answer.json["detail"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_upload_of_a_thousand_parts_is_refused(api: Any) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nx\r\n'
    answer = api(
        "lu_jian",
        "POST",
        "/deployments",
        data=part * 1_001 + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 413, answer.text
    assert answer.json["detail"]
    gc.collect()  # Werkzeug leaves the parts it has read to the collector, which warns of each


def test_a_field_of_a_megabyte_is_refused(api: Any) -> None:
    answer = send(api, ("hello.bpmn", DIAGRAM), note="x" * 1_000_000)
    assert answer.status_code in (413, 422)
    assert answer.json["detail"]
