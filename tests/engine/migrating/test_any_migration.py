"""Random processes at random points, moved to another version: to the same drawing nothing is different, to a changed one the
rest follows the new drawing, and where something that waits is gone nothing changes at all.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from lxml import etree
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.errors import RedressError
from engine.incidents import Incident
from engine.instance import ProcessInstance, unlocked
from engine.migrating.verdict import MigrationRefused
from engine.ports import BpmnError, OperationCall
from engine.testing import TESTER, Harness
from engine.timers import Timer
from tests.engine.drawings import draw
from tests.engine.mirrors import check_mirrors

SEEDS = tuple(int(text) for text in os.environ.get("REDRESS_PROCESSES", "0-12").split("-"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def worker(seed: int) -> Any:
    """Return an operation whose luck is the same for the same activity and turn of each case."""
    turns: Counter[tuple[str, str]] = Counter()

    def work(call: OperationCall) -> dict[str, Any]:
        key = (call.instance.business_key, call.activity_id)
        turns[key] += 1
        luck = random.Random(f"{seed}/{call.activity_id}/{turns[key]}").random()
        if luck < 0.2:
            raise RuntimeError("not now")
        if luck < 0.3:
            raise BpmnError("broken", "not at all")
        return {"by": call.activity_id}

    return work


def drawn(run: Harness, chance: random.Random) -> tuple[list[SourceFile], list[str], list[str]]:
    files, messages, signals = draw(chance)
    run.deploy(*files)
    return files, messages, signals


def definition(run: Harness, version: int) -> UUID:
    found: UUID = run.scalar(
        sa.text("SELECT id FROM process_definition WHERE key = 'p' AND version = :v").bindparams(v=version)
    )
    return found


def migrate(run: Harness, instance: UUID, target: UUID) -> Any:
    with run.sessions.begin() as session:
        return run.engine.migrate(session, instance, target, actor=TESTER)


def shape(run: Harness, instance: UUID) -> Any:
    """What an instance is, without the ids of its tokens."""
    with run.sessions() as session:
        row = unlocked(session, instance)
        assert row is not None
        tree = run.engine.acting.restore(session, row)
        tokens = sorted(
            (
                t.task_spec.bpmn_id,
                t._state,
                str(t.internal_data.get("held")),
                str(t.internal_data.get("due")),
                t.lineage,
            )
            for s in tree.scopes()
            for t in s.live_tokens()
        )
        values = [s.store.values for s in tree.scopes()]
    due = sorted(
        (row.activity_id, row.due_at)
        for row in run.rows(
            sa.select(Timer.activity_id, Timer.due_at).where(
                Timer.instance_id == instance, Timer.fired_at.is_(None)
            )
        )
    )
    return row.status, tokens, values, due


def open_tasks(run: Harness, instance: UUID) -> list[UUID]:
    mine = {a.id for move in run.recorder.moves if move.instance.id == instance for a in move.entered}
    found = [one for one in run.recorder.open.values() if one.id in mine]
    return [one.id for one in sorted(found, key=lambda one: one.activity_id)]


def act(
    run: Harness, chance: random.Random, cases: dict[str, UUID], messages: list[str], signals: list[str]
) -> None:
    """Do one random thing, the same to every case."""
    kind = chance.choice(["complete"] * 4 + ["jobs", "message", "signal", "time", "retry", "flag"])
    if kind == "complete":
        open_ones = {key: open_tasks(run, instance) for key, instance in cases.items()}
        least = min(map(len, open_ones.values()))
        if least:
            which, answer = chance.randrange(least), {"n": chance.randint(0, 9)}
            for key, instance in cases.items():
                with run.sessions.begin() as session:
                    run.engine.complete(session, instance, open_ones[key][which], answer, actor=TESTER)
    elif kind == "message" and messages:
        name = chance.choice(messages)
        for key in cases:
            try:
                run.correlate(name, key, x=1)
            except RedressError:
                pass
    elif kind == "signal" and signals:
        with run.sessions.begin() as session:
            run.engine.signal(session, chance.choice(signals), payload={"x": 2}, actor=TESTER)
    elif kind == "flag":
        run.recorder.case["flag"] = chance.randint(0, 3)
    elif kind == "time":
        run.clock.advance(timedelta(hours=chance.choice([1, 3, 30])))
        run.settle()
    elif kind == "retry":
        for row in run.rows(sa.select(Incident.id).where(Incident.resolved_at.is_(None))):
            with run.sessions.begin() as session:
                run.engine.retry(session, row.id, actor=TESTER)
        run.settle()
    else:
        run.settle()


def over(run: Harness) -> bool:
    return {row.status for row in run.rows(sa.select(ProcessInstance.status))} == {"completed"}


@pytest.mark.parametrize("seed", range(*SEEDS))
def test_an_instance_moved_to_the_same_drawing_goes_on_exactly_as_one_that_is_not(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(seed)
    facts = {"n": chance.randint(1, 3), "items": [1, 2, 3], "flag": 0}
    run = Harness(sessions, clock, case=facts, operations={"work": worker(seed)})
    files, messages, signals = drawn(run, chance)
    run.deploy(*(SourceFile(f.name, f.content.replace(b'name="p"', b'name="same"')) for f in files))
    with run.sessions.begin() as session:
        for key in ("stays", "moves"):
            run.engine.start(session, "p", business_key=key, version=1, actor=TESTER)
    rows = run.rows(sa.select(ProcessInstance.business_key, ProcessInstance.id))
    cases = {row.business_key: row.id for row in rows}
    versions, at = [definition(run, 1), definition(run, 2)], 0
    for _ in range(60):
        if over(run):
            break
        run.settle()
        if shape(run, cases["moves"])[0] == "active" and chance.random() < 0.5:
            at = 1 - at
            before = shape(run, cases["moves"])
            verdict = migrate(run, cases["moves"], versions[at]).verdict
            assert not (verdict.consequences or verdict.warnings), verdict
            assert shape(run, cases["moves"]) == before
        act(run, chance, cases, messages, signals)
        check_mirrors(run)
        assert shape(run, cases["stays"]) == shape(run, cases["moves"])


def changed(content: bytes, chance: random.Random) -> bytes:
    """Draw more into a process: names, steps on flows, events at borders."""
    tree = etree.fromstring(content)
    for parent in [one for one in tree.iter() if one.tag in (f"{BPMN}process", f"{BPMN}subProcess")]:
        gates = {gate.get("id") for gate in parent.findall(f"{BPMN}eventBasedGateway")}
        flows = [one for one in parent.findall(f"{BPMN}sequenceFlow") if one.get("sourceRef") not in gates]
        for flow in chance.sample(flows, min(2, len(flows))):
            name = f"more_{flow.get('id')}"
            kind = chance.choice(["task", "userTask", "scriptTask"])
            step = etree.SubElement(parent, f"{BPMN}{kind}", id=name, name="更多")
            if kind == "scriptTask":
                step.tag = f"{BPMN}task"
            onward = etree.SubElement(parent, f"{BPMN}sequenceFlow", id=f"{name}_on")
            if chance.random() < 0.5:
                onward.set("sourceRef", name)
                onward.set("targetRef", str(flow.get("targetRef")))
                flow.set("targetRef", name)
            else:
                source = str(flow.get("sourceRef"))
                giver = next(one for one in parent if one.get("id") == source)
                if (
                    giver.get("default")
                    or flow.find(f"{BPMN}conditionExpression") is not None
                    or "Gateway" in giver.tag
                ):
                    parent.remove(step)
                    parent.remove(onward)
                    continue
                onward.set("sourceRef", source)
                onward.set("targetRef", name)
                flow.set("sourceRef", name)
        tasks = parent.findall(f"{BPMN}userTask")
        if tasks:
            host = chance.choice(tasks)
            name = f"late_{host.get('id')}"
            border = etree.SubElement(
                parent,
                f"{BPMN}boundaryEvent",
                id=name,
                attachedToRef=str(host.get("id")),
                cancelActivity="false",
            )
            timer = etree.SubElement(border, f"{BPMN}timerEventDefinition")
            etree.SubElement(timer, f"{BPMN}timeDuration").text = "PT20H"
            etree.SubElement(parent, f"{BPMN}endEvent", id=f"{name}_end")
            etree.SubElement(
                parent, f"{BPMN}sequenceFlow", id=f"{name}_on", sourceRef=name, targetRef=f"{name}_end"
            )
    return etree.tostring(tree)


@pytest.mark.parametrize("seed", range(*SEEDS))
def test_an_instance_moved_to_a_changed_drawing_finishes_by_it_or_is_left_as_it_was(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(seed)
    facts = {"n": chance.randint(1, 3), "items": [1, 2, 3], "flag": 0}
    run = Harness(sessions, clock, case=facts, operations={"work": worker(seed)})
    files, messages, signals = drawn(run, chance)
    run.deploy(*(SourceFile(f.name, changed(f.content, chance)) for f in files))
    with run.sessions.begin() as session:
        instance = run.engine.start(session, "p", business_key="K-1", version=1, actor=TESTER).instance.id
    for _ in range(chance.randint(0, 6)):
        if not over(run):
            act(run, chance, {"K-1": instance}, messages, signals)
    if over(run):
        return
    target = definition(run, 2)
    before = everything(run)
    with run.sessions() as session:
        said = run.engine.migration_verdict(session, instance, target)
        assert everything(run) == before
    if said.ok:
        assert migrate(run, instance, target).verdict.consequences == said.consequences
    else:
        with pytest.raises(MigrationRefused) as refusal:
            migrate(run, instance, target)
        assert said.refusals == refusal.value.verdict.refusals
        assert everything(run) == before
    check_mirrors(run)
    steps = 0
    while not over(run) and steps < 400:
        steps += 1
        act(run, chance, {"K-1": instance}, messages if steps < 60 else [], signals if steps < 60 else [])
        check_mirrors(run)
    assert over(run), (said, run.waiting(), shape(run, instance))


def everything(run: Harness) -> Any:
    """Every row there is."""
    tables = (
        "process_instance",
        "timer",
        "message_subscription",
        "signal_subscription",
        "incident",
        "history_event",
    )
    return [
        run.rows(
            sa.text(f"SELECT * FROM {table} ORDER BY {'id' if 'subscription' not in table else 'token_id'}")
        )
        for table in (*tables, "procrastinate_jobs")
    ]


@pytest.mark.parametrize("seed", range(*SEEDS))
def test_where_what_waits_is_gone_everything_is_refused_by_name_and_nothing_changes(
    sessions: sessionmaker[Session], clock: FrozenClock, seed: int
) -> None:
    chance = random.Random(seed)
    facts = {"n": chance.randint(1, 3), "items": [1, 2, 3], "flag": 0}
    run = Harness(sessions, clock, case=facts, operations={"work": worker(seed)})
    files, messages, signals = drawn(run, chance)
    with run.sessions.begin() as session:
        instance = run.engine.start(session, "p", business_key="K-1", actor=TESTER).instance.id
    for _ in range(chance.randint(0, 6)):
        if not over(run):
            act(run, chance, {"K-1": instance}, messages, signals)
    waiting = sorted({one.activity_id for one in run.recorder.open.values()})
    if not waiting or shape(run, instance)[0] != "active":
        return
    gone = [f'"{name}"'.encode() for name in waiting]
    later = []
    for file in files:
        content = file.content
        for name in gone:
            content = content.replace(name, name[:-1] + b'_anew"')
        later.append(SourceFile(file.name, content))
    run.deploy(*later)
    before = everything(run)
    with pytest.raises(MigrationRefused) as refused:
        migrate(
            run,
            instance,
            definition(
                run, run.scalar(sa.text("SELECT max(version) FROM process_definition WHERE key = 'p'"))
            ),
        )
    assert {r.element for r in refused.value.verdict.refusals if r.code == "missing"} == set(waiting)
    assert everything(run) == before
