"""The rules of a task's life, told once more in plain Python: who may do what, and what is so afterwards.

It knows neither the database nor the code it is held against. A verdict is the name of the error somebody is refused with;
empty: it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tests.tasks.desk.who import Cover, People, Person, upwards
from tests.tasks.desk.work import (
    APART,
    ASSIGNED,
    CANCELLED,
    COMPLETED,
    CREATED,
    DELEGATED,
    DONE,
    FOLLOWS,
    HELD,
    INVALID,
    LIMIT,
    NOT_PERMITTED,
    OPEN,
    UNSEEN,
    WAITS,
    WRONG_STATE,
    Line,
    Matter,
    Work,
)


class Office(People):
    """Everybody, everything there is to do, and the verbs."""

    def __init__(self, people: Iterable[Person], now: datetime) -> None:
        super().__init__(people, now)
        self.matters: dict[str, Matter] = {}
        self.works: dict[UUID, Work] = {}

    def covers_for(self, login: str, work: Work) -> list[Cover]:
        """For whom somebody can do a task: nobody where it is offered to them themselves."""
        if work.group in self.people[login].groups:
            return []
        return [cover for cover in self.covers(login) if work.group in cover.gained]

    def on_behalf_of(self, login: str, work: Work) -> str | None:
        """Whom somebody stands in for with a task that is offered to them only by that: rather one who may do it."""
        covers = self.covers_for(login, work)
        fit = [cover for cover in covers if not cover.people & self.apart_from(work)]
        return (fit or covers)[0].absent if covers else None

    # ---- who may not

    def apart_from(self, work: Work) -> set[str]:
        """Who has done what the task is checked against, and whom its case complains about."""
        found = {work.matter.complained_of} - {None}
        for other in self.works.values():
            if other.matter is work.matter and other.activity in APART[work.activity]:
                found |= other.doers
        return found

    def barred(self, login: str, work: Work) -> bool:
        """Whether somebody may not do a task: for what they did, or each in whose place they would do it."""
        apart = self.apart_from(work)
        if login in apart:
            return True
        covers = self.covers_for(login, work)
        return bool(covers) and all(cover.people & apart for cover in covers)

    def told_as(self, login: str, work: Work) -> str:
        absent, name = self.on_behalf_of(login, work), self.people[login].name
        return name if absent is None else f"{name}（代{self.people[absent].name}）"

    # ---- what somebody is to a task

    def offered(self, login: str, work: Work) -> bool:
        return work.group in self.groups(login)

    def may_hold(self, login: str | None, work: Work) -> bool:
        return (
            login is not None
            and login in self.people
            and self.people[login].active
            and self.offered(login, work)
        )

    def holds(self, login: str, work: Work) -> bool:
        return work.holder == login and work.state in HELD and self.offered(login, work)

    def has_work(self, login: str, work: Work) -> bool:
        free = work.state == CREATED
        held = work.state in HELD and login in (work.holder, work.owner)
        return (free or held) and self.offered(login, work)

    def leads(self, login: str, work: Work) -> bool:
        where = work.group.partition("@")[2]
        return any(place.leads and where.startswith(place.path) for place in self.places(login))

    def sees_case(self, login: str, matter: Matter) -> bool:
        places = self.places(login)
        if not any(place.path in matter.paths for place in places):
            return False
        if not matter.confidential or matter.filed_by == login:
            return True
        tasks = [work for work in self.works.values() if work.matter is matter]
        if any(work.completed_by == login or self.has_work(login, work) for work in tasks):
            return True
        return any(place.leads and place.path in matter.paths for place in places)

    def sees(self, login: str, work: Work) -> bool:
        if not self.people[login].active:
            return False
        if self.has_work(login, work) or self.sees_case(login, work.matter):
            return True
        if not self.offered(login, work):
            return False
        return not work.matter.confidential or work.completed_by == login

    # ---- who may do what

    def _in_hand(self, login: str, work: Work, states: Sequence[str]) -> str:
        if not self.sees(login, work):
            return UNSEEN
        if work.state not in states or work.holder != login:
            return WRONG_STATE
        return DONE if self.offered(login, work) else NOT_PERMITTED

    def claim_verdict(self, login: str, work: Work) -> str:
        if not self.sees(login, work):
            return UNSEEN
        if self.holds(login, work) and work.state == ASSIGNED:
            return DONE
        if work.state != CREATED:
            return WRONG_STATE
        fit = self.offered(login, work) and not self.barred(login, work)
        return DONE if fit else NOT_PERMITTED

    def release_verdict(self, login: str, work: Work) -> str:
        return self._in_hand(login, work, (ASSIGNED,))

    def _doing(self, login: str, work: Work, states: Sequence[str]) -> str:
        """What somebody who has it in hand may do only if they may do the task."""
        verdict = self._in_hand(login, work, states)
        return verdict or (NOT_PERMITTED if self.barred(login, work) else DONE)

    def complete_verdict(self, login: str, work: Work) -> str:
        verdict = self._doing(login, work, (ASSIGNED,))
        return verdict or (DONE if work.matter.status == "active" else WRONG_STATE)

    def follow_up_verdict(self, login: str, work: Work) -> str:
        return self._doing(login, work, HELD)

    draft_verdict = follow_up_verdict

    def resolve_verdict(self, login: str, work: Work) -> str:
        verdict = self._doing(login, work, (DELEGATED,))
        if verdict or work.owner is None or not self.people[work.owner].active:
            return verdict
        return NOT_PERMITTED if self.barred(work.owner, work) else DONE

    def recall_verdict(self, login: str, work: Work) -> str:
        if not self.sees(login, work):
            return UNSEEN
        if work.state != DELEGATED or work.owner != login:
            return WRONG_STATE
        fit = self.offered(login, work) and not self.barred(login, work)
        return DONE if fit else NOT_PERMITTED

    def delegate_verdict(self, login: str, work: Work, to: str) -> str:
        if verdict := self._in_hand(login, work, (ASSIGNED,)):
            return verdict
        if to == login or not self.may_hold(to, work):
            return INVALID
        return NOT_PERMITTED if self.barred(login, work) or self.barred(to, work) else DONE

    def _led(self, login: str, work: Work) -> str:
        """What a lead's verb says before it looks at the state; `who leads nobody` has no such verb at all."""
        if not self.people[login].active:
            return UNSEEN
        if not any(place.leads for place in self.places(login)):
            return NOT_PERMITTED
        if not self.sees(login, work):
            return UNSEEN
        steers = self.leads(login, work) and work.matter.complained_of != login
        return DONE if steers else NOT_PERMITTED

    def reassign_verdict(self, login: str, work: Work, to: Sequence[str]) -> str:
        if verdict := self._led(login, work):
            return verdict
        if work.state not in OPEN or (work.state == CREATED and not to):
            return WRONG_STATE
        fit = [each for each in to if self.may_hold(each, work)]
        if to and not fit:
            return INVALID
        return NOT_PERMITTED if to and all(self.barred(each, work) for each in fit) else DONE

    def prioritise_verdict(self, login: str, work: Work) -> str:
        return self._led(login, work) or (DONE if work.state in OPEN else WRONG_STATE)

    # ---- what is so afterwards

    def _note(self, login: str, work: Work, verb: str, before: str, *, as_lead: bool = False) -> None:
        by = self.people[login].name if as_lead else self.told_as(login, work)
        work.trail.append(Line(f"task.{verb}", before, work.state, by))

    def _take(self, work: Work, login: str | None) -> None:
        was = work.state
        work.holder, work.owner, work.note, work.follow_up = login, None, None, None
        work.state = ASSIGNED if login else CREATED
        work.claimed_at = self.now if login else None
        if login:
            work.waits = False
        elif was != CREATED:
            work.waits = self._waits(work)

    def _waits(self, work: Work) -> bool:
        return work.due is None or self.now + WAITS < work.due

    def opened(self, identity: UUID, matter: Matter, activity: str, group: str) -> Work:
        work = Work(identity, matter, activity, group, self.now)
        work.waits = True
        matter.paths |= upwards(group.partition("@")[2])
        self.works[identity] = work
        return work

    def claim(self, login: str, work: Work) -> None:
        if work.state == ASSIGNED:
            return
        kept = work.follow_up  # what the diagram puts off stays put off
        self._take(work, login)
        work.follow_up = kept
        self._note(login, work, "claim", CREATED)

    def release(self, login: str, work: Work, *, returning: bool) -> None:
        self._take(work, None)
        if returning:
            work.returned += 1
            work.returners.add(login)
        self._note(login, work, "release", ASSIGNED)

    def delegate(self, login: str, work: Work, to: str, note: str) -> None:
        by = self.told_as(login, work)
        work.state, work.owner, work.holder, work.note, work.follow_up = DELEGATED, login, to, note, None
        work.trail.append(Line("task.delegate", ASSIGNED, DELEGATED, by))

    def _back(self, login: str, work: Work, verb: str, note: str | None) -> None:
        work.state, work.holder, work.owner, work.note, work.follow_up = (
            ASSIGNED, work.owner, None, note, None,
        )  # fmt: skip
        self._note(login, work, verb, DELEGATED)

    def resolve(self, login: str, work: Work, note: str) -> None:
        work.helpers |= {login, self.on_behalf_of(login, work) or login}
        if work.drafts.pop(login, None) is not None and work.owner:
            work.drafts[work.owner] = work.drafts.get(work.owner, 0) + 1
        self._back(login, work, "resolve", note)

    def recall(self, login: str, work: Work) -> None:
        self._back(login, work, "recall", None)

    def complete(self, login: str, work: Work) -> str | None:
        """Completes it; returns the activity that follows, if one does."""
        self._note(login, work, "complete", ASSIGNED)
        work.trail[-1] = Line("task.complete", ASSIGNED, COMPLETED, work.trail[-1].by)
        work.state, work.completed_by, work.completed_at, work.waits = COMPLETED, login, self.now, False
        work.doers = {login, self.on_behalf_of(login, work) or login, *work.helpers}
        work.drafts.clear()
        following = FOLLOWS[work.activity]
        if following is None:
            work.matter.status = "completed"
        return following

    def follow(self, login: str, work: Work, at: datetime | None) -> None:
        work.follow_up = at
        self._note(login, work, "follow_up", work.state)

    def draft(self, login: str, work: Work) -> None:
        work.drafts[login] = work.drafts.get(login, 0) + 1
        if work.drafts[login] == 1:
            self._note(login, work, "draft", work.state)

    def drop_draft(self, login: str, work: Work) -> None:
        if work.drafts.pop(login, None) is not None:
            self._note(login, work, "draft", work.state)

    def prioritise(self, login: str, work: Work, priority: int) -> None:
        if work.priority != priority:
            work.priority, work.priority_by = priority, login
            self._note(login, work, "prioritise", work.state, as_lead=True)

    def reassign(self, login: str, works: Sequence[Work], to: Sequence[str]) -> dict[UUID, str]:
        """Each for itself, to whoever of `to` may hold it and has been given least so far."""
        given: Counter[str] = Counter()
        verdicts, changed = {}, []
        for work in works:
            verdict = verdicts[work.id] = self.reassign_verdict(login, work, to)
            if verdict:
                continue
            fit = [each for each in to if self.may_hold(each, work) and not self.barred(each, work)]
            chosen = min(fit, key=lambda each: given[each]) if fit else None
            if chosen:
                given[chosen] += 1
            if chosen is None or work.holder != chosen or work.state == DELEGATED:
                changed.append((work, chosen))
        for work, chosen in changed:
            before = work.state
            self._take(work, chosen)
            self._note(login, work, "reassign", before, as_lead=True)
        return verdicts

    def desk_of(self, login: str, seen_by: str) -> list[Work]:
        """All that somebody holds or waits for, as far as another sees it, the most urgent first."""
        found = [
            work for work in self.works.values()
            if work.state in HELD and login in (work.holder, work.owner) and self.sees(seen_by, work)
        ]  # fmt: skip
        return self.in_order(found)

    def next_for(self, login: str) -> Work | None:
        """What somebody is given who asks for the next task: rather too little than what one they cover may not do."""
        covered = {each for cover in self.covers(login) for each in cover.people}

        def apart(work: Work) -> bool:
            lent = work.group not in self.people[login].groups
            return bool(self.apart_from(work) & {login, *(covered if lent else ())})

        fit = [
            work for work in self.works.values()
            if work.state == CREATED and self.may_hold(login, work) and not work.asleep(self.now)
            and login not in work.returners and not apart(work)
        ]  # fmt: skip
        return min(fit, key=lambda work: (work.rank, work.id), default=None)

    def cancelled(self, matter: Matter, status: str) -> None:
        matter.status = status
        for work in self.works.values():
            if work.matter is matter and work.state in OPEN:
                work.state, work.waits = CANCELLED, False
                work.drafts.clear()

    def settle(self, by: str) -> None:
        """Nobody keeps what they do not answer: of two hands the other has it, of none the queue."""
        for work in self.works.values():
            if work.state not in HELD:
                continue
            left = [login for login in (work.holder, work.owner) if login and self.may_hold(login, work)]
            hands = [login for login in (work.holder, work.owner) if login]
            if left == hands:
                continue
            if left:
                kept = work.note if left[0] == work.holder else None
                work.state, work.holder, work.owner, work.note, work.follow_up = (
                    ASSIGNED, left[0], None, kept, None,
                )  # fmt: skip
            else:
                self._take(work, None)
            work.trail.append(Line("task.reroute", "", "", by))

    # ---- the lists

    def in_order(self, works: Iterable[Work]) -> list[Work]:
        return sorted(works, key=lambda work: (work.due is None, work.due or self.now, work.id))

    def listed(self, login: str, name: str) -> list[UUID] | None:
        """What a list shows somebody, in its order; None for who has no such list."""
        works, now = self.works.values(), self.now
        mine = [work for work in works if self.holds(login, work)]
        queue = [work for work in works if work.state == CREATED and self.offered(login, work)]
        due = [work for work in (*mine, *queue) if work.due]
        if name == "archive":
            done = [work for work in works if work.completed_by == login and self.sees(login, work)]
            return [
                work.id for work in sorted(done, key=lambda work: (work.completed_at, work.id), reverse=True)
            ]
        if name == "team":
            if not any(place.leads for place in self.places(login)):
                return None
            found = [work for work in works if work.state in OPEN and self.leads(login, work)]
        elif name == "delegated":
            found = [work for work in works if work.state == DELEGATED and work.owner == login]
            found = [work for work in found if self.offered(login, work)]
        else:
            found = {
                "inbox": [work for work in mine if not work.asleep(now)],
                "asleep": [work for work in mine if work.asleep(now)],
                "queue": queue,
                "overdue": [work for work in due if work.due and work.due < now],
                "warned": [work for work in due if work.due and work.due - LIMIT / 2 <= now <= work.due],
            }[name]
        return [work.id for work in self.in_order(found)]
