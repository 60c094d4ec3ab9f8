"""docs/permissions.md is what the matrix says now."""

from __future__ import annotations

from pathlib import Path

from tasks.permissions.printing import as_markdown

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_the_page_of_permissions_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), (
        "run `redress permissions --format markdown --write docs/permissions.md`"
    )
