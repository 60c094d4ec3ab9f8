"""How a case turned out, in words; and what its clocks count for."""

from __future__ import annotations

from tasks.cases.outcomes import OUTCOMES, TAKEN_AWAY, outcome_words
from tasks.deadlines.faces import face


def test_a_code_nobody_knows_is_shown_as_it_is() -> None:
    assert outcome_words("withdrawn") == ("客户撤诉", "withdrawn")
    assert outcome_words("我们自己的") == ("我们自己的", "我们自己的")


def test_a_clock_is_neither_kept_nor_missed_where_nobody_owes_any_more_what_it_measured() -> None:
    assert set(OUTCOMES) >= TAKEN_AWAY
    assert TAKEN_AWAY | {"cancelled", "terminated"} <= face.TAKEN_AWAY
    assert "resolved" not in face.TAKEN_AWAY
