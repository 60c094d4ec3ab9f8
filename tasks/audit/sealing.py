"""How a row of the trail is sealed: an HMAC over the row and the seal of the row before it.

The key never reaches the database: whoever can write there can neither change a row nor cut one out of the middle and
make the rest fit again. What a row is sealed as is written down here and nowhere else; changing it breaks every trail.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

_LABEL = b"redress audit trail 1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

FIRST = bytes(32)
"""What the first row of a chain has before it."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of an installation, oldest first; the last one seals, the others only tell whether old rows hold."""

    keys: tuple[bytes, ...]

    @classmethod
    def derived(cls, secret: str, old: Iterable[str] = ()) -> KeyRing:
        """Return the ring for an installation's secret key and those it had before, oldest first.

        Each key is HMAC-SHA256 of a label under the secret, so that nothing the secret is used for elsewhere tells it.
        """
        return cls(tuple(hmac.digest(one.encode(), _LABEL, "sha256") for one in (*old, secret)))


SEALED = (
    "chain",
    "seq",
    "at",
    "actor_id",
    "actor_name",
    "actor_kind",
    "verb",
    "subject",
    "subject_id",
    "before",
    "after",
)
"""The columns a seal covers, in the order in which it covers them."""


def seal(key: bytes, previous: bytes, columns: Sequence[Any]) -> bytes:
    """Return the seal of a row with these columns (SEALED) that follows the row sealed as `previous`.

    Sealed is their JSON, `at` in microseconds since 1970, so that no two rows read alike.
    """
    chain, seq, at, *rest = columns
    row = orjson.dumps((chain, seq, (at - _EPOCH) // _MICROSECOND, *rest))
    return hmac.digest(key, previous + row, "sha256")
