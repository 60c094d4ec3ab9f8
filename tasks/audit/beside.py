"""What the rest of the database says of the trail: heads, anchors, and things that were done without a line.

Each check is one question; its answer are rows (chain, seq or None, what exactly) that should not be there. All are asked
in the verification's one reading. `began` is the instant the trail began, or the beginning of time where it never was
begun explicitly: what is older is held by the first row of its chain only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg

from tasks.audit.anchoring import ANCHORS, Anchor
from tasks.audit.digests import digest
from tasks.audit.finding import Finding

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """sql: rows of chain, seq, detail; `{only c}` narrows it by the column with the chain. what, what_zh: the sentence;
    `{}` is the detail.
    """

    sql: str
    what: str
    what_zh: str


_CHECKS = (
    Check(
        """SELECT h.chain, NULL::bigint, 'head ' || h.seq || ', last row ' || coalesce(e.seq::text, 'none')
           FROM audit_head h LEFT JOIN LATERAL (
               SELECT seq, hash FROM audit_event e WHERE e.chain = h.chain ORDER BY seq DESC LIMIT 1) e ON true
           WHERE (e.seq IS DISTINCT FROM h.seq OR e.hash IS DISTINCT FROM h.hash) AND {only h.chain}""",
        "does not end where its head says: rows were cut off or put on, or the head was changed ({})",
        "链尾与记录不符：尾部的行被删除或添加，或链尾被改动（{}）",
    ),
    Check(
        """SELECT DISTINCT e.chain, NULL::bigint, '' FROM audit_event e
           WHERE NOT EXISTS (SELECT FROM audit_head h WHERE h.chain = e.chain) AND {only e.chain}""",
        "has rows and no head: the head was removed, or the rows were put in",
        "有记录而没有链尾：链尾被删除，或这些行是插入的",
    ),
    Check(
        """SELECT c.number, NULL::bigint, coalesce(e.verb, 'nothing') FROM case_file c
           LEFT JOIN audit_event e ON e.chain = c.number AND e.seq = 1
           WHERE NOT coalesce(e.verb = 'case.file' OR (e.verb = 'audit.begin' AND e.at = %(began)s), false)
             AND {only c.number}""",
        "does not begin with the filing of its case but with {}: the trail of the case, or its beginning, is gone",
        "不是从立案开始，而是从 {} 开始：该案件的记录或其开头已被删除",
    ),
    Check(
        """SELECT {chain of t}, NULL::bigint, t.id::text FROM user_task t
           WHERE t.state = 'completed' AND t.completed_at > %(began)s AND {only t.business_key} AND NOT EXISTS (
               SELECT FROM audit_event e WHERE e.chain = {chain of t} AND e.verb = 'task.complete'
               AND e.subject_id = t.id::text AND e.actor_id = t.completed_by::text)""",
        "does not tell that the task {} was completed by whom the task names",
        "没有任务 {} 由其所载人员办结的记录",
    ),
    Check(
        """SELECT e.chain, e.seq, e.subject_id FROM audit_event e LEFT JOIN user_task t ON t.id::text = e.subject_id
           WHERE e.verb = 'task.complete' AND t.state IS DISTINCT FROM 'completed' AND {only e.chain}""",
        "tells that the task {} was completed, which the task does not say, or it is gone",
        "记载任务 {} 已办结，但任务本身不是办结状态或已不存在",
    ),
    Check(
        """SELECT e.chain, e.seq, '' FROM audit_event e
           WHERE e.verb = 'case.file' AND NOT EXISTS (SELECT FROM case_file c WHERE c.number = e.chain)
             AND {only e.chain}""",
        "tells of a case that is not there any more",
        "所记载的案件已不存在",
    ),
    Check(
        """SELECT DISTINCT {chain of t}, NULL::bigint, '' FROM user_task t
           WHERE t.created_at > %(began)s AND {only t.business_key}
             AND NOT EXISTS (SELECT FROM audit_event e WHERE e.chain = {chain of t})""",
        "is not there, although its instance has had tasks",
        "不存在，但其流程实例产生过任务",
    ),
    Check(
        """SELECT c.number, NULL::bigint, '' FROM case_file c
           WHERE c.archived_at > %(began)s AND {only c.number} AND NOT EXISTS (
               SELECT FROM audit_event e WHERE e.chain = c.number AND e.verb = 'case.archive')""",
        "does not tell that its case was archived",
        "没有该案件归档的记录",
    ),
)

_CONTENTS = (
    """SELECT e.chain, e.seq, e.subject_id, e.after, t.answers FROM audit_event e
       JOIN user_task t ON t.id::text = e.subject_id WHERE e.verb = 'task.complete' AND {only e.chain}""",
    """SELECT e.chain, e.seq, e.subject_id, e.after, c.facts FROM audit_event e
       JOIN case_file c ON c.number = e.chain WHERE e.verb IN ('case.file', 'audit.begin') AND {only e.chain}""",
    """SELECT e.chain, e.seq, e.subject_id, e.after, encode(p.sha256, 'hex') FROM audit_event e
       LEFT JOIN attachment p ON p.id::text = e.subject_id WHERE e.verb = 'attachment.add' AND {only e.chain}""",
    """SELECT e.chain, e.seq, e.subject_id, e.after, encode(sha256(convert_to(c.text, 'UTF8')), 'hex') FROM audit_event e
       LEFT JOIN comment c ON c.id::text = e.subject_id WHERE e.verb = 'comment.add' AND {only e.chain}""",
)
"""Rows of chain, seq, what it is about, `after`, and what is stored now: data, or the digest of bytes or a text."""

_BEFORE = """
    SELECT e.chain, e.seq, t.id::text, e.after, t.answers FROM audit_event e JOIN user_task t ON t.business_key = e.chain
    WHERE e.verb = 'audit.begin' AND t.state = 'completed' AND t.completed_at <= %(began)s AND {only e.chain}
"""
"""What had been answered before the trail began, beside the first row of its chain."""

_ENDS = """
    SELECT a.seq, a.after FROM audit_event a WHERE a.chain = 'anchors' AND a.verb = 'audit.anchor'
"""
_NOT_SO = """
    SELECT x.chain, x.seq FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS x(chain, seq, hash)
    LEFT JOIN audit_event e ON e.chain = x.chain AND e.seq = x.seq
    WHERE encode(e.hash, 'hex') IS DISTINCT FROM x.hash
"""


def everything(
    connection: psycopg.Connection[Any], number: str | None, since: datetime | None, *, contents: bool
) -> Iterator[Finding]:
    """All checks, narrowed to one case, or to what has moved since an instant."""
    row = connection.execute(
        "SELECT at FROM audit_event WHERE chain = %s AND seq = 1 AND verb = 'audit.begin'", (ANCHORS,)
    ).fetchone()
    given = {"number": number, "since": since, "began": row[0] if row else _BEGINNING}
    for check in _CHECKS:
        for chain, seq, detail in connection.execute(_narrowed(check.sql, given), given):
            yield Finding(chain, seq, check.what.format(detail), check.what_zh.format(detail))
    yield from _anchored(connection, number)
    if contents:
        for sql in _CONTENTS:
            yield from _altered(connection, _narrowed(sql, given), given)
        yield from _altered(connection, _narrowed(_BEFORE, given), given)


def _anchored(connection: psycopg.Connection[Any], number: str | None) -> Iterator[Finding]:
    """Every end that an anchor has seen must still be a row of its chain."""
    with connection.cursor(name="audit_anchors") as anchors:
        anchors.itersize = 10
        anchors.execute(_ENDS)
        for anchor, after in anchors:
            columns = _ends(after, number)
            for chain, seq in connection.execute(_NOT_SO, columns):
                yield Finding(
                    chain,
                    seq,
                    f"is gone or another one than anchor {anchor} has seen: the chain was cut or replaced after that",
                    f"与锚点 {anchor} 所见不符或已不存在：此后该链被截断或替换",
                )


def _altered(connection: psycopg.Connection[Any], sql: bytes, given: dict[str, Any]) -> Iterator[Finding]:
    """What was written down of a content, beside the content there is now."""
    with connection.cursor(name="audit_contents") as cursor:
        cursor.execute(sql, given)
        for chain, seq, thing, after, stored in cursor:
            told = _members(after)
            kept = _members(told.get("completed")).get(thing) or told.get("sha256") or told.get("digest")
            if kept is not None and kept != (stored if isinstance(stored, str) else digest(stored or {})):
                yield Finding(
                    chain,
                    seq,
                    f"tells of another content than {thing} has now, or it is gone",
                    f"所记载的内容与 {thing} 现存内容不同，或其已不存在",
                )


def _ends(after: str | None, number: str | None) -> tuple[list[str], list[int], list[str]]:
    chains: list[str] = []
    numbers: list[int] = []
    seals: list[str] = []
    for chain, end in _members(_members(after).get("ends")).items():
        match end:
            case [int(seq), str(sealed)] if 0 < seq < 1 << 63 and number in (None, chain):
                chains.append(chain)
                numbers.append(seq)
                seals.append(sealed)
    return chains, numbers, seals


def _members(found: Any) -> dict[str, Any]:
    """Read an object, as data or as JSON; a row that was tampered with may hold anything, and its seal has told so."""
    if isinstance(found, str):
        try:
            found = orjson.loads(found)
        except orjson.JSONDecodeError:
            return {}
    return found if isinstance(found, dict) else {}


def kept_outside(connection: psycopg.Connection[Any], anchors: Sequence[Anchor]) -> Iterator[Finding]:
    """Whether the chain of anchors still runs through the ends that were kept elsewhere."""
    for anchor in anchors:
        row = connection.execute(
            "SELECT encode(hash, 'hex') FROM audit_event WHERE chain = %s AND seq = %s", (ANCHORS, anchor.seq)
        ).fetchone()
        if row is None or row[0] != anchor.hash:
            at = anchor.at.isoformat(timespec="seconds")
            yield Finding(
                ANCHORS,
                anchor.seq,
                f"is not the one that was kept outside on {at}: the trail was cut or sealed anew since then",
                f"与 {at} 保存在外部的锚点不同：此后记录被截断或重新封印",
            )


def _narrowed(sql: str, given: dict[str, Any]) -> bytes:
    """Put in what a question is narrowed by, and how the chain of a task is called."""
    condition = "true"
    if given["number"] is not None:
        condition = "{} = %(number)s"
    elif given["since"] is not None:
        condition = "{} IN (SELECT chain FROM audit_event WHERE at >= %(since)s)"
    chain = "CASE WHEN t.case_id IS NULL THEN 'instance/' || t.instance_id ELSE t.business_key END"
    sql = sql.replace("{chain of t}", chain)
    before, *parts = sql.split("{only ")
    for part in parts:
        column, rest = part.split("}", 1)
        before += condition.replace("{}", column) + rest
    return before.encode()
