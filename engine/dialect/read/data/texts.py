"""Reads what authors write into attributes: literal, FEEL or JUEL; timers; assignments and their targets.

The convention: an attribute is literal unless it starts with "=" (FEEL) or holds `${…}` / `#{…}` (JUEL,
translated one-to-one). A place that can only hold an expression (a condition, a collection) takes FEEL with
or without "=".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from engine.dialect.findings import Place, Report, Spot
from engine.dialect.host import Host
from engine.dialect.model import HOMES, Assignment, Value
from engine.dialect.read.data.instants import TIMER_CHECKS, TIMER_KINDS
from engine.dialect.read.nodes.scripts import ScriptError, split_script
from engine.expressions.feel import Compiled, ExpressionError, compile_expression, python
from engine.expressions.feel.chinese import of_hint
from engine.expressions.feel.juel import translate

What = tuple[str, str]
"""What a text is, in English and Chinese: ("condition", "条件")."""

RESERVED = frozenset({"case", "clock"})
"""Roots nothing in a diagram may write: they are injected read-only."""

_TARGET = re.compile(r"[^\W\d][\w-]*(?:\.[^\W\d][\w-]*)*\Z")
_CRON = re.compile(r"[\d*?/,\-A-Z#L]+(?:\s+[\d*?/,\-A-Z#L]+){4,6}\Z")


@dataclass(frozen=True, slots=True)
class Read:
    """What one expression at one place reads: root names and dotted paths, what it is, and its text (or empty).

    builtins: names of FEEL's functions that it reads as values, such as `count` in `count > 3`: variables, most likely.
    """

    place: Place
    what: What
    names: frozenset[str]
    paths: frozenset[str]
    text: str
    builtins: frozenset[str] = frozenset()


def spot_of(read: Read, name: str) -> Spot | None:
    """Return where an expression reads a name or path; None where the text is not at hand."""
    if not read.text:
        return None
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", read.text)
    return Spot(read.text, found.start() if found else 0)


@dataclass(slots=True)
class Reader:
    """Reads the texts of one file, reports what is wrong and remembers what each expression reads."""

    report: Report
    functions: frozenset[str] = frozenset()
    host: Host = field(default_factory=Host)
    reads: list[Read] = field(default_factory=list)
    python: bool = False
    """Whether the file is written for SpiffWorkflow, whose expressions are Python where they are not marked as FEEL."""
    written_here: bool = False
    """Whether the last expression reads what only this system has (`form.…`, `case.…`, its functions): nothing foreign."""
    returned: list[Read] = field(default_factory=list)
    """What output mappings of sub-processes and callees read: what is written inside them."""
    work_left: int = 250_000
    """Characters of expressions that may still be compiled, each of which counts 50 more: a hostile file must end."""

    def value(self, text: str | None, place: Place, what: What) -> Value | None:
        """Return an attribute as literal or FEEL; None when absent, empty or wrong (then reported)."""
        text = (text or "").strip()
        if not text:
            return None
        if text.startswith("="):
            feel = self._compiled(text[1:], place, what)
        elif is_computed(text):
            feel = self._from_juel(text, place, what)
        else:
            return Value(literal=text)
        return None if feel is None else Value(feel=feel)

    def expression(self, text: str | None, place: Place, what: What, *, language: str = "feel") -> str | None:
        """Return the FEEL of a text that is FEEL or JUEL; None when empty or wrong (then reported).

        language: what the author says the text is written in. Nothing ("") is told of: BPMN 2.0 means XPath by it (Table
        8.1, expressionLanguage), other engines their own language.
        """
        text = (text or "").strip()
        if not text:
            return None
        if text.startswith(("${", "#{")):
            return self._from_juel(text, place, what)
        if self.python and not text.startswith("=") and (meant := _from_python(text)):
            return self._converted("Python", text, meant, place, what)
        feel = self._compiled(text.removeprefix("="), place, what)
        if feel is not None and not (language or self.written_here or text.startswith("=")):
            self.report.note(
                "read-as-feel",
                place,
                f"The {what[0]} of {place:en}, {text[:200]}, names no language and is read as FEEL.",
                f"{place:zh}的{what[1]} {text[:200]} 没有注明语言，按 FEEL 读取。",
            )
        return feel

    def over_answers(self, text: str, place: Place, what: What) -> str:
        """Return FEEL that is evaluated over a task's answers alone, with or without "="; "" when empty or wrong (then
        reported). No function of the installation is there, and what it reads nobody else writes.
        """
        feel = text.removeprefix("=").strip()
        if not feel or not self._affordable(feel, place):
            return ""
        try:
            compile_expression(feel, functions=())
        except ExpressionError as error:
            self._wrong(feel, error, place, what)
            return ""
        return feel

    def literal(self, text: str | None, place: Place, what: What) -> str:
        """Return a text that must be literal (a reference that is checked at deployment), or ""."""
        text = (text or "").strip()
        if is_computed(text):
            self.report.error(
                "not-literal",
                place,
                f"The {what[0]} of {place:en} is computed ({text[:80]}); it must be written literally "
                "so that it can be checked at deployment.",
                f"{place:zh}的{what[1]}是计算出来的（{text[:80]}）；必须直接写出，才能在部署时检查。",
            )
            return ""
        return text

    def timer(self, kind: str, text: str, place: Place) -> Value | None:
        """Return a timer's value (kind: date, duration or cycle); a literal must be ISO 8601, and is told as such: to
        other engines the same characters may be an expression.
        """
        if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1]
        if self.python and "(" in text and (meant := _from_python(text)):
            feel = self._converted("Python", text, meant, place, ("timer", "定时"))
            return None if feel is None else Value(feel=feel)
        value = self.value(text, place, ("timer", "定时"))
        if value is not None and value.feel is not None and text.startswith("=") and not self.written_here:
            self.report.note(
                "timer-computed",
                place,
                f"The timer of {place:en} is computed in FEEL when it is set: {value.feel[:200]}",
                f"{place:zh}的定时在设置时按 FEEL 计算：{value.feel[:200]}",
            )
        if value is None or value.literal is None:
            return value
        if TIMER_CHECKS[kind](value.literal):
            self.report.note(
                "timer-literal",
                place,
                f"The timer of {place:en}, {value.literal[:80]}, is read as ISO 8601 ({kind}).",
                f"{place:zh}的定时 {value.literal[:80]} 按 ISO 8601 读取（{TIMER_KINDS[kind]}）。",
            )
            return value
        example = {"date": "2026-03-01T09:00:00+08:00", "duration": "PT4H", "cycle": "R3/PT1H"}[kind]
        if kind == "cycle" and _CRON.match(value.literal):
            self.report.error(
                "cron-timer",
                place,
                f"The timer of {place:en} is a cron expression ({value.literal}), which is not supported; "
                f"write an ISO 8601 cycle such as {example}.",
                f"{place:zh}的定时是 cron 表达式（{value.literal}），不受支持；请写 ISO 8601 周期，例如 "
                f"{example}。",
            )
            return None
        self.report.error(
            "bad-timer",
            place,
            f'The timer of {place:en}, "{value.literal[:80]}", is no ISO 8601 {kind}; write for example '
            f"{example}, "
            'or FEEL starting with "=".',
            f"{place:zh}的定时“{value.literal[:80]}”不符合 ISO 8601；请写例如 {example}，或以“=”开头的 FEEL。",
        )
        return None

    def target(self, path: str, place: Place) -> str:
        """Return a dotted path that may be written, or "" when it may not (then reported)."""
        path = path.strip()
        parts = path.split(".")
        if not _TARGET.match(path) or any(part.startswith("__") for part in parts):
            self.report.error(
                "bad-target",
                place,
                f'{place:en} writes to "{path[:80]}", which is no name a diagram may use; '
                "use letters, digits and dots, such as loop.round.",
                f"{place:zh}写入“{path[:80]}”，这不是流程图可以使用的名称；请用字母、数字和点，例如 "
                "loop.round。",
            )
            return ""
        if parts[0] in RESERVED:
            self.report.error(
                "reserved-target",
                place,
                f'{place:en} writes to "{path}", but "{parts[0]}" is read-only; write to a name of its own.',
                f"{place:zh}写入“{path}”，但“{parts[0]}”是只读的；请写入别的名称。",
            )
            return ""
        return path

    def script(self, text: str, place: Place) -> tuple[Assignment, ...]:
        """Return the assignments of a FEEL script; everything wrong in it is reported."""
        try:
            statements = split_script(text)
        except ScriptError as error:
            self.report.error(
                "bad-script",
                place,
                f"The script of {place:en} is wrong in its line {error.line + 1}: {error.en}.",
                f"{place:zh}的脚本第 {error.line + 1} 行有误：{error.zh}。",
            )
            return ()
        found: list[Assignment] = []
        for statement in statements:
            what = (f"assignment to {statement.target}", f"赋值（{statement.target}）")
            feel = self._compiled(statement.expression, place, what)
            target = self.target(statement.target, place)
            if feel is not None and target:
                found.append(Assignment(target, Value(feel=feel)))
        return tuple(found)

    def _affordable(self, text: str, place: Place) -> bool:
        """Count one more expression; the first one too many is reported."""
        if self.work_left < 0:
            return False
        self.work_left -= len(text) + 50
        if self.work_left < 0:
            self.report.error(
                "too-many-expressions",
                place,
                f"{place:en} and what follows it hold more expressions than one file may; split the diagram.",
                f"从{place:zh}起，文件中的表达式超过单个文件的上限；请拆分流程图。",
            )
        return self.work_left >= 0

    def _from_juel(self, text: str, place: Place, what: What) -> str | None:
        if not self._affordable(text, place):
            return None
        try:
            feel = _from_template(text)
        except ExpressionError as error:
            self._wrong(text, error, place, what)
            return None
        return self._converted("JUEL", text, feel, place, what)

    def _converted(self, language: str, text: str, feel: str, place: Place, what: What) -> str | None:
        """Return the FEEL that an expression of another language means, and tell both."""
        was = (f", which stands for {text[:120]}", f"(由 {text[:120]} 转换)")
        compiled = self._compiled(feel, place, what, was)
        if compiled is not None:
            self.report.note(
                f"{language.lower()}-converted",
                place,
                f"The {what[0]} of {place:en}, {text[:200]}, runs as FEEL: {feel[:200]}",
                f"{place:zh}的{what[1]} {text[:200]} 按 FEEL 执行：{feel[:200]}",
            )
        return compiled

    def _compiled(self, feel: str, place: Place, what: What, was: What = ("", "")) -> str | None:
        feel = feel.strip()
        if not self._affordable(feel, place):
            return None
        try:
            compiled = compile_expression(feel, functions=self.functions)
        except ExpressionError as error:
            self._wrong(feel, error, place, what, was)
            return None
        words = next((name for name in compiled.names if " " in name), None)
        if words is not None:
            self.report.error(
                "bad-expression",
                place,
                f'The {what[0]} of {place:en}, "{feel[:120]}", reads "{words[:60]}" as one name with '
                "spaces, which no "
                "variable here has; put an operator between the words.",
                f"{place:zh}的{what[1]}“{feel[:120]}”把“{words[:60]}”读作一个带空格的名称，这里没有这样的变量；"
                "请在词之间写运算符。",
            )
            return None
        self._check_said(compiled, feel, place, what)
        self.written_here = bool(compiled.names & (self.functions | HOMES))
        self.reads.append(
            Read(place, what, compiled.names - self.functions, compiled.paths, feel, compiled.builtins)
        )
        return feel

    def _check_said(self, compiled: Compiled, feel: str, place: Place, what: What) -> None:
        for said in compiled.said:
            found = self.host.said(said.function, said.text, said.position)
            if found is not None:
                spot = Spot(feel, said.position)
                self.report.warning(
                    "unknown-value",
                    place,
                    f"The {what[0]} of {place:en} asks {said.function}() ({spot:en}): "
                    + " ".join(filter(None, (found.message, found.hint))),
                    f"{place:zh}的{what[1]}调用 {said.function}()（{spot:zh}）：{found.message_zh}{of_hint(found.hint)}",
                    spot,
                )

    def _wrong(
        self, text: str, error: ExpressionError, place: Place, what: What, was: What = ("", "")
    ) -> None:
        spot = Spot(text, min(error.position, len(text)))
        self.report.error(
            "bad-expression",
            place,
            f'The {what[0]} of {place:en}, "{text[:120]}"{was[0]}, does not compile ({spot:en}): '
            f"{' '.join(part for part in (error.message, error.hint) if part)}",
            f"{place:zh}的{what[1]}“{text[:120]}”{was[1]}不能编译（{spot:zh}）：{error.message_zh}{error.hint_zh}",
            spot,
        )


_JUEL_PART = re.compile(r"""[$#]\{(?:[^{}"']|"[^"]*"|'[^']*')*\}""")


def _from_template(text: str) -> str:
    """Return the FEEL of one `${…}`, or of literal text mixed with several (then a concatenation)."""
    whole = _JUEL_PART.fullmatch(text)
    parts = list(_JUEL_PART.finditer(text))
    if whole or not parts:
        return translate(text)
    pieces: list[str] = []
    end = 0
    for part in parts:
        if part.start() > end:
            pieces.append(feel_string(text[end : part.start()]))
        pieces.append(f"string({_within(text, part)})")
        end = part.end()
    if end < len(text):
        pieces.append(feel_string(text[end:]))
    return " + ".join(pieces)


def _from_python(text: str) -> str:
    """Return the FEEL of a Python expression; empty where it has no twin (then it is read as it is written)."""
    try:
        return python.translate(text)
    except ExpressionError:
        return ""


def _within(text: str, part: re.Match[str]) -> str:
    """Translate one part; what is wrong in it is told by its place in the whole text."""
    try:
        return translate(part[0])
    except ExpressionError as error:
        error.position += part.start()
        raise


def is_computed(text: str) -> bool:
    """Tell whether a text is an expression, or holds one, in FEEL or JUEL."""
    return text.startswith("=") or "${" in text or "#{" in text


def feel_string(text: str) -> str:
    """Return a FEEL string literal."""
    return json.dumps(text, ensure_ascii=False)
