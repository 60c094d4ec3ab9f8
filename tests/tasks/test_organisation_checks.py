"""What cannot be an organisation is refused, with everything that is wrong said at once."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.organisation.changing.loading import load_organisation
from tasks.organisation.changing.mistakes import OrganisationRefused
from tasks.organisation.tables import Membership, OfficeRevision, OrgUnit, Post
from tests.tasks.office import ORGANISATION, PASSWORD, TestOffice

REGULATOR = {"code": "regulator", "name": "监管", "kind": "regulator"}


def load(office: TestOffice, data: dict[str, Any]) -> int:
    with office.deps.sessions.begin() as session:
        return load_organisation(
            session,
            data,
            now=office.clock.now(),
            passwords=office.deps.passwords,
            password=PASSWORD,
        )


def data(**more: list[dict[str, Any]]) -> dict[str, Any]:
    """The small office with further entries at the end of its sections."""
    made = deepcopy(ORGANISATION)
    for section, entries in more.items():
        made[section] = [*made.get(section, []), *entries]
    return made


def refused(office: TestOffice, wrong: dict[str, Any]) -> list[str]:
    """The mistakes as `path: sentence`; nothing may have changed."""
    count = [sa.select(sa.func.count()).select_from(kind) for kind in (OrgUnit, Post, Membership)]
    before = [*map(office.scalar, count), office.scalar(sa.select(OfficeRevision.revision))]
    with pytest.raises(OrganisationRefused) as refusal:
        load(office, wrong)
    assert before == [*map(office.scalar, count), office.scalar(sa.select(OfficeRevision.revision))]
    assert all(one.message_zh for one in refusal.value.problems)
    return [f"{one.path}: {one.message}" for one in refusal.value.problems]


def unit(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": code, "parent": "hq", **more}


def person(login: str, place: str = "hq", **more: Any) -> dict[str, Any]:
    return {"login": login, "name": login, "unit": place, **more}


def test_every_mistake_of_a_file_is_told_at_once_and_nothing_is_loaded(office: TestOffice) -> None:
    told = refused(
        office,
        data(
            units=[unit("north", parent="nowhere"), unit("hq"), unit("a/b")],
            people=[
                person("x", "atlantis"),
                person("y", post="emperor"),
                person("z", roles=["superviser"]),
                {"login": "w", "name": "w"},
                person("v", superior="ghost"),
            ],
        ),
    )
    for part in (
        "unit north · parent: there is no unit nowhere.",
        "unit hq: it stands in the file twice.",
        "unit a/b · code: a name for machines",
        "person x · unit: there is no unit atlantis.",
        "person y · post: there is no post emperor.",
        "person z · roles: there is no role superviser",
        "person w · unit: an active person sits in at least one unit.",
        "person v · superior: there is no person ghost.",
    ):
        assert any(part in line for line in told), (part, told)


def test_a_unit_cannot_be_its_own_ancestor_however_long_the_way(office: TestOffice) -> None:
    ring = [unit(f"u{n}", parent=f"u{(n + 1) % 50}") for n in range(50)]
    told = refused(office, data(units=ring))
    assert sum("would be its own ancestor" in line for line in told) == 50
    assert refused(office, data(units=[unit("self", parent="self")]))


def test_a_unit_below_a_circle_is_not_blamed_for_it(office: TestOffice) -> None:
    told = refused(
        office, data(units=[unit("a", parent="b"), unit("b", parent="a"), unit("below", parent="a")])
    )
    assert not any("below" in line for line in told)


def test_a_tree_may_be_deep_but_its_paths_are_bounded(office: TestOffice) -> None:
    deep = [unit(f"level{n:03}", parent=f"level{n - 1:03}" if n else "hq") for n in range(100)]
    assert load(office, data(units=deep)) == 100
    path = office.scalar(sa.select(OrgUnit.path).where(OrgUnit.code == "level099"))
    assert path.count("/") == 102
    deeper = [unit(f"level{n:03}", parent=f"level{n - 1:03}" if n else "hq") for n in range(120)]
    assert any("longer than 1000" in line for line in refused(office, data(units=deeper)))


def test_a_unit_is_in_effect_only_while_its_parent_is(office: TestOffice) -> None:
    told = refused(
        office,
        data(units=[unit("old", until="2026-06-30"), unit("inside", parent="old", **{"from": "2026-01-01"})]),
    )
    assert told == ["units 12 · unit inside · until: the unit's dates reach beyond those of its parent old."]
    assert any(
        "ends before it begins" in line
        for line in refused(
            office, data(units=[unit("back", **{"from": "2026-03-02", "until": "2026-03-01"})])
        )
    )


def test_nobody_sits_on_the_same_seat_twice_at_the_same_time(office: TestOffice) -> None:
    def twice(until: str) -> dict[str, Any]:
        also = [{"unit": "henan", "from": "2026-03-01"}]
        return data(people=[person("twin", "henan", until=until, also=also)])

    assert any("overlap" in line for line in refused(office, twice("2026-03-01")))
    assert load(office, twice("2026-02-28")) == 3


def test_superiors_never_lead_back_to_the_same_person_on_any_day(office: TestOffice) -> None:
    def three(**last: str) -> dict[str, Any]:
        return data(
            people=[
                person("a", superior="b", until="2026-05-31"),
                person("b", superior="c"),
                person("c", superior="a", **last),
            ]
        )

    told = refused(office, three())
    assert sum("leads back to the same person" in line for line in told) == 3
    assert refused(office, three(**{"from": "2026-05-31"}))
    assert load(office, three(**{"from": "2026-06-01"})) == 6
    assert refused(office, data(people=[person("self", superior="self")]))


def test_permissions_come_with_posts_and_never_with_a_unit(office: TestOffice) -> None:
    told = refused(office, data(units=[unit("mighty", roles=["operator"])]))
    assert "operator is a permission" in told[0]
    told = refused(
        office, data(posts=[{"key": "chief", "name": "长", "roles": ["supervisor"], "grants": ["king"]}])
    )
    assert "supervisor is a permission; name it under grants." in told[0]
    assert "there is no permission role king" in told[1]


@pytest.mark.parametrize("place", ["regulator", "below"])
def test_an_outside_body_gets_nothing_but_external(office: TestOffice, place: str) -> None:
    units = [REGULATOR, {"code": "below", "name": "处", "kind": "department", "parent": "regulator"}]
    posts = [
        {"key": "chief", "name": "长", "grants": ["staff", "supervisor"]},
        {"key": "officer", "name": "专员", "grants": ["external"]},
    ]
    for wrong in ({"post": "chief"}, {"roles": ["operator"]}):
        told = refused(office, data(units=units, posts=posts, people=[person("out", place, **wrong)]))
        assert "its members are external" in told[0]
    told = refused(office, data(units=units, posts=posts, people=[person("in", "hq", post="officer")]))
    assert "external is for outside bodies" in told[0]
    both = person("both", place, also=[{"unit": "hq"}])
    assert "at once" in refused(office, data(units=units, people=[both]))[0]
    assert load(office, data(units=units, posts=posts, people=[person("out", place, post="officer")]))
    with office.acting("out") as (_, caller):
        assert caller.roles == {"external"}


def test_only_a_superior_unit_can_be_acted_for_and_never_by_an_outside_body(office: TestOffice) -> None:
    assert "no superior" in refused(office, data(units=[unit("sly", parent="henan", acts_for="zhejiang")]))[0]
    assert "no superior" in refused(office, data(units=[unit("sly", acts_for="sly")]))[0]
    guest = unit("guest", kind="external", acts_for="hq")
    assert "acts for nobody" in refused(office, data(units=[guest]))[0]


@pytest.mark.parametrize(
    "entry",
    [
        {"code": 5, "name": ["x"]},
        {"code": "x", "name": "x\x00"},
        {"code": "x", "name": "x" * 201},
        {"code": "x", "name": "x", "from": "yesterday"},
        {"code": "x", "name": "x", "roles": [5]},
        {"code": "x", "name": "x", "colour": "red"},
        {"code": "x@y", "name": "x"},
        {"name": "x"},
        "x",
    ],
)
def test_an_entry_of_the_wrong_shape_is_refused_with_its_place(office: TestOffice, entry: Any) -> None:
    assert all(line.startswith("units 11") for line in refused(office, data(units=[entry])))
