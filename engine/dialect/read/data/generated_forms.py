"""Makes forms of this system from the fields some modelers write into the diagram itself.

Camunda 7 writes `formData` with `formField`, Activiti and Flowable `formProperty`, Camunda 8 a whole form as
`userTaskForm`. Each becomes a form-js form: shown, validated and versioned like one that was drawn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from engine.dialect.findings import Place
from engine.dialect.read.context import FileContext, extensions
from engine.dialect.read.data.texts import RESERVED, is_computed
from engine.dialect.safe_xml import Element, local_name, text_of
from engine.dialect.tables.zeebe import ZEEBE

_NAME = re.compile(r"(?!__)[^\W\d]\w{0,199}\Z")

_KINDS: dict[str, dict[str, Any]] = {
    "string": {"type": "textfield"},
    "long": {"type": "number", "decimalDigits": 0},
    "integer": {"type": "number", "decimalDigits": 0},
    "int": {"type": "number", "decimalDigits": 0},
    "short": {"type": "number", "decimalDigits": 0},
    "double": {"type": "number"},
    "float": {"type": "number"},
    "decimal": {"type": "number"},
    "boolean": {"type": "checkbox"},
    "date": {"type": "datetime", "subtype": "date"},
    "enum": {"type": "select"},
}
"""A field's type → the component of the form."""

_LIMITS = {"min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}
"""A constraint → the rule of the component."""


def generate_form(context: FileContext, element: Element, place: Place) -> str:
    """Keep the form a user task or start event holds in itself and return its key, or "" when it holds none."""
    fields = [
        field
        for data in extensions(element, "formData")
        for field in data
        if local_name(field) == "formField"
    ]
    fields += extensions(element, "formProperty")
    components = [component for field in fields for component in _component(context, field, place)]
    if not components:
        return ""
    key = _key(context, element, place)
    _keep(context, key, {"type": "default", "id": key, "components": components}, place)
    return key


def embedded_form(context: FileContext, element: Element, place: Place, name: str) -> str:
    """Keep the form of this name that Camunda 8 wrote into the process and return its key, or "" (then reported)."""
    if context.embedded is None:
        forms = element.getroottree().iter(f"{{{ZEEBE}}}userTaskForm")
        context.embedded = {form.get("id") or "": form for form in forms}
    try:
        form = json.loads(text_of(context.embedded.get(name)) or "null")
    except (ValueError, RecursionError):
        form = None
    if not isinstance(form, dict) or form.get("type") != "default":
        context.report.warning(
            "unknown-form",
            place,
            f'{place:en} names the form "{name[:80]}", which the diagram does not hold as a form-js form; the task is '
            "shown without a form.",
            f"{place:zh}引用的表单“{name[:80]}”在图中不是 form-js 表单；任务没有表单。",
        )
        return ""
    key = _key(context, element, place)
    _keep(context, key, {**form, "id": key}, place)
    return key


def _key(context: FileContext, element: Element, place: Place) -> str:
    """Return the key of a generated form: that of the form a case is filed with, for the start of a process."""
    filing = f"{context.process}_start"
    is_free = filing not in context.form_keys and filing not in context.generated
    return filing if local_name(element) == "startEvent" and is_free else f"{context.process}.{place.id}"


def _keep(context: FileContext, key: str, form: dict[str, Any], place: Place) -> None:
    context.generated[key] = form
    context.report.note(
        "form-generated",
        place,
        f'The fields {place:en} holds in the diagram become the form "{key}".',
        f"{place:zh}写在图中的字段成为表单“{key}”。",
    )


def _component(context: FileContext, field: Element, place: Place) -> Iterator[dict[str, Any]]:
    """Yield the component of one field; none when nobody may see it or its name cannot be one."""
    if field.get("readable") == "false":
        return
    name = (field.get("variable") or field.get("id") or "").strip()
    if not _NAME.match(name) or name in RESERVED:
        context.report.warning(
            "bad-component-key",
            place,
            f'The field "{name[:80]}" of {place:en} is left out, because no variable here can have this name; use letters, '
            "digits and _ in its id.",
            f"{place:zh}的字段“{name[:80]}”被忽略，这里的变量不能用这个名称；id 请用字母、数字和 _。",
        )
        return
    options = [
        {"label": item.get("name") or item.get("id"), "value": item.get("id")}
        for item in field
        if local_name(item) == "value" and item.get("id")
    ]
    written = (field.get("type") or "string").strip().lower()
    kind = _KINDS.get(written, _KINDS["string"])
    if kind["type"] == "select" and not options:
        kind = _KINDS["string"]
    label = field.get("label") or field.get("name") or name
    component: dict[str, Any] = {**kind, "key": name, "id": f"field_{name}", "label": label}
    if kind["type"] == "select":
        component["values"] = options
    if kind["type"] == "datetime":
        component["dateLabel"] = label
    rules, read_only = _rules(field, kind["type"])
    if rules:
        component["validate"] = rules
    if read_only:
        component["readonly"] = True
    default = _default(field.get("defaultValue") or field.get("default") or "", kind["type"])
    if default is not None:
        component["defaultValue"] = default
    yield component


def _rules(field: Element, kind: str) -> tuple[dict[str, Any], bool]:
    """Return what the server checks, and whether the field is only shown."""
    rules: dict[str, Any] = {}
    read_only = field.get("writable") == "false"
    if field.get("required") == "true" and kind != "checkbox":
        rules["required"] = True
    for holder in field:
        for constraint in holder if local_name(holder) == "validation" else ():
            name, config = (constraint.get("name") or "").strip(), (constraint.get("config") or "").strip()
            if name == "required" and kind != "checkbox" and config != "false":
                rules["required"] = True
            elif name == "readonly" and config != "false":
                read_only = True
            elif name in _LIMITS and (number := _number(config)) is not None:
                whole = name.endswith("length")
                rules[_LIMITS[name]] = int(number) if whole else number
    return rules, read_only


def _default(text: str, kind: str) -> Any:
    """Return a literal default as the component wants it; a computed one is left out."""
    text = text.strip()
    if not text or is_computed(text):
        return None
    if kind == "number":
        return _number(text)
    if kind == "checkbox":
        return text.lower() == "true"
    return None if kind == "datetime" else text


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if abs(number) > 2**53:  # also what is no number or endless
        return None
    return int(number) if number.is_integer() else number if number == number else None
