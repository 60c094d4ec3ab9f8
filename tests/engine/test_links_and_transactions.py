"""Links, transactions that are cancelled, ends that end everything, errors without a code, messages without a name."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.history import HistoryEvent
from engine.messages import Message
from engine.ports import BpmnError, OperationCall
from engine.testing import Harness
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors


def refuse(call: OperationCall) -> dict[str, Any]:
    raise BpmnError("E7", "对方拒绝")


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, case={"items": [1, 2]}, operations={"refuse": refuse})


def test_a_link_leads_from_each_throwing_end_to_the_catching_one(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "xor g",
            "throw one link=A",
            "user b",
            "throw two link=A",
            "catch there link=A",
            "user c",
            "end e",
            "s -> a -> g",
            "g -> one : form.a.short",
            "default g -> b",
            "b -> two",
            "there -> c -> e",
        )
    )
    for short, way in ((True, ["a"]), (False, ["a", "b"])):
        run.start("p")
        for name in way:
            run.complete(name, {"short": short})
        check_mirrors(run)
        assert run.waiting() == ["c"]
        assert run.complete("c").ended
    shown = {row.activity_id for row in run.rows(sa.select(HistoryEvent.activity_id).distinct())} - {None}
    assert shown == {"s", "a", "g", "one", "b", "two", "there", "c", "e"}


def transaction(*inside: str, **more: str) -> list[str]:
    loop = more.get("loop", "")
    return [
        "start s",
        f"transaction t {loop} {{",
        "start ts",
        *inside,
        "end te",
        "}",
        "boundary stopped at=t cancel=1",
        "user undone",
        "user after",
        "end e",
        "s -> t -> after -> e",
        "stopped -> undone -> e",
    ]


def test_a_transaction_that_succeeds_goes_on_like_any_sub_process(run: Harness) -> None:
    run.deploy(process("p", *transaction("user a", "ts -> a -> te")))
    run.start("p")
    run.complete("a")
    check_mirrors(run)
    assert run.waiting() == ["after"]


@pytest.mark.parametrize("loop", ["", 'each="=case.items as item"'])
def test_a_cancel_end_event_cancels_the_transaction_and_takes_its_border(run: Harness, loop: str) -> None:
    run.deploy(
        process(
            "p",
            *transaction(
                "user a",
                "user b",
                "and f",
                "end no cancel=1",
                "ts -> f -> a -> no",
                "f -> b -> te",
                loop=loop,
            ),
        )
    )
    run.start("p")
    run.complete("a")
    check_mirrors(run)
    assert run.waiting() == ["undone"]
    assert run.complete("undone").ended


@pytest.mark.parametrize("loop", ["", 'each="=case.items as item"'])
def test_a_path_ends_with_a_transaction_that_is_cancelled_without_a_border(run: Harness, loop: str) -> None:
    inside = transaction("user a", "end no cancel=1", "ts -> a -> no", loop=loop)
    lines = [line for line in inside if not line.startswith(("boundary", "user undone", "stopped"))]
    run.deploy(process("p", *lines, "and f", "user other", "s -> f -> other -> e"))
    run.start("p")
    run.complete("a")
    check_mirrors(run)
    assert run.waiting() == ["other"]
    assert run.complete("other").ended


def test_a_terminate_end_event_that_ends_all_ends_the_callers_too(run: Harness) -> None:
    stop = "end stop | <bpmn:terminateEventDefinition camunda:terminateAll='true'/>"
    run.deploy(
        process("callee", "start s", "user deep", stop, "s -> deep -> stop"),
        process(
            "p",
            "start s",
            "and f",
            "user a",
            "call c calledElement=callee",
            "end e",
            "s -> f -> a -> e",
            "f -> c -> e",
            *["on h {", "start hs message=m", "end he", "hs -> he", "}"],
        ),
    )
    run.start("p")
    assert run.waiting() == ["a", "deep"]
    assert run.complete("deep").ended
    check_mirrors(run)
    assert run.waiting() == []


def test_the_code_and_text_of_a_caught_error_are_kept_where_the_diagram_says(run: Harness) -> None:
    written = "camunda:errorCodeVariable='why.code' camunda:errorMessageVariable='why.text'"
    run.deploy(
        process(
            "p",
            "start s",
            "service w camunda:type=external camunda:topic=refuse",
            f"boundary x at=w | <bpmn:errorEventDefinition {written}/>",
            "user z",
            "end e",
            "s -> w -> e",
            "x -> z -> e",
        )
    )
    run.start("p")
    run.settle()
    check_mirrors(run)
    assert run.recorder.named("z")[0].variables["why"] == {"code": "E7", "text": "对方拒绝"}


def test_an_error_without_a_code_is_caught_by_who_catches_all(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "sub body {",
            "start s2",
            "user a",
            "end bad anyError=1",
            "s2 -> a -> bad",
            "}",
            "boundary one at=body error=lost",
            "boundary all at=body anyError=1",
            "user z",
            "end e",
            "s -> body -> e",
            "all -> z -> e",
            "one -> e",
        )
    )
    run.start("p")
    run.complete("a")
    assert run.waiting() == ["z"]


def test_a_message_without_a_name_is_waited_for_under_the_elements_id_and_none_is_thrown(
    run: Harness,
) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "throw t | <bpmn:messageEventDefinition/>",
            "catch c | <bpmn:messageEventDefinition/>",
            "receive r",
            "user z",
            "end e | <bpmn:messageEventDefinition/>",
            "s -> t -> c -> r -> z -> e",
        )
    )
    run.start("p")
    run.correlate("c")
    run.correlate("r", text="hello")
    assert run.recorder.named("z")[0].variables["message"]["r"] == {"text": "hello"}
    assert run.complete("z").ended
    assert run.scalar(sa.select(sa.func.count()).select_from(Message)) == 0
