"""The words of the forms: what a person reads beside a field is neither markup nor a hint squeezed into a label."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FORMS = sorted((Path(__file__).parents[2] / "bpmn" / "forms").glob("*.form"))
ENDS_IN_A_MARK = re.compile(r"\*\*[^*]*[：:，。；！？]\*\*(?=\S)")
"""Bold type that ends in a punctuation mark with text right behind it: Markdown shows the asterisks instead."""
HINT = re.compile(r"[（(].*(必填|选填|可不填|required|optional)")


def _components(components: Any) -> Iterator[dict[str, Any]]:
    for one in components or ():
        yield one
        yield from _components(one.get("components"))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_shows_no_markup_and_keeps_hints_out_of_its_labels(path: Path) -> None:
    for one in _components(json.loads(path.read_text(encoding="utf-8"))["components"]):
        assert not ENDS_IN_A_MARK.search(one.get("text") or ""), one["text"]
        for label in ("label", "dateLabel", "timeLabel"):
            assert not HINT.search(one.get(label) or ""), one[label]
