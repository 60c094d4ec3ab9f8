"""The glossary and the code use the same words."""

from __future__ import annotations

import re
from pathlib import Path

from engine import instance
from engine.history import KINDS
from redress.schema import declared_metadata
from tasks import user_task

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(\w+)`", GLOSSARY))


def test_everything_the_database_and_the_history_name_is_explained() -> None:
    assert declared_metadata().tables.keys() | set(KINDS) | states() <= NAMED


def test_everything_the_glossary_names_exists() -> None:
    existing = declared_metadata().tables.keys() | set(KINDS) | states()
    assert existing >= NAMED


def test_every_line_says_it_in_both_languages() -> None:
    rows = [
        line
        for line in GLOSSARY.splitlines()
        if line.startswith("| ") and "中文" not in line and "states |" not in line
    ]
    assert len(rows) > 40
    for row in rows:
        assert re.search(r"[a-z]", row), row
        assert re.search(r"[\u4e00-\u9fff]", row), row


def states() -> set[str]:
    return {
        instance.ACTIVE, instance.SUSPENDED, instance.COMPLETED, instance.CANCELLED,
        user_task.CREATED, user_task.ASSIGNED, user_task.DELEGATED, user_task.COMPLETED, user_task.CANCELLED,
    }  # fmt: skip
