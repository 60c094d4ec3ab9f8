"""Who may hold a task: one question for everything that gives work to somebody.

Besides being offered it, nobody may do a task who has done what it is checked against (four eyes, 复核回避), and nobody a task of
a case that complains about them (被投诉人回避). A diagram says the first of a user task:

- `separateFrom`: ids of activities, parted by spaces or commas, or a FEEL list. Whoever has done one of these in the case, in
  whatever round and called part, may not do this one.
- `separateFrom.case`: `yes`: whoever has done any other task of the case may not.

Done it have whoever completed it, the delegates who worked on it, and where one of them was somebody's substitute, both. The
case says the second: the logins under `staff_complained_of` in its facts, in those of earlier cases of the same matter, and in
the answers to any of its tasks.

`user_task.barred` says by id or `@login` who it is and why. It is written by triggers (migration 0043) in the transaction that
makes it true, so that claiming, lists and the next task ask a column of the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotPermitted
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller, Cover, Somebody
from tasks.people.identity import caller_of
from tasks.people.tables import Person
from tasks.permissions.matrix import may
from tasks.user_task import OPEN, SEPARATE_FROM, SEPARATE_FROM_ALL, UserTask, groups_in

SEPARATE, CASE, STAFF = "separate", "case", "staff"
"""The rules: it is checked against what they did; it is for somebody new to the case; the case complains about them."""

_TASK = table(UserTask).c
_TEXTS = sa.ARRAY(sa.Text)

ALLOWED = sa.or_(
    _TASK.barred.is_(None),
    sa.and_(
        sa.not_(_TASK.barred.has_any(sa.bindparam("keys", type_=_TEXTS))),
        sa.or_(
            sa.not_(_TASK.barred.has_any(sa.bindparam("cover_keys", type_=_TEXTS))),
            _TASK.candidate_group == sa.any_(sa.bindparam("own_groups", type_=_TEXTS)),
            sa.func.coalesce(
                _TASK.also_groups.overlap(sa.bindparam("own_groups", type_=_TASK.also_groups.type)),
                sa.false(),
            ),
        ),
    ),
)
"""The condition on `user_task` under which whoever `allowing` tells of is not barred from a task that is offered to them. Of a task
that is offered to them only for several who are absent, all of these are asked; `bar_of` asks for one that is not barred.
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """Why somebody may not do a task. hit: who has done it or is complained about, they or one in whose place they would do it.
    activity, name: of what was done; empty for STAFF.
    """

    person: Caller
    task: str
    rule: str
    hit: Somebody
    activity: str = ""
    name: str = ""

    def sentence(self) -> tuple[str, str]:
        """The reason in Chinese and in English."""
        who, hit = self.person.name, self.hit.name
        zh, en = f"“{self.task}”不能由{who}办理：", f"{who} may not do the task {self.task}: "
        if self.hit.id != self.person.id:
            zh, en = (
                f"“{self.task}”不能由{who}代{hit}办理：",
                f"{who} may not do the task {self.task} for {hit}: ",
            )
        if self.rule == STAFF:
            return f"{zh}本案投诉的就是{hit}。", f"{en}the case complains about {hit}."
        did = f"{en}{hit} has done {self.name} ({self.activity}) in this case, "
        if self.rule == CASE:
            return (
                f"{zh}{hit}办理过本案的“{self.name}”，此项须由没有经手本案的人办理。",
                f"{did}and this one is for somebody who has done none of its tasks.",
            )
        return (
            f"{zh}{hit}办理过本案的“{self.name}”，须由他人办理。",
            f"{did}and somebody else must do this one.",
        )


def bar_of(person: Caller, task: Any) -> Bar | None:
    """Why the person may not do a task (its row, with `barred`), or None. They may not by what they did themselves; as a
    substitute not by what those did in whose place they would do it, unless one of the task's groups is their own.
    """
    barred = getattr(task, "barred", None)
    if not barred:
        return None
    hit = _hit(person, task, barred, [Somebody(person.id, person.login, person.name)])
    if hit is not None:
        return hit
    found = [_hit(person, task, barred, cover.people) for cover in person.covers_for(groups_in(task))]
    return found[0] if found and all(found) else None


def barred(caller: Caller, task: Any) -> tuple[str, str] | None:
    """The sentence, in Chinese and in English, that says why the caller may not do an open task (its row), or None."""
    found = bar_of(caller, task) if task.state in OPEN else None
    return None if found is None else found.sentence()


def refuse_barred(person: Caller, task: Any, verb: str) -> None:
    """Raises NotPermitted, naming rule, person and activity, when the person is barred from the task (its row)."""
    found = bar_of(person, task)
    if found is not None:
        raise refusal(found, task, verb)


def refuse_complained_of(caller: Caller, task: Any, verb: str) -> None:
    """Raises NotPermitted when the case of the task (its row) complains about the caller: they do not steer it either."""
    found = complained_of(caller, task)
    if found is not None:
        raise refusal(found, task, verb)


def complained_of(caller: Caller, task: Any) -> Bar | None:
    """The bar by which the case of a task (its row) complains about the caller, or None."""
    why = (task.barred or {}).get(f"@{caller.login.lower()}")
    if why is None or why["rule"] != STAFF:
        return None
    return Bar(caller, task.name, STAFF, Somebody(caller.id, caller.login, caller.name))


def refusal(bar: Bar, task: Any, verb: str) -> NotPermitted:
    """The refusal of a verb on a task (its row) because somebody is barred from it."""
    zh, en = bar.sentence()
    return NotPermitted(
        f"To {verb} the task {task.name} ({task.id}) was asked, but {en}",
        task_id=str(task.id),
        rule=bar.rule,
        person=bar.hit.login,
        message_zh=zh,
        **({"activity": bar.activity} if bar.activity else {}),
    )


def asks_others(task: Mapping[str, Any]) -> bool:
    """Whether a task, as a mapping of its columns, is checked against others."""
    return not task["properties"].keys().isdisjoint((SEPARATE_FROM, SEPARATE_FROM_ALL))


def on_behalf_of(caller: Caller, task: Any) -> Cover | None:
    """For whom the caller does a task (its row): None where one of its groups is their own."""
    covers = caller.covers_for(groups_in(task))
    barred = getattr(task, "barred", None) or {}
    return next(
        (cover for cover in covers if not _keys(cover.people) & barred.keys()), next(iter(covers), None)
    )


def allowing(caller: Caller, judged: Any = None) -> dict[str, Any]:
    """What ALLOWED is to be asked with for the caller. judged: a task row of which `bar_of` has said that they may do it."""
    covers = () if judged is not None else caller.standing.covers
    return {
        "keys": sorted(_keys([Somebody(caller.id, caller.login, caller.name)])),
        "cover_keys": sorted(_keys(person for cover in covers for person in cover.people)),
        "own_groups": sorted(caller.own_groups),
    }


def people_named(session: Session, deps: Deps, logins: Collection[str]) -> list[Caller]:
    """Those of the logins who have an active account, in the order they were named, each once. One statement, and one more
    for the seats of whoever has not called lately.
    """
    wanted = [login for login in dict.fromkeys(logins) if storable(login)]
    if not wanted:
        return []
    rows = session.execute(_PEOPLE.where(Person.active, Person.login.in_(wanted)))
    found = {row.login: row for row in rows}
    return [caller_of(session, deps, found[login]) for login in wanted if login in found]


def people_with(session: Session, deps: Deps, ids: Collection[UUID]) -> dict[UUID, Caller]:
    """Those of the ids who have an active account. Statements as for `people_named`."""
    rows = session.execute(_PEOPLE.where(Person.active, Person.id.in_(ids))).all()
    return {row.id: caller_of(session, deps, row) for row in rows}


def may_hold(person: Caller, task: Any) -> bool:
    """Whether the task (its row) is offered to one of the person's groups, and their posts let them work on it. Whether they
    are barred from it is asked of `bar_of`.
    """
    return may(person, "task.complete") and not set(groups_in(task)).isdisjoint(person.groups)


_PEOPLE = sa.select(Person.id, Person.login, Person.name, Person.kind)


def _hit(
    person: Caller, task: Any, barred: Mapping[str, Mapping[str, str]], people: Iterable[Somebody]
) -> Bar | None:
    for each in people:
        for key in _keys([each]) & barred.keys():
            why = barred[key]
            return Bar(person, task.name, why["rule"], each, why.get("activity", ""), why.get("name", ""))
    return None


def keys_of(person_id: UUID, login: str) -> set[str]:
    """By what `user_task.barred` knows a person."""
    return {str(person_id), f"@{login.lower()}"}


def _keys(people: Iterable[Somebody]) -> set[str]:
    return {key for each in people for key in keys_of(each.id, each.login)}
