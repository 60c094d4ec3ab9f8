"""Where the trail begins, and the anchors that hold its ends.

A chain whose last rows are cut off, head and all, looks like a chain that has not gone so far yet. So the ends of all
chains that have moved are written down every hour, in a chain of their own; and the end of that chain can be kept
where nobody who can write to the database comes near it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.errors import WrongState
from tasks.audit.digests import digest
from tasks.audit.recording import KEYS, record
from tasks.audit.sealing import SEALED, KeyRing, seal
from tasks.audit.tables import AuditEvent, AuditHead
from tasks.audit.writing import write_recorded
from tasks.cases.tables import Case
from tasks.core import table
from tasks.user_task import COMPLETED, UserTask

ANCHORS = "anchors"
"""The chain of the anchors. Its first row says when the trail began."""

_AT_ONCE = 1000
_LATE = timedelta(hours=1)
"""A row may be written so much later than the instant it names; anchors look back so far."""
_LOCK = 0x7265_6472_6175_64

_EVENT = table(AuditEvent)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of the chain of anchors: what is kept outside. hash: hexadecimal."""

    at: datetime
    seq: int
    hash: str


def begin_trail(session: Session, now: datetime) -> int:
    """Begin the trail, once; return how many cases were there before it.

    Each of them gets a chain whose first row holds the digests of what was said and answered until now.
    """
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if session.get(AuditHead, ANCHORS) is not None:
        return 0
    count, last = 0, ""
    while numbers := _without_chain(session, last):
        for number, case_id, facts in numbers:
            answered = session.execute(
                sa.select(UserTask.id, UserTask.answers).where(
                    UserTask.case_id == case_id, UserTask.state == COMPLETED
                )
            )
            completed = {str(row.id): digest(row.answers or {}) for row in answered}
            after = {"digest": digest(facts), "completed": completed}
            record(
                session, SYSTEM, "audit.begin", at=now, chain=number, subject="case", subject_id=number, after=after
            )  # fmt: skip
        write_recorded(session)
        count, last = count + len(numbers), numbers[-1][0]
    record(
        session, SYSTEM, "audit.begin", at=now, chain=ANCHORS, subject="trail", subject_id=ANCHORS,
        after={"cases": count},
    )  # fmt: skip
    return count


def _without_chain(session: Session, after: str) -> list[Any]:
    case, head = table(Case), table(AuditHead)
    return list(
        session.execute(
            sa.select(case.c.number, case.c.id, case.c.facts)
            .where(case.c.number > after, ~sa.exists().where(head.c.chain == case.c.number))
            .order_by(case.c.number)
            .limit(500)
        )
    )


def drop_anchor(session: Session, now: datetime) -> int:
    """Write down the ends of all chains that have moved since the last anchor; return how many.

    An anchor that is later than `now` was dropped before the clock was put back: what came after it may be earlier.
    """
    last = session.scalar(
        sa.select(sa.func.max(_EVENT.c.at)).where(
            _EVENT.c.chain == ANCHORS, _EVENT.c.verb == "audit.anchor", _EVENT.c.at <= now
        )
    )
    moved = sa.select(_EVENT.c.chain, sa.func.max(_EVENT.c.seq).label("seq")).where(_EVENT.c.chain != ANCHORS)
    if last is not None:
        moved = moved.where(_EVENT.c.at >= last - _LATE)
    ends = moved.group_by(_EVENT.c.chain).subquery()
    rows = session.execute(
        sa.select(_EVENT.c.chain, _EVENT.c.seq, _EVENT.c.hash)
        .join(ends, sa.and_(ends.c.chain == _EVENT.c.chain, ends.c.seq == _EVENT.c.seq))
        .order_by(_EVENT.c.chain)
        .execution_options(stream_results=True, yield_per=_AT_ONCE)
    )
    count = 0
    for some in rows.partitions(_AT_ONCE):
        ends_of = {row.chain: [row.seq, row.hash.hex()] for row in some}
        record(
            session, SYSTEM, "audit.anchor", at=now, chain=ANCHORS, subject="trail", subject_id=ANCHORS,
            after={"ends": ends_of},
        )  # fmt: skip
        write_recorded(session)
        count += len(some)
    return count


def last_anchor(session: Session) -> Anchor | None:
    """Return the end of the chain of anchors, or None before the trail has begun."""
    row = _last_row(session)
    return None if row is None else Anchor(row.at, row.seq, row.hash.hex())


def require_key(session: Session) -> None:
    """Refuse to go on a trail with a key that has not sealed it. Raises WrongState.

    A process that was started without the installation's secret key would otherwise seal rows that look forged.
    """
    keys: KeyRing = session.info[KEYS]
    row = _last_row(session)
    if row is None:
        return
    columns = [getattr(row, name) for name in SEALED]
    if not any(seal(key, row.previous, columns) == row.hash for key in keys.keys):
        raise WrongState(
            "The audit trail of this database was sealed with another secret key than this process has, or its last "
            "anchor was changed. Set REDRESS_SECRET_KEY to the installation's key, and REDRESS_OLD_SECRET_KEYS to those it "
            "had before; `redress audit verify` tells one from the other.",
            message_zh="该数据库的审计记录由另一个密钥封印，或最近的锚点已被改动。请把 REDRESS_SECRET_KEY 设为本系统的密钥，"
            "以前用过的密钥放入 REDRESS_OLD_SECRET_KEYS；`redress audit verify` 可以查明原因。",
        )


def _last_row(session: Session) -> Any:
    return session.execute(
        sa.select(_EVENT).where(_EVENT.c.chain == ANCHORS).order_by(_EVENT.c.seq.desc()).limit(1)
    ).first()
