"""What the host of the engine knows, as data: which words diagrams may say to it in properties and to its functions.

The check of a deployment warns of what the host will not understand. The engine itself gives these words no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from engine.dialect.findings import Place, Report
from engine.dialect.model import WATCHED, Value
from engine.expressions.feel.api import parse
from engine.expressions.feel.chinese import of_hint
from engine.expressions.feel.data.instants import parse_date_time
from engine.expressions.feel.errors import ExpressionError, Problem, did_you_mean
from engine.expressions.feel.syntax import tree as t

MOST_NAMED = 12
"""Words of a vocabulary that a sentence names where none is like the one that was written."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of one kind. en, zh: what each of them is, such as "code of the register"."""

    en: str
    zh: str
    words: Collection[str] = frozenset()

    def problem(self, word: str, position: int = 0) -> Problem | None:
        """Return what is wrong with a word that is none of these, or None; with the one most like it, or all of few."""
        if word in self.words:
            return None
        hint = did_you_mean(word, self.words)
        offer = "" if hint or len(self.words) > MOST_NAMED else ", ".join(sorted(self.words))
        shown = word[:80]
        return Problem(
            f'"{shown}" is no {self.en}' + (f" ({offer})." if offer else "."),
            f"“{shown}”不是{self.zh}" + (f"（{offer.replace(', ', '、')}）。" if offer else "。"),
            position,
            hint,
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a property may say where it says it literally; one that is computed is known only when it runs.

    vocabulary: whose words it holds, one, or several with spaces or commas between them; `also`: words besides. alone_on:
    kinds of elements on which it is one word all the same. most: it is a number above 0 and up to this one. moment: it is a
    date, or a date and time. longest: it is a text of at most so many characters. per: it may also be
    said of each word of this vocabulary alone, as `name.word`. of_tasks: it names user tasks (`read.data.task_names`). beside: it has no effect where the element does not have that
    property too; of a word, where that is literal and does not name the word.
    """

    vocabulary: Vocabulary | None = None
    several: bool = False
    also: frozenset[str] = frozenset()
    alone_on: frozenset[str] = frozenset()
    most: Decimal | None = None
    moment: bool = False
    longest: int | None = None
    per: Vocabulary | None = None
    of_tasks: bool = False
    beside: str = ""

    def problems(self, text: str, kind: str) -> Iterator[Problem]:
        """Yield what is wrong with a literal value on an element of this kind."""
        if self.most is not None and not _is_number(text, self.most):
            yield Problem(
                f'"{text[:80]}" is no number above 0 and up to {self.most}.',
                f"“{text[:80]}”不是大于 0 且不超过 {self.most} 的数。",
                0,
            )
        if self.moment and text and not _is_moment(text):
            yield Problem(
                f'"{text[:80]}" is no date and no date and time such as 2026-03-02T10:00:00+08:00.',
                f"“{text[:80]}”既不是日期，也不是 2026-03-02T10:00:00+08:00 这样的日期时间。",
                0,
            )
        if self.longest is not None and not 0 < len(text) <= self.longest:
            yield Problem(
                f"a text of {len(text)} characters is none of 1 to {self.longest}.",
                f"应为 1 至 {self.longest} 个字符，现在有 {len(text)} 个。",
                0,
            )
        if self.vocabulary is None:
            return
        several = self.several and kind not in self.alone_on
        words = text.replace(",", " ").split() if several else [text]
        for word in dict.fromkeys(words):
            found = None if word in self.also else self.vocabulary.problem(word)
            if found is not None:
                yield found


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an operation takes: the names of its input parameters, and which of them it cannot do without."""

    known: Collection[str] = frozenset()
    required: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Host:
    """What the host knows. arguments: function → what its first argument is; properties: name → what it may say.

    groups: who may do a user task, by every name they have; inputs: operation → what it takes. Without properties, groups or
    inputs nothing is known of them, and nothing is said.
    """

    arguments: Mapping[str, Vocabulary] = field(default_factory=dict)
    properties: Mapping[str, Meaning] = field(default_factory=dict)
    groups: Vocabulary = Vocabulary("candidate group", "候选组")
    inputs: Mapping[str, Inputs] = field(default_factory=dict)

    def said(self, function: str, text: str, position: int) -> Problem | None:
        """Return what is wrong with a text that is handed to a function of the host, or None."""
        vocabulary = self.arguments.get(function)
        return None if vocabulary is None else vocabulary.problem(text, position)

    def check_property(self, report: Report, place: Place, kind: str, name: str, value: Value | None) -> None:
        """Warn of a property of an element of this kind that the host has no meaning for, or not for this value."""
        meaning, word = self._meaning(name)
        if meaning is None:
            if self.properties:
                self._check_name(report, place, name)
            return
        literal = _literal(value) if value is not None else None
        problems = [] if literal is None else list(meaning.problems(literal, kind))
        if word and meaning.per is not None and (unknown := meaning.per.problem(word)):
            problems.append(unknown)
        for problem in problems:
            report.warning(
                "unknown-value",
                place,
                f"{place:en} has the property {name}: {' '.join(filter(None, (problem.message, problem.hint)))}",
                f"{place:zh}的属性 {name}：{problem.message_zh}{of_hint(problem.hint)}",
            )

    def check_groups(self, report: Report, place: Place, value: Value | None) -> None:
        """Warn of candidate groups, where they are written literally, of which there is none here.

        A group is known by any of its names, whatever spaces and case; `role@place` by its role, and `person@login` is one
        person.
        """
        literal = _literal(value) if value is not None and self.groups.words else None
        if literal is None:
            return
        known = {_folded(word) for word in self.groups.words}
        for word in dict.fromkeys(part.strip() for part in literal.split(",")):
            role, at, _ = word.partition("@")
            if not role or (at and role == "person") or _folded(role) in known:
                continue
            problem = self.groups.problem(role)
            if problem is not None:
                report.warning(
                    "unknown-group",
                    place,
                    f"{place:en} is offered to {' '.join(filter(None, (problem.message, problem.hint)))} "
                    "As it is, the task comes to nobody but supervisors.",
                    f"{place:zh}的候选组：{problem.message_zh}{of_hint(problem.hint)}目前只有主管会收到这项任务。",
                )

    def check_inputs(self, report: Report, place: Place, operation: str, given: Collection[str]) -> None:
        """Warn of what an operation needs and is not given. What it is given besides it may well pass on: a letter does."""
        inputs = self.inputs.get(operation)
        if inputs is None:
            return
        others = set(given) - set(inputs.known)
        for name in sorted(set(inputs.required) - set(given)):
            near = report.closest(name, others)
            report.warning(
                "parameter-missing",
                place,
                f'{place:en} runs the operation {operation}, which needs the input parameter "{name}"; '
                + (f'rename "{near}", or add it.' if near else "add it to the input mapping."),
                f"{place:zh}执行操作 {operation}，缺少必需的输入参数“{name}”；"
                + (f"是否想用“{near}”？请改名或补上。" if near else "请在输入映射中补上。"),
            )

    def check_together(self, report: Report, place: Place, found: Mapping[str, str]) -> None:
        """Warn of properties of an element (as they are kept) that have no effect without another one of it."""
        for name, value in found.items():
            meaning, word = self._meaning(name)
            if meaning is None or not meaning.beside or not value:
                continue
            other = found.get(meaning.beside, "")
            if other and (other.startswith("=") or not word or word in other.replace(",", " ").split()):
                continue
            wanted = f"{meaning.beside} {word}".strip()
            report.warning(
                "property-without-effect",
                place,
                f'{place:en} has the property "{name[:80]}", but not {wanted[:80]}, so it says nothing of any clock.',
                f"{place:zh}有属性“{name[:80]}”，但没有 {wanted[:80]}，因此不起作用。",
            )

    def _meaning(self, name: str) -> tuple[Meaning | None, str]:
        """The meaning of a property, and the word it is said of where it is said of one."""
        if name in self.properties:
            return self.properties[name], ""
        for known, meaning in self.properties.items():
            if meaning.per is not None and name.startswith(f"{known}."):
                return meaning, name[len(known) + 1 :]
        return None, ""

    def _check_name(self, report: Report, place: Place, name: str) -> None:
        plain = {_plain(known): known for known in self.properties}
        meant = plain.get(_plain(name), "")
        if not meant and not name.lower().startswith(WATCHED):
            return
        hint = f'Did you mean "{meant}"?' if meant else did_you_mean(name, self.properties)
        known = "" if hint else ", ".join(sorted(self.properties))
        report.warning(
            "unknown-property",
            place,
            f'{place:en} has the property "{name[:80]}", which has no meaning here. '
            + (hint or f"There are {known}."),
            f"{place:zh}有属性“{name[:80]}”，它在这里没有含义。"
            + (of_hint(hint) if hint else f"可用的有 {known.replace(', ', '、')}。"),
        )


def _literal(value: Value) -> str | None:
    """The text or number a value says literally, also as FEEL (`="R01.all"`, `=4`); None where it is computed."""
    if value.feel is None or len(value.feel) > _LONGEST_LITERAL:
        return value.literal
    try:
        tree, _ = parse(value.feel)
    except ExpressionError:
        return None
    sign, inner = ("-", tree.operand) if isinstance(tree, t.Negate) else ("", tree)
    said = inner.value if isinstance(inner, t.Literal) else None
    return None if said is None else f"{sign}{said}"


_LONGEST_LITERAL = 200


def _plain(name: str) -> str:
    """A name without what slips of the pen change: case and the sign between its parts."""
    return re.sub(r"[\W_]+", "", name).lower()


def _folded(name: str) -> str:
    """A group's name as people mean it: without spaces and case."""
    return "".join(name.split()).casefold()


def _is_moment(text: str) -> bool:
    try:
        parse_date_time(text)
    except ExpressionError:
        return False
    return True


def _is_number(text: str, most: Decimal) -> bool:
    try:
        return 0 < Decimal(text) <= most
    except InvalidOperation:
        return False
