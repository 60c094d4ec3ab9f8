"""What a clerk reads of a clock."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from admin.deadlines.outcomes import COUNTED
from admin.show.clocks import amount_words, cause_words, face_words, left_words, limit_words, task_words
from admin.show.court import hours_words
from admin.show.filters import due
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.faces.face import Left, face_of
from tasks.deadlines.policies.words import LEVEL_NAMES
from tests.bpmn.drawing import CONTENT
from tests.tasks.deadlines.test_faces import NINE, STATE_COUNCIL, row

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (Left(50 * HOUR, 2, 5 * HOUR), "剩 2 个工作日 5 小时", "2 working days 5 h left"),
        (Left(50 * HOUR, 1, timedelta(minutes=20)), "剩 1 个工作日 20 分", "1 working day 20 min left"),
        (Left(50 * HOUR, 2, timedelta()), "剩 2 个工作日", "2 working days left"),
        (Left(5 * HOUR, 0, 3 * HOUR), "剩 3 小时", "3 h left"),
        (Left(2 * HOUR, 0, timedelta()), "剩 2 小时", "2 h left"),
        (Left(26 * HOUR), "剩 1 天 2 小时", "1 d 2 h left"),
        (Left(-3 * HOUR), "超时 3 小时", "3 h over"),
        (Left(-3 * HOUR, 0, -3 * HOUR), "超时 3 小时", "3 h over"),
    ],
)
def test_what_is_left_is_told_in_the_limits_own_time(left: Left, zh: str, en: str) -> None:
    assert left_words(left) == (zh, en)


@pytest.mark.parametrize(
    ("hours", "more", "state", "words"),
    [
        (0, {}, "calm", "剩 10 小时"),
        (9.5, {}, "soon", "仅剩 30 分钟"),
        (13, {}, "late", "超时 3 小时"),
        (2, {"paused_at": NINE, "pause_reason": "customer", "due_at": None}, "paused", "暂停中 2 小时"),
        (99, {"stopped_at": NINE + 2 * HOUR}, "met", "按时完成"),
        (99, {"stopped_at": NINE + 12 * HOUR}, "missed", "超时 2 小时"),
        (99, {"stopped_at": NINE, "stop_reason": "cancelled"}, "none", "已停止"),
    ],
)
def test_a_clock_is_words_before_it_is_a_colour(
    hours: float, more: dict[str, Any], state: str, words: str
) -> None:
    face = face_words(face_of(row(**more), STATE_COUNCIL, NINE + hours * HOUR))
    assert (face.state, face.text) == (state, words)
    assert 0 <= face.used <= 1


def test_a_pause_says_since_when_and_why() -> None:
    stands = row(paused_at=NINE, pause_reason="customer", due_at=None, warn_at=None)
    face = face_words(face_of(stands, STATE_COUNCIL, NINE + HOUR))
    assert face.paused == ("03-02 09:00 起 · 等待客户", "since 03-02 09:00: waiting for the customer")


@pytest.mark.parametrize(
    ("minutes", "done", "state", "words"),
    [
        (600, None, "calm", "剩 10 小时"),
        (-50, None, "late", "超时 50 分钟"),
        (60, 0, "met", "按时完成"),
        (-60, 0, "missed", "超时 1 小时"),
    ],
)
def test_a_task_with_only_a_due_date_of_its_diagram_is_told_by_that(
    minutes: int, done: int | None, state: str, words: str
) -> None:
    task = SimpleNamespace(
        created_at=NINE - 2 * HOUR, due_at=NINE + timedelta(minutes=minutes), warn_at=None,
        completed_at=None if done is None else NINE,
    )  # fmt: skip
    face = task_words(task, None, NINE)
    assert (face.state, face.text) == (state, words)


def test_the_end_of_a_day_is_24_oclock_of_that_day() -> None:
    assert due(NINE + 15 * HOUR) == "2026-03-02 24:00"
    assert due(None) == "—"


def test_limits_say_their_unit_and_what_they_were_extended_by() -> None:
    assert amount_words(Decimal("0.500"), "wd") == ("0.5 个工作日", "0.5 working days")
    face = face_of(row(amount=Decimal(7), unit="wd", extended=Decimal(1)), STATE_COUNCIL, NINE)
    assert limit_words(face) == ("7 个工作日 + 延期 1 个工作日", "7 working days + 1 working day extension")


def test_causes_are_told_with_their_reason_and_unknown_ones_as_they_are() -> None:
    assert cause_words("resume:customer") == ("恢复（等待客户）", "resumed (waiting for the customer)")
    assert cause_words("eclipse") == ("eclipse", "eclipse")


def test_lengths_of_the_ledger_are_hours_and_minutes() -> None:
    told = [hours_words(minutes) for minutes in (0, 59, 60, 61, 1500, None)]
    assert told == ["0 分", "59 分", "1 小时", "1 小时 1 分", "25 小时", "—"]


def test_the_figures_have_words_for_limits_of_every_unit_a_clock_may_have() -> None:
    (allowed,) = (one for one in table(Clock).constraints if one.name and one.name.endswith("unit"))
    units = re.findall(r"'(\w+)'", str(allowed.sqltext))  # type: ignore[attr-defined]
    assert sorted(COUNTED) == sorted(units)
    assert len(set(COUNTED.values())) == len(units)


def test_every_level_the_shipped_register_names_has_its_words() -> None:
    with (CONTENT / "organisation" / "clocks.csv").open(newline="", encoding="utf-8") as file:
        levels = {
            row["level"] for row in csv.DictReader(file) if row["code"].startswith(("R01", "R02", "R03"))
        }
    assert levels - {""} <= LEVEL_NAMES.keys()
