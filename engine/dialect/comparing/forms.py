"""Compares two forms field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.dialect.comparing.model import Change, Comparison, Detail, Side, Unreadable, details_between
from engine.dialect.comparing.order import moved_in

_OF_THE_TOOL = frozenset(
    {"exporter", "schemaVersion", "executionPlatform", "executionPlatformVersion", "components", "generated"}
)
_MOST_BYTES = 5 * 1024 * 1024
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class _Field:
    """A field and where it stands. key: of the answer, empty for what asks nothing."""

    key: str
    id: str
    group: str
    says: dict[str, str]

    @property
    def kind(self) -> str:
        return self.says.get("type", "")

    @property
    def name(self) -> str:
        return self.says.get("label") or self.says.get("text", "").strip().split("\n")[0][:60]


def compare_forms(before: bytes, after: bytes) -> Comparison:
    """Return what differs between two form-js forms: fields by their key, else by their id."""
    if before == after:
        return Comparison()
    problems: list[Unreadable] = []
    one, other = _read(before, "before", problems), _read(after, "after", problems)
    if one is None or other is None:
        return Comparison((), tuple(problems))
    return Comparison(tuple(_changes(one, other)))


def _read(content: bytes, side: Side, problems: list[Unreadable]) -> Mapping[str, Any] | None:
    en, zh = "The file is no form: ", "文件不是表单："
    if len(content) > _MOST_BYTES:
        problems.append(Unreadable(side, f"{en}it has more than 5 MB.", f"{zh}超过 5 MB。"))
        return None
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        problems.append(Unreadable(side, f"{en}it is not JSON in UTF-8.", f"{zh}不是 UTF-8 的 JSON。", line))
        return None
    if not isinstance(found, Mapping) or not isinstance(found.get("components", []), list):
        problems.append(Unreadable(side, f"{en}it has no list of components.", f"{zh}没有组件列表。"))
        return None
    return found


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if details := details_between(_says(before, _OF_THE_TOOL), _says(after, _OF_THE_TOOL)):
        yield Change("changed", str(after.get("id", "")), "form", "", details, whole=True)
    ours, theirs = list(_fields(before, "", 0)), list(_fields(after, "", 0))
    pairs = _pairs(ours, theirs)
    back = {there: here for here, there in pairs.items()}
    moved = moved_in(list(pairs), [back[index] for index in range(len(theirs)) if index in back])
    for index, field in enumerate(theirs):
        if index not in back:
            yield Change(
                "added",
                field.key or field.id,
                "field",
                field.name,
                _all_of(field, after=True),
                scope=field.group,
            )
            continue
        earlier = ours[back[index]]
        details = details_between(_with_group(earlier), _with_group(field))
        drawing = (_order(back[index], index),) if back[index] in moved else ()
        if details or drawing:
            what = "changed" if details else "moved"
            known = field.key or field.id
            yield Change(what, known, "field", field.name, details, drawing, scope=field.group)  # type: ignore[arg-type]
    for index, field in enumerate(ours):
        if index not in pairs:
            details = _all_of(field, after=False)
            yield Change("removed", field.key or field.id, "field", field.name, details, scope=field.group)


def _order(before: int, after: int) -> Detail:
    return Detail("order", str(before + 1), str(after + 1))


def _with_group(field: _Field) -> dict[str, str]:
    return (
        field.says | ({"in": field.group} if field.group else {}) | ({"key": field.key} if field.key else {})
    )


def _all_of(field: _Field, *, after: bool) -> tuple[Detail, ...]:
    return tuple(
        Detail(path, None if after else text, text if after else None)
        for path, text in field.says.items()
        if path in ("type", "values", "valuesExpression", "validate.required")
    )


def _fields(owner: Mapping[str, Any], group: str, depth: int) -> Iterator[_Field]:
    components = owner.get("components")
    if depth > _DEEPEST or not isinstance(components, list):
        return
    for one in components:
        if not isinstance(one, Mapping):
            continue
        key = str(one.get("key") or one.get("path") or "")
        full = ".".join(part for part in (group, key) if part)
        says = _says(one, frozenset({"components", "id", "key"}))
        yield _Field(full, str(one.get("id") or ""), group, says)
        yield from _fields(one, full or group, depth + 1)


def _says(owner: Mapping[str, Any], without: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in owner.items():
        if name not in without:
            _put(found, str(name), value, 0)
    return found


def _put(found: dict[str, str], path: str, value: Any, depth: int) -> None:
    if isinstance(value, Mapping) and depth < 4 and value:
        for name, inner in value.items():
            first, _, rest = path.partition(" ")
            joined = (
                f"{path} {name}"
                if path == "properties"
                else f"{first}.{name}"
                if not rest
                else f"{path}.{name}"
            )
            _put(found, joined, inner, depth + 1)
    elif path == "layout.row":
        return  # the editor gives rows new names on every save
    elif value not in (None, "", {}, []):
        found[path] = _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, Mapping) and "value" in one for one in value)
    ):
        return "\n".join(f"{one['value']} = {one.get('label', '')}" for one in value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _pairs(before: Sequence[_Field], after: Sequence[_Field]) -> dict[int, int]:
    """Return which field is which: by key and id, by key, by id, and what has neither by what it is."""
    found: dict[int, int] = {}
    for look in (
        lambda one: (one.key, one.id) if one.key and one.id else None,
        lambda one: one.key or None,
        lambda one: one.id or None,
        lambda one: (one.kind, one.name) if not one.key else None,
    ):
        taken = set(found.values())
        free: dict[Any, list[int]] = {}
        for index, one in enumerate(after):
            if index not in taken and (known := look(one)) is not None:
                free.setdefault(known, []).append(index)
        for index, one in enumerate(before):
            if index not in found and free.get(known := look(one)):
                found[index] = free[known].pop(0)
    return dict(sorted(found.items()))
