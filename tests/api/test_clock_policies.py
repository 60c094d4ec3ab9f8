"""The clock register over HTTP: look, check, change, import, export."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from tasks.clauses.keeping import load_register
from tasks.deadlines.policies.exchange import MOST_ROWS
from tests.api.matrix.clauses import REGISTER
from tests.tasks.office import CLOCKS

ROOT = "/clock-policies"
OWNER, CLERK = "lu_jian", "li_na"
ROW = {"code": "R99.check", "limit": 8, "unit": "h", "pauses": ["customer"], "name_zh": "检查"}


def rows(api: Any, query: str = "", login: str = CLERK) -> dict[str, Any]:
    found = api(login, "GET", ROOT + query).json["policies"]
    return {one["current"]["code"]: one for one in found if one["current"]}


def newest(api: Any, code: str = "T.days") -> str:
    return str(rows(api)[code]["newest"])


def upload(api: Any, content: bytes, **more: str) -> Any:
    sent = {"file": (BytesIO(content), "clocks.csv"), **more}
    return api(OWNER, "POST", f"{ROOT}/imports", data=sent)


def test_everybody_of_the_company_sees_what_counts_and_which_papers_are_missing(api: Any) -> None:
    with api.office.deps.sessions.begin() as session:
        load_register(session, REGISTER, now=api.office.clock.now())
    found = api(CLERK, "GET", ROOT).json
    assert found["day"] == "2026-03-02"
    assert len(found["policies"]) == len(CLOCKS)
    assert [(one["name_zh"], one["codes"]) for one in found["missing"]] == [("附录", ["T.days"])]
    assert list(rows(api, "?code=t.W")) == ["T.working"]
    shown = rows(api)["T.days"]["current"]
    assert {name: shown[name] for name in ("limit", "unit", "rungs", "version", "target", "pauses")} == {
        "limit": "7", "unit": "cd", "rungs": "90% 100% +4h +24h", "version": 1, "target": None, "pauses": [],
    }  # fmt: skip


def test_a_row_is_added_changed_and_ended_and_its_history_tells_who_and_why(api: Any) -> None:
    added = api(OWNER, "POST", ROOT, ROW)
    assert added.status_code == 201, added.text
    version = added.json["versions"][0]["id"]
    changed = api(
        OWNER,
        "PATCH",
        f"{ROOT}/{version}",
        {"limit": "6.5", "note": "提速", "effective_from": "2026-04-01"},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json["changes"] == [
        {
            "kind": "changed",
            "policy": "R99.check",
            "effective_from": "2026-04-01",
            "before": {"limit": "8"},
            "after": {"limit": "6.5"},
        }
    ]
    assert rows(api)["R99.check"]["planned"][0]["limit"] == "6.5"
    assert rows(api, "?day=2026-04-01")["R99.check"]["current"]["limit"] == "6.5"
    stale = api(OWNER, "POST", f"{ROOT}/{version}/end", {})
    assert stale.status_code == 409
    assert "version 2" in stale.json["detail"] and "第 2 版" in stale.json["message_zh"]
    last = changed.json["versions"][0]["id"]
    assert api(OWNER, "POST", f"{ROOT}/{last}/keep", {"note": "不改"}).status_code == 200
    ended = api(OWNER, "POST", f"{ROOT}/{newest(api, 'R99.check')}/end", {})
    assert ended.json["changes"][0]["kind"] == "ended"
    assert "R99.check" not in rows(api)
    history = api(CLERK, "GET", f"{ROOT}/{version}").json["versions"]
    told = [(one["version"], one["limit"], one["ended"], one["note"]) for one in history]
    assert told == [
        (4, "8", True, ""),
        (3, "8", False, "不改"),
        (2, "6.5", False, "提速"),
        (1, "8", False, ""),
    ]
    assert {one["changed_by_name"] for one in history} == {"陆鉴"}


def test_every_mistake_is_told_at_once_and_a_check_tells_them_without_refusing(api: Any) -> None:
    wrong = {**ROW, "limit": 0, "unit": "fortnight", "rungs": "100% 90%", "pauses": ["weather"]}
    refused = api(OWNER, "POST", ROOT, wrong)
    assert refused.status_code == 422
    assert refused.json["code"] == "clock-register-refused"
    told = [one["path"].split(" · ")[-1] for one in refused.json["errors"]]
    assert told == ["unit", "limit", "rungs", "pauses"]
    checked = api(OWNER, "POST", f"{ROOT}/check", wrong)
    assert checked.status_code == 200
    assert checked.json == {"changes": [], "mistakes": refused.json["errors"]}
    right = api(OWNER, "POST", f"{ROOT}/check", {"made_on": newest(api), "limit": "9"}).json
    assert (right["mistakes"], right["changes"][0]["after"]) == ([], {"limit": "9"})
    ends = api(OWNER, "POST", f"{ROOT}/check", {"made_on": newest(api), "ends": True}).json
    assert ends["changes"][0]["kind"] == "ended"
    assert rows(api)["T.days"]["current"]["version"] == 1


@pytest.mark.parametrize(
    "limit", [0, -1, "0", "NaN", 1e308, "1e999999", "1e-999999", "1e-999999999", True, [], {}, "x" * 100]
)
def test_a_limit_that_is_none_is_refused_whatever_its_shape(api: Any, limit: Any) -> None:
    assert api(OWNER, "POST", ROOT, {**ROW, "limit": limit}).status_code == 422


def test_only_the_process_owner_changes_and_others_are_told_nothing(api: Any) -> None:
    real, made_up = newest(api), "00000000-0000-4000-8000-000000000000"
    for login in (CLERK, "tang_wei"):
        refusals = {
            api(login, "PATCH", f"{ROOT}/{one}", {"limit": "9"}).json["detail"] for one in (real, made_up)
        }
        assert len(refusals) == 1
    assert api(OWNER, "PATCH", f"{ROOT}/{made_up}", {"limit": "9"}).status_code == 404
    assert api(OWNER, "GET", f"{ROOT}/{made_up}").status_code == 404


def test_a_file_is_reported_then_carried_out_whole(api: Any) -> None:
    content = "代码,limit,unit 单位,customer_level\nT.days,9,cd,\nT.check,4,h,\nR99.new,½,wd,vip\n".encode(
        "gb18030"
    )
    report = upload(api, content, note="新办法").json
    assert [one["policy"] for one in report["changes"]] == ["T.days", "T.check", "R99.new/vip"]
    assert (report["carried_out"], report["mistakes"]) == (False, [])
    assert upload(api, content, note="别的", fingerprint=report["fingerprint"]).status_code == 409
    done = upload(api, content, note="新办法", fingerprint=report["fingerprint"])
    assert done.json["carried_out"] is True, done.text
    assert rows(api)["T.days"]["current"]["limit"] == "9"
    assert rows(api)["R99.new"]["current"]["limit"] == "0.5"
    assert rows(api)["T.working"]["current"]["version"] == 1


def test_a_file_with_mistakes_changes_nothing_and_names_every_line(api: Any) -> None:
    content = b"code,limit,unit,colour\nT.days,0,cd,\nT.days,9,cd,,more\nbad,1,h,\n"
    report = upload(api, content).json
    assert {one["path"].split(" · ")[0] for one in report["mistakes"]} == {
        "clocks.csv 2",
        "clocks.csv 3",
        "clocks.csv 4",
    }
    assert upload(api, content, fingerprint=report["fingerprint"]).status_code == 422
    assert upload(api, b"").status_code == 422
    assert api(OWNER, "POST", f"{ROOT}/imports", data={}).status_code == 422
    assert upload(api, content, colour="red").status_code == 422


def test_a_file_of_more_rows_than_a_register_has_is_refused_without_telling_every_mistake(api: Any) -> None:
    content = b"code,limit,unit\n" + b"x,-1,zz\n" * (MOST_ROWS + 1)
    refused = upload(api, content)
    assert (refused.status_code, len(refused.data) < 1000) == (422, True)
    assert f"more than {MOST_ROWS} rows" in refused.json["detail"]


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_what_was_exported_is_imported_without_a_change(api: Any, wanted: str) -> None:
    api(OWNER, "POST", ROOT, {**ROW, "clause": "=1+1", "level": "national", "target": "2", "promised": True})
    content = api(CLERK, "GET", f"{ROOT}/export?format={wanted}").data
    report = upload(api, content).json
    assert (report["changes"], report["mistakes"], report["unchanged"]) == ([], [], len(CLOCKS) + 1)
