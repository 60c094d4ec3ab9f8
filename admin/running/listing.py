"""The list of instances."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for

from admin import queries
from admin.deadlines.outcomes import day_asked
from admin.page import Answer, Page
from engine.errors import InvalidInput
from tasks.deadlines.calendar.arithmetic import OutsideCalendar, end_of
from tasks.permissions.matrix import BLIND, VERBS
from tasks.permissions.visibility import reach
from tasks.processes.listing import STATES, Wanted, instance_list

_TEXTS = {"process": 200, "state": 20, "element": 200, "unit": 200, "key": 200, "incident": 3}


def instances(page: Page) -> Answer:
    """Instances the reader may see, the latest first, narrowed by what was asked for."""
    asked = {name: request.args.get(name, "").strip()[:most] for name, most in _TEXTS.items()}
    first, last, version = day_asked("first"), day_asked("last"), _version()
    try:
        wanted = Wanted(
            process=asked["process"] or None,
            version=version,
            state=asked["state"] or None,
            element=asked["element"] or None,
            incident={"yes": True, "no": False}.get(asked["incident"]),
            started_from=end_of(first - timedelta(days=1)) if first else None,
            started_before=end_of(last) if last else None,
            unit=asked["unit"] or None,
            key=asked["key"] or None,
        )
    except (OutsideCalendar, OverflowError):
        raise InvalidInput(
            "Instances were asked for from or to a day in no year that anybody counts in.",
            message_zh="起止日期不在可统计的年份之内。",
        ) from None
    found = instance_list(page.session, page.deps, page.caller, wanted, cursor=request.args.get("cursor"))
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    kept |= {"first": first, "last": last, "version": version}
    kept = {name: value for name, value in kept.items() if value}
    more = url_for("admin.instances", cursor=found.next_cursor, **kept) if found.next_cursor else None
    names = queries.process_names(page.session)
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template(
            "running/instance_rows.html", items=found.items, names=names, more=more, may=page.may
        )
    return page.render(
        "running/instances.html",
        section="admin.instances",
        asked={**asked, "first": first or "", "last": last or "", "version": version or ""},
        narrowed=bool(kept),
        names=names,
        states=STATES,
        units=units(page, "instance.read"),
        items=found.items,
        more=more,
        as_of=page.deps.clock.now(),
    )


def units(page: Page, verb: str, *, all_roles: frozenset[str] = BLIND) -> list[tuple[str, str, int]]:
    """Code, name and depth of the units whose cases may be asked for with `verb`, by the tree: those in reach, all of them for
    `all_roles`.
    """
    organisation = page.deps.office.current(page.session).organisation
    everything = bool(page.caller.roles & VERBS[verb].roles & all_roles)
    places = reach(page.caller, verb)
    near = [
        unit
        for unit in organisation.units
        if everything or any(unit.path.startswith(place) for place in places)
    ]
    least = min((unit.path.count("/") for unit in near), default=0)
    return [
        (unit.code, unit.name, unit.path.count("/") - least)
        for unit in sorted(near, key=lambda unit: unit.path)
    ][:1_000]


def _version() -> int | None:
    text = request.args.get("version", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and 0 < int(text[:12]) < 2**31:
        return int(text[:12])
    raise InvalidInput(
        f"Instances of the version {text[:20]!r} were asked for; a version is a number such as 3.",
        message_zh=f"版本“{text[:20]}”不对，应为数字。",
    )
