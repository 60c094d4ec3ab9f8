"""Every way a paper, a case, a task and somebody can stand to each other, and whether that person reads the paper."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from tasks.cases.tables import Case
from tasks.evidence import reach
from tasks.evidence.tables import Attachment
from tasks.people.caller import Caller
from tasks.user_task import UserTask
from tests.tasks.office import TestOffice
from tests.tasks.test_organisation_checks import REGULATOR, data, load, person

SOMEBODY_ELSE = uuid4()
IN_HAND = ("offered", "offered too", "held", "done")
TASKS = (*IN_HAND, "none", "offered to others", "held by another", "done by another", "over")


@dataclass(frozen=True)
class Stand:
    """case: seen, unseen or none. task: how it stands to the caller, and whether the paper or only the case has it."""

    mine: bool
    case: str
    task: str
    filed_with_it: bool

    def read(self, outside: bool) -> bool:
        work = self.task in ("offered", "offered too", "held")
        if self.case != "none":
            return (self.case == "seen" or work) and (self.mine or not outside)
        return self.mine or (not outside and self.filed_with_it and self.task in IN_HAND)


ALL = [Stand(*one) for one in product((True, False), ("seen", "unseen", "none"), TASKS, (True, False))]


def rows(office: TestOffice, caller: Caller, stand: Stand) -> tuple[UUID, list[Any]]:
    """The paper's id, and the rows of paper, case and task that stand so."""
    now, paper, task = office.clock.now(), uuid4(), uuid4()
    case = uuid4() if stand.case != "none" else None
    path = caller.standing.reach[0] if stand.case == "seen" else "/hq/zhejiang/"
    group = next(name for name in caller.groups if "/" in name or name.startswith("person@"))
    made: list[Any] = [
        Attachment(
            id=paper, case_id=case, task_id=task if stand.filed_with_it and stand.task != "none" else None,
            kind="photo", name="a", media_type="image/png", size=1, sha256=b"", uploaded_sha256=b"", store="database",
            uploaded_by=caller.id if stand.mine else SOMEBODY_ELSE, uploaded_by_name="", uploaded_at=now,
        )
    ]  # fmt: skip
    if case is not None:
        made.append(
            Case(
                id=case, number=str(case), regime="request", query_hash=b"", org_code="x", org_path=path, facts={},
                paths=[path], filed_by=SOMEBODY_ELSE, filed_by_name="", filed_at=now,
            )
        )  # fmt: skip
    if stand.task != "none":
        offered = stand.task in ("offered", "held", "done", "done by another", "held by another", "over")
        state = {
            "held": "assigned",
            "held by another": "assigned",
            "done": "completed",
            "done by another": "completed",
        }
        made.append(
            UserTask(
                id=task, instance_id=uuid4(), case_id=case, business_key=str(case), process_key="request",
                deployment_id=uuid4(), activity_id="work", name="work", scope="", created_at=now,
                candidate_group=group if offered else "nobody@/x/",
                also_groups=["nobody@/y/", group] if stand.task == "offered too" else None,
                state="cancelled" if stand.task == "over" else state.get(stand.task, "created"),
                assignee_id={"held": caller.id, "held by another": SOMEBODY_ELSE}.get(stand.task),
                completed_by={"done": caller.id, "done by another": SOMEBODY_ELSE}.get(stand.task),
            )
        )  # fmt: skip
    return paper, made


@pytest.mark.parametrize("login", ["li_na", "inspector"])
def test_somebody_reads_exactly_the_papers_that_their_work_and_units_bring(
    office: TestOffice, login: str
) -> None:
    load(office, data(units=[REGULATOR], people=[person("inspector", "regulator", roles=["external"])]))
    with office.acting(login) as (session, caller):
        papers: dict[UUID, Stand] = {}
        for stand in ALL:
            paper, made = rows(office, caller, stand)
            papers[paper] = stand
            session.add_all(made)
        session.flush()
        table = sa.outerjoin(Attachment, Case, Case.id == Attachment.case_id)
        found = session.scalars(
            sa.select(Attachment.id).select_from(table).where(reach.readable(caller))
        ).all()
        outside = login == "inspector"

        assert len(found) == len(set(found))
        assert {papers[one] for one in found} == {one for one in ALL if one.read(outside)}

        for paper, stand in papers.items():
            if stand.mine or stand.case == "none":
                continue
            number = str(session.scalar(sa.select(Attachment.case_id).where(Attachment.id == paper)))
            if stand.case == "seen" or stand.task in ("offered", "offered too", "held"):
                assert reach.case_row(session, caller, number).number == number
            else:
                with pytest.raises(NotFound):
                    reach.case_row(session, caller, number)
        session.rollback()


def test_a_task_is_one_of_its_own_case_only(office: TestOffice) -> None:
    with office.acting("li_na") as (session, caller):
        found: list[tuple[Any, Any]] = []
        for _ in range(2):
            made = rows(office, caller, Stand(True, "seen", "held", True))[1]
            session.add_all(made)
            found.append((made[0].case_id, made[0].task_id))
        session.flush()
        (case, task), (other, _) = found
        assert reach.task_of(session, caller, case, task)
        assert not reach.task_of(session, caller, other, task)
        assert not reach.task_of(session, caller, case, uuid4())
        session.rollback()
