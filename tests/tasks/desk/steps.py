"""Every verb on one task, for real and by the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tasks import desk
from tasks.deps import Deps
from tasks.people.caller import Caller
from tests.tasks.desk.rules import Office
from tests.tasks.desk.work import DONE, UNSEEN, WRONG_STATE, Work


@dataclass(frozen=True, slots=True)
class Step:
    """One verb on one task. may: the verdict. do: it is done for real. then: what the rules make of it."""

    may: Callable[[str, Work], str]
    do: Callable[[Session, Caller, Work], Any]
    then: Callable[[str, Work], Any]


def steps_of(
    rule: Office, deps: Deps, completed: Callable[[str, Work], None], to: str, hours: float | None, flag: bool
) -> dict[str, Step]:
    """Every verb on one task. to: whom it is given. hours: until when it rests. flag: with a reason, to the queue, or stale."""
    reason, wanted = ("不属于本班组" if flag else None), ([] if flag else [to])
    priority = 50 + int(10 * (hours or -3))
    until = None if hours is None else rule.now + timedelta(hours=hours)

    def revision(who: str, work: Work) -> int:
        return work.drafts.get(who, 0) + (1 if flag and to == who else 0)

    def may_draft(who: str, work: Work) -> str:
        stale = revision(who, work) != work.drafts.get(who, 0)
        return rule.draft_verdict(who, work) or (WRONG_STATE if stale else DONE)

    def may_drop(who: str, work: Work) -> str:
        return DONE if rule.sees(who, work) else UNSEEN

    return {
        "claim": Step(
            rule.claim_verdict,
            lambda session, caller, work: desk.claim(session, deps, caller, work.id),
            rule.claim,
        ),
        "release": Step(
            rule.release_verdict,
            lambda session, caller, work: desk.release(session, deps, caller, work.id, reason),
            lambda who, work: rule.release(who, work, returning=flag),
        ),
        "delegate": Step(
            lambda who, work: rule.delegate_verdict(who, work, to),
            lambda session, caller, work: desk.delegate(session, deps, caller, work.id, to, "请代查"),
            lambda who, work: rule.delegate(who, work, to, "请代查"),
        ),
        "resolve": Step(
            rule.resolve_verdict,
            lambda session, caller, work: desk.resolve(session, deps, caller, work.id, "已查"),
            lambda who, work: rule.resolve(who, work, "已查"),
        ),
        "recall": Step(
            rule.recall_verdict,
            lambda session, caller, work: desk.recall(session, deps, caller, work.id),
            rule.recall,
        ),
        "complete": Step(
            rule.complete_verdict,
            lambda session, caller, work: desk.complete(session, deps, caller, work.id, {}),
            completed,
        ),
        "follow_up": Step(
            rule.follow_up_verdict,
            lambda session, caller, work: desk.follow_up(session, deps, caller, work.id, until),
            lambda who, work: rule.follow(who, work, until),
        ),
        "draft": Step(
            may_draft,
            lambda session, caller, work: desk.save_draft(
                session, deps, caller, work.id, {"n": 1}, revision(caller.login, work)
            ),
            rule.draft,
        ),
        "drop_draft": Step(
            may_drop,
            lambda session, caller, work: desk.drop_draft(session, deps, caller, work.id),
            rule.drop_draft,
        ),
        "prioritise": Step(
            rule.prioritise_verdict,
            lambda session, caller, work: desk.prioritise(
                session, deps, caller, work.id, priority, "媒体关注"
            ),
            lambda who, work: rule.prioritise(who, work, priority),
        ),
        "reassign": Step(
            lambda who, work: rule.reassign_verdict(who, work, wanted),
            lambda session, caller, work: desk.reassign(
                session, deps, caller, work.id, None if flag else to, "轮到您"
            ),
            lambda who, work: rule.reassign(who, [work], wanted),
        ),
    }
