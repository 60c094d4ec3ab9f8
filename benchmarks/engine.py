"""Save, load and step of our runtime beside stock SpiffWorkflow, in one run; and a loop of 200 rounds.

python benchmarks/engine.py

No database and no network: the engine's own CPU only. Both run the same diagram: twelve user tasks in a
row, each with a boundary timer, behind parallel and exclusive gateways.
"""

from __future__ import annotations

import io
import json
import logging
import statistics
import sys
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

# This folder comes first on the path of a script, and this file would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.dialect import SourceFile
from engine.spiff import state
from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory

ANSWERS = {"opinion": "情况属实" * 5, "n": 3, "accepted": True}


def diagram(quoted: bool) -> bytes:
    """Return the diagram; stock SpiffWorkflow wants ISO durations quoted, as Python."""
    lines, chain = ["start s"], "s"
    duration = "'\"PT4H\"'" if quoted else "PT4H"
    for number in range(12):
        lines += [
            f"user u{number}",
            f"boundary b{number} at=u{number} timeDuration={duration.strip(chr(39))} only_listens=1",
            f"task w{number}",
            f"end x{number}",
            f"{chain} -> u{number}",
            f"b{number} -> w{number} -> x{number}",
        ]
        chain = f"u{number}"
    text = process("p", *lines, "end e", f"{chain} -> e").content
    return text.replace(b">PT4H<", b">&quot;PT4H&quot;<") if quoted else text


def loop(rounds_condition: str) -> bytes:
    """Return a loop over one user task."""
    return process(
        "p",
        "start s",
        "xor m",
        "user a",
        "xor g",
        "end e",
        "s -> m -> a -> g",
        f"g -> m : {rounds_condition}",
        "default g -> e",
    ).content


class Ours:
    """Our runtime."""

    name = "redress"

    def __init__(self, content: bytes, **variables: object) -> None:
        self.run = InMemory(SourceFile("p.bpmn", content), **variables)

    def save(self) -> bytes:
        return state.save(self.run.instance)

    def load(self, saved: bytes) -> None:
        self.run.instance = state.restore(saved, self.run.specs.__getitem__, self.run.new_run())

    def step(self) -> bool:
        token = next((t for t in self.run.instance.live_tokens() if t.task_spec.manual), None)
        if token is None:
            return False
        token.task_spec.finish(token, ANSWERS)
        self.run.instance.run_to_rest()
        return True


class Stock:
    """SpiffWorkflow as it comes: its serialiser, its steps, its JSON."""

    name = "stock SpiffWorkflow"

    def __init__(self, content: bytes, **variables: object) -> None:
        parser = BpmnParser()
        parser.add_bpmn_io(io.BytesIO(content))
        self.workflow = BpmnWorkflow(parser.get_spec("p"))
        self.workflow.get_next_task(spec_name="Start").data.update(variables)
        self.workflow.do_engine_steps()
        self.serializer = BpmnWorkflowSerializer()

    def save(self) -> bytes:
        return zlib.compress(json.dumps(self.serializer.to_dict(self.workflow)).encode(), 1)

    def load(self, saved: bytes) -> None:
        self.workflow = self.serializer.from_dict(json.loads(zlib.decompress(saved)))

    def step(self) -> bool:
        task = self.workflow.get_next_task(state=TaskState.READY, manual=True)
        if task is None:
            return False
        task.data.setdefault("form", {})[task.task_spec.name] = dict(ANSWERS)
        task.run()
        self.workflow.do_engine_steps()
        return True


def timed(action: Callable[[], object]) -> tuple[float, object]:
    """Return milliseconds of CPU and the result."""
    started = time.process_time()
    result = action()
    return (time.process_time() - started) * 1000, result


def measure(make: Callable[[], Ours | Stock], repeat: int) -> dict[str, float]:
    """Run whole instances; return the medians of one step, in ms of CPU, and the state's size in bytes."""
    figures: dict[str, list[float]] = {"step": [], "save": [], "load": [], "bytes": []}
    for _ in range(repeat):
        side = make()
        while True:
            spent, more = timed(side.step)
            if not more:
                break
            figures["step"].append(spent)
            spent, saved = timed(side.save)
            assert isinstance(saved, bytes)
            figures["save"].append(spent)
            figures["bytes"].append(len(saved))
            spent, _nothing = timed(partial(side.load, saved))
            figures["load"].append(spent)
    return {key: statistics.median(values) for key, values in figures.items()}


def rounds(side: Ours | Stock, count: int) -> tuple[float, float]:
    """Return the median ms of CPU (load + step + save) of the first and of the last twenty rounds of a
    loop.
    """
    spent = []
    for _ in range(count):
        saved = side.save()
        spent.append(timed(lambda saved=saved: (side.load(saved), side.step(), side.save()))[0])
    return statistics.median(spent[:20]), statistics.median(spent[-20:])


def main() -> None:
    logging.disable(logging.INFO)  # stock SpiffWorkflow logs every state change
    ours = measure(lambda: Ours(diagram(quoted=False)), 12)
    stock = measure(lambda: Stock(diagram(quoted=True)), 4)
    print(f"{'per completion':<22}{'redress':>12}{'stock':>12}{'ratio':>9}")
    for key, unit in (("load", "ms"), ("step", "ms"), ("save", "ms"), ("bytes", "B")):
        print(
            f"{key + ' (' + unit + ')':<22}{ours[key]:>12.2f}{stock[key]:>12.2f}{stock[key] / ours[key]:>8.1f}x"
        )
    first, last = rounds(Ours(loop("1 = 1")), 200)
    print(
        f"\n200-round loop, redress: first rounds {first:.2f} ms, last rounds {last:.2f} ms, ratio {last / first:.2f}x"
    )
    first, last = rounds(Stock(loop("1 == 1")), 200)
    print(
        f"200-round loop, stock:   first rounds {first:.2f} ms, last rounds {last:.2f} ms, ratio {last / first:.2f}x"
    )


if __name__ == "__main__":
    main()
