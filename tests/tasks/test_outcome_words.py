"""How a case turned out, in words; and what its clocks count for."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tasks.cases.outcomes import OUTCOMES, TAKEN_AWAY, outcome_words
from tasks.deadlines.faces import face

CONTENT = Path(__file__).resolve().parents[2] / "bpmn"


def test_a_code_nobody_knows_is_shown_as_it_is() -> None:
    assert outcome_words("withdrawn") == ("客户撤诉", "withdrawn")
    assert outcome_words("我们自己的") == ("我们自己的", "我们自己的")


def test_every_outcome_the_diagrams_write_has_words_in_chinese_and_english() -> None:
    written = set(re.findall(r'name="case\.outcome" value="([^"]*)"', _content("bpmn")))
    chosen = {
        option["value"]
        for text in written
        if text.startswith("=form.")
        for name, field in [text.removeprefix("=form.").split(".")]
        for part in json.loads((CONTENT / "forms" / f"{name}.form").read_text(encoding="utf-8"))["components"]
        if part.get("key") == field
        for option in part["values"]
    }
    assert {text for text in written if text.startswith("=")} == {"=form.close_case.closing_code"}
    codes = {text for text in written if not text.startswith("=")} | chosen
    assert len(codes) > 10
    for code in codes:
        zh, en = outcome_words(code)
        assert code in OUTCOMES and re.search("[\u4e00-\u9fff]", zh) and en.isascii(), code


def _content(ending: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(CONTENT.glob(f"**/*.{ending}")))


def test_a_clock_is_neither_kept_nor_missed_where_nobody_owes_any_more_what_it_measured() -> None:
    assert set(OUTCOMES) >= TAKEN_AWAY
    assert TAKEN_AWAY | {"cancelled", "terminated"} <= face.TAKEN_AWAY
    assert "resolved" not in face.TAKEN_AWAY
