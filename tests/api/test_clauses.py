"""The rulebook over the API: who reads it, who hands in what was missing, and what does not get in."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from tasks.clauses.keeping import load_register
from tests.api.matrix.attachments import PHOTO
from tests.api.matrix.clauses import REGISTER

OWNER, CLERK = "lu_jian", "li_na"
ANNEX = "/clauses/missing/annex/documents"


@pytest.fixture(autouse=True)
def rulebook(api: Any) -> None:
    for changed in (True, False):
        with api.office.deps.sessions.begin() as session:
            assert load_register(session, REGISTER, now=api.office.clock.now()) is changed


def upload(content: bytes = PHOTO, name: str = "annex.png", kind: str = "document") -> dict[str, Any]:
    return {"kind": kind, "file": (BytesIO(content), name)}


def test_everybody_of_the_company_reads_what_does_each_clause_and_what_is_missing(api: Any) -> None:
    found = api(CLERK, "GET", "/clauses").json
    assert found["counts"]["people"] == 1
    assert found["clauses"][0]["id"] == "T§1"
    assert found["missing"][0]["default_zh"] == "无"
    assert found["missing"][0]["documents"] == []


def test_a_missing_paper_is_handed_in_and_read_again_unchanged(api: Any) -> None:
    first = api(OWNER, "POST", ANNEX, data=upload())
    assert first.status_code == 201, first.json
    later = api(OWNER, "POST", ANNEX, data=upload(name="annex-2.png"))
    documents = api(CLERK, "GET", "/clauses").json["missing"][0]["documents"]
    assert {one["id"] for one in documents} == {first.json["id"], later.json["id"]}
    read = api.client().get(
        f"/api/v1/clauses/documents/{first.json['id']}/content",
        headers={"Authorization": f"Bearer {api.token(CLERK)}"},
    )
    assert read.status_code == 200
    assert len(read.data) == first.json["size"]
    assert "attachment" in read.headers["Content-Disposition"]
    assert "sandbox" in read.headers["Content-Security-Policy"]


def test_a_paper_nobody_misses_is_not_taken(api: Any) -> None:
    refused = api(OWNER, "POST", "/clauses/missing/other/documents", data=upload())
    assert refused.status_code == 404
    assert "other" in refused.json["detail"]


def test_a_page_that_calls_itself_a_document_is_refused(api: Any) -> None:
    refused = api(OWNER, "POST", ANNEX, data=upload(b"<script>alert(1)</script>", "annex.pdf"))
    assert refused.status_code == 422
    assert api(CLERK, "GET", "/clauses").json["missing"][0]["documents"] == []


def test_only_a_process_owner_hands_in(api: Any) -> None:
    assert api(CLERK, "POST", ANNEX, data=upload()).status_code == 403


def test_no_browser_takes_an_answer_for_another_kind_of_file_than_it_says(api: Any) -> None:
    for path in (
        "/clauses",
        "/me",
        "/organisation/export",
        "/cases/none",
        "/classifications/none/export",
    ):
        assert api("lu_jian", "GET", path).headers["X-Content-Type-Options"] == "nosniff", path
