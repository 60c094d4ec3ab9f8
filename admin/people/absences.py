"""休假与代理: one's own absences, those of the people one leads, and handing over what somebody absent holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for

from admin.instants import instant_of
from admin.page import Answer, Page
from admin.show.groups import role_name
from admin.show.language import plain
from engine.errors import InvalidInput, NotFound, RedressError
from tasks.paging import LARGEST_PAGE
from tasks.people.absence import entering, handing, naming, reading
from tasks.people.absence.checking import roles_of
from tasks.people.absence.tables import HANDED_TO, state_of

MINE, THEIRS = "admin.my_absences", "admin.absences"


def mine(page: Page) -> Answer:
    """My own absences, and those in which I do somebody's work."""
    return _shown(page, MINE)


def theirs(page: Page) -> Answer:
    """Who is away of the people I lead, and who does their work."""
    return _shown(page, THEIRS)


def enter(page: Page) -> Answer:
    """Enter an absence, my own or that of somebody I lead."""

    def change() -> None:
        values = _values()
        try:
            entering.enter(page.session, page.deps, page.caller, values)
        except NotFound as refusal:  # of the person who was filled in
            raise InvalidInput(str(refusal), **refusal.facts) from None

    return _changed(page, change, "休假已登记。", "The absence was entered.")


def change(page: Page, absence_id: UUID) -> Answer:
    """Change until when it lasts and who does the work."""

    def change() -> None:
        values = _values(changing=True)
        entering.change(page.session, page.deps, page.caller, absence_id, values)

    return _changed(page, change, "休假已变更。", "The absence was changed.")


def cancel(page: Page, absence_id: UUID) -> Answer:
    """Call it off; one under way ends now."""

    def change() -> None:
        entering.cancel(page.session, page.deps, page.caller, absence_id)

    return _changed(page, change, "休假已取消。", "The absence was called off.")


def hand_over(page: Page, absence_id: UUID) -> Answer:
    """Hand over what the absent person holds, and say of each task what became of it."""
    try:
        done = handing.hand_over(page.session, page.deps, page.caller, absence_id, _field("to"))
    except InvalidInput as refusal:
        page.session.rollback()
        return _shown(page, _back(), refusal=refusal)
    return _shown(page, _back(), done=done)


def _changed(page: Page, change: Callable[[], None], zh: str, en: str) -> Answer:
    try:
        change()
    except InvalidInput as refusal:  # what is wrong with what was filled in is shown beside the form
        page.session.rollback()
        return _shown(page, _back(), refusal=refusal)
    flash(plain(zh, en), "done")
    return redirect(url_for(_back()))


def _shown(
    page: Page,
    section: str,
    *,
    refusal: RedressError | None = None,
    done: handing.HandedOver | None = None,
) -> Answer:
    session, deps, caller = page.session, page.deps, page.caller
    led = naming.people_led(session, deps, caller)
    only = caller.login if section == MINE else None
    ahead = reading.listed(session, deps, caller, limit=LARGEST_PAGE, person=only)
    over = reading.listed(session, deps, caller, over=True, limit=20, person=only)
    covering = [row for row in _substituting(page) if row.person_id != caller.id] if section == MINE else []
    leads = reading.places_led(caller)
    changeable = [row for row in ahead.items if row.changeable]
    organisation = deps.office.current(session).organisation
    own = deps.office.own_standing(session, caller.id, caller.login)
    response = page.render(
        "absences.html",
        section=section,
        mine=section == MINE,
        ahead=ahead.items,
        over=over.items,
        covering=covering,
        more=ahead.next_cursor is not None,
        may_change={row.id for row in changeable},
        held=handing.desks_of(session, caller, {row.person_id for row in changeable}),
        people=led if section == THEIRS else [],
        leads=bool(leads),
        substitutes=naming.substitutes_for(session, deps, caller) if section == MINE else led,
        roles=[(role, role_name(organisation, role)) for role in sorted(roles_of(own))],
        role_name=partial(role_name, organisation),
        approves="supervisor" in own.roles,
        handed_to=HANDED_TO,
        now=deps.clock.now(),
        state_of=state_of,
        refusal=refusal,
        typed=request.form if refusal is not None else {},
        done=done,
    )
    response.status_code = 422 if refusal is not None else 200
    return response


def _substituting(page: Page) -> list[Any]:
    """Absences in which somebody else's work is the caller's."""
    page_of_all = reading.listed(page.session, page.deps, page.caller, limit=LARGEST_PAGE)
    return [row for row in page_of_all.items if row.substitute_id == page.caller.id]


def _values(*, changing: bool = False) -> dict[str, Any]:
    """What the form asks for, as `entering` takes it. What a change leaves empty stays."""
    values: dict[str, Any] = {"until": _instant("until", "结束")}
    if changing:
        values |= {"substitute": _field("substitute") or None}
        return values
    roles = [role for entry in request.form.getlist("roles") for role in _listed(entry)]
    return {
        **values,
        "person": _field("person") or None,
        **({"from": begin} if (begin := _instant("from", "开始", needed=False)) else {}),
        "substitute": _field("substitute") or None,
        "roles": roles or None,
        "approvals": _field("approvals") == "yes",
        "hand_over": _field("hand_over") or None,
        "reason": _field("reason"),
    }


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]


def _instant(name: str, zh: str, *, needed: bool = True) -> datetime | None:
    """An instant as the field sends it. Raises InvalidInput."""
    at = instant_of(_field(name), f"{zh}时间")
    if at is None and needed:
        raise InvalidInput(f"No time was sent as '{name}'.", message_zh=f"请填写{zh}时间。")
    return at


def _back() -> str:
    """The page the form stood on."""
    return THEIRS if _field("back") == "theirs" else MINE


def _field(name: str) -> str:
    return request.form.get(name, "").strip()[:500]
