"""The office sorts complaints by its own lists: replaced without code, all or nothing, and old cases keep their words."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import InvalidInput
from redress.content import classification
from redress.places import packaged
from tasks.classification.lists import Classification, Entry, read_classification
from tasks.classification.loading import as_csv, load_lists, replace_list
from tasks.forms import AnswersRefused, compile_form

HEAD = "code,name_zh,name_en,within,clause,ours\n"
LINES = HEAD + "mobile,移动,Mobile,,,\nfixed,固网,Fixed,,,\n"
BUSINESS = HEAD + "gsm,GSM,,mobile,,\nbroadband,宽带,,fixed,,\n"
PROBLEM = HEAD + "roaming,漫游,,mobile,,\ntariff,资费,,fixed,,\nother,其他,,,,yes\n"
FILES = {"business_line": LINES, "business": BUSINESS, "problem_type": PROBLEM}
FORM: dict[str, Any] = {
    "id": "start",
    "components": [
        {"type": "select", "id": "a", "key": "business", "values": [{"label": "旧", "value": "old"}],
         "properties": {"classification": "business"}},
        {"type": "group", "id": "g", "components": [
            {"type": "radio", "id": "b", "key": "problem", "values": [],
             "properties": {"classification": "problem_type", "within": "business"}}]},
        {"type": "select", "id": "c", "key": "free", "values": [{"label": "一", "value": "one"}]},
    ],
}  # fmt: skip


@pytest.fixture
def loaded(sessions: sessionmaker[Session], clock: FrozenClock) -> Classification:
    with sessions.begin() as session:
        assert load_lists(session, FILES, now=clock.now()) == 7
    with sessions() as session:
        return read_classification(session)


def answer(lists: Classification, clock: FrozenClock, **answers: str) -> dict[str, Any]:
    return compile_form(lists.fill(FORM, "form")).check(answers, now=clock.now())


def refusal(lists: Classification, clock: FrozenClock, **answers: str) -> set[str]:
    with pytest.raises(AnswersRefused) as refused:
        answer(lists, clock, **answers)
    return {f"{one.path}: {one.message}" for one in refused.value.problems}


def test_the_options_of_a_form_are_those_of_the_list_and_no_others(
    loaded: Classification, clock: FrozenClock
) -> None:
    assert answer(loaded, clock, business="gsm", problem="roaming")["problem"] == "roaming"
    assert refusal(loaded, clock, business="old") == {"business: has no option 'old'"}
    assert answer(loaded, clock, free="one")["free"] == "one"


def test_a_problem_goes_with_the_business_of_its_line_only(
    loaded: Classification, clock: FrozenClock
) -> None:
    assert refusal(loaded, clock, business="broadband", problem="roaming") == {
        "problem: 'roaming' does not go with 'broadband'"
    }
    assert answer(loaded, clock, business="broadband", problem="other")
    assert answer(loaded, clock, problem="roaming")


def test_a_form_without_lists_stays_as_it_is(loaded: Classification) -> None:
    form = {"components": FORM["components"][2:]}
    assert loaded.fill(form, "other") == form
    assert Classification().fill(FORM, "form") == FORM


def test_what_a_new_list_leaves_out_is_offered_no_more_and_keeps_its_word(
    sessions: sessionmaker[Session], clock: FrozenClock, loaded: Classification
) -> None:
    with sessions.begin() as session:
        done = replace_list(
            session,
            "business",
            HEAD + "gsm,全球通,,mobile,,\n5g,5G,,,,\n".replace("5g,", "nr,"),
            now=clock.now(),
        )
    assert (done.added, done.changed, done.ended) == (("nr",), ("gsm",), ("broadband",))
    with sessions() as session:
        lists = read_classification(session)
    assert [one.code for one in lists.offered("business")] == ["gsm", "nr"]
    shown = lists.fill(FORM, "form", ended=True)["components"][0]["values"]
    assert {"label": "宽带", "value": "broadband"}.items() <= next(
        v for v in shown if v["value"] == "broadband"
    ).items()
    assert refusal(lists, clock, business="broadband") == {"business: has no option 'broadband'"}


def test_what_the_office_changed_outlives_a_start_until_the_file_says_something_else(
    sessions: sessionmaker[Session], clock: FrozenClock, loaded: Classification
) -> None:
    with sessions.begin() as session:
        replace_list(session, "business", HEAD + "gsm,GSM,,mobile,,\n", now=clock.now())
        assert load_lists(session, FILES, now=clock.now()) == 0
    with sessions.begin() as session:
        assert (
            load_lists(session, {**FILES, "business": BUSINESS + "phs,小灵通,,fixed,,\n"}, now=clock.now())
            == 2
        )
    with sessions() as session:
        assert [one.code for one in read_classification(session).offered("business")] == [
            "gsm",
            "broadband",
            "phs",
        ]


def test_a_list_comes_back_from_its_own_export_in_which_no_cell_is_a_formula(
    sessions: sessionmaker[Session], clock: FrozenClock, loaded: Classification
) -> None:
    odd = (Entry("gsm", "=1+1", "@SUM(1)", ("mobile",), "-2"),)
    text = as_csv(odd)
    assert "gsm,'=1+1,'@SUM(1),mobile,'-2," in text
    with sessions.begin() as session:
        replace_list(session, "odd", text, now=clock.now())
        assert read_classification(session).lists["odd"] == odd
        assert not replace_list(session, "business", as_csv(loaded.lists["business"]), now=clock.now())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,name_zh\nBad Code,甲\n", "'Bad Code' is not small letters"),
        ("code,name_zh\na,甲\na,乙\n", "a stands twice"),
        ("code,name_zh\na,\n", "a needs a Chinese name"),
        ("code\na\n", "name_zh is missing"),
        ("code,name_zh,colour\na,甲,red\n", "colour"),
        ("code,name_zh\na,甲,more\n", "outside the headings"),
        ("code,name_zh\n", "it has no rows"),
        ("code,name_zh\na,甲\x00\n", "characters"),
        ("code,name_zh\n" + "".join(f"a{n},甲\n" for n in range(5_001)), "more than 5000 rows"),
    ],
)  # fmt: skip
def test_a_list_is_taken_whole_or_refused_with_every_mistake(
    sessions: sessionmaker[Session], clock: FrozenClock, loaded: Classification, text: str, said: str
) -> None:
    with sessions() as session, pytest.raises(InvalidInput, match=said):
        replace_list(session, "business", text, now=clock.now())
    with sessions() as session:
        assert read_classification(session).lists == loaded.lists


def test_what_is_shipped_loads_and_every_code_above_is_there(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    files = classification(packaged("bpmn"))
    with sessions.begin() as session:
        load_lists(session, files, now=clock.now())
    with sessions() as session:
        lists = read_classification(session).lists
    everything = {entry.code for entries in lists.values() for entry in entries}
    assert {code for entries in lists.values() for entry in entries for code in entry.within} <= everything
    assert {"business_line", "business", "problem_type", "symptom", "cause", "channel"} <= set(lists)
