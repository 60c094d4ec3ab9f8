"""matches, replace and split: XPath regular expressions, on an engine that stops when the evaluation's time is used up.

Python's own `re` cannot be interrupted. `regex` can (timeout), and releases the interpreter lock while it searches, so
a catastrophic pattern delays nobody else. Making a pattern cannot be interrupted; it is bounded by what it costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.builtins.xpath_regex import Invalid, Translation, literal, replacement, translate
from engine.expressions.feel.caching import Kept
from engine.expressions.feel.errors import EvaluationLimit
from engine.expressions.feel.runtime import Run

MAX_PATTERN: Final = 1_000

_translations: Final[Kept[tuple[str, str], Translation]] = Kept(100_000)
"""By pattern and flags; each weighs its characters."""
_patterns: Final[Kept[tuple[str, str], regex.Pattern[str]]] = Kept(20_000)
"""By pattern and flags; each weighs its cost, at some 400 bytes."""


def _translated(pattern: str, flags: str) -> Translation:
    """Raises Invalid."""
    if len(pattern) > MAX_PATTERN:
        raise Invalid(f"the pattern is longer than {MAX_PATTERN} characters")
    if set(flags) - set("smixq") or len(flags) > 20:
        raise Invalid(f'the flags "{flags[:20]}" may only be s, m, i, x and q')
    return literal(pattern) if "q" in flags else translate(pattern, flags)


def _made(pattern: str, flags: str, text: str) -> regex.Pattern[str]:
    """Raises Invalid."""
    bits = regex.V1
    for flag, bit in (("s", regex.DOTALL), ("m", regex.MULTILINE), ("i", regex.IGNORECASE)):
        if flag in flags:
            bits |= bit
    try:
        # The engine's own cache would keep the largest patterns as gladly as small ones. Letters are compared one by
        # one: without (?-f), the flag i would take "SS" for "ß".
        return regex.compile("(?-f)" + text, bits, cache_pattern=False)
    except (regex.error, OverflowError, RecursionError, ValueError) as problem:
        raise Invalid(f'"{pattern[:60]}" is not a regular expression ({problem})') from None


def _compiled(run: Run, pattern: str, flags: str) -> regex.Pattern[str]:
    """Raises Invalid, and EvaluationLimit when an evaluation makes too many patterns."""
    key = (pattern, flags)
    if run.patterns is None:
        run.patterns = {}
    made: regex.Pattern[str] | None = run.patterns.get(key)
    if made is None:
        size = len(pattern) + len(flags)
        translated = _translations.get(key, size, lambda: _translated(pattern, flags))
        # Paid for once in an evaluation, made or found: what is refused must not depend on what others asked before.
        run.tick(100 + 10 * translated.cost)
        made = _patterns.get(key, translated.cost, lambda: _made(pattern, flags, translated.text))
        run.patterns[key] = made
    return made


def _ready(run: Run, pattern: str, flags: str | None) -> regex.Pattern[str]:
    """Raises Fails and EvaluationLimit."""
    try:
        return _compiled(run, pattern, flags or "")
    except Invalid as problem:
        raise Fails(str(problem)) from None


def _found(run: Run, pattern: str, compiled: regex.Pattern[str], text: str) -> Iterator[regex.Match[str]]:
    """The matches in a text, as far as the evaluation's time reaches. Raises EvaluationLimit.

    The engine counts the processor time of the whole process, other threads included, so its timeout alone would refuse
    honest work on a busy server: a search that meets it is tried again with twice as much, from where the last match
    ended, unless the time of this thread is used up too. Under full load that ends a hostile one in less than a second.
    """
    at = tries = 0
    while tries < 4:
        try:
            left = run.check_time()
            for match in compiled.finditer(text, pos=at, timeout=left * 2**tries, concurrent=True):
                run.tick()
                yield match
                at, tries = match.end(), 0
            return
        except TimeoutError:
            tries += 1
        except EvaluationLimit:
            if not tries:
                raise
            break
    raise EvaluationLimit(
        f'The evaluation was stopped: the regular expression "{pattern[:60]}" takes too long.',
        f"正则表达式“{pattern[:60]}”耗时过长，计算已停止。",
    )


@builtin("matches(input: string, pattern: string, [flags: string?])")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    return any(True for _ in _found(run, pattern, _ready(run, pattern, flags), text))


@builtin("replace(input: string, pattern: string, replacement: string, [flags: string?])")
def replace(run: Run, text: str, pattern: str, by: str, flags: str | None = None) -> str:
    compiled = _ready(run, pattern, flags)
    if any(True for _ in _found(run, pattern, compiled, "")):
        raise Fails("the pattern matches the empty string")
    run.tick(len(by) // 4)
    try:
        parts = replacement(by, compiled.groups, "q" in (flags or ""))
    except Invalid as problem:
        raise Fails(str(problem)) from None
    made: list[str] = []
    end = size = 0
    for match in _found(run, pattern, compiled, text):
        piece = "".join(part if isinstance(part, str) else match[part] or "" for part in parts)
        size += len(piece) + match.start() - end
        if size > run.limits.string_size:
            run.wrote(size)
        made += (text[end : match.start()], piece)
        end = match.end()
    made.append(text[end:])
    return "".join(made)


@builtin("split(string: string, delimiter: string)")
def split(run: Run, text: str, delimiter: str) -> list[str]:
    compiled = _ready(run, delimiter, None)
    if any(True for _ in _found(run, delimiter, compiled, "")):
        raise Fails("the delimiter matches the empty string")
    made: list[str] = []
    end = 0
    for match in _found(run, delimiter, compiled, text):
        made.append(text[end : match.start()])
        end = match.end()
    made.append(text[end:])
    run.wrote(len(text))
    return made
