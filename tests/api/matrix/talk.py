"""How people comment and are told in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from tasks.talk.causes import MENTION
from tasks.talk.tables import Notice
from tasks.talk.telling import tell
from tests.api.matrix import cases, tasks
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World

TEXT = {"text": "先查话单"}
OVER = {"completed": 409, "cancelled": 409}
"""Of a task that is over its case is the place to comment on."""


def notice(world: World, login: str) -> Mapping[str, Any]:
    about = uuid4()
    with world.acting(login) as (session, caller):
        tell(session, world.clock, MENTION, about, people=[caller.id], fields={"who": "李楠", "task": ""})
    with world.session() as session:
        last = sa.select(Notice.id).where(Notice.to_person == world.id_of(login)).order_by(Notice.id.desc())
        return {"notice_id": session.scalars(last.limit(1)).one()}


def notice_of_another(world: World, _login: str) -> Mapping[str, Any]:
    return notice(world, "stranger")


def _up_to(world: World, login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"up_to": str(notice(world, login)["notice_id"])}


RECIPES = {
    "listCaseComments": Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange),
    "commentCase": Recipe(
        {"open": cases.case, "over": cases.over}, stranger=cases.strange, body=TEXT, good=201
    ),
    "listTaskComments": Recipe(tasks.STATES, stranger=tasks.strange),
    "commentTask": Recipe(tasks.STATES, stranger=tasks.strange, body=TEXT, good=201, otherwise=OVER),
    "listNotices": Recipe(),
    "countNotices": Recipe(),
    "readNotice": Recipe({"": notice}, stranger=notice_of_another, good=204),
    "readNotices": Recipe(body=_up_to),
    "readNoticePreferences": Recipe(),
    "setNoticePreferences": Recipe(body={"how": [], "quiet": {"begins": "22:00", "ends": "07:00"}}),
}

PAGES = {
    "case_comments": Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange),
    "comment_case": Recipe(
        {"open": cases.case, "over": cases.over}, stranger=cases.strange, data=TEXT, good=303
    ),
    "task_comments": Recipe(tasks.STATES, stranger=tasks.strange),
    "comment_task": Recipe(tasks.STATES, stranger=tasks.strange, data=TEXT, good=303, otherwise=OVER),
    "notices": Recipe(),
    "bell": Recipe(),
    "read_notices": Recipe(data=_up_to, good=303),
    "prefer_notices": Recipe(data={"begins": "22:00", "ends": "07:00"}, good=302),
    "open_notice": Recipe({"": notice}, stranger=notice_of_another, good=303),
}
