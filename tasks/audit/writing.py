"""Writing what was recorded: at the end of every transaction of a session factory, whoever opened it and for what.

The heads of the chains are locked last, for the moment between reading them and the COMMIT that brings the new rows
along, so that two people who do something to one case wait for each other no longer than that.
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


def keep_trail(sessions: sessionmaker[Session], keys: KeyRing) -> None:
    """Have every transaction of these sessions write what was recorded in it, sealed with the ring's newest key."""
    sessions.configure(info={**(sessions.kw.get("info") or {}), KEYS: keys})
    sa.event.listen(sessions, "before_commit", write_recorded)


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

    Two statements, however many entries and chains.
    """
    keys: KeyRing = session.info[KEYS]
    heads = _locked_heads(session, sorted({entry.chain for entry in entries}))
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
    written = orjson.dumps(rows).decode()
    if len(heads) == 1:
        _APPEND.later(session, {"chain": one.chain, "seq": seq + 1, "hash": sealed, "rows": written})
        return
    moved = [{"chain": chain, "seq": seq, "hash": sealed.hex()} for chain, (seq, sealed) in heads.items()]
    told = {"chains": list(heads), "heads": orjson.dumps(moved).decode(), "rows": written}
    _APPEND_SEVERAL.later(session, told)


def _locked_heads(session: Session, chains: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    if len(chains) == 1:
        found = _LOCK.one(session, {"chain": chains[0]})
        if found is not None:
            return {found.chain: (found.seq, found.hash)}
    rows: Sequence[Any] = _LOCK_SEVERAL.all(session, {"chains": list(chains), "first": FIRST})
    return {row.chain: (row.seq, row.hash) for row in rows}
