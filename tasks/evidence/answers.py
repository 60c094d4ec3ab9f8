"""Answers of a form that name attachments: each must be there for whoever answers, and is filed with the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PureWindowsPath
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.evidence import reach
from tasks.evidence.attachments import link
from tasks.evidence.kinds import KINDS, MEDIA
from tasks.evidence.tables import Attachment
from tasks.forms import AnswersRefused, PaperAnswer, Problem
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

_PAPER = table(Attachment)
_MISSING = ("is not an attachment that was uploaded for this", "不是为此上传的附件，请重新选择文件")


def take(
    session: Session,
    deps: Deps,
    caller: Caller,
    named: Sequence[PaperAnswer],
    *,
    case_id: UUID | None,
    task_id: UUID | None,
    form: str,
) -> None:
    """File the attachments that answers name, in the transaction that takes the answers.

    Each is one of this case, or waits and was uploaded by the caller. Raises AnswersRefused, naming the field, for one
    that is neither, of another kind or of a type the field does not take; in the same words for one that is not there
    and one of somebody else. Does nothing, and asks nothing of the database, when no answer names one.
    """
    if not named:
        return
    require(caller, "attachment.add")
    waiting = sa.and_(
        _PAPER.c.case_id.is_(None), _PAPER.c.task_id.is_(None), _PAPER.c.uploaded_by == caller.id
    )
    here = _PAPER.c.case_id == case_id if case_id is not None else _PAPER.c.task_id == task_id
    if reach.outside(caller):
        here = sa.and_(here, _PAPER.c.uploaded_by == caller.id)
    ids = {one.id for one in named}
    found = {
        row.id: row
        for row in session.execute(sa.select(_PAPER).where(_PAPER.c.id.in_(ids), sa.or_(waiting, here)))
    }
    problems = [
        Problem(one.path, *wrong)
        for one in named
        if (wrong := _wrong_with(found.get(one.id), one)) is not None
    ]
    if problems:
        raise AnswersRefused(form, problems)
    new = [row.id for row in found.values() if row.case_id is None and row.task_id is None]
    if new:
        link(session, deps, caller, new, case_id=case_id, task_id=task_id)


def hand_over(
    session: Session,
    deps: Deps,
    caller: Caller,
    answers: Mapping[str, Any],
    *,
    case_id: UUID | None,
    task_id: UUID,
) -> None:
    """File the attachments that wait, were uploaded by the caller and are named anywhere in what they have filled in for
    somebody else, who could not send them. Asks nothing of the database where nothing looks like one. Raises WrongState when
    the case is closed or full.
    """
    named = {found for text in _texts(answers) if (found := _id(text)) is not None}
    if not named:
        return
    waiting = sa.select(_PAPER.c.id).where(
        _PAPER.c.id == sa.any_(sa.bindparam("named", type_=sa.ARRAY(sa.Uuid))),
        _PAPER.c.case_id.is_(None),
        _PAPER.c.task_id.is_(None),
        _PAPER.c.uploaded_by == caller.id,
    )
    new = list(session.scalars(waiting, {"named": list(named)}))
    if new:
        require(caller, "attachment.add")
        link(session, deps, caller, new, case_id=case_id, task_id=task_id)


def _texts(answers: Any) -> Iterator[str]:
    waiting = [answers]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            yield one


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _wrong_with(row: Any, asked: PaperAnswer) -> tuple[str, str] | None:
    if row is None:
        return _MISSING
    if asked.kind and row.kind != asked.kind:
        is_it, wanted = KINDS[row.kind], KINDS[asked.kind]
        return f"is {is_it.en}, and asks for {wanted.en}", f"附件是{is_it.zh}，此处需要{wanted.zh}"
    if not accepted(asked.accept, row.media_type, row.name):
        return f"takes {asked.accept} only, not {row.media_type}", f"此处只接受 {asked.accept}"
    return None


def accepted(accept: str, media_type: str, name: str) -> bool:
    """Whether a file is what an HTML `accept` lists: endings, media types, `image/*`. An empty list takes everything."""
    listed = [one.strip().lower() for one in accept.split(",") if one.strip()]
    endings = {*MEDIA[media_type].endings, PureWindowsPath(name).suffix.lower()}
    return not listed or any(
        one in endings
        if one.startswith(".")
        else one in (media_type, "*/*") or (one.endswith("/*") and media_type.startswith(one[:-1]))
        for one in listed
    )
