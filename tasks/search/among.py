"""Finding by a text among rows that each belong to a case, such as tasks: by the index of what cases say where few say it, else one
row after the other in the order in which they are read, because that order is worth more than a long list of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tasks.cases.tables import Case
from tasks.core import table
from tasks.people.caller import Caller
from tasks.permissions.matrix import EXTERNAL
from tasks.permissions.visibility import visible_to
from tasks.search.finding import cases_found, in_words, words_in
from tasks.search.tables import CaseWords

FEW = 10_000
"""Up to so many cases are looked up one by one, in less than a tenth of a second. What more of them say stands on one of a
hundred rows even in a million, so that a page is soon full."""

_CASE = table(Case).c
_WORDS = table(CaseWords).c


@dataclass(frozen=True, slots=True)
class Way:
    """Conditions that hold together. few: rows are found by their cases, so few that their order is no help."""

    conditions: tuple[sa.ColumnElement[bool], ...]
    few: bool = False


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases among which rows are looked for: how many there are, up to one more than FEW, and which."""

    count: sa.ColumnElement[int]
    ids: sa.ColumnElement[Any]

    def ways(
        self, case_id: sa.ColumnElement[Any], theirs: sa.ColumnElement[bool], *also: Any
    ) -> tuple[Way, Way]:
        """The two ways to rows of these cases, one of which is gone when the statement runs. theirs: the same asked of a
        row by itself; also: what has to be true besides.
        """
        return (
            Way((self.count <= FEW, case_id == sa.any_(self.ids), *also), few=True),
            Way((self.count > FEW, theirs, *also)),
        )


def cases_of(found: sa.Select[Any]) -> Cases:
    """The cases of a statement of one column, their id. It runs once, however often its cases are asked for."""
    first = found.limit(FEW + 1).subquery()
    (each,) = first.c
    several = sa.select(
        sa.func.array_agg(each, type_=sa.ARRAY(sa.Uuid)).label("ids"), sa.func.count().label("count")
    ).cte()
    ids = sa.func.coalesce(sa.select(several.c.ids).scalar_subquery(), sa.cast([], sa.ARRAY(sa.Uuid)))
    return Cases(sa.select(several.c.count).scalar_subquery(), ids)


def ways_to(
    caller: Caller, text: str, case_id: sa.ColumnClause[Any], *also: sa.ColumnElement[bool]
) -> tuple[Way, ...]:
    """The ways to the rows whose case `tasks.search.finding.cases_found` finds by a text, and of whose `case_file` `also` is
    true: a row is found if all conditions of any way hold. Only one of the ways is gone when the statement runs.

    case_id: the column of the rows. Raises InvalidInput as `words_in` does.
    """
    if EXTERNAL in caller.roles:
        return (Way((case_id.in_(cases_found(caller, text).where(*also)),)),)
    words = words_in(text)
    # Asked as a value of the row, which keeps PostgreSQL from reading all cases there are to join them.
    read = sa.select(sa.and_(visible_to(caller), *also)).where(_CASE.id == case_id)
    readable = read.correlate(case_id.table).scalar_subquery()
    saying = sa.select(
        sa.and_(*(sa.func.strpos(_WORDS.words, sa.func.search_words(word)) > 0 for word in words))
    )
    says = saying.where(_WORDS.case_id == case_id).correlate(case_id.table).scalar_subquery()

    return cases_of(sa.select(_WORDS.case_id).where(*in_words(words))).ways(case_id, says, readable)
