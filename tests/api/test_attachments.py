"""Papers over HTTP: who adds and reads them, how they come back, and what an outsider learns (nothing)."""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from redress.bootstrap import housekeeping
from tasks.audit.tables import AuditEvent
from tasks.evidence import attachments
from tasks.evidence.cabinet import Cabinet
from tasks.evidence.names import kept_name
from tasks.evidence.receiving import examined
from tasks.evidence.tables import Attachment, AttachmentChunk
from tasks.turns import Turns
from tests.tasks.evidence import files

MADE_UP = "00000000-0000-4000-8000-000000000000"
PDF = files.pdf(b"% the customer's letter")


@pytest.fixture
def cabinet(api: Any) -> Any:
    """Changes what the installation has decided about papers."""

    def change(**decided: Any) -> None:
        api.office.deps = replace(api.office.deps, cabinet=Cabinet(**decided))
        api.app.extensions["redress"] = api.office.deps

    return change


def upload(
    api: Any,
    login: str | None,
    path: str,
    content: bytes = PDF,
    name: str = "来信.pdf",
    kind: str = "document",
    **more: Any,
) -> Any:
    key, headers = more.pop("key", None), more.pop("headers", {})
    data = {"kind": kind, "file": (io.BytesIO(content), name), **more}
    return api(login, "POST", path, data=data, key=key, headers=headers)


def rows(api: Any) -> int:
    return int(api.office.scalar(sa.select(sa.func.count()).select_from(Attachment)))


@pytest.mark.parametrize("store", ["database", "disk"])
def test_a_paper_comes_back_as_it_was_sent_and_only_as_a_download(
    api: Any, cabinet: Any, tmp_path: Path, store: str
) -> None:
    cabinet(store=store, folder=tmp_path / "attachments")
    number = api.office.file().number
    long = files.pdf(bytes(range(256)) * 6000)
    made = upload(api, "li_na", f"/cases/{number}/attachments", long)
    assert made.status_code == 201, made.json
    assert made.json["number"] == number and made.json["sha256"] == hashlib.sha256(long).hexdigest()
    assert made.json["uploaded_by"]["name"] == "李楠" and made.json["size"] == len(long)
    got = api("sun_qiang", "GET", made.headers["Location"].removeprefix("/api/v1"))
    assert got.status_code == 200 and got.data == long
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E6%9D%A5%E4%BF%A1.pdf" in got.headers["Content-Disposition"]
    assert got.headers["X-Content-Type-Options"] == "nosniff" and got.headers["Cache-Control"] == "no-store"
    assert got.headers["Content-Security-Policy"].startswith("sandbox") and got.mimetype == "application/pdf"
    listed = api("li_na", "GET", f"/cases/{number}/attachments").json["items"]
    assert [one["id"] for one in listed] == [made.json["id"]]


def test_a_picture_is_kept_without_its_place_and_both_sums_are_told(api: Any) -> None:
    number, sent = api.office.file().number, files.picture("JPEG", turned=6)
    made = upload(api, "li_na", f"/cases/{number}/attachments", sent, "a.jpg", "photo").json
    got = api("li_na", "GET", f"/attachments/{made['id']}/content").data
    assert b"SecretCamera" not in got and files.pixels(got) == files.pixels(sent)
    assert made["sha256"] == hashlib.sha256(got).hexdigest()
    assert made["uploaded_sha256"] == hashlib.sha256(sent).hexdigest()


def test_for_an_outsider_a_case_and_its_papers_are_as_if_they_were_made_up(api: Any) -> None:
    number = api.office.file().number
    made = upload(api, "li_na", f"/cases/{number}/attachments").json
    for real, invented in (
        (f"/cases/{number}/attachments", "/cases/TS2026030200000300000015/attachments"),
        (f"/attachments/{made['id']}/content", f"/attachments/{MADE_UP}/content"),
    ):
        for login in ("chen_yu", "xu_wen"):
            seen, unseen = api(login, "GET", real), api(login, "GET", invented)
            assert seen.status_code == unseen.status_code == 404
            assert told(seen, real) == told(unseen, invented)
    sent = upload(api, "chen_yu", f"/cases/{number}/attachments")
    assert sent.status_code == 404 and rows(api) == 1
    pending = upload(api, "li_na", "/attachments").json
    assert api("he_jing", "GET", f"/attachments/{pending['id']}/content").status_code == 404
    assert api("sun_qiang", "GET", "/attachments").json["items"] == []


def told(answer: Any, path: str) -> str:
    name = path.split("/")[2]
    return str(answer.get_data(as_text=True)).replace(name, "X")


def test_who_has_the_work_reaches_the_papers_of_a_case_its_unit_does_not_see(api: Any) -> None:
    number = api.office.file().number
    task = api.office.task("check_request", number)
    upload(api, "li_na", f"/cases/{number}/attachments", task=str(task.id))
    with api.office.deps.sessions.begin() as session:
        session.execute(sa.text("UPDATE user_task SET candidate_group = 'x', also_groups = null"))
    assert api("chen_yu", "GET", f"/cases/{number}/attachments").status_code == 404
    with api.office.deps.sessions.begin() as session:
        group = api.office.acting("chen_yu")
        with group as (_, caller):
            mine = caller.groups[0]
        session.execute(sa.text("UPDATE user_task SET candidate_group = :g"), {"g": mine})
    (paper,) = api("chen_yu", "GET", f"/cases/{number}/attachments").json["items"]
    assert api("chen_yu", "GET", f"/attachments/{paper['id']}/content").data == PDF


def test_a_task_of_another_case_takes_no_paper(api: Any) -> None:
    first, second = api.office.file(), api.office.file()
    foreign = api.office.task("check_request", second.number)
    for task in (str(foreign.id), MADE_UP):
        sent = upload(api, "li_na", f"/cases/{first.number}/attachments", task=task)
        assert sent.status_code == 404, sent.json
    assert upload(api, "li_na", f"/cases/{first.number}/attachments", task="nonsense").status_code == 422
    assert rows(api) == 0


def test_a_closed_case_takes_no_papers_and_a_suspended_one_does(api: Any) -> None:
    filed = api.office.file()
    path = f"/cases/{filed.number}/attachments"
    api("sun_qiang", "POST", f"/instances/{filed.instance_id}/suspend", {"reason": "x"})
    assert upload(api, "li_na", path).status_code == 201
    api("sun_qiang", "POST", f"/instances/{filed.instance_id}/cancel", {"reason": "x"})
    refused = upload(api, "li_na", path)
    assert refused.status_code == 409 and "closed case takes no more papers" in refused.json["detail"]
    assert len(api("li_na", "GET", path).json["items"]) == 1


def test_a_case_takes_a_bounded_number_and_a_person_waits_with_a_bounded_number(
    api: Any, cabinet: Any
) -> None:
    cabinet(per_case=2, pending=2)
    path = f"/cases/{api.office.file().number}/attachments"
    assert [upload(api, "li_na", path).status_code for _ in range(3)] == [201, 201, 409]
    assert [upload(api, "li_na", "/attachments").status_code for _ in range(3)] == [201, 201, 409]
    assert upload(api, "he_jing", "/attachments").status_code == 201
    assert rows(api) == 5


def test_what_is_sent_wrongly_is_refused_with_a_sentence(api: Any, cabinet: Any) -> None:
    many = upload(api, "li_na", "/attachments", **{f"f{at}": "" for at in range(1200)})
    assert many.status_code == 413 and "more parts" in many.json["detail"], many.text
    cabinet(upload_bytes=3000, recording_bytes=3000)
    path = f"/cases/{api.office.file().number}/attachments"
    large = upload(api, "li_na", path, files.pdf(bytes(4000)))
    assert large.status_code == 413 and large.json["code"] == "attachment-too-large"
    larger = upload(api, "li_na", path, bytes(100_000))
    assert larger.status_code == 413 and "at most" in larger.json["detail"]
    script = upload(api, "li_na", path, b"#!/bin/sh\n")
    assert script.status_code == 422 and "script" in script.json["detail"] and script.json["message_zh"]
    assert api("li_na", "POST", path, {"kind": "photo"}).status_code == 422
    assert upload(api, "li_na", path, file2=(io.BytesIO(PDF), "b.pdf")).status_code == 422
    assert upload(api, "li_na", path, more="x").status_code == 422
    assert upload(api, "li_na", path, kind="selfie").status_code == 422
    assert upload(api, None, path).status_code == 401
    assert rows(api) == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\a\\b.pdf", "b.pdf"),
        ("发票\u202efdp.exe", "发票fdp.exe.pdf"),
        ('a"; filename=b.html\r\nX-Evil: 1', "a__ filename=b.htmlX-Evil_ 1.pdf"),
        ("con.pdf", "_con.pdf"),
        (".pdf", "pdf.pdf"),
        ("\u200b", "附件.pdf"),
        ("很" * 400 + ".PDF", "很" * 120 + ".PDF"),
    ],
)
def test_a_name_leads_nowhere_and_ends_as_what_the_file_is(given: str, kept: str) -> None:
    assert kept_name(given, "application/pdf") == kept


def test_the_same_upload_sent_again_with_its_key_is_kept_once(api: Any) -> None:
    path = f"/cases/{api.office.file().number}/attachments"
    first, again = upload(api, "li_na", path, key="k"), upload(api, "li_na", path, key="k")
    assert first.json == again.json and again.headers["Idempotency-Replayed"] == "true"
    other = upload(api, "li_na", path, files.pdf(b"another"), key="k")
    assert other.json["code"] == "idempotency-key-reused" and rows(api) == 1


@pytest.mark.parametrize("store", ["database", "disk"])
def test_what_was_changed_in_the_store_is_not_given_out(
    api: Any, cabinet: Any, tmp_path: Path, store: str, caplog: pytest.LogCaptureFixture
) -> None:
    cabinet(store=store, folder=tmp_path)
    made = upload(api, "li_na", f"/cases/{api.office.file().number}/attachments").json
    with api.office.deps.sessions.begin() as session:
        session.execute(sa.update(AttachmentChunk).values(content=PDF[:-1] + b"!"))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(PDF[:-1] + b"!")
    with caplog.at_level(logging.ERROR):
        got = api("li_na", "GET", f"/attachments/{made['id']}/content")
    assert got.status_code == 500 and got.json["code"] == "attachment-damaged"
    assert made["id"] in caplog.text


def test_papers_without_a_case_and_files_without_a_row_are_swept(
    api: Any, cabinet: Any, tmp_path: Path
) -> None:
    cabinet(store="disk", folder=tmp_path)
    upload(api, "li_na", "/attachments")
    kept = upload(api, "li_na", f"/cases/{api.office.file().number}/attachments").json
    orphan = tmp_path / "ab" / ("0" * 30 + "ab")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"x")
    (tmp_path / "ab" / "half.part").write_bytes(b"x")
    api.office.clock.advance(timedelta(days=10_000))
    sweep = housekeeping(api.office.deps)["redress.sweep_attachments"]
    for _ in range(2):
        with api.office.deps.sessions.begin() as session:
            sweep(session, {})
    assert rows(api) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [UUID(kept["id"]).hex]


def test_who_comes_while_others_upload_is_told_to_come_again(api: Any) -> None:
    turns = Turns(at_once=1, in_line=0)
    api.office.deps = replace(api.office.deps, turns=turns)
    api.app.extensions["redress"] = api.office.deps
    with turns.one("An upload"):
        refused = upload(api, "li_na", "/attachments")
    assert refused.status_code == 503 and refused.headers["Retry-After"]
    assert upload(api, "li_na", "/attachments").status_code == 201


def test_every_upload_and_download_leaves_a_line_in_the_chain_of_its_case(api: Any) -> None:
    number = api.office.file().number
    made = upload(api, "li_na", f"/cases/{number}/attachments").json
    api("sun_qiang", "GET", f"/attachments/{made['id']}/content")
    with api.office.deps.sessions() as session:
        lines = session.execute(
            sa.select(AuditEvent.verb, AuditEvent.actor_name, AuditEvent.after)
            .where(AuditEvent.chain == number, AuditEvent.subject == "attachment")
            .order_by(AuditEvent.seq)
        ).all()
    assert [(one.verb, one.actor_name) for one in lines] == [
        ("attachment.add", "李楠"),
        ("attachment.read", "孙强"),
    ]
    assert made["sha256"] in lines[0].after


def test_a_body_outside_reads_what_it_sent_itself_and_nothing_else(api: Any) -> None:
    with api.office.acting("li_na") as (session, caller):
        outside = replace(caller, standing=replace(caller.standing, roles=frozenset({"external"})))
        number = api.office.file().number
        with examined(Cabinet(), io.BytesIO(PDF), name="a.pdf", kind="document") as paper:
            theirs = attachments.add(session, api.office.deps, replace(outside, id=uuid4()), number, paper)
            own = attachments.add(session, api.office.deps, outside, number, paper)
        assert [row.id for row in attachments.of_case(session, api.office.deps, outside, number)] == [own.id]
        with pytest.raises(NotFound):
            attachments.open_content(session, api.office.deps, outside, theirs.id)
        attachments.open_content(session, api.office.deps, outside, own.id)[1].close()
