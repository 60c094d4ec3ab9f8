"""What extensions mean here, by namespace: the kinds of rows, and the dialects whose tables hold them.

A row says what happens to one attribute or element of one dialect; the support document is made from the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Meaning = Literal["read", "binding", "listener", "ignored", "harmless", "refused"]
"""read: runs as it says. binding: names code; asks the installation for an operation. listener: the same, at a moment of
the element's life. ignored: has no effect here, and a warning says so. harmless: nothing to say. refused: would change
what happens and cannot run.
"""


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How one extension is treated: `en` and `zh` say what it means here or, where it is refused, what to do instead.

    on: the elements it has a meaning on (empty: any). unless: values, in lower case, with which it says nothing.
    """

    meaning: Meaning
    en: str
    zh: str
    on: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    elsewhere: ExtensionRule | None = None
    """The row on elements that `on` does not list, where it means another thing there."""


Rules = Mapping[str, ExtensionRule]
"""Local name → rule."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One vendor's extensions. prefix: how authors write it. name: the product.

    attributes and elements: its names with a rule. quiet: names it does not list are drawing or metadata.
    """

    prefix: str
    name: str
    attributes: Rules = field(default_factory=dict)
    elements: Rules = field(default_factory=dict)
    quiet: bool = False


def read(en: str, zh: str, *on: str) -> ExtensionRule:
    """Return the row of what runs as it says."""
    return ExtensionRule("read", en, zh, frozenset(on))


def binding(en: str, zh: str, *on: str) -> ExtensionRule:
    """Return the row of what names code, which has to be bound here."""
    return ExtensionRule("binding", en, zh, frozenset(on))


def ignored(en: str, zh: str, unless: tuple[str, ...] = ()) -> ExtensionRule:
    """Return the row of what has no effect here, and says so unless it has one of the values."""
    return ExtensionRule("ignored", en, zh, frozenset(), frozenset(unless))


def refused(en: str, zh: str, unless: tuple[str, ...] = ()) -> ExtensionRule:
    """Return the row of what would change what happens, unless it has one of the values."""
    return ExtensionRule("refused", en, zh, frozenset(), frozenset(unless))


def harmless(en: str = "Has no part in running", zh: str = "与运行无关") -> ExtensionRule:
    """Return the row of what nobody has to be told of."""
    return ExtensionRule("harmless", en, zh)


def listener() -> ExtensionRule:
    """Return the row of code called at a moment of an element's life."""
    return ExtensionRule(
        "listener", "Bound to an operation called at that moment", "绑定到在该时刻调用的操作"
    )
