"""A lead gives work to people, moves a whole desk, and takes work back; nobody else does, and nobody learns who is where."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tasks import desk
from tasks.deadlines.clocks.tables import UNASSIGNED, Clock
from tasks.permissions.matrix import VERBS
from tasks.user_task import ASSIGNED, CREATED, DELEGATED, PROCESS, STATES, TAKERS, TRANSITIONS, possible_in
from tests.tasks.audit.test_every_verb_leaves_a_line import lines
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice
from tests.tasks.test_notices import told

LEAD = "sun_qiang"
WHY = "李楠今天外出"


def many(office: TestOffice, login: str = LEAD, **how: Any) -> list[desk.Reassigned]:
    with office.acting(login) as (session, caller):
        return desk.reassign_many(session, office.deps, caller, **{"reason": WHY, **how})


def filed(office: TestOffice, count: int) -> list[UUID]:
    return [office.file().tasks[0]["id"] for _ in range(count)]


def words(office: TestOffice, login: str) -> list[str]:
    return [each.text for each in told(office, login)]


def test_a_lead_gives_a_task_to_somebody_whoever_holds_it_and_both_hear(office: TestOffice) -> None:
    case = office.file()
    task = case.tasks[0]["id"]
    office.reassign(LEAD, task, "li_na", "请先办")
    assert (office.task("check_request").state, office.task("check_request").assignee_name) == (
        "assigned",
        "李楠",
    )
    assert words(office, "li_na") == [f"孙强把案件 {case.number} 的“核实诉求”交给您办理：请先办"]
    row = office.reassign(LEAD, task, "he_jing", WHY)
    assert (row.state, row.assignee_name, row.claimed_at) == ("assigned", "何菁", office.clock.now())
    assert f"孙强把案件 {case.number} 的“核实诉求”改派，不再由您办理：{WHY}" in words(office, "li_na")
    with pytest.raises(WrongState, match="held by 何菁"):
        office.complete("li_na", task, {"outcome": "close"})
    office.complete("he_jing", task, {"outcome": "close"})
    given = [row for row in lines(office, case.number) if row.verb == "task.reassign"]
    assert [row.actor_name for row in given] == ["孙强", "孙强"]
    assert '"李楠"' in given[1].before
    assert '"何菁"' in given[1].after


def test_giving_it_to_who_holds_it_changes_nothing(office: TestOffice) -> None:
    case = office.file()
    office.claim("li_na", case.tasks[0]["id"])
    assert office.reassign(LEAD, case.tasks[0]["id"], "li_na").assignee_name == "李楠"
    assert [row.verb for row in lines(office, case.number)][-1] == "task.claim"
    assert words(office, "li_na") == []


def test_a_lead_takes_a_task_back_to_its_queue_and_it_waits_for_somebody_anew(office: TestOffice) -> None:
    (task,) = filed(office, 1)
    office.claim("li_na", task)
    row = office.reassign(LEAD, task, None)
    assert (row.state, row.assignee_id, row.claimed_at, row.returned) == ("created", None, None, 0)
    with pytest.raises(WrongState, match="unclaimed in its queue"):
        office.reassign(LEAD, task, None)
    assert office.claim("he_jing", task).assignee_name == "何菁"


def test_how_long_it_waits_for_somebody_is_counted_as_if_it_had_been_claimed_and_given_back(
    office: TestOffice,
) -> None:
    def running(task: UUID) -> int:
        waits = sa.select(sa.func.count()).where(
            Clock.token_id == task, Clock.code == UNASSIGNED, Clock.stopped_at.is_(None)
        )
        return int(office.scalar(waits))

    claimed, given = filed(office, 2)
    steps = []
    for take, back in (
        (lambda: office.claim("li_na", claimed), lambda: office.release("li_na", claimed)),
        (lambda: office.reassign(LEAD, given, "li_na"), lambda: office.reassign(LEAD, given, None)),
    ):
        task = (claimed, given)[len(steps)]
        seen = [running(task)]
        take()
        seen.append(running(task))
        back()
        steps.append([*seen, running(task)])
    assert steps[0] == steps[1]


@pytest.mark.parametrize("login", ["nobody", "wang_lei", "lin_hai", "a\x00b", "tang_wei"])
def test_it_is_given_only_to_whom_it_is_offered_and_everybody_else_is_refused_alike(
    office: TestOffice, login: str
) -> None:
    (task,) = filed(office, 1)
    with pytest.raises(InvalidInput) as refused:
        office.reassign(LEAD, task, login)
    assert str(refused.value).replace(login, "…") == (
        f"To reassign the task 核实诉求 ({task}) to … was asked; it is offered to channel@/hq/henan/henan_hotline/, "
        "which none of them answers."
    )
    assert office.task("check_request").state == "created"


def test_only_who_leads_the_unit_reassigns(office: TestOffice) -> None:
    (task,) = filed(office, 1)
    with pytest.raises(NotPermitted):
        office.reassign("li_na", task, "he_jing")
    with pytest.raises(NotFound) as strange:
        office.reassign("lin_hai", task, "he_jing")
    made_up = uuid4()
    with pytest.raises(NotFound) as nowhere:
        office.reassign("lin_hai", made_up, "he_jing")
    assert str(strange.value).replace(str(task), "…") == str(nowhere.value).replace(str(made_up), "…")


def test_a_lead_who_sees_a_case_steers_only_the_work_of_their_own_units(office: TestOffice) -> None:
    """The case came from Henan, so Henan sees it; the work is Zhejiang's."""
    office.deploy(
        one_task(
            "elsewhere",
            'camunda:candidateGroups="channel"',
            '<camunda:property name="route.unit" value="zhejiang_hotline"/>',
        )
    )
    task = office.file(regime="elsewhere", facts={}).tasks[0]["id"]
    assert office.task("work").candidate_group == "channel@/hq/zhejiang/zhejiang_hotline/"
    with pytest.raises(NotPermitted, match="not led from any seat"):
        office.reassign(LEAD, task, "chen_yu")
    assert office.reassign("lin_hai", task, "chen_yu").assignee_name == "陈屿"


def test_a_whole_desk_is_distributed_evenly_and_everybody_hears_once(office: TestOffice) -> None:
    office.deploy(one_task("two", 'camunda:candidateGroups="channel,provincial_centre"'))
    tasks = [office.file(regime="two", facts={}).tasks[0]["id"] for _ in range(6)]
    for task in tasks:
        office.claim("li_na", task)
    done = many(office, held_by="li_na", to=["he_jing", "wang_lei"])
    assert {each.task_id for each in done} == set(tasks)
    assert Counter(each.task.assignee_name for each in done) == {"何菁": 3, "王磊": 3}
    assert words(office, "li_na") == [f"孙强改派了您手上的 6 件工单：{WHY}"]
    assert words(office, "he_jing") == [f"孙强交给您 3 件工单：{WHY}"]
    assert (
        many(office, held_by="li_na", to=["he_jing"]) == many(office, held_by="nobody", to=["he_jing"]) == []
    )


def test_each_of_many_is_answered_for_itself(office: TestOffice) -> None:
    free, held, over = filed(office, 3)
    made_up = uuid4()
    office.claim("li_na", held)
    office.claim("li_na", over)
    office.complete("li_na", over, {"outcome": "close"})
    answers = many(office, ids=[over, made_up, held, free], to=[])
    assert [type(each.refused) for each in answers] == [WrongState, NotFound, type(None), WrongState]
    assert [each.task_id for each in answers] == [over, made_up, held, free]
    assert answers[2].task.state == "created"


@pytest.mark.parametrize("how", [{}, {"ids": [], "held_by": None}, {"ids": [uuid4()], "held_by": "li_na"},
                                 {"ids": [uuid4() for _ in range(desk.MOST + 1)]},
                                 {"held_by": "li_na", "reason": " "}])  # fmt: skip
def test_what_cannot_be_meant_is_refused_whole(office: TestOffice, how: dict[str, Any]) -> None:
    (task,) = filed(office, 1)
    office.claim("li_na", task)
    with pytest.raises(InvalidInput):
        many(office, **{"to": ["he_jing"], **how})
    assert office.task("check_request").assignee_name == "李楠"


def test_the_number_of_statements_does_not_grow_with_the_number_of_tasks(office: TestOffice) -> None:
    def statements(tasks: list[UUID], to: list[str]) -> int:
        sent: list[str] = []
        engine = office.deps.sessions.kw["bind"]
        listen = lambda *args: sent.append(args[2])  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listen)
        try:
            many(office, ids=tasks, to=to)
        finally:
            sa.event.remove(engine, "before_cursor_execute", listen)
        return len(sent)

    few, more = filed(office, 2), filed(office, 12)
    many(office, ids=filed(office, 1), to=["li_na", "he_jing"])
    assert statements(few, ["li_na", "he_jing"]) == statements(more, ["li_na", "he_jing"])
    assert statements(few, []) == statements(more, [])


def test_the_table_of_states_is_what_the_verbs_say(office: TestOffice) -> None:
    assert {edge.by for edge in TRANSITIONS} == set(TAKERS)
    assert {state for edge in TRANSITIONS for state in (edge.before, edge.after)} == set(STATES)
    for edge in TRANSITIONS:
        if edge.by != PROCESS:
            assert VERBS[f"task.{edge.verb}"].states == possible_in(edge.verb)
    assert possible_in("reassign") == (CREATED, ASSIGNED, DELEGATED)
