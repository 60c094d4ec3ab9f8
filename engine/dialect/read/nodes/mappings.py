"""Reads what every activity may carry: properties, input and output mappings, the version it is bound to."""

from __future__ import annotations

from engine.dialect.findings import Place
from engine.dialect.model import WATCHED, Assignment, Binding, Value
from engine.dialect.read.context import FileContext, attribute, extensions
from engine.dialect.read.data.checks import read_named_files
from engine.dialect.read.data.texts import What, feel_string
from engine.dialect.safe_xml import Element, local_name, text_of
from engine.dialect.tables.elements import FLOW_NODES, is_feel

OVER_ANSWERS = frozenset({"ball.refused"})
"""Properties of a task that hold FEEL over its answers: evaluated when it is completed, so written without "="."""

_CALLS = frozenset({"process", "callActivity"})
"""A called process and what calls it have their properties together."""


def read_properties(context: FileContext, element: Element, place: Place) -> dict[str, str]:
    """Return the `camunda:property` values; an expression starts with "=" (JUEL already translated)."""
    found: dict[str, str] = {}
    for holder in extensions(element, "properties"):
        for item in holder:
            name, text = (item.get("name") or "").strip(), (item.get("value") or "").strip()
            if not name:
                context.report.error(
                    "property-without-name",
                    place,
                    f"{place:en} has a property without a name.",
                    f"{place:zh}有一个没有名称的属性。",
                )
                continue
            if name in found:
                context.report.warning(
                    "property-twice",
                    place,
                    f'{place:en} has the property "{name}" twice; the last one counts.',
                    f"{place:zh}的属性“{name}”重复；以最后一个为准。",
                )
            what = (f"property {name}", f"属性 {name}")
            if name.startswith(WATCHED) and local_name(element).endswith("Gateway"):
                context.report.warning(
                    "property-without-effect",
                    place,
                    f'{place:en} has the property "{name}", but no time is kept of a gateway; draw it at an activity or event.',
                    f"{place:zh}有属性“{name}”，但网关不计时；请画在活动或事件上。",
                )
            if name in OVER_ANSWERS:
                found[name] = context.reader.over_answers(text, place, what)
                continue
            value = context.reader.value(text, place, what)
            context.reader.host.check_property(context.report, place, local_name(element), name, value)
            found[name] = (
                "" if value is None else value.literal if value.literal is not None else f"={value.feel}"
            )
    read_named_files(context, element, place, found)
    if local_name(element) not in _CALLS:
        context.reader.host.check_together(context.report, place, found)
    return found


def read_mappings(
    context: FileContext, element: Element, place: Place
) -> tuple[tuple[Assignment, ...], tuple[Assignment, ...]]:
    """Return what `camunda:inputOutput` assigns before and after."""
    sides: dict[str, list[Assignment]] = {"inputParameter": [], "outputParameter": []}
    for holder in extensions(element, "inputOutput"):
        for item in holder:
            side = sides.get(local_name(item))
            if side is None:
                continue
            target = context.reader.target(item.get("name") or "", place)
            value = _parameter(context, item, place)
            if target and value is not None:
                side.append(Assignment(target, value))
    return tuple(sides["inputParameter"]), tuple(sides["outputParameter"])


def read_binding(context: FileContext, element: Element, prefix: str, place: Place) -> Binding:
    kind = attribute(element, f"{prefix}Binding") or "deployment"
    names = {"version": f"{prefix}Version", "versionTag": f"{prefix}VersionTag"}
    value = ""
    if kind in names:
        value = context.reader.literal(attribute(element, names[kind]), place, ("version", "版本"))
        if not value or (kind == "version" and not value.isdecimal()):
            context.report.error(
                "bad-binding",
                place,
                f"{place:en} is bound to a {kind} but {names[kind]} is {value[:40]!r}; write it.",
                f"{place:zh}按 {kind} 绑定，但 {names[kind]} 为 {value[:40]!r}；请填写。",
            )
    elif kind not in ("deployment", "latest"):
        context.report.error(
            "bad-binding",
            place,
            f'{place:en} has the binding "{kind[:40]}"; use deployment, latest, version or versionTag.',
            f"{place:zh}的绑定方式为“{kind[:40]}”；请使用 deployment、latest、version 或 versionTag。",
        )
        return Binding()
    return Binding(kind, value)


def refuse_language(context: FileContext, place: Place, language: str) -> None:
    named_en = f'is written in "{language[:40]}"' if language else "does not name its language"
    named_zh = f"使用“{language[:40]}”编写" if language else "没有注明语言"
    context.report.error(
        "unsupported-script-language",
        place,
        f"{place:en}: the script {named_en}; only FEEL runs here. Write FEEL assignments (scriptFormat "
        '"feel"), '
        'or name an operation with camunda:property name="operation".',
        f"{place:zh}：脚本{named_zh}；这里只运行 FEEL。请写 FEEL 赋值（scriptFormat 为 feel），"
        '或用 camunda:property name="operation" 指定操作。',
    )


def _parameter(context: FileContext, item: Element, place: Place) -> Value | None:
    name = item.get("name") or ""
    what = (f"parameter {name}", f"参数 {name}")
    reads = len(context.reader.reads)
    value = _parameter_value(context, item, place, what)
    if local_name(item) == "outputParameter":
        # It sees what the activity returned, which no diagram knows; only an inside is in a diagram.
        holder = item.getparent().getparent().getparent()
        if FLOW_NODES[local_name(holder)].family in ("call", "sub-process"):
            context.reader.returned += context.reader.reads[reads:]
        del context.reader.reads[reads:]
    return value


def _parameter_value(context: FileContext, item: Element, place: Place, what: What) -> Value | None:
    name = item.get("name") or ""
    inner = next(iter(item), None)
    if inner is None:
        text = text_of(item)
        return context.reader.value(text, place, what) if text else Value(feel="null")
    kind = local_name(inner)
    if kind == "script":
        language = inner.get("scriptFormat", "")
        if not is_feel(language):
            refuse_language(context, place, language)
            return None
        feel = context.reader.expression(text_of(inner), place, what)
        return None if feel is None else Value(feel=feel)
    if kind in ("list", "map"):
        parts: list[str] = []
        for entry in inner:
            if len(entry):
                break
            value = context.reader.value(text_of(entry), place, what)
            if value is None:
                return None
            part = value.feel if value.feel is not None else feel_string(value.literal or "")
            parts.append(part if kind == "list" else f"{feel_string(entry.get('key') or '')}: {part}")
        else:
            return Value(feel=f"[{', '.join(parts)}]" if kind == "list" else f"{{{', '.join(parts)}}}")
    context.report.error(
        "unsupported-parameter",
        place,
        f'The parameter "{name}" of {place:en} is a nested {kind}; write it as one FEEL expression '
        'starting with "=".',
        f"{place:zh}的参数“{name}”是嵌套的 {kind}；请写成一个以“=”开头的 FEEL 表达式。",
    )
    return None
