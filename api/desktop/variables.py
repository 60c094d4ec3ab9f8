"""Variables as Camunda writes them, `{value, type}`, as plain data. Only what is plain data is taken: no Java object, no file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.errors import InvalidInput
from tasks.core import DEEPEST, storable, too_deep

_RANGES = {"short": 15, "integer": 31, "long": 63}
_ZONE = re.compile(r"([+-]\d\d):?(\d\d)$")
_MOST_SHOWN = 60


def plain_variables(given: Any) -> dict[str, Any]:
    """The variables by name. Raises InvalidInput that names the first that is none."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidInput(
            "The variables were sent as something else than an object of names.",
            message_zh='变量须写成 {"名称": {"value": …, "type": …}}。',
        )
    return {str(name): _plain(str(name), one) for name, one in given.items()}


def _plain(name: str, one: Any) -> Any:
    if not storable(name) or not 1 <= len(name) <= 200:
        raise _refused(name, "has an impossible name", "名称不对")
    if not isinstance(one, Mapping) or not one.keys() <= {"value", "type", "valueInfo", "local"}:
        raise _refused(name, 'is not written as {"value": …, "type": …}', '没有写成 {"value": …, "type": …}')
    value, kind = one.get("value"), one.get("type")
    if kind is not None and not isinstance(kind, str):
        raise _refused(name, "has a type that is no word", "类型不是文字")
    if kind is None:
        return _untyped(name, value)
    if value is None:
        return None
    read = _READERS.get(kind.lower())
    if read is None:
        raise _refused(
            name,
            f"has the type {kind[:_MOST_SHOWN]}; String, Boolean, Short, Integer, Long, Double, Date, Json and Null are possible",
            f"的类型是 {kind[:_MOST_SHOWN]}；只能用 String、Boolean、Short、Integer、Long、Double、Date、Json、Null",
        )
    try:
        return read(value)
    except (ValueError, TypeError):
        raise _refused(name, f"is no {kind[:_MOST_SHOWN]}", f"不是 {kind[:_MOST_SHOWN]}") from None


def _untyped(name: str, value: Any) -> Any:
    if too_deep(value):
        raise _refused(name, f"is nested more than {DEEPEST} times", f"嵌套超过 {DEEPEST} 层")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _whole(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not -(2**bits) <= value < 2**bits:
            raise ValueError
        return value

    return read


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError
    return value


def _moment(value: Any) -> str:
    """2013-01-23T13:42:42.000+0100, as the engine writes it, in the way FEEL reads it."""
    text = _ZONE.sub(r"\1:\2", _text(value).strip().replace("Z", "+00:00"))
    found = datetime.fromisoformat(text)
    return found.isoformat(timespec="seconds" if not found.microsecond else "milliseconds")


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        raise TypeError
    found = orjson.loads(value)
    if too_deep(found) or "\\u0000" in value:
        raise ValueError
    return found


def _null(value: Any) -> None:
    raise ValueError


_READERS: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "boolean": _truth,
    **{kind: _whole(bits) for kind, bits in _RANGES.items()},
    "double": _number,
    "date": _moment,
    "json": _json,
    "null": _null,
}


def _refused(name: str, en: str, zh: str) -> InvalidInput:
    shown = name[:_MOST_SHOWN].encode("utf-8", "replace").decode()
    return InvalidInput(f"The variable {shown} {en}.", message_zh=f"变量 {shown} {zh}。")
