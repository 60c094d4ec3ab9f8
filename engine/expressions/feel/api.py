"""Text in, something that can be evaluated out: expressions, unary tests, conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.expressions.feel.builtins import NAMES
from engine.expressions.feel.chinese import WORDS
from engine.expressions.feel.compiling.compile import INPUT, Compiler
from engine.expressions.feel.compiling.scoping import Code, Said, Uses
from engine.expressions.feel.data.types import FeelType
from engine.expressions.feel.data.values import kind
from engine.expressions.feel.errors import ConditionError, EvaluationLimit, ExpressionError, Problem
from engine.expressions.feel.runtime import DEFAULT, Env, Evaluation, Run, Scope
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.syntax.lexer import Refusal
from engine.expressions.feel.syntax.names import NameIndex
from engine.expressions.feel.syntax.parser import Parser

Types = Mapping[str, FeelType] | Callable[[str], FeelType | None] | None


def parse(
    text: str,
    names: Iterable[str] | NameIndex = (),
    types: Types = None,
    unary: bool = False,
    spend: Callable[[int], None] = lambda tokens: None,
) -> tuple[t.Node, list[Problem]]:
    """The tree and what is wrong although it can be read. Raises ExpressionError when it cannot.

    spend: told how many words and signs were read, for whoever bounds many texts together; may raise.
    """
    if len(text) > DEFAULT.length:
        raise ExpressionError(
            f"The expression is longer than {DEFAULT.length} characters.",
            f"表达式超过 {DEFAULT.length} 个字符。",
        )
    try:
        spend(len(text) // 16)
        parser = Parser(text, names, NAMES, types)
        tree = parser.whole_unary_tests() if unary else parser.whole_expression()
    except Refusal as refusal:
        raise refusal.problem.error(text) from None
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.", "表达式嵌套过深。") from None
    spend(parser.tokens)
    return tree, parser.problems


def guard(run: Run, work: Callable[[], Any]) -> Any:
    """Do an evaluation; Python's own depth limit is one of ours."""
    try:
        return work()
    except RecursionError:
        raise EvaluationLimit(
            "The evaluation was stopped: it is nested too deeply.", "嵌套过深，计算已停止。"
        ) from None


class Compiled:
    """A compiled expression: immutable, thread-safe, evaluated any number of times."""

    __slots__ = ("_code", "_uses", "text")

    def __init__(self, text: str, code: Code, uses: Uses) -> None:
        self.text = text
        self._code = code
        self._uses = uses

    @property
    def names(self) -> frozenset[str]:
        """The root variables it surely reads."""
        return frozenset(self._uses.names)

    @property
    def paths(self) -> frozenset[str]:
        """The dotted paths it reads from root variables, where the text alone tells (`case.customer.level`)."""
        return frozenset(self._uses.paths)

    @property
    def calls(self) -> frozenset[str]:
        """The functions it calls that are neither built in nor defined in it: the host must have them."""
        return frozenset(self._uses.calls)

    @property
    def said(self) -> tuple[Said, ...]:
        """The texts it hands literally to functions that are not FEEL's own."""
        return tuple(self._uses.said)

    def asks(self, functions: Mapping[str, Any]) -> bool:
        """Tell whether it calls one of these functions of the host, or hands one on as a value."""
        return not (self._uses.calls.isdisjoint(functions) and self._uses.names.isdisjoint(functions))

    @property
    def builtins(self) -> frozenset[str]:
        """The names of built-in functions it reads without calling them: a variable of that name goes before them."""
        return frozenset(self._uses.builtins)

    def evaluate(self, scope: Scope) -> Evaluation:
        """The value and the warnings. Data never makes it raise; a limit raises EvaluationLimit."""
        run = Run(scope)
        env = Env({}, None, scope.variables, run)
        try:
            value = self._code(env)
            if type(value) is list or type(value) is dict:
                run.measure(value)
        except RecursionError:
            raise EvaluationLimit(
                "The evaluation was stopped: it is nested too deeply.", "嵌套过深，计算已停止。"
            ) from None
        return Evaluation(value, tuple(run.warnings))

    def __repr__(self) -> str:
        return f"Compiled({self.text!r})"


class CompiledTests:
    """A compiled input cell. tree: what it was made of."""

    __slots__ = ("_test", "_uses", "text", "tree")

    def __init__(
        self, text: str, test: Callable[[Env, Any], bool | None], uses: Uses, tree: t.UnaryTests
    ) -> None:
        self.text = text
        self.tree = tree
        self._test = test
        self._uses = uses

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._uses.names)

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(self._uses.paths)

    def evaluate(self, scope: Scope, value: Any) -> Evaluation:
        """Does `value` (plain or FEEL) pass? True, False or None."""
        run = Run(scope)

        def work() -> Any:
            given = run.plain(value, 0)
            return self._test(Env({INPUT: given}, None, scope.variables, run), given)

        return Evaluation(guard(run, work), tuple(run.warnings))

    def passes(self, value: Any, variables: Mapping[str, Any], run: Run) -> bool:
        """Does a FEEL value pass, as part of another evaluation, seeing these variables instead of its own? Its limits
        hold here too; no warning stays. Raises EvaluationLimit."""
        before = len(run.warnings)
        found = self._test(Env({INPUT: value}, None, variables, run), value)
        del run.warnings[before:]
        return found is True


class CompiledCondition:
    """A compiled condition of a sequence flow: says true or false, or raises."""

    __slots__ = ("expression",)

    STRICT = frozenset({"unknown-name", "missing-entry", "function-error"})

    def __init__(self, expression: Compiled) -> None:
        self.expression = expression

    @property
    def text(self) -> str:
        return self.expression.text

    @property
    def names(self) -> frozenset[str]:
        return self.expression.names

    @property
    def paths(self) -> frozenset[str]:
        return self.expression.paths

    def evaluate(self, scope: Scope) -> bool:
        """True or false. Raises ConditionError when it says neither, or reads something that is not there: a misspelt
        variable must never silently take the default branch."""
        return self.decide(scope).value is True

    def decide(self, scope: Scope) -> Evaluation:
        """The same, with the warnings of parts that became null on the way. Raises ConditionError."""
        found = self.expression.evaluate(scope)
        for warning in found.warnings:
            if warning.code in self.STRICT:
                raise ConditionError(
                    f'The condition "{self.text}" cannot be decided: {warning.message}',
                    f"条件“{self.text}”无法判定：{warning.message_zh}",
                    warning.position,
                    hint="Check the spelling of the variable.",
                    warnings=found.warnings,
                )
        if type(found.value) is not bool:
            last = found.warnings[-1] if found.warnings else None
            kind_zh = WORDS.get(kind(found.value), kind(found.value))
            raise ConditionError(
                f'The condition "{self.text}" says neither true nor false but {kind(found.value)}.'
                + (f" {last.message}" if last else ""),
                f"条件“{self.text}”的结果既不是真也不是假，而是{kind_zh}。{last.message_zh if last else ''}",
                last.position if last else 0,
                warnings=found.warnings,
            )
        return found


def compile_expression(
    text: str, *, names: Iterable[str] = (), functions: Iterable[str] | None = None, types: Types = None
) -> Compiled:
    """Compile a FEEL expression.

    names: variables whose names hold spaces or symbols, or that hold functions. functions: names of the host's functions the
    scope will have; when not told, any single word may be one (see `Compiled.calls`), unless it nearly is a built-in. types: type names beyond FEEL's own. Raises ExpressionError for the first thing that is wrong.
    """
    names, hosted = list(names), list(functions or ())
    tree, problems = parse(text, [*names, *hosted], types)
    compiler = Compiler(known=[*names, *hosted], strict=functions is not None)
    code = _build(compiler, tree, text, problems)
    return Compiled(text, code, compiler.uses)


def compile_unary_tests(
    text: str,
    *,
    names: Iterable[str] | NameIndex = (),
    functions: Iterable[str] | None = None,
    types: Types = None,
) -> CompiledTests:
    """Compile the text of an input cell (`"a","b"`, `[1..5]`, `> 3`, `not("x")`, `-`). Raises ExpressionError.

    names: as for an expression; an index of names that hold data saves making it again for each of many cells.
    """
    hosted = list(functions or ())
    known = hosted if isinstance(names, NameIndex) else [*names, *hosted]
    outer = names if isinstance(names, NameIndex) else None
    tree, problems = parse(text, NameIndex(known, outer), types, unary=True)
    assert isinstance(tree, t.UnaryTests)
    compiler = Compiler(known=known, locals=[INPUT], strict=functions is not None)
    made: list[Callable[[Env, Any], bool | None]] = []

    def build() -> None:
        made.append(compiler.unary_tests(tree))

    _building(build, text, problems, compiler)
    return CompiledTests(text, made[0], compiler.uses, tree)


def compile_condition(
    text: str, *, names: Iterable[str] = (), functions: Iterable[str] | None = None
) -> CompiledCondition:
    """Compile a condition. Raises ExpressionError; its evaluation raises ConditionError where it decides nothing."""
    return CompiledCondition(compile_expression(text, names=names, functions=functions))


def _build(compiler: Compiler, tree: t.Node, text: str, problems: list[Problem]) -> Code:
    made: list[Code] = []
    _building(lambda: made.append(compiler.compile(tree)), text, problems, compiler)
    return made[0]


def _building(work: Callable[[], None], text: str, problems: list[Problem], compiler: Compiler) -> None:
    try:
        work()
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.", "表达式嵌套过深。") from None
    for problem in [*problems, *compiler.problems]:
        raise problem.error(text)
