"""The organisation over HTTP: look, change, import, export."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from tests.tasks.test_organisation_checks import REGULATOR, data, load, person, unit
from tests.tasks.test_organisation_dates import POSTS

ROOT = "/organisation"


@pytest.fixture
def wide(api: Any) -> Any:
    load(
        api.office,
        data(
            units=[REGULATOR, unit("henan_it", parent="henan", acts_for="henan")],
            posts=POSTS,
            people=[
                person("root", post="operator"),
                person("henan_op", "henan_it", post="operator"),
                person("officer", "regulator"),
            ],
        ),
    )
    return api


def revision(api: Any) -> int:
    return int(api("root", "GET", ROOT).json["revision"])


def test_everybody_of_the_company_sees_the_tree_and_who_sits_where(wide: Any) -> None:
    tree = wide("li_na", "GET", ROOT).json
    assert [one["path"] for one in tree["units"]][:2] == ["/hq/", "/hq/henan/"]
    assert {post["key"] for post in tree["posts"]} >= {"clerk", "manager"}
    found = wide("li_na", "GET", f"{ROOT}/units/henan_hotline").json
    assert [one["login"] for one in found["seats"]] == ["he_jing", "li_na"]
    assert wide("li_na", "GET", f"{ROOT}/people/sun_qiang").json["seats"][1]["roles"] == ["supervisor"]
    for path in ("/units/nothing", "/people/nobody", "/people/%F0%9F%98%80"):
        assert wide("li_na", "GET", ROOT + path).status_code == 404
    for path in ("", "/units/hq", "/people/li_na", "/export"):
        assert wide("officer", "GET", ROOT + path).status_code == 403


def test_a_unit_and_a_person_are_added_changed_and_ended(wide: Any) -> None:
    added = wide(
        "henan_op",
        "POST",
        f"{ROOT}/units",
        {"revision": revision(wide), "code": "puyang", "name": "濮阳", "parent": "henan"},
    )
    assert added.status_code == 201, added.text
    assert added.json["revision"] == revision(wide)
    new = {"login": "new", "name": "新人", "unit": "puyang", "post": "clerk", "from": "2026-03-02"}
    hired = wide("henan_op", "POST", f"{ROOT}/people", {"revision": revision(wide), **new})
    assert [one["subject"] for one in hired.json["changes"]] == ["person", "seat"]
    seat = wide("root", "GET", f"{ROOT}/people/new").json["seats"][0]
    assert (seat["from"], seat["in_effect"]) == ("2026-03-02", True)
    path = f"{ROOT}/seats/{seat['id']}"
    changed = wide("henan_op", "PATCH", path, {"revision": revision(wide), "title": "窗口", "until": None})
    assert changed.json["changes"][0]["after"]["title"] == "窗口"
    ended = wide("henan_op", "POST", f"{path}/end", {"revision": revision(wide), "last": "2026-03-31"})
    assert ended.json["changes"][0]["kind"] == "ended"
    body = {"revision": revision(wide), "active": False}
    assert wide("henan_op", "PATCH", f"{ROOT}/people/new", body).status_code == 200


def test_what_is_out_of_reach_is_answered_like_what_does_not_exist(wide: Any) -> None:
    seat = wide("root", "GET", f"{ROOT}/people/chen_yu").json["seats"][0]["id"]
    for stale in (revision(wide), 0):
        body = {"revision": stale, "name": "x"}
        for method, real, made_up, sent in (
            ("PATCH", "/units/zhejiang", "/units/nowhere1", body),
            ("PATCH", "/people/chen_yu", "/people/no_body1", body),
            ("PATCH", f"/seats/{seat}", "/seats/987654", {"revision": stale, "title": "x"}),
            ("POST", f"/seats/{seat}/end", "/seats/987654/end", {"revision": stale, "last": "2026-03-02"}),
        ):
            one = wide("henan_op", method, ROOT + real, sent)
            other = wide("henan_op", method, ROOT + made_up, sent)
            assert one.status_code == other.status_code == 404
            named, unnamed = real.split("/")[2], made_up.split("/")[2]
            assert one.text.replace(named, unnamed) == other.text


def test_mistakes_come_all_at_once_and_a_stale_revision_is_a_conflict(wide: Any) -> None:
    now = revision(wide)
    wrong = {"revision": now, "roles": ["operator"], "until": "2026-01-01", "from": "2026-02-01"}
    refused = wide("root", "PATCH", f"{ROOT}/units/henan_it", wrong)
    assert (refused.status_code, refused.json["code"]) == (422, "organisation-refused")
    assert len(refused.json["errors"]) == 2 and all(one["message_zh"] for one in refused.json["errors"])
    stale = wide("root", "PATCH", f"{ROOT}/units/henan_it", {"revision": now - 1, "name": "x"})
    assert (stale.status_code, stale.json["revision"]) == (409, now)
    assert wide("root", "PATCH", f"{ROOT}/units/henan_it", {"name": "x"}).status_code == 422


def test_an_import_is_reported_and_then_done_with_the_reports_fingerprint(wide: Any) -> None:
    def send(**fields: str) -> Any:
        file = (BytesIO("code,name\nhenan,河南公司\n".encode("gb18030")), "units.csv")
        return wide("root", "POST", f"{ROOT}/imports", data={"files": file, **fields})

    told = send().json
    assert (told["carried_out"], told["mistakes"], told["changes"][0]["where"]) == (False, [], "units.csv 2")
    assert wide("li_na", "GET", f"{ROOT}/units/henan").json["unit"]["name"] == "河南省分公司"
    assert send(fingerprint=told["fingerprint"]).json["carried_out"]
    assert wide("li_na", "GET", f"{ROOT}/units/henan").json["unit"]["name"] == "河南公司"
    assert send(fingerprint=told["fingerprint"]).status_code == 409
    assert send(surprise="x").status_code == 422


@pytest.mark.parametrize("wanted", ["xlsx", "zip", "units", "posts", "people"])
def test_an_export_is_a_download(wide: Any, wanted: str) -> None:
    answer = wide("li_na", "GET", f"{ROOT}/export?format={wanted}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
