"""The rows of vendors' extensions, made from the gate's own tables."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dialect.support.rows import Row


def vendor_sections() -> Iterator[tuple[str, str, tuple[Row, ...]]]:
    """Yield (English, Chinese, rows) per vendor."""
    return iter(())
