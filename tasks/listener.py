"""The engine's ears and eyes in this package: task rows appear and vanish with activities; facts are read
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.clock import Clock
from engine.db import Statement
from engine.ids import time_ordered
from engine.ports import InstanceRef, Move, UserActivity
from tasks.audit.recording import chain_of, record
from tasks.cases import judging
from tasks.cases.facts import EARLIER, facts_of
from tasks.cases.linking.releasing import release_at_end
from tasks.cases.linking.touching import touch_case
from tasks.cases.tables import Case, MasterCase
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.clocks.around import Limits, read_limits
from tasks.deadlines.clocks.binding import bind, with_clock_around
from tasks.deadlines.clocks.changing.choosing import choose_again
from tasks.deadlines.clocks.keeping import Timekeeping, ended_as, of_the_case
from tasks.deadlines.clocks.standing import follow
from tasks.deadlines.clocks.stood import read_stood
from tasks.deadlines.court import keeping
from tasks.deadlines.supervision.opening import note_end
from tasks.memo import CaseMemo, memo
from tasks.organisation.assigning.routing import asked_for, group_path, groups_for, people_asked_for
from tasks.organisation.office import Office
from tasks.people.tables import Person
from tasks.permissions.visibility import with_superiors
from tasks.talk.telling import tell_of_move
from tasks.user_task import ASSIGNED, CREATED, NEVER

_FILE = table(Case)

OF_CLOCKS = (
    _FILE.c.org_path,
    _FILE.c.instance_id.label("case_instance_id"),
    _FILE.c.paused_at.label("case_paused_at"),
    _FILE.c.paused_by,
    _FILE.c.stood_still,
    _FILE.c.level,
    _FILE.c.mark,
    EARLIER,
)
"""What clocks need to know of a case besides what everybody reads, and the facts it reads through."""

OF_A_NEW_CASE = (*OF_CLOCKS, sa.false().label("leads"))
"""What `remember_case` needs besides of a row that is written just now: nothing hangs below it yet."""

_CASE = sa.select(
    *(
        _FILE.c[name]
        for name in ("id", "number", "regime", "filed_at", "org_code", "province", "facts", "paths")
    ),
    *OF_CLOCKS,
    sa.exists().where(MasterCase.case_id == _FILE.c.id, MasterCase.released_at.is_(None)).label("leads"),
)
_CASES = _CASE.where(_FILE.c.number == sa.any_(sa.bindparam("numbers", type_=sa.ARRAY(sa.Text))))
_CASE = _CASE.where(_FILE.c.number == sa.bindparam("number"))

_BEGIN = """WITH finished AS (
        UPDATE user_task
        SET state = CASE WHEN id = %(done)s::uuid THEN 'completed' ELSE 'cancelled' END,
            completed_at = %(at)s,
            completed_by = CASE WHEN id = %(done)s THEN %(by)s::uuid END,
            completed_by_name = CASE WHEN id = %(done)s THEN %(by_name)s::text END,
            completed_for = CASE WHEN id = %(done)s THEN %(done_for)s::uuid END,
            answers = CASE WHEN id = %(done)s THEN %(answers)s::jsonb END,
            end_reason = CASE WHEN id IS DISTINCT FROM %(done)s THEN nullif(%(end_reason)s::text, '') END
        WHERE id = ANY(ARRAY(SELECT unnest(%(ids)s::uuid[]))) AND state IN ('created', 'assigned', 'delegated')
        RETURNING id),
    undrafted AS (DELETE FROM task_draft WHERE task_id = ANY(ARRAY(SELECT id FROM finished))),"""
_END = """
    INSERT INTO user_task SELECT * FROM jsonb_populate_recordset(NULL::user_task, %(rows)s::jsonb)"""
_STEP = Statement(_BEGIN + keeping.STEP + _END)
"""One step of a process: what was finished by somebody or cancelled with it, the tasks there are now, and who holds them.
Asked of a subquery's array, because for one of known length PostgreSQL would plan the statement anew each time."""
_JUDGING_STEP = Statement(_BEGIN + judging.STEP + keeping.STEP + _END)
"""One that judges its case anew."""


ALWAYS = frozenset({"province", "number", "regime", "filed_at", "org"})
"""What a case has besides the answers to its start form."""


def case_facts(row: Any) -> dict[str, Any]:
    """What expressions see as `case`: the start form's answers, laid over those of the case it refers to, plus number,
    regime, filed_at, org and province. The row was read with EARLIER.
    """
    return {
        "province": row.province,
        **facts_of(row),
        "number": row.number,
        "regime": row.regime,
        "filed_at": row.filed_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "org": row.org_code,
    }


def remember_case(session: Session, case_id: UUID, row: Any) -> CaseMemo:
    """Keep a case row that was read anyway (with OF_CLOCKS and `leads`), so that facts and listener need no statement of their own."""
    found = CaseMemo(
        case_id,
        case_facts(row),
        tuple(row.paths),
        row.org_path,
        row.filed_at,
        row.case_instance_id,
        row.case_paused_at,
        tuple(row.paused_by),
        read_stood(row.stood_still),
        row.leads,
        row.level,
        row.mark,
    )
    memo(session).cases[row.number] = found
    return found


def case_behind(session: Session, number: str) -> CaseMemo | None:
    """The case of a business key, from the memo or with one statement; None for a process without a case."""
    remembered = memo(session).cases
    if number not in remembered:
        row = session.execute(_CASE, {"number": number}).first()
        remembered[number] = remember_case(session, row.id, row) if row else None
    return remembered[number]


def remember_cases(session: Session, numbers: Iterable[str]) -> None:
    """Keep the cases of several business keys, read with one statement, so that `case_behind` needs none."""
    remembered = memo(session).cases
    if wanted := sorted(set(numbers) - remembered.keys()):
        remembered.update(dict.fromkeys(wanted))
        for row in session.execute(_CASES, {"numbers": wanted}):
            remember_case(session, row.id, row)


class CaseFacts:
    """engine.ports.Facts: the file behind an instance, read-only."""

    def __init__(self, office: Office) -> None:
        self._office = office

    always = ALWAYS

    def limits(self, session: Session, instance: InstanceRef) -> Limits:
        """Return the running clocks of the instance and its case, for `due` and `warn`."""
        organisation = self._office.current(session).organisation
        behind = case_behind(session, instance.business_key)
        return read_limits(session, organisation, instance.id, behind)

    def facts(self, session: Session, instance: InstanceRef) -> Mapping[str, Any]:
        """Return the facts of the case, or only the number where a process was started without one."""
        self._office.current(session)
        found = case_behind(session, instance.business_key)
        return found.facts if found else {"number": instance.business_key, "regime": instance.process_key}


class TaskListener:
    """engine.ports.Listener: one statement for the usual move, two where several tasks appear at once."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office = office
        self._clock = clock
        self._new_id = time_ordered(clock)

    def instance_moved(self, session: Session, move: Move) -> bool:
        """Write what the move did to user tasks and clocks, in the transaction that made it."""
        at = move.at or self._clock.now()
        behind, rows, holdings = None, [], []
        if move.entered or move.began or of_the_case(move):
            behind = case_behind(session, move.instance.business_key)
        case, wrong = judging.judged(move, behind)
        anew, behind = case != behind, case
        snapshot = self._office.current(session) if move.entered or move.began else self._office.latest
        limits: Limits | None = memo(session).limits.pop(move.instance.id, None)
        time = Timekeeping.of(move, snapshot, behind, at, self._new_id)
        time.problems += wrong
        if move.entered:
            wished = [(activity, _asked(activity)) for activity in move.entered]
            people = _people(session, [asked for _, asked in wished])
            rows = [self._row(time, limits, *wish, people) for wish in wished]
            ids = {login: person for login, (person, _) in people.items()}
            holdings = [
                keeping.opened(
                    row,
                    keeping.unit_of(session, self._office, row["candidate_group"], ids),
                    activity.inside,
                )
                for row, activity in zip(rows, move.entered, strict=True)
            ]
        differs = bind(time, limits)
        if anew and behind:
            memo(session).cases[move.instance.business_key] = behind
        self._write(session, move, at, rows, holdings, time.outcome, behind if anew else None)
        time.write(session)
        moved = follow(session, time)
        chosen = choose_again(session, time)
        memo(session).entered.extend(rows)
        if behind:
            touch(session, move.instance.business_key, [name for row in rows for name in _all_groups(row)])
        tell_of_move(session, self._clock, move, rows, _uuid(move.actor.id) if move.actor else None)
        note_end(session, move, at)
        if ended_as(move):
            release_at_end(session, move, case_behind(session, move.instance.business_key), at, self._new_id)
        self._note(session, move, at, rows, time)
        return differs or moved or chosen

    def _note(
        self, session: Session, move: Move, at: datetime, rows: list[dict[str, Any]], time: Timekeeping
    ) -> None:
        """Keep in the audit trail what the process did of itself, whoever or whatever moved it."""
        problems, outcome = time.problems, time.outcome
        if not (rows or move.cancelled or move.ended or problems or outcome):
            return
        instance = move.instance
        behind = case_behind(session, instance.business_key)
        record(
            session,
            move.actor or SYSTEM,
            "instance.move",
            at=at,
            chain=chain_of(instance.business_key if behind else None, instance.id),
            subject="instance",
            subject_id=instance.id,
            after={
                "status": instance.status,
                "opened": [[str(row["id"]), row["activity_id"], row["candidate_group"]] for row in rows],
                "cancelled": [str(task) for task in move.cancelled],
                **({"outcome": outcome} if outcome else {}),
                **({"clock_problems": problems} if problems else {}),
            },
        )

    def _write(
        self,
        session: Session,
        move: Move,
        at: datetime,
        rows: list[dict[str, Any]],
        holdings: list[dict[str, Any]],
        end_reason: str,
        judged: CaseMemo | None,
    ) -> None:
        """Finish and insert in one statement; more than one completion in a move can only come from the engine itself.
        judged: the case, where the move has judged it anew.
        """
        if not (rows or move.completed or move.cancelled or judged):
            return
        notes = memo(session)
        answers = notes.answers
        done: list[UUID | None] = [*move.completed] or [None]
        for index, task in enumerate(done):
            given = answers.get(task) if task else None
            first = judged if index == 0 else None
            (_JUDGING_STEP if first else _STEP).later(
                session,
                {
                    "done": task,
                    "ids": [*([task] if task else []), *(move.cancelled if index == 0 else ())],
                    "at": at,
                    "by": _uuid(move.actor.id) if move.actor else None,
                    "by_name": move.actor.name if move.actor else None,
                    "done_for": notes.completed_for.get(task) if task else None,
                    "end_reason": end_reason,
                    "answers": None if given is None else orjson.dumps(given).decode(),
                    "rows": orjson.dumps(rows if index == 0 else []).decode(),
                    "outcome": keeping.outcome_of(task in notes.refused),
                    "holdings": orjson.dumps(holdings if index == 0 else []).decode(),
                    **({"case_id": first.id, "level": first.level, "mark": first.mark} if first else {}),
                },
            )

    def _row(
        self,
        time: Timekeeping,
        limits: Limits | None,
        activity: UserActivity,
        asked: list[str],
        people: Mapping[str, tuple[UUID, str]],
    ) -> dict[str, Any]:
        ground, move = time.ground, time.move
        snapshot, behind, at = ground.snapshot, ground.behind, ground.at
        groups = groups_for(
            snapshot.organisation,
            asked,
            properties=activity.properties,
            facts=behind.facts if behind else {},
            active=people,
        )
        holder = people.get(activity.assignee or "")
        limit = time.task(activity, groups, taken=holder is not None)
        limit = with_clock_around(time, limits, activity, limit)
        said = limit.problem and {"sla.problem": limit.problem.text, "sla.problem_zh": limit.problem.zh}
        return {
            "id": activity.id,
            "instance_id": move.instance.id,
            "case_id": behind.id if behind else None,
            "business_key": move.instance.business_key,
            "process_key": move.instance.process_key,
            "deployment_id": move.instance.deployment_id,
            "activity_id": activity.activity_id,
            "name": activity.name or activity.activity_id,
            "scope": activity.scope,
            "lane": activity.lane,
            "form_key": activity.form,
            "form_id": activity.form_id,
            "candidate_group": groups[0],
            "also_groups": groups[1:] or None,
            "asked": asked,
            "routed": snapshot.revision,
            "state": ASSIGNED if holder else CREATED,
            "assignee_id": holder[0] if holder else None,
            "assignee_name": holder[1] if holder else None,
            "priority": activity.priority,
            **judging.carried(behind),
            "created_at": at,
            "claimed_at": at if holder else None,
            "due_at": limit.due_at,
            "warn_at": limit.warn_at,
            "paused_at": limit.paused_at,
            "follow_up_at": activity.follow_up_at,
            "sort_at": limit.due_at or NEVER,
            "properties": {**activity.properties, **(said or {})},
            "returned": 0,
            "owner_id": None,
            "owner_name": None,
        }


def _asked(activity: UserActivity) -> list[str]:
    return asked_for(
        activity.candidate_users,
        activity.candidate_groups,
        assignee=activity.assignee,
        lanes=(activity.lane, activity.lane_id),
    )


def _people(session: Session, wished: Iterable[Iterable[str]]) -> dict[str, tuple[UUID, str]]:
    """Those of the people asked for by name who work here, by login. No statement when nobody is."""
    logins = {login for asked in wished for login in people_asked_for(asked) if storable(login)}
    if not logins:
        return {}
    wanted = sa.select(Person.id, Person.login, Person.name).where(Person.login.in_(logins), Person.active)
    return {row.login: (row.id, row.name) for row in session.execute(wanted)}


def touch(session: Session, number: str, groups: Iterable[str]) -> None:
    """A unit that gets work of a case, or is told of it, sees the case from then on, and so do the units above it; and the
    earlier cases that it continues (`tasks.cases.linking.touching`).
    """
    behind = case_behind(session, number)
    touched = {path for name in groups if (path := group_path(name))}
    if behind is not None and (missing := with_superiors(touched) - set(behind.paths)):
        touch_case(session, behind.id, missing)
        memo(session).cases[number] = replace(behind, paths=(*behind.paths, *sorted(missing)))


def _all_groups(row: Mapping[str, Any]) -> list[str]:
    return [row["candidate_group"], *(row["also_groups"] or ())]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
