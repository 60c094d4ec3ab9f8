"""Whatever people do with tasks, in any order: who may do it does it, everybody else is refused as the rules say, and what
is written down of it agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.errors import RedressError
from tasks import desk
from tasks.cases.confiding import confide_case
from tasks.lists.counting import COUNTED, counts
from tasks.lists.named import task_list
from tasks.lists.next_task import next_task
from tasks.people.absence import entering
from tasks.people.caller import Caller
from tasks.processes import steering
from tests.conftest import AUDIT_KEYS, Furnishing, keep_trail, monday_morning
from tests.databases import Databases
from tests.tasks.desk import room
from tests.tasks.desk.agreement import task_agrees
from tests.tasks.desk.rules import Office
from tests.tasks.desk.steps import steps_of
from tests.tasks.desk.who import Away, Place, upwards
from tests.tasks.desk.work import CREATED, DONE, FIRST, UNSEEN, WRONG_STATE, Matter, Work
from tests.tasks.office import TestOffice, open_office

WHO, CLERK, WHICH = st.sampled_from(room.LOGINS), st.sampled_from(room.LOGINS[:3]), st.integers(0, 7)
FITS, NEAR, ANY = "fits", "near", "any"
HOW = st.sampled_from([FITS, FITS, FITS, NEAR, ANY])
"""Whether somebody does what they may do, somebody to whom a task is offered does something with it, or whatever comes."""
SOME = st.lists(st.sampled_from(room.LOGINS), min_size=0, max_size=3, unique=True)
OPEN_AT_ONCE = 4
LOOKED_AT_EVERY = 5
"""Steps after which somebody looks at their lists: reading them takes longer than the steps."""
OFTEN = (
    "claim", "claim", "claim", "complete", "complete", "complete", "delegate", "delegate", "resolve", "recall", "release",
    "follow_up", "draft", "drop_draft", "prioritise", "reassign",
)  # fmt: skip
WORK: dict[str, st.SearchStrategy[Any]] = {
    "verb": st.sampled_from(OFTEN),
    "who": WHO,
    "which": WHICH,
    "how": HOW,
    "to": WHO,
    "hours": st.sampled_from([None, 0.5, 2, 5]),
    "flag": st.booleans(),
}
"""What four rules do: of the rules of a machine each life leaves out some, and most of what people do is work."""
Act = Callable[[Session, Caller], Any]


class AnyTaskLife(RuleBasedStateMachine):
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

    # ---- doing something

    def does(self, login: str, verdict: str, act: Act) -> Any:
        """Somebody does something, and it ends as the rules say: `verdict`."""
        said, result = DONE, None
        try:
            with self.real.acting(login) as (session, caller):
                result = act(session, caller)
        except RedressError as error:
            said = type(error).__name__
        event(f"{self.verb}: {said or 'done'}")
        assert said == verdict, f"{login} {self.verb}: {said or 'done'} instead of {verdict or 'done'}"
        return result

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
        self, verb: str, who: str, which: int, how: str, to: str, hours: float | None, flag: bool
    ) -> None:
        """Somebody does something with a task: what they may do, where it shall fit."""
        steps = steps_of(self.rules, self.deps, self.completed, to, hours, flag)
        tasks = sorted(self.rules.works.values(), key=lambda work: work.id, reverse=True)
        work = tasks[which % len(tasks)]
        if how == NEAR:
            near = [login for login in room.LOGINS if self.rules.offered(login, work)]
            who = near[len(who) % len(near)] if near else who
        for each in (verb, "claim", "complete") if how == FITS else ():
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

    @precondition(lambda self: self.open_matters())
    @rule(which=WHICH, how=st.sampled_from(["suspend", "resume", "resume"]))
    def suspend(self, which: int, how: str) -> None:
        self.verb = how
        matter = self.an_open_matter(which)
        fits = (matter.status == "active") == (how == "suspend")
        steer = steering.suspend_instance if how == "suspend" else steering.resume_instance
        self.does(
            room.LEAD,
            DONE if fits else WRONG_STATE,
            lambda session, caller: steer(
                session, self.deps, caller, self.instances[matter.number], reason="等客户"
            ),
        )
        if fits:
            matter.status = "suspended" if how == "suspend" else "active"

    @precondition(lambda self: self.open_matters() > 1)
    @rule(which=WHICH, withdrawn=st.booleans())
    def cancel(self, which: int, withdrawn: bool) -> None:
        self.verb = "cancel"
        matter = self.an_open_matter(which)
        if withdrawn and matter.status != "active":
            return
        if withdrawn:
            self.does(
                room.LEAD,
                DONE,
                lambda session, caller: steering.send_message(
                    session, self.deps, caller, matter.number, "withdraw", None
                ),
            )
        else:
            self.does(
                room.LEAD,
                DONE,
                lambda session, caller: steering.cancel_instance(
                    session, self.deps, caller, self.instances[matter.number], reason="重复立案"
                ),
            )
        self.rules.cancelled(matter, "cancelled")

    @rule(which=WHICH, confidential=st.booleans())
    def confide(self, which: int, confidential: bool) -> None:
        self.verb = "confide"
        matters = list(self.rules.matters.values())
        matter = matters[which % len(matters)]
        self.does(
            room.LEAD,
            DONE,
            lambda session, caller: confide_case(
                session, self.deps, caller, matter.number, confidential=confidential, reason="涉及员工"
            ),
        )
        matter.confidential = confidential

    # ---- who comes and goes

    @rule(
        person=WHO, substitute=WHO, soon=st.integers(0, 1), hours=st.integers(1, 5), approvals=st.booleans()
    )
    def absence(self, person: str, substitute: str, soon: int, hours: int, approvals: bool) -> None:
        """Somebody of Henan will be away, and somebody of Henan does their work; what cannot be is refused elsewhere."""
        self.verb = "absence"
        begin = self.rules.now + timedelta(hours=soon)
        away = Away(
            person, substitute, begin, begin + timedelta(hours=hours), approvals and person == room.LEAD
        )
        both = [self.rules.people[each] for each in (person, substitute)]
        inside = all(each.active and each.places[0].path.startswith("/hq/henan/") for each in both)
        if person == substitute or not inside or self.entangled(away):
            return
        row = self.does(
            room.LEAD,
            DONE,
            lambda session, caller: entering.enter(
                session,
                self.deps,
                caller,
                {
                    "person": person,
                    "substitute": substitute,
                    "from": away.begin,
                    "until": away.end,
                    "approvals": away.approvals,
                },
            ),
        )
        self.absences[row.id] = away
        self.rules.away.append(away)

    def entangled(self, away: Away) -> bool:
        """Whether it overlaps another of the same person, or its substitutes might come back to them."""
        others = [each for each in self.rules.away if each.end > self.rules.now]
        chain, reached = [away.substitute], {away.substitute}
        while chain:
            login = chain.pop()
            for each in others:
                if each.person == login and each.substitute not in reached:
                    reached.add(each.substitute)
                    chain.append(each.substitute)
        return away.person in reached or any(each.person == away.person for each in others)

    @precondition(lambda self: any(away.end > self.rules.now for away in self.rules.away))
    @rule(which=WHICH)
    def comes_back(self, which: int) -> None:
        """An absence that is not over is called off."""
        self.verb = "absence"
        found = [(key, away) for key, away in self.absences.items() if away.end > self.rules.now]
        key, away = found[which % len(found)]
        if not self.rules.people[away.person].active:
            return
        if not self.rules.people[away.person].places[0].path.startswith("/hq/henan/"):
            return
        self.does(room.LEAD, DONE, lambda session, caller: entering.cancel(session, self.deps, caller, key))
        away.end = self.rules.now
        away.begin = min(away.begin, away.end)

    @rule(login=st.sampled_from(room.MOVERS), how=st.sampled_from(["abroad", "back", "back", "gone"]))
    def moves(self, login: str, how: str) -> None:
        self.verb = "move"
        person = self.rules.people[login]
        abroad = Place(room.ABROAD, frozenset({f"provincial_centre@{room.ABROAD}"}))
        home = Place(room.HOTLINE, frozenset({room.CHANNEL}))
        was = (person.places, person.active)
        person.places, person.active = (abroad if how == "abroad" else home,), how != "gone"
        if was != (person.places, person.active):
            room.seated(self.real, person)

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

    def open_matters(self) -> int:
        return sum(matter.status in ("active", "suspended") for matter in self.rules.matters.values())

    def an_open_matter(self, which: int) -> Matter:
        found = [each for each in self.rules.matters.values() if each.status in ("active", "suspended")]
        return found[which % len(found)]

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
