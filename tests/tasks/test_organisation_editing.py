"""Maintaining the organisation: what operators may change, how far, and what happens at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from engine.errors import NotFound, NotPermitted, RedressError, WrongState
from tasks.memo import memo
from tasks.organisation.changing import editing
from tasks.organisation.changing.loading import load_organisation
from tasks.organisation.changing.mistakes import OrganisationRefused
from tasks.organisation.tables import Membership, OfficeRevision, OrgUnit
from tasks.people import accounts
from tasks.people.sessions import open_session
from tasks.people.tables import ApiToken, Person, WebSession
from tasks.people.tokens import issue_token
from tests.tasks.office import ORGANISATION, TestOffice
from tests.tasks.test_organisation_checks import REGULATOR, data, load, person, unit
from tests.tasks.test_organisation_dates import POSTS, standing

NOWHERE = "no_such_thing"


@pytest.fixture
def wide(office: TestOffice) -> TestOffice:
    """The small office with posts, a regulator, and an operator of Henan beside the one of headquarters."""
    load(
        office,
        data(
            units=[REGULATOR, unit("henan_it", parent="henan", acts_for="henan")],
            posts=POSTS,
            people=[
                person("root", post="operator"),
                person("henan_op", "henan_it", post="operator"),
                person("officer", "regulator"),
                person("two", "henan", also=[{"unit": "zhejiang"}]),
            ],
        ),
    )
    return office


def edit(office: TestOffice, login: str, verb: Callable[..., editing.Edited], *args: Any, **more: Any) -> Any:
    """Do one verb as somebody; commits. Without `revision` it is made on the present one."""
    revision = more.pop("revision", None) or office.scalar(sa.select(OfficeRevision.revision))
    with office.acting(login) as (session, caller):
        edited = verb(session, office.deps, caller, *args, revision=revision, **more)
        return edited, list(memo(session).audit)


def seat_of(office: TestOffice, login: str) -> int:
    return office.scalar(
        sa.select(Membership.id).join(Person, Person.id == Membership.person_id).where(Person.login == login)
    )


def path(office: TestOffice, code: str) -> str:
    return office.scalar(sa.select(OrgUnit.path).where(OrgUnit.code == code))


def test_a_unit_is_added_renamed_and_closed_with_an_audit_entry_each(wide: TestOffice) -> None:
    fresh = {"code": "puyang", "name": "濮阳", "parent": "henan", "roles": ["channel"]}
    edited, audit = edit(wide, "henan_op", editing.add_unit, fresh)
    assert path(wide, "puyang") == "/hq/henan/puyang/"
    assert [(e.verb, e.subject, e.subject_id, e.before) for e in audit] == [
        ("organisation.manage", "unit", "puyang", None)
    ]
    assert edited.revision == wide.scalar(sa.select(OfficeRevision.revision))
    _, audit = edit(wide, "henan_op", editing.change_unit, "puyang", {"name": "濮阳市"})
    assert [*map(orjson.loads, (audit[0].before, audit[0].after))] == [{"name": "濮阳"}, {"name": "濮阳市"}]
    edited, _ = edit(wide, "root", editing.change_unit, "puyang", {"until": "2026-03-31"})
    assert [change.kind for change in edited.changes] == ["ended"]


def test_moving_a_unit_takes_everything_below_along(wide: TestOffice) -> None:
    edit(wide, "root", editing.add_unit, {"code": "hall", "name": "厅", "parent": "henan_hotline"})
    edit(wide, "root", editing.change_unit, "henan_hotline", {"parent": "zhejiang"})
    assert path(wide, "henan_hotline") == "/hq/zhejiang/henan_hotline/"
    assert path(wide, "hall") == "/hq/zhejiang/henan_hotline/hall/"
    assert standing(wide, "li_na").paths == ("/hq/zhejiang/henan_hotline/",)
    with pytest.raises(OrganisationRefused, match="own ancestor"):
        edit(wide, "root", editing.change_unit, "zhejiang", {"parent": "hall"})


def test_what_one_does_not_maintain_is_refused_like_what_does_not_exist(wide: TestOffice) -> None:
    def told(verb: Callable[..., Any], *args: Any) -> str:
        with pytest.raises(NotFound) as refusal:
            edit(wide, "henan_op", verb, *args, revision=1)
        return str(refusal.value)

    for other, made_up in (("zhejiang_hotline", NOWHERE), ("hq", NOWHERE), ("regulator", NOWHERE)):
        assert told(editing.change_unit, other, {"name": "x"}).replace(other, made_up) == told(
            editing.change_unit, made_up, {"name": "x"}
        )
        fresh = {"code": "n", "name": "n"}
        assert told(editing.add_unit, {**fresh, "parent": other}).replace(other, made_up) == told(
            editing.add_unit, {**fresh, "parent": made_up}
        )
        assert told(editing.change_unit, "henan_it", {"parent": other}).replace(other, made_up) == told(
            editing.change_unit, "henan_it", {"parent": made_up}
        )
    assert told(editing.change_person, "chen_yu", {"name": "x"}).replace("chen_yu", NOWHERE) == told(
        editing.change_person, NOWHERE, {"name": "x"}
    )
    seat = seat_of(wide, "chen_yu")
    assert told(editing.change_seat, seat, {}).replace(str(seat), "99999999") == told(
        editing.change_seat, 99999999, {}
    )
    assert "/ was asked for" in told(editing.add_unit, {"code": "root2", "name": "x"})


def test_somebody_who_also_sits_elsewhere_is_not_changed_by_half(wide: TestOffice) -> None:
    with pytest.raises(NotPermitted, match="units you do not"):
        edit(wide, "henan_op", editing.change_person, "two", {"active": False})
    edit(wide, "root", editing.change_person, "two", {"active": False})


def test_whoever_maintains_the_whole_company_maintains_outside_bodies_too(wide: TestOffice) -> None:
    edit(wide, "root", editing.change_unit, "regulator", {"name": "通管局"})
    edit(wide, "root", editing.add_unit, {"code": "council", "name": "消协", "kind": "external"})
    with pytest.raises(NotPermitted):
        edit(wide, "root", editing.add_unit, {"code": "rival", "name": "第二总部", "kind": "headquarters"})


@pytest.mark.parametrize("login", ["li_na", "sun_qiang", "lu_jian", "officer"])
def test_only_operators_change_anything(wide: TestOffice, login: str) -> None:
    with pytest.raises(NotPermitted, match="needs operator"):
        edit(wide, login, editing.change_unit, "henan", {"name": "x"})


def test_a_stale_edit_is_refused_and_so_is_one_of_two_that_make_a_circle(wide: TestOffice) -> None:
    revision = wide.scalar(sa.select(OfficeRevision.revision))
    told: list[str] = []

    def move(code: str, under: str) -> None:
        try:
            edit(wide, "root", editing.change_unit, code, {"parent": under}, revision=revision)
            told.append("done")
        except RedressError as refusal:
            told.append(type(refusal).__name__)

    both = [
        threading.Thread(target=move, args=pair) for pair in (("henan", "zhejiang"), ("zhejiang", "henan"))
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(told) == ["StaleEdit", "done"]
    assert sorted(path(wide, code).count("/") for code in ("henan", "zhejiang")) == [3, 4]


def test_nobody_lifts_themself(wide: TestOffice) -> None:
    for login in ("root", "henan_op"):
        with pytest.raises(NotPermitted, match="their own seats"):
            edit(wide, login, editing.change_seat, seat_of(wide, login), {"roles": ["auditor"]})
        with pytest.raises(NotPermitted, match="their own seats"):
            edit(wide, login, editing.add_seat, login, {"unit": "henan_it", "post": "manager"})
        with pytest.raises(NotPermitted, match="nobody deactivates"):
            edit(wide, login, editing.change_person, login, {"active": False})
    edit(wide, "root", editing.change_seat, seat_of(wide, "li_na"), {"post": "manager", "roles": ["auditor"]})
    assert standing(wide, "li_na").roles == {"staff", "supervisor", "auditor"}
    with pytest.raises(OrganisationRefused, match="outside body"):
        edit(wide, "root", editing.change_seat, seat_of(wide, "officer"), {"roles": ["staff"]})


def test_a_person_comes_with_a_seat_and_cannot_sign_in_yet(wide: TestOffice) -> None:
    fresh = {"login": "new", "name": "新人", "unit": "henan_hotline", "post": "clerk"}
    edited, audit = edit(wide, "henan_op", editing.add_person, fresh)
    assert [change.subject for change in edited.changes] == ["person", "seat"] and len(audit) == 2
    assert wide.scalar(sa.select(Person.password_hash).where(Person.login == "new")) is None
    assert standing(wide, "new").roles == {"staff"}
    with pytest.raises(OrganisationRefused, match="one already"):
        edit(wide, "henan_op", editing.add_person, fresh)
    with pytest.raises(NotFound):
        edit(wide, "henan_op", editing.add_person, {"login": "n2", "name": "x"})


def test_whoever_is_deactivated_is_signed_out_everywhere_at_once(wide: TestOffice) -> None:
    with wide.acting("li_na") as (session, caller):
        open_session(session, wide.deps, caller)
        issue_token(session, wide.deps, caller.id, actor=caller.actor)
    edit(wide, "henan_op", editing.change_person, "li_na", {"active": False})
    for kind in (WebSession, ApiToken):
        assert wide.scalar(sa.select(sa.func.count()).where(kind.revoked_at.is_(None))) == 0
    with pytest.raises(NotFound), wide.acting("li_na"):
        pass


def test_a_seat_ends_on_its_last_day_and_one_that_never_began_is_taken_away(wide: TestOffice) -> None:
    edit(wide, "henan_op", editing.end_seat, seat_of(wide, "li_na"), date(2026, 3, 1))
    assert standing(wide, "li_na").paths == ()
    edit(wide, "henan_op", editing.add_seat, "li_na", {"unit": "henan", "from": "2026-05-01"})
    later = wide.scalar(sa.select(Membership.id).where(Membership.valid_from == date(2026, 5, 1)))
    edit(wide, "henan_op", editing.end_seat, later, date(2026, 3, 2))
    assert wide.scalar(sa.select(Membership.id).where(Membership.id == later)) is None


def test_closing_a_unit_names_who_sits_there_and_how_much_is_waiting(wide: TestOffice) -> None:
    wide.file("li_na")
    edited, _ = edit(wide, "root", editing.change_unit, "henan_hotline", {"until": "2026-03-02"})
    assert [one.message for one in edited.warnings] == [
        "2 still sit there afterwards: he_jing, li_na.",
        "1 open tasks are offered to it or below it.",
    ]
    with pytest.raises(OrganisationRefused, match="reach beyond"):
        edit(wide, "root", editing.change_unit, "henan", {"until": "2026-03-02"})


def test_a_refused_edit_leaves_revision_and_rows_as_they_were(wide: TestOffice) -> None:
    before = wide.scalar(sa.select(OfficeRevision.revision))
    with pytest.raises(OrganisationRefused) as refusal:
        edit(
            wide,
            "root",
            editing.change_unit,
            "henan_it",
            {"name": "", "roles": ["operator"], "until": "soon"},
        )
    assert refusal.value.problems
    assert wide.scalar(sa.select(OfficeRevision.revision)) == before
    with pytest.raises(WrongState):
        edit(wide, "root", editing.change_unit, "henan_it", {"name": "x"}, revision=before - 1)


def test_an_account_belongs_to_the_operator_of_every_present_seat(wide: TestOffice) -> None:
    def found(by: str, login: str) -> bool:
        with wide.acting(by) as (session, caller):
            try:
                accounts.within_reach(session, wide.deps, caller, login, editing.VERB)
            except NotFound:
                return False
            return True

    assert found("henan_op", "li_na") and not found("henan_op", "two") and found("root", "two")
    edit(wide, "root", editing.end_seat, seat_of(wide, "li_na"), date(2026, 3, 1))
    assert found("henan_op", "li_na")  # has left, from here
    edit(wide, "root", editing.add_seat, "li_na", {"unit": "zhejiang"})
    assert not found("henan_op", "li_na")


def test_loading_the_same_file_again_keeps_what_was_changed_since(wide: TestOffice) -> None:
    def start(source: bytes) -> int:
        with wide.deps.sessions.begin() as session:
            return load_organisation(
                session,
                ORGANISATION,
                now=wide.clock.now(),
                passwords=wide.deps.passwords,
                source=source,
            )

    start(b"one")
    edit(wide, "root", editing.change_unit, "henan", {"name": "河南公司"})
    assert start(b"one") == 0
    assert wide.scalar(sa.select(OrgUnit.name).where(OrgUnit.code == "henan")) == "河南公司"
    assert start(b"two") == 1
