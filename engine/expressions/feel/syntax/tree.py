"""The syntax tree: what the parser produces and the compiler turns into closures. Positions are character offsets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.expressions.feel.data.types import FeelType
from engine.expressions.feel.errors import Problem


@dataclass(frozen=True, slots=True)
class Node:
    """Two nodes that say the same print the same, wherever they stand (`repr` leaves the position out)."""

    position: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    source: Node
    key: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """strict: a boxed filter, whose test must say true or false of every item (§10.2.2.10)."""

    source: Node
    test: Node
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """names is None for positional arguments."""

    callee: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Step(Node):
    """One operator of a chain and its right operand."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """A chain of operators of one precedence, kept flat so that a long sum is not a deep tree."""

    first: Node
    rest: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """strict: a boxed conditional, whose condition must be true, false or null (§10.2.2.9)."""

    condition: Node
    then: Node
    otherwise: Node
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in domain`, or `name in domain..end`."""

    name: str
    domain: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    body: Node
    type: FeelType | None = None
    """Of each result; only boxed iterators have one."""


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """strict: a boxed iterator, whose test must say true or false of every item (§10.2.2.11)."""

    every: bool
    iterators: tuple[Iterator, ...]
    test: Node
    strict: bool = False


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: FeelType


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`< 5`, `= "a"`: a comparison whose left side is the input. As a value it is a range open at one end."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`result`, when set, is the last entry of a boxed context: the value of the whole."""

    entries: tuple[tuple[str, Node], ...]
    result: Node | None = None


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    parameters: tuple[tuple[str, FeelType | None], ...]
    body: Node
    result: FeelType | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """The text of an input cell. No tests: anything goes (`-`)."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Typed(Node):
    """A value that must conform to a type, or become null (a typed boxed expression)."""

    value: Node
    type: FeelType


@dataclass(frozen=True, slots=True)
class Failed(Node):
    """Where the text is wrong but the rest can still be evaluated: null, with the problem as a warning."""

    problem: Problem
