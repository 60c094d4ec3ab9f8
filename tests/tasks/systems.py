"""Systems beside the people of the small office: one inside the company, and the gateway of a regulator."""

from __future__ import annotations

from tasks.organisation.changing.loading import load_organisation
from tests.tasks.office import ORGANISATION, PASSWORD, TestOffice

CRM, GATEWAY = "crm", "gateway"
SYSTEMS = {
    **ORGANISATION,
    "units": [
        *ORGANISATION["units"],
        {"code": "regulator", "name": "申诉受理中心", "kind": "regulator"},
    ],
    "people": [
        *ORGANISATION["people"],
        {"login": CRM, "name": "客服系统", "unit": "henan_hotline", "kind": "system"},
        {"login": GATEWAY, "name": "申诉平台", "unit": "regulator", "kind": "system"},
        {"login": "he_nan", "name": "省运维", "unit": "henan", "title": "运维", "roles": ["operator"]},
    ],
}


def add_systems(office: TestOffice) -> TestOffice:
    """Bring the systems, and an operator of one province, into the office."""
    deps = office.deps
    with deps.sessions.begin() as session:
        load_organisation(
            session, SYSTEMS, now=office.clock.now(), passwords=deps.passwords, password=PASSWORD
        )
    return office
