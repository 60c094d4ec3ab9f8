"""Properties that name a file of the deployment: the decision that checks a form, the form that a message has to pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from engine.dialect.findings import Place, Report
from engine.dialect.model import (
    FORM_CHECK,
    MESSAGE_CHECK,
    MESSAGE_FORM,
    MESSAGE_FROM,
    MESSAGE_UNIQUE,
    START_CHECK,
    Binding,
)
from engine.dialect.read.context import FileContext, Reference, child
from engine.dialect.safe_xml import Element, local_name
from engine.expressions.dmn import DecisionModel
from engine.expressions.dmn.evaluation.table import Table

CHECK = "check"
"""The kind of a reference to a decision that checks something: without it what is sent cannot be checked."""

PATH, SENTENCES = "path", ("message_zh", "message")
"""The outputs of such a decision: where the mistake is, and what it is."""

_LISTENER = ("message event or receive task", "消息事件或接收任务")
_WANTED = {
    FORM_CHECK: ("user task", "用户任务"),
    START_CHECK: ("process", "流程"),
    MESSAGE_FORM: _LISTENER,
    MESSAGE_FROM: _LISTENER,
    MESSAGE_CHECK: _LISTENER,
    MESSAGE_UNIQUE: _LISTENER,
}


def read_named_files(context: FileContext, element: Element, place: Place, found: dict[str, str]) -> None:
    """Remember which decision or form the properties of an element name; warn of those that have no effect on it. A form is
    named by its key from then on.
    """
    for name, (en, zh) in _WANTED.items():
        value = found.get(name, "")
        if not value:
            continue
        if not _fits(name, element):
            context.report.warning(
                "property-without-effect",
                place,
                f'{place:en} has the property "{name}", which only a {en} may have; it has no effect.',
                f"{place:zh}有属性“{name}”，只有{zh}才可以有；它不起作用。",
            )
        elif value.startswith("="):
            context.report.error(
                "computed-name",
                place,
                f'The property "{name}" of {place:en} is computed; write its value itself.',
                f"{place:zh}的属性“{name}”是表达式；请直接写出它的值。",
            )
        elif name == MESSAGE_FORM:
            found[name] = context.form_keys.get(value, value)
            context.refer("form", found[name], Binding(), place)
        elif name not in (MESSAGE_FROM, MESSAGE_UNIQUE):
            context.refer(CHECK, value, Binding(), place)


def _fits(name: str, element: Element) -> bool:
    kind = local_name(element)
    if name == FORM_CHECK:
        return kind == "userTask"
    if name == START_CHECK:
        return kind == "process"
    waits = kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent")
    return kind == "receiveTask" or (waits and child(element, "messageEventDefinition") is not None)


def check_outputs(
    references: Iterable[Reference],
    tables: Mapping[str, DecisionModel],
    report: Callable[[str], Report],
) -> None:
    """Warn of decisions that check something and do not say where a mistake is, or what it is."""
    for reference in references:
        model = tables.get(reference.key) if reference.kind == CHECK else None
        logic = model.decisions[reference.key].logic if model is not None else None
        if not isinstance(logic, Table):
            continue
        names = {clause.name for clause in logic.outputs}
        missing = [PATH] if PATH not in names else []
        missing += [] if names.intersection(SENTENCES) else [" / ".join(SENTENCES)]
        for name in missing:
            place = reference.place
            report(reference.file).warning(
                "check-without-output",
                place,
                f'{place:en} is checked by the decision "{reference.key}", which has no output {name}: whoever fills the form '
                "in is not told " + ("where the mistake is." if name == PATH else "what is wrong."),
                f"{place:zh}由决策“{reference.key}”检查，但它没有输出 {name}：填表的人看不到"
                + ("错在哪里。" if name == PATH else "错误是什么。"),
            )
