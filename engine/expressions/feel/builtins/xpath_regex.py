"""XPath regular expressions (XML Schema's, with anchors, reluctant quantifiers, groups and back-references) → `regex`.

Only what the W3C grammar knows gets through: no look-around, no possessive quantifiers, no inline flags, no recursion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex

# XML 1.0, fifth edition, rules 4 and 4a.
_NAME_START: Final = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = _NAME_START + r"\-.0-9\u00b7\u0300-\u036f\u203f\u2040"
_CLASSES: Final = {
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME}]",
    "C": f"[^{_NAME}]",
}
_DIGITS: Final = frozenset("0123456789")
"""Of group numbers: Python knows hundreds more."""
_SINGLE: Final = {"n": r"\n", "r": r"\r", "t": r"\t"}
_ESCAPABLE: Final = frozenset(r"\|.?*+(){}-[]^$")
_CATEGORIES: Final = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)
MAX_REPEAT: Final = 10_000
MAX_COST: Final = 1_000
"""Of making a pattern, in units of about ten microseconds. The engine writes a group out as often as it must match at
least, and once more, so that nested counts multiply."""
_LINE_START: Final = r"(?:\A|(?<=\n)(?!\Z))"
"""With the flag m: after every newline but one that ends the text (XPath Functions and Operators, 7.6.1.1)."""


class Invalid(ValueError):
    """Not an XPath regular expression, or one larger than is sensible."""


@dataclass(frozen=True, slots=True)
class Translation:
    """text: in the syntax of `regex` (V1). cost: of making it, in units of about ten microseconds."""

    text: str
    cost: int


def translate(pattern: str, flags: str) -> Translation:
    """The same pattern, whose meaning depends on the flags x, s, m and i. Raises Invalid."""
    translator = _Translator(pattern, flags)
    return Translation(translator.run(), translator.cost)


def literal(text: str) -> Translation:
    """A pattern that matches just this text."""
    return Translation(regex.escape(text), len(text))


class _Translator:
    def __init__(self, pattern: str, flags: str) -> None:
        self.p, self.i = _without_space(pattern) if "x" in flags else pattern, 0
        self.dotall, self.multiline, self.ignorecase = "s" in flags, "m" in flags, "i" in flags
        self.groups = 0
        self.open: list[int] = []
        self.closed: set[int] = set()
        self.depth = 0
        self.cost = 1

    def run(self) -> str:
        made = self.branches()
        if self.i < len(self.p):
            raise Invalid(f'"{self.p[:60]}" has a closing bracket too many')
        return made

    def branches(self) -> str:
        self.depth += 1
        if self.depth > 50:
            raise Invalid("the pattern is nested more than 50 levels deep")
        made = [self.pieces()]
        while self.i < len(self.p) and self.p[self.i] == "|":
            self.i += 1
            self.cost += 4 if self.ignorecase else 1
            made.append(self.pieces())
        self.depth -= 1
        return "|".join(made)

    def pieces(self) -> str:
        made: list[str] = []
        while self.i < len(self.p) and self.p[self.i] not in "|)":
            outer, self.cost = self.cost, 3 if self.ignorecase and not self.p[self.i].isascii() else 1
            is_group = self.p[self.i] == "("
            atom = self.atom()
            quantifier, least = self.quantifier()
            made.append(atom + quantifier)
            self.cost = outer + self.cost * (least + 1 if is_group else 1)
            if self.cost > MAX_COST:
                raise Invalid("the pattern is too large, or its counts multiply to too much")
        return "".join(made)

    def atom(self) -> str:
        char = self.p[self.i]
        if char == "(":
            return self.group()
        self.i += 1
        if char == "[":
            self.i -= 1
            self.cost += 15 if self.ignorecase else 5
            return self.char_class()
        if char == ".":
            self.cost += 5
            return "." if self.dotall else r"[^\n\r]"
        # XPath counts the anchors among the character classes: they may be repeated.
        if char == "^":
            return _LINE_START if self.multiline else r"(?:\A)"
        if char == "$":
            return "(?:$)" if self.multiline else r"(?:\Z)"
        if char == "\\":
            return self.escape()
        if char in "*+?{":
            raise Invalid(f'"{char}" has nothing to repeat')
        if char in "}]":
            raise Invalid(f'"{char}" must be written \\{char}')
        return _literal(char)

    def group(self) -> str:
        self.i += 1
        capturing = not self.p.startswith("?", self.i)
        if not capturing:
            if not self.p.startswith("?:", self.i):
                raise Invalid('after "(" only "?:" may follow')
            self.i += 2
        number = 0
        if capturing:
            self.groups += 1
            number = self.groups
        body = self.branches()
        if not self.p.startswith(")", self.i):
            raise Invalid("a bracket is not closed")
        self.i += 1
        if capturing:
            self.closed.add(number)
        return f"({body})" if capturing else f"(?:{body})"

    def quantifier(self) -> tuple[str, int]:
        """What follows an atom, and how often the atom must match at least for it (0 when nothing follows)."""
        if self.i >= len(self.p) or self.p[self.i] not in "*+?{":
            return "", 0
        char = self.p[self.i]
        self.i += 1
        made, least = char, int(char == "+")
        if char == "{":
            end = self.p.find("}", self.i)
            low, comma, high = self.p[self.i : end].partition(",") if end > 0 else ("", "", "")
            numbers = [low, *([high] if high else [])]
            if end < 0 or not all(n.isascii() and n.isdigit() and len(n) < 7 for n in numbers):
                raise Invalid("a quantifier must be {n}, {n,} or {n,m}")
            if (high and int(high) < int(low)) or max(map(int, numbers)) > MAX_REPEAT:
                raise Invalid("a quantifier has impossible bounds")
            self.i = end + 1
            least = int(low)
            made = "{" + low + comma + high + "}"
        if self.p.startswith("?", self.i):
            self.i += 1
            made += "?"
        return made, least

    def escape(self) -> str:
        if self.i >= len(self.p):
            raise Invalid("the pattern ends with a backslash")
        char = self.p[self.i]
        self.i += 1
        if char in _CLASSES or char in "pP":
            self.cost += 15
            found = _CLASSES[char] if char in _CLASSES else self.category(char)
            # Classes have both cases, and the flag i leaves categories as they are; folding them takes milliseconds.
            return f"(?-i:{found})" if self.ignorecase else found
        if char in "123456789":
            number = int(char)
            while (
                self.i < len(self.p)
                and self.p[self.i] in _DIGITS
                and number * 10 + int(self.p[self.i]) <= self.groups
            ):
                number = number * 10 + int(self.p[self.i])
                self.i += 1
            if number not in self.closed:
                raise Invalid(f"there is no finished group {number} to refer to")
            # A group that took no part stands for the empty string.
            return f"(?({number})\\{number}|)"
        return self.single(char)

    def single(self, char: str) -> str:
        if char in _SINGLE:
            return _SINGLE[char]
        if char in _ESCAPABLE:
            return "\\" + char
        raise Invalid(f'"\\{char}" is not an escape')

    def category(self, letter: str) -> str:
        end = self.p.find("}", self.i)
        if not self.p.startswith("{", self.i) or end < 0:
            raise Invalid(f"\\{letter} needs a category, such as \\{letter}{{Lu}}")
        name = self.p[self.i + 1 : end]
        self.i = end + 1
        if name in _CATEGORIES:
            return f"\\{letter}{{{name}}}"
        block = name[2:]
        if name.startswith("Is") and block and block.replace("-", "").isalnum() and block.isascii():
            return f"\\{letter}{{In{block.replace('-', '')}}}"
        raise Invalid(f'there is no category "{name[:40]}"')

    def char_class(self) -> str:
        self.i += 1
        self.depth += 1
        if self.depth > 20:
            raise Invalid("character classes are nested too deeply")
        made = "["
        if self.p.startswith("^", self.i):
            made += "^"
            self.i += 1
        first = True
        while True:
            if self.i >= len(self.p):
                raise Invalid("a character class is not closed")
            char = self.p[self.i]
            if char == "]":
                if first:
                    raise Invalid("a character class is empty")
                self.i += 1
                break
            if char == "-" and self.p.startswith("-[", self.i) and not first:
                self.i += 1
                inner = self.char_class()
                if not self.p.startswith("]", self.i):
                    raise Invalid("a subtraction must end its character class")
                self.i += 1
                # Both sides in classes of their own: in `regex`, ^ would otherwise negate the difference.
                made = f"[{made}]--{inner}]"
                self.depth -= 1
                return made
            made += self.class_item(first)
            first = False
        self.depth -= 1
        return made + "]"

    def class_item(self, first: bool) -> str:
        self.cost += 3 if self.ignorecase else 1
        low, is_set = self.class_char(first)
        if is_set or not self.p.startswith("-", self.i) or self.p.startswith(("-]", "-["), self.i):
            return low
        self.i += 1
        start = self.i
        high, is_set = self.class_char(False)
        if is_set or _code(low) > _code(high):
            raise Invalid(f'"{self.p[start - 2 : self.i]}" is not a range of characters')
        return f"{low}-{high}"

    def class_char(self, first: bool) -> tuple[str, bool]:
        if self.i >= len(self.p):
            raise Invalid("a character class is not closed")
        char = self.p[self.i]
        self.i += 1
        if char == "\\":
            if self.i >= len(self.p):
                raise Invalid("the pattern ends with a backslash")
            char = self.p[self.i]
            self.i += 1
            if char in _CLASSES or char in "pP":
                self.cost += 150 if self.ignorecase else 15
                return (_CLASSES[char] if char in _CLASSES else self.category(char)), True
            return self.single(char), False
        if char == "[":
            raise Invalid('"[" inside a character class must be written \\[')
        return _literal(char), False


def _code(text: str) -> int:
    plain = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}.get(text)
    return ord(plain or text[-1])


def _literal(char: str) -> str:
    return "\\" + char if not char.isalnum() and char.isascii() and char not in " _\n\r\t" else char


def _without_space(pattern: str) -> str:
    made, inside, escaped = [], 0, False
    for char in pattern:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "[":
            inside += 1
        elif char == "]":
            inside -= 1
        elif not inside and char in " \t\n\r":
            continue
        made.append(char)
    return "".join(made)


def replacement(text: str, groups: int, as_is: bool) -> list[str | int]:
    """The parts of a replacement: texts and group numbers (`$1`; `\\$` and `\\\\` are literal). Raises Invalid."""
    if as_is or ("$" not in text and "\\" not in text):
        return [text]
    parts: list[str | int] = []
    i = 0
    while i < len(text):
        char = text[i]
        i += 1
        if char == "\\":
            if text[i : i + 1] not in ("\\", "$"):
                raise Invalid('in a replacement, "\\" stands only before "\\" or "$"')
            parts.append(text[i])
            i += 1
        elif char == "$":
            if text[i : i + 1] not in _DIGITS:
                raise Invalid('in a replacement, "$" must be followed by a group number')
            number = int(text[i])
            i += 1
            while text[i : i + 1] in _DIGITS and number * 10 + int(text[i]) <= groups:
                number = number * 10 + int(text[i])
                i += 1
            parts.append(number if number <= groups else "")
        else:
            parts.append(char)
    return parts
