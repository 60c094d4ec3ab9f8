"""The logic of decisions and business knowledge, compiled; what their texts get wrong is told with cell and position."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from lxml import etree

from engine.expressions.dmn.model import Decision, DecisionModel, Element, Input, Knowledge, Reference
from engine.expressions.dmn.reading import xml
from engine.expressions.dmn.reading.boxed import Boxes
from engine.expressions.dmn.reading.findings import Findings, Written
from engine.expressions.dmn.reading.itemtypes import ItemTypes
from engine.expressions.feel.compiling.compile import Compiler
from engine.expressions.feel.compiling.scoping import Code, Uses
from engine.expressions.feel.data.types import FeelType
from engine.expressions.feel.errors import Problem, did_you_mean
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax.names import NameIndex

Hearing = Callable[[str, str, int], Problem | None]
"""What the host says of a text handed to one of its functions: (function, text, position) → what is wrong with it."""

Made = TypeVar("Made", bound=t.Node)


class Logic:
    """Compiles the logic of one model, whose elements and types are already there.

    names: every name the file declares. variables: the names the caller will give, or None when that is not known;
    functions: of the host; said: what it says of texts handed to them. language: of expressions that name none.
    """

    def __init__(
        self,
        model: DecisionModel,
        types: ItemTypes,
        findings: Findings,
        names: NameIndex,
        variables: Collection[str] | None,
        functions: Collection[str],
        language: str,
        said: Hearing | None = None,
    ) -> None:
        self.said = said
        self.model, self.types, self.findings, self.language = model, types, findings, language
        self.variables = None if variables is None else frozenset(variables)
        self.functions = frozenset(functions)
        self.names = names
        self.inputs = {one.name for one in model.elements.values() if isinstance(one, Input)}

    def decision(self, decision: Decision, element: etree._Element) -> None:
        """Compile a decision; a text that cannot be read becomes null, the rest still answers."""
        required = self._required(decision.requires)
        boxes = self._boxes(decision, element, {*required, *(self.variables or ())})
        node = self._tree(lambda: boxes.inside(element), element)
        if node is None:
            self._missing("A decision has no logic.", "决策没有逻辑。", element)
            return
        decision.logic = node
        decision.code, uses = self._compile(node, set(required), element, boxes)
        free = uses.names - set(required) - self.functions
        decision.names = frozenset(free)
        decision.paths = frozenset(path for path in uses.paths if path.split(".")[0] in free)
        self._check_names(decision, element, uses, set(required))
        self._check_paths(element, uses, required)

    def knowledge(self, knowledge: Knowledge, element: etree._Element) -> None:
        """Compile business knowledge into the function it is."""
        logic = xml.child(element, "encapsulatedLogic")
        required = self._required(knowledge.requires)
        known = {*required, knowledge.name}
        boxes = self._boxes(knowledge, element, known)
        if logic is None:
            self._missing("A business knowledge model has no logic.", "业务知识模型没有逻辑。", element)
            return
        made = self._tree(lambda: boxes.function(logic), element)
        if made is None:
            return
        answer = knowledge.type.answer
        result = None if answer.kind == "any" else answer
        node = t.FunctionLiteral(0, made.parameters, made.body, result, knowledge.name)
        knowledge.logic = node
        knowledge.code, uses = self._compile(node, known, element, boxes)
        self._check_paths(element, uses, required)

    def _tree(self, read: Callable[[], Made | None], element: etree._Element) -> Made | None:
        try:
            return read()
        except RecursionError:
            self.findings.report("expression", "The logic is nested too deeply.", "逻辑嵌套过深。", element)
            return None

    # -- names --------------------------------------------------------------------------------------------------------

    def _required(self, requires: tuple[Reference, ...]) -> dict[str, Element | None]:
        """The names an element may use because it requires them; None for those of an import, reached by a path."""
        names: dict[str, Element | None] = {}
        for reference in requires:
            found = self.model.resolve(reference)
            if found is None:
                continue
            if reference.through and reference.through not in self.model.nameless:
                names[reference.through] = None
            else:
                names[found[1].name] = found[1]
        return names

    def _boxes(self, owner: Decision | Knowledge, element: etree._Element, known: Collection[str]) -> Boxes:
        # What is required through an import is reached by a path, in which its name is still one name.
        through = {
            found[1].name for one in owner.requires if one.through and (found := self.model.resolve(one))
        }
        return Boxes(
            NameIndex({*known, *through}, self.names),
            lambda ref: self.types.of(ref, element),
            self.findings,
            owner.id,
            self.language,
            owner.type.answer,
        )

    def _missing(self, message: str, message_zh: str, element: etree._Element) -> None:
        self.findings.report("missing-expression", message, message_zh, element, warning=True)

    def _compile(
        self, node: t.Node, known: set[str], element: etree._Element, boxes: Boxes
    ) -> tuple[Code | None, Uses]:
        compiler = Compiler(known=known | self.functions, origins=boxes.written)
        try:
            code = compiler.paying(0, compiler.compile(node))
        except RecursionError:
            self.findings.report("expression", "The logic is nested too deeply.", "逻辑嵌套过深。", element)
            return None, Uses()
        for problem in compiler.problems:
            written = problem.origin
            if not isinstance(written, Written):
                written = Written("", element, None, node)
            self.findings.expression(problem, written)
        self._check_said(compiler.uses, known, Written("", element, None, node))
        return code, compiler.uses

    def _check_said(self, uses: Uses, known: Collection[str], whole: Written) -> None:
        for said in uses.said:
            # A function of the file's own takes the place of the host's.
            if self.said is None or said.function in known:
                continue
            wrong = self.said(said.function, said.text, said.position)
            if wrong is not None:
                written = said.origin if isinstance(said.origin, Written) else whole
                self.findings.expression(wrong, written, warning=True, code="unknown-value")

    def _check_names(
        self, decision: Decision, element: etree._Element, uses: Uses, required: set[str]
    ) -> None:
        """Names that nothing supplies: errors when the caller's names are known, else only where a graph is drawn. Inputs
        that are there but not required: warnings, as other engines hand them in all the same.
        """
        for name in sorted(decision.names & self.inputs):
            problem = Problem(
                f'It reads "{name}", which it does not require.',
                f"逻辑引用了“{name}”，但图中没有画出对它的依赖。",
                0,
                "Draw the requirement to it.",
            )
            self._about("undrawn-requirement", name, problem, element, uses, True)
        if self.variables is not None:
            strangers = sorted(decision.names - self.variables - self.inputs)
        elif any(self._is_data(reference) for reference in decision.requires):
            strangers = sorted(decision.names - self.inputs)
        else:
            return
        for name in strangers:
            other = next((one for one in self.model.elements.values() if one.name == name), None)
            hint = (
                "Draw the requirement to it."
                if other is not None
                else did_you_mean(name, [*required, *self.inputs, *(self.variables or ())])
            )
            self._about(
                "unknown-name",
                name,
                Problem(
                    f'It reads "{name}", which nothing supplies.',
                    f"逻辑引用了“{name}”，但没有任何输入提供它。",
                    0,
                    hint,
                ),
                element,
                uses,
                self.variables is None,
            )

    def _is_data(self, reference: Reference) -> bool:
        found = self.model.resolve(reference)
        return found is not None and isinstance(found[1], Input | Decision)

    def _check_paths(self, element: etree._Element, uses: Uses, required: dict[str, Element | None]) -> None:
        """Entries a declared type does not have. Only warnings: a value may hold more than its type tells (§10.3.2.9.2)."""
        for path in sorted(uses.paths):
            first, *rest = path.split(".")
            owner = required.get(first)
            kind: FeelType | None = None if owner is None else owner.type
            for key in rest:
                while kind is not None and kind.kind == "list":
                    kind = kind.items
                if kind is None or kind.kind != "context" or kind.fields is None:
                    break
                if key not in kind.fields:
                    problem = Problem(
                        f'"{first}" is of type {kind}, which has no entry "{key}".',
                        f"“{first}”的类型 {kind} 没有“{key}”这一项。",
                        0,
                        did_you_mean(key, kind.fields),
                    )
                    self._about("missing-entry", path, problem, element, uses, True)
                    break
                kind = kind.fields[key]

    def _about(
        self,
        code: str,
        read: str,
        problem: Problem,
        element: etree._Element,
        uses: Uses,
        warning: bool,
    ) -> None:
        """Report a problem of a name or path at the first text that reads it."""
        written = uses.first.get(read)
        if not isinstance(written, Written):
            written = Written("", element, None, None)
        position = max(0, written.position_of(read.split(".")[-1]))
        hint = problem.hint
        if not hint and written.cell and read in (one.strip() for one in written.text.split(",")):
            hint = f'For the text itself, write "{read}" in quotes.'
        placed = Problem(problem.message, problem.message_zh, position, hint)
        self.findings.expression(placed, written, warning=warning, code=code)
