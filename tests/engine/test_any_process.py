"""Random processes, worked on at random: rows mirror tokens after every step, and everything comes to an end."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import RedressError
from engine.incidents import Incident
from engine.instance import ProcessInstance, locked
from engine.ports import OperationCall
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors

OVER = ("completed", "cancelled")


@dataclass
class Drawing:
    """Draws one random process: structured blocks with boundary events, and a callee for its call activities."""

    random: random.Random
    lines: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def line(self, text: str) -> None:
        self.lines.append(text)

    def block(self, depth: int) -> tuple[str, str]:
        """Draw a block; return its first and last node."""
        kinds = ["user", "user", "script", "service", "timer", "receive", "send"]
        if depth > 0:
            kinds += [
                "sequence",
                "sequence",
                "and",
                "xor",
                "or",
                "loop",
                "sub",
                "sub",
                "mi",
                "misub",
                "call",
                "events",
                "mess",
            ]
        kind = self.random.choice(kinds)
        return getattr(self, f"draw_{kind}", self.draw_task)(kind, depth)  # type: ignore[no-any-return]

    def draw_task(self, kind: str, depth: int) -> tuple[str, str]:
        name = self.name(kind[0])
        if kind == "user":
            self.line(f"user {name}")
            return self.borders(name, ["timer", "message"])
        elif kind == "script":
            self.line(f"script {name} | own.{name} = {self.count}")
        elif kind == "service":
            self.line(f"service {name} camunda:type=external camunda:topic=work")
            return self.borders(name, ["error", "timer"])
        elif kind == "timer":
            self.line(f"catch {name} timeDuration=PT{self.random.randint(1, 5)}H")
        elif kind == "receive":
            self.line(f"receive {name} message={self.message()}")
            return self.borders(name, ["timer"], always=True)
        else:
            self.line(f"send {name} message={self.message()}")
        return name, name

    def message(self) -> str:
        name = f"m{self.random.randint(1, 4)}"
        self.messages.append(name)
        return name

    def borders(self, host: str, kinds: list[str], *, always: bool = False) -> tuple[str, str]:
        """Put border events on an activity: one that interrupts comes back behind it, one that listens has its own end."""
        last = host
        for kind in kinds:
            if not always and self.random.random() < 0.6:
                continue
            name, end = self.name("b"), self.name("e")
            only = kind != "error" and not always and self.random.random() < 0.5
            what = {
                "timer": "timeCycle=R2/PT1H" if only else "timeDuration=PT2H",
                "message": f"message={self.message() if kind == 'message' else ''}",
                "error": "error=broken",
                "escalation": "escalation=raised",
            }[kind]
            self.line(f"boundary {name} at={host} {'only_listens=1' if only else ''} {what}")
            if only:
                self.line(f"end {end}")
            else:
                self.line(f"xor {end}")
                self.line(f"{last} -> {end}")
                last = end
            if self.random.random() < 0.5:
                task = self.name("u")
                self.line(f"user {task}")
                self.line(f"{name} -> {task} -> {end}")
            else:
                self.line(f"{name} -> {end}")
        return host, last

    def draw_sequence(self, kind: str, depth: int) -> tuple[str, str]:
        first, last = self.block(depth - 1)
        for _ in range(self.random.randint(1, 2)):
            start, end = self.block(depth - 1)
            self.line(f"{last} -> {start}")
            last = end
        return first, last

    def branches(self, kind: str, depth: int, conditions: list[str]) -> tuple[str, str]:
        split, join = self.name("g"), self.name("g")
        self.line(f"{kind} {split}")
        self.line(f"{kind} {join}")
        for number, condition in enumerate(conditions):
            first, last = self.block(depth - 1)
            default = "default " if kind != "and" and number == len(conditions) - 1 else ""
            self.line(
                f"{default}{split} -> {first}" + (f" : {condition}" if condition and not default else "")
            )
            self.line(f"{last} -> {join}")
        return split, join

    def draw_and(self, kind: str, depth: int) -> tuple[str, str]:
        return self.branches("and", depth, [""] * self.random.randint(2, 3))

    def draw_xor(self, kind: str, depth: int) -> tuple[str, str]:
        return self.branches("xor", depth, [f"case.n = {self.random.randint(1, 3)}", "true"])

    def draw_or(self, kind: str, depth: int) -> tuple[str, str]:
        return self.branches("or", depth, [f"case.n >= {i}" for i in (1, 2, 3)])

    def draw_mess(self, kind: str, depth: int) -> tuple[str, str]:
        """An inclusive split whose branches meet early, late and in a way back: no structure to rely on."""
        split, early, join, back = (self.name("g") for _ in range(4))
        for gateway, gate_kind in ((split, "or"), (early, "or"), (join, "or"), (back, "xor")):
            self.line(f"{gate_kind} {gateway}")
        tasks = [self.block(depth - 1) for _ in range(3)]
        for number, (first, last) in enumerate(tasks):
            self.line(f"{split} -> {first} : case.n >= {number + 1}")
            self.line(f"{last} -> {early if number else join}")
        again, last = self.name("c"), self.name("n")
        self.line(f"script {again} | count.{again} = count.{again} + 1")
        zero = self.zero(again, split)
        self.line(f"task {last}")
        self.line(f"{early} -> {join} -> {again} -> {back}")
        self.line(f"{back} -> {split} : count.{again} < 2")
        self.line(f"default {back} -> {last}")
        return zero, last

    def zero(self, counter: str, then: str) -> str:
        """Draw where a way back starts counting its rounds."""
        name = self.name("z")
        self.line(f"script {name} | count.{counter} = 0")
        self.line(f"{name} -> {then}")
        return name

    def draw_loop(self, kind: str, depth: int) -> tuple[str, str]:
        head, tail, count, out = self.name("g"), self.name("g"), self.name("c"), self.name("n")
        first, last = self.block(depth - 1)
        for text in (f"xor {head}", f"xor {tail}", f"task {out}"):
            self.line(text)
        self.line(f"script {count} | count.{count} = count.{count} + 1")
        self.line(f"{head} -> {first}")
        self.line(f"{last} -> {count} -> {tail}")
        self.line(f"{tail} -> {head} : count.{count} < 3")
        self.line(f"default {tail} -> {out}")
        return self.zero(count, head), out

    def draw_sub(self, kind: str, depth: int, extra: str = "") -> tuple[str, str]:
        name, start, end = self.name("sub"), self.name("s"), self.name("e")
        outside, self.lines = self.lines, []
        first, last = self.block(depth - 1)
        what = self.random.choice(["", "", "error=broken", "escalation=raised", "terminate=1"])
        self.line(f"start {start}")
        self.line(f"end {end} {what}")
        self.line(f"{start} -> {first}")
        self.line(f"{last} -> {end}")
        if self.random.random() < 0.4:
            self.draw_handler()
        inside, self.lines = self.lines, outside
        for text in (f"sub {name} {extra} {{", *inside, "}"):
            self.line(text)
        if "error" in what:
            outer, last = self.borders(name, ["error"], always=True)
            after = self.name("n")
            self.line(f"task {after}")
            self.line(f"{last} -> {after}")
            return outer, after
        return self.borders(name, ["timer", "message", "escalation"])

    def draw_handler(self) -> None:
        """An event sub-process: what triggers it may come, once or again, or never."""
        name, start, end = self.name("h"), self.name("s"), self.name("e")
        trigger = self.random.choice(
            [
                f"message={self.message()}",
                f"message={self.message()} only_listens=1",
                "timeDuration=PT3H",
                "timeCycle=R2/PT2H only_listens=1",
                "error=broken",
                "escalation=raised only_listens=1",
                "signal=alarm",
                "signal=alarm only_listens=1",
                'condition="case.n >= 2" only_listens=1',
            ]
        )
        outside, self.lines = self.lines, []
        first, last = self.block(0)
        inside, self.lines = self.lines, outside
        for text in (
            f"on {name} {{",
            f"start {start} {trigger}",
            f"end {end}",
            *inside,
            f"{start} -> {first}",
        ):
            self.line(text)
        for text in (f"{last} -> {end}", "}"):
            self.line(text)

    def repeated(self) -> str:
        until = self.random.choice(["", "", 'until="nrOfCompletedInstances >= 2"'])
        return (
            f'{self.random.choice(["", "sequential=1"])} {until} each="=case.items as item{self.name("i")}"'
        )

    def draw_mi(self, kind: str, depth: int) -> tuple[str, str]:
        name = self.name("u")
        self.line(f"user {name} {self.repeated()}")
        return self.borders(name, ["timer", "message"])

    def draw_misub(self, kind: str, depth: int) -> tuple[str, str]:
        return self.draw_sub(kind, depth, self.repeated())

    def draw_call(self, kind: str, depth: int) -> tuple[str, str]:
        name = self.name("call")
        repeated = self.repeated() if self.random.random() < 0.3 else ""
        mapped = self.random.choice(
            [
                "",
                '| <bpmn:extensionElements><camunda:in sourceExpression="case.n" target="x"/></bpmn:extensionElements>',
            ]
        )
        self.line(f"call {name} calledElement=callee {repeated} {mapped}")
        return self.borders(name, ["timer", "message", "error"])

    def draw_events(self, kind: str, depth: int) -> tuple[str, str]:
        gate, join = self.name("g"), self.name("g")
        self.line(f"events {gate}")
        self.line(f"xor {join}")
        for what in (f"message={self.message()}", "timeDuration=PT3H"):
            event = self.name("v")
            self.line(f"catch {event} {what}")
            self.line(f"{gate} -> {event} -> {join}")
        return gate, join


def draw(chance: random.Random) -> tuple[list[Any], list[str]]:
    drawing = Drawing(chance)
    first, last = drawing.block(4)
    callee = Drawing(chance, count=10_000)
    inner, end = callee.block(0)
    files = [
        process("callee", "start cs", *callee.lines, "end ce", f"cs -> {inner}", f"{end} -> ce"),
        process("p", "start s", *drawing.lines, "end e", f"s -> {first}", f"{last} -> e"),
    ]
    return files, sorted({*drawing.messages, *callee.messages})


def statuses(run: Harness) -> set[str]:
    return {row.status for row in run.rows(sa.select(ProcessInstance.status))}


@pytest.mark.parametrize("seed", range(30))
def test_any_process_comes_to_an_end_and_leaves_nothing_behind(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(seed)

    def work(call: OperationCall) -> dict[str, Any]:
        if chance.random() < 0.2:
            raise RuntimeError("not now")
        return {"by": call.activity_id}

    run = Harness(
        sessions, clock, case={"n": chance.randint(1, 3), "items": [1, 2, 3]}, operations={"work": work}
    )
    files, messages = draw(chance)
    run.deploy(*files)
    instance = run.start("p")
    steps = 0
    while steps < 600 and statuses(run) != {"completed"}:
        steps += 1
        check_mirrors(run)
        act(run, chance, instance, messages, patient=steps < 60)
    assert statuses(run) == {"completed"}, describe(run, files)
    run.settle()
    check_mirrors(run)
    assert run.scalar(sa.text("SELECT max(length(state)) FROM process_instance")) < 20_000


def act(run: Harness, chance: random.Random, instance: Any, messages: list[str], *, patient: bool) -> None:
    """Do one random thing; when patience is over, only what brings the process forward."""
    kind = chance.choice(
        ["complete", "complete", "complete", "jobs", "message", "signal", "time", "retry", "pause"]
    )
    if not patient and kind in ("message", "signal", "pause"):
        kind = "time"
    if kind == "complete" and run.waiting():
        token = chance.choice(sorted(run.recorder.open, key=str))
        with run.sessions.begin() as session:
            run.engine.complete(session, instance, token, {"n": chance.randint(0, 9)}, actor=TESTER)
    elif kind == "message" and messages:
        try:
            run.correlate(chance.choice(messages), x=1)
        except RedressError:
            pass
    elif kind == "signal":
        with run.sessions.begin() as session:
            run.engine.signal(session, "alarm", payload={"x": 1}, actor=TESTER)
        run.settle()
    elif kind == "time":
        run.clock.advance(timedelta(hours=chance.choice([1, 1, 3, 30])))
        run.settle()
    elif kind == "retry":
        for row in run.rows(sa.select(Incident.id).where(Incident.resolved_at.is_(None))):
            with run.sessions.begin() as session:
                run.engine.retry(session, row.id, actor=TESTER)
        run.settle()
    elif kind == "pause":
        with run.sessions.begin() as session:
            run.engine.suspend(session, instance, reason="pause", actor=TESTER)
        run.clock.advance(timedelta(hours=chance.choice([0, 2])))
        run.settle()
        check_mirrors(run)
        with run.sessions.begin() as session:
            run.engine.resume(session, instance, actor=TESTER)
    else:
        run.settle()


def describe(run: Harness, files: list[Any]) -> str:
    found = run.rows(sa.select(Incident.activity_id, Incident.message).where(Incident.resolved_at.is_(None)))
    with run.sessions() as session:
        row = session.scalars(sa.select(ProcessInstance.id)).one()
        tree = run.engine.acting.restore(session, locked(session, row))
        live = [(t.task_spec.bpmn_id, t._state) for s in tree.scopes() for t in s.live_tokens()]
    return f"waiting {run.waiting()}, live {live}, incidents {found}\n" + "\n".join(
        f.content.decode() for f in files
    )
