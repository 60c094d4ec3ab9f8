"""By what a case is found again: phones, persons, businesses, in a table of their own with the newest case first, so that
finding costs the same with a million cases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tasks.cases.tables import CaseKey
from tasks.core import table

PHONE, PERSON, BUSINESS = "phone", "person", "business"

PHONES = ("phone", "contact_phone", "service_number")
"""Names under which a case, or the context of a person in it, says a number the customer has or complains of."""

LONGEST = 120


def phone_key(value: Any) -> str | None:
    """The key of a number, however it was typed: `+86 138-0000-0000` is `13800000000`. None for what is no number."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", str(value)))
    digits = digits.removeprefix("0086")
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    return f"{PHONE}:{digits}" if 5 <= len(digits) <= 20 else None


def person_key(person: Any) -> str | None:
    """The key of a person: name and the last four of the identity document; both or none."""
    if not isinstance(person, Mapping):
        return None
    name, last = (_plain(person.get(part)) for part in ("name", "id_last4"))
    return f"{PERSON}:{name}/{last}"[:LONGEST] if name and last else None


def business_key(value: Any) -> str | None:
    """The key of a business, by its code."""
    return f"{BUSINESS}:{value.strip()}"[:LONGEST] if isinstance(value, str) and value.strip() else None


def keys_of(facts: Mapping[str, Any]) -> set[str]:
    """Every key of a case: of its own phones and business, and of each context in it that describes a person."""
    found = {business_key(facts.get("business"))}
    for place in (facts, *(each for each in facts.values() if isinstance(each, Mapping))):
        found |= {phone_key(place.get(name)) for name in PHONES}
        found.add(person_key(place))
    return {key for key in found if key and "\x00" not in key}


def keep_keys(session: Session, case_id: UUID, filed_at: datetime, facts: Mapping[str, Any]) -> None:
    """Keep by what a new case is found. One statement, none for a case that says nothing of the kind."""
    rows = [{"key": key, "filed_at": filed_at, "case_id": case_id} for key in sorted(keys_of(facts))]
    if rows:
        session.execute(insert(table(CaseKey)).on_conflict_do_nothing().values(rows))


def _plain(value: Any) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip().upper() if isinstance(value, str | int) else ""
