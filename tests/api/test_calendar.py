"""The working calendar over HTTP: counting, a notice with its digest, a unit's own day."""

from __future__ import annotations

from tests.admin.test_calendar_page import NOTICE
from tests.api.conftest import Api


def test_counting_says_what_it_rests_on_and_refuses_what_is_unpublished(api: Api) -> None:
    told = api("li_na", "GET", "/calendar/add?start=2026-03-02T10:00&amount=0.5").json
    assert (told["end"], told["provisional"]) == ("2026-03-02 15:00", [2026])
    refused = api("li_na", "GET", "/calendar/add?start=2026-03-02&amount=3&published_only=true")
    assert (refused.status_code, refused.json["code"]) == (422, "outside-calendar")
    assert "2026 is an unpublished year" in refused.json["detail"]
    for query in ("start=2026-02-30&amount=1", "start=2026-03-02&amount=0", "start=2026-03-02&amount=NaN"):
        assert api("li_na", "GET", f"/calendar/add?{query}").json["code"] == "invalid-input"
    assert api("li_na", "GET", "/calendar/add?start=2026-03-02&amount=1&region=nowhere").status_code == 404
    assert api("li_na", "GET", "/calendar/years/2099").json["code"] == "outside-calendar"


def test_a_notice_is_reported_confirmed_by_its_digest_and_refused_when_stale(api: Api) -> None:
    told = api("tang_wei", "POST", "/calendar/notices", data={"text": NOTICE}).json
    assert told["carried_out"] is False and told["mistakes"] == [] and told["changes"]
    given = {"text": NOTICE, "digest": told["digest"]}
    assert api("tang_wei", "POST", "/calendar/notices", data=given).json["carried_out"] is True
    assert api("tang_wei", "POST", "/calendar/notices", data=given).status_code == 409
    years = api("li_na", "GET", "/calendar/years").json
    assert [one["year"] for one in years["years"] if one["published"]] == [2027]
    wrong = {"text": NOTICE.replace("共5天", "共6天"), "digest": told["digest"]}
    refused = api("tang_wei", "POST", "/calendar/notices", data=wrong)
    assert (refused.status_code, refused.json["code"]) == (422, "notice-refused")
    assert refused.json["errors"][0]["path"].startswith("行 line 5")
    assert api("sun_qiang", "POST", "/calendar/notices", data=given).status_code == 403


def test_a_day_of_a_unit_is_set_listed_and_taken_back(api: Api) -> None:
    place = "/calendar/overrides/henan/2026-03-05"
    body = {"kind": "rest", "reason": "台风停工"}
    assert api("sun_qiang", "PUT", place, body).json["changed"] is True
    days = api("li_na", "GET", "/calendar/overrides?year=2026").json["days"]
    assert [(one["region"], one["day"], one["mine"]) for one in days] == [("henan", "2026-03-05", False)]
    year = api("li_na", "GET", "/calendar/years/2026?region=henan_centre").json
    assert [one["name"] for one in year["days"] if one["why"] == "region"] == ["台风停工"]
    assert api("sun_qiang", "PUT", place.replace("henan", "zhejiang"), body).status_code == 404
    assert api("sun_qiang", "PUT", place.replace("05", "32"), body).status_code == 422
    assert api("sun_qiang", "DELETE", f"{place}?reason=done").status_code == 200
    assert api("sun_qiang", "DELETE", f"{place}?reason=done").status_code == 404
