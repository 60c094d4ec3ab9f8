"""Filing, claiming, completing: what clerks experience, over the real engine and database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from engine.history import HistoryEvent
from engine.instance import ProcessInstance
from tasks.cases.numbers import is_number
from tasks.cases.tables import Case
from tasks.forms import AnswersRefused
from tasks.lists.filters import TaskFilter
from tasks.lists.named import task_list
from tasks.organisation.tree import upwards
from tasks.user_task import TRANSITIONS, UserTask, groups_in, transitions_text
from tests.tasks.drawings import one_task
from tests.tasks.office import FACTS, TestOffice

CLOSE = {"outcome": "close"}
FORWARD = {"outcome": "forward", "amount": 20, "unit": "henan_network"}


def test_a_filed_case_has_a_number_a_query_code_and_a_task_in_the_queue(office: TestOffice) -> None:
    filed = office.file()
    assert is_number(filed.number)
    assert filed.number.startswith("TS20260302")
    assert len(filed.query_code) == 19
    task = office.task("check_request")
    assert (task.state, task.candidate_group) == ("created", "channel@/hq/henan/henan_hotline/")
    assert task.due_at - task.created_at == timedelta(hours=4)
    assert task.warn_at - task.created_at == timedelta(hours=2)
    assert office.scalar(sa.select(Case.facts))["customer"]["home_province"] is None


def test_a_vip_waits_shorter(office: TestOffice) -> None:
    office.file(facts={**FACTS, "customer": {**FACTS["customer"], "level": "vip"}})
    task = office.task("check_request")
    assert task.due_at - task.created_at == timedelta(hours=1)


def test_two_cases_of_a_day_get_different_numbers(office: TestOffice) -> None:
    first, second = office.file(), office.file()
    assert first.number != second.number
    assert is_number(second.number)


def test_a_case_travels_from_the_hotline_to_the_archive(office: TestOffice) -> None:
    filed = office.file()
    check = office.task("check_request")
    office.claim("li_na", check.id)
    done = office.complete("li_na", check.id, FORWARD)
    assert done.next == ()
    handle = office.task("handle_request")
    assert handle.candidate_group == "department@/hq/henan/henan_network/"
    office.claim("feng_bo", handle.id)
    office.complete("feng_bo", handle.id, {})
    office.settle()
    assert office.scalar(sa.select(ProcessInstance.status)) == "completed"
    assert office.scalar(sa.select(Case.archived_at)) is not None
    answered = office.task("check_request")
    assert answered.answers == {"outcome": "forward", "amount": 20, "unit": "henan_network"}
    assert (answered.state, answered.completed_by_name) == ("completed", "李楠")
    assert office.scalar(sa.select(sa.func.count()).select_from(HistoryEvent)) > 5
    assert filed.instance_id == office.scalar(sa.select(Case.instance_id))


def test_of_two_who_claim_the_second_is_told_who_holds_it(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    with pytest.raises(WrongState, match="held by 李楠"):
        office.claim("he_jing", task.id)
    assert office.claim("li_na", task.id).assignee_name == "李楠"


def test_a_released_task_can_be_claimed_by_a_colleague(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    with pytest.raises(WrongState, match="held by 李楠"):
        office.release("he_jing", task.id)
    office.release("li_na", task.id)
    assert office.claim("he_jing", task.id).assignee_name == "何菁"


def test_a_second_completion_is_refused_with_who_did_it(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, CLOSE)
    with pytest.raises(WrongState, match="was completed by 李楠"):
        office.complete("li_na", task.id, CLOSE)


def test_an_unclaimed_task_cannot_be_completed(office: TestOffice) -> None:
    office.file()
    with pytest.raises(WrongState, match="waits unclaimed"):
        office.complete("li_na", office.task("check_request").id, CLOSE)


def test_a_task_of_another_province_does_not_exist(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request")
    with pytest.raises(NotFound):
        office.claim("chen_yu", task.id)
    with pytest.raises(NotFound):
        office.complete("chen_yu", task.id, CLOSE)


def test_headquarters_sees_a_task_and_may_not_claim_it(office: TestOffice) -> None:
    office.file()
    with pytest.raises(NotPermitted, match="offered to channel@"):
        office.claim("shen_yun", office.task("check_request").id)


def test_refused_answers_leave_nothing_behind(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    with pytest.raises(AnswersRefused) as refused:
        office.complete("li_na", task.id, {"outcome": "maybe", "amount": "viel", "wrong": 1})
    assert {problem.path for problem in refused.value.problems} == {"outcome", "amount", "wrong"}
    assert office.task("check_request").state == "assigned"
    assert office.scalar(sa.select(sa.func.count()).select_from(UserTask)) == 1


def test_refused_facts_file_nothing(office: TestOffice) -> None:
    with pytest.raises(AnswersRefused) as refused:
        office.file(facts={"customer": {"phone": "abc"}, "colour": "red"})
    assert {problem.path for problem in refused.value.problems} == {
        "customer.name",
        "customer.phone",
        "colour",
    }
    assert office.scalar(sa.select(sa.func.count()).select_from(Case)) == 0
    assert office.scalar(sa.select(sa.func.count()).select_from(ProcessInstance)) == 0


def test_an_unknown_regime_is_named(office: TestOffice) -> None:
    with pytest.raises(NotFound, match="nonsense"):
        office.file(regime="nonsense")


def test_nobody_files_for_a_unit_they_do_not_sit_in(office: TestOffice) -> None:
    from tasks.cases import filing

    with (
        pytest.raises(InvalidInput, match="is not in it"),
        office.acting("li_na") as (session, caller),
    ):
        filing.file_case(session, office.deps, caller, "request", FACTS, org="zhejiang_hotline")


def test_a_withdrawn_case_takes_its_tasks_away(office: TestOffice) -> None:
    from tasks.processes import steering

    filed = office.file()
    with office.acting("li_na") as (session, caller):
        steering.send_message(session, office.deps, caller, filed.number, "withdraw", {})
    task = office.task("check_request")
    assert task.state == "cancelled"
    with pytest.raises(WrongState, match="cancelled by the process"):
        office.claim("li_na", task.id)


def test_a_task_of_a_suspended_case_says_so(office: TestOffice) -> None:
    from tasks.processes import steering

    filed = office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    with office.acting("sun_qiang") as (session, caller):
        steering.suspend_instance(session, office.deps, caller, filed.instance_id, reason="核查")
    with pytest.raises(WrongState, match="is suspended"):
        office.complete("li_na", task.id, CLOSE)
    with office.acting("sun_qiang") as (session, caller):
        steering.resume_instance(session, office.deps, caller, filed.instance_id)
    office.complete("li_na", task.id, CLOSE)


def test_the_home_province_of_the_customer_decides_who_reviews(office: TestOffice) -> None:
    office.deploy(
        one_task("review", 'camunda:candidateGroups="provincial_centre"'),
    )
    filed = office.file(
        regime="request", facts={**FACTS, "customer": {**FACTS["customer"], "home_province": "浙江"}}
    )
    assert office.scalar(sa.select(Case.province)) == "zhejiang"
    office.start("review", filed.number)
    assert office.task("work").candidate_group == "provincial_centre@/hq/zhejiang/zhejiang_centre/"
    assert "/hq/zhejiang/" in office.scalar(sa.select(Case.paths))


def test_a_task_for_one_person_lies_on_their_desk_at_once(office: TestOffice) -> None:
    office.deploy(one_task("direct", 'camunda:assignee="wang_lei"'))
    office.start("direct")
    task = office.task("work")
    assert (task.state, task.assignee_name) == ("assigned", "王磊")
    office.complete("wang_lei", task.id, {})


def test_a_task_offered_to_two_groups_is_in_both_queues(office: TestOffice) -> None:
    office.deploy(one_task("both", 'camunda:candidateGroups="provincial_centre, headquarters"'))
    filed = office.file()
    office.start("both", filed.number)
    task = office.task("work")
    assert task.also_groups == ["headquarters@/hq/hq_service/"]
    office.claim("shen_yun", task.id)


def test_work_nobody_answers_for_is_taken_by_supervisors_who_see_the_case(office: TestOffice) -> None:
    office.deploy(one_task("lost", 'camunda:candidateGroups="astrologers"'))
    office.start("lost", office.file().number)
    task = office.task("work")
    assert groups_in(task) == tuple(f"unrouted@{path}" for path in upwards("/hq/henan/henan_hotline/"))
    for act in (office.read, office.claim):
        with pytest.raises(NotFound):
            act("lin_hai", task.id)
    with office.acting("lin_hai") as (session, caller):
        assert not task_list(session, office.deps, caller, "queue").items
    office.claim("sun_qiang", task.id)
    with pytest.raises(NotPermitted):
        office.release("tang_wei", task.id)


def test_work_nobody_answers_for_without_a_case_is_for_supervisors_of_headquarters(
    office: TestOffice,
) -> None:
    office.deploy(one_task("lost", 'camunda:candidateGroups="astrologers"'))
    office.start("lost")
    assert groups_in(office.task("work")) == ("unrouted@/hq/",)
    with pytest.raises(NotFound):
        office.claim("sun_qiang", office.task("work").id)


def test_a_limit_that_the_register_does_not_have_leaves_the_task_without_a_clock_and_says_so(
    office: TestOffice,
) -> None:
    office.deploy(
        one_task(
            "days",
            'camunda:candidateGroups="channel"',
            '<camunda:property name="sla.policy" value="T.nowhere"/>',
        )
    )
    office.start("days")
    task = office.task("work")
    assert task.due_at is None
    assert "T.nowhere" in task.properties["sla.problem"]
    assert "时限登记表中没有 T.nowhere" in task.properties["sla.problem_zh"]


def test_the_table_of_states_can_be_printed(office: TestOffice) -> None:
    assert len(transitions_text().splitlines()) == len(TRANSITIONS)


def test_texts_that_no_database_can_hold_find_nothing_and_break_nothing(office: TestOffice) -> None:
    from tasks.cases import reading
    from tasks.people.identity import NotSignedIn
    from tasks.people.sign_in import authenticate
    from tasks.processes import deployments, steering

    filed = office.file()
    for odd in ("\x00", "a\x00b", "\ud800"):
        with office.acting("li_na") as (session, caller):
            with pytest.raises(NotFound):
                reading.read_case(session, office.deps, caller, odd)
            with pytest.raises(NotFound):
                deployments.resource(session, caller, filed.id, odd)
            with pytest.raises(InvalidInput):
                reading.case_list(session, caller, number=odd)
            with pytest.raises(InvalidInput):
                task_list(session, office.deps, caller, "inbox", where=TaskFilter(process_key=odd))
            with pytest.raises(InvalidInput):
                steering.send_message(session, office.deps, caller, filed.number, odd, {})
            with pytest.raises(NotSignedIn):
                authenticate(session, office.deps, odd, "x")
        with pytest.raises(NotFound):
            office.file(regime=odd)
