"""The list of instances: who sees which, what narrows it, and page after page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import InvalidInput, NotFound
from tasks.paging import Page
from tasks.processes.listing import Wanted, instance_list
from tests.tasks.drawings import drawn, one_task
from tests.tasks.office import TestOffice

STUCK = drawn(
    "stuck",
    '<bpmn:startEvent id="s"/><bpmn:scriptTask id="fails" scriptFormat="feel"><bpmn:script>x = nothing</bpmn:script>'
    '</bpmn:scriptTask><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="fails"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="fails" targetRef="e"/>',
)


def listed(
    office: TestOffice, login: str, *, cursor: str | None = None, limit: int = 50, **wanted: Any
) -> Page:
    with office.acting(login) as (session, caller):
        return instance_list(session, office.deps, caller, Wanted(**wanted), limit=limit, cursor=cursor)


def keys(office: TestOffice, login: str, **wanted: Any) -> list[str]:
    return [one.row.business_key for one in listed(office, login, **wanted).items]


def test_who_sees_which(settled: TestOffice) -> None:
    henan, zhejiang = settled.file("li_na").number, settled.file("chen_yu").number
    settled.deploy(one_task("bare", 'camunda:candidateGroups="channel"'))
    settled.start("bare", "K-9")
    assert set(keys(settled, "tang_wei")) == {henan, zhejiang, "K-9"}
    assert keys(settled, "lu_jian") == ["K-9"], "an owner of processes sees no case"
    assert keys(settled, "li_na") == [henan] and keys(settled, "lin_hai") == [zhejiang]
    assert set(keys(settled, "gu_heng")) == {henan, zhejiang}
    mine = next(one for one in listed(settled, "tang_wei").items if one.number == henan)
    assert not mine.contents and [at for at, _ in mine.at] == ["working", "check_request"]


def test_what_narrows_it(settled: TestOffice) -> None:
    settled.deploy(STUCK, one_task("bare", 'camunda:candidateGroups="channel"'))
    number = settled.file("li_na").number
    settled.clock.advance(timedelta(hours=2))
    settled.start("stuck", "K-2")
    settled.start("bare", "K-3")
    now = settled.clock.now()
    for wanted, found in (
        ({"process": "bare"}, {"K-3"}),
        ({"process": "bare", "version": 2}, set()),
        ({"incident": True}, {"K-2"}),
        ({"incident": False}, {"K-3", number}),
        ({"element": "check_request"}, {number}),
        ({"element": "s"}, set()),
        ({"state": "completed"}, set()),
        ({"started_from": now}, {"K-2", "K-3"}),
        ({"started_before": now}, {number}),
        ({"unit": "henan"}, {number}),
        ({"unit": "zhejiang"}, set()),
        ({"key": "K-"}, {"K-2", "K-3"}),
        ({"key": "K_"}, set()),
    ):
        assert set(keys(settled, "tang_wei", **wanted)) == found, wanted
    task = settled.task("check_request")
    settled.claim("li_na", task.id)
    settled.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network"})
    assert keys(settled, "tang_wei", element="check_request") == []
    assert keys(settled, "tang_wei", element="handle_request") == [number]


def test_page_after_page_everything_once(settled: TestOffice) -> None:
    settled.deploy(one_task("bare", 'camunda:candidateGroups="channel"'))
    for each in range(5):
        settled.start("bare", f"K-{each}")
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = listed(settled, "tang_wei", cursor=cursor, limit=2)
        found += [one.row.business_key for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found) == [f"K-{each}" for each in range(5)]


def test_hostile_filters_are_refused(settled: TestOffice) -> None:
    for wanted, refusal in (
        ({"state": "anything"}, InvalidInput),
        ({"process": "a\x00"}, InvalidInput),
        ({"key": "\ud800"}, InvalidInput),
        ({"unit": "henan"}, NotFound),
        ({"cursor": "AAAA"}, InvalidInput),
        ({"limit": 0}, InvalidInput),
    ):
        with pytest.raises(refusal):
            listed(settled, "lin_hai", **wanted)
    assert keys(settled, "tang_wei", element="' OR 1=1 --") == []
