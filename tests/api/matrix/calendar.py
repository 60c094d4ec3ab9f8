"""How the working calendar is read and changed in the walk. What counts everywhere needs a seat at the root."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from tasks.core import table
from tasks.deadlines.calendar.tables import OfficeHoursRow, Workday
from tasks.organisation.revision import bump_office
from tasks.organisation.tables import Membership, OrgUnit
from tests.api.matrix.recipe import Make, Recipe, nothing
from tests.api.matrix.world import World

NOTICE = (
    "国务院办公厅关于2027年部分节假日安排的通知\n一、元旦：1月1日（周五）至3日（周日）放假，共3天。\n"
    "二、春节：2月5日至11日放假调休，共7天。\n三、清明节：4月3日至5日放假，共3天。\n四、劳动节：5月1日至5日放假调休，共5天。\n"
    "五、端午节：6月9日（周三）放假。\n六、中秋节：9月15日（周三）放假。\n七、国庆节：10月1日至7日放假调休，共7天。\n"
)


def at_the_root(world: World, login: str) -> Mapping[str, Any]:
    """Give somebody a further seat at headquarters, with the roles they have."""
    with world.session() as session:
        session.execute(
            sa.insert(table(Membership)).values(
                person_id=world.id_of(login),
                unit_id=session.scalar(sa.select(OrgUnit.id).where(OrgUnit.code == "hq")),
                title="",
                roles=sorted(world.roles(login) & {"supervisor", "operator"}),
                position=9,
            )
        )
        bump_office(session)
    return {}


def region(code: str) -> Make:
    return lambda _world, _login: {"region": code}


def day(code: str) -> Make:
    """A day the unit has decided already."""

    def make(world: World, _login: str) -> Mapping[str, Any]:
        with world.session() as session:
            session.execute(
                insert(table(Workday))
                .on_conflict_do_nothing()
                .values(
                    region=code, day=DAY, kind="rest", name="", source="台风停工", changed_by="",
                    changed_at=world.clock.now(),
                )
            )  # fmt: skip
        return {"region": code, "day": str(DAY)}

    return make


def hours(code: str) -> Make:
    def make(world: World, _login: str) -> Mapping[str, Any]:
        with world.session() as session:
            session.execute(
                insert(table(OfficeHoursRow))
                .on_conflict_do_nothing()
                .values(
                    region=code, spans="08:30-12:00,14:00-17:30", changed_by="", changed_at=world.clock.now()
                )
            )
        return {"region": code}

    return make


DAY = date(2026, 3, 5)
OWN, FAR = "henan_hotline", "zhejiang_hotline"

RECIPES = {
    "listCalendarYears": Recipe(),
    "readCalendarYear": Recipe({"": lambda _world, _login: {"year": 2026}}),
    "addWorkingDays": Recipe(query="?start=2026-03-02&amount=3"),
    "subtractWorkingDays": Recipe(query="?end=2026-03-05&amount=3"),
    "countWorkingDays": Recipe(query="?first=2026-03-02&last=2026-03-05"),
    "listCalendarOverrides": Recipe(query="?year=2026"),
    "importNotice": Recipe(
        {"": at_the_root, "beyond": nothing},
        otherwise={"beyond": 403},
        data=lambda _world, _login, _thing: {"text": NOTICE},
    ),
    "setCalendarDay": Recipe({"": day(OWN)}, stranger=day(FAR), body={"kind": "work", "reason": "值班"}),
    "removeCalendarDay": Recipe({"": day(OWN)}, stranger=day(FAR), query="?reason=done"),
    "setOfficeHours": Recipe(
        {"": region(OWN)}, stranger=region(FAR), body={"spans": "09:00-17:00", "reason": "作息调整"}
    ),
    "removeOfficeHours": Recipe({"": hours(OWN)}, stranger=hours(FAR), query="?reason=done"),
}

PAGES = {
    "calendar": Recipe(),
    "import_notice": Recipe(
        {"": at_the_root, "beyond": nothing},
        otherwise={"beyond": 403},
        data=lambda _world, _login, _thing: {"text": NOTICE},
    ),
    "change_day": Recipe(
        data=lambda _world, _login, _thing: {
            "region": OWN, "day": str(DAY), "kind": "work", "reason": "值班", "year": "2026",
        },
        good=302,
    ),
    "change_hours": Recipe(
        data=lambda _world, _login, _thing: {
            "region": OWN, "spans": "09:00-17:00", "reason": "作息调整", "year": "2026",
        },
        good=302,
    ),
}  # fmt: skip
