"""What tests of a changing organisation share: changing it, and looking at who sees which case."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tasks.cases.tables import Case
from tasks.organisation.changing.loading import load_organisation
from tasks.permissions.visibility import visible_to
from tests.tasks.office import ORGANISATION, PASSWORD, TestOffice

FORWARD = {"outcome": "forward", "amount": 20, "unit": "henan"}


def change(office: TestOffice, units: dict[str, dict[str, Any]] | None = None, people: Any = ()) -> None:
    """Load the office with some units changed, and people besides."""
    wished = [{**each, **(units or {}).get(each["code"], {})} for each in ORGANISATION["units"]]
    with office.deps.sessions.begin() as session:
        load_organisation(
            session,
            {"units": wished, "people": list(people)},
            now=office.clock.now(),
            passwords=office.deps.passwords,
            password=PASSWORD,
        )


def forwarded(office: TestOffice) -> str:
    """A case whose open task is the departments'; its number."""
    filed = office.file()
    task = office.task("check_request", filed.number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, FORWARD)
    return filed.number


def paths(office: TestOffice, number: str) -> list[str]:
    found: list[str] = office.scalar(sa.select(Case.paths).where(Case.number == number))
    return found


def sees(office: TestOffice, login: str, number: str) -> bool:
    with office.acting(login) as (session, caller):
        seen = sa.select(Case.id).where(Case.number == number, visible_to(caller))
        return session.scalar(seen) is not None
