"""Checking passwords: expensive on purpose, so few at once, and no cheaper for an unknown login."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import RedressError, TooBusy

LONGEST = 1024
"""Longer passwords are refused unhashed: hashing is the caller's cost, not the attacker's."""


class TooManyAttempts(RedressError):
    """Too many wrong passwords for this login; wait a minute."""


class Attempts:
    """Counts wrong passwords per login in this process: MOST in WINDOW, then a pause. Remembers 10,000 logins."""

    MOST = 10
    WINDOW = timedelta(minutes=1)

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def admit(self, login: str, now: datetime) -> None:
        """Raise TooManyAttempts when the login has had its share of wrong passwords."""
        with self._lock:
            wrong = self._wrong.get(login)
            while wrong and now - wrong[0] >= self.WINDOW:
                wrong.popleft()
            if wrong and len(wrong) >= self.MOST:
                raise TooManyAttempts(
                    f"To sign in as {login[:60]!r} was asked after {len(wrong)} wrong passwords; wait a minute."
                )

    def failed(self, login: str, now: datetime) -> None:
        """Note a wrong password."""
        with self._lock:
            self._wrong.setdefault(login, deque(maxlen=self.MOST)).append(now)
            self._wrong.move_to_end(login)
            while len(self._wrong) > 10_000:
                self._wrong.popitem(last=False)


class Passwords:
    """Hashes and verifies; at most `at_once` hashes (64 MiB each by default) run in this process at once."""

    def __init__(
        self, hasher: PasswordHasher | None = None, *, at_once: int = 2, patience: float = 5.0
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = BoundedSemaphore(at_once)
        self._patience = patience
        self._nobody: str | None = None
        self.attempts = Attempts()

    def hash(self, password: str) -> str:
        """Return the argon2id hash to store."""
        return self._hasher.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether `password` matches. `stored` None (no such login) costs the same and is never a match.

        Raises TooBusy when no slot is free within the patience (seconds).
        """
        if not self._gate.acquire(timeout=self._patience):
            raise TooBusy("Too many sign-ins are being checked at this moment; try again in a few seconds.")
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
