"""What waits beside a process is tried too: event sub-processes, signals, conditions, links, transactions."""

from __future__ import annotations

import re

import pytest

from engine.dialect import SourceFile
from engine.trial.trying import Trial
from tests.engine.diagrams import process
from tests.engine.trial.trying import compiled, met, tried

MAIN = "start s", "user a", "end e", "s -> a -> e"


def on(trigger: str, *inside: str) -> tuple[str, ...]:
    return ("on h {", f"start hs {trigger}", *inside, "end he", "}")


TRIGGERS = [
    "message=m",
    "signal=g only_listens=1",
    "timeCycle=R/PT1H only_listens=1",
    'condition="form.a.stop = true"',
    'condition="form.a.stop = true" only_listens=1',
    "anyError=1",
]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_sound_event_sub_process_is_not_remarked_on(trigger: str) -> None:
    assert met(tried(*MAIN, *on(trigger, "user b", "hs -> b -> he"))) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("start s", "catch c signal=g", "throw t signal=h", "end e signal=h", "s -> c -> t -> e"),
        ("start s signal=g", "user a", "end e", "s -> a -> e"),
        ("start s", 'catch c condition="form.nobody.x > 3"', "end e", "s -> c -> e"),
        ("start s", "throw t link=A", "catch c link=A", "end e", "s -> t", "c -> e"),
        ("start s", "transaction t {", "start i", "user a", "end no cancel=1", "i -> a -> no", "}",
         "boundary b at=t cancel=1", "end e", "end e2", "s -> t -> e", "b -> e2"),
    ],
)  # fmt: skip
def test_other_events_come_and_are_not_remarked_on(lines: tuple[str, ...]) -> None:
    assert not [one for one in tried(*lines) if one.severity == "error"]


@pytest.mark.parametrize(
    "trigger", ["message=m", "message=m only_listens=1", 'condition="form.a.stop = true"']
)
def test_a_dead_end_inside_an_event_sub_process_is_told(trigger: str) -> None:
    inside = "xor x", "and j", "hs -> x", "x -> j : form.q.v = 1", "default x -> j", "j -> he"
    assert ("warning", "may-get-stuck", "j") in met(tried(*MAIN, *on(trigger, *inside)))


@pytest.mark.parametrize("kind", ["", 'isSequential="true"'])
@pytest.mark.parametrize("inside", ["a", "work"])
def test_what_may_interrupt_a_repeated_activity_does_not_always_interrupt_it(kind: str, inside: str) -> None:
    repeated = (
        f"<bpmn:multiInstanceLoopCharacteristics {kind}><bpmn:loopCardinality>3</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    if inside == "work":
        source = process(
            "p", "start s", "and x", "sub a {", "start i", "user work", "end o", "i -> work -> o", "}", "boundary m at=a message=halt",
            "user b", "and j", "end e", "end e2", "s -> x -> a -> j -> e", "x -> b -> j", "m -> e2",
        )  # fmt: skip
        opened = re.compile('<bpmn:subProcess id="a"[^>]*>')
        text = opened.sub(lambda tag: tag[0] + repeated, source.content.decode())
        assert repeated in text
        found = Trial().findings(compiled(SourceFile("p.bpmn", text.encode())))
    else:
        found = tried(
            "start s", "and x", f"user a | {repeated}", "boundary m at=a message=halt", "user b", "and j", "end e", "end e2",
            "s -> x -> a -> j -> e", "x -> b -> j", "m -> e2",
        )  # fmt: skip
    assert [(one.severity, one.code) for one in found if one.severity != "note"] == [
        ("warning", "may-get-stuck")
    ]
