"""Hashing and checking passwords: expensive on purpose, so few at once, and no cheaper for an unknown login."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import TooBusy

LONGEST = 1024
"""Bytes. Longer passwords are refused unhashed: hashing is the caller's cost, not the attacker's."""


class Passwords:
    """Hashes and verifies with argon2id; at most `at_once` hashes (64 MiB each by default) run in this process at once.

    Whoever finds no free place waits `patience` seconds for one.
    """

    def __init__(
        self, hasher: PasswordHasher | None = None, *, at_once: int = 2, patience: float = 5.0
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = BoundedSemaphore(at_once)
        self._patience = patience
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Return the argon2id hash to store. Raises TooBusy."""
        with self._turn():
            return self._hasher.hash(_bytes(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether `password` matches. `stored` None (no such login) costs the same and is never a match.

        Raises TooBusy when no place is free within the patience.
        """
        with self._turn():
            if self._nobody is None:
                self._nobody = self._hasher.hash("nobody's password")
            given = _bytes(password)
            if len(given) > LONGEST:
                return False
            try:
                matches = self._hasher.verify(stored or self._nobody, given)
            except (VerificationError, InvalidHashError):
                return False
            return matches and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than are used now, and should be made again."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._gate.acquire(timeout=self._patience):
            raise TooBusy(
                "Too many passwords are being checked at this moment; try again in a few seconds.",
                message_zh="正在登录的人太多，请过几秒再试。",
            )
        try:
            yield
        finally:
            self._gate.release()


def _bytes(password: str) -> bytes:
    """The same password typed on another keyboard is the same bytes (NFKC, as NIST SP 800-63B 5.1.1.2 asks)."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1]).encode("utf-8", "surrogatepass")
