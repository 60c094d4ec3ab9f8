"""A template counts when it is right; everything that is wrong with one is told at once."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.letters import editing
from tasks.letters.mistakes import LetterFailed, StaleTemplate, TemplateRefused
from tasks.letters.paper.setting import set_sheet
from tasks.letters.template import read_template
from tests.tasks.letters.making import PLAIN, content, keep, letter_regime, letters, printed
from tests.tasks.letters.samples import AT, VARIABLES, filled
from tests.tasks.office import TestOffice

WRONG = """name_zh: 函
name: 函
---
> 尊敬的{{ csae.customer.name }}：
您好{{ 1 + }}，{{ letter.numbre }}，{{ dates(1) }}。
[rights] {{ case.number }}
# 一
# 二
{{ case.number
"""


def test_every_mistake_of_a_template_is_told_at_once_with_its_line() -> None:
    template, mistakes = read_template("Wrong key", WRONG, needed=frozenset({"answer"}))
    assert template is None
    told = {(one.line, one.message.split(" Did you mean ")[-1]) for one in mistakes}
    said = " ".join(f"{one.line}:{one.message}" for one in mistakes)
    assert (4, "case?") in told and (5, "number?") in told and (1, "name?") in told
    for part in (
        "0:a key is small English letters",
        "0:the head does not say its name_en",
        "5:the field {{1 +}} cannot be read",
        "5:the field {{dates(1)}} cannot be read",
        "6:the part [rights] is not among the parts",
        "8:it has a second title",
        "9:a field {{ is never closed",
        "0:the part answer must be declared",
        "0:no line is the part it must have: [answer]",
    ):
        assert part in said, (part, said)
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in one.message_zh) for one in mistakes)


def test_a_template_is_replaced_by_who_may_and_letters_keep_the_version_they_were_made_of(
    office: TestOffice,
) -> None:
    keep(office, plain=PLAIN)
    office.deploy(letter_regime())
    first = office.file(regime="letters")
    office.settle()
    (before,) = letters(office, first.number)
    pdf = content(office, "li_na", before.id)
    with office.acting("lu_jian") as (session, caller):
        text = PLAIN.replace("已经办结", "已经处理完毕")
        assert (
            editing.replace(session, office.deps, caller, "plain", text, version=1, note="改措辞").version
            == 2
        )
        assert editing.replace(session, office.deps, caller, "plain", text, version=2).version == 2
    keep(office, plain=PLAIN)
    second = office.file(regime="letters")
    office.settle()
    (after,) = letters(office, second.number)
    assert "已经处理完毕" in printed(content(office, "li_na", after.id)) and after.notes["version"] == 2
    assert content(office, "li_na", before.id) == pdf
    with office.acting("lu_jian") as (session, caller):
        old = editing.read(session, caller, "plain", before.notes["version"])
        assert old.digest == before.notes["template_digest"] and old.text == PLAIN
        with pytest.raises(StaleTemplate, match="version 2 counts by now"):
            editing.replace(session, office.deps, caller, "plain", PLAIN, version=1)


def test_a_part_that_the_content_asks_for_cannot_be_edited_away(office: TestOffice) -> None:
    with_rights = PLAIN.replace("---", "parts: rights\n---") + "[rights] 您可以提出申诉。\n"
    keep(office, plain=with_rights)
    with office.acting("lu_jian") as (session, caller):
        with pytest.raises(TemplateRefused) as refused:
            editing.replace(session, office.deps, caller, "plain", PLAIN, version=1)
        assert [one.message for one in refused.value.problems] == [
            "the part rights must be declared: versions before this one had to have it.",
            "no line is the part it must have: [rights].",
        ]


def test_what_no_form_asks_is_told_of_a_template(office: TestOffice) -> None:
    keep(office, plain=PLAIN)
    text = PLAIN + "{{ form.check_request.outcomes }}{{ label('x') }}{{ case.demnad }}\n".replace(
        "'x'", '"case.custmer.level"'
    )
    with office.acting("lu_jian") as (session, caller):
        with pytest.raises(TemplateRefused) as refused:
            editing.check(session, caller, "plain", text)
        assert [one.message.split(" is read")[0] for one in refused.value.problems] == [
            "form.check_request.outcomes",
            "case.custmer.level",
            "case.demnad",
        ]


def test_a_template_can_be_looked_at_without_a_case(office: TestOffice) -> None:
    keep(office, plain=PLAIN)
    with office.acting("lu_jian") as (session, caller):
        text = printed(editing.preview_stored(session, office.deps, caller, "plain"))
    assert "尊敬的〔case.customer.name〕：您反映的“〔case.demand〕”已经办结。" in text


HOSTILE: dict[str, Any] = {
    "braces": ("{{ case.number }} }} {{", "{{case.number}}}}{{"),
    "markup": (
        "# 标题\n- 项 | 格 [rights] #panic() $x$ *粗* @ref <b>",
        "#标题-项|格[rights]#panic()$x$*粗*@ref<b>",
    ),
    "lines": ("一\r\n\n二", "一二"),
    "invisible": ("甲\u202e乙\u200f\x07丙\u2028丁", "甲乙丙丁"),
    "unprintable": ("😀 שלום", "〔U+1F600〕〔U+05E9〕〔U+05DC〕〔U+05D5〕〔U+05DD〕"),
    "rare": ("𬭎㛃龘", "𬭎㛃龘"),
    "long": ("W" * 400, "W" * 400),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_a_customer_wrote_is_printed_and_nothing_of_it_is_read(kind: str) -> None:
    given, shown = HOSTILE[kind]
    facts = {**VARIABLES["case"], "demand": given}
    assert f"您的诉求：{shown}" in printed(set_sheet(filled("final_reply", case=facts), at=AT))


def test_a_megabyte_is_refused_in_words_and_ten_thousand_facts_cost_nothing() -> None:
    many = {f"fact_{n}": "值" for n in range(10_000)}
    filled("final_reply", case={**VARIABLES["case"], **many})
    with pytest.raises(LetterFailed, match="more than 100000 characters"):
        filled("final_reply", case={**VARIABLES["case"], "demand": "长" * 1_000_000})
