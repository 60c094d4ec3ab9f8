"""What is told to whoever has the work reaches who does it meanwhile, and the delegate as well as the owner."""

from __future__ import annotations

from datetime import timedelta

from tests.tasks.absence.test_handing_over import away_now, held
from tests.tasks.absence.test_substitutes import HOUR
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice
from tests.tasks.test_notices import mark, told, unread


def causes(office: TestOffice, login: str) -> list[str]:
    return sorted(each.cause for each in told(office, login))


def test_the_substitute_reads_what_is_told_of_the_work_from_begin_to_end_and_nothing_private(
    office: TestOffice,
) -> None:
    first, second = (office.file().tasks[0]["id"] for _ in range(2))
    office.reassign("sun_qiang", first, "li_na", "请先办")
    office.clock.advance(timedelta(minutes=1))
    away_now(office)
    office.reassign("sun_qiang", second, "li_na", "请办理")
    (notice,) = told(office, "feng_bo")
    assert notice.text.startswith("（代李楠）孙强把案件") and "请办理" in notice.text
    assert notice.text_en.startswith("(For 李楠) 孙强 gave you")
    assert unread(office, "feng_bo") == 1 and unread(office, "li_na") == 2
    mark(office, "feng_bo", notice.id)
    assert unread(office, "feng_bo") == 0 and unread(office, "li_na") == 2
    assert causes(office, "he_jing") == []
    office.clock.advance(2 * HOUR)
    assert causes(office, "feng_bo") == []


def test_only_what_is_within_the_scope_is_told(office: TestOffice) -> None:
    office.deploy(one_task("kept", 'camunda:candidateGroups="archive"'))
    office.deploy(one_task("looked", 'camunda:candidateGroups="provincial_centre"'))
    away_now(office, person="wang_lei", roles=["archive"])
    for regime in ("kept", "looked"):
        task = office.file("li_na", regime, {}).tasks[0]["id"]
        office.reassign("sun_qiang", task, "wang_lei", f"请办理{regime}")
    assert len(told(office, "wang_lei")) == 2
    assert [each.text[-4:] for each in told(office, "feng_bo")] == ["kept"]


def test_a_rung_reaches_whoever_does_it_for_the_holder_each_once(office: TestOffice) -> None:
    (task,) = held(office)
    away_now(office, until=office.clock.now() + 9 * HOUR)
    office.clock.advance(2 * HOUR)
    office.settle()
    assert [causes(office, login) for login in ("li_na", "feng_bo", "he_jing")] == [
        ["warned"],
        ["warned"],
        [],
    ]
    assert not told(office, "feng_bo")[0].text.startswith("（代")
    assert office.read("feng_bo", task).assignee_name == "李楠"


def test_a_rung_reaches_the_delegate_and_the_owner(office: TestOffice) -> None:
    (task,) = held(office)
    office.delegate("li_na", task, "he_jing")
    office.clock.advance(2 * HOUR)
    office.settle()
    assert "warned" in causes(office, "li_na") and "warned" in causes(office, "he_jing")
