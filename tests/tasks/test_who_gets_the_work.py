"""Lane × unit × classification: which group a task is offered to. Rules without a database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.organisation.assigning.roles import Roles
from tasks.organisation.assigning.routing import (
    asked_for,
    classification_of,
    group,
    group_path,
    groups_for,
    groups_of,
    is_unrouted,
    route,
)
from tasks.organisation.tree import Organisation, Unit

ROLES = Roles(
    {
        "责任部门": "department",
        "department": "department",
        "总部": "headquarters",
        "省中心": "provincial_centre",
    },
    {"department": "home", "headquarters": "anywhere"},
)


def unit(
    number: int, path: str, *roles: str, kind: str = "", handles: str = "", external: bool = False
) -> Unit:
    code = path.strip("/").split("/")[-1]
    return Unit(
        number, code, code, code.title(), kind, path, frozenset(roles), None, tuple(handles.split()), external
    )


UNITS = (
    unit(1, "/hq/"),
    unit(2, "/hq/service/", "headquarters"),
    unit(3, "/hq/henan/", kind="province"),
    unit(4, "/hq/henan/billing/", "department", handles="*/billing mobile/billing/roaming"),
    unit(5, "/hq/henan/market/", "department"),
    unit(6, "/hq/henan/mobile/", "department", handles="mobile/*"),
    unit(7, "/hq/henan/network/", "department", handles="*/network fixed/*"),
    unit(8, "/hq/henan/radio/", "department", handles="*/network"),
    unit(9, "/hq/zhejiang/", kind="province"),
    unit(10, "/hq/zhejiang/zcentre/", "provincial_centre"),
    unit(11, "/miit/", "department", "provincial_centre", kind="regulator", external=True),
)
OFFICE = Organisation.of(UNITS, roles=ROLES)


def department(**facts: Any) -> str:
    return groups_for(OFFICE, ["department"], properties={}, facts={"province": "henan", **facts})[0]


@pytest.mark.parametrize(
    ("business", "problem", "symptom", "place"),
    [
        ("mobile", "billing", "wrong bill", "/hq/henan/mobile/"),
        ("mobile", "billing", "roaming", "/hq/henan/billing/"),
        ("card", "billing", None, "/hq/henan/billing/"),
        ("fixed", "network", "slow", "/hq/henan/network/"),
        ("Fixed ", "billing", None, "/hq/henan/network/"),
        ("card", "network", None, "/hq/henan/"),
        ("card", "attitude", None, "/hq/henan/"),
        (None, None, None, "/hq/henan/"),
        (None, "billing", None, "/hq/henan/billing/"),
        (["card", "mobile"], "attitude", None, "/hq/henan/mobile/"),
    ],
)
def test_of_several_units_the_one_that_names_the_case_most_exactly_gets_it(
    business: Any, problem: Any, symptom: Any, place: str
) -> None:
    """Business before problem before symptom; where two are equal or none fits, everybody near is offered it."""
    assert department(business=business, problem_type=problem, phenomenon=symptom) == f"department@{place}"


def test_the_unit_that_the_diagram_names_is_stronger_than_any_classification() -> None:
    facts = {"province": "henan", "business": "mobile", "problem_type": "billing"}
    named = groups_for(OFFICE, ["department"], properties={"route.unit": "market"}, facts=facts)
    assert named == ("department@/hq/henan/market/",)
    inside = groups_for(OFFICE, ["department"], properties={"route.unit": "henan"}, facts=facts)
    assert inside == ("department@/hq/henan/mobile/",)


def test_a_diagram_may_say_itself_what_a_task_is_about() -> None:
    facts = {"province": "henan", "business": "mobile", "problem_type": "billing"}
    said = groups_for(OFFICE, ["department"], properties={"route.classification": "fixed/x"}, facts=facts)
    assert said == ("department@/hq/henan/network/",)
    assert classification_of({"route.classification": ["a", ["b", " B "], None]}, {}) == ({"a"}, {"b"})


def test_without_candidates_the_lane_says_who_does_it_by_name_key_or_id() -> None:
    def offered(*lanes: str) -> tuple[str, ...]:
        asked = asked_for((), (), lanes=lanes)
        return groups_for(OFFICE, asked, properties={}, facts={"province": "henan", "business": "mobile"})

    assert offered("责任 部门", "lane_1") == ("department@/hq/henan/mobile/",)
    assert offered("处理", "Department") == ("department@/hq/henan/mobile/",)
    assert offered("总部") == ("headquarters@/hq/service/",)
    assert offered("", "lane_1") == ("unrouted@/hq/henan/", "unrouted@/hq/")
    assert offered() == ("unrouted@/hq/henan/", "unrouted@/hq/")
    asked = asked_for((), ("总部",), lanes=("责任部门",))
    assert groups_for(OFFICE, asked, properties={}, facts={}) == ("headquarters@/hq/service/",)


def test_people_asked_for_by_name_get_it_while_they_work_here() -> None:
    asked = asked_for(("li", "gone"), (), assignee="wang")
    assert asked == ["person@li", "person@gone", "person@wang"]
    assert groups_for(OFFICE, asked, properties={}, facts={}, active={"li", "wang"}) == (
        "person@li",
        "person@wang",
    )
    assert groups_for(OFFICE, ["person@gone"], properties={}, facts={}) == ("unrouted@/hq/",)
    mixed = groups_for(OFFICE, ["person@gone", "总部"], properties={}, facts={})
    assert mixed == ("headquarters@/hq/service/",)


def test_an_outside_body_is_never_given_work_even_if_its_unit_says_so() -> None:
    assert route(OFFICE, "provincial_centre", unit="miit") == "provincial_centre@/hq/zhejiang/zcentre/"
    assert groups_for(OFFICE, ["department@/miit/"], properties={}, facts={}) == ("unrouted@/hq/",)


def test_a_group_written_out_in_a_diagram_follows_its_unit_and_must_have_somebody() -> None:
    def offered(name: str) -> tuple[str, ...]:
        return groups_for(OFFICE, [name], properties={}, facts={})

    assert offered("department@/hq/henan/billing/") == ("department@/hq/henan/billing/",)
    assert offered("责任部门@/hq/old/place/billing/") == ("department@/hq/henan/billing/",)
    assert offered("department@/") == ("department@/",)
    assert offered("headquarters@/hq/henan/") == ("unrouted@/hq/",)
    assert offered("department@/nowhere/") == ("unrouted@/hq/",)


def test_work_near_a_unit_that_has_closed_goes_to_who_is_left_around_it() -> None:
    open_ones = tuple(each for each in UNITS if each.code != "billing")
    names = {each.path: each.name for each in UNITS}
    closed = Organisation.of(open_ones, names=names, roles=ROLES)
    facts = {"org": "billing", "business": "card", "problem_type": "billing"}
    assert groups_for(closed, ["department"], properties={}, facts=facts) == ("department@/hq/henan/",)
    assert closed.stands("/hq/elsewhere/billing/") == "/hq/henan/billing/"
    assert closed.stands("/hq/never/") is None


CODES = [f"u{number}" for number in range(12)]


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    paths: list[str] = ["/u0/"]
    for code in CODES[1 : draw(st.integers(2, len(CODES)))]:
        paths.append(draw(st.sampled_from(paths)) + f"{code}/")
    roles = st.sets(st.sampled_from(["department", "channel", "headquarters"]))
    handles = st.sampled_from(["", "a/b", "a/*", "*/b", "*/*", "a/b/c"])
    made = [
        unit(number, path, *draw(roles), handles=draw(handles), external=draw(st.booleans()) and number > 6)
        for number, path in enumerate(paths)
    ]
    return Organisation.of(tuple(sorted(made, key=lambda each: each.path)))


@given(
    organisations(),
    st.sampled_from(["department", "channel", "headquarters"]),
    st.none() | st.sampled_from(CODES),
    st.none() | st.sampled_from(CODES),
    st.sampled_from([{}, {"business": "a", "problem_type": "b"}, {"problem_type": "b", "phenomenon": "c"}]),
)
def test_whatever_the_organisation_work_reaches_somebody_inside_who_answers_it(
    office: Organisation, role: str, named: str | None, org: str | None, facts: dict[str, str]
) -> None:
    """Unrouted exactly when nobody inside answers; else some unit answers the group, and nobody outside does."""
    found = groups_for(office, [role], properties={"route.unit": named}, facts={**facts, "org": org})
    inside = [each for each in office.units if role in each.roles and not each.external]
    if not inside:
        assert all(is_unrouted(each) for each in found)
        filed_in = office.places.get(org or "", "/u0/")
        places = [group_path(each) for each in found]
        assert all(place and office.by_path[place].external is False for place in places)
        assert not org or org not in office.by_code or all(filed_in.startswith(str(each)) for each in places)
        return
    (name,) = found
    reached = [each for each in inside if name in groups_of("x", [(each.path, [role], each.path)])]
    assert reached
    above = office.places.get(named or "", "")
    if above and any(each.path.startswith(above) for each in inside):
        assert all(each.path.startswith(above) for each in reached)
    if not facts and named and any(each.code == named for each in inside):
        assert name == group(role, above)
