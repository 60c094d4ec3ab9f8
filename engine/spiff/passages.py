"""Passages: what the rooms above keep time of. Each is told once when it begins and once when it is over.

A passage lasts as long as its token stands at the element. Of an event at a border, and of the start event of an event
sub-process, that is from when it begins to listen; one that listens on after it has happened begins again, as another
token. Of a repeated activity every item or round is a passage, the activity as a whole is none. A manual task is a user
activity here, and told as such.

The token remembers that it has begun (internal data `began`), so nothing is told twice, whatever is retried in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.dialect.model import WATCHED
from engine.spiff.run import Began, Ended

if TYPE_CHECKING:
    from engine.dialect.model import Node
    from engine.spiff.task import Token

_NOT_TOLD = ("Gateway", "listener", "root")


def watched(properties: Mapping[str, str]) -> dict[str, str]:
    """Return the properties for whose sake an element is told of."""
    return {name: text for name, text in properties.items() if name.startswith(WATCHED)}


def is_watched(node: Node) -> bool:
    """Tell whether an activity or event carries such a property."""
    return bool(node.properties) and not node.kind.endswith(_NOT_TOLD) and bool(watched(node.properties))


def evaluated(token: Token, properties: Mapping[str, str], view: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with those evaluated that begin with "=". Raises ActivityFailed."""
    run = token.workflow.top_workflow.run
    return {
        key: run.evaluator.value(text[1:], view, run.warned.by(token, "property", key))
        if text.startswith("=")
        else text
        for key, text in properties.items()
    }


def inside(token: Token) -> tuple[UUID, ...]:
    """Return the tokens a token stands in, innermost first: the activity it listens at the border of, the activity it is an
    item of, the sub-processes and call activities around. The instance is not among them.
    """
    found: list[UUID] = []
    at: Token | None = token
    while at is not None:
        parent = at.parent
        if "item" in at.internal_data or (at.at_border and parent is not parent.workflow.task_tree):
            at = parent
        else:
            at = at.workflow.parent_token()
        if at is not None:
            found.append(at.id)
    return tuple(found)


def begin(
    token: Token,
    properties: Mapping[str, Any],
    *,
    timer: bool = False,
    drawn: Mapping[str, str] | None = None,
) -> None:
    """Tell that a passage begins, unless it has been told. properties: evaluated.

    drawn: what a called process is drawn with, which is told of its call activity too.
    """
    if "began" not in token.internal_data:
        token.internal_data["began"] = dict(drawn) if drawn else 1
        run = token.workflow.top_workflow.run
        run.began.append(Began(token, inside(token), properties, timer))


def begin_process(token: Token) -> None:
    """Tell that the process itself begins, with the token on its start event. Raises ActivityFailed."""
    scope = token.workflow
    root = scope.task_tree
    if "began" not in root.internal_data:
        properties = evaluated(token, scope.spec.properties, scope.view(token))
        root.internal_data["began"] = 1
        # What listens to the whole process was there before its first token; the process goes before it.
        scope.run.began.insert(0, Began(root, (), properties, False))


def over(token: Token, *, done: bool) -> None:
    """Tell that a passage or a watched user activity is over, unless it has not begun or that has been told."""
    began = token.internal_data.pop("began", None)
    if began is not None:
        drawn = token.task_spec.node.properties
        run = token.workflow.top_workflow.run
        run.over.append(Ended(token, done, {**began, **drawn} if isinstance(began, dict) else drawn))


def left_by(token: Token, throw: Callable[[], bool]) -> bool:
    """Throw what an event throws; what catches it may take the event's own token away, which has passed all the same.

    Returns whether it was caught.
    """
    began = token.internal_data.pop("began", None)
    caught = throw()
    if began is not None:
        token.internal_data["began"] = began
        if caught:
            over(token, done=True)
    return caught


def process_over(instance: Any, *, done: bool) -> None:
    """Tell that the process itself is over, if it has begun."""
    root = instance.task_tree
    if root.internal_data.pop("began", None) is not None:
        instance.run.over.append(Ended(root, done, instance.spec.properties))
