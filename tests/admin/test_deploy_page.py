"""What a process owner meets on the page 部署: every mistake at once, a check that stores nothing, versions."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.admin.conftest import REGIME, Website, uploaded
from tests.engine.diagrams import process


def test_a_deployment_without_a_name_is_called_after_its_files(website: Website) -> None:
    visitor = website.visitor("lu_jian")
    changed = (REGIME / "suggestion.bpmn").read_text(encoding="utf-8").replace("复核建议", "复核客户建议")
    done = visitor.post("/deploy", {"verb": "deploy", "files": [uploaded("suggestion.bpmn", changed)]})
    assert "建议 v2 新版本" in done.text
    assert ">suggestion</a></td>" in done.text
    assert "系统" in visitor.get("/processes").text


def test_a_bad_deployment_lists_every_mistake_and_stores_nothing(website: Website) -> None:
    visitor = website.visitor("lu_jian")
    answer = visitor.post("/deploy", {"name": "修订", "verb": "deploy", "files": [_broken(REGIME)]})
    assert answer.status_code == 422
    assert "3 个错误" in answer.text
    for element in ("review_suggestion", "answering_call", "note_rejection", "to_review", "to_note"):
        assert element in answer.text
    assert "没有部署任何文件" in answer.text
    assert "version=2" not in visitor.get("/processes/suggestion").text


def test_a_check_alone_deploys_nothing_and_the_same_files_make_no_new_version(website: Website) -> None:
    visitor = website.visitor("lu_jian")
    changed = (REGIME / "suggestion.bpmn").read_text(encoding="utf-8").replace("复核建议", "复核客户建议")
    upload = {"name": "修订", "note": "改名"}
    checked = visitor.post(
        "/deploy", {**upload, "verb": "check", "files": [uploaded("suggestion.bpmn", changed)]}
    )
    assert "检查通过" in checked.text
    assert "version=2" not in visitor.get("/processes/suggestion").text
    website.clock.advance(timedelta(minutes=1))  # what is newest is told by the time it came
    deployed = visitor.post(
        "/deploy", {**upload, "verb": "deploy", "files": [uploaded("suggestion.bpmn", changed)]}
    )
    assert "建议 v2 新版本" in deployed.text
    again = visitor.post(
        "/deploy", {**upload, "verb": "deploy", "files": [uploaded("suggestion.bpmn", changed)]}
    )
    assert "未产生新版本" in again.text
    versions = visitor.get("/processes/suggestion").text
    assert "陆鉴" in versions
    assert "改名" in versions


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"<", b"not a diagram", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]
)
def test_any_upload_is_answered_with_findings(website: Website, content: bytes) -> None:
    visitor = website.visitor("lu_jian")
    files = [(io.BytesIO(content), "odd.bpmn")]
    answer = visitor.post("/deploy", {"name": "odd", "verb": "deploy", "files": files})
    assert answer.status_code == 422
    assert "odd.bpmn" in answer.text


def _broken(folder: Path) -> tuple[io.BytesIO, str]:
    text = (folder / "suggestion.bpmn").read_text(encoding="utf-8")
    for right, wrong in (
        ('formKey="review_suggestion"', 'formKey="review_sugestion"'),
        ('calledElement="answering"', 'calledElement="answring"'),
        ('scriptFormat="feel"', 'scriptFormat="python"'),
        ('sourceRef="received"', 'sourceRef="recieved"'),
        ("outcome = ", "outcome == "),
    ):
        assert right in text
        text = text.replace(right, wrong)
    return uploaded("suggestion.bpmn", text)


def test_the_picture_has_ids_the_viewer_reads_and_the_download_is_the_authors_file(website: Website) -> None:
    visitor = website.visitor("lu_jian")
    written = process("odd_ids", "start s", "user NAME", "end e", "s -> NAME -> e").content.replace(
        b"NAME", "1 步".encode()
    )
    done = visitor.post(
        "/deploy", {"name": "odd", "verb": "deploy", "files": [(io.BytesIO(written), "odd.bpmn")]}
    )
    assert done.status_code == 200, done.text
    (address,) = set(re.findall(r"/definitions/[0-9a-f-]+", visitor.get("/processes/odd_ids").text))
    assert visitor.get(f"{address}/diagram").data == written
    shown = visitor.get(f"{address}/picture").data
    assert b'id="_x0031__x0020__x6B65_"' in shown
    assert b'targetRef="_x0031__x0020__x6B65_"' in shown
