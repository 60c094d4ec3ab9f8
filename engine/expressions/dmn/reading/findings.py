"""What is wrong with a decision file, and where: element and line, and inside a table the rule, the column and the cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from lxml import etree

from engine.expressions.dmn.reading import xml
from engine.expressions.feel.errors import Finding, Problem

_TITLED: Final = frozenset(
    ["decision", "businessKnowledgeModel", "decisionService", "inputData", "itemDefinition", "import"]
)
"""Elements an author knows by their name."""
MAX_FINDINGS: Final = 300
MAX_TOKENS: Final = 100_000
"""Words and signs in all expressions of a file, each of which may cost ten microseconds and half a kilobyte."""
_SHOWN: Final = 80
"""Characters of a text that are quoted in a sentence."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in a decision table. row: of the rule, counted from 1, 0 for the head. column: label or name; part: of it."""

    row: int = 0
    column: str = ""
    part: str = ""
    part_zh: str = ""

    def __str__(self) -> str:
        rule = f"Rule {self.row}" if self.row else ""
        column = f'column "{self.column}"' if self.column else ""
        found = ", ".join(filter(None, (rule, column, self.part)))
        return found[:1].upper() + found[1:]

    @property
    def zh(self) -> str:
        rule = f"第 {self.row} 条规则" if self.row else ""
        column = f"“{self.column}”列" if self.column else ""
        return "，".join(filter(None, (rule, column, self.part_zh)))


@dataclass(frozen=True, slots=True)
class Written:
    """A text of the file that was read as FEEL: where it stands. node: its tree, kept so that its identity is its own."""

    text: str
    element: etree._Element
    cell: Cell | None
    node: Any

    def position_of(self, name: str) -> int:
        """Where a name is first read; -1 when it is written in another way."""
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self.text)
        return found.start() if found else self.text.find(name)


class TooMuch(Exception):
    """The file is read no further."""


class Findings:
    """Collects the findings of one file, and ends its reading where it would take too much."""

    def __init__(self, file: str, found: list[Finding]) -> None:
        self.file = file
        self.found = found
        self.tokens = 0

    def spend(self, tokens: int) -> None:
        """So many words and signs of expressions were read. Raises TooMuch."""
        self.tokens += tokens
        if self.tokens > MAX_TOKENS:
            self._end(
                f"The expressions of the file have more than {MAX_TOKENS} words and signs; divide the file.",
                f"文件中的表达式超过 {MAX_TOKENS} 个词和符号，请拆分文件。",
            )

    def _end(self, message: str, message_zh: str) -> NoReturn:
        self.found.append(Finding("too-much", message, message_zh, self.file))
        raise TooMuch

    def report(
        self,
        code: str,
        message: str,
        message_zh: str,
        element: etree._Element,
        *,
        warning: bool = False,
        cell: Cell | None = None,
        position: int = -1,
    ) -> None:
        """Note one problem of an element, named by the closest element that has an id. Raises TooMuch after many.

        position: counted from 0 in the text of the expression or cell; -1 when the problem has none.
        """
        if len(self.found) >= MAX_FINDINGS:
            self._end(
                f"There are more than {MAX_FINDINGS} findings; the rest of the file was not looked at.",
                f"问题超过 {MAX_FINDINGS} 个，文件的其余部分未检查。",
            )
        owner = _closest(element, lambda one: bool(one.get("id")))
        titled = _closest(element, lambda one: xml.local(one) in _TITLED)
        name = "" if titled is None else xml.name(titled)
        if cell is not None and str(cell):
            message, message_zh = f"{cell}: {message}", f"{cell.zh}：{message_zh}"
        if name:
            message, message_zh = f'{message} (in "{name}")', f"{message_zh}（“{name}”）"
        self.found.append(
            Finding(
                code,
                message,
                message_zh,
                self.file,
                xml.line(element),
                "" if owner is None else owner.get("id") or "",
                name,
                "warning" if warning else "error",
                cell.row if cell else 0,
                cell.column if cell else "",
                position,
            )
        )

    def expression(
        self, problem: Problem, written: Written, *, warning: bool = False, code: str = "expression"
    ) -> None:
        """Note a problem of a text, quoting the text, with line and column."""
        error = problem.error(written.text)
        message = str(error)
        zh = " ".join(filter(None, (error.message_zh, error.hint_zh)))
        if written.text:
            text = written.text if len(written.text) <= _SHOWN else written.text[: _SHOWN - 3] + "..."
            message = f'In "{text}": {message}'
            zh = f"表达式“{text}”（第 {error.line} 行第 {error.column} 个字）：{zh}"
        else:
            message = f"{problem.message} {problem.hint}".strip()
        self.report(
            code,
            message,
            zh,
            written.element,
            warning=warning,
            cell=written.cell,
            position=problem.position if written.text else -1,
        )


def _closest(element: etree._Element, wanted: Any) -> etree._Element | None:
    """The element itself or the nearest one around it that is wanted."""
    found: etree._Element | None = element
    while found is not None and not wanted(found):
        found = found.getparent()
    return found
