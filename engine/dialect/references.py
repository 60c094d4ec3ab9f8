"""Tells which callees, decisions and forms a deployment names and nobody has brought."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from engine.dialect.findings import Report
from engine.dialect.model import Binding, Need, NeedKind, ProcessModel, as_drawn
from engine.dialect.read.context import Reference
from engine.dialect.read.data.checks import CHECK


class Known(Protocol):
    """What is already deployed: tells whether a key exists under a binding."""

    def has_process(self, key: str, binding: Binding) -> bool: ...

    def retirement(self, key: str) -> tuple[datetime, str] | None: ...

    def has_decision(self, key: str, binding: Binding) -> bool: ...

    def has_form(self, key: str, binding: Binding) -> bool: ...


def with_what_is_missing(
    models: Mapping[str, ProcessModel],
    references: Iterable[Reference],
    brought: Mapping[str, Collection[str]],
    known: Known | None,
    report: Callable[[str], Report],
) -> dict[str, ProcessModel]:
    """Report what is named and exists neither here nor among what is deployed; return the models with what they need.

    A callee or decision must be bound before the process can start; a form may come later; a decision that checks a form must
    be there. brought: the keys of the
    deployment by kind (process, decision, form); known: what is deployed; report: gives a file's report by name.
    """
    found = dict(models)
    for reference in references:
        if _exists(reference, brought[reference.kind], known):
            if (
                reference.kind == "process"
                and known is not None
                and (rest := known.retirement(reference.key))
            ):
                _retired(report(reference.file), reference, *rest)
            continue
        need = _told(report(reference.file), reference, brought[reference.kind])
        model = found.get(reference.process)
        if need is not None and model is not None:
            found[model.key] = replace(model, needs=as_drawn([*model.needs, need]))
    return found


def _exists(reference: Reference, here: Collection[str], known: Known | None) -> bool:
    key, binding = reference.key, reference.binding
    if key in here and binding.kind in ("deployment", "latest"):
        return True
    if known is None:
        return False
    has = {
        "process": known.has_process, "decision": known.has_decision, CHECK: known.has_decision, "form": known.has_form
    }[reference.kind]  # fmt: skip
    return has(key, binding)


def _retired(report: Report, reference: Reference, since: datetime, by: str) -> None:
    place, key, day = reference.place, reference.key, f"{since:%Y-%m-%d}"
    report.warning(
        "retired-process",
        place,
        f'{place:en} calls the process "{key}", which {by} retired on {day}: nothing new is filed with it. Calls go on; '
        "call its successor, if there is one.",
        f"{place:zh}调用的流程“{key}”已由{by}于 {day} 停用：不再用它立案。调用仍然有效；如有替代流程，请改为调用替代流程。",
    )


def _told(report: Report, reference: Reference, here: Collection[str]) -> Need | None:
    en, zh = {
        "process": ("process", "流程"), "decision": ("decision", "决策"), CHECK: ("decision", "决策"), "form": ("form", "表单")
    }[reference.kind]  # fmt: skip
    key, binding, place = reference.key, reference.binding, reference.place
    bound = f" ({binding.kind} {binding.value})" if binding.value else ""
    hint = report.closest(key, [other for other in here if other != key])
    missing_en = f'{place:en} names the {en} "{key}"{bound}, which is neither in this deployment nor deployed'
    missing_zh = f"{place:zh}引用的{zh}“{key}”{bound}既不在本次部署中，也未部署过"
    maybe_en = f"; did you mean {hint}?" if hint else ""
    maybe_zh = f"；是否想写 {hint}？" if hint else ""
    if reference.kind == "form":
        report.warning(
            "unknown-form",
            place,
            missing_en + (maybe_en or "; add its file, or the task is shown without it."),
            missing_zh + (maybe_zh or "；请加入对应文件，否则任务不显示该表单。"),
        )
        return None
    if reference.kind == CHECK:
        report.error(
            "unknown-check",
            place,
            missing_en + (maybe_en or ", so what is filled in could not be checked; add its file."),
            missing_zh + (maybe_zh or "，提交的内容将无法检查；请加入对应文件。"),
        )
        return None
    report.binding(
        f"needs-{reference.kind}",
        place,
        f"{missing_en}{maybe_en or '.'} Add its file, or bind {place.id} to a {en} of this installation.",
        f"{missing_zh}{maybe_zh or '。'}请加入对应文件，或把 {place.id} 绑定到本系统的{zh}。",
    )
    kind: NeedKind = "process" if reference.kind == "process" else "decision"
    return Need(place.id, kind, key, name=place.name[:200], line=place.line)
