"""Turns at what takes long: a few at a time, a few more in line, and nobody else, so that other requests find a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from engine.errors import TooBusy

_AT_ONCE = 2
_IN_LINE = 8


class Turns:
    """What may be under way in this process. `at_once` go on, `in_line` more wait for them, `patience` seconds at most."""

    def __init__(self, at_once: int = _AT_ONCE, in_line: int = _IN_LINE, patience: float = 60.0) -> None:
        self._working = BoundedSemaphore(at_once)
        self._inside = BoundedSemaphore(at_once + in_line)
        self._patience = patience

    @classmethod
    def among(cls, threads: int, patience: float = 60.0) -> Turns:
        """Return turns for a process with so many threads: one of them is always left for what takes no turn."""
        left = max(1, threads - 1)
        at_once = max(1, min(_AT_ONCE, left - 1))
        return cls(at_once, min(_IN_LINE, left - at_once), patience)

    @contextmanager
    def one(self, what: str, patience: float | None = None) -> Iterator[None]:
        """Take a turn. Raises TooBusy when the line is full, or does not move; what: what was asked for; patience: seconds,
        where whoever asks waits less than others do.
        """
        if not self._inside.acquire(blocking=False):
            raise _too_busy(what)
        try:
            if not self._working.acquire(timeout=self._patience if patience is None else patience):
                raise _too_busy(what)
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._inside.release()


def _too_busy(what: str) -> TooBusy:
    return TooBusy(
        f"{what} was asked for while others are under way; nothing was changed, try again in a few seconds.",
        message_zh="同样的请求太多，还没有处理完；没有改动任何内容，请过几秒再试。",
    )
