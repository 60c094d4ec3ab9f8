"""Instants, days and years that no calendar holds: each is a refusal in words, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.test_clocks import filed
from tests.tasks.drawings import one_task

FAR = (
    "0001-01-01T00:00:00+14:00",
    "1899-12-31T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
)


@pytest.mark.parametrize("at", FAR)
def test_no_clock_is_paused_or_promised_outside_the_years_people_live_in(api: Any, at: str) -> None:
    number, clock = filed(api)
    here = f"/clocks/{clock['id']}"
    for path, body in (
        (f"{here}/pause", {"reason": "customer", "from_at": at}),
        (f"/cases/{number}/clocks/pause", {"reason": "customer", "from_at": at}),
        (f"{here}/promises", {"until": at}),
        (f"{here}/extensions", {"amount": "1", "reason": "x", "promise_until": at}),
    ):
        answer = api("li_na", "POST", path, body)
        assert answer.status_code == 422 and "Not in the years 1900 to 2200." in answer.json["detail"]
    after = api("li_na", "GET", here).json
    assert (after["revision"], after["pauses"], after["requests"], after["promises"]) == (1, [], [], [])


@pytest.mark.parametrize(
    "path",
    [
        "/clocks/outcomes?first=0001-01-01&last=0001-01-02",
        "/clocks/outcomes?last=0001-01-01",
        "/clocks/outcomes?first=9999-12-31",
        "/clocks/outcomes?first=9999-01-01&last=9999-12-31",
        "/calendar/years/0",
        "/calendar/years/99999999999999999999",
        "/supervisions?since=9999-12-31T23:59:59-12:00",
    ],
)
def test_figures_and_years_beyond_every_calendar_are_refused(api: Any, path: str) -> None:
    answer = api("sun_qiang", "GET", path)
    assert answer.status_code == 422 and answer.json["detail"].endswith(".")


def test_a_task_that_is_due_in_a_year_nobody_counts_in_has_no_clock_and_says_why(api: Any) -> None:
    due = "=date and time(&quot;9998-12-31T23:59:59Z&quot;)"
    extra = '<camunda:property name="sla.policy" value="T.check"/>'
    api.office.deploy(one_task("far", f'camunda:candidateGroups="channel" camunda:dueDate="{due}"', extra))
    number = api("li_na", "POST", "/cases/far", {"facts": {}}).json["number"]
    task = api.office.task("work", number)
    assert "no limit is so far" in task.properties["sla.problem"]
    assert api("li_na", "GET", f"/cases/{number}/clocks").json["items"] == []
    assert api("li_na", "GET", f"/tasks/{task.id}").status_code == 200
