"""Supervision through the API: the log within the caller's reach, filtered and page by page, and that of one case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import Api
from tests.tasks.deadlines.supervision import hung


@pytest.fixture
def pressed(api: Api) -> str:
    """The number of a case of Henan whose clock has rung four times."""
    office = api.office
    office.settle()
    office.deploy(*hung.supervision_files())
    filed = hung.quiet_case(office)
    hung.hang(office, filed)
    for hours in (9.5, 1, 4, 20):
        office.clock.advance(timedelta(hours=hours))
        office.settle()
    return filed.number


def test_the_log_is_told_latest_first_and_page_by_page(api: Api, pressed: str) -> None:
    first = api("sun_qiang", "GET", "/supervisions?limit=3").json
    assert [ring["step"] for ring in first["items"]] == ["+24h", "+4h", "100%"]
    rest = api("sun_qiang", "GET", f"/supervisions?limit=3&cursor={first['next_cursor']}").json
    assert [ring["step"] for ring in rest["items"]] == ["90%"]
    assert rest["next_cursor"] is None
    warning = rest["items"][0]
    assert warning["number"] == pressed
    assert warning["planned_at"].startswith("2026-03-02T18:00")
    assert warning["told"] == [
        {"group": "provincial_centre@/hq/henan/henan_centre/", "name": "河南中心", "order": True}
    ]


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("step=%2B4h", ["+4h"]),
        ("code=S.work&unit=henan_centre", ["+24h", "+4h", "100%", "90%"]),
        ("code=R01.all", []),
        ("unit=zhejiang", []),
        ("since=2026-03-02T19:00:00%2B08:00&before=2026-03-02T23:00:00%2B08:00", ["100%"]),
    ],
)
def test_it_is_filtered_by_unit_limit_step_and_period(
    api: Api, pressed: str, query: str, steps: list[str]
) -> None:
    found = api("sun_qiang", "GET", f"/supervisions?{query}").json
    assert [ring["step"] for ring in found["items"]] == steps
    counted = api("sun_qiang", "GET", f"/supervisions/counts?{query}").json["items"]
    assert sorted(line["step"] for line in counted) == sorted(steps)
    assert all(line["rings"] == 1 for line in counted)


@pytest.mark.parametrize(
    "query",
    ["unit=nowhere", "step=soon", "since=2026-03-03T00:00:00Z&before=2026-03-02T00:00:00Z", "limit=0"],
)
def test_what_cannot_be_meant_is_refused(api: Api, pressed: str, query: str) -> None:
    assert api("sun_qiang", "GET", f"/supervisions?{query}").status_code in (400, 422)


def test_one_case_tells_its_linked_instances_and_rings(api: Api, pressed: str) -> None:
    told = api("sun_qiang", "GET", f"/cases/{pressed}/supervisions").json
    (linked,) = told["supervisions"]
    assert (linked["reason"], linked["code"], linked["closed_at"]) == ("clock", "S.work", None)
    assert {ring["supervision_id"] for ring in told["rings"]} == {linked["instance_id"]}
    assert [ring["step"] for ring in told["rings"]] == ["90%", "100%", "+4h", "+24h"]


def test_another_province_sees_nothing_of_it(api: Api, pressed: str) -> None:
    assert api("lin_hai", "GET", "/supervisions").json["items"] == []
    made_up = api("lin_hai", "GET", "/cases/TS0/supervisions").json
    theirs = api("lin_hai", "GET", f"/cases/{pressed}/supervisions").json
    assert theirs["status"] == made_up["status"] == 404
    assert theirs["detail"].replace(pressed, "…") == made_up["detail"].replace("TS0", "…")
    assert api("li_na", "GET", "/supervisions").status_code == 403
