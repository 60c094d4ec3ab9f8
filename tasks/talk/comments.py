"""Comments: what people write to each other on a case or one of its tasks.

A comment is never changed and never deleted: what was wrong is corrected by another comment. What was said with a step on a
task (`tasks.talk.steps`) stands among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, WrongState
from tasks.audit.recording import chain_of, record
from tasks.cases.reading import read_case
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.seeing import read_task
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.people.identity import caller_of
from tasks.people.tables import Person
from tasks.permissions.matrix import may, require
from tasks.permissions.visibility import task_visible_to, visible_to
from tasks.talk.causes import COMMENT, MENTION
from tasks.talk.tables import Comment
from tasks.talk.telling import tell
from tasks.user_task import HELD, OPEN, UserTask

LONGEST = 5_000
MOST_MENTIONS = 20
"""So many people hear of one comment by their names; who is named after them does not."""

NAMED = re.compile(r"(?<![A-Za-z0-9_@.\-])@([A-Za-z0-9](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_])?)")
"""`@login` in a text. It looks the same whoever is meant, and whether there is such a person at all."""

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_STEERING = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)
"""What steers a terminal or the direction of reading instead of being read; a tab and a new line are neither."""

_COMMENT, _TASK, _CASE = table(Comment), table(UserTask), table(Case)


@dataclass(frozen=True, slots=True)
class _About:
    """What a comment is about: a case, one of its tasks, or a task without a case; and who holds the work."""

    case: Any
    task: Any
    holders: frozenset[UUID]

    @property
    def number(self) -> str | None:
        return self.case.number if self.case is not None else None

    @property
    def instance_id(self) -> UUID:
        found: UUID = (self.task if self.task is not None else self.case).instance_id
        return found


def comment_case(
    session: Session, deps: Deps, caller: Caller, number: str, text: str, *, once: UUID | None = None
) -> Any:
    """Write a comment on a case and tell those it names and those who hold its tasks; returns the comment's row.

    once: the mark of the form it was written in; the same text sent again from there is the same comment. Raises NotFound,
    NotPermitted, WrongState when the case is archived, InvalidInput unless `text` is 1 to 5,000 readable characters.
    """
    case = read_case(session, deps, caller, number, verb="comment.add")
    held = session.execute(
        sa.select(_TASK.c.assignee_id, _TASK.c.owner_id).where(
            _TASK.c.case_id == case.id, _TASK.c.state.in_(HELD)
        )
    )
    holders = frozenset(person for row in held for person in row if person is not None)
    return _add(session, deps, caller, _About(case, None, holders), text, once)


def comment_task(
    session: Session, deps: Deps, caller: Caller, task_id: UUID, text: str, *, once: UUID | None = None
) -> Any:
    """The same for a task; whoever holds it is told. Raises WrongState also when the task is over: then the case is the
    place to comment on.
    """
    require(caller, "comment.add")
    task = read_task(session, deps, caller, task_id)
    case = session.execute(sa.select(_CASE).where(_CASE.c.id == task.case_id)).first()
    if task.state not in OPEN:
        raise WrongState(
            f"To comment on the task {task.name} ({task_id}) was asked, but it is {task.state}; comment on its case.",
            task_id=str(task_id),
            state=task.state,
            message_zh="这件工单已经结束，请在案件上写备注。",
        )
    holders = frozenset({task.assignee_id, task.owner_id} - {None})
    return _add(session, deps, caller, _About(case, task, holders), text, once)


def comments_of_case(
    session: Session,
    deps: Deps,
    caller: Caller,
    number: str,
    *,
    latest: bool = False,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of the comments on a case and its tasks, oldest first, or latest first. Raises NotFound, InvalidInput."""
    case = read_case(session, deps, caller, number, verb="comment.read")
    return _page(session, _COMMENT.c.case_id == case.id, latest, limit, cursor)


def comments_of_task(
    session: Session,
    deps: Deps,
    caller: Caller,
    task_id: UUID,
    *,
    latest: bool = False,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of the comments on one task, for whoever sees the task. Raises NotFound, InvalidInput."""
    require(caller, "comment.read")
    read_task(session, deps, caller, task_id)
    return _page(session, _COMMENT.c.task_id == task_id, latest, limit, cursor)


def checked(text: str) -> str:
    """The text as it is kept: new lines are line feeds, nothing around it. Raises InvalidInput."""
    kept = _NEWLINES.sub("\n", text).strip()
    if len(kept) > LONGEST:
        _refuse(
            f"it has {len(kept)} characters, and {LONGEST} are taken",
            f"备注有 {len(kept)} 个字，最多 {LONGEST} 个字",
        )
    if found := _STEERING.search(kept):
        code = f"U+{ord(found[0]):04X}"
        _refuse(f"it has the control character {code}", f"备注里有控制字符 {code}")
    if not any(unicodedata.category(each)[0] in "LNPS" for each in kept):
        _refuse("it says nothing", "备注是空的")
    return kept


def _refuse(reason: str, reason_zh: str) -> NoReturn:
    raise InvalidInput(f"A comment was sent and not kept: {reason}.", message_zh=f"{reason_zh}，没有保存。")


def _add(session: Session, deps: Deps, caller: Caller, about: _About, text: str, once: UUID | None) -> Any:
    case, task = about.case, about.task
    kept = checked(text)
    if case is not None and case.archived_at is not None:
        raise WrongState(
            f"To comment on the case {case.number} was asked, but it is archived and only read.",
            number=case.number,
            state="archived",
            message_zh="案件已经归档，不能再写备注。",
        )
    values = {
        "id": deps.engine.new_id(),
        "case_id": case.id if case is not None else None,
        "task_id": task.id if task is not None else None,
        "text": kept,
        "author_id": caller.id,
        "author_name": caller.name,
        "author_unit": caller.standing.unit_name,
        "once": once,
        "at": deps.clock.now(),
    }
    row = _insert(session, values)
    if row is None:
        first = session.execute(
            sa.select(_COMMENT).where(_COMMENT.c.author_id == caller.id, _COMMENT.c.once == once)
        ).one()
        if all(first._mapping[name] == values[name] for name in ("case_id", "task_id", "text")):
            return first
        # The same form with something else in it is another comment: nothing that somebody wrote is lost.
        row = _insert(session, {**values, "once": None})
    record(
        session,
        caller.actor,
        "comment.add",
        at=row.at,
        chain=chain_of(about.number, about.instance_id),
        subject="comment",
        subject_id=row.id,
        after={
            "task": str(row.task_id) if row.task_id else None,
            "characters": len(kept),
            "sha256": sha256(kept.encode()).hexdigest(),
        },
    )
    _tell(session, deps, caller, about, row)
    return row


def _insert(session: Session, values: dict[str, Any]) -> Any:
    statement = insert(_COMMENT).values(values).on_conflict_do_nothing(index_elements=["author_id", "once"])
    return session.execute(statement.returning(*_COMMENT.c)).first()


def _tell(session: Session, deps: Deps, caller: Caller, about: _About, row: Any) -> None:
    """Who is named hears that they are named; who holds the work hears of the comment; nobody hears twice."""
    logins = list(dict.fromkeys(NAMED.findall(row.text)))[:MOST_MENTIONS]
    if not logins and not about.holders - {caller.id}:
        return
    people = session.execute(
        sa.select(Person.id, Person.login, Person.name, Person.kind).where(
            Person.active,
            Person.id != caller.id,
            sa.or_(Person.login.in_(logins), Person.id.in_(about.holders)),
        )
    ).all()
    readers = [each for person in people if may(each := caller_of(session, deps, person), "comment.read")]
    named = _seeing(session, [each for each in readers if each.login in logins], about)
    for cause, told in ((MENTION, named), (COMMENT, about.holders - named)):
        tell(
            session,
            deps.clock,
            cause,
            row.id,
            people={each.id for each in readers} & told,
            number=about.number or about.task.business_key,
            instance_id=about.instance_id,
            task_id=row.task_id,
            fields={"who": caller.name, "task": f"“{about.task.name}”" if row.task_id else ""},
        )


def _seeing(session: Session, people: Collection[Caller], about: _About) -> set[UUID]:
    """Which of these people may see what the comment is about."""
    on_task = about.task is not None
    asked = [each for each in people if may(each, "task.read" if on_task else "case.read")]
    if not asked:
        return set()
    sees = task_visible_to if on_task else visible_to
    columns = [sees(each).label(f"p{at}") for at, each in enumerate(asked)]
    if on_task:
        statement = (
            sa.select(*columns)
            .select_from(_TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id))
            .where(_TASK.c.id == about.task.id)
        )
    else:
        statement = sa.select(*columns).where(_CASE.c.id == about.case.id)
    answer = session.execute(statement).one()
    return {each.id for each, seen in zip(asked, answer, strict=True) if seen}


def _page(
    session: Session, about: sa.ColumnElement[bool], latest: bool, limit: int, cursor: str | None
) -> Page:
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(
            f"A page of {limit} comments was asked for; it must be between 1 and {LARGEST_PAGE}."
        )
    key = sa.tuple_(_COMMENT.c.at, _COMMENT.c.id)
    statement = (
        sa.select(_COMMENT, _TASK.c.name.label("task_name"))
        .select_from(_COMMENT.outerjoin(_TASK, _TASK.c.id == _COMMENT.c.task_id))
        .where(about)
    )
    after = read_cursor(cursor)
    if after is not None:
        there = sa.tuple_(sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        statement = statement.where(key < there if latest else key > there)
    order = (_COMMENT.c.at.desc(), _COMMENT.c.id.desc()) if latest else (_COMMENT.c.at, _COMMENT.c.id)
    rows = session.execute(statement.order_by(*order).limit(limit + 1)).all()
    return page_of(rows, limit, lambda row: (row.at, row.id))
