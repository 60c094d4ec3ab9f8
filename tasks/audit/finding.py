"""What is wrong with the trail: one sentence in two languages, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """seq: the row of the chain, None for the chain as a whole. what: goes on after “row 7 of the chain X”."""

    chain: str
    seq: int | None
    what: str
    what_zh: str

    @property
    def where(self) -> str:
        """The place, for people."""
        if not self.chain:
            return "trail 审计记录"
        return f"chain 链 {self.chain}" + (f" row 行 {self.seq}" if self.seq is not None else "")
