"""What the drawing and the trial run both find is told once."""

from __future__ import annotations

from engine.dialect.soundness.merging import with_trial
from engine.trial.trying import Trial
from tests.engine.diagrams import process
from tests.engine.trial.trying import compiled

SPLIT = "start s", "xor x", "user a", "user b", "and j", "end e", "s -> x"
JOINED = "a -> j -> e", "b -> j"


def merged(*lines: str) -> list[tuple[str, str, str, bool]]:
    found = compiled(process("p", *lines))
    both = with_trial(found.findings, Trial().findings(found))
    codes = ("join-waits-for-ever", "runs-twice", "may-get-stuck", "dead-token", "endless-loop")
    return [(one.severity, one.code, one.element_id, bool(one.walk)) for one in both if one.code in codes]


def test_what_no_choice_excuses_stays_an_error_and_gets_the_walk() -> None:
    found = merged(*SPLIT, "x -> a : form.q.v = 1", "default x -> b", *JOINED)
    assert found == [("error", "dead-token", "j", True)]


def test_what_a_choice_leads_to_stays_the_warning_that_names_it() -> None:
    found = merged(
        "start s", "and f", "user a", "xor x", "user b", "and j", "end e", "end e2", "s -> f -> a -> j -> e",
        "f -> x", "x -> e2 : form.a.give_up = true", "default x -> b", "b -> j",
    )  # fmt: skip
    assert found == [("warning", "join-waits-for-ever", "j", True)]


def test_a_fork_that_comes_back_to_itself_is_told_of_as_endless() -> None:
    found = merged("start s", "xor m", "task a", "and x", "end e", "s -> m -> a -> x", "x -> m", "x -> e")
    assert [one[:2] for one in found] == [("error", "endless-loop")]
