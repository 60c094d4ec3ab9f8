"""Hashing and checking passwords: expensive on purpose, so few at once, and no cheaper for an unknown login."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tasks.turns import Turns

PATIENCE = 5.0
"""Seconds that somebody waits for a hash to begin."""
_ASKED = "Checking a password"
LONGEST = 1024
"""Bytes. Longer passwords are refused unhashed: hashing is the caller's cost, not the attacker's."""


class Passwords:
    """Hashes and verifies with argon2id, a few (64 MiB each by default) at once in this process, as `turns` say: a flood
    of sign-ins must neither fill the memory nor hold every thread while it waits.
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, turns: Turns | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = turns or Turns(patience=PATIENCE)
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Return the argon2id hash to store. Raises TooBusy."""
        with self._turns.one(_ASKED):
            return self._hasher.hash(_bytes(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether `password` matches. `stored` None (no such login) costs the same and is never a match.

        Raises TooBusy when the line is full or does not move.
        """
        with self._turns.one(_ASKED):
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


def _bytes(password: str) -> bytes:
    """The same password typed on another keyboard is the same bytes (NFKC, as NIST SP 800-63B 5.1.1.2 asks)."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1]).encode("utf-8", "surrogatepass")
