"""The messages a case waits for: who may send each, and the form that what it carries has to pass.

A diagram says so where it waits (`message.from`, `message.form`, `message.check`, `message.unique`). Whom it does not let send
is answered as if nobody waited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import MessageNotAwaited, NotPermitted
from engine.instance import locked, unlocked
from engine.messages import MessageSubscription, awaiting_instances
from engine.waiting import Awaited, awaited, literal_texts, mistakes, starts_with
from tasks.cases.outcomes import outcome_words
from tasks.cases.submissions import Draft, one_at_a_time, sent_before
from tasks.core import table
from tasks.deps import Deps
from tasks.evidence import answers as papers_of
from tasks.forms import PaperAnswer, compile_form
from tasks.forms.around import CASE, LEARNT, needs_instance, picked, reads_of, with_defaults
from tasks.forms.deciding import checked_by_table
from tasks.forms.reading import read_form
from tasks.listener import case_facts
from tasks.people.caller import Caller
from tasks.permissions.visibility import places_for
from tasks.talk.failing import tell_owners

STAFF, EXTERNAL = "staff", "external"
SENDERS = (STAFF, EXTERNAL)
"""What `message.from` may say; where it says nothing, both may send."""
OF_THE_SYSTEM = "redress."
"""Begins the names of messages that only the system itself sends, such as those that move supervision on."""

_WAITING = table(MessageSubscription)
_AWAITING = (
    sa.select(_WAITING.c.instance_id).where(_WAITING.c.business_key == sa.bindparam("number")).distinct()
)


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message the reader may send to a case now. label: what the element is called that waits. form: the form-js schema that
    what it carries has to pass, None where it may carry anything. context: what that form reads of where the message is awaited.
    """

    name: str
    label: str
    form_key: str | None = None
    form: Mapping[str, Any] | None = None
    context: Mapping[str, Any] | None = None


def open_messages(session: Session, deps: Deps, caller: Caller, case: Any) -> list[OpenMessage]:
    """What the case (a row of `read_case`) waits for and the caller may send, by name; each name once."""
    found: dict[str, OpenMessage] = {}
    for instance_id in _instances(session, case):
        row = unlocked(session, instance_id)
        for one in awaited(deps.engine, session, row) if row is not None and row.state else ():
            if not one.name.startswith(OF_THE_SYSTEM) and _may_send(case, one) and one.name not in found:
                found[one.name] = _shown(session, deps, caller, case, one)
    return [found[name] for name in sorted(found)]


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that may be given: what it carries, as its form takes it, and who waits for it (None: it starts a process).

    letter: what makes it the only one of its kind, where it is taken once. answer: it was given before, and this was answered.
    """

    payload: Mapping[str, Any]
    instance_id: UUID | None
    letter: Draft | None = None
    answer: Mapping[str, Any] | None = None


def take(
    session: Session, deps: Deps, caller: Caller, case: Any, name: str, payload: Mapping[str, Any]
) -> Taken:
    """Check that the caller may give this message to the case, and what it carries. Locks the instance that waits for it.

    Raises MessageNotAwaited, to bodies outside also where they may not send it; NotPermitted to staff who may not; AnswersRefused
    with every mistake; DecisionFailed; FiledOtherwise (`tasks.cases.submissions`).
    """
    if name.startswith(OF_THE_SYSTEM):
        raise not_awaited(case.number, name, case)
    instance_id, waiting = _awaiting(session, deps, case, name)
    if not waiting:
        _, before = sent_before(session, caller, case, name, None, payload)
        if before is None:
            raise not_awaited(case.number, name, case)
        return Taken(payload, None, answer=before.answer)
    if not all(_may_send(case, one) for one in waiting):
        if case.inside:
            raise NotPermitted(
                f"The message '{name}' was sent to {case.number} by {caller.login}; only bodies outside send it.",
                message_zh=f"消息“{name}”只能由外部单位发送。",
            )
        raise not_awaited(case.number, name, case)
    letter, before = sent_before(
        session, caller, case, name, next((one.unique for one in waiting if one.unique), ""), payload
    )
    if before is not None:
        return Taken(payload, None, letter, before.answer)
    clean = dict(payload)
    asking = {
        (one.form_id, one.check): one for one in reversed(waiting)
    }  # of several that ask the same, the innermost
    for one in asking.values():
        if one.form_id is not None or one.check:
            clean = _checked(session, deps, caller, case, one, payload)
    return Taken(clean, instance_id, letter)


def _checked(
    session: Session, deps: Deps, caller: Caller, case: Any, one: Awaited, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """What a message carries, as the form takes it of what waits, and its table. Raises AnswersRefused, DecisionFailed."""
    schema = read_form(session, deps, one.form_id)
    papers: list[PaperAnswer] = []

    def check() -> dict[str, Any]:
        if schema is None:
            return dict(payload)
        around = _around(schema, caller, case, one)
        return compile_form(schema).check(
            payload, now=deps.clock.now(), context=around, form=one.form, papers=papers
        )

    if one.check:
        clean = checked_by_table(
            check,
            one.form or one.name,
            lambda sent: mistakes(deps.engine, session, one, case_facts(case), sent),
            tell_owners(session, deps, case.number, one.form or one.name),
            None if case.inside else lambda text: text in literal_texts(deps.engine, session, one),
        )
    else:
        clean = check()
    papers_of.take(session, deps, caller, papers, case_id=case.id, task_id=None, form=one.form)
    return clean


def _awaiting(session: Session, deps: Deps, case: Any, name: str) -> tuple[UUID | None, list[Awaited]]:
    """The instance a message of this name goes to, locked, with the elements there that wait for it; else what it starts."""
    there = awaiting_instances(session, name, case.number)
    if not case.inside:
        there = [one for one in there if one == case.instance_id]
    if there:
        row = locked(session, there[0])
        return there[0], [one for one in awaited(deps.engine, session, row) if one.name == name]
    started = starts_with(deps.engine, session, name)
    if started is not None and started.unique:
        one_at_a_time(session, "message", case.number, name)
    return None, [started] if started is not None else []


def _instances(session: Session, case: Any) -> Iterable[UUID]:
    """The instances in which something waits; a body outside only hears of the case's own."""
    if not case.inside:
        return [case.instance_id] if case.instance_id else []
    found = session.scalars(_AWAITING, {"number": case.number})
    return sorted(found, key=lambda one: (one != case.instance_id, one))


def _may_send(case: Any, one: Awaited) -> bool:
    said = one.senders.replace(",", " ").split()
    return not said or (STAFF if case.inside else EXTERNAL) in said


def _shown(session: Session, deps: Deps, caller: Caller, case: Any, one: Awaited) -> OpenMessage:
    schema = read_form(session, deps, one.form_id)
    if schema is None:
        return OpenMessage(one.name, one.label)
    context = _around(schema, caller, case, one)
    return OpenMessage(
        one.name, one.label, one.form, with_defaults(schema, context, deps.clock.now()), context
    )


def _around(schema: Mapping[str, Any], caller: Caller, case: Any, one: Awaited) -> dict[str, Any]:
    """What the form reads: as the form of a task, of what the element sees that waits; to a body outside of the case alone, and
    of it nothing that it has not said itself.
    """
    reads = reads_of(schema)
    if case.inside:
        seen = one.variables if needs_instance(reads) else {}
        learnt = {name: seen[name] for name in LEARNT if name in seen}
        return picked(reads, {**learnt, CASE: case_facts(case)})
    own = case.facts if case.org_path in places_for(caller, "case.file") else {}
    return picked(reads, {CASE: {**own, "number": case.number, "regime": case.regime}})


def not_awaited(number: str, name: str, case: Any = None) -> MessageNotAwaited:
    """The refusal of a message nobody waits for, in the very words of the engine. Who sees the case from within is told
    besides how it turned out, where it has.
    """
    ended, ended_zh = "", ""
    if case is not None and case.inside and case.outcome:
        zh, en = outcome_words(case.outcome)
        ended, ended_zh = f" The case has ended: {en}.", f"案件已了结：{zh}。"
    return MessageNotAwaited(
        f"Message '{name}' was refused: no activity of case {number} waits for it.{ended}",
        message=name,
        business_key=number,
        message_zh=f"消息“{name}”没有送达：案件 {number} 现在没有环节等待它。{ended_zh}",
    )
