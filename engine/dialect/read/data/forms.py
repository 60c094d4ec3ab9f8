"""Reads form-js JSON: what a deployment must know of a form before anybody fills it in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from engine.dialect.findings import Place, Report, where
from engine.dialect.read.data.texts import Reader, spot_of

INPUTS = frozenset(
    {
        "textfield", "textarea", "number", "datetime", "checkbox", "checklist", "radio", "select", "taglist",
        "filepicker", "expression",
    }
)  # fmt: skip
"""Components that carry an answer under their `key`."""

CONTAINERS = frozenset({"group", "dynamiclist"})
"""Components that hold others; their `path` prefixes the keys inside."""

SHOWN_ONLY = frozenset(
    {
        "text",
        "html",
        "image",
        "button",
        "spacer",
        "separator",
        "table",
        "iframe",
        "documentPreview",
        "default",
    }
)

_OPTIONS = frozenset({"radio", "select", "checklist", "taglist"})
_KEY = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")
_MAX_DEPTH = 30
_NAMED = re.compile(r'"(?:id|key|path)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_WORDS = {
    "valuesExpression": ("options expression", "选项表达式"),
    "expression": ("formula", "公式"),
    "readonly": ("read-only condition", "只读条件"),
    "disabled": ("disabled condition", "禁用条件"),
    "dataSource": ("data source", "数据来源"),
    "defaultValue": ("default value", "默认值"),
}
"""Where a component may carry an expression, and what it is called."""
_AROUND = frozenset(
    {"case", "form", "result", "decision", "loop", "message", "this", "parent", "_parent_", "_this_", "item"}
)
"""What a form's expression may read besides its own answers: where its task stands, and its own rows."""


def read_form(content: bytes, file: str, report: Report) -> tuple[str, dict[str, Any]] | None:
    """Return the key and the parsed JSON of a form, or None when it is none; what is wrong is reported.

    Its expressions may call FEEL's own functions only: they also run in a browser, which knows no others.
    """
    whole = Place(en=f'form "{file}"', zh=f"表单“{file}”")
    try:
        form = form_data(content)
    except ValueError as error:
        line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        if line:
            at_zh = f"第 {line} 行第 {column} 列读不下去"
        else:
            at_zh = "内容不是 UTF-8" if isinstance(error, UnicodeDecodeError) else "内容无法读取"
        report.error(
            "form-not-json",
            Place(line=line),
            f"{whole:en} is not JSON: {str(error)[:200]}.",
            f"{whole:zh}不是 JSON：{at_zh}。请在表单编辑器中重新保存。",
        )
        return None
    if (
        not isinstance(form, dict)
        or form.get("type") != "default"
        or not isinstance(form.get("components"), list)
    ):
        report.error(
            "not-a-form",
            whole,
            f'{whole:en} is no form-js form: it needs "type": "default" and a list "components".',
            f'{whole:zh}不是 form-js 表单：需要 "type": "default" 和 "components" 列表。',
        )
        return None
    key = form.get("id") or stem(file)
    if not isinstance(key, str):
        report.error(
            "bad-form-id", whole, f'The "id" of {whole:en} must be text.', f"{whole:zh}的 id 必须是文本。"
        )
        return None
    check = _FormCheck(report, file, lines_of(content.decode("utf-8-sig")))
    check.components(form["components"], "", 0)
    check.names(form)
    return key, form


def form_data(content: bytes) -> Any:
    """Return the JSON of a form, with or without a byte order mark. Raises ValueError."""
    return orjson.loads(content.decode("utf-8-sig"))


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each id, key or path of a form, from 1: JSON itself forgets where things stood."""
    found: dict[str, int] = {}
    line, end = 1, 0
    for match in _NAMED.finditer(text):
        line, end = line + text.count("\n", end, match.start()), match.start()
        found.setdefault(match[1], line)
    return found


def stem(file: str) -> str:
    """Return the file name without folders and without its ending."""
    return re.sub(r"\.(form|json)$", "", file.rpartition("/")[2], flags=re.IGNORECASE)


def field_keys(form: Mapping[str, Any]) -> frozenset[str]:
    """Return the dotted keys of all answers of a form."""
    return frozenset(key for key, _ in fields_of(form))


def fields_of(form: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the dotted key and the component of every answer; a repeated block is one answer, a list."""

    def walk(components: Any, prefix: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for component in components if isinstance(components, list) and depth < _MAX_DEPTH else ():
            if not isinstance(component, dict):
                continue
            if component.get("type") in INPUTS and isinstance(component.get("key"), str):
                yield prefix + component["key"], component
            path = component.get("path")
            inner = f"{prefix}{path}." if isinstance(path, str) and path else prefix
            if component.get("type") == "dynamiclist":
                yield inner.rstrip("."), component
            else:
                yield from walk(component.get("components"), inner, depth + 1)

    yield from walk(form.get("components"), "", 0)


class _FormCheck:
    def __init__(self, report: Report, file: str, lines: dict[str, int]) -> None:
        self.report = report
        self.file = file
        self.lines = lines
        self.reader = Reader(report)
        self.seen: set[str] = set()
        self.local: set[str] = set()
        """Keys inside repeated blocks: each row sees its own."""

    def names(self, form: dict[str, Any]) -> None:
        """Report names that expressions of the form read and no component asks for: they would always be null."""
        keys = {*field_keys(form), *self.local, *self.seen}
        known = {*_AROUND, *(key.partition(".")[0] for key in keys)}
        for read in self.reader.reads:
            for name in sorted(read.names - known):
                near = self.report.closest(name, known)
                spot = spot_of(read, name)
                self.report.warning(
                    "unknown-variable",
                    read.place,
                    f"The {read.what[0]} of {read.place:en} reads {name}, which this form does not ask for"
                    f"{where(spot)[0]}; " + (f"did you mean {near}?" if near else "it is always null."),
                    f"{read.place:zh}的{read.what[1]}读取 {name}，但此表单中没有这个字段{where(spot)[1]}；"
                    + (f"是否想写 {near}？" if near else "它总是空值。"),
                    spot,
                )

    def components(self, components: list[Any], prefix: str, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self.report.error(
                "form-too-deep",
                Place(),
                f'Form "{self.file}" nests deeper than {_MAX_DEPTH}.',
                f"表单“{self.file}”嵌套超过 {_MAX_DEPTH} 层。",
            )
            return
        for number, component in enumerate(components, 1):
            if not isinstance(component, dict):
                place = self._place({}, number)
                self.report.error(
                    "bad-component", place, f"{place:en} is not an object.", f"{place:zh}不是对象。"
                )
                continue
            self._component(component, self._place(component, number), prefix, depth)

    def _component(self, component: dict[str, Any], place: Place, prefix: str, depth: int) -> None:
        kind = component.get("type")
        if not isinstance(kind, str) or kind not in INPUTS | CONTAINERS | SHOWN_ONLY:
            self.report.warning(
                "unknown-component",
                place,
                f"{place:en} has the type {kind!r}, which is not known; it is not shown and asks nothing.",
                f"{place:zh}的类型 {kind!r} 未知；不会显示，也不会询问。",
            )
            return
        self._expressions(component, place)
        if kind in INPUTS:
            self._key(component, place, prefix)
        if kind in _OPTIONS:
            self._options(component, place)
        inner = component.get("components")
        if kind in CONTAINERS and isinstance(inner, list):
            path = component.get("path") or ""
            if (path and not (isinstance(path, str) and _KEY.match(path))) or (
                kind == "dynamiclist" and not path
            ):
                self.report.error(
                    "bad-component-path",
                    place,
                    f"{place:en} has no usable path: {path!r}.",
                    f"{place:zh}的路径不可用：{path!r}。",
                )
                return
            if kind == "dynamiclist":
                self.seen.add(f"{prefix}{path}")
                self.local.update(key for key, _ in fields_of({"components": inner}))
            self.components(inner, f"{prefix}{path}." if path else prefix, depth + 1)

    def _key(self, component: dict[str, Any], place: Place, prefix: str) -> None:
        key = component.get("key")
        if not isinstance(key, str) or not key:
            self.report.error(
                "component-without-key",
                place,
                f"{place:en} has no key, so its answer would be lost; give it one.",
                f"{place:zh}没有 key，填写的内容会丢失；请设置 key。",
            )
        elif not _KEY.match(key) or any(part.startswith("__") for part in key.split(".")):
            self.report.error(
                "bad-component-key",
                place,
                f'The key "{key[:80]}" of {place:en} is not allowed; use letters, digits, _ and dots.',
                f"{place:zh}的 key“{key[:80]}”不允许；请使用字母、数字、下划线和点。",
            )
        elif prefix + key in self.seen and not component.get("conditional"):
            self.report.warning(
                "component-key-twice",
                place,
                f'The key "{prefix}{key}" of {place:en} is used twice; only one answer is kept.',
                f"{place:zh}的 key“{prefix}{key}”重复；只保留一个答案。",
            )
        else:
            self.seen.add(prefix + key)

    def _options(self, component: dict[str, Any], place: Place) -> None:
        values = component.get("values")
        if isinstance(values, list):
            good = all(isinstance(v, dict) and "value" in v for v in values)
        else:
            good = bool(component.get("valuesKey") or component.get("valuesExpression"))
        if not good:
            self.report.error(
                "component-without-options",
                place,
                f'{place:en} offers nothing to choose; give it "values" with label and value.',
                f"{place:zh}没有可选项；请设置带 label 和 value 的 values。",
            )

    def _expressions(self, component: dict[str, Any], place: Place) -> None:
        conditional = component.get("conditional")
        if isinstance(conditional, dict) and isinstance(conditional.get("hide"), str):
            self.reader.expression(conditional["hide"], place, ("hide condition", "隐藏条件"))
        for name in _WORDS:
            text = component.get(name)
            if isinstance(text, str) and text.startswith("="):
                self.reader.expression(text, place, _WORDS[name])
        validate = component.get("validate")
        pattern = validate.get("pattern") if isinstance(validate, dict) else None
        if isinstance(pattern, str):
            try:
                re.compile(pattern)
            except (re.error, OverflowError, RecursionError) as error:
                self.report.error(
                    "bad-pattern",
                    place,
                    f'The pattern "{pattern[:80]}" of {place:en} is no regular expression: {error}.',
                    f"{place:zh}的校验规则“{pattern[:80]}”不是正则表达式：{error}。",
                )

    def _place(self, component: dict[str, Any], number: int) -> Place:
        label = component.get("label") or component.get("key") or ""
        name = label if isinstance(label, str) else ""
        identity = component.get("id") or component.get("key") or ""
        kind = component.get("type")
        word = kind if isinstance(kind, str) else "component"
        return Place(
            self.lines.get(identity, 0) if isinstance(identity, str) else 0,
            identity if isinstance(identity, str) else "",
            name,
            f"{word} {number}",
            f"第 {number} 个组件 {word}",
        )
