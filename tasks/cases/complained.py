"""Whom a case complains about: the accounts its facts, or the answers to its tasks, name (`tasks.desk.eligible`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import storable
from tasks.forms import AnswersRefused, Problem
from tasks.people.tables import Person

COMPLAINED_OF = "staff_complained_of"
"""The name of the fact, and of the field of any form that says it."""

_PARTS = re.compile(r"[\s,，、;；]+")
"""As `words_of` in the database."""


def refuse_unknown_staff(session: Session, form: str, answers: Mapping[str, Any]) -> None:
    """Refuse answers that complain about an account nobody has: they would keep nobody from the case. No statement where nobody
    is named. Raises AnswersRefused.
    """
    said = answers.get(COMPLAINED_OF)
    texts = said if isinstance(said, list) else [said]
    named = [word for text in texts if isinstance(text, str) for word in _PARTS.split(text) if word]
    if not named:
        return
    wanted = [word.lower() for word in named if storable(word)]
    login = sa.func.lower(Person.login)
    known = set(session.scalars(sa.select(login).where(login.in_(wanted), Person.kind == "person")))
    if unknown := [word for word in dict.fromkeys(named) if word.lower() not in known]:
        problem = Problem(
            COMPLAINED_OF,
            f"names no account: {', '.join(unknown)[:200]}",
            f"没有这些账号：{'、'.join(unknown)[:200]}（请填写账号，不是姓名）",
        )
        raise AnswersRefused(form, [problem])
