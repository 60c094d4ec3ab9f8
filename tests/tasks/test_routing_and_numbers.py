"""Where work goes, what numbers look like, when things are due: rules without a database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from argon2 import PasswordHasher

from engine.errors import InvalidInput
from tasks.cases.numbers import check_digit, is_number, new_query_code, query_hash
from tasks.deadlines.policies.register import NoSuchPolicy, Policies, Policy
from tasks.organisation.assigning.routing import NOBODY, group_path, groups_of, is_unrouted, route
from tasks.organisation.tree import Organisation, Unit
from tasks.paging import read_cursor
from tasks.people.passwords import Passwords
from tasks.permissions.visibility import with_superiors
from tasks.user_task import lateness

SHANGHAI = timezone(timedelta(hours=8))
AT = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


def unit(number: int, path: str, *roles: str, kind: str = "", name: str = "") -> Unit:
    code = path.strip("/").split("/")[-1]
    return Unit(number, code, name or code, code.title(), kind, path, frozenset(roles))


OFFICE = Organisation.of(
    (
        unit(1, "/hq/"),
        unit(2, "/hq/service/", "headquarters"),
        unit(3, "/hq/henan/", kind="province", name="河南省分公司"),
        unit(4, "/hq/henan/centre/", "provincial_centre"),
        unit(5, "/hq/henan/hall/", "channel"),
        unit(6, "/hq/henan/network/", "department"),
        unit(7, "/hq/henan/billing/", "department"),
        unit(8, "/hq/zhejiang/", kind="province", name="浙江省分公司"),
        unit(9, "/hq/zhejiang/zcentre/", "provincial_centre"),
    )
)


def test_work_goes_to_the_unit_of_the_role_in_the_customers_province() -> None:
    assert route(OFFICE, "provincial_centre", province="henan") == "provincial_centre@/hq/henan/centre/"
    assert route(OFFICE, "provincial_centre", province="浙江省") == "provincial_centre@/hq/zhejiang/zcentre/"
    assert (
        route(OFFICE, "provincial_centre", province="浙江", org="hall")
        == "provincial_centre@/hq/zhejiang/zcentre/"
    )


def test_without_a_province_the_filing_unit_decides() -> None:
    assert route(OFFICE, "provincial_centre", org="hall") == "provincial_centre@/hq/henan/centre/"
    assert route(OFFICE, "channel", org="hall", province="zhejiang") == "channel@/hq/henan/hall/"


def test_several_units_of_a_role_share_the_work() -> None:
    shared = route(OFFICE, "department", province="henan")
    assert shared == "department@/hq/henan/"
    for path in ("/hq/henan/network/", "/hq/henan/billing/"):
        assert shared in groups_of("x", [(path, ["department"], path)])
    assert shared not in groups_of("x", [("/hq/zhejiang/zcentre/", ["department"], "/hq/zhejiang/")])


def test_a_named_unit_narrows_and_a_province_without_the_role_borrows_the_nearest() -> None:
    assert route(OFFICE, "department", unit="billing", province="zhejiang") == "department@/hq/henan/billing/"
    assert route(OFFICE, "department", province="zhejiang") == "department@/hq/henan/"
    assert route(OFFICE, "department", unit="nowhere", province="henan") == "department@/hq/henan/"


def test_headquarters_work_goes_to_headquarters_and_unknown_roles_to_nobody() -> None:
    assert route(OFFICE, "headquarters", province="henan") == "headquarters@/hq/service/"
    assert route(OFFICE, "astrologer", province="henan") == NOBODY
    assert route(Organisation(), "channel") == NOBODY


def test_a_supervisor_sees_work_nobody_answers_for() -> None:
    mine = groups_of("x", [("/hq/henan/service/", ["supervisor"], "/hq/henan/")])
    assert [each for each in mine if is_unrouted(each)] == ["unrouted@/hq/henan/"]
    assert not any(is_unrouted(each) for each in groups_of("x", [("/hq/", ["operator"], "/hq/")]))
    assert groups_of("x", []) == ("person@x",)
    assert group_path("person@x") is None
    assert group_path("channel@/hq/henan/") == "/hq/henan/"


def test_superiors_are_every_unit_above() -> None:
    assert with_superiors(["/hq/henan/centre/"]) == {"/hq/", "/hq/henan/", "/hq/henan/centre/"}


def test_one_mistyped_digit_in_a_number_is_always_seen() -> None:
    body = "TS202603020000050000001"
    number = body + check_digit(body)
    assert is_number(number)
    for at in range(2, len(number)):
        for digit in "0123456789":
            if digit != number[at]:
                assert not is_number(number[:at] + digit + number[at + 1 :])
    assert not is_number("TS2026")
    assert not is_number(number.lower())


def test_query_codes_are_long_random_and_read_the_same_in_any_case() -> None:
    codes = {new_query_code() for _ in range(100)}
    assert len(codes) == 100
    code = codes.pop()
    assert query_hash(code) == query_hash(code.replace("-", "").lower())


def policy(**changes: object) -> Policy:
    values = {
        "code": "T", "level": "", "customer_level": "", "amount": Decimal(4), "unit": "h",
    }  # fmt: skip
    return Policy(**{**values, **changes})  # type: ignore[arg-type]


def test_the_most_specific_row_of_the_register_wins() -> None:
    any_case, by_level, vip, both = (
        policy(),
        policy(level="national"),
        policy(customer_level="vip"),
        policy(level="national", customer_level="vip"),
    )
    register = Policies({"T": (any_case, by_level, vip, both)})
    assert register.find("T") is any_case
    assert register.find("T", level="national") is by_level
    assert register.find("T", customer_level="vip") is vip
    assert register.find("T", level="national", customer_level="vip") is both
    assert register.find("T", level="general", customer_level="normal") is any_case
    with pytest.raises(NoSuchPolicy, match="no row"):
        register.find("R99")


def test_lateness_is_asked_of_the_instants() -> None:
    due, warn = AT + timedelta(hours=4), AT + timedelta(hours=3)
    assert lateness(None, None, at=AT) == "none"
    assert lateness(due, warn, at=AT) == "in_time"
    assert lateness(due, warn, at=warn) == "warned"
    assert lateness(due, warn, at=due + timedelta(seconds=1)) == "late"


@pytest.mark.parametrize("cursor", ["!", "AAAA", "WzFd", "bnVsbA", "é", "WyIyMDI2LTAxLTAxIiwgIngiXQ"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        read_cursor(cursor)


def test_an_unknown_login_costs_a_hash_and_never_matches() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    stored = passwords.hash("secret")
    assert passwords.verify(stored, "secret")
    assert not passwords.verify(stored, "other")
    assert not passwords.verify(None, "nobody's password")
    assert not passwords.verify(stored, "x" * 5000)
    assert not passwords.verify("not a hash", "x")
