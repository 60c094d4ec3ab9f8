"""Giving work back with a reason: kept, counted, told to the lead, and never a state."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.errors import InvalidInput, WrongState
from tasks import desk
from tasks.talk.causes import CAUSES, words, words_outside
from tests.tasks.office import TestOffice
from tests.tasks.test_notices import told


def returned(office: TestOffice, login: str, reason: str | None) -> object:
    task = office.task("check_request")
    with office.acting(login) as (session, caller):
        return desk.release(session, office.deps, caller, task.id, reason)


def test_a_return_is_kept_counted_and_told_to_the_lead_of_the_unit(office: TestOffice) -> None:
    filed = office.file()
    for login, reason in (("he_jing", " 不属于\n热线 "), ("li_na", "缺少材料")):
        office.claim(login, filed.tasks[0]["id"])
        returned(office, login, reason)
    row = office.read("li_na", filed.tasks[0]["id"])
    assert (row.state, row.assignee_id, row.returned) == ("created", None, 2)
    with office.deps.sessions() as session:
        kept = desk.returns_of(session, row)
    assert [(each.person_name, each.reason) for each in kept] == [
        ("何菁", "不属于 热线"),
        ("李楠", "缺少材料"),
    ]
    first = [each.text for each in told(office, "sun_qiang") if each.cause == "returned"]
    assert f"何菁把案件 {filed.number} 的“核实诉求”退回了队列：不属于 热线" in first
    assert len(first) == 2
    assert [each for each in told(office, "lin_hai") if each.cause == "returned"] == []


def test_giving_back_without_a_reason_is_no_return(office: TestOffice) -> None:
    filed = office.file()
    office.claim("li_na", filed.tasks[0]["id"])
    returned(office, "li_na", None)
    assert office.task("check_request").returned == 0
    assert [each for each in told(office, "sun_qiang") if each.cause == "returned"] == []


@pytest.mark.parametrize("reason", ["", " \n", "。", "字" * 501, "a\x00b", "\u202eabc", "\ud800"])
def test_a_reason_that_says_nothing_or_cannot_be_read_gives_nothing_back(
    office: TestOffice, reason: str
) -> None:
    filed = office.file()
    office.claim("li_na", filed.tasks[0]["id"])
    with pytest.raises(InvalidInput):
        returned(office, "li_na", reason)
    assert office.task("check_request").assignee_name == "李楠"


def test_only_who_holds_a_task_returns_it(office: TestOffice) -> None:
    filed = office.file()
    office.claim("li_na", filed.tasks[0]["id"])
    with pytest.raises(WrongState, match="held by 李楠"):
        returned(office, "he_jing", "不该我办")
    assert office.task("check_request").returned == 0


def test_nothing_that_somebody_wrote_is_told_outside() -> None:
    fields = {"who": "何菁", "task": "核实诉求", "reason": "客户张三", "note": "客户张三", "count": 2}
    written = [cause for cause, each in CAUSES.items() if "{reason}" in each.zh or "{note}" in each.zh]
    assert {"returned", "given", "taken", "delegated", "resolved"} <= set(written)
    for cause in written:
        notice = SimpleNamespace(cause=cause, fields=fields, business_key="TS1", text="")
        assert "张三" in "".join(words(notice, confidential=False))
        assert "张三" not in "".join(words_outside(notice, confidential=False, full=False))
