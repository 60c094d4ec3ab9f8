"""Reads a decision file into a compiled model; everything that is wrong with it is reported at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from lxml import etree

from engine.expressions.dmn.model import (
    Decision,
    DecisionModel,
    Element,
    Input,
    Knowledge,
    Reference,
    Service,
)
from engine.expressions.dmn.reading import requirements, xml
from engine.expressions.dmn.reading.findings import Findings, TooMuch
from engine.expressions.dmn.reading.itemtypes import ItemTypes
from engine.expressions.dmn.reading.logic import Hearing, Logic
from engine.expressions.feel.data.types import ANY, FeelType
from engine.expressions.feel.errors import Finding
from engine.expressions.feel.syntax.names import NameIndex

_NAMED = frozenset(
    [
        "decision",
        "inputData",
        "businessKnowledgeModel",
        "decisionService",
        "variable",
        "parameter",
        "formalParameter",
        "column",
        "itemComponent",
        "output",
        "itemDefinition",
        "import",
    ]
)


def read_decisions(
    content: bytes,
    file: str,
    *,
    imports: Sequence[DecisionModel] = (),
    variables: Collection[str] | None = None,
    functions: Collection[str] = (),
    said: Hearing | None = None,
) -> DecisionModel:
    """Read a DMN 1.1–1.5 file. Never raises for what is in it: `findings` tells.

    Takes as long as the file is large, a second or two at most: it is bounded at 5 MB, 100,000 elements, 100,000 words and
    signs of FEEL and 300 findings. What a decision then may take is bounded by the Limits of its evaluation.

    imports: models this one may import, found by namespace. variables: the names the caller will give; when told, a
    decision that reads another name is an error. functions: names of user functions the evaluation will have. said: tells
    what is wrong with a text that is handed literally to one of them, which is a warning.
    """
    model = DecisionModel(file)
    try:
        root = xml.parse(content)
    except xml.Unreadable as problem:
        model.findings.append(Finding("unreadable", str(problem), problem.message_zh, file, problem.line))
        return model
    with suppress(TooMuch):
        _Reader(root, model, imports, variables, functions, said).read()
    return model


class _Reader:
    def __init__(
        self,
        root: etree._Element,
        model: DecisionModel,
        imports: Sequence[DecisionModel],
        variables: Collection[str] | None,
        functions: Collection[str],
        said: Hearing | None,
    ) -> None:
        self.root, self.model = root, model
        self.findings = Findings(model.file, model.findings)
        self.variables = None if variables is None else frozenset(variables)
        self.functions = frozenset(functions)
        self.said = said
        model.namespace = root.get("namespace") or ""
        model.name = xml.name(root)
        self._import(imports)
        self.names = NameIndex(self._all_names())
        self.types = ItemTypes(root, model, self.names, self.findings)

    def read(self) -> None:
        self.types.all()
        for name in _fields(self.model.types.values()):
            self.names.add(name)
        pending: list[tuple[Element, etree._Element]] = []
        named: set[str] = set()
        makers = {
            "inputData": self._input,
            "decision": self._decision,
            "businessKnowledgeModel": self._knowledge,
            "decisionService": self._service,
        }
        for element in xml.children(self.root, *makers):
            made = makers[xml.local(element)](element)
            if made.id in self.model.elements:
                self.findings.report(
                    "duplicate-id", f'The id "{made.id}" stands twice.', f"标识“{made.id}”重复。", element
                )
                continue
            if made.name in named:
                self.findings.report(
                    "duplicate-name",
                    f'The name "{made.name}" stands twice.',
                    f"名称“{made.name}”重复。",
                    element,
                )
            named.add(made.name)
            self.model.elements[made.id] = made
            if isinstance(made, Decision):
                self.model.decisions[made.id] = made
            pending.append((made, element))
        if not self.model.elements and not self.types.elements:
            self.findings.report("empty", "The file has no decision.", "文件中没有决策。", self.root)
        requirements.check(self.model, pending, self.findings)
        language = self.root.get("expressionLanguage") or ""
        logic = Logic(
            self.model,
            self.types,
            self.findings,
            self.names,
            self.variables,
            self.functions,
            language,
            self.said,
        )
        for made, element in pending:
            if isinstance(made, Decision):
                logic.decision(made, element)
            elif isinstance(made, Knowledge):
                logic.knowledge(made, element)

    # -- what stands in the file ----------------------------------------------------------------------------------

    def _import(self, others: Sequence[DecisionModel]) -> None:
        for element in xml.children(self.root, "import"):
            wanted, name = element.get("namespace") or "", xml.name(element)
            found = next((one for one in others if one.namespace == wanted), None)
            if found is not None:
                self.model.imports[name or wanted] = found
                if not name:
                    self.model.nameless.add(wanted)
            elif (element.get("importType") or "") in xml.NAMESPACES:
                message = f'The imported file with namespace "{wanted}" is not there; bring it along.'
                self.findings.report(
                    "missing-import",
                    message,
                    f"缺少被导入的文件（命名空间“{wanted}”），请一并提供。",
                    element,
                )

    def _all_names(self) -> list[str]:
        found: set[str] = set(self.functions) | set(self.variables or ())
        for element in self.root.iter():
            if isinstance(element.tag, str) and xml.namespace(element) in xml.NAMESPACES:
                if xml.local(element) in _NAMED:
                    found.add(xml.name(element))
                if iterator := element.get("iteratorVariable"):
                    found.add(" ".join(iterator.split()))
        for model in self.model.imports.values():
            found.update(one.name for one in model.elements.values())
            for kind in model.types.values():
                found.update(kind.fields or ())
        # A name with a sign in it (`net-total`) is one only where it is in scope: elsewhere it is arithmetic.
        return sorted(name for name in found if name and not set(name) & set("+-*/."))

    def _type(self, element: etree._Element) -> FeelType:
        variable = xml.child(element, "variable")
        ref = None if variable is None else variable.get("typeRef")
        return (self.types.of(ref, element) if ref else None) or ANY

    def _id(self, element: etree._Element) -> str:
        found = element.get("id")
        if not found:
            self.findings.report(
                "missing-id",
                f'A "{xml.local(element)}" has no id.',
                f"“{xml.local(element)}”元素没有标识（id）。",
                element,
            )
        return found or xml.name(element)

    def _name(self, element: etree._Element) -> str:
        variable = xml.child(element, "variable")
        return xml.name(element) or (xml.name(variable) if variable is not None else "") or self._id(element)

    def _references(self, element: etree._Element, *path: str) -> tuple[Reference, ...]:
        found = [element]
        for step in path[:-1]:
            found = [inner for one in found for inner in xml.children(one, step)]
        leaves = tuple(path[-1].split("|"))
        hrefs = [inner.get("href") or "" for one in found for inner in xml.children(one, *leaves)]
        return tuple(self._reference(href) for href in hrefs)

    def _reference(self, href: str) -> Reference:
        namespace, _, target = href.rpartition("#")
        if not namespace or namespace == self.model.namespace:
            return Reference(target)
        through = next(
            (name for name, one in self.model.imports.items() if one.namespace == namespace), namespace
        )
        return Reference(target, through)

    def _input(self, element: etree._Element) -> Element:
        return Input(self._id(element), self._name(element), self._type(element))

    def _requirements(self, element: etree._Element) -> tuple[Reference, ...]:
        needed = self._references(element, "informationRequirement", "requiredDecision|requiredInput")
        return needed + self._references(element, "knowledgeRequirement", "requiredKnowledge")

    def _decision(self, element: etree._Element) -> Element:
        requires = self._requirements(element)
        return Decision(
            self._id(element), self._name(element), self._type(element), requires, line=xml.line(element)
        )

    def _knowledge(self, element: etree._Element) -> Element:
        return Knowledge(
            self._id(element), self._name(element), self._type(element), self._requirements(element)
        )

    def _service(self, element: etree._Element) -> Element:
        made = Service(
            self._id(element),
            self._name(element),
            self._references(element, "outputDecision"),
            self._references(element, "inputDecision"),
            self._references(element, "inputData"),
        )
        made.type = self._type(element).answer
        return made


def _fields(kinds: Iterable[FeelType]) -> set[str]:
    """The names of the components of these types, at every level."""
    found: set[str] = set()
    pending, seen = list(kinds), set()
    while pending:
        kind = pending.pop()
        if id(kind) not in seen:
            seen.add(id(kind))
            found.update(kind.fields or ())
            pending += [*(kind.fields or {}).values(), *([kind.items] if kind.items else [])]
    return found
