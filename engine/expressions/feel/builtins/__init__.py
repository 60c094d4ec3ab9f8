"""Every built-in function of the standard, by name. Importing this package declares them all."""

from engine.expressions.feel.builtins import (
    contexts,
    conversions,
    dates,
    lists,
    numbers,
    range_text,
    ranges,
    regexes,
    strings,
)
from engine.expressions.feel.builtins.registry import BUILTINS, Builtin, as_value
from engine.expressions.feel.syntax.names import NameIndex

NAMES = NameIndex(BUILTINS)
VALUES = {name: as_value(function) for name, function in BUILTINS.items()}

__all__ = [
    "BUILTINS", "NAMES", "VALUES", "Builtin",
    "contexts", "conversions", "dates", "lists", "numbers", "range_text", "ranges", "regexes", "strings",
]  # fmt: skip
