"""The evidence pack says exactly when an earlier case was answered, and whether that kept the limit it stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.cases.confiding import confide_case
from tasks.cases.linking.evidence import pack
from tasks.cases.tables import Case
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tests.tasks.cases.drawings import answering, asking, operation, process, work
from tests.tasks.drawings import drawn
from tests.tasks.letters.making import PLAIN, keep
from tests.tasks.office import TestOffice

FIRST = process(
    "first",
    work("reply", form="said", evidence__kind="final_reply", sla__stop="T.check"),
    work("visit", form="asked", evidence__kind="revisit"),
    properties='<camunda:property name="sla.policy" value="T.check"/>',
)
LOOPED = drawn(
    "looped",
    '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="again"/>'
    + work("propose", form="said", evidence__kind="final_reply", evidence__stands="stood")
    + work("authorise", form="said")
    + '<bpmn:exclusiveGateway id="granted" default="f5"/><bpmn:endEvent id="stood"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="again"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="propose"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="propose" targetRef="authorise"/>'
    '<bpmn:sequenceFlow id="f4" sourceRef="authorise" targetRef="granted"/>'
    '<bpmn:sequenceFlow id="f5" sourceRef="granted" targetRef="stood"/>'
    '<bpmn:sequenceFlow id="f6" sourceRef="granted" targetRef="again"><bpmn:conditionExpression>'
    '=form.authorise.attitude = "refused"</bpmn:conditionExpression></bpmn:sequenceFlow>',
)
WRITTEN = process(
    "written",
    work("reply", form="said", evidence__kind="final_reply"),
    operation(
        "write", "issue_letter", template="plain", evidence_kind="final_reply", text="=form.reply.content"
    ),
    work("visit", form="asked"),
    properties='<camunda:property name="sla.policy" value="T.check"/>',
)
APPEAL = process(
    "later",
    operation("link", "link_cases", numbers="=case.named", kind="prior"),
    operation("prove", "evidence_pack"),
    work(
        "show",
        answered="=result.prove.answered",
        in_limit="=result.prove.answered_in_limit",
        pack="=result.prove.cases",
    ),
)


@pytest.fixture
def evident(office: TestOffice) -> TestOffice:
    office.deploy(
        FIRST,
        asking("first"),
        answering("said", "method", "content", "attitude"),
        answering("asked", "outcome"),
        LOOPED,
        asking("looped"),
        WRITTEN,
        asking("written"),
        APPEAL,
        asking("later", "named"),
    )
    keep(office, plain=PLAIN)
    return office


def _does(office: TestOffice, activity: str, number: str, **answers: Any) -> None:
    task = office.task(activity, number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, answers)
    office.settle()


def _answered(office: TestOffice, after: timedelta, **answers: Any) -> str:
    number = office.file(regime="first").number
    office.clock.advance(after)
    _does(
        office, "reply", number, **{"method": "phone", "content": "已退费", "attitude": "accepted", **answers}
    )
    return number


def _shown(office: TestOffice, *numbers: str) -> Any:
    later = office.file(regime="later", facts={"named": " ".join(numbers)}).number
    office.settle()
    return office.task("show", later).properties


def test_an_answer_in_limit_is_shown_with_its_instant_unit_and_clock(evident: TestOffice) -> None:
    number = _answered(evident, timedelta(hours=4))
    at = evident.clock.now()
    evident.clock.advance(timedelta(days=1))
    _does(evident, "visit", number, outcome="satisfied")
    shown = _shown(evident, number)
    assert (shown["answered"], shown["in_limit"]) == (True, True)
    (one,) = shown["pack"]
    (reply,) = one["replies"]
    assert (reply["kind"], reply["by_unit"], reply["content"]) == ("final_reply", "河南热线", "已退费")
    assert reply["at"] == one["answered_at"] == at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    limits = {row["code"]: row for row in one["limits"]}
    assert limits["T.check"]["in_limit"] is True and limits["T.check"]["stopped_at"] == reply["at"]
    assert limits["T.check"]["due_at"] == reply["at"]  # due to the second: kept
    assert one["complained"]["demand"] == "退费"
    assert one["revisit"]["answers"]["outcome"] == "satisfied"
    assert one["closing"]["status"] == "completed"


def test_an_answer_a_second_late_is_no_answer_in_limit(evident: TestOffice) -> None:
    shown = _shown(evident, _answered(evident, timedelta(hours=4, seconds=1)))
    assert (shown["answered"], shown["in_limit"]) == (True, False)


def test_one_unanswered_earlier_case_is_enough(evident: TestOffice) -> None:
    fine, open_still = _answered(evident, timedelta(hours=1)), evident.file(regime="first").number
    shown = _shown(evident, fine, open_still)
    assert (shown["answered"], shown["in_limit"], len(shown["pack"])) == (False, False, 2)


@pytest.mark.parametrize("answers", [{"attitude": "unreachable"}, {"content": ""}])
def test_who_was_not_reached_or_told_nothing_was_not_answered(
    evident: TestOffice, answers: dict[str, str]
) -> None:
    assert _shown(evident, _answered(evident, timedelta(hours=1), **answers))["answered"] is False


def test_an_answer_that_had_to_be_taken_back_never_stood(evident: TestOffice) -> None:
    number = evident.file(regime="looped").number
    _does(evident, "propose", number, method="phone", content="退还300元", attitude="accepted")
    assert _shown(evident, number)["answered"] is False  # the authority has not decided
    _does(evident, "authorise", number, attitude="refused")
    assert _shown(evident, number)["answered"] is False
    evident.clock.advance(timedelta(minutes=10))
    _does(evident, "propose", number, method="phone", content="退还30元", attitude="accepted")
    evident.clock.advance(timedelta(minutes=10))
    _does(evident, "authorise", number, attitude="accepted")
    shown = _shown(evident, number)
    (reply,) = shown["pack"][0]["replies"]
    assert (shown["answered"], reply["content"]) == (True, "退还30元")
    assert reply["at"] == evident.clock.now().astimezone(SHANGHAI).isoformat(timespec="seconds")


def test_who_was_never_reached_but_written_to_was_answered(evident: TestOffice) -> None:
    number = evident.file(regime="written").number
    evident.clock.advance(timedelta(hours=1))
    _does(evident, "reply", number, method="phone", content="已退费", attitude="unreachable")
    shown = _shown(evident, number)
    assert (shown["answered"], shown["in_limit"]) == (True, True)
    told = shown["pack"][0]["replies"][-1]
    assert (told["kind"], told["method"], told["content"]) == ("final_reply", "letter", "已退费")
    assert told["by_unit"]


def test_an_answer_after_the_later_case_came_counts_for_nothing(evident: TestOffice) -> None:
    earlier = evident.file(regime="first").number
    _shown(evident, earlier)
    evident.clock.advance(timedelta(hours=1))
    _does(evident, "reply", earlier, method="phone", content="已退费", attitude="accepted")
    later = evident.scalar(sa.select(Case.id).where(Case.regime == "later"))
    with evident.deps.sessions.begin() as session:
        organisation = evident.deps.office.current(session).organisation
        found = pack(session, organisation, later, ["prior"])
    assert (found["answered"], len(found["cases"][0]["replies"])) == (False, 1)


def test_no_earlier_case_proves_nothing(evident: TestOffice) -> None:
    assert _shown(evident)["answered"] is False


def test_what_is_confidential_is_left_out(evident: TestOffice) -> None:
    earlier = _answered(evident, timedelta(hours=1))
    with evident.acting("sun_qiang") as (session, caller):
        confide_case(session, evident.deps, caller, earlier, confidential=True, reason="名人")
    assert _shown(evident, earlier)["pack"] == []
