"""Two who write into one audit chain at once: whoever is overtaken runs again unnoticed, and the chain holds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from api.edge import ATTEMPTS
from api.errors import may_repeat
from api.idempotency import IdempotencyKey
from tasks.audit.reading import chain_rows
from tasks.audit.writing import OVERTAKEN
from tasks.memo import memo
from tasks.talk.comments import comment_case
from tests.api.conftest import Api
from tests.api.signing import Signer
from tests.tasks.audit.tampering import tamper, told, verified
from tests.tasks.drawings import drawn
from tests.tasks.office import FACTS, TestOffice
from tests.tasks.systems import CRM, add_systems

CLOSE = {"answers": {"outcome": "close"}}
SIDES = 8


def claimed(api: Api) -> tuple[str, str]:
    case = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json
    task = case["tasks"][0]["id"]
    assert api("li_na", "POST", f"/tasks/{task}/claim").status_code == 200
    return case["number"], task


@contextmanager
def overtaken(office: TestOffice, number: str, times: int) -> Iterator[list[int]]:
    """Let somebody comment on the case when a completion has sealed its rows and has not sent them yet."""
    done: list[int] = []

    def comment(session: Any) -> None:
        if memo(session).answers and len(done) < times:
            done.append(len(done))
            with office.acting("he_jing") as (other, caller):
                comment_case(other, office.deps, caller, number, f"Number {len(done)}")

    sa.event.listen(office.deps.sessions, "before_commit", comment)
    try:
        yield done
    finally:
        sa.event.remove(office.deps.sessions, "before_commit", comment)


def verbs(office: TestOffice, chain: str) -> list[str]:
    with office.deps.sessions() as session:
        return [row.verb for row in chain_rows(session, chain)]


@pytest.mark.parametrize("times", range(1, ATTEMPTS))
def test_who_is_overtaken_completes_all_the_same_and_everything_is_written_once(
    api: Api, database_url: str, times: int
) -> None:
    number, task = claimed(api)
    before = verbs(api.office, number)
    with overtaken(api.office, number, times) as comments:
        done = api("li_na", "POST", f"/tasks/{task}/complete", CLOSE, key="once")
    assert len(comments) == times
    assert done.status_code == 200, done.text
    after = verbs(api.office, number)[len(before) :]
    assert after[:times] == ["comment.add"] * times
    assert after[times:].count("task.complete") == 1
    assert told(verified(database_url, contents=True)) == []
    again = api("li_na", "POST", f"/tasks/{task}/complete", CLOSE, key="once")
    assert (again.status_code, again.data) == (200, done.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert api.office.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 1


def test_a_signed_completion_that_is_overtaken_runs_again_with_the_nonce_it_has_used(
    api: Api, database_url: str
) -> None:
    add_systems(api.office)
    ordered = {"scopes": ["case.file", "task.claim", "task.complete"], "days": 30, "label": "test"}
    issued = api("tang_wei", "POST", f"/people/{CRM}/keys", ordered)
    signer = Signer(api, issued.json["id"], issued.json["secret"])
    case = signer.call("POST", "/cases/request", {"facts": FACTS}).json
    number, task = case["number"], case["tasks"][0]["id"]
    assert signer.call("POST", f"/tasks/{task}/claim").status_code == 200
    with overtaken(api.office, number, 1) as comments:
        done = signer.call("POST", f"/tasks/{task}/complete", CLOSE)
    assert (done.status_code, len(comments)) == (200, 1), done.text
    assert verbs(api.office, number).count("task.complete") == 1
    assert told(verified(database_url)) == []


def test_eight_steps_of_one_case_at_once_all_succeed_and_nobody_has_to_run_again(
    api: Api, database_url: str
) -> None:
    sides = "".join(
        f'<bpmn:userTask id="t{n}" camunda:candidateGroups="channel"/>'
        f'<bpmn:sequenceFlow id="a{n}" sourceRef="fork" targetRef="t{n}"/>'
        f'<bpmn:sequenceFlow id="b{n}" sourceRef="t{n}" targetRef="join"/>'
        for n in range(SIDES)
    )
    inside = (
        f'<bpmn:startEvent id="s"/><bpmn:parallelGateway id="fork"/>{sides}<bpmn:parallelGateway id="join"/>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="fork"/>'
        '<bpmn:sequenceFlow id="g" sourceRef="join" targetRef="e"/>'
    )
    api.office.deploy(drawn("sides", inside))
    case = api("li_na", "POST", "/cases/sides", {"facts": {}}).json
    tasks = [task["id"] for task in case["tasks"]]
    assert len(tasks) == SIDES
    for task in tasks:
        assert api("li_na", "POST", f"/tasks/{task}/claim").status_code == 200
    rollbacks: list[int] = []
    sa.event.listen(api.office.deps.sessions.kw["bind"], "rollback", lambda _: rollbacks.append(1))
    together = Barrier(SIDES)

    def complete(task: str) -> Any:
        together.wait(30)
        return api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {}}, key=task)

    with ThreadPoolExecutor(SIDES) as pool:
        answers = list(pool.map(complete, tasks))
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert rollbacks == [], "who waited for the instance reads the head afterwards"
    assert verbs(api.office, case["number"]).count("task.complete") == SIDES
    assert told(verified(database_url, contents=True)) == []


def test_steps_and_comments_at_once_all_succeed(api: Api, database_url: str) -> None:
    number, task = claimed(api)
    together = Barrier(SIDES)

    def act(side: int) -> int:
        together.wait(30)
        if side == 0:
            return int(api("li_na", "POST", f"/tasks/{task}/complete", CLOSE, key="x").status_code)
        said = {"text": f"Number {side}"}
        return int(api("he_jing", "POST", f"/cases/{number}/comments", said).status_code)

    for login in ("li_na", "he_jing"):
        api(login, "GET", "/me")
    with ThreadPoolExecutor(SIDES) as pool:
        assert sorted(pool.map(act, range(SIDES))) == [200] + [201] * (SIDES - 1)
    assert verbs(api.office, number).count("comment.add") == SIDES - 1
    assert told(verified(database_url, contents=True)) == []


def test_a_chain_that_has_not_begun_begins_with_the_completion(api: Api, database_url: str) -> None:
    number, task = claimed(api)
    tamper(database_url, "DELETE FROM audit_event", "DELETE FROM audit_head")
    assert api("li_na", "POST", f"/tasks/{task}/complete", CLOSE).status_code == 200
    with api.office.deps.sessions() as session:
        rows = list(chain_rows(session, number))
    assert [row.seq for row in rows] == [*range(1, len(rows) + 1)]
    assert "task.complete" in [row.verb for row in rows]


def test_who_cannot_run_again_holds_the_head_instead(office: TestOffice, database_url: str) -> None:
    filed = office.file()
    task = office.task("check_request", filed.number)
    office.claim("li_na", task.id)
    refused: list[str] = []

    def try_to_overtake(session: Any) -> None:
        if memo(session).answers:
            with pytest.raises(OperationalError) as caught, office.deps.sessions() as other:
                other.execute(
                    sa.text("SELECT 1 FROM audit_head WHERE chain = :c FOR UPDATE NOWAIT"),
                    {"c": filed.number},
                )
            refused.append(str(caught.value.orig))

    sa.event.listen(office.deps.sessions, "before_commit", try_to_overtake)
    try:
        office.complete("li_na", UUID(str(task.id)), {"outcome": "close"})
    finally:
        sa.event.remove(office.deps.sessions, "before_commit", try_to_overtake)
    assert len(refused) == 1
    assert told(verified(database_url)) == []


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (OVERTAKEN, True),
        ("40P01", True),
        ("40001", True),
        ("RD002", False),
        ("23505", False),
        ("P0001", False),
    ],
)
def test_only_what_can_succeed_the_next_time_is_run_again(
    office: TestOffice, state: str, again: bool
) -> None:
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"
    with office.deps.sessions() as session, pytest.raises(DBAPIError) as caught:
        session.execute(sa.text(raised))
    assert may_repeat(caught.value) is again
    assert not may_repeat(RuntimeError(state))
