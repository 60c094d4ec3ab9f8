"""Draws random processes: structured blocks with everything that may happen at their borders and beside them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.engine.diagrams import process


@dataclass
class Drawing:
    """Draws one random process: structured blocks with boundary events, and a callee for its call activities."""

    random: random.Random
    lines: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)
    count: int = 0
    handlers: int = 0
    """How many event sub-processes are around what is drawn: in them nothing is thrown that could trigger them again."""

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def line(self, text: str) -> None:
        self.lines.append(text)

    def block(self, depth: int) -> tuple[str, str]:
        """Draw a block; return its first and last node."""
        kinds = ["user", "user", "script", "service", "timer", "again"]
        if not self.handlers:
            kinds += ["receive", "send", "signal", "link"]
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
                "subloop",
                "starts",
                "transaction",
            ]
        kind = self.random.choice(kinds)
        return getattr(self, f"draw_{kind}", self.draw_task)(kind, depth)  # type: ignore[no-any-return]

    def draw_task(self, kind: str, depth: int) -> tuple[str, str]:
        name = self.name(kind[0])
        if kind == "user":
            self.line(f"user {name}")
            return self.borders(name, ["timer", "message", "signal", "condition"])
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
        elif kind == "signal":
            self.line(f"throw {name} signal={self.signal()}")
        else:
            self.line(f"send {name} message={self.message()}")
        return name, name

    def message(self) -> str:
        name = f"m{self.random.randint(1, 4)}"
        self.messages.append(name)
        return name

    def signal(self) -> str:
        name = f"g{self.random.randint(1, 3)}"
        self.signals.append(name)
        return name

    def condition(self) -> str:
        """Draw what is true now and then: the test changes the case's flag."""
        return f'condition="case.flag = {self.random.randint(1, 3)}"'

    def draw_again(self, kind: str, depth: int) -> tuple[str, str]:
        """A task that is done in a standard loop."""
        name = self.name("a")
        loop = self.random.choice(
            ["rounds=2", 'while="loopCounter < 2"', 'while="loopCounter < 2" first=1', "while=false first=1"]
        )
        if self.random.random() < 0.3:
            self.line(f"script {name} {loop} | own.{name} = loopCounter")
            return name, name
        self.line(f"user {name} {loop}")
        return self.borders(name, ["timer", "message", "condition"])

    def draw_link(self, kind: str, depth: int) -> tuple[str, str]:
        first, last = self.name("k"), self.name("k")
        self.line(f"throw {first} link={first}")
        self.line(f"catch {last} link={first}")
        return first, last

    def borders(self, host: str, kinds: list[str], *, always: bool = False) -> tuple[str, str]:
        """Put border events on an activity: one that interrupts comes back behind it, one that listens has its own end."""
        last = host
        for kind in kinds:
            if not always and self.random.random() < 0.6:
                continue
            name, end = self.name("b"), self.name("e")
            only = kind not in ("error", "cancel") and not always and self.random.random() < 0.5
            what = {
                "timer": "timeCycle=R2/PT1H" if only else "timeDuration=PT2H",
                "message": f"message={self.message() if kind == 'message' else ''}",
                "signal": f"signal={self.signal() if kind == 'signal' else ''}",
                "condition": self.condition() if kind == "condition" else "",
                "cancel": "cancel=1",
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

    def handler(self, depth: int, *, thrown: bool) -> None:
        """Draw an event sub-process; where errors are caught outside, it may end with one.

        thrown: what is around it may throw an error or an escalation.
        """
        name, start, end = self.name("h"), self.name("s"), self.name("e")
        kinds = ["timeDuration=PT2H", "timeCycle=R2/PT1H", "message", "signal", self.condition()]
        kinds += ["error=broken", "escalation=raised"] * 2 * thrown
        trigger = self.random.choice(kinds)
        only = trigger.startswith("timeCycle") or (
            not trigger.startswith("error") and self.random.random() < 0.5
        )
        trigger = {"message": f"message={self.message()}", "signal": f"signal={self.signal()}"}.get(
            trigger, trigger
        )
        outside, self.lines = self.lines, []
        self.handlers += 1
        first, last = self.block(depth - 1)
        if depth > 1 and self.random.random() < 0.3:
            self.handler(depth - 1, thrown=False)
        self.handlers -= 1
        what = self.random.choice(["", "", "terminate=1", "escalation=raised"])
        inside, self.lines = self.lines, outside
        for text in (
            f"on {name} {{",
            f"start {start} {trigger} {'only_listens=1' if only else ''}",
            *inside,
            f"end {end} {what}",
            f"{start} -> {first}",
            f"{last} -> {end}",
            "}",
        ):
            self.line(text)

    def draw_subloop(self, kind: str, depth: int) -> tuple[str, str]:
        return self.draw_sub(kind, depth, self.random.choice(["rounds=2", 'while="loopCounter < 2" first=1']))

    def draw_starts(self, kind: str, depth: int) -> tuple[str, str]:
        """A sub-process that begins in several places: at start events, or where nothing leads to."""
        name, drawn = self.name("sub"), self.random.random() < 0.5
        outside, self.lines = self.lines, []
        for _ in range(self.random.randint(2, 3)):
            first, last = self.block(depth - 2)
            start, end = self.name("s"), self.name("e")
            self.line(f"end {end}")
            self.line(f"{last} -> {end}")
            if drawn:
                self.line(f"start {start}")
                self.line(f"{start} -> {first}")
        inside, self.lines = self.lines, outside
        for text in (f"sub {name} {{", *inside, "}"):
            self.line(text)
        return self.borders(name, ["timer", "condition"])

    def draw_transaction(self, kind: str, depth: int) -> tuple[str, str]:
        name, start, split, end, stop = (
            self.name("t"),
            self.name("s"),
            self.name("g"),
            self.name("e"),
            self.name("e"),
        )
        outside, self.lines = self.lines, []
        one, two = self.block(depth - 1), self.block(depth - 2)
        if self.random.random() < 0.5:
            self.handler(depth - 1, thrown=False)
        inside, self.lines = self.lines, outside
        for text in (
            f"transaction {name} {{",
            f"start {start}",
            f"end {end}",
            f"end {stop} cancel=1",
            f"and {split}",
            f"{start} -> {split} -> {one[0]}",
            f"{split} -> {two[0]}",
            f"{one[1]} -> {stop}",
            f"{two[1]} -> {end}",
            *inside,
            "}",
        ):
            self.line(text)
        first, last = self.borders(name, ["cancel"], always=True)
        after = self.name("n")
        self.line(f"task {after}")
        self.line(f"{last} -> {after}")
        return first, after

    def draw_sub(self, kind: str, depth: int, extra: str = "") -> tuple[str, str]:
        name, start, end = self.name("sub"), self.name("s"), self.name("e")
        outside, self.lines = self.lines, []
        first, last = self.block(depth - 1)
        what = self.random.choice(["", "", "error=broken", "escalation=raised", "terminate=1"])
        self.line(f"start {start}")
        self.line(f"end {end} {what}")
        self.line(f"{start} -> {first}")
        self.line(f"{last} -> {end}")
        for _ in range(self.random.choice([0, 0, 1, 2])):
            self.handler(depth - 1, thrown=True)
        inside, self.lines = self.lines, outside
        for text in (f"sub {name} {extra} {{", *inside, "}"):
            self.line(text)
        if "error" in what:
            outer, last = self.borders(name, ["error"], always=True)
            after = self.name("n")
            self.line(f"task {after}")
            self.line(f"{last} -> {after}")
            return outer, after
        return self.borders(name, ["timer", "message", "escalation", "signal", "condition"])

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
        others = [f"message={self.message()}", f"signal={self.signal()}", self.condition()]
        for what in ("timeDuration=PT3H", *self.random.sample(others, 2)):
            event = self.name("v")
            self.line(f"catch {event} {what}")
            self.line(f"{gate} -> {event} -> {join}")
        return gate, join


def draw(chance: random.Random) -> tuple[list[Any], list[str], list[str]]:
    """Return the files of a process "p" and its callee, and the messages and signals somebody may wait for."""
    drawing = Drawing(chance)
    first, last = drawing.block(4)
    callee = Drawing(chance, count=10_000)
    inner, end = callee.block(0)
    for drawn in (drawing, callee):
        if chance.random() < 0.5:
            drawn.handler(2, thrown=True)
    files = [
        process("callee", "start cs", *callee.lines, "end ce", f"cs -> {inner}", f"{end} -> ce"),
        process("p", "start s", *drawing.lines, "end e", f"s -> {first}", f"{last} -> e"),
    ]
    return (
        files,
        sorted({*drawing.messages, *callee.messages}),
        sorted({*drawing.signals, *callee.signals}),
    )
