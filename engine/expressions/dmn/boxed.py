"""Boxed expressions (DMN 1.5 §10.2) → FEEL syntax trees, so that one compiler serves both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Protocol

from lxml import etree

from engine.expressions.dmn import xml
from engine.expressions.dmn.policies import POLICIES
from engine.expressions.dmn.table import InputClause, OutputClause, Rule, Table
from engine.expressions.feel.api import parse
from engine.expressions.feel.errors import ExpressionError, Problem
from engine.expressions.feel.juel import looks_like_juel, translate
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax.names import NameIndex
from engine.expressions.feel.types import FeelType

FEEL_LANGUAGES = frozenset({"feel", ""})
EXPRESSIONS = (
    "literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
)  # fmt: skip


class Reporter(Protocol):
    """Takes what is wrong with an element of the file."""

    def __call__(
        self, code: str, message: str, message_zh: str, element: etree._Element, warning: bool = False
    ) -> None: ...


class Boxes:
    """Turns the expressions of one file into trees.

    names: every name the file declares, so that names with spaces are read as names; type_of: what a typeRef means.
    """

    def __init__(
        self,
        names: NameIndex,
        type_of: Callable[[str], FeelType | None],
        report: Reporter,
        owner: str = "",
    ) -> None:
        self.names = names
        self.type_of = type_of
        self.report = report
        self.owner = owner

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
        self.report(
            "missing-expression", f"A {xml.local(element)} lacks an expression.", "缺少表达式。", element
        )

    def expression(self, element: etree._Element) -> t.Node:
        """The tree of one boxed expression, with its type if it has one."""
        builders: dict[str, Callable[[etree._Element], t.Node]] = {
            "literalExpression": self._literal,
            "decisionTable": self._table,
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

    def feel(self, text: str, element: etree._Element) -> t.Node:
        """The tree of a text; what is wrong with it is reported, and then it is null."""
        made = self._parsed(text, element, False)
        return made

    def tests(self, text: str, element: etree._Element) -> t.UnaryTests:
        made = self._parsed(text, element, True)
        return made if isinstance(made, t.UnaryTests) else t.UnaryTests(0, (made,))

    def _parsed(self, text: str, element: etree._Element, unary: bool) -> t.Node:
        try:
            language = self._language(element)
            if language not in FEEL_LANGUAGES and not (language == "juel" and not unary):
                raise ExpressionError(
                    f'The expression language "{language}" is not FEEL.', f"表达式语言“{language}”不是 FEEL。"
                )
            if not unary and looks_like_juel(text):
                text = translate(text)
            tree, problems = parse(text, self.names, self.type_of, unary)
        except ExpressionError as refused:
            self._expression_problem(str(refused), refused.message_zh, text, element)
            return t.Failed(0, Problem(refused.message, refused.message_zh, refused.position, refused.hint))
        for problem in problems:
            error = problem.error(text)
            self._expression_problem(str(error), error.message_zh, text, element)
        return tree

    def _expression_problem(self, message: str, message_zh: str, text: str, element: etree._Element) -> None:
        shown = text if len(text) <= 80 else text[:77] + "..."
        self.report("expression", f'In "{shown}": {message}', f"表达式“{shown}”：{message_zh}", element)

    def _language(self, element: etree._Element) -> str:
        found = element.get("expressionLanguage") or ""
        if "/FEEL" in found.upper() or found.lower().startswith("feel"):
            return ""
        return found.lower()

    def _literal(self, element: etree._Element) -> t.Node:
        text = xml.text(element)
        if not text:
            if xml.child(element, "importedValues") is not None:
                self.report(
                    "unsupported", "Imported values cannot be used here.", "不支持导入的值。", element
                )
            return t.Literal(0, None)
        return self.feel(text, element)

    # -- structures -----------------------------------------------------------------------------------------------

    def _context(self, element: etree._Element) -> t.Node:
        entries: list[tuple[str, t.Node]] = []
        result: t.Node | None = None
        with self.naming(()):
            return self._entries(element, entries, result)

    def _entries(
        self, element: etree._Element, entries: list[tuple[str, t.Node]], result: t.Node | None
    ) -> t.ContextLiteral:
        for entry in xml.children(element, "contextEntry"):
            variable = xml.child(entry, "variable")
            value = self.required(entry, entry)
            if variable is None:
                result = value
                continue
            name = xml.name(variable)
            self.names.add(name)
            if isinstance(value, t.FunctionLiteral):
                value = t.FunctionLiteral(value.position, value.parameters, value.body, value.result, name)
                entries.append((name, value))
            else:
                entries.append((name, self.typed(value, variable.get("typeRef"))))
        return t.ContextLiteral(0, tuple(entries), result)

    def _list(self, element: etree._Element) -> t.Node:
        return t.ListLiteral(0, tuple(self.expression(one) for one in xml.children(element, *EXPRESSIONS)))

    def _relation(self, element: etree._Element) -> t.Node:
        columns = [(xml.name(one), one.get("typeRef")) for one in xml.children(element, "column")]
        rows: list[t.Node] = []
        for row in xml.children(element, "row"):
            cells = [self.expression(one) for one in xml.children(row, *EXPRESSIONS)]
            if len(cells) != len(columns):
                self.report(
                    "relation",
                    "A row has another number of cells than there are columns.",
                    "行与列数不符。",
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
            self.report(
                "unsupported", message + " Write its body in FEEL.", zh + "请用 FEEL 编写。", element, True
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

    # -- decision tables ------------------------------------------------------------------------------------------

    def _table(self, element: etree._Element) -> t.Node:
        policy_name = (element.get("hitPolicy") or "UNIQUE").upper()
        policy = POLICIES.get(policy_name)
        if policy is None:
            self.report(
                "hit-policy",
                f'There is no hit policy "{policy_name}".',
                f"没有命中策略“{policy_name}”。",
                element,
            )
            policy = "U"
        aggregation = (element.get("aggregation") or "").upper() if policy == "C" else ""
        if aggregation not in ("", "SUM", "MIN", "MAX", "COUNT"):
            self.report(
                "hit-policy",
                f'There is no aggregation "{aggregation}".',
                f"没有聚合方式“{aggregation}”。",
                element,
            )
            aggregation = ""
        inputs = tuple(self._input(one) for one in xml.children(element, "input"))
        outputs = tuple(self._output(one) for one in xml.children(element, "output"))
        if not outputs:
            self.report("table", "A decision table has no output column.", "决策表没有输出列。", element)
        if len(outputs) > 1 and len({one.name for one in outputs}) != len(outputs):
            self.report(
                "table",
                "Every output column needs a name of its own.",
                "每个输出列都要有自己的名称。",
                element,
            )
        if policy in "PO" and all(one.values is None or not one.values.tests for one in outputs):
            message = "The hit policy needs the output values in their order (outputValues)."
            self.report("table", message, "该命中策略需要按优先级列出输出值（outputValues）。", element, True)
        remarks = [xml.name(one) for one in xml.children(element, "annotation")]
        rules = tuple(
            self._rule(one, row, len(inputs), len(outputs), remarks)
            for row, one in enumerate(xml.children(element, "rule"), 1)
        )
        return Table(
            0, self.owner, policy, aggregation, inputs, outputs, rules, element.get("id") or "", xml.line(element)
        )  # fmt: skip

    def _input(self, element: etree._Element) -> InputClause:
        expression = xml.child(element, "inputExpression")
        text = xml.text(expression)
        if expression is None or not text:
            self.report("table", "An input column has no expression.", "输入列没有表达式。", element)
            return InputClause(t.Literal(0, None))
        ref = expression.get("typeRef")
        label = element.get("label") or text
        # A declared type that FEEL knows checks the value; whatever Camunda calls a type is only shown.
        wanted = self.type_of(ref) if ref else None
        allowed = self._values(element, "inputValues")
        return InputClause(self.feel(text, expression), wanted, allowed, label, text)

    def _values(self, element: etree._Element, tag: str) -> t.UnaryTests | None:
        found = xml.child(element, tag)
        text = xml.text(found)
        return None if found is None or not text else self.tests(text, found)

    def _output(self, element: etree._Element) -> OutputClause:
        default = xml.child(element, "defaultOutputEntry")
        text = xml.text(default)
        ref = element.get("typeRef")
        return OutputClause(
            xml.name(element) or (element.get("label") or ""),
            self.type_of(ref) if ref else None,
            self._values(element, "outputValues"),
            None if default is None or not text else self.feel(text, default),
        )

    def _rule(self, element: etree._Element, row: int, inputs: int, outputs: int, remarks: list[str]) -> Rule:
        tests = list(xml.children(element, "inputEntry"))
        results = list(xml.children(element, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            message = f"Rule {row} has {len(tests)} input and {len(results)} output cells, not {inputs} and {outputs}."
            zh = f"第 {row} 条规则的单元格数与列数不符。"
            self.report("table", message, zh, element)
        made = [self.tests(xml.text(one), one) for one in tests[:inputs]]
        values = [
            self.feel(text, one) if (text := xml.text(one)) else t.Literal(0, None)
            for one in results[:outputs]
        ]
        made += [t.UnaryTests(0, ())] * (inputs - len(made))
        values += [t.Literal(0, None)] * (outputs - len(values))
        return Rule(
            element.get("id") or f"row-{row}",
            tuple(made),
            tuple(values),
            xml.line(element),
            tuple(xml.text(one) for one in (*tests[:inputs], *results[:outputs])),
            _annotations(element, remarks),
        )


def _annotations(element: etree._Element, columns: list[str]) -> tuple[tuple[str, str], ...]:
    """The author's remarks on a rule. Some modelers write the first one as its description, some as both."""
    entries = [xml.text(one) for one in xml.children(element, "annotationEntry")]
    found = list(zip_longest(columns[: len(entries)], entries, fillvalue=""))
    described = xml.child(element, "description")
    text = "" if described is None else "".join(str(part) for part in described.itertext()).strip()
    if text not in entries:
        found.insert(0, ("", text))
    return tuple((name, remark) for name, remark in found if remark)
