"""Looking at the mapping of provider groups to seats: what each row gives today, and what keeps it from giving it.

It was right when it was loaded; the settings and the organisation have gone on since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.changing.chart import (
    Chart,
    PersonData,
    PostData,
    SeatData,
    UnitData,
    read_posts,
    read_units,
)
from tasks.organisation.changing.checking import check_seat
from tasks.people.caller import Caller
from tasks.people.oidc.groups import OidcGroup
from tasks.people.oidc.seats import is_open
from tasks.permissions.matrix import require

_HELD = table(OidcGroup)


@dataclass(frozen=True, slots=True)
class GroupSeat:
    """A row of the mapping. `unit`, `post`: what the codes in it mean, None where there is no such thing; `grants`: the
    permissions that the post gives, `staff` without one; `mistakes`: (Chinese, English), none where it gives its seat.
    """

    provider: str
    value: str
    unit_code: str
    unit: UnitData | None
    post_key: str | None
    post: PostData | None
    grants: tuple[str, ...]
    roles: tuple[str, ...]
    mistakes: tuple[tuple[str, str], ...]


def mapping(session: Session, deps: Deps, caller: Caller) -> list[GroupSeat]:
    """Every row, as the file has them. For everybody who reads the organisation. Three statements."""
    require(caller, "organisation.read")
    chart = Chart(read_units(session), read_posts(session))
    day = deps.office.current(session).day
    rows = session.execute(sa.select(*_HELD.c).order_by(_HELD.c.id))
    return [_seen(deps, chart, day, row.provider, row.value, row.unit, row.post, row.roles) for row in rows]


def _seen(
    deps: Deps,
    chart: Chart,
    day: date,
    provider: str,
    value: str,
    unit: str,
    post: str | None,
    roles: list[str],
) -> GroupSeat:
    held = chart.posts.get(post or "")
    seat = SeatData(unit=unit, post=post, roles=tuple(roles))
    return GroupSeat(
        provider,
        value,
        unit,
        chart.units.get(unit),
        post,
        held,
        held.grants if held else () if post else ("staff",),
        tuple(roles),
        tuple(_mistakes(deps, chart, day, provider, seat)),
    )


def _mistakes(
    deps: Deps, chart: Chart, day: date, provider: str, seat: SeatData
) -> Iterator[tuple[str, str]]:
    if deps.providers.named(provider) is None:
        yield (
            f"系统设置中没有统一认证“{provider}”，该行不起作用。",
            f"the settings name no identity provider {provider}; the row gives nothing.",
        )
    for wrong in check_seat(chart, PersonData("", ""), seat):
        yield wrong.message_zh, wrong.message
    if seat.unit in chart.units and not is_open(chart, seat.unit, day):
        yield (
            f"单位“{seat.unit}”今日未生效，不会给出任职。",
            f"the unit {seat.unit} is not in effect today; no seat in it is given.",
        )
