"""The matrix as people get it: the same table in every format."""

from __future__ import annotations

import csv
import json

import pytest

from tasks.permissions.matrix import ROLES, VERBS
from tasks.permissions.printing import FORMATS, SCOPES, STATES, rows
from tasks.permissions.seats import roles_of_seat


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_names_every_verb_and_every_role(kind: str) -> None:
    text = FORMATS[kind]()
    assert all(verb in text and each.zh in text for verb, each in VERBS.items())
    assert all(role in text for role in ROLES)


def test_the_csv_and_the_json_say_what_the_matrix_says() -> None:
    told = {row["verb"]: row for row in csv.DictReader(FORMATS["csv"]().splitlines())}
    objects = {row["verb"]: row for row in json.loads(FORMATS["json"]())["verbs"]}
    for name, verb in VERBS.items():
        assert (
            {role for role in ROLES if told[name][role] == "yes"} == verb.roles == set(objects[name]["roles"])
        )
        assert tuple(told[name]["states"].split()) == verb.states == tuple(objects[name]["states"])


def test_every_scope_and_state_of_the_matrix_is_explained() -> None:
    assert {row["scope"] for row in rows()} == set(SCOPES)
    assert {state for row in rows() for state in row["states"]} == set(STATES)


@pytest.mark.parametrize(
    ("granted", "roles"),
    [
        ((), {"staff"}),
        (("supervisor",), {"supervisor", "staff"}),
        (("operator",), {"operator"}),
        (("auditor", "process_owner"), {"auditor", "process_owner"}),
        (("auditor", "supervisor"), {"auditor", "supervisor", "staff"}),
        (("process_owner", "staff"), {"process_owner", "staff"}),
        (("channel",), {"staff"}),
        (("external",), {"staff"}),
    ],
)
def test_a_seat_gives_what_is_granted_and_casework_unless_it_stands_apart(
    granted: tuple[str, ...], roles: set[str]
) -> None:
    assert roles_of_seat(granted) == roles
