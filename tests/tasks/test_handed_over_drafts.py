"""What a delegate has filled in of a form becomes the owner's draft, who checks and sends it."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, WrongState
from tasks import desk
from tasks.audit.tables import AuditEvent
from tasks.core import table
from tasks.desk.drafts import LARGEST
from tests.tasks.office import TestOffice
from tests.tasks.test_drafts import left, read, save, taken

_EVENT = table(AuditEvent)


def resolve(office: TestOffice, task: UUID, answers: dict[str, object] | None = None) -> None:
    with office.acting("he_jing") as (session, caller):
        desk.resolve(session, office.deps, caller, task, "话单已查", answers)


def recorded(office: TestOffice, task: UUID) -> list[tuple[str, str]]:
    told = sa.select(_EVENT.c.verb, _EVENT.c.actor_name).where(_EVENT.c.subject_id == str(task))
    with office.deps.sessions() as session:
        return [(row.verb, row.actor_name) for row in session.execute(told.order_by(_EVENT.c.seq))]


@pytest.mark.parametrize("sent", [None, {"outcome": "close", "demand": ""}])
def test_what_was_saved_or_is_sent_along_stands_over_what_the_owner_had_and_nothing_empty_does(
    office: TestOffice, sent: dict[str, object] | None
) -> None:
    task = taken(office)
    save(office, "li_na", task, {"outcome": "forward", "demand": "退费"}, 0)
    office.delegate("li_na", task, "he_jing")
    save(office, "he_jing", task, {"outcome": "forward" if sent else "close", "demand": None}, 0)
    resolve(office, task, sent)
    assert read(office, "li_na", task) == desk.Draft({"outcome": "close", "demand": "退费"}, 2)
    assert left(office) == 1
    with pytest.raises(WrongState, match="revision 2"):
        save(office, "li_na", task, {"outcome": "forward"}, 1)


def test_nothing_filled_in_leaves_the_owners_draft_as_it_was_and_a_recall_hands_nothing_over(
    office: TestOffice,
) -> None:
    task = taken(office)
    office.delegate("li_na", task, "he_jing")
    save(office, "he_jing", task, {"outcome": "close"}, 0)
    office.recall("li_na", task)
    assert read(office, "li_na", task) == desk.Draft({}, 0)
    office.delegate("li_na", task, "he_jing")
    resolve(office, task, {"outcome": ""})
    assert left(office) == 0


def nested(levels: int) -> dict[str, object]:
    return {"demand": nested(levels - 1)} if levels else {}


@pytest.mark.parametrize("answers", [{"demand": "字" * LARGEST}, nested(300)], ids=["long", "deep"])
def test_too_much_is_refused_and_the_delegate_keeps_the_task_and_their_draft(
    office: TestOffice, answers: dict[str, object]
) -> None:
    task = taken(office)
    office.delegate("li_na", task, "he_jing")
    save(office, "he_jing", task, {"outcome": "close"}, 0)
    with pytest.raises(InvalidInput):
        resolve(office, task, answers)
    assert office.read("he_jing", task).state == "delegated"
    assert read(office, "he_jing", task).revision == 1


def test_the_trail_says_when_a_draft_begins_and_ends_and_not_each_time_it_is_saved(
    office: TestOffice,
) -> None:
    task = taken(office)
    for revision in range(3):
        save(office, "li_na", task, {"outcome": "forward", "demand": f"第 {revision} 次"}, revision)
    with office.acting("li_na") as (session, caller):
        desk.drop_draft(session, office.deps, caller, task)
    office.delegate("li_na", task, "he_jing")
    for revision in range(3):
        save(office, "he_jing", task, {"outcome": "close"}, revision)
    resolve(office, task)
    assert recorded(office, task)[1:] == [
        ("task.draft", "李楠"),
        ("task.draft", "李楠"),
        ("task.delegate", "李楠"),
        ("task.draft", "何菁"),
        ("task.resolve", "何菁"),
    ]
    handed = office.scalar(sa.select(_EVENT.c.after).where(_EVENT.c.verb == "task.resolve"))
    assert json.loads(handed)["handed_over"]["fields"] == ["outcome"]
