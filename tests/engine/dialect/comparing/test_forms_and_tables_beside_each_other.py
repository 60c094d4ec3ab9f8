"""What differs between two versions of a form or a decision table is found: fields, columns, rows and cells."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from engine.dialect.comparing import Detail, compare_decisions, compare_forms, compare_parts, part_of

CONTENT = Path(__file__).parents[4] / "bpmn"
FORMS = sorted(CONTENT.glob("forms/*.form"))
TABLES = sorted(CONTENT.glob("decisions/*.dmn"))
LEVEL = (CONTENT / "decisions/level.dmn").read_text(encoding="utf-8")


def form(*components: dict[str, Any]) -> bytes:
    return json.dumps({"type": "default", "id": "f", "components": components}).encode()


NAME = {"type": "textfield", "key": "name", "id": "F1", "label": "姓名", "validate": {"required": True}}
AGE = {"type": "number", "key": "age", "id": "F2", "label": "年龄"}
WORDS = {"type": "text", "id": "T1", "text": "说明"}


def test_fields_are_told_apart_by_key() -> None:
    found = compare_forms(
        form(NAME, AGE, WORDS), form(NAME | {"validate": {"required": True, "maxLength": 9}}, WORDS)
    )
    assert [(one.what, one.id) for one in found.changes] == [("changed", "name"), ("removed", "age")]
    assert found.changes[0].details == (Detail("validate.maxLength", None, "9"),)


def test_another_key_of_the_same_field_is_a_change() -> None:
    (found,) = compare_forms(form(NAME), form(NAME | {"key": "full_name"})).changes
    assert found.details == (Detail("key", "name", "full_name"),)


def test_another_order_has_moved() -> None:
    (found,) = compare_forms(form(NAME, AGE, WORDS), form(WORDS, NAME, AGE)).changes
    assert (found.what, found.id, found.drawing) == ("moved", "T1", (Detail("order", "3", "1"),))


def test_options_are_told_one_by_one() -> None:
    one = {"type": "select", "key": "k", "values": [{"label": "甲", "value": "a"}]}
    other = one | {"values": [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}]}
    (found,) = compare_forms(form(one), form(other)).changes
    assert found.details == (Detail("values", "a = 甲", "a = 甲\nb = 乙"),)


def test_fields_of_groups_are_found() -> None:
    group = {"type": "group", "path": "customer", "id": "G", "components": [NAME]}
    (found,) = compare_forms(form(group), form(group | {"components": [NAME | {"label": "名字"}]})).changes
    assert (found.id, found.scope, found.details) == (
        "customer.name",
        "customer",
        (Detail("label", "姓名", "名字"),),
    )


def test_what_the_editor_writes_of_itself_means_nothing() -> None:
    one = json.loads(form(NAME | {"layout": {"row": "Row_1", "columns": 8}}))
    other = json.loads(form(NAME | {"layout": {"row": "Row_2", "columns": 8}}))
    other |= {"exporter": {"name": "x"}, "schemaVersion": 20}
    assert not compare_forms(json.dumps(one).encode(), json.dumps(other, indent=2).encode())


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"[" * 100_000, b"\xff", b'{"components": 3}', b"x" * (6 << 20)]
)
def test_a_form_that_cannot_be_read_is_a_sentence(content: bytes) -> None:
    (problem,) = compare_forms(content, form(NAME)).problems
    assert (problem.side, bool(problem.zh)) == ("before", True)


@pytest.mark.parametrize("path", [*FORMS, *TABLES], ids=lambda path: path.stem)
def test_every_file_equals_itself(path: Path) -> None:
    content = path.read_bytes()
    compare = compare_forms if path.suffix == ".form" else compare_decisions
    assert not compare(content, content + b"\n")


@pytest.mark.parametrize("seed", range(12))
def test_any_edit_of_a_form_is_found_and_mirrored(seed: int) -> None:
    chance = random.Random(seed)
    before = json.loads(chance.choice([one for one in FORMS if len(one.read_bytes()) > 3000]).read_bytes())
    later = json.loads(json.dumps(before))
    keyed = [one for one in later["components"] if one.get("key")]
    edited = chance.choice(keyed)
    edited["label"] = "改"
    later["components"].insert(0, {"type": "textfield", "key": "brought"})
    one, other = json.dumps(before).encode(), json.dumps(later).encode()
    assert {(c.what, c.id) for c in compare_forms(one, other).changes} == {
        ("changed", edited["key"]),
        ("added", "brought"),
    }
    assert {(c.what, c.id) for c in compare_forms(other, one).changes} == {
        ("changed", edited["key"]),
        ("removed", "brought"),
    }


def rows(old: str, new: str) -> list[tuple[str, int | None, int | None, tuple[Detail, ...]]]:
    assert old in LEVEL
    (found,) = compare_decisions(LEVEL.encode(), LEVEL.replace(old, new, 1).encode()).changes
    assert not found.details
    return [(one.what, one.before, one.after, one.cells) for one in found.rows]


def rule_texts() -> list[str]:
    return re.findall(r"<rule .*?</rule>", LEVEL, re.DOTALL)


def test_a_cell_is_told_with_its_row_and_column() -> None:
    second = rule_texts()[1]
    cell = re.findall(r"<outputEntry.*?<text>(.*?)</text>", second, re.DOTALL)[0]
    (found,) = rows(second, second.replace(f"<text>{cell}</text>", '<text>"another"</text>'))
    assert found == ("changed", 2, 2, (Detail("output 级别", cell, '"another"'),))


def test_a_row_that_was_added_shifts_no_other() -> None:
    first = rule_texts()[0]
    brought = re.sub(r' id="[^"]*"', lambda m: f'{m[0][:-1]}_new"', first).replace("<text>", "<text>1, ", 1)
    assert [(what, before, after) for what, before, after, _ in rows(first, brought + first)] == [
        ("added", None, 1)
    ]


def test_rows_without_their_ids_are_known_by_what_they_say() -> None:
    without = re.sub(r'(<(rule|inputEntry|outputEntry)) id="[^"]*"', r"\1", LEVEL)
    assert not compare_decisions(LEVEL.encode(), without.encode())
    last = rule_texts()[-1]
    gone = without.replace(re.sub(r'(<(rule|inputEntry|outputEntry)) id="[^"]*"', r"\1", last), "")
    (found,) = compare_decisions(without.encode(), gone.encode()).changes
    assert [(one.what, one.before) for one in found.rows] == [("removed", len(rule_texts()))]


def test_rows_in_another_order_have_moved() -> None:
    first, second = rule_texts()[:2]
    swapped = LEVEL.replace(first, "@1").replace(second, first).replace("@1", second)
    (found,) = compare_decisions(LEVEL.encode(), swapped.encode()).changes
    assert [(one.what, {one.before, one.after}) for one in found.rows] == [("moved", {1, 2})]


def test_hit_policy_column_and_requirement_are_told() -> None:
    later = LEVEL.replace('hitPolicy="FIRST"', 'hitPolicy="UNIQUE"').replace(
        "loop.coordination", "loop.other"
    )
    (found,) = compare_decisions(LEVEL.encode(), later.encode()).changes
    assert found.details == (
        Detail("hitPolicy", "FIRST", "UNIQUE"),
        Detail("input 需协调 expression", "loop.coordination", "loop.other"),
    )


@pytest.mark.parametrize("content", [b"", b"<broken", b"<definitions/>", b"\x00\x01"])
def test_decisions_that_cannot_be_read_are_a_sentence(content: bytes) -> None:
    (problem,) = compare_decisions(LEVEL.encode(), content).problems
    assert problem.side == "after"


def test_files_are_compared_by_their_kind() -> None:
    before = [part_of("a.form", form(NAME)), part_of("b.txt", b"1"), part_of("c.dmn", LEVEL.encode())]
    later = [part_of("a.form", form(AGE)), part_of("b.txt", b"2"), part_of("d.json", form(NAME))]
    assert [(one.key, one.kind, one.what) for one in compare_parts(before, later)] == [
        ("c.dmn", "dmn", "removed"),
        ("a.form", "form", "changed"),
        ("d.json", "form", "added"),
        ("b.txt", "other", "changed"),
    ]
