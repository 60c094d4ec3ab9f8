"""Draws properties on elements, and follows from move to move what began and what is over."""

from __future__ import annotations

import re
from uuid import UUID
from xml.sax.saxutils import quoteattr

from engine.dialect import SourceFile
from engine.ports import Passage
from engine.testing import Harness


def with_properties(file: SourceFile, **properties: dict[str, str]) -> SourceFile:
    """The file with `camunda:property` values: element id → name → value."""
    text = file.content.decode()
    for element, pairs in properties.items():
        written = "".join(
            f"<camunda:property name={quoteattr(name)} value={quoteattr(value)}/>"
            for name, value in pairs.items()
        )
        held = f"<camunda:properties>{written}</camunda:properties>"
        opening = re.search(f'<bpmn:[^>]* id="{re.escape(element)}"[^>]*>', text)
        assert opening, element
        at = opening.end()
        if text[at - 2] == "/":
            raise AssertionError(f"{element} is drawn without an inside")
        if text[at:].startswith("<bpmn:extensionElements>"):
            at += len("<bpmn:extensionElements>")
            text = text[:at] + held + text[at:]
        else:
            text = f"{text[:at]}<bpmn:extensionElements>{held}</bpmn:extensionElements>{text[at:]}"
    return SourceFile(file.name, text.encode())


def check_passages(run: Harness) -> tuple[dict[UUID, Passage], dict[UUID, bool]]:
    """Follow every move; return what has begun and not ended, and how each ended passage ended.

    Nothing begins twice, nothing is over that has not begun, nothing is over twice. A user activity begins by being entered.
    """
    open_: dict[UUID, Passage] = {}
    people: set[UUID] = set()
    ended: dict[UUID, bool] = {}
    for move in run.recorder.moves:
        for passage in move.began:
            assert passage.id not in open_ and passage.id not in ended, f"{passage.activity_id} began twice"
            open_[passage.id] = passage
        people |= {activity.id for activity in move.entered}
        for over in move.over:
            assert over.id not in ended, f"{over} is over twice"
            assert over.id in open_ or over.id in people, f"{over} is over and has not begun"
            open_.pop(over.id, None)
            ended[over.id] = over.done
        for task in (*move.completed, *move.cancelled):
            people.discard(task)
        assert len(set(move.completed)) == len(move.completed)
    return open_, ended


def began(run: Harness) -> list[str]:
    """Return the elements that have begun so far, in order, with `!` where they are timers."""
    return [
        passage.activity_id + ("!" if passage.timer else "")
        for move in run.recorder.moves
        for passage in move.began
    ]


def ended(run: Harness) -> list[str]:
    """Return the elements that are over so far, in order, with `-` in front where they were taken away."""
    names = {p.id: p.activity_id for move in run.recorder.moves for p in move.began}
    names |= {a.id: a.activity_id for move in run.recorder.moves for a in move.entered}
    return [("" if over.done else "-") + names[over.id] for move in run.recorder.moves for over in move.over]
