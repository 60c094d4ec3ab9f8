"""What befalls cases, and who comes and goes: done for real, and told to the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import event
from sqlalchemy.orm import Session

from engine.errors import RedressError
from tasks.cases.confiding import confide_case
from tasks.deps import Deps
from tasks.people.absence import entering
from tasks.people.caller import Caller
from tasks.processes import steering
from tests.tasks.desk import room
from tests.tasks.desk.rules import Office
from tests.tasks.desk.who import Away, Place
from tests.tasks.desk.work import DONE, HELD, WRONG_STATE, Matter
from tests.tasks.office import TestOffice

Act = Callable[[Session, Caller], Any]


class Happenings:
    """The office for real, and the rules beside it. What cannot be just then does not happen."""

    real: TestOffice
    deps: Deps
    rules: Office
    verb: str
    instances: dict[str, UUID]
    absences: dict[UUID, Away]

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

    def stops(self, which: int) -> None:
        """A case is suspended, or goes on."""
        matter = self.an_open_matter(which)
        if matter is None:
            return
        going = matter.status == "active"
        self.verb = "suspend" if going else "resume"
        for again in (False, True):  # what it is already it cannot become
            steer = steering.suspend_instance if going else steering.resume_instance
            self.does(
                room.LEAD,
                WRONG_STATE if again else DONE,
                lambda session, caller, steer=steer: steer(
                    session, self.deps, caller, self.instances[matter.number], reason="等客户"
                ),
            )
        matter.status = "suspended" if going else "active"

    def cancel(self, which: int, withdrawn: bool) -> None:
        self.verb = "cancel"
        matter = self.an_open_matter(which)
        if self.open_matters() < 2 or matter is None or (withdrawn and matter.status != "active"):
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

    def confide(self, which: int) -> None:
        self.verb = "confide"
        matters = list(self.rules.matters.values())
        matter = matters[which % len(matters)]
        confidential = not matter.confidential
        self.does(
            room.LEAD,
            DONE,
            lambda session, caller: confide_case(
                session, self.deps, caller, matter.number, confidential=confidential, reason="涉及员工"
            ),
        )
        matter.confidential = confidential

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

    def comes_back(self, which: int) -> None:
        """An absence that is not over is called off."""
        self.verb = "absence"
        found = [(key, away) for key, away in self.absences.items() if away.end > self.rules.now]
        if not found:
            return
        key, away = found[which % len(found)]
        if not self.rules.people[away.person].active:
            return
        if not self.rules.people[away.person].places[0].path.startswith("/hq/henan/"):
            return
        self.does(room.LEAD, DONE, lambda session, caller: entering.cancel(session, self.deps, caller, key))
        away.end = self.rules.now
        away.begin = min(away.begin, away.end)

    def moves(self, which: int, *, for_good: bool) -> None:
        """Somebody goes to another province or leaves for good, rather one who has work; who has gone comes back."""
        self.verb = "move"
        busy = [
            login for login in room.MOVERS
            if any(login in (work.holder, work.owner) for work in self.rules.works.values() if work.state in HELD)
        ]  # fmt: skip
        person = self.rules.people[(busy or room.MOVERS)[which % len(busy or room.MOVERS)]]
        abroad = Place(room.ABROAD, frozenset({f"provincial_centre@{room.ABROAD}"}))
        home = Place(room.HOTLINE, frozenset({room.CHANNEL}))
        away = not person.active or person.places != (home,)
        person.places, person.active = (home if away or for_good else abroad,), away or not for_good
        room.seated(self.real, person)

    def open_matters(self) -> int:
        return sum(matter.status in ("active", "suspended") for matter in self.rules.matters.values())

    def an_open_matter(self, which: int) -> Matter | None:
        found = [each for each in self.rules.matters.values() if each.status in ("active", "suspended")]
        return found[which % len(found)] if found else None
