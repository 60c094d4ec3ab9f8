"""Auditors read what was done within their reach, and nobody else reads it at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.audit.tables import AuditEvent
from tests.tasks.office import FACTS


def filed(api: Any, login: str = "li_na") -> str:
    return str(api(login, "POST", "/cases/request", {"facts": FACTS}).json["number"])


def test_an_auditor_reads_a_case_line_by_line_and_page_by_page(api: Any) -> None:
    number = filed(api)
    task = api("li_na", "GET", f"/cases/{number}").json["tasks"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim")
    whole = api("gu_heng", "GET", f"/cases/{number}/audit").json
    assert [line["verb"] for line in whole["items"]] == ["case.file", "instance.move", "task.claim"]
    assert whole["next_cursor"] is None
    first = api("gu_heng", "GET", f"/cases/{number}/audit?limit=2").json
    rest = api("gu_heng", "GET", f"/cases/{number}/audit?limit=2&cursor={first['next_cursor']}").json
    assert first["items"] + rest["items"] == whole["items"]
    claim = rest["items"][0]
    assert claim["actor"]["name"] == "李楠" and claim["verb_zh"] == "签收"
    assert claim["previous"] == first["items"][1]["hash"]


def test_a_case_out_of_reach_is_none_for_an_auditor_and_for_everybody_else_there_is_no_trail(
    api: Any,
) -> None:
    number = filed(api, "chen_yu")  # Zhejiang
    assert api("gu_heng", "GET", f"/cases/{number}/audit").status_code == 200
    unseen = api("shi_an", "GET", f"/cases/{number}/audit")
    made_up = api("shi_an", "GET", "/cases/TS0/audit")
    assert unseen.status_code == made_up.status_code == 404
    assert unseen.text.replace(number, "TS0") == made_up.text
    for login in ("chen_yu", "sun_qiang", "tang_wei", "lu_jian"):
        assert api(login, "GET", f"/cases/{number}/audit").status_code == 403
        assert api(login, "GET", "/audit").status_code == 403


def test_the_whole_trail_ends_at_the_reach_of_the_auditor(api: Any) -> None:
    ours, theirs = filed(api), filed(api, "chen_yu")
    far = {line["chain"] for line in api("gu_heng", "GET", "/audit?limit=200").json["items"]}
    near = {line["chain"] for line in api("shi_an", "GET", "/audit?limit=200").json["items"]}
    assert {ours, theirs} < far
    assert near == {ours}


def test_the_whole_trail_is_narrowed_by_day_person_and_verb_and_read_page_by_page(api: Any) -> None:
    filed(api)
    begun = api.office.clock.now() + timedelta(hours=1)
    api.office.clock.advance(timedelta(hours=2))
    number = filed(api, "chen_yu")

    def read(**query: Any) -> list[Any]:
        answer = api("gu_heng", "GET", "/audit", query_string=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json["items"])

    later = {line["chain"] for line in read(since=begun.isoformat())}
    assert {chain for chain in later if not chain.startswith("office/")} == {number}
    assert number not in {line["chain"] for line in read(before=begun.isoformat())}
    assert {line["actor"]["name"] for line in read(actor="陈屿")} == {"陈屿"}
    assert {line["verb"] for line in read(verb="case.file")} == {"case.file"}
    seen: list[Any] = []
    cursor = None
    while True:
        page = api(
            "gu_heng", "GET", "/audit", query_string={"limit": 1, **({"cursor": cursor} if cursor else {})}
        )
        seen += page.json["items"]
        cursor = page.json["next_cursor"]
        if cursor is None:
            break
    assert seen == read(limit=200)
    assert [line["at"] for line in seen] == sorted((line["at"] for line in seen), reverse=True)


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=201", "since=yesterday", "nothing=1"])
def test_a_wrong_question_is_refused(api: Any, query: str) -> None:
    assert api("gu_heng", "GET", f"/audit?{query}").status_code == 422


def test_reading_the_trail_changes_nothing(api: Any) -> None:
    number = filed(api)
    api("gu_heng", "GET", "/me")  # signs in, which is told
    before = api.office.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    api("gu_heng", "GET", f"/cases/{number}/audit")
    api("gu_heng", "GET", "/audit")
    assert api.office.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == before
