"""One checker per form-js component type. A checker returns the clean value or notes a problem and returns
None.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID

from engine.errors import InvalidInput
from engine.expressions.feel import Warning, to_plain
from engine.ports import FormWarning
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.forms.conditions import evaluate, expression
from tasks.forms.patterns import EMAIL, PHONE, SafePattern
from tasks.forms.values import amount, figure, number_in, said, same, whole

MISSING = object()
LONGEST_TEXT = 20_000
LONGEST_LIST = 200
MOST_WARNINGS = 1_000
"""Of one check; a rule in a long repeated block may warn in every row."""

DISPLAY = frozenset(
    {
        "text",
        "html",
        "image",
        "button",
        "spacer",
        "separator",
        "iframe",
        "table",
        "documentPreview",
        "default",
    }
)
"""Components that show and never ask."""

HOMES = frozenset({"case", "clock"})
"""What the file and the engine's clock are called; no form may call a field so (design §9)."""


def reserved(name: str) -> bool:
    """Names no form may use anywhere: they mean something to interpreters on either side."""
    return name.startswith("__") or name in ("constructor", "prototype")


def path_text(path: tuple[str | int, ...]) -> str:
    """`("customer", "phones", 0)` as `customer.phones[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where, and what is wrong, in English and Chinese."""

    path: str
    message: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """An answer that names an attachment: where it stands, which kind and which types the field takes (empty: any)."""

    path: str
    id: UUID
    kind: str
    accept: str


@dataclass
class Checked:
    """One check in progress: the whole submission, what expressions may read, and the problems so far.

    papers: the attachments that answers name; whether they are there is asked when the answers are taken.
    """

    answers: Mapping[str, Any]
    context: Mapping[str, Any]
    now: datetime
    problems: list[Problem] = field(default_factory=list)
    warnings: list[FormWarning] = field(default_factory=list)
    papers: list[PaperAnswer] = field(default_factory=list)

    def warn(self, expression: str, warning: Warning) -> None:
        """Remember what one of the form's own expressions warned of."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(FormWarning(expression, warning))

    def add(self, path: tuple[str | int, ...], message: str, message_zh: str) -> None:
        self.problems.append(Problem(path_text(path), message, message_zh))


class Rows(Protocol):
    """The inside of a repeated block."""

    def check(
        self, answers: Mapping[str, Any], situation: Checked, at: tuple[str | int, ...]
    ) -> dict[str, Any]: ...


class Field(ABC):
    """What all input components share: required, read-only, empty means null."""

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        rules = component.get("validate")
        self.rules: Mapping[str, Any] = rules if isinstance(rules, Mapping) else {}
        self.component = component
        self.required = self.rules.get("required") is True
        self.readonly = component.get("disabled") is True or component.get("readonly") is True

    def check(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        if self.empty(value):
            if self.required:
                situation.add(at, "is required", "为必填项")
            return None
        return self.take(value, situation, at)

    def empty(self, value: Any) -> bool:
        return value is MISSING or value is None or (isinstance(value, str) and not value.strip())

    @abstractmethod
    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        """Return what is kept of an answer that is there; what is wrong with it goes to the situation."""


class Text(Field):
    """textfield and textarea."""

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        super().__init__(component, rows)
        pattern = self.rules.get("pattern")
        self.pattern = SafePattern(pattern) if isinstance(pattern, str) and pattern else None
        self.kind = {"email": EMAIL, "phone": PHONE}.get(str(self.rules.get("validationType") or ""))
        self.least = whole(self.rules.get("minLength"))
        self.most = whole(self.rules.get("maxLength"))

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        if not isinstance(value, str):
            situation.add(at, f"must be text, not {said(value)}", "必须是文本")
            return None
        if "\x00" in value:
            situation.add(at, "contains a NUL character", "含有非法的空字符")
            return None
        if self.least is not None and len(value) < self.least:
            situation.add(
                at, f"needs at least {self.least} characters, has {len(value)}", f"至少 {self.least} 个字符"
            )
        most = LONGEST_TEXT if self.most is None else min(self.most, LONGEST_TEXT)
        if len(value) > most:
            situation.add(at, f"takes at most {most} characters, has {len(value)}", f"最多 {most} 个字符")
            return None
        if self.pattern and not self.pattern.found_in(value):
            own = self.rules.get("patternErrorMessage")
            english = own if isinstance(own, str) and own else "does not have the required form"
            situation.add(at, english, own if isinstance(own, str) and own else "格式不符合要求")
        if self.kind and not self.kind.pattern.found_in(value):
            situation.add(at, f"is not {self.kind.name}", f"不是有效的{self.kind.name_zh}")
        return value


class Number(Field):
    """number; with `serializeToString` the value travels as text and stays text."""

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        super().__init__(component, rows)
        self.as_text = component.get("serializeToString") is True
        self.least, self.most = amount(self.rules.get("min")), amount(self.rules.get("max"))
        self.digits = whole(component.get("decimalDigits"))

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        number = value
        if self.as_text and isinstance(value, str):
            number = number_in(value)
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            situation.add(at, f"must be a number, not {said(value)}", "必须是数字")
            return None
        if abs(number) > 2**53:
            situation.add(at, "is larger than a number can be kept exactly", "数值过大")
            return None
        if self.least is not None and number < self.least:
            situation.add(at, f"must be at least {figure(self.least)}", f"不得小于 {figure(self.least)}")
        if self.most is not None and number > self.most:
            situation.add(at, f"must be at most {figure(self.most)}", f"不得大于 {figure(self.most)}")
        if self.digits is not None and round(number, self.digits) != number:
            situation.add(at, f"takes at most {self.digits} decimal places", f"最多 {self.digits} 位小数")
        return value


class Checkbox(Field):
    """checkbox; required means ticked."""

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        if not isinstance(value, bool):
            situation.add(at, f"must be true or false, not {said(value)}", "必须为是或否")
            return None
        if self.required and not value:
            situation.add(at, "must be ticked", "必须勾选")
        return value


class Choice(Field):
    """select and radio: one of the options."""

    many = False

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        super().__init__(component, rows)
        listed = component.get("values")
        self.options = [_option(item) for item in listed] if isinstance(listed, list) else []
        self.within = str((component.get("properties") or {}).get("within") or "")
        self.fits = {
            str(item["value"]): item["fits"]
            for item in (listed if isinstance(listed, list) else ())
            if isinstance(item, Mapping) and "fits" in item
        }
        key = component.get("valuesKey")
        self.key = key if isinstance(key, str) and key else None
        formula = component.get("valuesExpression")
        self.formula = expression(formula) if isinstance(formula, str) and formula.strip() else None
        if not self.options and not self.key and self.formula is None:
            raise InvalidInput(f"The form's field {component.get('key')} has no options to choose from.")

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        if not any(same(value, option) for option in self._offered(situation)):
            shown = f"{value!r:.60}"
            situation.add(at, f"has no option {shown}", f"没有选项 {shown}")
            return None
        self._refuse_misfit(value, situation, at)
        return value

    def _refuse_misfit(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> None:
        """An option that belongs to some answers of another field only (`tasks.classification`)."""
        above: Any = situation.answers
        for step in self.within.split("."):
            above = above.get(step) if isinstance(above, Mapping) else None
        if isinstance(above, str) and above and above not in self.fits.get(str(value), (above,)):
            situation.add(
                at, f"{value!r:.60} does not go with {above!r:.60}", f"“{value!s:.60}”与“{above:.60}”不匹配"
            )

    def _offered(self, situation: Checked) -> list[Any]:
        found: Any = None
        if self.formula is not None:
            found = evaluate(self.formula, situation, situation.answers)
        elif self.key:
            found = situation.context.get(self.key)
        if isinstance(found, (list, tuple)):
            return [_option(item) for item in found]
        return self.options


class Choices(Choice):
    """checklist and taglist: any of the options, each once."""

    def empty(self, value: Any) -> bool:
        return value is MISSING or value is None or value == "" or value == []

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        if not isinstance(value, list):
            situation.add(at, f"must be a list, not {said(value)}", "必须是列表")
            return None
        if len(value) > LONGEST_LIST:
            situation.add(at, f"takes at most {LONGEST_LIST} entries", f"最多 {LONGEST_LIST} 项")
            return None
        offered = self._offered(situation)
        seen: list[Any] = []
        for index, item in enumerate(value):
            if not any(same(item, option) for option in offered):
                situation.add((*at, index), f"has no option {item!r:.60}", f"没有选项 {item!r:.60}")
            elif any(same(item, other) for other in seen):
                situation.add((*at, index), "is chosen twice", "重复选择")
            seen.append(item)
        return value


_PARSERS: dict[str, Callable[[str], date | time]] = {"date": date.fromisoformat, "time": time.fromisoformat}


class Moment(Field):
    """datetime: `date`, `time` or `datetime`, as form-js serialises them.

    The property `date.latest` = `today` refuses what lies after today, as `disallowPassedDates` refuses what lies before: form-js
    has no word for it.
    """

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        super().__init__(component, rows)
        self.kind = str(component.get("subtype") or "date")
        self.no_past = component.get("disallowPassedDates") is True
        properties = component.get("properties")
        self.no_future = isinstance(properties, Mapping) and properties.get("date.latest") == "today"

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        moment: date | time | None = None
        if isinstance(value, str) and len(value) <= 40:
            parse = _PARSERS.get(self.kind, datetime.fromisoformat)
            try:
                moment = parse(value)
            except ValueError:
                moment = None
        if moment is None:
            known = {
                "date": ("a date such as 2026-03-02", "日期，例如 2026-03-02"),
                "time": ("a time", "时间"),
            }
            english, chinese = known.get(self.kind, ("a date and time", "日期时间"))
            situation.add(at, f"must be {english}", f"必须是{chinese}")
            return None
        if isinstance(moment, date):
            zone = moment.tzinfo if isinstance(moment, datetime) and moment.tzinfo else SHANGHAI
            today = situation.now.astimezone(zone).date()
            day = moment.date() if isinstance(moment, datetime) else moment
            if self.no_past and day < today:
                situation.add(at, "lies in the past", "不能是过去的日期")
            if self.no_future and day > today:
                situation.add(at, "lies in the future", "不能是将来的日期")
        return value


class Repeated(Field):
    """dynamiclist: a list of objects, each checked by the same inner fields."""

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        super().__init__(component, rows)
        if rows is None:
            raise InvalidInput("A repeated block of the form has no components.")
        self.inside = rows

    def empty(self, value: Any) -> bool:
        return value is MISSING or value is None

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        if not isinstance(value, list):
            situation.add(at, f"must be a list, not {said(value)}", "必须是列表")
            return None
        if len(value) > LONGEST_LIST:
            situation.add(at, f"takes at most {LONGEST_LIST} entries", f"最多 {LONGEST_LIST} 项")
            return None
        clean = []
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                clean.append(self.inside.check(item, situation, (*at, index)))
            else:
                situation.add((*at, index), f"must be an object, not {said(item)}", "必须是对象")
        return clean


class Computed(Field):
    """expression: the browser computes it for display; what counts is computed here, whatever was sent."""

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        super().__init__(component, rows)
        self.formula = expression(str(component.get("expression") or "null"))

    def empty(self, value: Any) -> bool:
        return False  # it is computed even where nothing was sent

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        return to_plain(evaluate(self.formula, situation, situation.answers))


BUILDERS: dict[str, Callable[[Mapping[str, Any], Rows | None], Field]] = {
    "textfield": Text,
    "textarea": Text,
    "number": Number,
    "checkbox": Checkbox,
    "select": Choice,
    "radio": Choice,
    "checklist": Choices,
    "taglist": Choices,
    "datetime": Moment,
    "dynamiclist": Repeated,
    "expression": Computed,
}


def _option(item: Any) -> Any:
    return item.get("value") if isinstance(item, Mapping) else item
