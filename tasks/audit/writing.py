"""Writing what was recorded: at the end of every transaction of a session factory, whoever opened it and for what.

The heads of the chains are locked last, for the moment between reading them and the COMMIT that brings the new rows
along, so that two people who do something to one case wait for each other no longer than that. Who can do everything
again (`may_be_overtaken`) and has read the head on the way does not even read it again: rows are sealed behind it, and
the one statement that brings them refuses the transaction where somebody else was faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.db import Statement
from tasks.audit.recording import KEYS, Entry
from tasks.audit.sealing import FIRST, SEALED, KeyRing, seal
from tasks.memo import memo

_LOCK = Statement("SELECT chain, seq, hash FROM audit_head WHERE chain = %(chain)s FOR UPDATE")
_LOCK_SEVERAL = Statement(
    """INSERT INTO audit_head AS held (chain, seq, hash)
       SELECT chain, 0, %(first)s FROM unnest(%(chains)s::text[]) AS chain ORDER BY chain
       ON CONFLICT (chain) DO UPDATE SET seq = held.seq RETURNING chain, seq, hash"""
)
"""Takes all heads in one order, those that do not exist yet too: nobody can hold one and wait for another backwards."""

_ROWS = """INSERT INTO audit_event
        (chain, seq, at, actor_id, actor_name, actor_kind, verb, subject, subject_id, before, after, previous, hash)
    SELECT chain, seq, at, actor_id, actor_name, actor_kind, verb, subject, subject_id, before, after,
           decode(previous, 'hex'), decode(hash, 'hex')
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(
        chain text, seq bigint, at timestamptz, actor_id text, actor_name text, actor_kind text, verb text, subject text,
        subject_id text, before text, after text, previous text, hash text)"""
_APPEND = Statement(
    "WITH moved AS (UPDATE audit_head SET seq = %(seq)s, hash = %(hash)s WHERE chain = %(chain)s) " + _ROWS
)
_APPEND_SEVERAL = Statement(
    """WITH moved AS (
        UPDATE audit_head h SET seq = m.seq, hash = decode(m.hash, 'hex')
        FROM jsonb_to_recordset(%(heads)s::jsonb) AS m(chain text, seq bigint, hash text)
        WHERE h.chain = m.chain AND h.chain = ANY(%(chains)s)) """
    + _ROWS
)
"""The chains are named twice, so that the planner looks them up instead of reading all heads."""
_APPEND_UNLESS_OVERTAKEN = Statement(
    """WITH moved AS (
        UPDATE audit_head SET seq = %(seq)s, hash = %(hash)s
        WHERE chain = %(chain)s AND seq = %(known_seq)s AND hash = %(known_hash)s RETURNING true) """
    + _ROWS
    + " WHERE coalesce((SELECT * FROM moved), audit_is_overtaken())"
)

OVERTAKEN = "RD001"
"""SQLSTATE of a transaction that was refused because somebody else has written into its chain (revision 0010). Nothing of
it was done; done once more it can succeed.
"""

_OPTIMISTIC = "redress.audit_optimistic"


def keep_trail(sessions: sessionmaker[Session], keys: KeyRing) -> None:
    """Have every transaction of these sessions write what was recorded in it, sealed with the ring's newest key."""
    sessions.configure(info={**(sessions.kw.get("info") or {}), KEYS: keys})
    sa.event.listen(sessions, "before_commit", write_recorded)


def may_be_overtaken(session: Session, *, can_repeat: bool) -> None:
    """Say whether whoever opened this session runs everything again when its commit fails with OVERTAKEN. Without
    this, a session is never refused so: it waits.
    """
    session.info[_OPTIMISTIC] = can_repeat


def remember_head(session: Session, chain: str, seq: int | None, sealed: bytes | None) -> None:
    """Note the end of a chain that was read with something else, unlocked; None where the chain has not begun."""
    if seq is not None and sealed is not None:
        memo(session).heads[chain] = (seq, sealed)


def write_recorded(session: Session) -> None:
    """Seal and send what was recorded until now; every commit does this."""
    if session.in_nested_transaction():
        return  # a savepoint that ends; the transaction around it goes on
    notes = memo(session)
    if notes.audit:
        session.flush()
        entries, notes.audit = notes.audit, []
        append(session, entries)


def append(session: Session, entries: Sequence[Entry]) -> None:
    """Seal entries behind the last rows of their chains and put them off until the COMMIT.

    Two statements, however many entries and chains; one where the only head is known and may have moved.
    """
    chains = sorted({entry.chain for entry in entries})
    known = memo(session).heads.pop(chains[0], None) if len(chains) == 1 else None
    if known is not None and session.info.get(_OPTIMISTIC):
        heads = {chains[0]: known}
    else:
        known, heads = None, _locked_heads(session, chains)
    written = _sealed(session.info[KEYS], entries, heads)
    if len(chains) > 1:
        moved = [{"chain": chain, "seq": seq, "hash": sealed.hex()} for chain, (seq, sealed) in heads.items()]
        _APPEND_SEVERAL.later(
            session, {"chains": chains, "heads": orjson.dumps(moved).decode(), "rows": written}
        )
        return
    seq, sealed = heads[chains[0]]
    told = {"chain": chains[0], "seq": seq, "hash": sealed, "rows": written}
    if known is None:
        _APPEND.later(session, told)
    else:
        _APPEND_UNLESS_OVERTAKEN.later(session, {**told, "known_seq": known[0], "known_hash": known[1]})


def _sealed(keys: KeyRing, entries: Sequence[Entry], heads: dict[str, tuple[int, bytes]]) -> str:
    """Seal entries behind `heads`, which move along; return the rows as JSON."""
    rows = []
    for one in entries:
        seq, previous = heads[one.chain]
        who = (one.actor.id, one.actor.name, one.actor.kind)
        what = (one.verb, one.subject, one.subject_id, one.before, one.after)
        columns = (one.chain, seq + 1, one.at, *who, *what)
        sealed = seal(keys.keys[-1], previous, columns)
        heads[one.chain] = (seq + 1, sealed)
        row: dict[str, Any] = dict(zip(SEALED, columns, strict=True))
        rows.append(row | {"previous": previous.hex(), "hash": sealed.hex()})
    return orjson.dumps(rows).decode()


def _locked_heads(session: Session, chains: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    if len(chains) == 1:
        found = _LOCK.one(session, {"chain": chains[0]})
        if found is not None:
            return {found.chain: (found.seq, found.hash)}
    rows: Sequence[Any] = _LOCK_SEVERAL.all(session, {"chains": list(chains), "first": FIRST})
    return {row.chain: (row.seq, row.hash) for row in rows}
