"""Item definitions: the types a decision file declares, with components, collections and allowed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from engine.expressions.dmn.model import DecisionModel
from engine.expressions.dmn.reading import xml
from engine.expressions.dmn.reading.findings import Findings, Written
from engine.expressions.feel.api import CompiledTests, compile_unary_tests
from engine.expressions.feel.chinese import of_hint
from engine.expressions.feel.data.types import ANY, SIMPLE, FeelType
from engine.expressions.feel.errors import ExpressionError, Problem, did_you_mean
from engine.expressions.feel.runtime import Run
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax.names import NameIndex
from engine.expressions.feel.syntax.type_parser import MAX_TYPE_DEPTH

Allowed = Callable[[Any, Mapping[str, Any], Run], bool]

_CAMUNDA = {"integer": "number", "int": "number", "long": "number", "double": "number", "float": "number"}
"""How Camunda's modeler writes the number type."""


class ItemTypes:
    """The types of one file, made when first asked for."""

    def __init__(
        self, root: etree._Element, model: DecisionModel, names: NameIndex, findings: Findings
    ) -> None:
        self.model = model
        self.names = names
        self.findings = findings
        self.elements: dict[str, etree._Element] = {}
        for one in xml.children(root, "itemDefinition"):
            name = xml.name(one)
            if name in self.elements:
                message = f'There are two types called "{name}"; the first one counts.'
                findings.report("duplicate-name", message, f"有两个类型叫“{name}”，以第一个为准。", one)
            self.elements.setdefault(name, one)
        self.made = model.types
        self.making: set[str] = set()
        self.prefixes = {key or "": value for key, value in root.nsmap.items()}
        self.reported: set[str] = set()

    def all(self) -> None:
        for name in self.elements:
            self.find(name)

    def find(self, ref: str) -> FeelType | None:
        """What a typeRef means: a FEEL type, an item definition of this file, or one of an import; else None."""
        ref = " ".join(ref.split())
        if ref in self.elements:
            return self._defined(ref)
        if ref in SIMPLE:
            return SIMPLE[ref]
        if ref in _CAMUNDA:
            return FeelType(_CAMUNDA[ref], name=ref)
        for namespace in self.model.nameless:
            if ref in self.model.imports[namespace].types:
                return self.model.imports[namespace].types[ref]
        prefix, colon, rest = ref.partition(":")
        if colon:
            if rest in SIMPLE and prefix not in self.model.imports:
                return SIMPLE[rest]
            for model in self.model.imports.values():
                if model.namespace == self.prefixes.get(prefix) and rest in model.types:
                    return model.types[rest]
            return self._defined(rest) if rest in self.elements else None
        name, dot, rest = ref.partition(".")
        while dot:
            if name in self.model.imports:
                return self.model.imports[name].types.get(rest)
            more, dot, rest = rest.partition(".")
            name = f"{name}.{more}"
        return None

    def of(self, ref: str, element: etree._Element) -> FeelType | None:
        """Like find, but an unknown type is reported (as a warning: Camunda's modeler writes its own type names)."""
        found = self.find(ref)
        if found is None and ref not in self.reported:
            self.reported.add(ref)
            hint = did_you_mean(ref, [*self.elements, *SIMPLE])
            self.findings.report(
                "unknown-type",
                f'There is no type "{ref}". {hint}'.strip(),
                f"没有类型“{ref}”。{of_hint(hint)}",
                element,
                warning=True,
            )
        return found

    def _defined(self, name: str) -> FeelType:
        if name in self.made:
            return self.made[name]
        if name in self.making:
            message = f'The type "{name}" contains itself, which no value can.'
            self.findings.report(
                "circle", message, f"类型“{name}”包含自身，没有这样的值。", self.elements[name]
            )
            return ANY
        if len(self.making) >= MAX_TYPE_DEPTH:
            message = f'The type "{name}" is nested more than {MAX_TYPE_DEPTH} types deep.'
            self.findings.report(
                "type-depth", message, f"类型“{name}”嵌套超过 {MAX_TYPE_DEPTH} 层。", self.elements[name]
            )
            return ANY
        self.making.add(name)
        made = self._item(self.elements[name])
        self.making.discard(name)
        self.made[name] = made
        return made

    def _item(self, element: etree._Element) -> FeelType:
        name = xml.name(element)
        components = list(xml.children(element, "itemComponent"))
        function = xml.child(element, "functionItem")
        ref = xml.child(element, "typeRef")
        if components:
            base = FeelType(
                "context", fields={xml.name(one): self._item(one) for one in components}, name=name
            )
        elif function is not None:
            base = self._function(function, name)
        elif ref is not None and ref.text:
            found = self.of(ref.text.strip(), element) or ANY
            base = FeelType(
                found.kind, found.items, found.fields, found.parameters, found.result, found.allowed, name
            )
        else:
            base = FeelType("any", name=name)
        allowed = self._allowed(element, "allowedValues", base.allowed)
        if allowed is not None:
            base = FeelType(base.kind, base.items, base.fields, base.parameters, base.result, allowed, name)
        if (element.get("isCollection") or "").strip() == "true":
            base = FeelType("list", items=base, name=name)
        constraint = self._allowed(element, "typeConstraint", base.allowed)
        if constraint is not None:
            base = FeelType(
                base.kind, base.items, base.fields, base.parameters, base.result, constraint, name
            )
        return base

    def _function(self, element: etree._Element, name: str) -> FeelType:
        parameters = tuple(
            self.find(one.get("typeRef") or "Any") or ANY for one in xml.children(element, "parameters")
        )
        result = self.find(element.get("outputTypeRef") or "Any") or ANY
        return FeelType("function", parameters=parameters, result=result, name=name)

    def _allowed(self, element: etree._Element, tag: str, before: Allowed | None) -> Allowed | None:
        found = xml.child(element, tag)
        text = xml.text(found)
        if found is None or not text:
            return None
        try:
            self.findings.spend(len(text) // 2)
            tests = compile_unary_tests(text, names=self.names)
        except ExpressionError as refused:
            problem = Problem(refused.message, refused.message_zh, refused.position, refused.hint)
            self.findings.expression(problem, Written(text, found, None, None))
            return None
        return AllowedValues(tests, before)


class AllowedValues:
    """The test of an item definition's values. trees: what is tested, as written, here and in the types it is based on."""

    __slots__ = ("_before", "_tests", "trees")

    def __init__(self, tests: CompiledTests, before: Allowed | None = None) -> None:
        self._tests = tests
        self._before = before
        self.trees: tuple[t.Node, ...] = (*getattr(before, "trees", ()), tests.tree)

    def __call__(self, value: Any, beside: Mapping[str, Any], run: Run) -> bool:
        """beside: the other components of the value it is a component of; the tests may read them (§7.3.3).

        Raises EvaluationLimit: the test is part of the evaluation that asks.
        """
        if self._before is not None and not self._before(value, beside, run):
            return False
        return self._tests.passes(value, beside, run)
