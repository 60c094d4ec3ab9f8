"""Checks every extension: what has no effect here or cannot run is reported by name, what is code is asked for."""

from __future__ import annotations

from engine.dialect.findings import Place
from engine.dialect.read.context import SAID, FileContext, place_of
from engine.dialect.read.nodes.listeners import read_listener, read_mapping_code
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables import spiffworkflow, vendors, zeebe
from engine.dialect.tables.camunda import FAMILY
from engine.dialect.tables.elements import ATTRIBUTE_ONLY, ATTRIBUTE_REFUSALS, BPMN, FLOW_NODES
from engine.dialect.tables.extensions import Dialect, ExtensionRule, Rules

DIALECTS: dict[str, Dialect] = {
    **FAMILY,
    zeebe.ZEEBE: zeebe.DIALECT,
    spiffworkflow.SPIFFWORKFLOW: spiffworkflow.DIALECT,
    **vendors.KNOWN,
}
"""Namespace → dialect, for every namespace with a table."""


def check_extensions(context: FileContext, top: Element) -> None:
    """Report the extensions of an element and all below it, which have ids by now; ask for its listeners."""
    _Check(context).below(top)


class _Check:
    def __init__(self, context: FileContext) -> None:
        self.context = context
        self.report = context.report

    def below(self, top: Element) -> None:
        stack = [(top, place_of(top))]
        while stack:
            element, owner = stack.pop()
            if namespace(element) != BPMN:
                self._vendor(namespace(element), local_name(element), owner)
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
            space, _, local = attribute[1:].partition("}") if attribute[0] == "{" else ("", "", attribute)
            if space:
                rule = self._met(space, local, name, owner, value.strip().lower(), is_attribute=True)
                if rule is not None and rule.meaning == "listener" and name in rule.on and value.strip():
                    read_mapping_code(self.context, value.strip(), owner)
                continue
            only = ATTRIBUTE_ONLY.get(local)
            refusal = only or ATTRIBUTE_REFUSALS.get(local)
            if refusal and (value.strip() in refusal[0]) != bool(only):
                self.report.error(
                    "unsupported-attribute",
                    owner,
                    f"{owner:en}: {refusal[1]}.",
                    f"{owner:zh}：{refusal[2]}。",
                )

    def _extension(self, child: Element, parent: Element, owner: Place) -> None:
        space, local = namespace(child), local_name(child)
        rule = self._met(space, local, local_name(parent), owner, "", is_attribute=False)
        if rule is not None and rule.meaning == "listener":
            inner = [item for item in child if local_name(item) in ("executionListener", "taskListener")]
            for listener in inner or [child]:
                read_listener(self.context, listener, parent, owner)

    def _met(
        self, space: str, local: str, on: str, owner: Place, value: str, *, is_attribute: bool
    ) -> ExtensionRule | None:
        """Report an extension as its row says, and return the row."""
        dialect = DIALECTS.get(space)
        if dialect is None:
            self._vendor(space, local, owner)
            return None
        rules = dialect.attributes if is_attribute else dialect.elements
        rule = rules.get(local)
        written = f"{dialect.prefix}:{local}"
        if rule is not None and rule.elsewhere is not None and on not in rule.on:
            rule = rule.elsewhere
        if rule is None:
            if not dialect.quiet:
                self._unknown(written, local, rules, owner)
        elif is_attribute and value in rule.unless:
            return rule
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
        return rule

    def _unknown(self, written: str, local: str, rules: Rules, owner: Place) -> None:
        """Report a name of a known dialect that its table does not have: a slip of the pen refuses, a stranger warns."""
        hint = self.report.closest(local, rules)
        if hint:
            self.report.error(
                "unknown-extension",
                owner,
                f'{owner:en} carries "{written}", which is not known; did you mean {hint}? Correct or remove it.',
                f"{owner:zh}带有未知的“{written}”；是否想写 {hint}？请更正或删除。",
            )
        else:
            self.report.warning(
                "unknown-extension",
                owner,
                f'{owner:en} carries "{written}", which is not known and has no effect here.',
                f"{owner:zh}带有未知的“{written}”，在这里不起作用。",
            )

    def _vendor(self, space: str, local: str, owner: Place) -> None:
        if space not in ("", SAID) and not vendors.is_metadata(space):
            self.context.vendors.setdefault(space, (owner, set()))[1].add(local)
