"""Drafts are deployed with why, never over what somebody else has deployed unseen, and by two people where that is wanted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.deployment import Deployment, DeploymentReceipt, ProcessDefinition
from engine.errors import DeploymentRefused, InvalidInput, NotPermitted, RedressError, WrongState
from tasks.audit.tables import AuditEvent
from tasks.processes import deployments
from tasks.processes.drafts import deploying, making, second_look
from tasks.processes.drafts.overtaken import Overtaken
from tests.tasks.drafts.test_keeping import DIAGRAM, begun, of_version, read, row, save, trail
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice

OTHER = one_task("redesigned", 'camunda:candidateGroups="channel"').content.decode()
THIRD = one_task("redesigned", 'camunda:candidateGroups="department"').content.decode()


def deploy(
    office: TestOffice, login: str, draft: UUID, note: str = "按新规", **more: Any
) -> DeploymentReceipt:
    with office.acting(login) as (session, caller):
        return deploying.deploy(session, office.deps, caller, draft, note=note, **more)


def submit(office: TestOffice, login: str, draft: UUID, **more: Any) -> Any:
    with office.acting(login) as (session, caller):
        return second_look.submit(session, office.deps, caller, draft, note="增加审核", **more)


def approve(office: TestOffice, login: str, draft: UUID, submission: int, **more: Any) -> DeploymentReceipt:
    with office.acting(login) as (session, caller):
        return second_look.approve(session, office.deps, caller, draft, submission, **more)


def version(office: TestOffice, key: str = "redesigned") -> int:
    return int(
        office.scalar(sa.select(sa.func.max(ProcessDefinition.version)).where(ProcessDefinition.key == key))
        or 0
    )


def told(office: TestOffice) -> list[tuple[str, str]]:
    with office.deps.sessions() as session:
        rows = session.execute(
            sa.text("SELECT n.cause, p.login FROM notice n JOIN person p ON p.id = n.to_person ORDER BY 1, 2")
        )
        return [(one.cause, one.login) for one in rows]


def test_a_draft_goes_on_from_what_was_deployed(office: TestOffice) -> None:
    draft = of_version(office)
    edited = read(office, draft, "request.bpmn").text.replace('name="归档"', 'name="归档并通知"')
    save(office, "lu_jian", draft, "request.bpmn", edited, 1)
    for note in ("", "  ", "x" * 2001, "\x00"):
        with pytest.raises(InvalidInput, match="what has changed"):
            deploy(office, "lu_jian", draft, note)
    receipt = deploy(office, "lu_jian", draft, "归档后要通知客户")
    assert [(one.key, one.version, one.is_new) for one in receipt.definitions] == [("request", 2, True)]
    found = row(office, draft)
    assert (found.state, found.based_version, found.bases, found.writers) == (
        "deployed",
        2,
        {"request": 2},
        {},
    )
    assert found.deployment_id == receipt.deployment_id
    with office.deps.sessions() as session:
        kept = session.get_one(Deployment, receipt.deployment_id)
        assert (kept.note, kept.deployed_by_name, kept.approved_by_name) == ("归档后要通知客户", "陆鉴", "")
        assert kept.source == f"draft {draft}"
    save(office, "bai_he", draft, "request.bpmn", edited.replace("通知", "告知"), 2)
    assert row(office, draft).state == "open"
    office.clock.advance(timedelta(minutes=1))  # what is newest is told by when it was deployed
    assert deploy(office, "bai_he", draft).definitions[0].version == 3
    assert deploy(office, "bai_he", draft).unchanged


def test_what_has_errors_is_not_deployed_and_everything_stays(office: TestOffice) -> None:
    draft = begun(office)
    save(office, "lu_jian", draft, DIAGRAM.name, OTHER.replace('targetRef="e"', 'targetRef="nowhere"'), 1)
    with pytest.raises(DeploymentRefused):
        deploy(office, "lu_jian", draft)
    with pytest.raises(DeploymentRefused):
        submit(office, "lu_jian", draft)
    assert (row(office, draft).state, version(office)) == ("open", 0)


def test_a_newer_version_of_somebody_else_is_replaced_only_by_whoever_has_seen_it(office: TestOffice) -> None:
    office.deploy(DIAGRAM)
    mine, theirs = of_version(office, "redesigned"), of_version(office, "redesigned", "bai_he")
    save(office, "bai_he", theirs, DIAGRAM.name, OTHER, 1)
    deploy(office, "bai_he", theirs)
    save(office, "lu_jian", mine, DIAGRAM.name, THIRD, 1)
    for verb in (deploy, submit):
        with pytest.raises(Overtaken, match="白鹤 deployed version 2 of it on 2026-") as refused:
            verb(office, "lu_jian", mine)
        assert [(one.key, one.version, one.based_on) for one in refused.value.newer] == [("redesigned", 2, 1)]
    assert version(office) == 2
    assert deploy(office, "lu_jian", mine, over=True).definitions[0].version == 3
    assert row(office, mine).bases == {"redesigned": 3}


def test_a_process_that_was_deployed_since_a_draft_of_files_was_begun_is_not_replaced_unseen(
    office: TestOffice,
) -> None:
    draft = begun(office)
    office.clock.advance(timedelta(minutes=5))
    with office.acting("bai_he") as (session, caller):
        deployments.deploy(session, office.deps, caller, [one_task("redesigned", "", "")], name="first")
    save(office, "lu_jian", draft, DIAGRAM.name, OTHER, 1)
    with pytest.raises(Overtaken, match="no version of redesigned"):
        deploy(office, "lu_jian", draft)
    assert version(office) == 1, "nothing was stored"
    assert deploy(office, "lu_jian", draft, over=True).definitions[0].version == 2


def test_whoever_has_not_seen_the_last_save_does_not_deploy_it(office: TestOffice) -> None:
    draft = begun(office)
    seen = row(office, draft).revision
    save(office, "bai_he", draft, DIAGRAM.name, OTHER, 1)
    for verb in (deploy, submit):
        with pytest.raises(WrongState, match="白鹤 has saved into it meanwhile"):
            verb(office, "lu_jian", draft, revision=seen)
    assert deploy(office, "lu_jian", draft, revision=seen + 1).definitions[0].version == 1


def test_another_owner_approves_and_both_are_named(office: TestOffice) -> None:
    draft = begun(office)
    found = submit(office, "lu_jian", draft)
    assert (found.state, found.submission, found.pinned) == ("submitted", 1, {DIAGRAM.name: 1})
    assert told(office) == [("draft_submitted", "bai_he"), ("draft_submitted", "mo_ran")]
    with pytest.raises(NotPermitted, match="who submitted it"):
        approve(office, "lu_jian", draft, 1)
    with pytest.raises(NotPermitted):
        approve(office, "li_na", draft, 1)
    for verb in (deploy, submit):
        with pytest.raises(WrongState, match="陆鉴 has submitted it"):
            verb(office, "bai_he", draft)
    receipt = approve(office, "bai_he", draft, 1)
    with office.deps.sessions() as session:
        kept = session.get_one(Deployment, receipt.deployment_id)
        assert (kept.deployed_by_name, kept.approved_by_name, kept.note) == ("陆鉴", "白鹤", "增加审核")
        line = session.execute(
            sa.select(AuditEvent.actor_name, AuditEvent.after).where(AuditEvent.verb == "deployment.create")
        ).one()
        assert line.actor_name == "白鹤" and '"submitted_by":"陆鉴"' in line.after
    assert row(office, draft).state == "deployed"
    assert trail(office)[-2:] == [("process_draft.submit", "陆鉴"), ("process_draft.decide", "白鹤")]
    assert ("draft_approved", "lu_jian") in told(office)
    with pytest.raises(WrongState, match="it is deployed"):
        approve(office, "bai_he", draft, 1)


def test_whoever_has_changed_it_since_cannot_be_the_second_pair_of_eyes(office: TestOffice) -> None:
    draft = begun(office)
    save(office, "bai_he", draft, DIAGRAM.name, OTHER, 1)
    submit(office, "lu_jian", draft)
    with pytest.raises(NotPermitted, match="changed its files"):
        approve(office, "bai_he", draft, 1)
    # A copy does not wash it off.
    with office.acting("lu_jian") as (session, caller):
        copy = making.copied(session, office.deps, caller, draft, name="副本")
    submit(office, "lu_jian", copy)
    with pytest.raises(NotPermitted, match="changed its files"):
        approve(office, "bai_he", copy, 1)
    assert approve(office, "mo_ran", draft, 1).deployment_id
    # From here on 白鹤 has not changed what will be deployed next.
    save(office, "lu_jian", draft, DIAGRAM.name, THIRD, 2)
    submit(office, "lu_jian", draft)
    assert approve(office, "bai_he", draft, 2).definitions[0].version == 2


def test_where_everybody_has_written_nobody_can_be_asked(office: TestOffice) -> None:
    draft = begun(office)
    save(office, "bai_he", draft, DIAGRAM.name, OTHER, 1)
    save(office, "mo_ran", draft, DIAGRAM.name, THIRD, 2)
    with pytest.raises(WrongState, match="nobody could approve it"):
        submit(office, "lu_jian", draft)


def test_whoever_changes_a_submitted_draft_withdraws_it(office: TestOffice) -> None:
    draft = begun(office)
    submit(office, "lu_jian", draft)
    save(office, "lu_jian", draft, DIAGRAM.name, OTHER, 1)
    assert row(office, draft).state == "open"
    with pytest.raises(WrongState, match="it is open"):
        approve(office, "bai_he", draft, 1)
    submit(office, "lu_jian", draft)
    with pytest.raises(WrongState, match="submitted anew"):
        approve(office, "bai_he", draft, 1)
    with office.acting("lu_jian") as (session, caller):
        assert second_look.withdraw(session, office.deps, caller, draft).state == "open"
    with pytest.raises(WrongState), office.acting("lu_jian") as (session, caller):
        second_look.withdraw(session, office.deps, caller, draft)
    assert version(office) == 0


def test_a_rejection_says_why(office: TestOffice) -> None:
    draft = begun(office)
    submit(office, "lu_jian", draft)

    def reject(login: str, reason: str) -> Any:
        with office.acting(login) as (session, caller):
            return second_look.reject(session, office.deps, caller, draft, 1, reason=reason)

    with pytest.raises(InvalidInput, match="without a reason"):
        reject("bai_he", " ")
    with pytest.raises(NotPermitted, match="withdraw"):
        reject("lu_jian", "不好")
    found = reject("bai_he", "缺少时限")
    assert (found.state, found.rejection, found.rejected_by_name) == ("open", "缺少时限", "白鹤")
    assert ("draft_rejected", "lu_jian") in told(office)
    submit(office, "lu_jian", draft)
    assert row(office, draft).rejection == ""


def test_of_two_who_approve_at_once_one_deploys(office: TestOffice) -> None:
    draft = begun(office)
    submit(office, "lu_jian", draft)
    together = Barrier(2)

    def attempt(login: str) -> str:
        together.wait()
        try:
            approve(office, login, draft, 1)
        except RedressError as refused:
            return type(refused).__name__
        return "deployed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, ("bai_he", "mo_ran"))) == ["WrongState", "deployed"]
    assert version(office) == 1


def test_where_four_eyes_are_wanted_nobody_deploys_alone(office: TestOffice) -> None:
    settings = replace(office.deps.settings, deployment_four_eyes=True)
    office = TestOffice(replace(office.deps, settings=settings), office.clock)
    draft = begun(office)
    with pytest.raises(NotPermitted, match="submit it, and have another"):
        deploy(office, "lu_jian", draft)
    with (
        pytest.raises(NotPermitted, match="REDRESS_DEPLOYMENT_FOUR_EYES"),
        office.acting("lu_jian") as (s, caller),
    ):
        deployments.deploy(s, office.deps, caller, [DIAGRAM], name="alone")
    submit(office, "lu_jian", draft)
    assert approve(office, "bai_he", draft, 1).definitions[0].version == 1
    with office.acting("lu_jian") as (session, caller):
        deployments.deploy_as(
            session, office.deps, caller.actor, [one_task("redesigned", "", "")], name="machine"
        )
