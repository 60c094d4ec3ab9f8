"""The examples of docs/routing.md are what the demo organisation does."""

from __future__ import annotations

import csv
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from redress.content import organisation_data
from redress.places import packaged
from tasks.organisation.assigning.roles import load_roles
from tasks.organisation.assigning.routing import groups_for
from tasks.organisation.changing.loading import load_organisation
from tasks.organisation.tree import read_organisation
from tasks.people.passwords import Passwords

PAGE = Path(__file__).resolve().parents[2] / "docs" / "routing.md"


def test_every_example_on_the_page_is_what_happens(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    content = packaged("bpmn")
    with (content / "organisation" / "roles.csv").open(encoding="utf-8", newline="") as file:
        roles = list(csv.DictReader(file))
    with sessions.begin() as session:
        load_roles(session, roles)
        load_organisation(session, organisation_data(content), now=clock.now(), passwords=Passwords())
        office = read_organisation(session, clock.now().date())
    block = PAGE.read_text(encoding="utf-8").split("```routing\n")[1].split("```")[0]
    examples = [line for line in block.splitlines() if line and not line.startswith("#")]
    assert len(examples) > 10
    for line in examples:
        asked, unit, province, org, classification, expected = (cell.strip() for cell in line.split("|"))
        properties = {"route.unit": unit or None, "route.classification": classification or None}
        found = groups_for(office, [asked], properties=properties, facts={"province": province, "org": org})
        assert ", ".join(found) == expected, line
