"""The types a text names: `number`, `list<string>`, `context<a: number>`, `function<number> -> string`, item definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.expressions.feel.data.types import ANY, SIMPLE, FeelType
from engine.expressions.feel.syntax.names import NameIndex, normal

if TYPE_CHECKING:
    from engine.expressions.feel.syntax.reading import Reading

_SEVERAL_WORDS: Final = NameIndex(name for name in SIMPLE if " " in name)
MAX_TYPE_DEPTH = 12
"""Of `list<list<…>>`: checking a value visits it once per level."""


def parse(parser: Reading) -> FeelType:
    """Read a type at the parser's place and move behind it."""
    token = parser.token
    if token.kind != "word":
        parser.unexpected("a type")
    parser.depth += 1
    parser.type_depth += 1
    if parser.type_depth > MAX_TYPE_DEPTH:
        parser.unexpected("a simpler type")
    made = _parse(parser)
    parser.depth -= 1
    parser.type_depth -= 1
    return made


def _parse(parser: Reading) -> FeelType:
    start = parser.token.start
    head = parser.token.text
    if head in ("list", "range", "context", "function") and parser.text[
        parser.token.end :
    ].lstrip().startswith("<"):
        parser.advance()
        parser.advance()
        return _generic(parser, head)
    several, end = _SEVERAL_WORDS.longest(parser.text, start)
    if several:
        parser.jump(end)
        return SIMPLE[several]
    known, end = parser.scope.longest(parser.text, start)
    if known and (found := parser.type_named(known)):
        parser.jump(end)
        return found
    name = parser.advance().text
    # An item definition may be imported (`model.tPerson`) and may have spaces.
    while True:
        if parser.token.text == "." and parser.token.kind == "symbol":
            parser.advance()
            name += "." + parser.advance().text
        elif parser.token.kind == "word" and (parser.type_named(normal(f"{name} {parser.token.text}"))):
            name += " " + parser.advance().text
        else:
            break
    found_type = parser.type_named(name) or SIMPLE.get(name)
    return found_type or parser.unknown_type(name, start)


def _generic(parser: Reading, head: str) -> FeelType:
    if head in ("list", "range"):
        items = parse(parser)
        parser.expect(">")
        return FeelType(head, items=items)
    if head == "context":
        fields: dict[str, FeelType] = {}
        while not parser.at(">"):
            key = parser.declared_name((":",))
            parser.expect(":")
            fields[key] = parse(parser)
            if not parser.at(","):
                break
            parser.advance()
        parser.expect(">")
        return FeelType("context", fields=fields)
    parameters: list[FeelType] = []
    while not parser.at(">"):
        parameters.append(parse(parser))
        if not parser.at(","):
            break
        parser.advance()
    parser.expect(">")
    parser.expect("->")
    return FeelType("function", parameters=tuple(parameters), result=parse(parser) or ANY)
