"""What a reader of foreign bytes raises: one problem that makes the whole file unreadable."""

from __future__ import annotations


class Refused(Exception):
    """The bytes are nothing this system reads; both sentences say why, `line` where (0: as a whole)."""

    def __init__(self, code: str, en: str, zh: str, line: int = 0) -> None:
        super().__init__(en)
        self.code = code
        self.en = en
        self.zh = zh
        self.line = line
