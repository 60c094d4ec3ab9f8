"""The auditor's pages."""

from __future__ import annotations

from engine.actor import SYSTEM
from tasks.audit.recording import record
from tests.admin.conftest import Website


def test_an_auditor_finds_who_did_what_to_a_case_and_on_a_day(website: Website) -> None:
    number = website.file_suggestion()
    auditor = website.visitor("gu_heng")
    assert f"/cases/{number}/audit" in auditor.get(f"/cases/{number}").text
    page = auditor.get(f"/cases/{number}/audit")
    assert page.status_code == 200
    for word in ("立案", "case.file", "流程推进", "李楠", "redress audit verify --case"):
        assert word in page.text, word
    day = auditor.get("/audit").text
    assert number in day and "Audit trail" in day
    assert number not in auditor.get("/audit?day=2026-03-01").text
    assert number not in auditor.get("/audit?verb=task.claim").text
    assert number in auditor.get("/audit?actor=李楠&verb=case.file").text
    assert "2026-03-02" in auditor.get("/audit?day=nonsense").text


def test_nobody_but_an_auditor_is_shown_the_trail(website: Website) -> None:
    number = website.file_suggestion()
    for login in ("li_na", "tang_wei"):
        visitor = website.visitor(login)
        assert "审计记录" not in visitor.get("/inbox").text
        assert visitor.get("/audit").status_code == 403
        assert visitor.get(f"/cases/{number}/audit").status_code == 403
    assert website.visitor("gu_heng").get("/cases/TS0/audit").status_code == 404


def test_many_lines_come_page_by_page(website: Website) -> None:
    number = website.file_suggestion()
    with website.deps.sessions.begin() as session:
        for place in range(60):
            record(
                session,
                SYSTEM,
                "task.claim",
                at=website.clock.now(),
                subject="task",
                subject_id=place,
                chain=number,
            )
    auditor = website.visitor("gu_heng")
    for address in (f"/cases/{number}/audit", "/audit"):
        first = auditor.get(address).text
        more = first.split(f'hx-get="{address}?')[1].split('"')[0].replace("&amp;", "&")
        rows = auditor.get(f"{address}?{more}", headers={"HX-Request": "true"}).text
        assert rows.lstrip().startswith("<tr") and "<html" not in rows
