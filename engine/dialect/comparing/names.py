"""The names of elements, taken apart once for each tag."""

from __future__ import annotations

from functools import lru_cache

from engine.dialect.safe_xml import Element


def split(element: Element) -> tuple[str, str]:
    """Return namespace and local name of an element."""
    return _split(element.tag)


@lru_cache(4_096)
def _split(tag: object) -> tuple[str, str]:
    if not isinstance(tag, str):
        return "", ""
    space, _, name = tag.rpartition("}")
    return space[1:], name
