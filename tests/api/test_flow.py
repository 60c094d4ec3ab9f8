"""Figures of a process and the list of instances over HTTP; hostile filters are refused with a sentence, not with a crash."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tasks.office import TestOffice


def test_figures_and_instances(api: Any, office: TestOffice) -> None:
    number = office.file().number
    found = api(
        "sun_qiang", "GET", "/process-definitions/request/flow?from=2026-03-01&to=2026-03-02&version=1"
    )
    assert found.status_code == 200, found.text
    assert (found.json["first"], found.json["last"], found.json["started"]) == ("2026-03-01", "2026-03-02", 1)
    check = next(one for one in found.json["elements"] if one["activity_id"] == "check_request")
    assert (check["entered"], check["now"], check["now_by_version"], check["median_seconds"]) == (
        1,
        1,
        {"1": 1},
        None,
    )
    listed = api("li_na", "GET", "/instances?element=check_request&incident=false").json["items"]
    assert [(one["number"], one["status"], one["incidents"]) for one in listed] == [(number, "active", 0)]
    assert {at["activity_id"] for at in listed[0]["at"]} == {"working", "check_request"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("flow?from=2026-02-30", 422),
        ("flow?from=0001-01-01&to=0001-01-02", 422),
        ("flow?to=9999-12-31", 422),
        ("flow?version=0", 422),
        ("flow?version=99999999999999", 422),
        ("flow?unit=%27", 422),
        ("flow?unit=zhejiang", 404),
        ("flow?level=%00", 422),
        ("flow?wrong=1", 422),
    ],
)
def test_hostile_filters(api: Any, query: str, status: int) -> None:
    answer = api("sun_qiang", "GET", f"/process-definitions/request/{query}")
    assert answer.status_code == status, answer.text
    assert answer.json["detail"]


def test_a_process_that_is_not_there(api: Any) -> None:
    for key in ("nothing", "%00", "a%2fb", "流程"):
        assert api("sun_qiang", "GET", f"/process-definitions/{key}/flow").status_code == 404
