"""docs/checks.md tells of every finding the check can make."""

from __future__ import annotations

import re

from tests.docs.finding_codes import PAGE, ROOT, SAID, every_finding, page


def test_the_page_has_every_code_with_its_sentences() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "rewrite it: python -m tests.docs.finding_codes"


def test_the_codes_people_meet_are_among_them() -> None:
    found = {one.code: one for one in every_finding()}
    for code, severity in (
        ("join-waits-for-ever", "warning"),
        ("read-too-early", "warning"),
        ("shapes-overlap", "warning"),
        ("without-name", "note"),
        ("dead-token", "error"),
        ("flow-without-condition", "error"),
        ("not-xml", "error"),
    ):
        assert found[code].severity == severity, found[code]
    assert {"runs-twice", "unknown-group", "parameter-missing", "table-gap"} <= found.keys()
    assert len(found) > 150


def test_what_is_written_by_hand_is_still_made() -> None:
    code = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("dialect", "expressions")
        for file in (ROOT / "engine" / folder).rglob("*.py")
    )
    for one in SAID:
        assert f'"{one.code}"' in code or one.code.startswith("needs-"), one.code


def test_the_codes_the_text_explains_exist() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Every code")[0]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text))
    assert named <= {one.code for one in every_finding()}
