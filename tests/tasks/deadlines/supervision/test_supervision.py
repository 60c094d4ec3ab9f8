"""The ladder: who gets a work order at which rung, and how supervision runs beside the case and ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.errors import MessageNotAwaited, NotFound
from engine.instance import ProcessInstance
from tasks import desk
from tasks.cases.confiding import confide_case
from tasks.cases.reading import read_case
from tasks.organisation.tables import Membership
from tasks.people.tables import Person
from tasks.processes.steering import send_message
from tasks.talk.notices import notice_list
from tests.tasks.deadlines.supervision import hung
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)
DESK = "headquarters@/hq/hq_service/"
CENTRE = "provincial_centre@/hq/henan/henan_centre/"


@pytest.fixture
def office(settled: TestOffice) -> TestOffice:
    settled.deploy(*hung.supervision_files())
    return settled


def passes(office: TestOffice, hours: float) -> None:
    office.clock.advance(timedelta(hours=hours))
    office.settle()


def seat(office: TestOffice, login: str, unit: str, roles: list[str]) -> None:
    """Give somebody a seat with these roles from now on."""
    with office.deps.sessions.begin() as session:
        organisation = office.deps.office.current(session).organisation
        session.add(
            Membership(
                person_id=hung.person(office, login),
                unit_id=organisation.by_code[unit].id,
                title="主管",
                roles=roles,
                position=9,
            )
        )
        from tasks.organisation.revision import bump_office

        bump_office(session)
    office.settle()


def leaves(office: TestOffice, login: str) -> None:
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == login).values(active=False))


def test_a_warning_goes_to_whoever_holds_the_work_and_the_rest_climbs(office: TestOffice) -> None:
    seat(office, "lin_hai", "hq", ["staff", "supervisor"])
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    office.claim("wang_lei", office.task("work", filed.number).id)
    passes(office, 9.5)
    assert hung.told(office, clock) == [["person@wang_lei"]]
    passes(office, 1)
    assert hung.told(office, clock)[-1] == ["person@sun_qiang", "person@wang_lei"]
    passes(office, 4)
    assert hung.told(office, clock)[-1] == ["person@lin_hai", "person@wang_lei"]
    passes(office, 20)
    assert hung.told(office, clock)[-1] == [
        DESK,
        "person@wang_lei",
    ]  # its only supervisor was pressed already
    assert [order.candidate_group for order in hung.orders(office, filed.number)] == [
        "person@wang_lei",
        "person@sun_qiang",
        "person@lin_hai",
        DESK,
    ]


def test_work_nobody_has_taken_is_warned_of_in_its_group_and_pressed_above_its_unit(
    office: TestOffice,
) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    passes(office, 9.5)
    passes(office, 1)
    assert hung.told(office, clock) == [[CENTRE], ["person@sun_qiang", CENTRE]]
    causes = [cause for cause, _ in hung.notices(office, filed.number)]
    assert causes == ["warned", "supervised", "supervised"]
    with office.acting("sun_qiang") as (session, caller):
        said = [told.text for told in notice_list(session, office.deps, caller).items]
    assert any("督办（100%）" in text and "无人签收" in text and "2026-03-02 19:00" in text for text in said)


def test_whoever_gets_a_work_order_sees_the_case_and_answers_it(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    hung.hang(office, filed)
    passes(office, 10.5)
    order = hung.orders(office, filed.number)[-1]
    with office.acting("sun_qiang") as (session, caller):
        assert read_case(session, office.deps, caller, filed.number).number == filed.number
    hung.answer(office, "sun_qiang", order.id)
    assert hung.orders(office, filed.number)[-1].answers["progress"] == hung.ANSWER["progress"]


def test_supervision_is_an_instance_of_its_own_that_later_rungs_move_on(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    passes(office, 9.5)
    passes(office, 1)
    passes(office, 4)
    (one,) = hung.supervisions(office, filed.number)
    assert (one.clock_id, one.case_id, one.about_id) == (clock, filed.id, filed.instance_id)
    assert one.instance_id != filed.instance_id
    orders = hung.orders(office, filed.number)
    assert {order.instance_id for order in orders} == {one.instance_id}
    assert [order.state for order in orders] == ["created"] * 3
    assert {ring.supervision_id for ring in hung.rings(office, clock)} == {one.instance_id}


def test_when_all_is_answered_the_next_rung_begins_anew(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    hung.hang(office, filed)
    passes(office, 9.5)
    hung.answer(office, "wang_lei", hung.orders(office, filed.number)[0].id)
    (first,) = hung.supervisions(office, filed.number)
    assert (first.closed_at, first.close_reason) == (office.clock.now(), "answered")
    passes(office, 1)
    assert [one.closed_at is None for one in hung.supervisions(office, filed.number)] == [False, True]


def test_it_ends_by_itself_when_the_clock_stops_and_takes_back_what_is_open(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    passes(office, 9.5)
    passes(office, 1)
    hung.answer(office, "wang_lei", hung.orders(office, filed.number)[0].id)
    hung.stop(office, clock)
    office.settle()
    (one,) = hung.supervisions(office, filed.number)
    assert (one.closed_at, one.close_reason) == (office.clock.now(), "done")
    assert [order.state for order in hung.orders(office, filed.number)] == ["completed", "cancelled"]
    status = sa.select(ProcessInstance.status).where(ProcessInstance.id == one.instance_id)
    assert office.scalar(status) == "completed"
    before = hung.supervisions(office, filed.number)
    office.settle()
    assert hung.supervisions(office, filed.number) == before


def test_a_suspended_supervision_is_ended_too_and_a_new_rung_does_not_wait_for_it(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    passes(office, 9.5)
    (first,) = hung.supervisions(office, filed.number)
    with office.deps.sessions.begin() as session:
        office.deps.engine.suspend(session, first.instance_id, reason="查", actor=SYSTEM)
    passes(office, 1)
    assert len(hung.supervisions(office, filed.number)) == 2
    assert hung.told(office, clock)[-1][0] == "person@sun_qiang"
    hung.stop(office, clock)
    office.settle()
    assert all(one.closed_at for one in hung.supervisions(office, filed.number))
    assert {order.state for order in hung.orders(office, filed.number)} == {"cancelled"}


def test_the_holder_at_the_time_of_the_rung_counts(office: TestOffice) -> None:
    filed = hung.quiet_case(office, group="channel")
    clock = hung.hang(office, filed)
    task = office.task("work", filed.number).id
    office.claim("li_na", task)
    passes(office, 9.5)
    office.release("li_na", task)
    office.claim("he_jing", task)
    passes(office, 1)
    assert hung.told(office, clock) == [["person@li_na"], ["person@sun_qiang", "person@he_jing"]]


def test_nobody_above_means_headquarters_and_who_has_left_is_passed_over(office: TestOffice) -> None:
    leaves(office, "sun_qiang")
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    passes(office, 10.5)
    assert hung.told(office, clock)[-1] == [DESK, CENTRE]


def test_a_clock_of_the_case_presses_whoever_has_its_open_work(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    office.claim("wang_lei", office.task("work", filed.number).id)
    clock = hung.hang(office, filed, kind="case", holder="supervisor@/hq/henan/")
    passes(office, 9.5)
    assert hung.told(office, clock) == [["person@wang_lei"]]


def test_a_confidential_case_is_told_of_in_bare_words_to_those_who_may_see_it(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    with office.acting("sun_qiang") as (session, caller):
        confide_case(session, office.deps, caller, filed.number, confidential=True, reason="涉及个人隐私")
    passes(office, 10.5)
    assert "person@sun_qiang" in hung.told(office, clock)[-1]
    with office.acting("sun_qiang") as (session, caller):
        said = [one.text for one in notice_list(session, office.deps, caller).items]
        assert set(said) == {f"保密案件 {filed.number} 有新消息。"}
        order = hung.orders(office, filed.number)[-1]
        assert desk.read_task(session, office.deps, caller, order.id).id == order.id
    with office.acting("feng_bo") as (session, caller):
        assert notice_list(session, office.deps, caller).items == []
        with pytest.raises(NotFound):
            desk.read_task(session, office.deps, caller, order.id)


def test_a_table_that_names_nobody_keeps_nobody_from_being_told(office: TestOffice) -> None:
    files = hung.supervision_files()
    broken = files[2].content.replace(b'"FIRST"', b'"UNIQUE"')
    office.deploy(*files[:2], type(files[2])(files[2].name, broken), files[3])
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    passes(office, 9.5)
    (told,) = hung.told(office, clock)
    assert CENTRE in told


def test_nobody_outside_moves_supervision_on_or_files_under_it(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    hung.hang(office, filed)
    passes(office, 9.5)
    for message in ("redress.supervision_over", "redress.supervision_advance"):
        with office.acting("li_na") as (session, caller), pytest.raises(MessageNotAwaited):
            send_message(session, office.deps, caller, filed.number, message, {})
    assert hung.supervisions(office, filed.number)[0].closed_at is None
    with pytest.raises(NotFound):
        office.file("li_na", "supervision", {})
