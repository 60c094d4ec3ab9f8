"""The number on a file: `TS` + yyyymmdd + org (6) + sequence (7) + check digit (domain §1.9), and its query
code.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.cases.tables import CaseSequence
from tasks.deadlines.calendar.arithmetic import SHANGHAI

PREFIXES = {"complaint": "TS", "upgrade_complaint": "SJ", "appeal": "SS"}
"""The three core regimes; any other takes its process property `number.prefix`, else `TS`."""

DEFAULT_PREFIX = "TS"

LENGTH = 24
_LARGEST_SEQUENCE = 9_999_999
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def prefix_of(regime: str, properties: Mapping[str, str]) -> str:
    """The two letters that numbers of a regime begin with; properties: of its process."""
    return properties.get("number.prefix") or PREFIXES.get(regime, DEFAULT_PREFIX)


def next_number(session: Session, prefix: str, org: int, at: datetime) -> str:
    """Take the next number of a unit (its id) on the Shanghai day of `at`.

    The day's row stays locked until the transaction ends, so two filings never get the same number; one that
    rolls back leaves no gap. Raises InvalidInput when the prefix is not two capitals or the day is full.
    """
    if len(prefix) != 2 or not (prefix.isascii() and prefix.isalpha() and prefix.isupper()):
        raise InvalidInput(f"The number prefix {prefix!r} was asked for; it must be two capital letters.")
    day = at.astimezone(SHANGHAI).date()
    unit = f"{org:06d}"
    statement = insert(CaseSequence).values(day=day, org=unit, last=1)
    sequence = session.execute(
        statement.on_conflict_do_update(
            index_elements=["day", "org"], set_={"last": CaseSequence.last + 1}
        ).returning(CaseSequence.last)
    ).scalar_one()
    if sequence > _LARGEST_SEQUENCE or org > 999_999:
        raise InvalidInput(f"The unit {unit} has no number left on {day.isoformat()}.")
    body = f"{prefix}{day:%Y%m%d}{unit}{sequence:07d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """ISO 7064 MOD 11,10 over the body, letters written as two digits (A = 10): one mistyped digit is always
    seen.
    """
    rest = 10
    for digit in "".join(str(int(letter, 36)) for letter in body):
        total = (rest + int(digit)) % 10 or 10
        rest = total * 2 % 11
    return str((11 - rest) % 10)


def is_number(text: str) -> bool:
    """Whether the text is a well-formed case number with the right check digit."""
    return (
        len(text) == LENGTH
        and text.isascii()
        and text[:2].isalpha()
        and text[:2].isupper()
        and text[2:].isdigit()
        and check_digit(text[:-1]) == text[-1]
    )


def new_query_code() -> str:
    """A random code of 80 bits, `XXXX-XXXX-XXXX-XXXX`, without letters that look like digits. Shown once."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def derived_query_code(secret: str, case_id: UUID) -> str:
    """A query code that only who has the secret can make again for a case: for an answer that is given twice."""
    noise = int.from_bytes(hmac.digest(secret.encode(), b"query code " + case_id.bytes, "sha256")[:10], "big")
    letters = "".join(_ALPHABET[noise >> 5 * at & 31] for at in range(16))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def query_hash(code: str) -> bytes:
    """What is kept of a query code. 80 random bits need no slow hash."""
    return sha256(code.replace("-", "").upper().encode()).digest()
