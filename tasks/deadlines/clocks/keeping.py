"""Clocks follow the process: on every move they begin, stop, and stand still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.ids import NewId
from engine.instance import ACTIVE, COMPLETED, SUSPENDED
from engine.ports import Move, Passage, UserActivity
from tasks.cases.outcomes import MARK, passed
from tasks.cases.outcomes import PROPERTY as OUTCOME
from tasks.deadlines.clocks.beginning import Begun, Ground, Problem, Standstill, Thing, begin_or_say
from tasks.deadlines.clocks.tables import CASE, STAGE, TASK, UNASSIGNED
from tasks.deadlines.clocks.writing import send
from tasks.deadlines.policies.pauses import PAUSE_REASONS
from tasks.memo import CaseMemo
from tasks.organisation.assigning.routing import asked_for, group, group_path, groups_for
from tasks.organisation.office import Snapshot
from tasks.permissions.matrix import SUPERVISOR

POLICY, STOP, PAUSE, PROMISE = "sla.policy", "sla.stop", "sla.pause", "sla.promise"
CHOOSE = "sla.choose"
PROCESS = "process"
"""The kind of the passage that is the process itself."""
NONE = "none"
"""The `sla.policy` of what shall have no clock at all."""


@dataclass(frozen=True, slots=True)
class TaskTime:
    """What the row of a new task says of time. problem: why it has no clock, or not the one asked for."""

    due_at: datetime | None = None
    warn_at: datetime | None = None
    paused_at: datetime | None = None
    problem: Problem | None = None


@dataclass(slots=True)
class Timekeeping:
    """The clocks of one move: what begins is collected here, then written with what stops.

    outcome: how the move has the case turn out; empty where it does not.
    """

    move: Move
    ground: Ground
    begun: list[Begun] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    outcome: str = ""

    @classmethod
    def of(
        cls, move: Move, snapshot: Snapshot, behind: CaseMemo | None, at: datetime, new_id: NewId
    ) -> Timekeeping:
        """Begin the clocks of the process itself and of stages; `task` begins those of tasks, `write` sends all."""
        standstill, problems = _standstill_after(move, behind, at)
        outcome, wrong = passed(move)
        keeping = cls(
            move,
            Ground(snapshot, move.instance.id, move.instance.business_key, behind, at, new_id, standstill),
            problems=problems + wrong,
            outcome=outcome,
        )
        over = frozenset(each.id for each in move.over)
        for passage in move.began:
            # What has begun and is over in one move has had no time.
            if passage.kind == PROCESS or passage.id not in over:
                for code in codes_in(passage.properties.get(POLICY)):
                    if code != NONE:
                        keeping.stage(passage, code)
        return keeping

    def task(self, activity: UserActivity, groups: Sequence[str], *, taken: bool) -> TaskTime:
        """Begin the clocks of a task that has been entered: its own, and R35 where nobody has taken it."""
        code = str(activity.properties.get(POLICY) or "")
        if code == NONE:
            return TaskTime(activity.due_at)
        thing = Thing(
            TASK,
            activity.id,
            activity.activity_id,
            activity.name or activity.activity_id,
            groups[0],
            _region(self.ground, groups[0]),
            activity.variables,
            activity.properties,
            activity.due_at,
        )
        own, problem = begin_or_say(self.ground, code, thing) if code else (None, None)
        self._keep(own)
        if not taken:
            alarm, wrong = _unassigned(
                self.ground, thing, own.due_at if own else activity.due_at, clocked=own is not None
            )
            self._keep(alarm)
            self.problems += [f"{activity.activity_id}: {wrong.text}"] if wrong else []
        if own is None:
            return TaskTime(activity.due_at, problem=problem)
        row = own.row
        return TaskTime(row["due_at"], row["warn_at"], row["paused_at"], problem)

    def stage(self, passage: Passage, code: str) -> None:
        """Begin a clock on the token of a passage: of a stage, or of the case where it is the process itself."""
        behind, process = self.ground.behind, passage.kind == PROCESS
        own = behind is None or behind.instance_id in (None, self.move.instance.id)
        if process:
            region = _inside(self.ground)
            holder = group(SUPERVISOR, region) if region else ""
        else:
            holder = self._holder(passage)
            region = _region(self.ground, holder)
        thing = Thing(
            CASE if process and own else STAGE,
            passage.id,
            passage.activity_id,
            passage.name or passage.activity_id,
            holder,
            region,
            passage.variables,
            passage.properties,
        )
        begun, problem = begin_or_say(self.ground, code, thing)
        if problem:
            self.problems.append(f"{passage.activity_id}: {problem.text}")
        self._keep(begun)

    def _keep(self, begun: Begun | None) -> None:
        if begun is not None:
            self.begun.append(begun)

    def _holder(self, passage: Passage) -> str:
        """Who answers for a stage: those of its lane."""
        facts = self.ground.behind.facts if self.ground.behind else {}
        asked = asked_for((), (), lanes=(passage.lane,))
        return groups_for(
            self.ground.snapshot.organisation, asked, properties=passage.properties, facts=facts
        )[0]

    def write(self, session: Session) -> None:
        """Send what begins and what stops, with the next statement or with the commit; nothing where there is nothing."""
        move = self.move
        done = [*move.completed, *(over.id for over in move.over if over.done)]
        gone = [*move.cancelled, *(over.id for over in move.over if not over.done)]
        ended = ended_as(move)
        if not (self.begun or done or gone or ended):
            return
        codes = sorted(self.stops)
        rows = [self._or_stopped(each, codes, ended) for each in self.begun]
        send(session, self.ground, rows, done=done, gone=gone, codes=codes, ended=ended, outcome=self.outcome)

    @property
    def stops(self) -> set[str]:
        """The codes whose clocks the move has stopped (`sla.stop`)."""
        return {code for over in self.move.over if over.done for code in codes_in(over.properties.get(STOP))}

    def _or_stopped(self, begun: Begun, codes: Sequence[str], ended: str) -> Begun:
        """What begins; of a process that has passed a stop, an outcome or its end in its very first move, as a stopped clock."""
        row = begun.row
        own = row["token_id"] == self.move.instance.id
        stopped = "passed" if row["code"] in codes else ""
        reason = (self.outcome or stopped if own else "") or (self.outcome or ended if ended else "")
        if not reason:
            return begun
        over = {
            "stopped_at": self.ground.at,
            "stop_reason": reason,
            "due_at": begun.due_at,
            "paused_at": None,
            "pause_reason": "",
            "revision": 1,
            "next_rung": None,
            "next_at": None,
        }
        closed = tuple(pause for pause in begun.pauses if pause["to_at"])
        return replace(begun, row={**row, **over}, pauses=closed, revisions=())


def given_back(session: Session, ground: Ground, task: Any, holder: str = "") -> None:
    """Nobody has a task (its row) any more: how long it waits for somebody is measured anew.

    holder: the group that is to take it, where that is not the row's.
    """
    if begun := waits_anew(ground, task, holder):
        send(session, ground, [begun])


def waits_anew(ground: Ground, task: Any, holder: str = "") -> Begun | None:
    """The clock of a task nobody has any more, to be sent; None where none is kept of it."""
    holder = holder or task.candidate_group
    begun = _unassigned(
        ground,
        Thing(
            TASK,
            task.id,
            task.activity_id,
            task.name,
            holder,
            _region(ground, holder),
            properties=task.properties,
        ),
        task.due_at,
        clocked=bool(task.properties.get(POLICY)),
    )
    return begun[0]


def _unassigned(
    ground: Ground, thing: Thing, due: datetime | None, *, clocked: bool
) -> tuple[Begun | None, Problem | None]:
    """The clock of a task nobody has, and what is wrong with it. Work that is due later waits for half of the time it has
    left, where that is longer than the register says. due: of the task; clocked: its own clock rings then, so that none is
    needed that would ring later.
    """
    if thing.properties.get(POLICY) == NONE or UNASSIGNED not in ground.snapshot.policies.by_code:
        return None, None
    bare = replace(thing, properties={}, fixed=None)
    begun, wrong = begin_or_say(ground, UNASSIGNED, bare, before=due if clocked else None)
    half = ground.at + (due - ground.at) / 2 if due else None
    if begun is None or half is None or begun.due_at >= half:
        return begun, wrong
    return begin_or_say(ground, UNASSIGNED, replace(bare, fixed=half))


def _region(ground: Ground, holder: str) -> str:
    return group_path(holder) or _inside(ground)


def _inside(ground: Ground) -> str:
    return ground.snapshot.organisation.answerable(ground.behind.org_path if ground.behind else "")


def ended_as(move: Move) -> str:
    """How the instance of a move has ended (`completed`, `cancelled`, `terminated`); empty while it runs."""
    status = move.instance.status
    if status not in (ACTIVE, SUSPENDED):
        return status
    return COMPLETED if move.ended else ""


def _standstill_after(
    move: Move, behind: CaseMemo | None, at: datetime
) -> tuple[Standstill | None, list[str]]:
    """What keeps the case standing still when the move is over, and the sentences about reasons nobody knows."""
    problems: list[str] = []
    over = {str(each.id) for each in move.over} | {str(each) for each in (*move.completed, *move.cancelled)}
    kept = [held for held in (behind.paused_by if behind else ()) if held.partition(":")[2] not in over]
    for token, name, properties in entered_with(move, PAUSE):
        reason = str(properties[PAUSE])
        if str(token) in over:
            continue
        if reason not in PAUSE_REASONS:
            problems.append(f"{name}: {reason!r} is no reason for which clocks stand still.")
        else:
            kept.append(f"{reason}:{token}")
    since = behind.paused_at if behind and behind.paused_at and behind.paused_by else at
    return (Standstill(since, tuple(kept)) if kept else None), problems


def entered_with(move: Move, name: str) -> list[tuple[UUID, str, Mapping[str, Any]]]:
    """What began in the move and carries a property: token, activity id, properties."""
    things: Iterable[Passage | UserActivity] = (*move.began, *move.entered)
    return [
        (each.id, each.activity_id, each.properties)
        for each in things
        if each.properties.get(name) not in (None, "")
    ]


def of_the_case(move: Move) -> bool:
    """Whether what is over in a move concerns the whole case: its clocks, its outcome or its mark."""
    return any(name in over.properties for over in move.over for name in (STOP, PAUSE, CHOOSE, OUTCOME, MARK))


def codes_in(value: Any) -> list[str]:
    """The codes a property names, each once, parted by spaces or commas."""
    return list(dict.fromkeys(str(value or "").replace(",", " ").split()))
