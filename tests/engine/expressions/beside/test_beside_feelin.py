"""Our engine and feelin, side by side on generated expressions and cells: they agree, or the difference is known.

`REDRESS_FUZZ=100000` in the environment makes the fuzz that long, on cases that differ from run to run, and has it
report every unknown difference it met instead of stopping at the first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.engine.expressions.beside.blame import Difference, ask_ours, ask_theirs, difference
from tests.engine.expressions.beside.feelin import VERSION, Feelin
from tests.engine.expressions.beside.generate import Case, cases
from tests.engine.expressions.beside.known import KNOWN, Known, known_as

EXAMPLES = int(os.environ.get("REDRESS_FUZZ", "400"))
IS_LONG = "REDRESS_FUZZ" in os.environ
SECTION = "## Where the modeler's simulator differs"
PAGE = Path(__file__).parents[4] / "docs" / "feel.md"


@pytest.fixture(scope="module")
def feelin() -> Iterator[Feelin]:
    with Feelin() as running:
        yield running


def test_both_engines_say_the_same_or_the_difference_is_known(feelin: Feelin) -> None:
    unknown: dict[tuple[str, tuple[str, ...]], Difference] = {}

    @settings(
        max_examples=EXAMPLES,
        derandomize=not IS_LONG,
        database=None,
        phases=[Phase.generate] if IS_LONG else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def compare(case: Case) -> None:
        found = difference(feelin, case)
        if found is None or known_as(found):
            return
        if not IS_LONG:
            pytest.fail(f"feelin differs:\n{found}")
        unknown.setdefault((found.form, found.types), found)

    compare()
    assert not unknown, "\n".join(map(str, unknown.values()))


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.id)
def test_a_known_difference_is_still_there(feelin: Feelin, known: Known) -> None:
    variables = {} if known.given is None else {"x": known.given}
    ours = ask_ours(known.example, variables, known.given)
    theirs = ask_theirs(feelin, known.example, variables, known.given)
    assert (ours.failed or str(ours), theirs.failed or str(theirs)) == (known.ours, known.theirs)


def test_the_page_for_authors_lists_exactly_the_known_differences() -> None:
    section = PAGE.read_text(encoding="utf-8").split(SECTION)[1].split("\n## ")[0]
    rows = re.findall(
        r"^\| ([a-z-]+) \| `(.+?)`(?: .*?`(.+?)`)? \| `?(.+?)`? \| `?(.+?)`? \| .+ \|$",
        section,
        re.M,
    )
    told = {row[0]: row[1:] for row in rows}
    fires = {"true": "fires", "false": "does not fire"}
    assert told == {
        one.id: (one.example, "", one.theirs, one.ours)
        if one.given is None
        else (one.example, one.given, fires[one.theirs], fires[one.ours])
        for one in KNOWN
    }
    assert f"feelin {VERSION}" in section


def test_each_known_difference_has_an_id_of_its_own() -> None:
    assert len({one.id for one in KNOWN}) == len(KNOWN)
