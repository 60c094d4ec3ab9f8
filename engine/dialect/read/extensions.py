"""Checks every extension of a process: what would change behaviour and is not read here is reported by name."""

from __future__ import annotations

from collections.abc import Iterable

from engine.dialect.findings import Place
from engine.dialect.read.context import FileContext, place_of
from engine.dialect.read.listeners import read_listener
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import ATTRIBUTE_REFUSALS, BPMN, FLOW_NODES
from engine.dialect.tables.extensions import (
    ATTRIBUTES,
    CAMUNDA,
    DIALECT,
    ELEMENTS,
    FOREIGN,
    PRESENTATION,
    ExtensionRule,
    attribute_rule,
)


def check_extensions(context: FileContext, process: Element) -> None:
    """Report the extensions below a process, whose nodes and flows all have ids by now; ask for its listeners."""
    _Check(context).below(process)


class _Check:
    def __init__(self, context: FileContext) -> None:
        self.context = context
        self.report = context.report

    def below(self, process: Element) -> None:
        stack = [(process, place_of(process))]
        while stack:
            element, owner = stack.pop()
            if namespace(element) != BPMN:
                self._vendor(element.tag, owner)
                continue
            name = local_name(element)
            if name in FLOW_NODES or name in ("sequenceFlow", "lane"):
                owner = place_of(element)
            self._attributes(element, name, owner)
            if name == "extensionElements":
                for child in element:
                    self._extension(child, element.getparent(), owner)
                continue
            stack.extend((child, owner) for child in reversed(element))

    def _attributes(self, element: Element, name: str, owner: Place) -> None:
        for attribute, value in element.attrib.items():
            space, local = _split(attribute)
            if not space:
                refusal = ATTRIBUTE_REFUSALS.get(local)
                if refusal and value.strip() in refusal[0]:
                    self.report.error(
                        "unsupported-attribute",
                        owner,
                        f"{owner:en}: {refusal[1]}.",
                        f"{owner:zh}:{refusal[2]}。",
                    )
                continue
            if space in DIALECT:
                self._dialect(space, local, name, owner, attribute_rule(local, value), ATTRIBUTES)
            else:
                self._foreign(space, local, owner)

    def _extension(self, child: Element, parent: Element, owner: Place) -> None:
        space, local = namespace(child), local_name(child)
        if space in DIALECT:
            rule = ELEMENTS.get(local)
            self._dialect(space, local, local_name(parent), owner, rule, ELEMENTS)
            if rule is not None and rule.meaning == "listener":
                read_listener(self.context, child, parent, owner)
        else:
            self._foreign(space, local, owner)

    def _dialect(
        self, space: str, local: str, on: str, owner: Place, rule: ExtensionRule | None, known: Iterable[str]
    ) -> None:
        written = f"{DIALECT[space]}:{local}"
        if rule is None:
            hint = self.report.closest(local, known)
            (self.report.error if space == CAMUNDA else self.report.warning)(
                "unknown-extension",
                owner,
                f'{owner:en} carries "{written}", which is not known{_en(hint)}; remove or correct it.',
                f"{owner:zh}带有未知的“{written}”{_zh(hint)}；请删除或更正。",
            )
        elif rule.meaning == "refused":
            self.report.error(
                "unsupported-extension",
                owner,
                f"{owner:en} carries {written}. {rule.en}.",
                f"{owner:zh}带有 {written}。{rule.zh}。",
            )
        elif rule.meaning == "ignored":
            self.report.warning(
                "ignored-extension",
                owner,
                f"{owner:en} carries {written}, which has no effect. {rule.en}.",
                f"{owner:zh}带有 {written}，不起作用。{rule.zh}。",
            )
        elif rule.on and on not in rule.on:
            self.report.warning(
                "misplaced-extension",
                owner,
                f"{owner:en} carries {written}, which has a meaning only on {', '.join(sorted(rule.on))}.",
                f"{owner:zh}带有 {written}，它只在 {'、'.join(sorted(rule.on))} 上有意义。",
            )

    def _foreign(self, space: str, local: str, owner: Place) -> None:
        dialect = FOREIGN.get(space)
        if dialect is None:
            if space != BPMN and not space.startswith(PRESENTATION):
                self._vendor(f"{{{space}}}{local}", owner)
        elif local in dialect.behaviour:
            self.report.error(
                "foreign-dialect",
                owner,
                f'{owner:en} carries "{local}" of {dialect.name}, which would change what happens and is '
                "not read "
                f"here; {dialect.advice_en}.",
                f"{owner:zh}带有 {dialect.name} 的“{local}”，它会改变行为而这里不读取；{dialect.advice_zh}。",
            )

    def _vendor(self, tag: object, owner: Place) -> None:
        space, local = _split(tag if isinstance(tag, str) else "")
        if not space.startswith(PRESENTATION):
            self.context.vendors.setdefault(space or "(no namespace)", (owner, set()))[1].add(local)


def _en(hint: str) -> str:
    return f" (did you mean {hint}?)" if hint else ""


def _zh(hint: str) -> str:
    return f"(是否想写 {hint}?)" if hint else ""


def _split(tag: str) -> tuple[str, str]:
    if tag.startswith("{"):
        space, _, local = tag[1:].partition("}")
        return space, local
    return "", tag
