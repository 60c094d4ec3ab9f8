"""What the page of an instance shows beside where it stands: its data, history, clocks, version, and what runs beside it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from admin.deadlines import clocks
from admin.page import Answer, Page
from admin.running.data import cut, failed, trees
from admin.show.story import sentence_words
from engine.deployment import latest_definition
from engine.dialect.ids import author_id
from engine.errors import InvalidInput
from tasks.cases.reading import read_case
from tasks.processes.history import ABOUT, PAGE, latest_lines
from tasks.processes.instances import InstanceView
from tasks.processes.listing import beside
from tasks.processes.variables import read_variables

ABOUT_WORDS = {
    "activity": ("节点", "elements"),
    "decision": ("决策", "decisions"),
    "event": ("消息、信号与错误", "messages, signals, errors"),
    "timer": ("定时", "timers"),
    "incident": ("异常与提醒", "incidents and warnings"),
    "instance": ("流程本身", "the instance itself"),
}


def older(page: Page, view: InstanceView) -> Answer | None:
    """More rows of the history, where only those were asked for."""
    if not (request.headers.get("HX-Request") and request.args.get("before")):
        return None
    story = _story(page, view)
    return render_template(
        "running/history_rows.html",
        lines=story["lines"],
        more=story["more"],
        process_key=view.instance.process_key,
    )


def panels(page: Page, view: InstanceView) -> dict[str, Any]:
    """What the templates of the panels are given."""
    row = view.instance
    find = request.args.get("find", "").strip()[:100]
    data = read_variables(page.session, page.deps, page.caller, row.id)
    scopes, cut_short = trees(data, find)
    reads = {incident: failed(found) for incident, found in data.failing.items()}
    current = latest_definition(page.session, row.process_key).version
    found: dict[str, Any] = {
        "find": find,
        "scopes": scopes,
        "cut_short": cut_short,
        "reads": reads,
        "expressions": {
            one.id: cut(one.expression, one.position) for one in view.incidents if one.expression
        },
        "asked_for": sorted(
            {
                one["path"].partition(".")[0]
                for expressions in reads.values()
                for expression in expressions
                for one in expression["reads"]
                if one["kind"] == ("不存在", "missing")
            }
        ),
        "places": [
            (author_id(one.activity_id), one.activity_name or author_id(one.activity_id))
            for one in {one.activity_id: one for one in view.activities}.values()
        ],
        "current": current,
        "move_url": url_for("admin.move", key=row.process_key) if page.may("instance.migrate") else None,
        "story": _story(page, view),
        "beside": beside(page.session, page.deps, page.caller, row.id, row.business_key),
    }
    if view.contents and view.number and page.may("clock.read") and page.may("case.read"):
        case = read_case(page.session, page.deps, page.caller, view.number)
        if case.inside:
            found |= {"with_clocks": True, **clocks.case_panel(page, case)}
    return found


def _story(page: Page, view: InstanceView) -> dict[str, Any]:
    about, element = request.args.get("about", "")[:40], request.args.get("element", "").strip()[:200]
    text = request.args.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInput(
            f"The history before {text[:40]!r} was asked for; that is no line of it.",
            message_zh="经过的位置不对。",
        )
    lines = latest_lines(
        page.session,
        page.deps,
        page.caller,
        view.instance.id,
        about=about or None,
        element=element or None,
        before=int(text) if text else None,
        limit=PAGE + 1,
    )
    shown = [_line(one) for one in lines[:PAGE]]
    kept = {name: value for name, value in (("about", about), ("element", element)) if value}
    more = None
    if len(lines) > PAGE:
        more = url_for("admin.instance", instance_id=view.instance.id, before=shown[-1]["id"], **kept)  # type: ignore[arg-type]
    return {
        "lines": shown,
        "more": more,
        "about": [(key, ABOUT_WORDS[key]) for key in ABOUT],
        "asked": about,
        "element": element,
    }


def _line(row: Any) -> dict[str, Any]:
    names = ("id", "at", "kind", "activity_id", "activity_name", "scope", "actor_name")
    return {**{name: getattr(row, name) for name in names}, "said": sentence_words(row)}
