"""A decision file as it is being written, decided by the engine's own evaluation with inputs typed by its author."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import InvalidInput
from engine.expressions.dmn import DecisionModel, read_together
from engine.expressions.dmn.evaluation.explain import explained
from engine.expressions.dmn.evaluation.table import InputClause, Table
from engine.expressions.dmn.model import Decision, Element, Input, Service
from engine.expressions.feel import EvaluationLimit, ExpressionError, Scope, compile_expression
from engine.expressions.feel.syntax import tree as t
from tasks.deps import Deps

LARGEST_TEXT = 5 * 1024 * 1024
"""Characters of a file that is tried."""
MOST_INPUTS = 200
LONGEST_INPUT = 4_000
"""Characters of one input, written in FEEL."""
MOST_OFFERED = 30
"""Values of one input that are offered because cells of the table name them."""
MOST_ROWS_TOLD = 200
MISSES = 20
"""Rules that did not fire, told of each table: those that came closest."""


@dataclass(frozen=True, slots=True)
class Need:
    """An input of a decision: the dotted path it is read by, its type (`any` where the file does not say), and texts of FEEL
    values that the cells name.
    """

    path: str
    type: str
    label: str = ""
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What came out: `value` as plain data; `steps` as `explained` gives them; `warnings` with what they are about."""

    value: Any
    steps: list[dict[str, Any]]
    warnings: list[dict[str, Any]] = field(default_factory=list)
    more_warnings: int = 0


def needs_of(deps: Deps, name: str, files: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every decision of the file `name` (id, name, kind, needs), in the order of the file. files: the decision files it may import,
    itself among them.

    Raises InvalidInput where the file cannot be read at all, TooBusy.
    """
    with deps.turns.one("Trying a decision"):
        model = _read(deps, name, files, strict=False)
        return [
            {
                "id": one.id,
                "name": one.name,
                "kind": "decision" if isinstance(one, Decision) else "function",
                "needs": [
                    {"path": need.path, "type": need.type, "label": need.label, "offered": list(need.offered)}
                    for need in _needs(model, one)
                ],
            }
            for one in model.elements.values()
            if not isinstance(one, Input)
        ]


def try_decision(
    deps: Deps, name: str, files: Mapping[str, str], decision: str, inputs: Mapping[str, Any]
) -> Tried:
    """Decide `decision` (an id) of the file `name`. inputs: by dotted path; a text is FEEL, anything else a value as it is.

    Raises InvalidInput where the file has errors, there is no such decision, an input is not FEEL, or the evaluation takes
    more than a decision may; TooBusy.
    """
    if len(inputs) > MOST_INPUTS:
        raise InvalidInput(
            f"Trying the decision {decision[:80]} was refused: it was given {len(inputs)} inputs, at most {MOST_INPUTS} are taken.",
            message_zh=f"输入过多，最多 {MOST_INPUTS} 项。",
        )
    with deps.turns.one("Trying a decision"):
        model = _read(deps, name, files, strict=True)
        found = model.elements.get(decision)
        if found is None or isinstance(found, Input):
            raise InvalidInput(
                f"Trying a decision was refused: {name} has no decision {decision[:80]!r}.",
                message_zh=f"文件 {name} 中没有决策“{decision[:80]}”。",
            )
        given = _given(deps, inputs)
        try:
            outcome = model.evaluate(
                decision, given, now=deps.clock.now, functions=deps.engine.functions, explain=True
            )
        except ExpressionError as error:
            raise InvalidInput(
                f"The decision {decision[:80]} was not made: {error.message}",
                message_zh=f"没有作出决策：{error.message_zh}",
            ) from error
        warnings = [_warning(one) for one in outcome.warnings[:MOST_ROWS_TOLD]]
        steps = explained(outcome, misses=MISSES)
        for step in steps:
            for table in step["tables"]:
                table["more_fired"] = max(0, len(table["fired"]) - MOST_ROWS_TOLD)
                table["fired"] = table["fired"][:MOST_ROWS_TOLD]
        return Tried(outcome.outputs, steps, warnings, max(0, len(outcome.warnings) - MOST_ROWS_TOLD))


def _read(deps: Deps, name: str, files: Mapping[str, str], *, strict: bool) -> DecisionModel:
    if sum(map(len, files.values())) > LARGEST_TEXT:
        raise InvalidInput(
            f"Trying {name} was refused: the decision files have more than {LARGEST_TEXT // 1024 // 1024} MiB together.",
            message_zh="决策文件过大，无法试算。",
        )
    contents = {one: text.encode("utf-8", "replace") for one, text in files.items()}
    models = read_together(contents, functions=deps.engine.functions.keys())
    model = models[name]
    errors = [one for each in models.values() for one in each.findings if one.severity == "error"]
    own = [one for one in errors if one.file == name]
    if own and (strict or not model.elements):
        first = own[0]
        raise InvalidInput(
            f"Trying {name} was refused: it has {len(own)} error{'s' if len(own) > 1 else ''}: {first.message}",
            message_zh=f"文件有 {len(own)} 处错误，请先改正：{first.message_zh}",
        )
    return model


def _given(deps: Deps, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as one context, a whole before its parts."""
    found: dict[str, Any] = {}
    for path in sorted(inputs, key=lambda one: (one.count("."), one)):
        value = inputs[path]
        if isinstance(value, str):
            value = _feel(deps, path, value)
        *above, last = path.split(".")
        level = found
        for step in above:
            inner = level.get(step)
            if not isinstance(inner, dict):
                inner = level[step] = {}
            level = inner
        level[last] = value
    return found


def _feel(deps: Deps, path: str, text: str) -> Any:
    if len(text) > LONGEST_INPUT:
        raise InvalidInput(
            f"The input {path[:80]} was refused: it has {len(text)} characters, at most {LONGEST_INPUT} are taken.",
            message_zh=f"输入 {path[:80]} 过长，最多 {LONGEST_INPUT} 个字符。",
        )
    if not text.strip():
        return None
    try:
        compiled = compile_expression(text, functions=deps.engine.functions)
        result = compiled.evaluate(Scope({}, now=deps.clock.now, functions=deps.engine.functions))
    except (ExpressionError, EvaluationLimit) as error:
        raise InvalidInput(
            f"The input {path[:80]} is not FEEL: {error.message}",
            message_zh=f"输入 {path[:80]} 不是有效的 FEEL：{error.message_zh}",
            path=path,
        ) from error
    unknown = [one for one in result.warnings if one.code == "unknown-name"]
    if unknown:
        raise InvalidInput(
            f"The input {path[:80]} names something that is not there (a text stands in double quotes): {unknown[0].message}",
            message_zh=f"输入 {path[:80]} 引用了不存在的名称（文本要写在英文双引号中）。",
            path=path,
        )
    return result.value


def _needs(model: DecisionModel, element: Element) -> list[Need]:
    """What must be given for an element, in the order in which it is met."""
    types: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    found: dict[str, str] = {}
    seen: set[int] = set()
    pending: list[tuple[DecisionModel, Element]] = [(model, element)]
    while pending:
        owner, one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Input):
            found.setdefault(one.name, "any" if one.type.kind == "any" else str(one.type))
            continue
        if isinstance(one, Decision):
            tables = list(_tables(one.logic))
            read = "\n".join(clause.text for table in tables for clause in table.inputs)
            for path in sorted(
                one.paths, key=lambda path: (read.find(path) if path in read else len(read), path)
            ):
                found.setdefault(path, "any")
            for table in tables:
                for column, clause in enumerate(table.inputs):
                    types.setdefault(clause.text.strip(), _told(table, column, clause))
        needs = (*one.inputs, *one.input_decisions) if isinstance(one, Service) else one.requires
        resolved = [place for reference in needs if (place := owner.resolve(reference)) is not None]
        if isinstance(one, Service):
            for _, inner in resolved:
                found.setdefault(inner.name, "any")
        else:
            pending.extend(reversed(resolved))
    listed = []
    for path, kind in found.items():
        known, label, offered = types.get(path, ("any", "", ()))
        listed.append(Need(path, kind if kind != "any" else known, label, offered))
    return listed[:MOST_INPUTS]


def _told(table: Table, column: int, clause: InputClause) -> tuple[str, str, tuple[str, ...]]:
    kind = "any" if clause.type is None or clause.type.kind == "any" else str(clause.type)
    offered: dict[str, None] = {}
    for rule in table.rules:
        if len(offered) >= MOST_OFFERED or column >= len(rule.tests):
            break
        for literal in _literals(rule.tests[column]):
            offered.setdefault(literal)
    return kind, clause.label, tuple(offered)[:MOST_OFFERED]


def _tables(logic: t.Node | None) -> Iterator[Table]:
    """The tables of a decision's logic, also those that stand in other boxes."""
    pending = [logic] if logic is not None else []
    while pending:
        one = pending.pop()
        if isinstance(one, Table):
            yield one
        else:
            pending += [inner for inner in _inner(one) if isinstance(inner, t.Node)]


def _literals(tests: t.UnaryTests) -> Iterator[str]:
    """The texts that a cell names, as FEEL."""
    pending: list[t.Node] = list(tests.tests)
    while pending:
        one = pending.pop(0)
        if isinstance(one, t.Literal) and isinstance(one.value, str):
            yield json.dumps(one.value, ensure_ascii=False)
        else:
            pending[:0] = [inner for inner in _inner(one) if isinstance(inner, t.Node)]


def _inner(node: t.Node) -> Iterator[Any]:
    for name in getattr(type(node), "__dataclass_fields__", ()):
        value = getattr(node, name)
        if isinstance(value, (tuple, list)):
            yield from value
        else:
            yield value


def _warning(warning: Any) -> dict[str, Any]:
    place = warning.place
    return {
        "code": warning.code,
        "message": warning.message,
        "message_zh": warning.message_zh,
        "element": place.element if place else "",
        "row": place.row if place else 0,
        "column": place.column if place else "",
    }
