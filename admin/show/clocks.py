"""Clocks as people read them: words and a bar, what moved them and what was promised beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from admin.show.filters import instant, label, span
from admin.show.language import brief
from tasks.cases.outcomes import OUTCOMES, outcome_words
from tasks.deadlines.calendar.limits import CALENDAR_DAYS, FIXED, HOURS, WORKING_DAYS, plain
from tasks.deadlines.clocks.tables import UNASSIGNED
from tasks.deadlines.faces.face import Face, Left
from tasks.deadlines.faces.reading import Told
from tasks.deadlines.policies.pauses import pause_words
from tasks.user_task import lateness

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A clock as a page shows it. state: none, calm, soon, late, paused, met, missed or void; used: share of the time, 0 to 1.

    paused: since when and why it stands still; notes: what else is to be known of it, each in Chinese and English. case_due:
    when its case is due, where that is earlier; case_late: that is over.
    """

    state: str
    text: str
    text_en: str
    used: float = 0.0
    due: datetime | None = None
    warn: datetime | None = None
    promised: datetime | None = None
    paused: tuple[str, str] | None = None
    notes: tuple[tuple[str, str], ...] = ()
    case_due: datetime | None = None
    case_late: bool = False


NO_LIMIT = ClockFace("none", "无时限", "no limit")
_STATES = {
    "in_time": "calm",
    "warned": "soon",
    "late": "late",
    "paused": "paused",
    "met": "met",
    "missed": "missed",
}


def face_words(face: Face | None) -> ClockFace:
    """How a clock stands; NO_LIMIT without one."""
    if face is None:
        return NO_LIMIT
    zh, en = _standing(face)
    paused = None
    if face.paused_at is not None:
        why, why_en = pause_words(face.pause_reason)
        since = instant(face.paused_at, "short")
        paused = (f"{since} 起 · {why}", f"since {since}: {why_en}")
    notes = []
    if face.code == UNASSIGNED and face.stopped_at is None:
        notes.append(("待认领时限", "to be taken"))
    if face.provisional and face.stopped_at is None:
        notes.append(("暂定", "provisional"))
    return ClockFace(
        _STATES.get(face.state, "none"),
        zh,
        en,
        face.used,
        face.due_at,
        face.warn_at if face.stopped_at is None else None,
        face.promised_at,
        paused,
        tuple(notes),
    )


def task_words(task: Any, face: Face | None, now: datetime) -> ClockFace:
    """How the clock of a task (a row) stands at `now`; its own due date where only the diagram gave it one. Of a task that
    is over, whether it was done in time.
    """
    if task.due_at is None or (face is not None and face.code != UNASSIGNED and not task.completed_at):
        return face_words(face)
    done = task.completed_at
    left = task.due_at - (done or now)
    zh, en = span(left)
    state = lateness(task.due_at, task.warn_at, at=done or now)
    if done:
        late = state == "late"
        return ClockFace(
            "missed" if late else "met",
            f"超时 {zh}" if late else "按时完成",
            f"{en} late" if late else "in time",
            1.0,
            task.due_at,
        )
    total = task.due_at - task.created_at
    used = 1 - left / total if total > timedelta() else 1.0
    words = left_words(Left(left), soon=state == "warned")
    return ClockFace(_STATES[state], *words, min(1.0, max(0.0, used)), task.due_at, task.warn_at)


def beside(shown: ClockFace, of_case: Face | None) -> ClockFace:
    """The clock of a task with that of its case, where that ends earlier and therefore binds (domain §1.10 #2)."""
    if of_case is None or of_case.due_at is None or of_case.stopped_at is not None:
        return shown
    if shown.due is not None and shown.due <= of_case.due_at:
        return shown
    return replace(shown, case_due=of_case.due_at, case_late=of_case.state == "late")


def left_words(left: Left, *, soon: bool = False) -> tuple[str, str]:
    """What is left: `剩 2 个工作日 5 小时` of working days, else as the clock on the wall counts; `超时 3 小时` when over."""
    if left.natural < timedelta():
        zh, en = span(left.natural)
        return f"超时 {zh}", f"{en} over"
    zh, en = _working(left) or span(left.natural)
    return f"{'仅剩' if soon else '剩'} {zh}", f"{en} left"


def _working(left: Left) -> tuple[str, str] | None:
    """Whole working days after today and what the office still works today; None where neither is left, or was counted."""
    if left.days is None or left.office is None:
        return None
    zh, en = [], []
    if left.days:
        zh.append(f"{left.days} 个工作日")
        en.append(f"{left.days} working day{'s' if left.days > 1 else ''}")
    if left.office >= _HOUR:
        zh.append(f"{left.office // _HOUR} 小时")
        en.append(f"{left.office // _HOUR} h")
    elif left.office >= _MINUTE:
        zh.append(f"{left.office // _MINUTE} 分")
        en.append(f"{left.office // _MINUTE} min")
    return (" ".join(zh), " ".join(en)) if zh else None


def _standing(face: Face) -> tuple[str, str]:
    if face.state == "paused" and face.paused_at is not None:
        zh, en = span(face.at - face.paused_at)
        zh, en = f"暂停中 {zh}", f"paused for {en}"
        if face.left is None:
            return zh, en
        left, left_en = left_words(face.left)
        return f"{zh} · {left}", f"{en}, {left_en}"
    if face.left is not None:
        return left_words(face.left, soon=face.state == "warned")
    if face.state == "met":
        return "按时完成", "in time"
    if face.state == "missed" and face.due_at and face.stopped_at:
        zh, en = span(face.stopped_at - face.due_at)
        return f"超时 {zh}", f"{en} late"
    if face.stopped_at is None:
        return "无时限", "no limit"
    zh, en = outcome_words(face.stop_reason) if face.stop_reason in OUTCOMES else ("", "")
    return (f"已停止（{zh}）", f"stopped: {en}") if zh else ("已停止", "stopped")


_UNITS = {
    HOURS: ("小时", "h"),
    CALENDAR_DAYS: ("个自然日", "calendar days"),
    WORKING_DAYS: ("个工作日", "working days"),
}


def amount_words(amount: Decimal, unit: str) -> tuple[str, str]:
    """An amount in its unit: `7 个工作日`, `7 working days`. A fixed instant is extended by hours."""
    zh, en = _UNITS.get(unit, _UNITS[HOURS])
    number = plain(amount)
    if number == "1" and en.endswith("days"):
        en = en[:-1]
    return f"{number} {zh}", f"{number} {en}"


def limit_words(face: Face) -> tuple[str, str]:
    """The limit of a clock and what it was extended by."""
    zh, en = ("指定时刻", "a fixed time") if face.unit == FIXED else amount_words(face.amount, face.unit)
    if face.extended:
        more, more_en = amount_words(face.extended, face.unit)
        return f"{zh} + 延期 {more}", f"{en} + {more_en} extension"
    return zh, en


PROVISIONAL = (
    "计算中跨越尚未公布放假安排的年份，到期时间为暂定，公布后重新计算。",
    "Counted over a year whose holidays are not published yet; it is counted again when they are.",
)
_CAUSES = {
    "start": ("开始", "began"),
    "pause": ("暂停", "paused"),
    "resume": ("恢复", "resumed"),
    "extension": ("延期", "extended"),
    "calendar": ("工作日历变更", "calendar changed"),
    "policy": ("时限登记变更", "register changed"),
    "shortening": ("缩短", "shortened"),
    "level": ("级别变更", "level changed"),
    "region": ("转办", "moved to another unit"),
    "promise": ("承诺", "promised"),
}
_KINDS = {"case": ("案件", "case"), "stage": ("环节", "stage"), "task": ("工单", "task")}


def cause_words(cause: str) -> tuple[str, str]:
    """Why a due instant moved: `pause:customer` → 暂停（等待客户）."""
    what, _, why = cause.partition(":")
    zh, en = _CAUSES.get(what, (what, what))
    if not why:
        return zh, en
    why_zh, why_en = pause_words(why)
    return f"{zh}（{why_zh}）", f"{en} ({why_en})"


def told_words(told: Told) -> dict[str, Any]:
    """One clock of a panel, with everything that has happened to it."""
    face = told.face
    return {
        "id": face.id,
        "code": face.code,
        "name": face.name,
        "step": told.step if told.step != face.name else "",
        "kind": _KINDS.get(face.kind, (face.kind, face.kind)),
        "binds": face.binds,
        "running": face.stopped_at is None,
        "paused": face.paused_at is not None,
        "clock": face_words(face),
        "limit": limit_words(face),
        "target": None if face.target is None else amount_words(face.target, face.unit),
        "target_at": face.target_at,
        "promise_kept": face.promise_kept,
        "promises": len(told.promises),
        "provisional": PROVISIONAL if face.provisional and face.stopped_at is None else None,
        "pauses": [_pause(one, told.names, face.at) for one in told.pauses],
        "requests": [_request(one, face.unit) for one in told.requests],
        "moves": [_move(one, told.names) for one in told.moves],
        "in_unit": _UNITS.get(face.unit, _UNITS[HOURS]),
    }


def _pause(row: Any, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    zh, en = span((row.to_at or now) - row.from_at)
    return {
        "open": row.to_at is None,
        "why": pause_words(row.reason),
        "note": row.note,
        "from_at": row.from_at,
        "to_at": row.to_at,
        "by": who(row.begun_by, names),
        "ended_by": who(row.ended_by, names) if row.ended_by else "",
        "lasted": (zh, en),
    }


def _request(row: Any, unit: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": label(row.kind, "request_kind"),
        "state": row.state,
        "state_words": label(row.state, "request_state"),
        "amount": None if row.amount is None else amount_words(row.amount, unit),
        "reason": row.reason,
        "asked_at": row.asked_at,
        "asked_by": row.asked_by_name,
        "due_after": row.due_after,
        "decided_at": row.decided_at,
        "decided_by": row.decided_by_name,
        "note": row.note,
    }


def _move(row: Any, names: Mapping[str, str]) -> dict[str, Any]:
    return {"at": row.at, "cause": cause_words(row.cause), "due_at": row.due_at, "by": who(row.by, names)}


def who(written: str, names: Mapping[str, str]) -> str:
    """Somebody a ledger mentions by id; what the process does by itself is 系统's."""
    return names.get(written, brief("系统", "system"))
