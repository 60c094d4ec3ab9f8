"""The condition under which a case is found by a text: number, phone, name, description, whatever its form asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import InvalidInput
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.people.caller import Caller
from tasks.permissions.matrix import EXTERNAL
from tasks.permissions.visibility import inside, visible_to
from tasks.search.tables import CaseWords

LONGEST = 60
"""Characters of a search."""
MOST_WORDS = 5
SHORTEST_WORD = 2
"""Characters: the index knows pairs."""
SEARCHED = "1 to 5 words, all of which are in the number or in what the case says: phone, name, description; 2 characters each at least"

_CASE = table(Case).c
_WORDS = table(CaseWords).c


def words_in(text: str) -> list[str]:
    """The words of a search, which all have to be found: whatever stands between spaces.

    Raises InvalidInput for a text of more than 60 characters or 5 words, a word of one character, or no word at all.
    """
    words = text.split()
    wrong = ""
    if not storable(text):
        raise InvalidInput(
            "A search for a text that cannot be stored was asked for.",
            message_zh="搜索内容含有无法识别的字符。",
        )
    if len(text) > LONGEST or not 1 <= len(words) <= MOST_WORDS:
        wrong = f"a search is 1 to {MOST_WORDS} words, together at most {LONGEST} characters"
    elif any(len(word.replace("-", "")) < SHORTEST_WORD for word in words):
        wrong = f"each word needs at least {SHORTEST_WORD} characters"
    if wrong:
        raise InvalidInput(
            f"A search for “{text[:LONGEST]}” was asked for; {wrong}.",
            message_zh=f"搜索内容为 1 至 {MOST_WORDS} 个词，每词至少 {SHORTEST_WORD} 个字，合计不超过 {LONGEST} 个字。",
        )
    return words


def in_words(words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    """The conditions on `case_words` under which all words are in it, by its index."""
    conditions: list[sa.ColumnElement[bool]] = []
    for word in words:
        wanted = sa.func.search_words(word)
        conditions += [
            _WORDS.pairs.contains(sa.func.letter_pairs(wanted)),
            sa.func.strpos(_WORDS.words, wanted) > 0,
        ]
    return conditions


def says(caller: Caller, text: str) -> sa.ColumnElement[bool]:
    """The condition on a visible `case_file` under which it is found by `text`; for a body outside, from which what a case
    says is hidden, by its whole number. Raises InvalidInput as `words_in` does.
    """
    found = _CASE.id.in_(sa.select(_WORDS.case_id).where(*in_words(words_in(text))))
    if EXTERNAL not in caller.roles:
        return found
    return sa.or_(sa.and_(inside(caller), found), _CASE.number == text.strip())


def cases_found(caller: Caller, text: str) -> sa.Select[Any]:
    """The ids of the cases that the caller may read and that are found by `text`: a confidential one only by those who may
    read it. Raises InvalidInput as `words_in` does.
    """
    return sa.select(_CASE.id).where(visible_to(caller), says(caller, text))
