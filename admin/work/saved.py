"""Filters that are kept under a name: beside the lists, each with how many tasks it finds, and saved, renamed, shared, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl
from uuid import UUID

from flask import flash, redirect, request, url_for

from admin.errors import sentence_of
from admin.page import Answer, Page
from admin.show.groups import group_name
from admin.show.language import plain
from admin.work.narrowing import Narrowed, narrowed, of_filter
from engine.errors import InvalidInput, RedressError
from tasks.lists import checking, saved
from tasks.lists.counting import COUNT_CAP
from tasks.lists.named import LISTS


def kept(page: Page, name: str, asked: Narrowed) -> list[dict[str, Any]]:
    """The caller's filters and those shared with them, as a list shows them. Two statements."""
    if not page.may("filter.read"):
        return []
    organisation = page.deps.office.current(page.session).organisation
    found = []
    for each in saved.filters_of(page.session, page.deps, page.caller, counted=True):
        if each.list == "team" and not page.may("team.read"):
            continue
        words = of_filter(each.where, each.sort)
        found.append(
            {
                "id": each.id,
                "name": each.name,
                "address": _address(each.list, words),
                "here": each.list == name and words == asked,
                "mine": each.mine,
                "owner": each.owner_name,
                "group": each.shared_group,
                "shared": group_name(organisation, each.shared_group),
                "count": each.count,
                "capped": each.count == COUNT_CAP,
            }
        )
    return found


def groups_to_share_with(page: Page) -> Sequence[tuple[str, str]]:
    """With which of the caller's groups a filter may be shared, each with its name."""
    organisation = page.deps.office.current(page.session).organisation
    return [(group, group_name(organisation, group)) for group in checking.groups_to_share_with(page.caller)]


def save_filter(page: Page) -> Answer:
    """Keep what a list is narrowed by under a name."""
    name, asked = _list_asked()
    try:
        made = saved.save(
            page.session,
            page.deps,
            page.caller,
            {**_named(), "list": name, "sort": asked.sort, "where": asked.where},
        )
        flash(plain(f"已保存筛选“{made.name}”。", f"The filter {made.name} is saved."), "done")
    except InvalidInput as error:
        _refuse(error)
    return redirect(_address(name, asked), 303)


def change_filter(page: Page, filter_id: UUID) -> Answer:
    """Rename a filter or share it otherwise; with `anew`, keep under it what the list is narrowed by now."""
    name, asked = _list_asked()
    try:
        anew: Mapping[str, Any] = (
            {"list": name, "sort": asked.sort, "where": asked.where} if request.form.get("anew") else {}
        )
        made = saved.change(page.session, page.deps, page.caller, filter_id, {**_named(), **anew})
        flash(plain(f"已更改筛选“{made.name}”。", f"The filter {made.name} is changed."), "done")
    except InvalidInput as error:
        _refuse(error)
    return redirect(_address(name, asked), 303)


def drop_filter(page: Page, filter_id: UUID) -> Answer:
    """Delete a filter."""
    name, asked = _list_asked()
    saved.drop(page.session, page.deps, page.caller, filter_id)
    flash(plain("已删除筛选。", "The filter is deleted."), "done")
    return redirect(_address(name, asked), 303)


def _named() -> dict[str, Any]:
    return {"name": request.form.get("name", ""), "shared_group": request.form.get("shared_group") or None}


def _list_asked() -> tuple[str, Narrowed]:
    """The list the form was on, and by what it was narrowed."""
    name = request.form.get("list", "")
    return name if name in LISTS else "inbox", narrowed(dict(parse_qsl(request.form.get("query", ""))))


def _refuse(error: RedressError) -> None:
    flash(plain(sentence_of(error)[2], str(error)), "refused")


def _address(name: str, asked: Narrowed) -> str:
    return url_for(f"admin.{name}", **cast(Any, asked.address))
