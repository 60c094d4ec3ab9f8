"""Delegation: a colleague does the work, the owner completes it; who has it is never in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.errors import InvalidInput, NotFound, NotPermitted, RedressError, WrongState
from tasks import desk
from tasks.lists.named import task_list
from tasks.organisation.changing.loading import load_organisation
from tasks.processes.steering import send_message
from tasks.user_task import PROCESS, TRANSITIONS
from tests.tasks.drawings import one_task
from tests.tasks.office import ORGANISATION, PASSWORD, TestOffice
from tests.tasks.test_notices import told

CLOSE = {"outcome": "close"}


def taken(office: TestOffice, login: str = "li_na") -> UUID:
    task: UUID = office.file().tasks[0]["id"]
    office.claim(login, task)
    return task


def inbox(office: TestOffice, login: str) -> list[UUID]:
    with office.acting(login) as (session, caller):
        return [row.id for row in task_list(session, office.deps, caller, "inbox").items]


def test_the_delegate_has_the_work_in_hand_and_the_owner_completes_it(office: TestOffice) -> None:
    task = taken(office)
    row = office.delegate("li_na", task, "he_jing", "请代查\n话单")
    assert (row.state, row.assignee_name, row.owner_name, row.note) == (
        "delegated",
        "何菁",
        "李楠",
        "请代查 话单",
    )
    assert (inbox(office, "he_jing"), inbox(office, "li_na")) == ([task], [])
    for login in ("li_na", "he_jing"):
        with pytest.raises(WrongState, match="李楠 has delegated it to 何菁"):
            office.complete(login, task, CLOSE)
    back = office.resolve("he_jing", task, "话单已查")
    assert (back.state, back.assignee_name, back.owner_id, back.note) == (
        "assigned",
        "李楠",
        None,
        "话单已查",
    )
    assert [each.cause for each in told(office, "he_jing")] == ["delegated"]
    assert [each.cause for each in told(office, "li_na")] == ["resolved"]
    with pytest.raises(WrongState, match="held by 李楠"):
        office.complete("he_jing", task, CLOSE)
    office.complete("li_na", task, CLOSE)


def test_the_owner_takes_it_back_and_nobody_else_does(office: TestOffice) -> None:
    task = taken(office)
    office.delegate("li_na", task, "he_jing")
    with pytest.raises(WrongState, match="李楠 has delegated it"):
        office.recall("he_jing", task)
    with pytest.raises(WrongState, match="held by 何菁"):
        office.resolve("li_na", task)
    row = office.recall("li_na", task)
    assert (row.state, row.assignee_name, row.owner_id) == ("assigned", "李楠", None)
    assert {each.cause for each in told(office, "he_jing")} == {"delegated", "recalled"}


@pytest.mark.parametrize("login", ["li_na", "wang_lei", "lin_hai", "nobody", "a\x00b", "sun_qiang"])
def test_only_a_colleague_to_whom_it_is_offered_is_asked_and_all_others_are_refused_alike(
    office: TestOffice, login: str
) -> None:
    task = taken(office)
    with pytest.raises(InvalidInput) as refused:
        office.delegate("li_na", task, login)
    assert str(refused.value).replace(login, "…") == (
        f"To delegate the task 核实诉求 ({task}) to … was asked; it is offered to channel@/hq/henan/henan_hotline/, "
        "and no colleague of that login answers them."
    )
    assert office.task("check_request").state == "assigned"


def test_a_stranger_learns_nothing_and_a_colleague_delegates_nothing_of_others(office: TestOffice) -> None:
    task = taken(office)
    for verb in (office.recall, office.resolve):
        with pytest.raises(NotFound):
            verb("chen_yu", task)
    with pytest.raises(NotFound):
        office.delegate("chen_yu", task, "he_jing")
    with pytest.raises(WrongState, match="held by 李楠"):
        office.delegate("he_jing", task, "li_na")


def test_a_lead_takes_a_delegated_task_from_both(office: TestOffice) -> None:
    task = taken(office)
    office.delegate("li_na", task, "he_jing")
    row = office.reassign("sun_qiang", task, "he_jing")
    assert (row.state, row.assignee_name, row.owner_id) == ("assigned", "何菁", None)
    assert [each.cause for each in told(office, "li_na")] == ["taken"]
    office.complete("he_jing", task, CLOSE)


def test_both_hear_when_the_process_cancels_it(office: TestOffice) -> None:
    case = office.file()
    office.claim("li_na", case.tasks[0]["id"])
    office.delegate("li_na", case.tasks[0]["id"], "he_jing")
    with office.acting("lin_hai") as (session, caller), pytest.raises(NotFound):
        send_message(session, office.deps, caller, case.number, "withdraw", None)
    with office.acting("sun_qiang") as (session, caller):
        send_message(session, office.deps, caller, case.number, "withdraw", None)
    assert office.task("check_request").state == "cancelled"
    assert "cancelled" in {each.cause for each in told(office, "he_jing")}
    assert "cancelled" in {each.cause for each in told(office, "li_na")}


@pytest.mark.parametrize(("gone", "holder"), [("he_jing", "李楠"), ("li_na", "何菁"), ("both", None)])
def test_who_leaves_the_unit_leaves_a_delegated_task_to_the_other(
    settled: TestOffice, gone: str, holder: str | None
) -> None:
    task = taken(settled)
    settled.delegate("li_na", task, "he_jing")
    left = ("he_jing", "li_na") if gone == "both" else (gone,)
    people = [
        {**each, "unit": "zhejiang_centre"} if each["login"] in left else each
        for each in ORGANISATION["people"]
    ]
    with settled.deps.sessions.begin() as session:
        load_organisation(
            session,
            {**ORGANISATION, "people": people},
            now=settled.clock.now(),
            passwords=settled.deps.passwords,
            password=PASSWORD,
        )
    settled.settle()
    row = settled.task("check_request")
    assert (row.assignee_name, row.owner_id) == (holder, None)
    assert row.state == ("assigned" if holder else "created")
    assert row.claimed_at is None or holder
    assert row.note == ("请代查" if gone == "li_na" else None)


def test_what_the_table_of_states_does_not_name_is_refused(office: TestOffice) -> None:
    """Every verb in every state, by whoever the table would let do it there."""
    office.deploy(one_task("plain", 'camunda:candidateGroups="channel"'))
    tomorrow = office.clock.now() + timedelta(days=1)

    def holder(task: UUID) -> str:
        delegated = office.read("sun_qiang", task).assignee_name == "何菁"
        return "he_jing" if delegated else "li_na"

    possible = {(edge.before, edge.verb) for edge in TRANSITIONS if edge.by != PROCESS}
    verbs: dict[str, Callable[[UUID], Any]] = {
        "claim": lambda task: office.claim("he_jing", task),
        "release": lambda task: office.release("li_na", task),
        "complete": lambda task: office.complete("li_na", task, {}),
        "delegate": lambda task: office.delegate("li_na", task, "he_jing"),
        "resolve": lambda task: office.resolve("he_jing", task),
        "recall": lambda task: office.recall("li_na", task),
        "reassign": lambda task: office.reassign("sun_qiang", task, "he_jing"),
        "draft": lambda task: draft(office, holder(task), task),
        "prioritise": lambda task: office.prioritise("sun_qiang", task, 90),
        "follow_up": lambda task: office.follow_up(holder(task), task, tomorrow),
    }
    assert {verb for _, verb in possible} == verbs.keys()
    ways: dict[str, tuple[str, ...]] = {
        "created": (), "assigned": ("assign",), "delegated": ("assign", "delegate"),
        "completed": ("assign", "complete"),
    }  # fmt: skip
    for state, way in ways.items():
        for verb, act in verbs.items():
            task = office.file(regime="plain", facts={}).tasks[0]["id"]
            for step in way:
                office.claim("li_na", task) if step == "assign" else verbs[step](task)
            before = office.read("sun_qiang", task).state
            assert before == state
            refused = refusal(act, task)
            after = office.read("sun_qiang", task).state
            assert (refused is None) == ((state, verb) in possible), (state, verb, refused)
            if refused is None:
                assert after in {
                    edge.after for edge in TRANSITIONS if (edge.before, edge.verb) == (state, verb)
                }
            else:
                assert isinstance(refused, (WrongState, NotPermitted))
                assert after == state


def draft(office: TestOffice, login: str, task: UUID) -> Any:
    with office.acting(login) as (session, caller):
        return desk.save_draft(session, office.deps, caller, task, {"outcome": "close"}, 0)


def refusal(act: Callable[[UUID], Any], task: UUID) -> RedressError | None:
    try:
        act(task)
    except RedressError as refused:
        return refused
    return None
