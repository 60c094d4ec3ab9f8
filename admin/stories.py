"""The story of an instance as the pages of its case and its tasks tell it: with what people wrote and messages carried,
under the labels of the forms, and with what decisions came to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from admin import queries
from admin.instances import history, live_activities
from admin.page import Page
from admin.show import decisions, story
from admin.show.facts import NO_PAPERS, FactGroup, Papers, read_facts
from admin.show.filters import in_words
from admin.show.groups import name_of, persons_in
from admin.show.language import brief
from tasks.cases.letterbox import OF_THE_SYSTEM
from tasks.forms.reading import read_form
from tasks.processes.instances import InstanceView

LATEST = 20
"""Lines beside the work of a task; older ones stand there too where somebody has written something."""

ANY_WORDS: Mapping[str, Any] = {
    "type": "default",
    "components": [
        {
            "type": "textarea",
            "key": "text",
            "label": "内容",
            "description": "客户的原话或说明，可不填 In the customer's words, or nothing",
            "validate": {"maxLength": 2000},
        }
    ],
}
"""What is asked of a message whose form the diagram leaves open: a line of text."""


def tell_story(
    page: Page,
    instance_id: UUID,
    events: Sequence[Any],
    live: Sequence[Any],
    *,
    everything: bool = False,
    papers: Papers = NO_PAPERS,
) -> list[story.Entry]:
    """The story of an instance, latest first. events: its history as the reader may read it; papers: the files they may have."""
    stored = queries.answers_of(page.session, instance_id)

    def answers(event: Any) -> list[FactGroup]:
        if event.kind == "message_correlated":
            return _carried(page, event.data or {}, papers)
        row = stored.get(event.token_id)
        if row is None or row.answers is None:
            return []
        return read_facts(read_form(page.session, page.deps, row.form_id, ended=True), row.answers, papers)

    if not everything:
        # A task given to several people at once also ends as a whole; its people's lines say the same.
        events = [
            event
            for event in events
            if not (event.kind == "activity_completed" and event.activity_type == "userTask")
            or event.token_id in stored
        ]
    return story.tell(
        events,
        live={token.token_id for token in live},
        answers=answers,
        everything=everything,
        decided=decided(page, events),
    )


def decided(page: Page, events: Sequence[Any]) -> story.Decided:
    """Tells decisions in the words of the tables that made them, and stored codes by their names."""
    evidence = [event.data or {} for event in events if event.kind == "decision_evaluated"]
    tables = queries.decision_tables(page.session, {one.get("resource") for one in evidence})
    organisation = page.deps.office.current(page.session).organisation

    people = queries.names_of_people(page.session, persons_in(one.get("result") for one in evidence))

    def value(one: Any) -> str:
        if isinstance(one, list):
            return brief("、", ", ").join(value(each) for each in one) or in_words(one)
        return name_of(organisation, one, people) if isinstance(one, str) and one else in_words(one)

    def told(data: Mapping[str, Any]) -> tuple[str, str]:
        table = tables.get(str(data.get("resource")), {}).get(str(data.get("decision")))
        return decisions.conclusion(table, data, value)

    return told


def _carried(page: Page, data: Mapping[str, Any], papers: Papers) -> list[FactGroup]:
    """What a message has brought: nothing of the system's own, whose effect has a line of its own, and nothing that is
    withheld from the reader (`tasks.permissions.technical`).
    """
    payload = data.get("payload")
    if not payload or str(data.get("message")).startswith(OF_THE_SYSTEM):
        return []
    form = UUID(data["form"]) if data.get("form") else None
    schema = read_form(page.session, page.deps, form, ended=True)
    return read_facts(ANY_WORDS if schema is None and set(payload) <= {"text"} else schema, payload, papers)


def short_story(page: Page, view: InstanceView, papers: Papers) -> list[story.Entry]:
    """The latest lines worth reading of an instance, and all that hold what somebody has written: who goes on with the work
    reads what was asked of it, however long ago. papers: the files the reader may have.
    """
    events, live = history(page, view.instance.id), live_activities(view)
    told = tell_story(page, view.instance.id, events, live, papers=papers)
    return [one for place, one in enumerate(told) if place < LATEST or one.answers]
