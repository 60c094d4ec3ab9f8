"""matches, replace and split: XPath regular expressions, on an engine that stops at the evaluation's deadline.

Python's own `re` cannot be interrupted. `regex` can (timeout), and releases the interpreter lock while it searches, so
a catastrophic pattern delays nobody else.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import regex

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.builtins.xpath_regex import Invalid, replacement, translate
from engine.expressions.feel.errors import EvaluationLimit
from engine.expressions.feel.runtime import Run

MAX_PATTERN: Final = 2_000
MAX_SECONDS: Final = 0.25


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> regex.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise Invalid(f"the pattern is longer than {MAX_PATTERN} characters")
    if set(flags) - set("smixq"):
        raise Invalid(f'the flags "{flags}" may only be s, m, i, x and q')
    bits = regex.V1
    for flag, bit in (("s", regex.DOTALL), ("m", regex.MULTILINE), ("i", regex.IGNORECASE)):
        if flag in flags:
            bits |= bit
    text = (
        regex.escape(pattern)
        if "q" in flags
        else translate(pattern, "x" in flags, "s" in flags, "m" in flags)
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return regex.compile(text, bits)
    except (regex.error, OverflowError, RecursionError, ValueError) as problem:
        raise Invalid(f'"{pattern[:60]}" is not a regular expression ({problem})') from None


def _search(
    run: Run, pattern: str, flags: str | None, work: Callable[[regex.Pattern[str], float], Any]
) -> Any:
    try:
        compiled = _compiled(pattern, flags or "")
    except Invalid as problem:
        raise Fails(str(problem)) from None
    try:
        return work(compiled, min(MAX_SECONDS, run.seconds_left()))
    except TimeoutError:
        raise EvaluationLimit(
            f'The evaluation was stopped: the regular expression "{pattern[:60]}" takes too long.',
            f"正则表达式“{pattern[:60]}”耗时过长，计算已停止。",
        ) from None


@builtin("matches(input: string, pattern: string, [flags: string?])")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    return bool(
        _search(
            run, pattern, flags, lambda p, left: p.search(text, timeout=left, concurrent=True) is not None
        )
    )


@builtin("replace(input: string, pattern: string, replacement: string, [flags: string?])")
def replace(run: Run, text: str, pattern: str, by: str, flags: str | None = None) -> str:
    def work(compiled: regex.Pattern[str], left: float) -> str:
        if compiled.search("", timeout=left) is not None:
            raise Fails("the pattern matches the empty string")
        try:
            parts = replacement(by, compiled.groups, "q" in (flags or ""))
        except Invalid as problem:
            raise Fails(str(problem)) from None
        made: list[str] = []
        end = size = 0
        for match in compiled.finditer(text, timeout=left, concurrent=True):
            piece = "".join(part if isinstance(part, str) else match[part] or "" for part in parts)
            size += len(piece) + match.start() - end
            if size > run.limits.string_size:
                run.wrote(size)
            made += (text[end : match.start()], piece)
            end = match.end()
        made.append(text[end:])
        run.wrote(size + len(text) - end)
        return "".join(made)

    return str(_search(run, pattern, flags, work))


@builtin("split(string: string, delimiter: string)")
def split(run: Run, text: str, delimiter: str) -> list[str]:
    def work(compiled: regex.Pattern[str], left: float) -> list[str]:
        if compiled.search("", timeout=left) is not None:
            raise Fails("the delimiter matches the empty string")
        made: list[str] = []
        end = 0
        for match in compiled.finditer(text, timeout=left, concurrent=True):
            made.append(text[end : match.start()])
            end = match.end()
            if len(made) > run.limits.list_size:
                run.made(len(made))
        made.append(text[end:])
        run.made(len(made))
        run.wrote(len(text))
        return made

    return list(_search(run, delimiter, None, work))
