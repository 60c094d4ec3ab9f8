"""What somebody holds who is away: handed over to whoever does their work, or back to the queues, each task for itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tasks.people.absence import entering
from tasks.people.absence.handing import HandedOver, hand_over
from tasks.people.absence.mistakes import AbsenceRefused
from tasks.user_task import UserTask
from tests.tasks.absence.test_substitutes import HOUR, away
from tests.tasks.audit.test_every_verb_leaves_a_line import lines
from tests.tasks.desk.test_the_person_complained_about import say
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice
from tests.tasks.test_notices import told


def held(office: TestOffice, login: str = "li_na", count: int = 1) -> list[UUID]:
    found = [office.file().tasks[0]["id"] for _ in range(count)]
    for task in found:
        office.claim(login, task)
    return found


def handed(office: TestOffice, absence: Any, by: str = "sun_qiang", to: str = "substitute") -> HandedOver:
    with office.acting(by) as (session, caller):
        return hand_over(session, office.deps, caller, absence.id, to)


def hands(office: TestOffice, *tasks: UUID) -> list[tuple[str, str | None, str | None]]:
    """State, holder and owner of each."""
    with office.deps.sessions() as session:
        rows = [session.get_one(UserTask, task) for task in tasks]
        return [(row.state, row.assignee_name, row.owner_name) for row in rows]


def away_now(office: TestOffice, by: str = "sun_qiang", **values: Any) -> Any:
    now = office.clock.now()
    return away(
        office,
        by,
        **{"from": now, "person": "li_na", "until": now + 2 * HOUR, "substitute": "feng_bo", **values},
    )


def test_a_whole_desk_goes_to_the_substitute_and_what_was_delegated_stays_with_the_delegate(
    office: TestOffice,
) -> None:
    one, two, given, asked = *held(office, count=3), *held(office, "he_jing")
    office.delegate("li_na", given, "he_jing")
    office.delegate("he_jing", asked, "li_na")
    done = handed(office, away_now(office))
    assert {each.task_id for each in done.items} == {one, two, given, asked} and not done.more
    assert hands(office, one, two, given, asked) == [
        ("assigned", "冯博", None),
        ("assigned", "冯博", None),
        ("delegated", "何菁", "冯博"),
        ("assigned", "何菁", None),
    ]
    office.complete("feng_bo", one, {"outcome": "close"})
    given_many = [each.text for each in told(office, "feng_bo") if each.cause == "given_many"]
    assert given_many == ["孙强交给您 3 件工单：李楠休假交接"]
    assert [each.text.partition("的“")[2] for each in told(office, "he_jing") if each.cause == "given"] == [
        "核实诉求”交给您办理：李楠休假交接"
    ]
    assert not [each for each in told(office, "he_jing") if each.cause.startswith("taken")]


def test_it_happens_at_the_instant_the_absence_begins_where_that_was_wanted(office: TestOffice) -> None:
    (task,) = held(office)
    number = office.task("check_request").business_key
    away(office, "sun_qiang", person="li_na", substitute="feng_bo", hand_over="substitute")
    office.settle()
    office.clock.advance(HOUR - timedelta(seconds=1))
    office.settle()
    assert hands(office, task) == [("assigned", "李楠", None)]
    office.clock.advance(timedelta(seconds=1))
    office.settle()
    assert hands(office, task) == [("assigned", "冯博", None)]
    (line,) = [row for row in lines(office, number) if row.verb == "task.reassign"]
    assert line.actor_kind == "system" and "李楠休假交接" in line.after
    # It is done once: what the absent person takes afterwards is their own affair.
    (later,) = held(office)
    office.settle()
    assert hands(office, later) == [("assigned", "李楠", None)]


def test_one_entered_for_now_hands_over_with_it(office: TestOffice) -> None:
    (task,) = held(office)
    row = away_now(office, "li_na", person=None, substitute=None, hand_over="queue")
    assert (row.hand_over, row.handed_over_at) == ("queue", office.clock.now())
    assert hands(office, task) == [("created", None, None)]
    assert office.claim("he_jing", task).assignee_name == "何菁"


def test_what_the_substitute_may_not_hold_stays_and_says_why(office: TestOffice) -> None:
    office.deploy(one_task("both", 'camunda:candidateGroups="archive"'))
    inside = office.file("li_na", "both", {}).tasks[0]["id"]
    office.claim("wang_lei", inside)
    office.deploy(one_task("other", 'camunda:candidateGroups="provincial_centre"'))
    outside = office.file("li_na", "other", {}).tasks[0]["id"]
    office.claim("wang_lei", outside)
    absence = away_now(office, person="wang_lei", roles=["archive"])
    answers = {each.task_id: each for each in handed(office, absence).items}
    assert answers[inside].refused is None
    assert isinstance(answers[outside].refused, InvalidInput)
    assert "不能由冯博办理" in answers[outside].refused.facts["message_zh"]
    assert hands(office, inside, outside) == [("assigned", "冯博", None), ("assigned", "王磊", None)]


def test_nobody_is_handed_what_they_are_barred_from(office: TestOffice) -> None:
    """The case complains about the substitute."""
    case = office.file()
    task = case.tasks[0]["id"]
    say(office, case.number, "feng_bo")
    office.claim("li_na", task)
    absence = away_now(office)
    (answer,) = handed(office, absence).items
    assert isinstance(answer.refused, NotPermitted)
    assert "本案投诉的就是冯博" in answer.refused.facts["message_zh"]
    assert hands(office, task) == [("assigned", "李楠", None)]
    assert handed(office, absence, to="queue").items[0].refused is None


def test_before_it_begins_only_what_the_substitute_is_offered_anyway_is_taken(office: TestOffice) -> None:
    (task,) = held(office)
    planned = away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    assert isinstance(handed(office, planned).items[0].refused, InvalidInput)
    with office.acting("sun_qiang") as (session, caller):
        entering.change(session, office.deps, caller, planned.id, {"substitute": "he_jing"})
    assert handed(office, planned, "li_na").items[0].task.assignee_name == "何菁"
    assert hands(office, task) == [("assigned", "何菁", None)]


def test_a_lead_hands_over_what_they_see_and_nothing_else_is_named(office: TestOffice) -> None:
    office.deploy(one_task("caseless", 'camunda:candidateGroups="person@li_na"'))
    office.start("caseless")
    hidden = office.task("work").id
    office.claim("li_na", hidden)
    (task,) = held(office)
    absence = away_now(office)
    assert [each.task_id for each in handed(office, absence).items] == [task]
    assert hands(office, hidden) == [("assigned", "李楠", None)]
    assert [each.task_id for each in handed(office, absence, "li_na").items] == [hidden]
    assert hands(office, hidden) == [("assigned", "冯博", None)]


def test_only_the_absent_person_and_their_leads_hand_over_and_only_where_somebody_is_named(
    office: TestOffice,
) -> None:
    held(office)
    absence = away_now(office, substitute=None)
    for stranger in ("lin_hai", "he_jing", "wang_lei"):
        with pytest.raises(NotFound):
            handed(office, absence, stranger)
    with pytest.raises(NotPermitted):
        handed(office, absence, "shi_an")
    with pytest.raises(InvalidInput, match="nobody does the work"):
        handed(office, absence)
    with pytest.raises(InvalidInput):
        handed(office, absence, to="he_jing")
    with office.acting("li_na") as (session, caller):
        entering.cancel(session, office.deps, caller, absence.id)
    with pytest.raises(WrongState):
        handed(office, absence, to="queue")
    with pytest.raises(AbsenceRefused) as refused:
        away(office, "li_na", hand_over="substitute")
    assert [each.path for each in refused.value.problems] == ["hand_over"]
