"""Stock SpiffWorkflow as it comes, to be run beside ours; also in a child that is killed when it never ends.

`python -m tests.engine.spiff.stock < diagram` parses the diagram on its input and starts process `p` in a process with
a second of CPU and 1.5 GB; the exit code of a child that was stopped is negative.
"""

from __future__ import annotations

import contextlib
import io
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

CPU_SECONDS, MEMORY = 1, 1_500_000_000


def created(content: bytes) -> BpmnWorkflow:
    """Return an instance of process `p` in which nothing has run yet."""
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(content))
    return BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))


class Stock:
    """An instance of process `p`, run to its first wait."""

    def __init__(self, content: bytes, **variables: Any) -> None:
        self.workflow = created(content)
        self.workflow.get_next_task(spec_name="Start").data.update(variables)
        self.workflow.do_engine_steps()

    def open(self) -> list[Any]:
        """Return the tasks a person would be offered."""
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def waiting(self) -> list[str]:
        """Return the ids of the open tasks, sorted."""
        return sorted(task.task_spec.name for task in self.open())

    def complete(self, activity_id: str) -> None:
        """Complete the oldest open task with this id and run on."""
        next(task for task in self.open() if task.task_spec.name == activity_id).run()
        self.workflow.do_engine_steps()

    @property
    def over(self) -> bool:
        """Whether it says that it is over."""
        return bool(self.workflow.is_completed())


class Child:
    """A start of stock SpiffWorkflow under way in a process of its own."""

    def __init__(self, content: bytes) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(content)
            self.process.stdin.close()
        self.process.stdin = None

    def outcome(self) -> str:
        """Return "done", "stopped" (it used up its time or its memory) or the last line of its error."""
        _, errors = self.process.communicate(timeout=120)
        if self.process.returncode == 0:
            return "done"
        last = (errors.decode(errors="replace").strip().splitlines() or [""])[-1]
        return "stopped" if self.process.returncode < 0 or "MemoryError" in last else last

    def end(self) -> None:
        """Stop it if it is still there, and close what it wrote to."""
        self.process.kill()
        if self.process.stderr is not None and not self.process.stderr.closed:
            self.process.communicate()


def main() -> None:
    """Start the diagram on standard input under the limits."""
    content = sys.stdin.buffer.read()
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    Stock(content)


if __name__ == "__main__":
    main()
