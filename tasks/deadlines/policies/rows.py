"""One row of the register as somebody writes it: read and checked, every mistake at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from engine.errors import InvalidInput
from tasks.core import storable
from tasks.deadlines.calendar.limits import CALENDAR_DAYS, HOURS, UNITS, WORKING_DAYS
from tasks.deadlines.policies.pauses import PAUSE_REASONS
from tasks.deadlines.policies.rungs import LADDER, read_rungs
from tasks.deadlines.policies.tables import CHOSEN_BY, CLAIM, DONE, KEY
from tasks.deadlines.policies.words import COLUMNS, FIELDS, UNIT_NAMES
from tasks.mistakes import ChangeRefused

MOST = {HOURS: Decimal(87_600), CALENDAR_DAYS: Decimal(3_650), WORKING_DAYS: Decimal(2_500)}
"""Ten years of each unit: what lies beyond no calendar can promise."""
STEP = {HOURS: Decimal("0.001"), CALENDAR_DAYS: Decimal(1), WORKING_DAYS: Decimal("0.5")}
"""A limit is a multiple of this: whole calendar days, half working days."""
LENGTHS = {"name_zh": 200, "name_en": 200, "clause": 500, "rungs": 200, "note": 500}
WARN_RATIO = "warn_ratio"
"""The column of older files that `rungs` has taken the place of."""

_TEXTS = (*KEY, "unit", "stops_on", "name_zh", "name_en", "clause")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,29}(\.[A-Za-z0-9][A-Za-z0-9_-]{0,29}){1,2}")
_TOKEN = re.compile(r"[\w.-]{1,64}")
_YES, _NO = ("yes", "true", "1", "是"), ("no", "false", "0", "否", "")

Key = tuple[str, ...]
"""The values of KEY."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong. where: the line it was read from, or empty; thing: the row, such as `R01.stage/provincial`; column:
    the field. `message` follows them in a sentence.
    """

    where: str
    thing: str
    column: str
    message: str
    message_zh: str

    @property
    def path(self) -> str:
        return " · ".join(part for part in (self.where, self.thing, self.column) if part)

    @property
    def path_zh(self) -> str:
        column = FIELDS.get(self.column, self.column)
        return " · ".join(part for part in (self.where, self.thing, column) if part)


class RegisterRefused(ChangeRefused[Mistake]):
    """The clock register would not be right."""

    refused, refused_zh = "Changing the clock register", "没有改动时限登记"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a row says, named as the columns of `ClockPolicy`."""

    code: str
    regime: str = ""
    level: str = ""
    customer_level: str = ""
    network: str = ""
    name_zh: str = ""
    name_en: str = ""
    amount: Decimal
    target: Decimal | None = None
    unit: str
    rolls: bool = True
    rungs: str = LADDER
    pauses: tuple[str, ...] = ()
    promised: bool = False
    stops_on: str = DONE
    clause: str = ""
    ours: bool = False

    @property
    def key(self) -> Key:
        return tuple(getattr(self, name) for name in KEY)

    def plain(self) -> dict[str, Any]:
        """The row under the names of its columns, as JSON values."""
        found = {("limit" if each.name == "amount" else each.name): getattr(self, each.name)
                 for each in fields_of(self)}  # fmt: skip
        return {name: _plain(found[name]) for name in COLUMNS}


def label(key: Sequence[str]) -> str:
    """A row's key as people write it: `R01.stage/provincial/vip`; columns it does not narrow are left out."""
    return "/".join(part for part in key if part)


def written(amount: Decimal) -> str:
    """A number without needless zeros: 7, 0.5."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return written(value)
    return list(value) if isinstance(value, tuple) else value


def read_row(
    values: Mapping[str, Any], *, where: str = "", base: Terms | None = None
) -> tuple[Terms | None, list[Mistake]]:
    """Read one row, of texts (a file, a form) or typed values (JSON); with every mistake, or without any.

    base: the row that `values` change; what they do not name stays, and what a row is known by cannot change.
    """
    reading = _Reading(where, values, base)
    given = reading.given
    for name in given.keys() - COLUMNS.keys():
        reading.wrong(name, *_no_such_column(name))
    texts = {name: reading.text(name) for name in _TEXTS}
    code, unit, stops_on = texts["code"], texts["unit"], texts.pop("stops_on") or DONE
    if not _CODE.fullmatch(code):
        reading.wrong(
            "code",
            f"'{code[:60]}' is no code: a regime, a dot and a stage, such as R01.audit.",
            f"“{code[:60]}”不是代码，应为“流程.环节”，例如 R01.audit。",
        )
    for name in CHOSEN_BY:
        token = texts[name]
        if token and not _TOKEN.fullmatch(token):
            reading.wrong(
                name,
                f"'{token[:60]}' is no value: at most 64 letters, digits, dots and dashes, without spaces.",
                f"“{token[:60]}”不对：至多 64 个字母、数字、点或横线，不含空格。",
            )
        if base is not None and token != getattr(base, name):
            reading.wrong(name, *_FIXED_KEY)
    if base is not None and code != base.code:
        reading.wrong("code", *_FIXED_KEY)
    if unit not in UNITS:
        reading.wrong(
            "unit",
            f"'{unit[:40]}' is no unit: h (natural hours), cd (calendar days) or wd (working days).",
            f"“{unit[:40]}”不是时间单位：h（小时）、cd（自然日）或 wd（工作日）。",
        )
        unit = ""
    amount = reading.number("limit", unit)
    target = reading.number("target", unit) if reading.filled("target") else None
    if amount is not None and target is not None and target > amount:
        reading.wrong(
            "target",
            f"{written(target)} is more than the limit {written(amount)}.",
            f"目标 {written(target)} 大于时限 {written(amount)}。",
        )
    if stops_on not in (DONE, CLAIM):
        reading.wrong(
            "stops_on",
            f"'{stops_on[:40]}' is neither {DONE} nor {CLAIM}.",
            f"“{stops_on[:40]}”应为 {DONE}（办结）或 {CLAIM}（签收）。",
        )
    rolls, promised, ours = reading.yes("rolls", default=True), reading.yes("promised"), reading.yes("ours")
    rungs, pauses = reading.rungs(), reading.pauses()
    if reading.mistakes or amount is None:
        return None, reading.mistakes
    return Terms(
        **texts,
        amount=amount,
        target=target,
        rolls=rolls,
        rungs=rungs,
        pauses=pauses,
        promised=promised,
        stops_on=stops_on,
        ours=ours,
    ), []


def check_text(name: str, text: str) -> tuple[str, str] | None:
    """What is wrong with a text of this field, in English and Chinese; None if nothing is."""
    longest = LENGTHS.get(name, 100)
    if not storable(text):
        return "it holds a character that cannot be stored.", "含有无法保存的字符。"
    if len(text) > longest:
        return f"it has {len(text)} characters; at most {longest} are taken.", f"超过 {longest} 个字符。"
    return None


def sayable(text: str) -> str:
    """The text without what cannot be stored or sent."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")


_FIXED_KEY = (
    "what a row is known by cannot be changed: end this row and add another.",
    "行的标识不能改：请停用本行，另增一行。",
)


def _no_such_column(name: str) -> tuple[str, str]:
    near = get_close_matches(str(name).lower(), COLUMNS, 1)
    hint, hint_zh = (f" Did you mean {near[0]}?", f"是否指 {near[0]}？") if near else ("", "")
    return f"there is no such column.{hint}", f"没有这一列。{hint_zh}"


@dataclass(slots=True)
class _Reading:
    where: str
    values: Mapping[str, Any]
    base: Terms | None
    given: dict[str, Any] = field(init=False)
    mistakes: list[Mistake] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = {name: value for name, value in self.values.items() if name}
        ratio = own.pop(WARN_RATIO, None)
        self.given = {**(self.base.plain() if self.base is not None else {}), **own}
        if ratio not in (None, ""):
            self._understand(str(ratio))

    def _understand(self, ratio: str) -> None:
        """`warn_ratio` 0.75 of older files is the rung 75%."""
        if self.given.get("rungs"):
            self.wrong(
                WARN_RATIO,
                "it stands beside rungs, which has taken its place: leave one of them out.",
                "它与 rungs 并存，而 rungs 已取代它：请去掉其中一列。",
            )
            return
        try:
            share = Decimal(ratio)
            if not 0 < share <= 1 or share * 100 != round(share * 100, 2):
                raise InvalidOperation
        except InvalidOperation:
            self.wrong(
                WARN_RATIO,
                f"'{ratio[:40]}' is no share above 0 and up to 1.",
                f"“{ratio[:40]}”不是 0 到 1 之间的比例。",
            )
            return
        first = "" if share == 1 else f"{written(share * 100)}% "
        self.given["rungs"] = f"{first}100% +4h +24h"

    @property
    def thing(self) -> str:
        return label([str(self.given.get(name) or "")[:40] for name in KEY])

    def wrong(self, column: str, message: str, message_zh: str) -> None:
        told = (self.where, self.thing, str(column)[:60], message, message_zh)
        self.mistakes.append(Mistake(*map(sayable, told)))

    def filled(self, name: str) -> bool:
        value = self.given.get(name)
        return value is not None and str(value).strip() != ""

    def text(self, name: str) -> str:
        value = self.given.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(name, "it is no text.", "不是文本。")
            return ""
        text = value.strip()
        if found := check_text(name, text):
            self.wrong(name, *found)
            return ""
        return text

    def yes(self, name: str, *, default: bool = False) -> bool:
        value = self.given.get(name)
        if value is None or value == "":
            return default
        text = str(value).strip().lower()
        if text not in (*_YES, *_NO):
            self.wrong(name, f"'{text[:40]}' is neither yes nor no.", f"“{text[:40]}”应为 yes 或 no。")
        return text in _YES

    def number(self, name: str, unit: str) -> Decimal | None:
        """A limit of the unit; None with a mistake told. unit: empty where that is a mistake told already."""
        raw = str(self.given.get(name, "") if self.given.get(name) is not None else "").strip()
        raw = "0.5" if raw in ("½", "1/2") else raw
        try:
            amount = Decimal(raw) if len(raw) <= 40 else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not raw:
            self.wrong(name, "no number was given.", "没有填写。")
        elif not amount.is_finite() or isinstance(self.given.get(name), bool):
            self.wrong(name, f"'{raw[:40]}' is no number.", f"“{raw[:40]}”不是数字。")
        elif amount <= 0:
            self.wrong(
                name,
                f"{raw} was given, but a limit is more than 0.",
                f"给的是 {raw}，时限必须大于 0。",
            )
        elif unit and amount > MOST[unit]:
            self.wrong(
                name,
                f"{raw[:40]} {unit} was given, but the calendar holds ten years: at most {MOST[unit]} {unit}.",
                f"给的是 {raw[:40]} {UNIT_NAMES[unit][0]}，超出日历范围，至多 {MOST[unit]} {UNIT_NAMES[unit][0]}。",
            )
        elif unit and (
            amount < STEP[unit] or amount % STEP[unit]
        ):  # of the smallest there are, the rest is 0
            self.wrong(
                name,
                f"{raw[:40]} {unit} was given, but a limit in {unit} is a multiple of {STEP[unit]}.",
                f"给的是 {raw[:40]} {UNIT_NAMES[unit][0]}，以{UNIT_NAMES[unit][0]}计的时限须是 {STEP[unit]} 的整数倍。",
            )
        elif unit:
            return amount.normalize() + 0
        return None

    def rungs(self) -> str:
        text = " ".join(self.text("rungs").split()) or LADDER
        refusals = [refusal for step in dict.fromkeys(text.split()) if (refusal := _refused(step))]
        for refusal in refusals or filter(None, [_refused(text)]):
            self.wrong("rungs", str(refusal), str(refusal.facts.get("message_zh", refusal)))
        return text

    def pauses(self) -> tuple[str, ...]:
        given = self.given.get("pauses") or ()
        listed = isinstance(given, list | tuple) and all(isinstance(each, str) for each in given)
        if not isinstance(given, str) and not listed:
            self.wrong("pauses", "it is no list of reasons.", "不是原因列表。")
            return ()
        found = re.split(r"[\s,;，；、]+", given.strip()) if isinstance(given, str) else list(given)
        for reason in found:
            if reason and reason not in PAUSE_REASONS:
                self.wrong(
                    "pauses",
                    f"'{reason[:40]}' is no reason to pause: {', '.join(PAUSE_REASONS)}.",
                    f"“{reason[:40]}”不是可暂停的原因，应为 {'、'.join(PAUSE_REASONS)}。",
                )
        return tuple(reason for reason in PAUSE_REASONS if reason in found)


def _refused(rungs: str) -> InvalidInput | None:
    """What is wrong with rungs, or None."""
    try:
        read_rungs(rungs)
    except InvalidInput as refusal:
        return refusal
    return None
