"""Units and seats count from their first day to their last, as the office's calendar says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tasks.organisation.superiors import superiors
from tasks.organisation.tables import Membership
from tasks.people.tables import Person
from tests.tasks.office import ORGANISATION, TestOffice
from tests.tasks.test_organisation_checks import REGULATOR, data, load, person, unit

POSTS = [
    {"key": "clerk", "name": "受理员", "grants": ["staff"]},
    {"key": "lead", "name": "班组长", "grants": ["staff", "supervisor"], "rank": 40},
    {"key": "manager", "name": "主任", "grants": ["staff", "supervisor"], "rank": 70},
    {"key": "operator", "name": "运维", "grants": ["operator"]},
    {"key": "signer", "name": "签字人", "roles": ["sign_off"], "grants": ["staff"]},
]


def at(office: TestOffice, instant: datetime) -> None:
    office.clock.advance(instant - office.clock.now())


def standing(office: TestOffice, login: str) -> Any:
    with office.acting(login) as (_, caller):
        return caller.standing


def chain(office: TestOffice, login: str, unit: str | None = None) -> list[str]:
    with office.deps.sessions() as session:
        someone = session.execute(sa.select(Person.id).where(Person.login == login)).scalar_one()
        found = superiors(session, office.deps.office.current(session), someone, unit=unit)
        return [f"{one.login}@{one.unit}" for one in found]


def test_a_seat_begins_and_ends_at_midnight_in_shanghai(office: TestOffice) -> None:
    at(office, datetime(2026, 3, 1, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai
    until = person("li_na", "henan_hotline", until="2026-03-02", also=[{"unit": "hq", "from": "2026-03-02"}])
    load(office, data(people=[]) | {"people": [until]})
    assert standing(office, "li_na").paths == ("/hq/henan/henan_hotline/",)
    office.clock.advance(timedelta(minutes=2))
    assert standing(office, "li_na").paths == ("/hq/henan/henan_hotline/", "/hq/")
    office.clock.advance(timedelta(days=1))
    assert standing(office, "li_na").paths == ("/hq/",)


def test_a_closed_unit_gives_nothing_nor_does_anything_below_it(office: TestOffice) -> None:
    today = "2026-03-02"
    at(office, datetime(2026, 3, 2, 4, tzinfo=UTC))
    old = unit("old", until=today, roles=["channel"])
    below = unit("below", parent="old", until=today, roles=["revisit"])
    load(office, data(units=[old, below], people=[person("late", "below")]))
    assert "revisit@/hq/old/below/" in standing(office, "late").groups
    office.clock.advance(timedelta(days=1))
    left = standing(office, "late")
    assert (left.paths, left.roles, left.groups) == ((), frozenset(), ("person@late",))


def test_a_post_gives_exactly_what_it_grants_and_a_seat_without_one_is_staff(office: TestOffice) -> None:
    load(
        office,
        data(
            posts=POSTS,
            people=[
                person("op", post="operator"),
                person("both", post="operator", roles=["staff"]),
                person("plain"),
                person("signer", "henan", post="signer"),
            ],
        ),
    )
    assert standing(office, "op").roles == {"operator"}
    assert standing(office, "both").roles == {"operator", "staff"}
    assert standing(office, "plain").roles == {"staff"}
    assert "sign_off@/hq/henan/" in standing(office, "signer").groups
    with office.deps.sessions() as session:
        organisation = office.deps.office.current(session).organisation
    assert [each.code for each in organisation.by_role["sign_off"].units] == ["henan"]


def test_somebody_of_a_regulator_stays_external_even_with_a_post_stored_by_hand(office: TestOffice) -> None:
    load(office, data(units=[REGULATOR], posts=POSTS, people=[person("out", "regulator")]))
    with office.deps.sessions.begin() as session:
        session.execute(
            sa.update(Membership)
            .where(Membership.person_id.in_(sa.select(Person.id).where(Person.login == "out")))
            .values(post="manager", roles=["operator", "supervisor"])
        )
    found = standing(office, "out")
    assert found.roles == {"external"}
    assert found.groups == ("person@out",)


def test_whoever_is_left_out_of_a_named_persons_seats_ends_yesterday(office: TestOffice) -> None:
    moved = {**person("li_na", "zhejiang_hotline"), "name": "李楠"}
    others = [one for one in ORGANISATION["people"] if one["login"] != "li_na"]
    again = {**ORGANISATION, "people": [moved, *others]}
    assert load(office, again) == 2
    assert load(office, again) == 0
    assert standing(office, "li_na").paths == ("/hq/zhejiang/zhejiang_hotline/",)
    assert load(office, ORGANISATION) == 2  # back: the old seat is taken up again
    assert standing(office, "li_na").unit_code == "henan_hotline"


def test_superiors_are_the_named_one_then_the_highest_of_each_unit_upwards(office: TestOffice) -> None:
    load(
        office,
        data(
            posts=POSTS,
            people=[
                person("worker", "henan_hotline", post="clerk"),
                person("lead", "henan_hotline", post="lead"),
                person("boss", "henan_hotline", post="manager"),
                person("named", "henan_hotline", post="clerk", superior="chief"),
                person("chief", "hq", post="manager"),
            ],
        ),
    )
    assert chain(office, "worker") == ["boss@henan_hotline", "sun_qiang@henan", "chief@hq"]
    assert chain(office, "lead") == ["boss@henan_hotline", "sun_qiang@henan", "chief@hq"]
    assert chain(office, "boss") == ["sun_qiang@henan", "chief@hq"]
    assert chain(office, "named") == ["chief@hq"]
    assert chain(office, "chief") == []


def test_equal_ranks_are_nobodys_superior_and_the_longest_there_is_asked(office: TestOffice) -> None:
    load(
        office,
        data(
            posts=POSTS,
            people=[
                person("worker", "henan_hotline"),
                person("new", "henan_hotline", post="manager", **{"from": "2026-01-05"}),
                person("old", "henan_hotline", post="manager", **{"from": "2020-01-05"}),
            ],
        ),
    )
    assert chain(office, "worker") == ["old@henan_hotline", "sun_qiang@henan"]
    assert chain(office, "old") == ["sun_qiang@henan"]


def test_superiors_who_have_left_or_are_shut_out_are_passed_over(office: TestOffice) -> None:
    people = [
        person("worker", "henan_hotline", superior="gone", also=[{"unit": "zhejiang"}]),
        person("gone", "henan_hotline", post="manager", until="2026-02-01"),
        {**person("shut", "henan", post="manager"), "active": False},
        person("chief", "hq", post="manager"),
    ]
    at(office, datetime(2026, 3, 2, 4, tzinfo=UTC))
    load(office, data(posts=POSTS, people=people))
    assert chain(office, "worker") == ["sun_qiang@henan", "chief@hq"]
    assert chain(office, "worker", "zhejiang") == ["lin_hai@zhejiang", "chief@hq"]
    assert chain(office, "worker", "hq") == []
