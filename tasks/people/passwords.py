"""Checking passwords: expensive on purpose, so few at once, and no cheaper for an unknown login."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import RedressError

LONGEST = 1024
"""Longer passwords are refused unhashed: hashing is the caller's cost, not the attacker's."""


class TooBusy(RedressError):
    """Too many sign-ins are being checked at this moment; try again in a few seconds."""


class Passwords:
    """Hashes and verifies; at most `at_once` hashes (64 MiB each by default) run in this process at once."""

    def __init__(
        self, hasher: PasswordHasher | None = None, *, at_once: int = 2, patience: float = 5.0
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = BoundedSemaphore(at_once)
        self._patience = patience
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Return the argon2id hash to store."""
        return self._hasher.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether `password` matches. `stored` None (no such login) costs the same and is never a match.

        Raises TooBusy when no slot is free within the patience (seconds).
        """
        if not self._gate.acquire(timeout=self._patience):
            raise TooBusy()
        try:
            if self._nobody is None:
                self._nobody = self._hasher.hash("nobody's password")
            if len(password) > LONGEST:
                return False
            matches = self._hasher.verify(stored or self._nobody, password)
            return matches and stored is not None
        except (VerificationError, InvalidHashError):
            return False
        finally:
            self._gate.release()
