"""Putting what a case says into a template. Pure: the same template, facts and instant give the same sheet.

What a field says is text and nothing else: braces, marks and line ends in a customer's words are printed, never read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.evaluation import FAILURES
from engine.expressions.feel import ExpressionError, Scope
from tasks.letters.mistakes import LetterFailed
from tasks.letters.paper.setting import MOST_CHARACTERS, Block, Sheet
from tasks.letters.template import Field, Line, Template
from tasks.letters.words import FUNCTIONS, date_zh, in_words

Say = Callable[[str], str]
"""The word of a form for the answer at a path."""
MOST_BLOCKS = 3_000


def fill(template: Template, variables: Mapping[str, Any], *, at: datetime, say: Say) -> Sheet:
    """The sheet of a letter. variables: what `facts.gather` found; at: the letter's instant.

    A field that is a list makes as many lines as it has items where it stands alone on its line; elsewhere its items are
    joined with 、. A line whose fields all came out empty is left out. Raises LetterFailed, naming field and line, for one
    that has no value, cannot be computed or is no text, for a part it must have in which nothing would stand, and for a letter
    that would be too long.
    """
    filling = _Filling(template, Scope(variables, now=lambda: at, functions=FUNCTIONS, asked=say))
    title = "".join(block.text for block in filling.blocks(template.title))
    blocks: list[Block] = []
    length, said = 0, set[str]()
    for line in template.lines:
        for block in filling.blocks(line):
            blocks.append(block)
            said.add(line.part)
            length += block.length
            if length > MOST_CHARACTERS or len(blocks) > MOST_BLOCKS:
                raise LetterFailed(
                    f"The letter {template.key} would have more than {MOST_CHARACTERS} characters or {MOST_BLOCKS} "
                    f"paragraphs at line {line.number} of its template; it was not made.",
                    f"文书“{template.name}”在模板第 {line.number} 行超过 {MOST_CHARACTERS} 字或 {MOST_BLOCKS} 段，没有生成。",
                )
    missing = [part for part in template.parts if part not in said] + ([] if title.strip() else ["title"])
    if missing:
        raise LetterFailed(
            f"The letter {template.key} was not made: nothing would stand in its parts {', '.join(missing)}.",
            f"文书“{template.name}”没有生成：必备的组成部分 {'、'.join(missing)} 没有内容。",
        )
    unit, letter = variables["unit"], variables["letter"]
    return Sheet(
        unit=unit["name"],
        number=letter["number"],
        title=title,
        blocks=tuple(blocks),
        signed=unit["name"],
        date=date_zh(None, letter["date"]),
        keywords=(str(letter["number"]), template.key),
    )


class _Filling:
    def __init__(self, template: Template, scope: Scope) -> None:
        self._template = template
        self._scope = scope

    def blocks(self, line: Line) -> Iterator[Block]:
        if line.kind == "row":
            yield from self._rows(line)
            return
        alone = len(line.pieces) == 1 and line.fields
        texts = self._values(line.fields[0]) if alone else [self._text(line.pieces)]
        for text in texts:
            kind = "paragraph" if line.kind == "title" else line.kind
            for part in text.split("\n"):
                if part.strip():
                    yield Block(kind, part.strip())

    def _rows(self, line: Line) -> Iterator[Block]:
        """The rows a line of a table makes: one, or one for each list in the list that its only field is."""
        cells = [tuple(one for one in cell if isinstance(one, Field) or one.strip()) for cell in _cells(line)]
        if len(cells) == 1 and len(cells[0]) == 1 and isinstance(cells[0][0], Field):
            field = cells[0][0]
            items = self._value(field)
            rows = items if isinstance(items, list) else [items]
            for row in rows:
                yield Block("row", cells=tuple(self._texts(field, row)))
            return
        texts = [self._text(cell) for cell in _cells(line)]
        if any(texts) or not line.fields:
            yield Block("row", cells=tuple(texts))

    def _text(self, pieces: tuple[str | Field, ...]) -> str:
        """The text of a line or a cell; empty where all its fields are."""
        said = [one if isinstance(one, str) else "、".join(self._values(one)) for one in pieces]
        fields = [text for one, text in zip(pieces, said, strict=True) if isinstance(one, Field)]
        return "" if fields and not any(text.strip() for text in fields) else "".join(said).strip()

    def _values(self, field: Field) -> list[str]:
        return self._texts(field, self._value(field))

    def _value(self, field: Field) -> Any:
        try:
            found = field.code.evaluate(self._scope)
        except ExpressionError as error:
            raise self._failed(field, str(error), error.message_zh) from error
        wrong = next((one for one in found.warnings if one.code in FAILURES), None)
        value = found.value
        if wrong is None and value is None:
            wrong = found.warnings[-1] if found.warnings else None
        if wrong is not None:
            raise self._failed(field, wrong.message, wrong.message_zh)
        return value

    def _texts(self, field: Field, value: Any) -> list[str]:
        items = value if isinstance(value, list) else [value]
        texts = [in_words(item) for item in items]
        if any(text is None for text in texts):
            raise self._failed(
                field,
                "it has no value." if value is None else "it is no text, number or date, nor a list of them.",
                "没有值。" if value is None else "结果不是文字、数字、日期或其列表。",
            )
        return [text for text in texts if text is not None]

    def _failed(self, field: Field, english: str, chinese: str) -> LetterFailed:
        feel = " ".join(field.feel.split())[:200]
        return LetterFailed(
            f"The letter {self._template.key} was not made: its field {{{{{feel}}}}} in line {field.line} of the "
            f"template has no text: {english}",
            f"文书“{self._template.name}”没有生成：模板第 {field.line} 行的字段 {{{{{feel}}}}} 得不到文字：{chinese}",
        )


def _cells(line: Line) -> list[tuple[str | Field, ...]]:
    """The pieces of each cell of a row. Only what stands in the template parts cells, never what a field says."""
    cells: list[list[str | Field]] = [[]]
    for piece in line.pieces:
        if isinstance(piece, Field):
            cells[-1].append(piece)
            continue
        first, *more = piece.split("|")
        cells[-1].append(first)
        cells += [[one] for one in more]
    return [tuple(cell) for cell in cells]
