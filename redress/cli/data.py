"""Data in and out of the commands that evaluate expressions: JSON with every digit, or FEEL text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, DecimalException
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson

from engine.expressions.feel.data.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.expressions.feel.data.values import Function, Range, number_text, text_of, to_plain

ZONE = ZoneInfo("Asia/Shanghai")
"""In which a time is meant that is given without a zone."""
_TEMPORAL = (Date, Time, DateTime, DaysDuration, MonthsDuration)


class JsonFile(click.ParamType[dict[str, Any]]):
    """A file with a JSON object, `-` for standard input. Numbers keep all their digits; a key stands once."""

    name = "json file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, dict):
            return value
        try:
            with click.open_file(value, "rb") as file:
                content: bytes = file.read()
            found = json.loads(
                content.decode("utf-8-sig"),
                parse_float=Decimal,
                parse_int=Decimal,
                parse_constant=_constant,
                object_pairs_hook=_object,
            )
        except OSError as error:
            self.fail(f"{value} cannot be read: {error.strerror}. 无法读取该文件。", param, ctx)
        except UnicodeDecodeError:
            self.fail(f"{value} is not written in UTF-8. 文件不是 UTF-8 编码。", param, ctx)
        except (json.JSONDecodeError, _NotData) as error:
            self.fail(f"{value} is not JSON: {error}. 文件不是合法的 JSON。", param, ctx)
        except DecimalException:
            self.fail(f"{value} holds a number that is too large. 文件中有过大的数字。", param, ctx)
        except RecursionError:
            self.fail(f"{value} is nested too deeply. 文件嵌套过深。", param, ctx)
        if not isinstance(found, dict):
            self.fail(
                f'{value} must hold a JSON object, such as {{"amount": 5}}. 须为 JSON 对象。', param, ctx
            )
        return found


class Instant(click.ParamType[datetime]):
    """An ISO 8601 date or date-time."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f'"{value}" is no date or date-time, such as 2026-03-01T09:00:00+08:00. 不是日期时间。',
                param,
                ctx,
            )
        return found if found.tzinfo else found.replace(tzinfo=ZONE)


class _NotData(ValueError):
    """Valid for Python's reader, but no data."""


def _constant(word: str) -> Any:
    raise _NotData(f"{word} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in made if keys.count(key) > 1)
        raise _NotData(f'the key "{twice}" stands twice in one object')
    return made


def names_in(data: Mapping[str, Any]) -> set[str]:
    """The keys at every level: names of more than one word are read as such only when they are known."""
    found = set(data)
    pending: list[Any] = list(data.values())
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            # What looks like arithmetic is a name only where it is a variable itself.
            found.update(key for key in one if not set(key) & set("+-*/."))
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return found


def as_json(value: Any) -> str:
    """A FEEL value as JSON: numbers with all their digits, dates and durations as ISO text."""
    return orjson.dumps(_data(value), option=orjson.OPT_INDENT_2).decode()


def _data(value: Any) -> Any:
    if type(value) is Decimal:
        return orjson.Fragment(number_text(value).encode())
    if type(value) is str:
        # Half a character (a lone surrogate) is no UTF-8; JSON can escape it.
        return value if value.isascii() or _whole(value) else orjson.Fragment(json.dumps(value).encode())
    if isinstance(value, dict):
        return {key if _whole(key) else json.dumps(key)[1:-1]: _data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    return to_plain(value)


def _whole(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def as_feel(value: Any) -> str:
    """A FEEL value as FEEL text that means the same."""
    if isinstance(value, _TEMPORAL):
        return f'@"{text_of(value)}"'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=not _whole(value))
    if isinstance(value, list):
        return "[" + ", ".join(map(as_feel, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {as_feel(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Range) and value.low is not None and value.high is not None:
        left, right = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
        return f"{left}{as_feel(value.low)}..{as_feel(value.high)}{right}"
    if isinstance(value, Range):
        end = value.high if value.low is None else value.low
        sign = ("<" if value.low is None else ">") + ("=" if value.low_closed or value.high_closed else "")
        return f"({sign} {as_feel(end)})"
    return text_of(value) if isinstance(value, Function) else text_of(value, True)


def _key(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key, ensure_ascii=not _whole(key))


def short(text: str, width: int = 200) -> str:
    """One line that a terminal can hold."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def listed(parts: Iterable[str], most: int = 12) -> str:
    """Names, and how many more there are."""
    found: Sequence[str] = list(parts)
    more = f" … +{len(found) - most}" if len(found) > most else ""
    return ", ".join(found[:most]) + more
