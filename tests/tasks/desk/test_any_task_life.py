"""Whatever people do with tasks, in any order: who may do it does it, everybody else is refused as the rules say, and what
is written down of it agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from tasks import desk
from tasks.lists.counting import COUNTED, counts
from tasks.lists.named import task_list
from tasks.lists.next_task import next_task
from tasks.people.caller import Caller
from tests.conftest import AUDIT_KEYS, Furnishing, keep_trail, monday_morning
from tests.databases import Databases
from tests.tasks.desk import room
from tests.tasks.desk.agreement import task_agrees
from tests.tasks.desk.happenings import Happenings
from tests.tasks.desk.rules import Office
from tests.tasks.desk.steps import Step, steps_of
from tests.tasks.desk.who import Away, upwards
from tests.tasks.desk.work import CREATED, DELEGATED, DONE, FIRST, HELD, UNSEEN, Matter, Work
from tests.tasks.office import TestOffice, open_office

WHO, CLERK, WHICH = st.sampled_from(room.LOGINS), st.sampled_from(room.LOGINS[:3]), st.integers(0, 7)
FITTING = st.sampled_from([True, True, True, True, False])
"""Whether somebody does what they may do, or whatever comes."""
COLLEAGUE = st.sampled_from((*room.LOGINS[:3], *room.LOGINS))
OUTSIDE = st.sampled_from(("feng_bo", "wang_lei", room.LEAD, "li_na"))
SOME = st.lists(st.sampled_from(room.LOGINS), min_size=0, max_size=3, unique=True)
HAPPENS = ("stops", "cancel", "confide", "absence", "absence", "comes_back", "moves")
LOT: dict[str, st.SearchStrategy[Any]] = {
    "what": st.sampled_from(HAPPENS),
    "which": WHICH,
    "who": st.sampled_from((*room.LOGINS[:3], *room.LOGINS)),
    "to": OUTSIDE,
    "hours": st.integers(2, 6),
    "flag": st.booleans(),
}
OPEN_AT_ONCE = 4
LOOKED_AT_EVERY = 5
"""Steps after which somebody looks at their lists: reading them takes longer than the steps."""
OFTEN = (
    "claim", "claim", "claim", "complete", "complete", "complete", "delegate", "delegate", "delegate", "resolve", "recall", "release",
    "follow_up", "draft", "drop_draft", "prioritise", "reassign",
)  # fmt: skip
WORK: dict[str, st.SearchStrategy[Any]] = {
    "verb": st.sampled_from(OFTEN),
    "who": WHO,
    "which": WHICH,
    "fitting": FITTING,
    "to": COLLEAGUE,
    "hours": st.sampled_from([None, 0.5, 2, 5]),
    "flag": st.booleans(),
}
"""What four rules do: of the rules of a machine each life leaves out some, and most of what people do is work."""


class AnyTaskLife(Happenings, RuleBasedStateMachine):
    """One office, a few cases at once, and everybody in it."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.lent = self.databases.lend()
        sessions = self.databases.sessions(self.lent.__enter__())
        keep_trail(sessions, AUDIT_KEYS)
        self.real: TestOffice = open_office(sessions, monday_morning(), furnished=True)
        self.deps = self.real.deps
        self.rules = Office(room.people(), self.real.clock.now())
        self.steps = 0
        self.ids: dict[str, UUID] = {}
        for login in room.LOGINS:
            with self.real.acting(login) as (_, caller):
                self.ids[login] = caller.id
        self.before: dict[UUID, Any] = {}
        self.verb = ""
        self.result: Any = None
        self.instances: dict[str, UUID] = {}
        self.absences: dict[UUID, Away] = {}

    def teardown(self) -> None:
        self.lent.__exit__(None, None, None)

    @initialize(clerk=CLERK)
    def begins(self, clerk: str) -> None:
        self.file(clerk)
        self.file("li_na")

    @precondition(lambda self: self.open_matters() < OPEN_AT_ONCE)
    @rule(clerk=CLERK, against=st.sampled_from([None, None, "li_na", "feng_bo"]))
    def file(self, clerk: str, against: str | None = None) -> None:
        self.verb = "file"
        person = self.rules.people[clerk]
        if not person.active or room.CHANNEL not in person.groups:
            return
        filed = self.real.file(clerk, room.REGIME, {"staff_complained_of": against} if against else {})
        matter = Matter(filed.number, clerk, upwards(room.HOTLINE), against)
        self.rules.matters[filed.number] = matter
        self.opens(matter, FIRST, filed.tasks)
        self.instances[filed.number] = filed.instance_id

    def opens(self, matter: Matter, activity: str | None, rows: Sequence[Any]) -> None:
        assert [row["activity_id"] for row in rows] == ([activity] if activity else [])
        for row in rows:
            self.rules.opened(row["id"], matter, row["activity_id"], room.GROUP_OF[row["activity_id"]])

    def work(
        self, verb: str, who: str, which: int, fitting: bool, to: str, hours: float | None, flag: bool
    ) -> None:
        """Somebody does something with a task: what they may do, where it shall fit."""
        steps = steps_of(self.rules, self.deps, self.completed, to, hours, flag)
        tasks = sorted(self.rules.works.values(), key=lambda work: work.id, reverse=True)
        work = tasks[which % len(tasks)]
        for each in (verb, "claim", "complete") if fitting else ():
            able = [
                (login, one) for one in tasks for login in room.LOGINS
                if self.rules.people[login].active and not steps[each].may(login, one)
                and (each != "claim" or one.state == CREATED) and (each != "drop_draft" or login in one.drafts)
            ]  # fmt: skip
            if able:
                verb, (who, work) = each, able[(which * 7 + len(who)) % len(able)]
                break
        step, self.verb = steps[verb], verb
        verdict = step.may(who, work)
        self.result = self.does(who, verdict, lambda session, caller: step.do(session, caller, work))
        if not verdict:
            step.then(who, work)

    @rule(**WORK)
    def works(self, **chosen: Any) -> None:
        self.work(**chosen)

    @rule(**WORK)
    def works_on(self, **chosen: Any) -> None:
        self.work(**chosen)

    @rule(**WORK)
    def goes_on(self, **chosen: Any) -> None:
        self.work(**chosen)

    @rule(**WORK)
    def goes_further(self, **chosen: Any) -> None:
        self.work(**chosen)

    def completed(self, who: str, work: Work) -> None:
        following = self.rules.complete(who, work)
        with self.deps.sessions() as session:
            rows = room.written(session).tasks
        fresh = [row._mapping for key, row in rows.items() if key not in self.rules.works]
        assert [row["id"] for row in fresh] == [entered.id for entered in self.result.move.entered]
        self.opens(work.matter, following, fresh)
        opened = [self.rules.works[row["id"]] for row in fresh]
        fit = [one.id for one in opened if self.rules.may_hold(who, one) and not self.rules.barred(who, one)]
        assert [row["id"] for row in self.result.next] == fit

    @rule(who=WHO)
    def next(self, who: str) -> None:
        self.verb = "claim"
        expected = self.rules.next_for(who)
        verdict = DONE if self.rules.people[who].active else UNSEEN
        given = self.does(who, verdict, lambda session, caller: next_task(session, self.deps, caller))
        assert (given and given.id) == (expected and expected.id)
        if expected is not None:
            self.rules.claim(who, expected)

    # ---- what a lead does

    @rule(lead=st.sampled_from([room.LEAD, room.LEAD, "lin_hai"]), to=SOME, whose=st.none() | WHO)
    def reassign_many(self, lead: str, to: list[str], whose: str | None) -> None:
        """Everything there is, or somebody's whole desk."""
        self.verb = "reassign"
        works = list(self.rules.works.values()) if whose is None else self.rules.desk_of(whose, lead)
        chosen: dict[str, Any] = {"ids": [work.id for work in works]} if whose is None else {"held_by": whose}
        answers = self.does(
            lead,
            DONE,
            lambda session, caller: desk.reassign_many(
                session, self.deps, caller, **chosen, to=to, reason="李楠今天外出"
            ),
        )
        expected = self.rules.reassign(lead, works, to)
        told = {each.task_id: type(each.refused).__name__ if each.refused else DONE for each in answers}
        assert list(told.items()) == list(expected.items())

    @rule(**LOT)
    def happens(self, **chosen: Any) -> None:
        self.befalls(**chosen)

    @rule(**LOT)
    def happens_too(self, **chosen: Any) -> None:
        self.befalls(**chosen)

    @rule(**LOT)
    def happens_then(self, **chosen: Any) -> None:
        self.befalls(**chosen)

    def befalls(self, what: str, which: int, who: str, to: str, hours: int, flag: bool) -> None:
        """Something befalls a case, or somebody comes or goes."""
        if what == "stops":
            self.stops(which)
        elif what == "cancel":
            self.cancel(which, withdrawn=flag)
        elif what == "confide":
            self.confide(which)
        elif what == "absence":
            self.absence(who, to, int(which > 5), hours, approvals=flag)
        elif what == "comes_back":
            self.comes_back(which)
        else:
            self.moves(which, for_good=flag)

    @rule(minutes=st.sampled_from([1, 10, 45, 90, 180]))
    def time_passes(self, minutes: int) -> None:
        self.verb = "time"
        self.rules.now += timedelta(minutes=minutes)
        self.real.clock.advance(timedelta(minutes=minutes))

    @rule()
    def jobs_run(self) -> None:
        self.verb = "settle"
        self.real.settle()
        self.rules.settle(SYSTEM.name)

    # ---- what has to be so after every step

    @invariant()
    def all_that_is_written_agrees(self) -> None:
        with self.deps.sessions() as session:
            now = room.written(session)
        assert now.tasks.keys() == self.rules.works.keys()
        for key, work in self.rules.works.items():
            task_agrees(now, work, self.ids, verb=self.verb, was=self.before.get(key))
        self.before = now.tasks

    @invariant()
    def who_may_not_is_refused(self) -> None:
        """Every other step somebody tries whatever they may not do with a task, rather with one that is delegated or held."""
        works = list(self.rules.works.values())
        if self.steps % 2 or not works:
            return
        turn = self.steps // 2
        wanted = [work for work in works if work.state == DELEGATED] or [
            work for work in works if work.state in HELD
        ]
        tried = (
            (wanted if turn % 3 and wanted else None)
            or [work for work in works if work.state == CREATED]
            or works
        )
        work = tried[turn % len(tried)]
        near = [login for login in room.LOGINS if self.rules.offered(login, work)]
        around = [*near, room.LEAD] if turn % 4 else room.LOGINS
        login, to = (
            around[turn // 2 % len(around)],
            (near or room.LOGINS)[turn // 3 % len(near or room.LOGINS)],
        )
        for verb, step in steps_of(self.rules, self.deps, self.completed, to, 2, bool(turn % 2)).items():
            if verdict := step.may(login, work):
                self.verb = verb
                self.does(login, verdict, partial(self.tries, step, work))

    @staticmethod
    def tries(step: Step, work: Work, session: Session, caller: Caller) -> None:
        step.do(session, caller, work)

    @invariant()
    def lists_show_it(self) -> None:
        """Every few steps one person after the other: what lists show, page by page, is what there is, and is counted."""
        self.steps += 1
        login = room.LOGINS[self.steps // LOOKED_AT_EVERY % len(room.LOGINS)]
        if self.steps % LOOKED_AT_EVERY or not self.rules.people[login].active:
            return
        with self.real.acting(login) as (session, caller):
            counted = counts(session, self.deps, caller)
            for name in room.LISTS:
                expected = self.rules.listed(login, name)
                if expected is None:
                    assert counted.team is None
                    continue
                found, cursor = [], None
                while True:
                    page = task_list(session, self.deps, caller, name, limit=3, cursor=cursor)
                    found += [row.id for row in page.items]
                    cursor = page.next_cursor
                    if cursor is None:
                        break
                assert found == expected, (login, name)
                if name in COUNTED:
                    assert getattr(counted, name) == len(expected), (login, name)


@pytest.fixture
def lender(databases: Databases, furnishing: Furnishing) -> Databases:
    return furnishing("answering", room.furnish)


def test_no_order_of_steps_leads_to_an_illegal_state(lender: Databases) -> None:
    """A dozen lives; twenty times as many with `--hypothesis-profile=long`."""
    machine = type("AnyTaskLife", (AnyTaskLife,), {"databases": lender})
    lives = settings.get_profile(settings.get_current_profile_name()).max_examples // 8
    run(machine, settings=settings(max_examples=lives, stateful_step_count=50))
