"""Reads a decision file into a compiled model; everything that is wrong with it is reported at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from lxml import etree

from engine.expressions.dmn import xml
from engine.expressions.dmn.boxed import Boxes
from engine.expressions.dmn.itemtypes import ItemTypes
from engine.expressions.dmn.model import (
    Decision,
    DecisionModel,
    Element,
    Input,
    Knowledge,
    Reference,
    Service,
)
from engine.expressions.feel.compile import Compiler
from engine.expressions.feel.errors import Finding, did_you_mean
from engine.expressions.feel.scoping import Code
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax.names import NameIndex
from engine.expressions.feel.types import ANY, FeelType

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
) -> DecisionModel:
    """Read a DMN 1.1–1.5 file. Never raises for what is in it: `findings` tells.

    imports: models this one may import, found by namespace. variables: the names the caller will give; when told, a
    decision that reads another name is an error. functions: names of user functions the evaluation will have.
    """
    model = DecisionModel(file)
    try:
        root = xml.parse(content)
    except xml.Unreadable as problem:
        model.findings.append(Finding("unreadable", str(problem), problem.message_zh, file, problem.line))
        return model
    _Reader(root, model, imports, variables, functions).read()
    return model


class _Reader:
    def __init__(
        self,
        root: etree._Element,
        model: DecisionModel,
        imports: Sequence[DecisionModel],
        variables: Collection[str] | None,
        functions: Collection[str],
    ) -> None:
        self.root, self.model = root, model
        self.variables = None if variables is None else frozenset(variables)
        self.functions = frozenset(functions)
        self.inputs: set[str] = set()
        model.namespace = root.get("namespace") or ""
        model.name = xml.name(root)
        self._import(imports)
        self.names = NameIndex(self._all_names())
        self.types = ItemTypes(root, model, self.names, self.report)

    def report(
        self, code: str, message: str, message_zh: str, element: etree._Element, warning: bool = False
    ) -> None:
        """Note a finding, at the closest element that has an id."""
        owner: etree._Element | None = element
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        named: etree._Element | None = element
        while named is not None and xml.local(named) not in (
            "decision",
            "businessKnowledgeModel",
            "decisionService",
        ):
            named = named.getparent()
        severity: Literal["error", "warning"] = "warning" if warning else "error"
        element_id = "" if owner is None else owner.get("id") or ""
        name = "" if named is None else xml.name(named)
        where = f' (in "{name}")' if name else ""
        self.model.findings.append(
            Finding(
                code,
                message + where,
                message_zh,
                self.model.file,
                xml.line(element),
                element_id,
                name,
                severity,
            )
        )

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
                self.report(
                    "duplicate-id", f'The id "{made.id}" stands twice.', f"标识“{made.id}”重复。", element
                )
                continue
            if made.name in named:
                self.report(
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
        if not self.model.elements:
            self.report("empty", "The file has no decision.", "文件中没有决策。", self.root)
        self.inputs = {one.name for one in self.model.elements.values() if isinstance(one, Input)}
        for made, element in pending:
            self._check_requirements(made, element)
        self._check_circles()
        for made, element in pending:
            if isinstance(made, Decision):
                self._compile_decision(made, element)
            elif isinstance(made, Knowledge):
                self._compile_knowledge(made, element)

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
                message = f'The imported file with namespace "{wanted}" is not there.'
                self.report("missing-import", message, f"缺少被导入的文件（命名空间“{wanted}”）。", element)

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
            self.report("missing-id", f"A {xml.local(element)} has no id.", "元素没有标识（id）。", element)
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
        declared = self._type(element)
        # The variable of a service may be typed by the service's function, or by its result.
        made.type = (declared.result or ANY) if declared.kind == "function" else declared
        return made

    # -- checks ---------------------------------------------------------------------------------------------------

    def _check_requirements(self, made: Element, element: etree._Element) -> None:
        if isinstance(made, Input):
            return
        if isinstance(made, Service):
            wanted = (*made.outputs, *made.input_decisions, *made.inputs)
        else:
            wanted = made.requires
        for reference in wanted:
            if self.model.resolve(reference) is None:
                target = f"{reference.through}#{reference.id}" if reference.through else reference.id
                hint = did_you_mean(reference.id, self.model.elements)
                self.report(
                    "missing-requirement",
                    f'It requires "{target}", which is not there. {hint}'.strip(),
                    f"所需元素“{target}”不存在。",
                    element,
                )

    def _check_circles(self) -> None:
        done: set[str] = set()

        def circle(start: str) -> list[str] | None:
            # Iterative: a long chain of decisions must not end in Python's recursion limit.
            path: dict[str, None] = {}
            stack: list[tuple[str, bool]] = [(start, False)]
            while stack:
                current, leaving = stack.pop()
                if leaving:
                    path.popitem()
                    done.add(current)
                    continue
                if current in path:
                    around = list(path)
                    return [*around[around.index(current) :], current]
                element = self.model.decisions.get(current)
                if current in done or element is None:
                    continue
                path[current] = None
                stack.append((current, True))
                stack.extend((one.id, False) for one in element.requires if not one.through)
            return None

        for name in list(self.model.decisions):
            found = circle(name)
            if found is not None:
                decision = self.model.decisions[name]
                text = " → ".join(found)
                message = f"The decisions require each other in a circle: {text}."
                self.model.findings.append(
                    Finding(
                        "circle",
                        message,
                        f"决策循环依赖：{text}。",
                        self.model.file,
                        decision.line,
                        name,
                        decision.name,
                    )
                )
                return

    # -- logic ----------------------------------------------------------------------------------------------------

    def _boxes(self, owner: str, element: etree._Element, known: set[str]) -> Boxes:
        names = NameIndex(known, self.names)
        return Boxes(names, lambda ref: self.types.of(ref, element), self.report, owner)

    def _required_names(self, requires: tuple[Reference, ...]) -> set[str]:
        names: set[str] = set()
        for reference in requires:
            found = self.model.resolve(reference)
            if found is not None:
                named = reference.through and reference.through not in self.model.nameless
                names.add(reference.through if named else found[1].name)
        return names

    def _compile(
        self, node: t.Node, known: set[str], element: etree._Element
    ) -> tuple[Code | None, frozenset[str], frozenset[str]]:
        compiler = Compiler(known=known | self.functions)
        try:
            code = compiler.compile(node)
        except RecursionError:
            self.report("expression", "The logic is nested too deeply.", "逻辑嵌套过深。", element)
            return None, frozenset(), frozenset()
        for problem in compiler.problems:
            message = f"{problem.message} {problem.hint}".strip()
            self.report("expression", message, problem.message_zh, element)
        free = frozenset(compiler.uses.names - known - self.functions)
        return code, free, frozenset(path for path in compiler.uses.paths if path.split(".")[0] in free)

    def _compile_decision(self, decision: Decision, element: etree._Element) -> None:
        known = self._required_names(decision.requires)
        boxes = self._boxes(decision.id, element, known | set(self.variables or ()))
        node = boxes.inside(element)
        if node is None:
            self.report("missing-expression", "A decision has no logic.", "决策没有逻辑。", element, True)
            return
        decision.logic = node
        decision.code, decision.names, decision.paths = self._compile(node, known, element)
        inputs = self.inputs
        if self.variables is not None:
            strangers = sorted(decision.names - self.variables - inputs)
        elif any(self._is_data(reference) for reference in decision.requires):
            strangers = sorted(decision.names - inputs)
        else:
            strangers = []
        for name in strangers:
            hint = did_you_mean(name, [*known, *inputs, *(self.variables or ())])
            self.report(
                "unknown-name",
                f'It reads "{name}", which nothing supplies. {hint}'.strip(),
                f"逻辑引用了“{name}”，但没有任何输入提供它。",
                element,
                self.variables is None,
            )

    def _is_data(self, reference: Reference) -> bool:
        found = self.model.resolve(reference)
        return found is not None and isinstance(found[1], Input | Decision)

    def _compile_knowledge(self, knowledge: Knowledge, element: etree._Element) -> None:
        logic = xml.child(element, "encapsulatedLogic")
        known = self._required_names(knowledge.requires) | {knowledge.name}
        boxes = self._boxes(knowledge.id, element, known)
        if logic is None:
            self.report(
                "missing-expression",
                "A business knowledge model has no logic.",
                "业务知识模型没有逻辑。",
                element,
                True,
            )
            return
        made = boxes.function(logic)
        declared = knowledge.type
        result = (
            declared.result if declared.kind == "function" else (None if declared.kind == "any" else declared)
        )
        node = t.FunctionLiteral(0, made.parameters, made.body, result, knowledge.name)
        knowledge.logic = node
        knowledge.code, _, _ = self._compile(node, known, element)


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
