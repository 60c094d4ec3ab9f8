"""Whether an absence can be as somebody wants it: its period, its scope, and whether its substitutes ever come back to
the absent person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.organisation.assigning.routing import PERSON, UNROUTED
from tasks.people.absence.mistakes import Mistake
from tasks.people.absence.tables import TO_SUBSTITUTE
from tasks.people.caller import Standing
from tasks.permissions.matrix import ROLES, STAFF, SUPERVISOR

LONGEST = timedelta(days=366)
"""Our rule [D]: who is away for longer has another seat."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An absence as it would be. substitute: login as it was asked for, None for nobody; substitute_id: None where the
    login is of nobody whom the caller may name. roles: keys; None: all.
    """

    id: UUID
    person_id: UUID
    login: str
    from_at: datetime
    until_at: datetime
    substitute: str | None
    substitute_id: UUID | None
    roles: tuple[str, ...] | None
    approvals: bool
    hand_over: str | None
    reason: str


def mistakes_in(
    wish: Wish,
    *,
    now: datetime,
    own: Standing,
    substitutes: Standing | None,
    others: Sequence[Any],
    name_of: Callable[[UUID], str],
) -> list[Mistake]:
    """Everything that is wrong with it; empty when nothing is.

    own, substitutes: what the seats of the absent person and of the substitute give them (None: nobody who may be named).
    others: every other absence that is not over, with person_id, substitute_id, from_at, until_at. name_of: a person's name, for
    the sentences.
    """
    return [
        *_period(wish, now),
        *_substitute(wish, own, substitutes),
        *_scope(wish, own),
        *_overlaps(wish, others),
        *_cycles(wish, others, name_of),
    ]


def _period(wish: Wish, now: datetime) -> Iterator[Mistake]:
    if wish.until_at <= wish.from_at:
        yield Mistake("until", "is not after its begin.", "应晚于开始。")
    elif wish.until_at <= now:
        yield Mistake("until", "is past already.", "已经过去。")
    elif wish.until_at - wish.from_at > LONGEST:
        yield Mistake(
            "until", f"is more than {LONGEST.days} days after its begin.", f"距开始超过 {LONGEST.days} 天。"
        )


def _substitute(wish: Wish, own: Standing, found: Standing | None) -> Iterator[Mistake]:
    if wish.substitute is None:
        if wish.roles is not None or wish.approvals:
            yield Mistake(
                "substitute", "is missing for the scope that was given.", "填了代理范围，但没有代理人。"
            )
        if wish.hand_over == TO_SUBSTITUTE:
            yield Mistake("hand_over", "is to a substitute, and there is none.", "没有代理人可以交接。")
    elif wish.substitute == wish.login:
        yield Mistake("substitute", "is the absent person.", "不能是休假人本人。")
    elif found is None or wish.substitute_id is None:
        yield Mistake(
            "substitute",
            f"{wish.substitute[:64]} is nobody whom you may name here.",
            f"没有您可以指定的代理人“{wish.substitute[:64]}”。",
        )
    elif STAFF not in found.roles:
        yield Mistake(
            "substitute",
            f"{wish.substitute} does no case work.",
            f"{wish.substitute} 不办理案件，不能代理。",
        )


def _scope(wish: Wish, own: Standing) -> Iterator[Mistake]:
    if STAFF not in own.roles and SUPERVISOR not in own.roles:
        yield Mistake("person", f"{wish.login} does no case work.", f"{wish.login} 不办理案件。")
    if wish.approvals and SUPERVISOR not in own.roles:
        yield Mistake(
            "approvals",
            f"cannot be handed over: {wish.login} is no supervisor.",
            f"{wish.login} 不是主管，没有可代理的审批。",
        )
    if wish.roles is not None:
        held = roles_of(own)
        wrong = [role for role in wish.roles if role not in held]
        if not wish.roles:
            yield Mistake("roles", "names none; leave it out for all work.", "为空；代理全部工作时不填。")
        if wrong:
            yield Mistake(
                "roles",
                f"{', '.join(wrong)[:200]} is no work of {wish.login}.",
                f"{'、'.join(wrong)[:200]} 不是 {wish.login} 的工作。",
            )


def roles_of(standing: Standing) -> set[str]:
    """The candidate roles whose work a person does: those of their groups that are no permission."""
    found = {name.partition("@")[0] for name in standing.groups}
    return found - ROLES.keys() - {PERSON, UNROUTED}


def _overlaps(wish: Wish, others: Sequence[Any]) -> Iterator[Mistake]:
    for other in others:
        if other.person_id == wish.person_id and _both(wish, other):
            yield Mistake(
                "from",
                f"overlaps the absence from {shown(other.from_at)} to {shown(other.until_at)}.",
                f"与 {shown(other.from_at)} 至 {shown(other.until_at)} 的休假重叠。",
            )


def _cycles(wish: Wish, others: Sequence[Any], name_of: Callable[[UUID], str]) -> Iterator[Mistake]:
    """Follow substitutes who are away themselves, each only while all before are away too."""
    by_person: dict[UUID, list[Any]] = {}
    for other in others:
        if other.substitute_id is not None:
            by_person.setdefault(other.person_id, []).append(other)
    waiting: list[tuple[UUID | None, datetime, datetime, tuple[UUID, ...]]] = [
        (wish.substitute_id, wish.from_at, wish.until_at, ())
    ]
    while waiting:
        person, begin, end, passed = waiting.pop()
        if person == wish.person_id and passed:
            chain = " → ".join(name_of(each) for each in (wish.person_id, *passed, person))
            yield Mistake(
                "substitute",
                f"comes back to the absent person at {shown(begin)}: {chain}.",
                f"在 {shown(begin)} 又回到休假人本人：{chain}。",
            )
            return
        if person is None or person in passed:
            continue
        for other in by_person.get(person, ()):
            since, until = max(begin, other.from_at), min(end, other.until_at)
            if since < until:
                waiting.append((other.substitute_id, since, until, (*passed, person)))


def _both(one: Any, other: Any) -> bool:
    overlap: bool = max(one.from_at, other.from_at) < min(one.until_at, other.until_at)
    return overlap


def shown(instant: datetime) -> str:
    """An instant for a sentence, in the office's time."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
