"""Which centre decides on more time, by where the clock's work is and where the customer lives."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tasks.deadlines.clocks.changing.approving import APPROVING, centre_over
from tasks.deadlines.clocks.tables import CASE, STAGE, TASK
from tasks.organisation.tree import Organisation, Unit, code_of

PLACES = {
    "/hq/": "headquarters",
    "/hq/hq_complaints/": "centre",
    "/hq/hq_service/": "department",
    "/hq/henan/": "province",
    "/hq/henan/henan_centre/": "centre",
    "/hq/henan/henan_hotline/": "channel",
    "/hq/zhejiang/": "province",
    "/hq/zhejiang/zhejiang_centre/": "centre",
    "/hq/zhejiang/zhejiang_hotline/": "channel",
}
CENTRES = ("/hq/hq_service/", "/hq/henan/henan_centre/", "/hq/zhejiang/zhejiang_centre/")
ROAMER = SimpleNamespace(
    facts={"customer": {"home_province": "henan"}},
    earlier=None,
    province="henan",
    org_code="zhejiang_hotline",
)


def organisation(*approving: str) -> Organisation:
    units = [
        Unit(
            number, code_of(path), path, path, kind, path, frozenset({APPROVING} if path in approving else ())
        )
        for number, (path, kind) in enumerate(PLACES.items())
    ]
    return Organisation.of(tuple(units))


@pytest.mark.parametrize(
    ("kind", "region", "centre"),
    [
        (TASK, "/hq/zhejiang/zhejiang_hotline/", "/hq/zhejiang/zhejiang_centre/"),
        (STAGE, "/hq/henan/henan_hotline/", "/hq/henan/henan_centre/"),
        (CASE, "/hq/zhejiang/zhejiang_hotline/", "/hq/henan/henan_centre/"),  # who answers the customer
        (STAGE, "/hq/hq_complaints/", "/hq/"),
        (CASE, "/hq/", "/hq/"),
    ],
)
def test_the_centre_where_the_work_is_decides_and_the_customers_own_of_a_whole_case(
    kind: str, region: str, centre: str
) -> None:
    assert centre_over(organisation(*CENTRES), kind, region, ROAMER) == centre


def test_where_no_unit_decides_those_over_the_work_do() -> None:
    here = "/hq/zhejiang/zhejiang_hotline/"
    assert centre_over(organisation(), TASK, here, ROAMER) == here
