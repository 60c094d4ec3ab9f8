"""Splits the text of a FEEL script into assignments.

Two forms are read: one `path.to.target = expression` per line (it may go on over several lines), or one
FEEL context whose entries are merged, `{ "decision.level": "general", loop: {round: loop.round + 1} }`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TARGET = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_ASSIGNMENT = re.compile(rf"\s*({_TARGET})\s*(?<![<>!=])=(?!=)")
_KEY = re.compile(rf'\s*(?:"((?:[^"\\]|\\.)*)"|({_TARGET}))\s*:')
_OPEN, _CLOSE = "([{", ")]}"


class ScriptError(ValueError):
    """The text is neither assignments nor one context; `line` counts from the script's first line (0)."""

    def __init__(self, en: str, zh: str, line: int) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh
        self.line = line


@dataclass(frozen=True, slots=True)
class Statement:
    """`target` gets the value of the FEEL `expression`; `line` counts from the script's first line (0)."""

    target: str
    expression: str
    line: int


def split_script(text: str) -> list[Statement]:
    """Return the assignments of a FEEL script in order. Raises ScriptError."""
    bare = _without_comments(text)
    stripped = bare.strip()
    if stripped.startswith("="):
        start = bare.index("=")
        bare = bare[:start] + " " + bare[start + 1 :]
        stripped = bare.strip()
    if stripped.startswith("{") and stripped.endswith("}"):
        return list(_context_entries(bare))
    return list(_assignments(bare))


def _assignments(text: str) -> Iterator[Statement]:
    logical: list[tuple[int, str]] = []
    depths = _depths(text)
    offset = 0
    for number, line in enumerate(text.split("\n")):
        inside = depths[offset] > 0 if offset < len(depths) else False
        offset += len(line) + 1
        if not line.strip():
            continue
        if logical and (inside or not _ASSIGNMENT.match(line)):
            first, before = logical[-1]
            logical[-1] = (first, f"{before}\n{line}")
        else:
            logical.append((number, line))
    for number, line in logical:
        found = _ASSIGNMENT.match(line)
        if not found:
            raise ScriptError(
                f'"{_short(line)}" is no assignment; write one "path.to.target = expression" per line',
                f"“{_short(line)}”不是赋值；每行写一个“目标路径 = 表达式”",
                number,
            )
        yield Statement(found[1], _expression(line[found.end() :], found[1], number), number)


def _context_entries(text: str) -> Iterator[Statement]:
    start, end = text.index("{"), text.rindex("}")
    depths = _depths(text)
    cuts = [i for i in range(start + 1, end) if text[i] == "," and depths[i] == 1]
    previous = start + 1
    for cut in [*cuts, end]:
        entry, first = text[previous:cut], text[:previous].count("\n")
        previous = cut + 1
        if not entry.strip():
            if cuts:
                raise ScriptError("The context has an empty entry", "上下文中有空条目", first)
            continue
        found = _KEY.match(entry)
        if not found:
            raise ScriptError(
                f'"{_short(entry)}" is no entry of a context; write "key: expression"',
                f"“{_short(entry)}”不是上下文条目；请写“键: 表达式”",
                first,
            )
        target = found[1] if found[1] is not None else found[2]
        yield Statement(target, _expression(entry[found.end() :], target, first), first)


def _expression(text: str, target: str, line: int) -> str:
    expression = text.strip().removesuffix(";").rstrip()
    if not expression:
        raise ScriptError(f'"{target}" is assigned nothing', f"“{target}”没有被赋值", line)
    return expression


def _without_comments(text: str) -> str:
    """Return the text with comments blanked out, every line break kept."""
    pattern = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
    return pattern.sub(
        lambda m: m[0] if m[0].startswith('"') else re.sub(r"[^\n]", " ", m[0]),
        text.replace("\r\n", "\n").replace("\r", "\n"),
    )


def _depths(text: str) -> list[int]:
    """Return for each character how many brackets are open before it; text in quotes opens none."""
    depths: list[int] = []
    depth, quoted, escaped = 0, False, False
    for character in text:
        if not quoted and character in _CLOSE:
            depth = max(0, depth - 1)
        depths.append(depth + (1 if quoted else 0))
        if quoted:
            quoted = escaped or character not in '"\n'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in _OPEN:
            depth += 1
    return depths


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
