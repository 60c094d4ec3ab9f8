"""Papers on the pages, without scripts: the list, adding one, downloading one, and what is refused."""

from __future__ import annotations

import io
import re
from typing import Any

from admin.blueprint import UPLOADS
from tests.admin.conftest import Website
from tests.tasks.evidence import files

PHOTO = files.picture("JPEG", turned=6)


def send(
    visitor: Any,
    address: str,
    content: bytes = PHOTO,
    name: str = "现场.jpg",
    kind: str = "photo",
    **more: Any,
) -> Any:
    headers = more.pop("headers", {})
    data = {"kind": kind, "file": (io.BytesIO(content), name), **more}
    return visitor.post(address, data, content_type="multipart/form-data", headers=headers)


def test_a_paper_is_added_listed_and_downloaded_from_the_page_of_its_case(website: Website) -> None:
    number, clerk = website.file_suggestion(), website.visitor("li_na")
    sent = send(clerk, f"/cases/{number}/attachments")
    assert sent.status_code == 303 and sent.location.endswith(f"/cases/{number}#papers")
    page = clerk.get(f"/cases/{number}").text
    assert "现场.jpg" in page and "照片" in page and "李楠" in page
    found = re.search(r'href="(/attachments/[^"]+/content)"', page)
    assert found
    got = clerk.get(found[1])
    assert got.status_code == 200 and files.pixels(got.data) == files.pixels(PHOTO)
    assert got.headers["Content-Security-Policy"].startswith("sandbox")
    assert (
        got.headers["Content-Disposition"].startswith("attachment")
        and got.headers["Cache-Control"] == "no-store"
    )
    stranger = website.visitor("chen_yu")
    assert stranger.get(found[1]).status_code == 404
    assert send(stranger, f"/cases/{number}/attachments").status_code == 404


def test_a_paper_is_added_from_a_task_and_a_form_takes_one_that_waits(website: Website) -> None:
    clerk = website.visitor("li_na")
    waiting = send(clerk, "/attachments", headers={"Accept": "application/json"})
    assert waiting.status_code == 200 and waiting.json["name"] == "现场.jpg"
    number = website.file_suggestion(photos=[waiting.json["id"]])
    address = f"/attachments/{waiting.json['id']}/content"
    assert clerk.get(f"/cases/{number}").text.count(f'href="{address}"') == 2, "with the facts and the papers"
    task = website.task_of("wang_lei")
    holder = website.visitor("wang_lei")
    sent = send(holder, f"/cases/{number}/attachments", task=task.rpartition("/")[2])
    assert sent.status_code == 303 and sent.location.endswith(f"{task}#papers")
    assert holder.get(task).text.count("现场.jpg") >= 2
    again = clerk.submit("/file/suggestion", {"photos": [waiting.json["id"]]})
    assert again.status_code == 422


def test_what_is_no_paper_is_refused_in_chinese_and_english(website: Website) -> None:
    number, clerk = website.file_suggestion(), website.visitor("li_na")
    refused = send(clerk, f"/cases/{number}/attachments", b"#!/bin/sh\n", "a.jpg")
    assert refused.status_code == 422 and "脚本" in refused.text and "a script" in refused.text
    told = send(clerk, "/attachments", b"MZ" + bytes(99), headers={"Accept": "application/json"}).json
    assert "Windows 程序" in told["detail_zh"] and "Windows program" in told["detail"]
    assert clerk.post(f"/cases/{number}/attachments").status_code == 422


def test_nobody_is_read_who_is_not_signed_in_or_comes_from_elsewhere(website: Website) -> None:
    nobody = website.visitor()
    assert send(nobody, "/attachments").status_code == 401
    clerk = website.visitor("li_na")
    forged = clerk.client.post("/attachments", data={"kind": "photo", "file": (io.BytesIO(PHOTO), "a.jpg")})
    assert forged.status_code == 400


def test_no_upload_is_read_before_it_is_known_who_sends_it(website: Website) -> None:
    class Unread(io.BytesIO):
        def readinto(self, _buffer: Any) -> int:
            raise AssertionError("the body of a stranger was read")

        read = readline = readinto  # type: ignore[assignment]

    for _, address, *_ in UPLOADS:
        sent = website.visitor().client.post(
            re.sub("<[^>]+>", "any", address),
            content_type="multipart/form-data; boundary=part",
            environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": "9000000"},
        )
        assert sent.status_code == 401, address
