"""What a case was filed with, so that the same matter is one case: process properties `case.unique` and `case.sender`. And
the messages it got that name a paper, so that one paper is one message: property `message.unique` of what waits.

`case.unique` names facts that make a case the only one, such as "regulator, regulator_case_number". Who sends the same
values with the same body again, whoever it is and however late, gets the first answer; with another body it is refused.
`case.sender` names the fact in which a body outside writes the code of its own unit. Of what a body outside sends the very
bytes are kept. A message that gives none of its values is known by its whole body.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, WrongState
from tasks.cases.numbers import derived_query_code, query_hash
from tasks.cases.reading import read_case
from tasks.cases.tables import Case, Submission
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.evidence.reach import outside
from tasks.forms import Problem
from tasks.organisation.tree import Organisation
from tasks.people.caller import Caller
from tasks.permissions.visibility import places_for, visible_to

UNIQUE, SENDER = "case.unique", "case.sender"
SHOWN = 100
"""Characters of a value that a refusal repeats."""

_SUBMISSION, _CASE = table(Submission), table(Case)
_CAME_FROM_OUTSIDE = (_SUBMISSION.c.message == "", _SUBMISSION.c.body.is_not(None))
"""Of the filing of a case."""


class FiledOtherwise(WrongState):
    """The same matter was filed before with other contents."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came: its body, byte for byte, and what it says that is."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked to be filed, or sent as a message. values: what makes it the only one, by path, None where nothing does;
    key: of those values however they are written; digest: of everything that was asked; problems: mistakes in these facts.
    """

    regime: str
    values: Mapping[str, str]
    key: bytes | None
    digest: bytes
    problems: Sequence[Problem] = field(default=())
    message: str = ""


def draft(
    caller: Caller,
    organisation: Organisation,
    regime: str,
    properties: Mapping[str, str],
    facts: Mapping[str, Any],
    asked: Mapping[str, Any],
) -> Draft:
    """Read what the facts as they were sent say about who sends, and what makes them the only ones.

    asked: everything that was asked, for the digest: the order of names in it does not matter, nor how it was spaced.
    """
    digest = _digest(asked)
    if digest is None:  # the form refuses it in its own words
        return Draft(regime, {}, None, b"")
    problems = _sender_problems(caller, organisation, properties.get(SENDER, ""), facts)
    paths = _paths(properties.get(UNIQUE, ""))
    values = {path: _text(_at(facts, path)) for path in paths}
    missing = [path for path, value in values.items() if not _plain(value)]
    if missing == paths and not outside(caller):
        # What staff file with none of these values, such as an appeal no regulator has passed on, is no repeatable letter.
        return Draft(regime, values, None, digest, problems)
    problems += [
        Problem(
            path, "is needed: it is part of what makes the case the only one", "必须填写：同一来文据此识别"
        )
        for path in missing
    ]
    if not paths or problems:
        return Draft(regime, values, None, digest, problems)
    key = sha256(orjson.dumps([regime, *(_plain(value) for value in values.values())])).digest()
    return Draft(regime, values, key, digest)


def letter(case: Any, name: str, unique: str | Iterable[str], payload: Mapping[str, Any]) -> Draft:
    """Read what a message to a case says that makes it the only one of its name there; `unique`: paths of its fields."""
    digest = _digest(payload)
    if digest is None:
        return Draft(case.regime, {}, None, b"", message=name)
    values = {path: _text(_at(payload, path)) for path in _paths(unique)}
    plain = [_plain(values[path]) for path in sorted(values)]
    known_by = plain if any(plain) else [digest.hex()]
    key = sha256(orjson.dumps([case.regime, case.number, name, *known_by])).digest()
    return Draft(case.regime, values, key, digest, message=name)


def sent_before(
    session: Session, caller: Caller, case: Any, name: str, unique: str | None, payload: Mapping[str, Any]
) -> tuple[Draft | None, Any]:
    """A message that is taken once, with the submission that was the same before, or None for each.

    unique: the paths that name the paper, as the element says that waits for it; None where none waits any more: then
    what was sent before tells them, to bodies outside what they sent themselves. The caller holds what keeps others from sending it (the
    instance that waits). Raises FiledOtherwise.
    """
    if unique == "":
        return None, None
    kept = sa.select(_SUBMISSION).where(_SUBMISSION.c.case_id == case.id, _SUBMISSION.c.message == name)
    if unique is None and not case.inside:
        kept = kept.where(_SUBMISSION.c.body.is_not(None))
    wanted = letter(case, name, unique, payload) if unique is not None else None
    for row in session.execute(kept):
        same = wanted or letter(case, name, row.values, payload)
        if same.key is None or same.key != row.key:
            continue
        if same.digest == row.digest:
            return same, row
        said = _said(same)
        raise FiledOtherwise(
            f"The message {name} with {said} was sent to {case.number}; it was sent before with other contents, and "
            "nothing was changed.",
            values=_shown(same),
            number=case.number,
            message_zh=f"案件 {case.number} 此前已收到 {said} 的消息“{name}”，本次内容与首次不同，未作任何改动。",
        )
    return wanted, None


def one_at_a_time(session: Session, *names: str) -> None:
    """Let nobody else file or send what has these names until the transaction ends."""
    lock = sa.func.hashtextextended(" ".join(names), 0)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


def _sender_problems(
    caller: Caller, organisation: Organisation, path: str, facts: Mapping[str, Any]
) -> list[Problem]:
    if not path or not outside(caller):
        return []
    own = {
        unit.code for place in places_for(caller, "case.file") if (unit := organisation.by_path.get(place))
    }
    if _text(_at(facts, path)) in own:
        return []
    return [
        Problem(
            path,
            "has to be the code of your own unit; nobody files for another body",
            "必须是本单位的代码，不能替其他机构来文",
        )
    ]


def filed_before(session: Session, caller: Caller, wanted: Draft) -> Any:
    """The submission that has filed the same already, or None; from then on nobody else files it until the transaction ends.

    Raises FiledOtherwise, which names the values, when what was filed with them then was something else. The number is
    told only to who sees that case.
    """
    if wanted.key is None:
        return None
    one_at_a_time(session, "file", wanted.key.hex())
    row = session.execute(
        sa.select(
            _SUBMISSION.c.digest,
            _SUBMISSION.c.answer,
            _CASE.c.id,
            _CASE.c.number,
            _CASE.c.regime,
            _CASE.c.query_hash,
            _CASE.c.filed_at,
            _CASE.c.instance_id,
            _CASE.c.org_path,
            visible_to(caller).label("seen"),
        )
        .join(_CASE, _CASE.c.id == _SUBMISSION.c.case_id)
        .where(_SUBMISSION.c.regime == wanted.regime, _SUBMISSION.c.key == wanted.key)
    ).first()
    if row is None or row.digest == wanted.digest:
        return row
    said = _said(wanted)
    more, more_zh = (f" It is the case {row.number}.", f"案件编号 {row.number}。") if row.seen else ("", "")
    raise FiledOtherwise(
        f"To file a case under {wanted.regime} with {said} was asked; the same was filed before with other contents, and "
        f"nothing was changed.{more}",
        values=_shown(wanted),
        number=row.number if row.seen else None,
        message_zh=f"{said} 此前已登记，本次内容与首次不同，未作任何改动。{more_zh}",
    )


def keep(
    session: Session,
    deps: Deps,
    caller: Caller,
    case_id: UUID,
    wanted: Draft,
    sent: Sent | None,
    answer: Mapping[str, Any] | None = None,
) -> None:
    """Keep what a new case was filed with, or a message: where it has to be the only one, and of a body outside the bytes
    that came. answer: what was answered, where that is known.
    """
    kept = sent if sent is not None and outside(caller) else None
    if wanted.key is None and kept is None:
        return
    session.execute(
        sa.insert(_SUBMISSION).values(
            case_id=case_id,
            regime=wanted.regime,
            message=wanted.message,
            answer=answer,
            key=wanted.key,
            values=dict(wanted.values) if wanted.key else {},
            digest=wanted.digest,
            body=kept.body if kept else None,
            body_sha256=sha256(kept.body).digest() if kept else None,
            content_type=kept.content_type[:200] if kept and storable(kept.content_type) else "",
            sent_at=deps.clock.now(),
            sent_by=caller.id,
            sent_by_name=caller.name,
        )
    )


def keep_answer(session: Session, case_id: UUID, answer: Mapping[str, Any]) -> None:
    """Keep what was answered, for who sends the same again. The query code stays out: it is made again from the case."""
    said = {**answer, "query_code": ""}
    session.execute(
        sa.update(_SUBMISSION)
        .where(_SUBMISSION.c.case_id == case_id, _SUBMISSION.c.message == "")
        .values(answer=said)
    )


def query_code(deps: Deps, case_id: UUID, kept: bytes) -> str:
    """The query code of a case that is the only one of its kind, made with the key it was made with; empty where that key
    is gone.
    """
    for secret in (deps.settings.ensure_secret_key(), *deps.settings.old_secret_keys):
        code = derived_query_code(secret, case_id)
        if query_hash(code) == kept:
            return code
    return ""


def original(session: Session, deps: Deps, caller: Caller, number: str) -> Any:
    """What a body outside sent when it filed a case: body, body_sha256, content_type, sent_at, sent_by_name.

    For who sees the case from within, and for the body itself. Raises NotFound, in the words of `read_case` too when nothing
    was sent from outside, or not by whoever of outside asks.
    """
    case = read_case(session, deps, caller, number)
    row = session.execute(
        sa.select(_SUBMISSION).where(_SUBMISSION.c.case_id == case.id, *_CAME_FROM_OUTSIDE)
    ).first()
    own = case.inside or case.org_path in places_for(caller, "case.file")
    if row is None or not own:
        raise NotFound(
            f"The original of the case {number[:60]} was asked for; there is none for you.",
            number=number[:60],
        )
    return row


def has_original(session: Session, case_id: UUID) -> bool:
    """Whether a case came from a body outside, whose bytes are kept."""
    kept = sa.select(_SUBMISSION.c.case_id).where(_SUBMISSION.c.case_id == case_id, *_CAME_FROM_OUTSIDE)
    return session.scalar(kept) is not None


def _digest(asked: Any) -> bytes | None:
    """Of everything that was asked; None of what is nested too deeply, or has a number that is none."""
    try:
        return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS, default=str)).digest()
    except TypeError:
        return None


def _paths(said: str | Iterable[str]) -> list[str]:
    """Paths of fields, as a property lists them."""
    listed = said.split(",") if isinstance(said, str) else said
    return [path.strip() for path in listed if path.strip()]


def _shown(wanted: Draft) -> dict[str, str]:
    return {path: value[:SHOWN] for path, value in wanted.values.items()}


def _said(wanted: Draft) -> str:
    return "，".join(f"{path} = {value}" for path, value in _shown(wanted).items())


def _at(facts: Any, path: str) -> Any:
    for step in path.split("."):
        facts = facts.get(step) if isinstance(facts, Mapping) else None
    return facts


def _text(value: Any) -> str:
    """A fact as text; what is no plain value is none."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _plain(value: str) -> str:
    """A text however it was typed: full or half width, spaces, what no eye sees (zero width, direction) and case do not matter."""
    return "".join(
        char
        for char in unicodedata.normalize("NFKC", value)
        if not char.isspace() and unicodedata.category(char) != "Cf"
    ).casefold()
