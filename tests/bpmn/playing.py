"""Plays any process of bpmn/ against the real engine: answers forms as the server would take them, stands in for operations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock, SystemClock
from engine.dialect import SourceFile
from engine.ports import OperationCall, UserActivity
from engine.testing import Harness
from tasks.cases.outcomes import OUTCOMES, passed
from tasks.forms import FormCheck, compile_form
from tasks.operations import operations
from tasks.organisation.office import Office
from tests.bpmn.drawing import CONTENT

OPERATIONS = frozenset(operations(Office(SystemClock())))
"""The operations diagrams may name (`tasks.operations`)."""


class Played:
    """One case of a regime on its way, in a database that holds the content (`deploy`).

    Every step commits; the next one starts from what was saved.
    """

    process: ClassVar[str]
    facts: ClassVar[Mapping[str, Any]]
    usual: ClassVar[Mapping[str, Mapping[str, Any]]]
    """What is answered where nothing else matters."""
    given: ClassVar[Mapping[str, Any]] = {}
    """Variables a shared process finds when somebody calls it."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: FrozenClock,
        *,
        results: Mapping[str, Any] | None = None,
        **changed: Any,
    ) -> None:
        """`results`: what operations give back, by name; a value or a function of the call. `changed`: other facts."""
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self.steps: list[str] = []
        self.results = dict(results or {})
        case = {**self.facts, **changed}
        self.number = str(case["number"])
        self.harness = Harness(
            sessions,
            clock,
            case=case,
            operations={name: self._operation(name) for name in OPERATIONS},
            functions=FUNCTIONS,
        )
        self.instance = self.harness.start(self.process, self.number, **self.given)
        self.harness.settle()

    @property
    def waiting(self) -> list[str]:
        """The activities that wait for somebody."""
        return self.harness.waiting()

    @property
    def archived(self) -> bool:
        """Whether the case was archived and its process ended, with an outcome people have words for."""
        self.harness.settle()
        ended = self._heard("archive_case") and self.harness.recorder.moves[-1].ended
        assert not ended or self.outcome in OUTCOMES, f"the case ended with the outcome {self.outcome!r}"
        return ended

    @property
    def outcome(self) -> str:
        """The last outcome that was set; empty for none."""
        set_so_far = [code for move in self.harness.recorder.moves if (code := passed(move)[0])]
        return set_so_far[-1] if set_so_far else ""

    def does(self, *activities: str, **answers: Any) -> None:
        """Complete these activities one after the other in the usual way; `answers` are for the last of them."""
        for activity in activities:
            own = answers if activity == activities[-1] and answers else self.usual[activity]
            self.harness.complete(activity, self._checked(activity, own))
            self.steps.append(activity)
            self.harness.settle()

    def until(self, activity: str) -> None:
        """Go the usual way until `activity` waits."""
        while activity not in self.waiting:
            assert self.waiting, f"{activity} was never reached; done: {self.steps}"
            self.does(self.waiting[0])

    def hears(self, message: str, **payload: Any) -> None:
        """A message arrives from the customer."""
        self.harness.correlate(message, self.number, **payload)
        self.harness.settle()

    def task(self, activity: str) -> UserActivity:
        """The open activity with this id."""
        return self.harness.recorder.named(activity)[0]

    def notices(self, operation: str = "notify_unit") -> list[Mapping[str, Any]]:
        """What the operation was told so far."""
        return [inputs for name, inputs in self.told if name == operation]

    def _checked(self, activity: str, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers as the server would take them: a form reads what its task sees."""
        seen = {"case": self.harness.recorder.case, **self.task(activity).variables}
        return form(activity).check(answers, now=self.harness.clock.now(), context=seen)

    def _heard(self, operation: str) -> bool:
        return bool(self.notices(operation))

    def _operation(self, name: str) -> Callable[[OperationCall], Any]:
        def perform(call: OperationCall) -> Any:
            self.told.append((name, dict(call.inputs)))
            given = self.results.get(name)
            return given(call) if callable(given) else given

        return perform


def deploy(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    """Deploy the content for operations that are played."""
    Harness(sessions, clock, operations=dict.fromkeys(OPERATIONS, _nothing), functions=FUNCTIONS).deploy(
        *content()
    )


@cache
def content() -> tuple[SourceFile, ...]:
    """All diagrams, tables and forms of bpmn/."""
    found = sorted(path for kind in ("bpmn", "dmn", "form") for path in CONTENT.glob(f"**/*.{kind}"))
    return tuple(SourceFile(str(path.relative_to(CONTENT)), path.read_bytes()) for path in found)


@cache
def form(activity: str) -> FormCheck:
    """The form of a user task, checked as the server checks it."""
    return compile_form(json.loads((CONTENT / "forms" / f"{activity}.form").read_text(encoding="utf-8")))


def _after(share: float) -> Callable[..., datetime]:
    """`due` and `warn` as if every limit were a day."""

    def instant(context: Any, code: str) -> datetime:
        now: datetime = context.now()
        return now + share * timedelta(hours=24)

    return instant


def _nothing(call: OperationCall) -> None:
    return None


FUNCTIONS = {"due": _after(1.0), "warn": _after(0.9)}
