"""Characters → tokens, one at a time, because where a name ends depends on the scope the parser knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from engine.expressions.feel.errors import Problem
from engine.expressions.feel.syntax.names import BLANK, WORD

_BLANK: Final = re.compile(rf"(?:[{BLANK}]|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_SIMPLE_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SYMBOLS: Final = ("**", "->", "..", "!=", "<=", ">=", *"+-*/=<>()[]{},.:@")

TRAPS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("==", 'FEEL compares with one "=", not "==".', "FEEL 用一个“=”比较，不是“==”。", "Write a = b."),
    ("=>", 'FEEL has no "=>".', "FEEL 没有“=>”。", "Write a >= b."),
    ("=<", 'FEEL has no "=<".', "FEEL 没有“=<”。", "Write a <= b."),
    ("&&", 'FEEL has no "&&".', "FEEL 没有“&&”。", "Write a and b."),
    ("||", 'FEEL has no "||".', "FEEL 没有“||”。", "Write a or b."),
    ("!", 'FEEL has no "!".', "FEEL 没有“!”。", "Write not(a)."),
    ("'", "FEEL strings stand in double quotes.", "FEEL 的字符串用双引号。", 'Write "text".'),
    ("%", 'FEEL has no "%".', "FEEL 没有“%”。", "Write modulo(a, b)."),
    (
        "${",
        "This is a JUEL expression, not FEEL.",
        "这是 JUEL 表达式，不是 FEEL。",
        "Write the text without ${ and }.",
    ),
    (
        "#{",
        "This is a JUEL expression, not FEEL.",
        "这是 JUEL 表达式，不是 FEEL。",
        "Write the text without #{ and }.",
    ),
    (
        ";",
        'FEEL has no ";".',
        "FEEL 没有“;”。",
        "An expression is one value; a context {a: 1, b: 2} holds several.",
    ),
)
_WIDE: Final = {
    "（": "(", "）": ")", "，": ",", "。": ".", "；": ";", "：": ":", "“": '"', "”": '"', "‘": '"', "’": '"',
    "＝": "=", "＞": ">", "＜": "<", "！": "!", "＋": "+", "－": "-", "＊": "*", "／": "/", "［": "[", "］": "]",
    "｛": "{", "｝": "}", "、": ",", "《": "<", "》": ">", "【": "[", "】": "]", "？": "?", "＂": '"',
}  # fmt: skip
_MATHEMATICAL: Final = {"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/"}


class Refusal(Exception):
    """The text cannot be read any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Token:
    """kind: number, string, word, symbol or end. text: the symbol or word; value: what a string or number says."""

    kind: str
    text: str
    start: int
    end: int
    value: str = ""


def refuse(message: str, message_zh: str, position: int, hint: str = "") -> NoReturn:
    raise Refusal(Problem(message, message_zh, position, hint))


def next_token(text: str, position: int) -> Token:
    """The token at or after `position`, white space and comments skipped."""
    blank = _BLANK.match(text, position)
    if blank:
        position = blank.end()
    if position >= len(text):
        return Token("end", "", position, position)
    char = text[position]
    number = _NUMBER.match(text, position)
    if number:
        return Token("number", number[0], position, number.end(), number[0])
    if char == '"':
        return _string(text, position)
    word = WORD.match(text, position)
    if word:
        return Token("word", word[0], position, word.end())
    if text.startswith("/*", position):
        refuse("A comment is opened and never closed.", "注释没有结束。", position, "Close it with */.")
    for trap, message, message_zh, hint in TRAPS:
        if text.startswith(trap, position) and not text.startswith("!=", position):
            refuse(message, message_zh, position, hint)
    for symbol in _SYMBOLS:
        if text.startswith(symbol, position):
            return Token("symbol", symbol, position, position + len(symbol))
    if char in _WIDE:
        refuse(
            f'"{char}" is a full-width sign, which FEEL does not read.',
            f"FEEL 不认识全角引号 {char} 。" if char in "“”‘’" else f"FEEL 不认识全角符号“{char}”。",
            position,
            f"Write a half-width {_WIDE[char]}.",
        )
    if char in _MATHEMATICAL:
        refuse(f'FEEL has no "{char}".', f"FEEL 没有“{char}”。", position, f"Write {_MATHEMATICAL[char]}.")
    refuse(f'The character "{char}" has no place here.', f"字符“{char}”不能出现在这里。", position)


def _string(text: str, position: int) -> Token:
    match = _STRING.match(text, position)
    if not match:
        refuse("A string is opened and never closed.", "字符串没有结束。", position, 'Close it with ".')
    return Token("string", match[0], position, match.end(), unescape(match[1]))


def unescape(body: str) -> str:
    """The characters a string literal's body stands for; an escape the standard does not know stays as written."""
    if "\\" not in body:
        return body

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) > 1:
            number = int(code[1:], 16)
            return chr(number) if number < 0x110000 else match[0]
        return _SIMPLE_ESCAPES.get(code, match[0])

    made = _ESCAPE.sub(one, body)
    # Two \u escapes may be one character beyond the basic plane.
    if any("\ud800" <= char <= "\udfff" for char in made):
        made = made.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return made
