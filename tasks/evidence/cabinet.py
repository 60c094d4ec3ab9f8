"""What an installation decides about papers: where they lie, how large they may be, who scans them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tasks.evidence.kinds import KINDS, MEGABYTE, RECORDING
from tasks.evidence.scan import Scanner

DATABASE, DISK = "database", "disk"


@dataclass(frozen=True, slots=True)
class Cabinet:
    """store: where new papers go, `database` or `disk`; both are read. folder: of those on disk; None where there is none.

    upload_bytes and recording_bytes: the most a paper, or a recording, may have. per_case: the most papers of one case.
    pending: how many of one person may wait for a case. scanner: None where nothing is scanned.
    """

    store: str = DATABASE
    folder: Path | None = None
    upload_bytes: int = 50 * MEGABYTE
    recording_bytes: int = 100 * MEGABYTE
    per_case: int = 200
    pending: int = 20
    scanner: Scanner | None = None

    def limit(self, kind: str) -> int:
        """The most bytes a paper of a kind may have."""
        return self.recording_bytes if kind == RECORDING else min(KINDS[kind].limit, self.upload_bytes)

    @property
    def largest(self) -> int:
        """The most bytes any paper may have: what is longer need not be read."""
        return max(self.limit(kind) for kind in KINDS)
