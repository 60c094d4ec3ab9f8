"""Hypothesis strategies for whole cases: an expression or an input cell, and the variables it reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

from tests.engine.expressions.beside.forms import CLOSED, FORMS, LOOSE, NEGATE, Form

LITERALS: Final[dict[str, list[str]]] = {
    "k": ["1", "3", "0", "-2", "5"],
    "w": ["0", "1", "2", "3", "-1", "-2", "5", "10", "12", "29", "100"],
    "n": ["0", "1", "2", "-1", "0.5", "2.5", "-2.5", "3", "7", "10", "0.1", "1.25", ".5", "12.345", "1000", "-0.05"],
    "s": ['""', '"a"', '"b"', '"ab"', '"foo bar"', '"a,b,c"', '"投诉"', '"😀x"', '"A1"', '"say \\"hi\\""', '"12"', '"1,234.5"',
          '"2025-02-28"', '"10:30:00"', '"2025-01-31T23:00:00"', '"P1D"', '"P1Y2M"', '"-PT90M"', '"key"', '"full name"'],
    "re": ['"a"', '"[a-c]+"', '"^\\\\d+"', '"[一-龥]"', '"(a|b)*c?"', '"\\\\s"', '","', '"."', '"x{2}"', '"\\\\p{L}"', '"("'],
    "b": ["true", "false"],
    "d": ['@"2025-01-31"', 'date("2024-02-29")', '@"2025-12-31"', 'date(2025, 3, 1)', '@"1999-01-01"'],
    "t": ['@"10:30:00"', '@"23:59:59"', 'time("00:00:00")', '@"10:30:00Z"', '@"10:30:00+08:00"', '@"12:00:00@Asia/Shanghai"'],
    "dt": ['@"2025-01-31T10:30:00"', 'date and time("2024-02-29T23:59:59")', '@"2025-06-01T00:00:00Z"',
           '@"2025-06-01T08:00:00+08:00"', '@"2025-06-01T08:00:00@Asia/Shanghai"', '@"1999-12-31T00:00:00"'],
    "dd": ['@"P1D"', '@"PT36H"', 'duration("PT0S")', '@"-P2D"', '@"PT90M"', '@"P40D"', '@"PT0.5S"'],
    "ym": ['@"P1Y"', '@"P14M"', 'duration("P0M")', '@"-P1M"', '@"P2Y3M"'],
}  # fmt: skip
VARIABLES: Final = {
    "x": "n", "order total": "n", "金额": "n", "days-open": "w", "name": "s", "客户 等级": "s", "is open": "b", "birth date": "d",
    "filed at": "dt", "start time": "t", "time limit": "dd", "term": "ym", "amounts": "[n]", "标签": "[s]", "case": "c",
    "lines": "[c]", "band": "r(n)",
}  # fmt: skip
BOUND: Final = ["i", "项", "each line"]
SCALARS: Final = ["n", "w", "s", "b", "d", "t", "dt", "dd", "ym"]
ANY: Final = [*SCALARS, "[n]", "[s]", "c", "r(n)"]

_BY_RESULT: Final[dict[str, list[Form]]] = defaultdict(list)
for _form in FORMS:
    _BY_RESULT[_form.result].append(_form)
NULL: Final = Form("null", "null", ())


@dataclass(frozen=True, slots=True)
class Node:
    """A form with its parts; a literal or a variable is a form without holes."""

    form: Form
    parts: tuple[Node, ...] = ()
    name: str = ""

    def text(self, brackets: bool = False) -> str:
        """As an author would write it; with `brackets`, every part that is no literal or name stands in brackets."""
        texts = [
            f"({part.text(brackets)})"
            if part.form.level < (CLOSED if brackets and not is_cell(self) else hole.level)
            else part.text(brackets)
            for part, hole in zip(self.parts, self.form.holes, strict=True)
        ]
        return self.form.template.format(*texts, name=self.name)

    def bound(self, index: int) -> tuple[str, ...]:
        """The further names the part of that number may use."""
        return tuple(name.replace("£", self.name) for name, _ in self.form.holes[index].bound)


@dataclass(frozen=True, slots=True)
class Case:
    """variables: FEEL texts by name; given: the FEEL text of the input value when the node is an input cell."""

    node: Node
    variables: Mapping[str, str] = field(default_factory=dict)
    given: str | None = None

    def __repr__(self) -> str:
        cell = "" if self.given is None else f" for {self.given}"
        return f"{self.node.text()}{cell} with {dict(self.variables)}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How Hypothesis shows it."""
        printer.text(repr(self))


def is_cell(node: Node) -> bool:
    return node.form.result.startswith("cell")


class _Maker:
    """Draws one case. Simple choices come first, so that Hypothesis shrinks towards them."""

    def __init__(self, draw: Any, depth: int) -> None:
        self.draw = draw
        self.depth = depth
        self.used: dict[str, str] = {}

    def one_of(self, options: Any) -> Any:
        return options[self.draw(st.integers(0, len(options) - 1))] if len(options) > 1 else options[0]

    def node(self, wanted: str, bound: Mapping[str, str], depth: int) -> Node:
        if wanted == "any":
            wanted = self.one_of(ANY)
        elif wanted == "[any]":
            wanted = self.one_of(["[n]", "[s]", "[d]", "[c]", "[n]"])
        # Some operands are of another type than the operator wants, or null.
        chance = 0 if wanted == "k" or wanted.startswith(("cell", "test")) else self.draw(st.integers(0, 63))
        if chance == 63:
            wanted = self.one_of(ANY)
        elif chance == 62:
            return Node(NULL)
        leaves = self.leaves(wanted, bound)
        forms = self.forms(wanted)
        if leaves and (depth <= 0 or not forms or self.draw(st.integers(0, 9)) < 3):
            return self.leaf(self.one_of(leaves))
        if depth <= 0:
            # Only made of parts: take the plainest.
            forms = forms[:3]
        found = self.one_of(forms)
        name = self.one_of(BOUND) if found.declares else ""
        parts = []
        for hole in found.holes:
            inner = {**bound, **{known.replace("£", name): kind for known, kind in hole.bound}}
            parts.append(self.node(hole.type, inner, depth - 1))
        return Node(found, tuple(parts), name)

    def leaves(self, wanted: str, bound: Mapping[str, str]) -> list[tuple[str, str]]:
        texts = [("literal", text) for text in LITERALS.get(wanted, ())]
        names = [("name", name) for name, kind in {**VARIABLES, **bound}.items() if fits(kind, wanted)]
        return [*texts, *names]

    def leaf(self, chosen: tuple[str, str]) -> Node:
        what, text = chosen
        if what == "name" and text in VARIABLES and text not in self.used:
            self.used[text] = ""
        level = NEGATE if what == "literal" and text.startswith("-") else CLOSED
        return Node(Form(text.replace("{", "{{").replace("}", "}}"), what, (), level))

    def forms(self, wanted: str) -> list[Form]:
        return _BY_RESULT[wanted] + (_BY_RESULT["w"] if wanted == "n" else [])

    def case(self) -> Case:
        given: str | None = None
        if self.draw(st.integers(0, 7)) == 7:
            kind = self.one_of(["n", "s", "d", "dt", "dd", "b"])
            node = self.node(f"cell({kind})", {}, self.depth)
            given = "null" if self.draw(st.integers(0, 9)) == 9 else self.one_of(LITERALS[kind])
        else:
            node = self.node(
                self.one_of([*SCALARS, "[n]", "[s]", "[c]", "[b]", "[w]", "c", "r(n)"]), {}, self.depth
            )
        return Case(node, {name: self.variable(VARIABLES[name]) for name in self.used}, given)

    def variable(self, kind: str) -> str:
        if self.draw(st.integers(0, 31)) == 31:
            return "null"
        if kind in LITERALS:
            return str(self.one_of(LITERALS[kind]))
        if kind.startswith("["):
            return (
                "[" + ", ".join(self.variable(kind[1:-1]) for _ in range(self.draw(st.integers(0, 3)))) + "]"
            )
        if kind == "c":
            return f'{{a: {self.variable("n")}, b: {self.variable("s")}, "full name": {self.variable("s")}}}'
        return self.one_of(["[1..5]", "(0..10)", "[2.5..7)", "(1..1]"])


def fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (kind == "w" and wanted == "n")


@st.composite
def cases(draw: Any, depth: int = 4) -> Case:
    """A case of at most that many levels."""
    return _Maker(draw, depth).case()


__all__ = ["LOOSE", "Case", "Node", "cases", "is_cell"]
