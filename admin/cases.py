"""Cases: finding them, one case with its diagram and its story, filing a new one, steering its instance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, session, url_for

from admin import linked, papers, queries
from admin.deadlines import clocks, supervision
from admin.instances import history, live_activities
from admin.page import Answer, Page, covers, json_answers
from admin.pictures import picture
from admin.show import story
from admin.show.clocks import face_words, task_words
from admin.show.court import court_words
from admin.show.facts import NO_PAPERS, FactGroup, Papers, read_facts
from admin.show.groups import group_name, unit_name
from admin.show.language import plain
from admin.show.warned import lines_of
from admin.stories import ANY_WORDS, decided, tell_story
from admin.talk import talk_of_case
from engine.errors import NotFound
from tasks.cases import filing
from tasks.cases.confiding import confide_case
from tasks.cases.facts import facts_of, summary
from tasks.cases.letterbox import open_messages
from tasks.cases.outcomes import OUTCOMES, outcome_words
from tasks.cases.outward import outward
from tasks.cases.reading import case_list, read_case
from tasks.cases.submissions import Sent
from tasks.deadlines.court.reading import court_of
from tasks.deadlines.faces.reading import clocks_of_cases, clocks_of_tasks
from tasks.forms.reading import read_form
from tasks.processes.instances import read_instance
from tasks.processes.steering import send_message

CODES = "query_codes"
"""The signed cookie carries a new case's query code over to the page that shows it, once."""
REPEATED_WITHIN = timedelta(hours=1)


def cases(page: Page) -> Answer:
    """The cases my units took part in, latest first; a full number in the search box opens its
    case, and any part of what a case says finds it."""
    filters = {key: request.args.get(key, "").strip()[:80] for key in ("q", "regime", "status", "outcome")}
    found = case_list(
        page.session,
        page.caller,
        q=filters["q"] or None,
        regime=filters["regime"] or None,
        status=filters["status"] or None,
        outcome=filters["outcome"] or None,
        cursor=request.args.get("cursor"),
    )
    if filters["q"] and len(found.items) == 1 and found.items[0].number == filters["q"]:
        return redirect(url_for("admin.case", number=filters["q"]))
    names = queries.process_names(page.session)
    organisation = page.deps.office.current(page.session).organisation
    instances = [row.instance_id for row in found.items if row.instance_id and row.inside]
    failing = queries.failing(page.session, instances)
    warned = queries.warned(page.session, instances) if reads_warnings(page) else {}
    faces = clocks_of_cases(page.session, page.deps, [row.id for row in found.items if row.inside])
    items = [
        {
            "number": row.number,
            "regime_name": names.get(row.regime, row.regime),
            "status": row.status or "active",
            "outcome": outcome_words(row.outcome) if row.outcome and row.inside else None,
            "incident": row.instance_id in failing,
            "warnings": warned.get(row.instance_id, 0),
            "confidential": row.confidential,
            "summary": "" if row.confidential else summary(facts_of(row)),
            "unit": unit_name(organisation, row.org_path) if row.inside else "",
            "filed_at": row.filed_at,
            "clock": face_words(faces.get(row.id)),
        }
        for row in found.items
    ]
    kept = {key: value for key, value in filters.items() if value}
    more = url_for("admin.cases", cursor=found.next_cursor, **cast(Any, kept)) if found.next_cursor else None
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("parts/case_rows.html", items=items, more=more)
    regimes = {one.key: one.name for one in filing.regimes(page.session, page.deps)}
    return page.render(
        "cases.html",
        section="admin.cases",
        filters=filters,
        process_names=regimes.items(),
        outcomes=OUTCOMES.items(),
        items=items,
        more=more,
        as_of=page.deps.clock.now(),
    )


def case(page: Page, number: str) -> Answer:
    """One case: where it stands in the picture, what happened, what was said when it was filed."""
    row = read_case(page.session, page.deps, page.caller, number)
    if not row.inside:
        return _outward(page, row)
    view = read_instance(page.session, page.deps, page.caller, row.instance_id)
    events = history(page, row.instance_id)
    everything = request.args.get("story") == "all"
    names = {(event.scope, event.activity_id): event.activity_name for event in events if event.activity_name}
    by_element = {activity: name for (_, activity), name in names.items()}
    organisation = page.deps.office.current(page.session).organisation
    now = page.deps.clock.now()
    faces = clocks_of_tasks(page.session, page.deps, [one.id for one in view.tasks])
    live = live_activities(view)
    links = papers.links(page, number)
    return page.render(
        "case.html",
        section="admin.cases",
        island=True,
        case={
            "number": row.number,
            "regime_name": view.name,
            "version": view.instance.version,
            "status": row.status,
            "outcome": outcome_words(row.outcome) if row.outcome else None,
            "summary": summary(facts_of(row)),
            "filed_at": row.filed_at,
            "filed_by": row.filed_by_name,
            "unit": unit_name(organisation, row.org_path),
            "ended_at": row.ended_at,
            "end_reason": view.instance.end_reason,
            "instance_id": row.instance_id,
            "confidential": row.confidential,
            "confidential_reason": row.confidential_reason,
        },
        query_code=(session.pop(CODES, None) or {}).get(number),
        messages=open_messages(page.session, page.deps, page.caller, row),
        incidents=[one for one in view.incidents if one.resolved_at is None],
        warnings=lines_of(view.warnings) if reads_warnings(page) else [],
        timers=[
            {"name": by_element.get(one.activity_id, one.activity_id), "due_at": one.due_at}
            for one in view.timers
        ],
        **linked.panels(page, row),
        open_tasks=[
            {
                "id": one.id,
                "name": one.name,
                "state": one.state,
                "lane": one.lane,
                "by": one.assignee_name or group_name(organisation, one.candidate_group),
                "since": one.created_at,
                "clock": task_words(one, faces.get(one.id), now),
            }
            for one in view.tasks
            if one.state in ("created", "assigned")
        ],
        diagram=picture(
            page,
            row.definition_id,
            marks=story.marks_of(events, live, view.incidents),
            events=story.element_events(events, decided(page, events)),
        ),
        case_facts=facts_of_case(page, row.definition_id, facts_of(row), links),
        history=tell_story(page, row.instance_id, events, live, everything=everything, papers=links),
        talk=talk_of_case(page, number, archived=row.archived_at is not None),
        **clocks.case_panel(page, row),
        court=court_words(court_of(page.session, page.deps, row), organisation)
        if page.may("court.read")
        else None,
        supervision=supervision.panel(page, row.id) if page.may("supervision.read") else None,
        papers=papers.panel(
            page, number, closed=row.archived_at is not None or row.status not in ("active", "suspended")
        ),
        everything=everything,
    )


def _outward(page: Page, row: Any) -> Answer:
    """The case for a body outside the company."""
    shown = outward(page.session, page.deps, page.caller, row)
    return page.render(
        "case_outward.html",
        section="admin.cases",
        case=shown,
        regime_name=queries.process_names(page.session).get(row.regime, row.regime),
        case_facts=facts_of_case(page, row.definition_id, shown.facts) if shown.facts else [],
        query_code=(session.pop(CODES, None) or {}).get(row.number),
    )


def reads_warnings(page: Page) -> bool:
    """Whether warnings are put before this person: those who repair diagrams and runs. Everybody else who may see the
    case finds them among all steps of its history.
    """
    return page.may("incident.retry") or page.may("deployment.create")


def facts_of_case(
    page: Page, definition_id: UUID | None, facts: Mapping[str, Any], links: Papers = NO_PAPERS
) -> list[FactGroup]:
    """What was said when the case was filed, under the labels of its start form as it was then. definition_id: what the
    case itself runs under, also where it is shown beside the work of a process that is only linked with it. links: the
    papers of the case.
    """
    form_id = queries.start_form_id(page.session, definition_id) if definition_id else None
    return read_facts(read_form(page.session, page.deps, form_id, ended=True), facts, links)


def file_start(page: Page) -> Answer:
    """Choose what to file."""
    return page.render(
        "file_start.html", section="admin.file_start", regimes=filing.regimes(page.session, page.deps)
    )


def file_form(page: Page, regime: str) -> Answer:
    """The start form of a regime."""
    found = filing.regime(page.session, page.deps, regime)
    filing.require_in_use(found)
    page.deps.engine.catalog.require_startable(page.session, found.definition_id)
    form = {
        "schema": found.form or {"type": "default", "components": []},
        "data": {},
        "readonly": False,
        "action": url_for("admin.file_case", regime=regime),
        "draft": {"key": f"file.{regime}"},
        "papers": papers.form_papers(page),
        "columns": 3,
    }
    return page.render("file_form.html", section="admin.file_start", island=True, regime=found, form=form)


def file_case(page: Page, regime: str) -> Answer:
    """File a case and show it, with the query code this one time.

    A form sent again because its answer was lost (`X-Repeat`) leads to the case it has already become.
    """
    answers = json_answers()
    queries.one_filing_at_a_time(page.session, page.caller.id)
    if request.headers.get("X-Repeat"):
        since = page.deps.clock.now() - REPEATED_WITHIN
        for row in queries.filed_by(page.session, page.caller.id, regime, since):
            if covers(row.facts, answers):
                flash(plain("这件案件此前已登记成功。", "This case had been filed already."), "wait")
                return jsonify(next=url_for("admin.case", number=row.number))
    sent = Sent(request.get_data(cache=True), request.content_type or "")
    filed = filing.file_case(page.session, page.deps, page.caller, regime, answers, sent=sent)
    if filed.repeated:
        flash(plain("同一来文此前已登记。", "The same had been filed already."), "wait")
    elif filed.query_code:
        session[CODES] = {filed.number: filed.query_code}
    return jsonify(next=url_for("admin.case", number=filed.number))


def confide(page: Page, number: str) -> Answer:
    """Mark a case as confidential, or open it again, with a reason."""
    wanted = request.form.get("confidential") == "yes"
    confide_case(
        page.session,
        page.deps,
        page.caller,
        number,
        confidential=wanted,
        reason=request.form.get("reason", ""),
    )
    flash(
        plain("已标记为保密。", "Confidential from now on.")
        if wanted
        else plain("已解除保密。", "Open again."),
        "done",
    )
    return redirect(url_for("admin.case", number=number), 303)


def message_form(page: Page, number: str) -> Answer:
    """The form of a message the case waits for; a line of text where that has none."""
    row = read_case(page.session, page.deps, page.caller, number, verb="message.send")
    name = request.args.get("name", "")[:200]
    waiting = open_messages(page.session, page.deps, page.caller, row)
    found = next((one for one in waiting if one.name == name), None)
    if found is None:
        raise NotFound(
            f"The form of the message {name[:60]} of {number} was asked for; nothing waits for it.",
            message_zh="该案件没有在等待这样的消息。",
        )
    form = {
        "schema": found.form or ANY_WORDS,
        "data": found.context or {},
        "readonly": False,
        "action": url_for("admin.send", number=number, name=name),
        "draft": {"key": f"message.{number}.{name}"},
        "papers": papers.form_papers(page, number),
    }
    return page.render(
        "message_form.html", section="admin.cases", island=True, number=number, message=found, form=form
    )


def send(page: Page, number: str) -> Answer:
    """Pass on what the customer or somebody outside has said, to the step that waits for it: a form, or a line of text."""
    if request.is_json:
        name, payload = request.args.get("name", "")[:200], json_answers()
    else:
        name = request.form.get("message", "")[:200]
        text = request.form.get("text", "").strip()[:2000]
        payload = {"text": text} if text else {}
    sent = Sent(request.get_data(cache=True), request.content_type or "")
    taken = send_message(page.session, page.deps, page.caller, number, name, payload, sent)
    if taken.repeated:
        flash(plain("同一来件此前已收到，未重复办理。", "The same had been taken before."), "wait")
    else:
        flash(plain("消息已送达流程。", "The message was taken."), "done")
    target = url_for("admin.case", number=number)
    return jsonify(next=target) if request.is_json else redirect(target, 303)
