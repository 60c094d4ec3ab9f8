"""After a change of the organisation open work lies where it belongs, and cases are seen by whom they should be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from engine.clock import FrozenClock
from engine.errors import NotFound, NotPermitted
from tasks.audit.tables import AuditEvent
from tasks.cases.tables import Case
from tasks.evidence.reach import case_row
from tasks.lists.counting import counts
from tasks.lists.named import task_list
from tasks.organisation import office as room
from tasks.organisation.assigning import rerouting
from tasks.organisation.assigning.dates import look_at_dates
from tasks.organisation.assigning.gaps import Gaps, gaps
from tasks.organisation.assigning.rerouting import reroute, unfinished
from tasks.organisation.revision import REROUTE, defer_rerouting_until, work_revision
from tasks.organisation.tables import FormerPath
from tasks.user_task import ASSIGNED, CREATED, UserTask, groups_in
from tests.tasks.drawings import one_task
from tests.tasks.office import FACTS, TestOffice
from tests.tasks.reorganising import change, forwarded, paths, sees

NAMED = '<camunda:property name="route.unit" value="henan_network"/>'
WAITING = sa.text(
    "SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name AND status = 'todo'"
).bindparams(name=REROUTE)


def test_open_work_of_a_unit_that_gives_up_its_role_goes_to_who_is_left(settled: TestOffice) -> None:
    number = forwarded(settled)
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/"
    change(settled, {"henan_network": {"roles": []}})
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/"
    settled.settle()
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/henan_billing/"
    told = settled.scalar(sa.select(AuditEvent.before).where(AuditEvent.verb == "task.reroute"))
    assert orjson.loads(told) == {"groups": ["department@/hq/henan/"]}
    assert (
        settled.scalar(sa.select(AuditEvent.actor_name).where(AuditEvent.verb == "task.reroute")) == "SYSTEM"
    )
    assert "/hq/henan/henan_billing/" in paths(settled, number)


def test_a_unit_that_newly_handles_the_case_takes_it_over(settled: TestOffice) -> None:
    settled.deploy(one_task("classified", 'camunda:candidateGroups="department"'))
    facts = {**FACTS, "customer": {**FACTS["customer"], "home_province": "henan"}}
    filed = settled.file(facts=facts)
    settled.start("classified", filed.number)
    with settled.deps.sessions.begin() as session:
        session.execute(
            sa.update(Case).values(facts=Case.facts.op("||")(sa.literal({"business": "mobile"}, JSONB)))
        )
    change(settled, {"henan_billing": {"handles": ["mobile/*"]}})
    settled.settle()
    assert settled.task("work").candidate_group == "department@/hq/henan/henan_billing/"


def test_who_has_left_the_unit_holds_its_work_no_longer(settled: TestOffice) -> None:
    settled.file()
    task = settled.task("check_request")
    settled.claim("li_na", task.id)
    change(settled, people=[{"login": "li_na", "name": "李楠", "unit": "zhejiang_hotline"}])
    for act in (
        lambda: settled.complete("li_na", task.id, {"outcome": "close"}),
        lambda: settled.release("li_na", task.id),
        lambda: settled.claim("li_na", task.id),
        lambda: settled.read("li_na", task.id),
    ):
        with pytest.raises(NotFound, match="no such task for you"):
            act()
    with settled.acting("li_na") as (session, caller):
        assert counts(session, settled.deps, caller).inbox == 0
        assert not task_list(session, settled.deps, caller, "inbox").items
        with pytest.raises(NotFound, match="no such case for you"):
            case_row(session, caller, task.business_key)
    settled.settle()
    task = settled.task("check_request")
    assert (task.state, task.assignee_id, task.assignee_name, task.claimed_at) == (CREATED, None, None, None)
    told = settled.scalar(sa.select(AuditEvent.before).where(AuditEvent.verb == "task.reroute"))
    assert orjson.loads(told)["assignee"] == "李楠"
    settled.claim("he_jing", task.id)
    assert settled.task("check_request").state == ASSIGNED


def test_what_somebody_did_in_a_unit_stays_there_when_they_leave(settled: TestOffice) -> None:
    forwarded(settled)
    task = settled.task("check_request")
    with settled.acting("li_na") as (session, caller):
        assert [row.id for row in task_list(session, settled.deps, caller, "archive").items] == [task.id]
    change(settled, people=[{"login": "li_na", "name": "李楠", "unit": "zhejiang_hotline"}])
    with settled.acting("li_na") as (session, caller):
        assert not task_list(session, settled.deps, caller, "archive").items
    with pytest.raises(NotFound, match="no such task for you"):
        settled.read("li_na", task.id)


def test_who_has_lost_the_post_but_still_sees_the_case_can_do_nothing_with_its_work(
    settled: TestOffice,
) -> None:
    settled.file()
    task = settled.task("check_request")
    settled.claim("li_na", task.id)
    change(settled, people=[{"login": "li_na", "name": "李楠", "unit": "henan"}])
    for act in (
        lambda: settled.complete("li_na", task.id, {"outcome": "close"}),
        lambda: settled.release("li_na", task.id),
    ):
        with pytest.raises(NotPermitted, match="not to any of their groups"):
            act()
    assert settled.task("check_request").assignee_name == "李楠"


def test_whoever_the_diagram_names_keeps_the_task_until_they_leave_the_company(settled: TestOffice) -> None:
    settled.deploy(one_task("named", 'camunda:assignee="deng_li" camunda:candidateGroups="channel"'))
    settled.start("named", settled.file().number)
    change(settled, {"henan_network": {"roles": []}})
    settled.settle()
    assert settled.task("work").assignee_name == "邓莉"
    change(settled, people=[{"login": "deng_li", "name": "邓莉", "unit": "henan_billing", "active": False}])
    settled.settle()
    assert (settled.task("work").state, groups_in(settled.task("work"))) == (
        CREATED,
        ("channel@/hq/henan/henan_hotline/",),
    )


def test_ten_changes_leave_one_job_and_a_change_of_clocks_none(settled: TestOffice) -> None:
    from tasks.deadlines.policies.loading import load_policies
    from tests.tasks.office import CLOCKS

    with settled.deps.sessions.begin() as session:
        load_policies(session, [{**CLOCKS[0], "limit": "9"}], now=settled.deps.clock.now())
    assert settled.scalar(WAITING) == 0
    for number in range(10):
        change(settled, {"henan_network": {"handles": [f"a{number}/*"]}})
    assert settled.scalar(WAITING) == 1
    change(settled, {"henan_network": {"handles": ["a9/*"]}})
    assert settled.scalar(WAITING) == 1


def test_a_moved_unit_takes_its_cases_along_and_its_old_superior_sees_them_no_longer(
    settled: TestOffice,
) -> None:
    settled.deploy(one_task("helping", 'camunda:candidateGroups="department"', NAMED))
    elsewhere = settled.file("chen_yu")
    settled.start("helping", elsewhere.number)
    task = settled.task("work", elsewhere.number)
    assert task.candidate_group == "department@/hq/henan/henan_network/"
    settled.claim("feng_bo", task.id)
    settled.complete("feng_bo", task.id, {})
    assert sees(settled, "sun_qiang", elsewhere.number)
    change(settled, {"henan_network": {"parent": "zhejiang"}})
    settled.settle()
    assert paths(settled, elsewhere.number) == [
        "/hq/", "/hq/zhejiang/", "/hq/zhejiang/henan_network/", "/hq/zhejiang/zhejiang_hotline/"
    ]  # fmt: skip
    assert settled.task("work", elsewhere.number).candidate_group == "department@/hq/zhejiang/henan_network/"
    assert sees(settled, "feng_bo", elsewhere.number)
    assert not sees(settled, "sun_qiang", elsewhere.number)
    assert settled.scalar(sa.select(sa.func.count()).select_from(FormerPath)) == 0


def test_a_unit_that_moves_away_and_back_leaves_everything_as_it_was(settled: TestOffice) -> None:
    number = forwarded(settled)
    before = paths(settled, number)
    change(settled, {"henan_hotline": {"parent": "hq"}})
    assert settled.scalar(sa.select(sa.func.count()).select_from(FormerPath)) == 1
    change(settled)
    settled.settle()
    assert paths(settled, number) == before
    assert settled.scalar(sa.select(sa.func.count()).select_from(FormerPath)) == 0
    change(settled, {"henan": {"parent": "hq_service"}})
    settled.settle()
    assert settled.scalar(sa.select(Case.org_path)) == "/hq/hq_service/henan/henan_hotline/"
    change(settled)
    settled.settle()
    assert paths(settled, number) == before


def test_a_job_that_is_killed_in_the_middle_goes_on_from_there(
    settled: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerouting, "BATCH", 2)
    for _ in range(5):
        forwarded(settled)
    change(settled, {"henan_network": {"roles": []}})
    deps, done = settled.deps, []
    for _ in range(2):  # the first step is lost with its process, the second is done
        session = deps.sessions()
        reroute(session, {"revision": work_revision(session), "state": CREATED}, deps)
        done.append(
            session.scalar(sa.select(sa.func.count()).where(UserTask.candidate_group.endswith("billing/")))
        )
        session.commit() if len(done) == 2 else session.rollback()
        session.close()
    assert done == [2, 2]
    settled.settle()
    left = sa.select(sa.func.count()).where(UserTask.candidate_group == "department@/hq/henan/")
    assert settled.scalar(left) == 0


def test_a_step_of_a_job_that_a_later_change_has_overtaken_does_nothing(settled: TestOffice) -> None:
    forwarded(settled)
    with settled.deps.sessions.begin() as session:
        overtaken = work_revision(session)
    change(settled, {"henan_network": {"roles": []}})
    with settled.deps.sessions.begin() as session:
        reroute(session, {"revision": overtaken, "state": CREATED}, settled.deps)
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/"
    assert settled.scalar(WAITING) == 1


def test_a_task_somebody_is_working_on_is_left_alone_and_looked_at_again(settled: TestOffice) -> None:
    forwarded(settled)
    busy = settled.task("handle_request")
    change(settled, {"henan_network": {"roles": []}})
    with settled.deps.sessions.begin() as working:
        working.execute(sa.select(UserTask.id).where(UserTask.id == busy.id).with_for_update())
        for state in (ASSIGNED, CREATED, "moved"):
            with settled.deps.sessions.begin() as session:
                session.execute(sa.text("DELETE FROM procrastinate_jobs"))
                reroute(session, {"revision": work_revision(session), "state": state}, settled.deps)
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/"
    again = sa.text(
        "SELECT scheduled_at IS NOT NULL FROM procrastinate_jobs WHERE task_name = 'redress.reroute'"
    )
    assert settled.scalar(again) is True
    settled.settle()
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/henan_billing/"


def test_the_day_a_unit_closes_its_work_goes_on_without_it(settled: TestOffice, clock: FrozenClock) -> None:
    forwarded(settled)
    last = (clock.now() + timedelta(days=1)).date().isoformat()
    change(settled, {"henan_network": {"until": last}})
    for _ in range(2):
        with settled.deps.sessions.begin() as session:
            look_at_dates(session, {}, settled.deps)
        settled.settle()
        assert settled.task("handle_request").candidate_group == "department@/hq/henan/"
    clock.advance(timedelta(days=2))
    with settled.deps.sessions.begin() as session:
        look_at_dates(session, {}, settled.deps)
    settled.settle()
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/henan_billing/"


def test_what_a_lost_job_left_undone_is_begun_again_by_the_hourly_look(settled: TestOffice) -> None:
    forwarded(settled)
    change(settled, {"henan_network": {"roles": []}})
    with settled.deps.sessions.begin() as session:
        session.execute(sa.text("DELETE FROM procrastinate_jobs"))
        look_at_dates(session, {}, settled.deps)
    settled.settle()
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/henan_billing/"
    with settled.deps.sessions.begin() as session:
        assert not unfinished(session, work_revision(session))


def test_a_task_older_than_its_wish_is_routed_by_the_groups_and_lane_it_has(settled: TestOffice) -> None:
    forwarded(settled)
    with settled.deps.sessions.begin() as session:
        session.execute(sa.update(UserTask).values(asked=None))
    change(settled, {"henan_network": {"roles": []}})
    settled.settle()
    assert settled.task("handle_request").candidate_group == "department@/hq/henan/henan_billing/"


def test_work_that_waits_for_nobody_is_counted(settled: TestOffice) -> None:
    forwarded(settled)
    with settled.deps.sessions() as session:
        assert not gaps(session, settled.deps)
    change(settled, {"henan_network": {"roles": []}}, [{"login": "deng_li", "name": "邓莉", "unit": "henan"}])
    settled.settle()
    with settled.deps.sessions() as session:
        assert gaps(session, settled.deps) == Gaps(0, {"department@/hq/henan/henan_billing/": 1})
    change(settled, {"henan_network": {"roles": []}, "henan_billing": {"roles": []}})
    settled.settle()
    with settled.deps.sessions() as session:
        assert gaps(session, settled.deps) == Gaps(1, {})


def test_who_has_not_called_for_longest_is_forgotten_first(
    settled: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "REMEMBERED_PEOPLE", 2)
    for login in ("li_na", "wang_lei", "li_na", "feng_bo"):
        with settled.acting(login) as (session, caller):
            remembered = settled.deps.office.current(session).standings
            assert caller.id in remembered
            assert len(remembered) <= 2
    with settled.acting("li_na") as (_, caller):
        assert list(remembered)[-1] == caller.id
        assert len(remembered) == 2


def test_a_change_is_followed_at_once_while_a_job_waits_to_look_again(settled: TestOffice) -> None:
    def to_be_fetched() -> list[str]:
        with settled.deps.sessions.begin() as session:
            rows = session.execute(
                sa.text("SELECT task_name FROM procrastinate_fetch_job_v2('{engine}', NULL)")
            )
            return [row.task_name for row in rows if row.task_name]

    with settled.deps.sessions.begin() as session:
        session.execute(sa.text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
        for _ in range(2):
            defer_rerouting_until(session, datetime.now(UTC) + timedelta(days=1))
    assert settled.scalar(WAITING) == 1
    assert to_be_fetched() == []
    change(settled, {"henan_network": {"roles": []}})
    assert settled.scalar(WAITING) == 2
    assert to_be_fetched() == [REROUTE]
