"""A template as somebody writes it, read and checked, every mistake at once. Pure.

A head of `name: value` lines, a line `---`, and below it the letter, one line a block:

    # 标题                 the title, once
    > 尊敬的…：            the addressee
    ## 一、处理结果         a heading
    - 一项                 an item
    | 时间 | 内容 |         a row of a table
    [rights] 您还可以……     a paragraph that is the part `rights`; anything else is a paragraph

`{{ … }}` holds FEEL and may go over several lines. What a field says is text: it is never read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from hashlib import sha256

from engine.expressions.feel import Compiled, ExpressionError, compile_expression
from tasks.core import storable
from tasks.letters.mistakes import Mistake
from tasks.letters.words import FUNCTIONS, ROOTS

LONGEST = 50_000
"""Characters of a template."""
MOST_FIELDS = 200
LENGTHS = {"name": 60, "name_en": 100, "clause": 300, "parts": 200}
"""Lines of the head, and how long each may be."""
NEEDED = ("name", "name_en")
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PART = re.compile(r"[a-z][a-z_]{0,29}")
_MARKED = re.compile(r"\[([a-z][a-z_]*)\]\s*")
_MARKS = (("## ", "heading"), ("# ", "title"), ("> ", "to"), ("- ", "item"), ("|", "row"))


@dataclass(frozen=True, slots=True)
class Field:
    """One `{{ … }}`: its FEEL, compiled, and the line it begins in."""

    feel: str
    code: Compiled = field(compare=False)
    line: int


@dataclass(frozen=True, slots=True)
class Line:
    """One block of the letter. pieces: its text and fields in order; of a row, cells are parted by `|` in the text."""

    kind: str
    pieces: tuple[str | Field, ...]
    part: str
    number: int

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(one for one in self.pieces if isinstance(one, Field))


@dataclass(frozen=True, slots=True)
class Template:
    """A template that is right. digest: SHA-256 of its text, in hexadecimal. parts: those it must have, and has."""

    key: str
    text: str
    name: str
    name_en: str
    clause: str
    parts: tuple[str, ...]
    title: Line
    lines: tuple[Line, ...]
    digest: str

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(one for line in (self.title, *self.lines) for one in line.fields)


def read_template(
    key: str, text: str, *, needed: frozenset[str] = frozenset()
) -> tuple[Template | None, list[Mistake]]:
    """Read and check a template; with every mistake, or without any.

    needed: parts an earlier version had to have, which this one must have too.
    """
    reading = _Reading(key)
    if not KEY.fullmatch(key):
        reading.wrong(
            0,
            "a key is small English letters, digits and _, beginning with a letter.",
            "模板键只用小写英文字母、数字和下划线，并以字母开头。",
        )
    if len(text) > LONGEST:
        reading.wrong(0, f"it is longer than {LONGEST} characters.", f"超过 {LONGEST} 个字符。")
        return None, reading.mistakes
    if not storable(text):
        reading.wrong(0, "it has a character that cannot be stored.", "含有无法保存的字符。")
        return None, reading.mistakes
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    head, body, first = reading.parted(text)
    lines = list(reading.lines(body, first))
    declared = tuple(dict.fromkeys(head.get("parts", "").replace(",", " ").split()))
    title = reading.title(lines)
    reading.complete(lines, declared, needed)
    if reading.mistakes or title is None:
        return None, sorted(reading.mistakes, key=lambda one: one.line)
    rest = tuple(line for line in lines if line is not title)
    digest = sha256(text.encode()).hexdigest()
    return Template(
        key, text, head["name"], head["name_en"], head.get("clause", ""), declared, title, rest, digest
    ), []


class _Reading:
    def __init__(self, key: str) -> None:
        self.key = key[:60]
        self.mistakes: list[Mistake] = []
        self.count = 0

    def wrong(self, line: int, english: str, chinese: str) -> None:
        self.mistakes.append(Mistake(self.key, line, english, chinese))

    def parted(self, text: str) -> tuple[Mapping[str, str], str, int]:
        """The head, the body, and the number of the body's first line."""
        lines = text.split("\n")
        end = next((at for at, line in enumerate(lines) if line.strip() == "---"), None)
        if end is None:
            self.wrong(
                0, "a line --- must stand between the head and the letter.", "缺少分隔标题区和正文的 --- 行。"
            )
            return {}, "", 1
        head: dict[str, str] = {}
        for number, line in enumerate(lines[:end], start=1):
            if not line.strip():
                continue
            name, colon, value = (part.strip() for part in line.replace("：", ":", 1).partition(":"))
            if not colon or name not in LENGTHS:
                near = get_close_matches(name, LENGTHS, 1)
                self.wrong(
                    number,
                    f"{name[:40]!r} is no line of the head; there are {', '.join(LENGTHS)}."
                    + (f" Did you mean {near[0]}?" if near else ""),
                    f"标题区没有“{name[:40]}”这一项，可用：{'、'.join(LENGTHS)}。",
                )
            elif name in head:
                self.wrong(number, f"{name} stands there twice.", f"{name} 出现了两次。")
            elif len(value) > LENGTHS[name]:
                self.wrong(
                    number,
                    f"{name} is longer than {LENGTHS[name]} characters.",
                    f"{name} 超过 {LENGTHS[name]} 个字。",
                )
            head[name] = value
        for name in NEEDED:
            if not head.get(name):
                self.wrong(0, f"the head does not say its {name}.", f"标题区缺少 {name}。")
        return head, "\n".join(lines[end + 1 :]), end + 2

    def lines(self, body: str, first: int) -> Iterator[Line]:
        """The blocks of the body; fields are taken out before lines are parted."""
        pieces: list[str | Field] = []
        number = first
        for piece in self.pieces(body, first):
            if isinstance(piece, Field):
                pieces.append(piece)
                continue
            text, *more = piece.split("\n")
            pieces.append(text)
            for following in more:
                yield from self.line(pieces, number)
                pieces, number = [following], _next(pieces, number)
        yield from self.line(pieces, number)

    def pieces(self, body: str, first: int) -> Iterator[str | Field]:
        at, line = 0, first
        while (begin := body.find("{{", at)) >= 0:
            yield body[at:begin]
            line += body.count("\n", at, begin)
            end = _end_of_field(body, begin + 2)
            if end is None:
                self.wrong(line, "a field {{ is never closed with }}.", "字段 {{ 没有用 }} 结束。")
                return
            found = self.field(body[begin + 2 : end], line)
            if found is not None:
                yield found
            line += body.count("\n", begin, end)
            at = end + 2
        yield body[at:]

    def field(self, feel: str, line: int) -> Field | None:
        self.count += 1
        if self.count == MOST_FIELDS + 1:
            self.wrong(line, f"there are more than {MOST_FIELDS} fields.", f"字段超过 {MOST_FIELDS} 个。")
        if self.count > MOST_FIELDS:
            return None
        feel = feel.strip()
        try:
            code = compile_expression(feel, functions=FUNCTIONS)
        except ExpressionError as error:
            self.wrong(
                line,
                f"the field {{{{{_short(feel)}}}}} cannot be read: {error}",
                f"字段 {{{{{_short(feel)}}}}} 无法读取：{error.message_zh}",
            )
            return None
        for name in sorted((code.names | code.builtins) - FUNCTIONS.keys() - ROOTS.keys()):
            near = get_close_matches(name, ROOTS, 1)
            self.wrong(
                line,
                f"the field {{{{{_short(feel)}}}}} reads {name!r}; a letter knows {', '.join(ROOTS)}."
                + (f" Did you mean {near[0]}?" if near else ""),
                f"字段 {{{{{_short(feel)}}}}} 用到“{name}”；文书里可用：{'、'.join(ROOTS)}。",
            )
        self.known_entries(feel, code, line)
        return Field(feel, code, line)

    def known_entries(self, feel: str, code: Compiled, line: int) -> None:
        """Of the names whose entries we make ourselves, the entries are known."""
        for path in sorted(code.paths):
            root, _, rest = path.partition(".")
            known = ROOTS.get(root)
            entry = rest.split(".")[0]
            if known and entry and entry not in known:
                near = get_close_matches(entry, known, 1)
                self.wrong(
                    line,
                    f"the field {{{{{_short(feel)}}}}} reads {root}.{entry}; {root} has {', '.join(known)}."
                    + (f" Did you mean {near[0]}?" if near else ""),
                    f"字段 {{{{{_short(feel)}}}}} 用到 {root}.{entry}；{root} 有：{'、'.join(known)}。",
                )

    def line(self, pieces: list[str | Field], number: int) -> Iterator[Line]:
        """The block that a line of the template is; nothing for an empty one."""
        head = pieces[0] if pieces and isinstance(pieces[0], str) else ""
        if not head.strip() and all(isinstance(one, str) and not one.strip() for one in pieces):
            return
        head, kind, part = head.lstrip(), "paragraph", ""
        if (marked := _MARKED.match(head)) is not None:
            part, head = marked[1], head[marked.end() :]
        for mark, what in _MARKS:
            if head.startswith(mark):
                head, kind = head[len(mark) :].lstrip(), what
                break
        rest = [head, *pieces[1:]]
        if isinstance(rest[-1], str):
            rest[-1] = rest[-1].rstrip()
            if kind == "row":
                rest[-1] = rest[-1].removesuffix("|")
        yield Line(kind, tuple(one for one in rest if one != ""), part, number)

    def title(self, lines: list[Line]) -> Line | None:
        titles = [line for line in lines if line.kind == "title"]
        if not titles:
            self.wrong(0, "it has no title (# …).", "缺少标题（# …）。")
        for line in titles[1:]:
            self.wrong(line.number, "it has a second title.", "出现了第二个标题。")
        return titles[0] if titles else None

    def complete(self, lines: list[Line], declared: tuple[str, ...], needed: frozenset[str]) -> None:
        """Whether everything that must be there is."""
        kinds = {line.kind for line in lines}
        if "to" not in kinds:
            self.wrong(0, "it says nobody it is addressed to (> …).", "缺少称谓（> …）。")
        if not kinds & {"paragraph", "item", "row"}:
            self.wrong(0, "it has no text.", "没有正文。")
        for part in declared:
            if not _PART.fullmatch(part):
                self.wrong(
                    0, f"{part[:40]!r} is no name of a part.", f"“{part[:40]}”不能作为组成部分的名称。"
                )
        there = {line.part for line in lines if line.part}
        for part in sorted(needed - set(declared)):
            self.wrong(
                0,
                f"the part {part} must be declared: versions before this one had to have it.",
                f"必须声明组成部分 {part}：此前的版本要求有它。",
            )
        for part in sorted((set(declared) | needed) - there):
            self.wrong(
                0,
                f"no line is the part it must have: [{part}].",
                f"缺少必备的组成部分：没有一行标为 [{part}]。",
            )
        for line in lines:
            if line.part and line.part not in declared:
                near = get_close_matches(line.part, declared, 1)
                self.wrong(
                    line.number,
                    f"the part [{line.part}] is not among the parts in the head."
                    + (f" Did you mean {near[0]}?" if near else ""),
                    f"组成部分 [{line.part}] 没有在标题区的 parts 中声明。",
                )


def _next(pieces: list[str | Field], number: int) -> int:
    """The number of the line after one that has these pieces: fields may have gone over several."""
    return number + 1 + sum(one.feel.count("\n") for one in pieces if isinstance(one, Field))


def _end_of_field(text: str, at: int) -> int | None:
    """Where the `}}` of a field begins: not one inside a text, and not one that closes contexts."""
    depth = 0
    while at < len(text):
        one = text[at]
        if one == '"':
            at += 1
            while at < len(text) and text[at] != '"':
                at += 2 if text[at] == "\\" else 1
        elif one == "{":
            depth += 1
        elif one == "}" and depth:
            depth -= 1
        elif text.startswith("}}", at):
            return at
        at += 1
    return None


def _short(feel: str) -> str:
    plain = " ".join(feel.split())
    return plain if len(plain) <= 60 else plain[:59] + "…"


def as_written(template: Template) -> Template:
    """The template with every field standing for itself, such as 〔case.customer.name〕: what it looks like without a case."""

    def plain(line: Line) -> Line:
        return replace(
            line,
            pieces=tuple(
                f"〔{_short(one.feel)}〕".replace("|", "¦") if isinstance(one, Field) else one
                for one in line.pieces
            ),
        )

    return replace(template, title=plain(template.title), lines=tuple(plain(one) for one in template.lines))
