"""Boxed expressions (DMN 1.5 §10.2) → FEEL syntax trees, so that one compiler serves both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from lxml import etree

from engine.expressions.dmn.reading import boxed_tables, xml
from engine.expressions.dmn.reading.findings import Cell, Findings, Written
from engine.expressions.feel.api import parse
from engine.expressions.feel.data.types import ANY, FeelType
from engine.expressions.feel.errors import ExpressionError, Problem
from engine.expressions.feel.juel import looks_like_juel, translate
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax.names import NameIndex

EXPRESSIONS: Final = (
    "literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
)  # fmt: skip


class Boxes:
    """Turns the expressions of one element into trees.

    names: every name the file declares, so that names with spaces are read as names; type_of: what a typeRef means;
    language: of expressions that name none. result: the type of what the element gives. written: the texts that were
    read, by the identity of their trees.
    """

    def __init__(
        self,
        names: NameIndex,
        type_of: Callable[[str], FeelType | None],
        findings: Findings,
        owner: str = "",
        language: str = "",
        result: FeelType = ANY,
    ) -> None:
        self.names = names
        self.type_of = type_of
        self.findings = findings
        self.owner = owner
        self.language = language
        self.result = result
        self.written: dict[int, Written] = {}

    def inside(self, element: etree._Element | None) -> t.Node | None:
        """The tree of the first expression inside an element; None when there is none."""
        if element is None:
            return None
        found = xml.child(element, *EXPRESSIONS)
        return None if found is None else self.expression(found)

    def required(self, element: etree._Element, inside: etree._Element | None) -> t.Node:
        """Like `inside`, but its absence is reported and becomes null."""
        made = self.inside(inside)
        if made is None:
            self._missing(element)
            return t.Literal(0, None)
        return made

    def _missing(self, element: etree._Element) -> None:
        self.findings.report(
            "missing-expression",
            f'An expression is missing in "{xml.local(element)}".',
            f"“{xml.local(element)}”中缺少表达式。",
            element,
        )

    def expression(self, element: etree._Element) -> t.Node:
        """The tree of one boxed expression, with its type if it has one."""
        builders: dict[str, Callable[[etree._Element], t.Node]] = {
            "literalExpression": self._literal,
            "decisionTable": lambda one: boxed_tables.read(self, one),
            "context": self._context,
            "list": self._list,
            "relation": self._relation,
            "invocation": self._invocation,
            "functionDefinition": self.function,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iteration,
            "some": self._iteration,
            "every": self._iteration,
        }
        tag = xml.local(element)
        made = builders[tag](element)
        if tag in ("functionDefinition", "decisionTable"):
            # The type of a function box is that of the function; a table types each of its outputs.
            return made
        return self.typed(made, element.get("typeRef"))

    def typed(self, node: t.Node, type_ref: str | None) -> t.Node:
        wanted = self.type_of(type_ref) if type_ref else None
        return node if wanted is None else t.Typed(node.position, node, wanted)

    def result_of(self, table: etree._Element, output: str) -> FeelType | None:
        """The type that an output of a table has which is all of the element's logic; one of its results may be many."""
        around = table.getparent()
        if around is None or xml.local(around) not in ("decision", "encapsulatedLogic"):
            return None
        one = (self.result.items or ANY) if self.result.kind == "list" else self.result
        return (one.fields or {}).get(output, one)

    @contextmanager
    def naming(self, names: Iterable[str]) -> Iterator[None]:
        """While inside, these names are known too."""
        outer = self.names
        self.names = NameIndex(names, outer)
        try:
            yield
        finally:
            self.names = outer

    # -- text -----------------------------------------------------------------------------------------------------

    def feel(self, text: str, element: etree._Element, cell: Cell | None = None) -> t.Node:
        """The tree of a text; what is wrong with it is reported, and then it is null."""
        return self._parsed(text, element, cell, False)

    def tests(self, text: str, element: etree._Element, cell: Cell | None = None) -> t.UnaryTests:
        """The tree of an input cell, or of a list of allowed values."""
        made = self._parsed(text, element, cell, True)
        return made if isinstance(made, t.UnaryTests) else t.UnaryTests(0, (made,))

    def _parsed(self, text: str, element: etree._Element, cell: Cell | None, unary: bool) -> t.Node:
        tree: t.Node
        try:
            language = _language(element.get("expressionLanguage") or self.language)
            if language and not (language == "juel" and not unary):
                raise ExpressionError(
                    f'The expression language "{language}" is not FEEL.',
                    f"表达式语言“{language}”不是 FEEL。",
                    hint="Write the expression in FEEL.",
                )
            if not unary and looks_like_juel(text):
                text = translate(text)
            tree, problems = parse(text, self.names, self.type_of, unary, self.findings.spend)
        except ExpressionError as refused:
            problem = Problem(refused.message, refused.message_zh, refused.position, refused.hint)
            tree, problems = t.Failed(0, problem), [problem]
        written = self.written[id(tree)] = Written(text, element, cell, tree)
        for problem in problems:
            self.findings.expression(problem, written)
        return tree

    def _literal(self, element: etree._Element) -> t.Node:
        text = xml.text(element)
        if not text:
            if xml.child(element, "importedValues") is not None:
                self.findings.report(
                    "unsupported", "Imported values cannot be used here.", "不支持导入的值。", element
                )
            return t.Literal(0, None)
        return self.feel(text, element)

    # -- structures -----------------------------------------------------------------------------------------------

    def _context(self, element: etree._Element) -> t.Node:
        with self.naming(()):
            return self._entries(element)

    def _entries(self, element: etree._Element) -> t.ContextLiteral:
        entries: list[tuple[str, t.Node]] = []
        result: t.Node | None = None
        for entry in xml.children(element, "contextEntry"):
            variable = xml.child(entry, "variable")
            value = self.required(entry, entry)
            if variable is None:
                result = value
                continue
            name = xml.name(variable)
            self.names.add(name)
            if isinstance(value, t.FunctionLiteral):
                entries.append((name, self._named(value, name)))
            else:
                entries.append((name, self.typed(value, variable.get("typeRef"))))
        return t.ContextLiteral(0, tuple(entries), result)

    def _named(self, function: t.FunctionLiteral, name: str) -> t.FunctionLiteral:
        named = replace(function, name=name)
        if id(function) in self.written:
            self.written[id(named)] = replace(self.written[id(function)], node=named)
        return named

    def _list(self, element: etree._Element) -> t.Node:
        return t.ListLiteral(0, tuple(self.expression(one) for one in xml.children(element, *EXPRESSIONS)))

    def _relation(self, element: etree._Element) -> t.Node:
        columns = [(xml.name(one), one.get("typeRef")) for one in xml.children(element, "column")]
        rows: list[t.Node] = []
        for row in xml.children(element, "row"):
            cells = [self.expression(one) for one in xml.children(row, *EXPRESSIONS)]
            if len(cells) != len(columns):
                self.findings.report(
                    "relation",
                    f"A row has {len(cells)} cell(s), but there are {len(columns)} column(s).",
                    f"这一行有 {len(cells)} 个单元格，但共有 {len(columns)} 列。",
                    row,
                )
            entries = (
                (name, self.typed(cell, ref)) for (name, ref), cell in zip(columns, cells, strict=False)
            )
            rows.append(t.ContextLiteral(0, tuple(entries)))
        return t.ListLiteral(0, tuple(rows))

    def _invocation(self, element: etree._Element) -> t.Node:
        callee = self.required(element, element)
        while isinstance(callee, t.Typed):
            callee = callee.value
        names: list[str] = []
        arguments: list[t.Node] = []
        for binding in xml.children(element, "binding"):
            parameter = xml.child(binding, "parameter")
            if parameter is None:
                self._missing(binding)
                continue
            names.append(xml.name(parameter))
            arguments.append(self.typed(self.inside(binding) or t.Literal(0, None), parameter.get("typeRef")))
        return t.Call(0, callee, tuple(arguments), tuple(names) if names else None)

    def function(self, element: etree._Element) -> t.FunctionLiteral:
        """A function definition (also the encapsulated logic of a business knowledge model)."""
        parameters = tuple(
            (xml.name(one), self.type_of(ref) if (ref := one.get("typeRef")) else None)
            for one in xml.children(element, "formalParameter")
        )
        kind = element.get("kind") or "FEEL"
        if kind.upper() not in ("FEEL", "F"):
            message, zh = f"A function of kind {kind} cannot run here.", f"不能执行 {kind} 函数。"
            self.findings.report(
                "unsupported",
                message + " Write its body in FEEL.",
                zh + "请用 FEEL 编写。",
                element,
                warning=True,
            )
            return t.FunctionLiteral(0, parameters, t.Failed(0, Problem(message, zh, 0)))
        with self.naming(name for name, _ in parameters):
            return t.FunctionLiteral(0, parameters, self.inside(element) or t.Literal(0, None))

    def _conditional(self, element: etree._Element) -> t.Node:
        parts = [self.required(element, xml.child(element, tag)) for tag in ("if", "then", "else")]
        return t.If(0, parts[0], parts[1], parts[2], strict=True)

    def _filter(self, element: etree._Element) -> t.Node:
        source = self.required(element, xml.child(element, "in"))
        return t.Filter(0, source, self.required(element, xml.child(element, "match")), strict=True)

    def _iteration(self, element: etree._Element) -> t.Node:
        domain = xml.child(element, "in")
        name = " ".join((element.get("iteratorVariable") or "").split())
        iterator = t.Iterator(name, self.required(element, domain))
        with self.naming([name]):
            if xml.local(element) == "for":
                return t.For(0, (iterator,), self.required(element, xml.child(element, "return")))
            test = self.required(element, xml.child(element, "satisfies"))
        return t.Quantified(0, xml.local(element) == "every", (iterator,), test, strict=True)


def _language(uri: str) -> str:
    """The empty string for FEEL, of whatever version and subset, else the language's name in lower case."""
    name = uri.strip().rstrip("/").lower()
    parts = name.split("/")
    return "" if parts[-1] in ("", "feel", "s-feel") or "feel" in parts[-2:] else name
