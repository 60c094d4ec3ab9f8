"""The operations a diagram may name, and what each does, one file per family. An operation raises to make an incident; it
never commits, and done twice for one activation (`call.key`) it has happened once.
"""

from __future__ import annotations

from engine.ports import Operation
from tasks.evidence.cabinet import Cabinet
from tasks.letters.issuing import letter_operation
from tasks.operations import archiving, authorising, pressing, proving, relating, telling
from tasks.organisation.office import Office

FAMILIES = (
    archiving,
    authorising,
    pressing,
    proving,
    relating,
    telling,
)
"""Each offers `operations(office)`: its operations by the name diagrams use."""


def operations(office: Office, cabinet: Cabinet | None = None, query_page: str = "") -> dict[str, Operation]:
    """All operations by the name diagrams use. cabinet: where letters are kept; query_page: what they tell customers of."""
    found = {name: one for family in FAMILIES for name, one in family.operations(office).items()}
    return {**found, "issue_letter": letter_operation(office, cabinet or Cabinet(), query_page)}
