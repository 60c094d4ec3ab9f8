"""Sets variables of a running instance: how an operator gives what a diagram reads and nobody gave.

Only what belongs to the author is set here. What people answered, tables decided and operations returned is a record of
what happened; nobody corrects it from outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import journal
from engine.actor import Actor
from engine.dialect.ids import author_id, engine_id
from engine.dialect.model import HOMES
from engine.errors import InvalidInput
from engine.instance import locked, require_active
from engine.ports import Move
from engine.spiff.run import ActivityFailed
from engine.spiff.workflow import Instance

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

_NAME = re.compile(r"(?!__)[^\W\d][\w-]{0,199}\Z")


def set_variables(
    engine: ProcessEngine,
    session: Session,
    instance_id: UUID,
    variables: Mapping[str, Any],
    *,
    reason: str,
    at: str | None,
    actor: Actor,
) -> Move:
    """Set variables by their root names, keep what they were before in the history, and run to rest.

    at: an activity the instance is at: the variables are those it sees, which differ from the process's only in a called
    process or repeated scope with its own. Raises NotFound, WrongState, InvalidInput.
    """
    row = locked(session, instance_id)
    require_active(row, "Setting variables")
    instance = engine.acting.restore(session, row)
    scope, lineage = _place(instance, at)
    if not variables:
        raise InvalidInput("Setting variables was refused: none is named.")
    before = {name: scope.store.values[name] for name in variables if name in scope.store.values}
    for name, value in variables.items():
        _refuse(name, before)
        try:
            scope.store.write(name, value, lineage=lineage, force=True)
        except ActivityFailed as failure:
            raise InvalidInput(failure.message, message_zh=failure.message_zh) from failure
    told = {"variables": dict(variables), "before": before, "reason": reason}
    line = journal.event("variables_set", told | ({"at": at} if at else {}))
    return engine.acting.settle(session, row, instance, actor, [line])


def _place(instance: Instance, at: str | None) -> tuple[Any, str]:
    """Return the scope whose variables are set and the lineage of who sets them."""
    if at is None:
        return instance, ""
    wanted = engine_id(at)
    live = [token for scope in instance.scopes() for token in scope.live_tokens()]
    found = [token for token in live if token.task_spec.bpmn_id == wanted]
    stores = {id(token.workflow.store) for token in found}
    if len(stores) == 1:
        return found[0].workflow, found[0].lineage
    if stores:
        raise InvalidInput(
            f"Setting variables at '{at}' was refused: it is active {len(stores)} times with variables of its own each.",
            message_zh=f"不能在“{at}”设置变量：它同时有 {len(stores)} 处各自独立的变量。",
        )
    there = sorted({author_id(token.task_spec.bpmn_id) for token in live if token.task_spec.is_activity})
    raise InvalidInput(
        f"Setting variables at '{at}' was refused: the instance is not there; it is at {', '.join(there) or 'no activity'}.",
        message_zh=f"不能在“{at}”设置变量：流程不在那里；当前位于 {'、'.join(there) or '无活动'}。",
    )


def _refuse(name: str, before: Mapping[str, Any]) -> None:
    """Refuse a name that is none, and the homes of what has happened, unless the author has a variable called so."""
    if not _NAME.match(name):
        raise InvalidInput(
            f'Setting "{name[:80]}" was refused: it is no name of a variable; use letters, digits and _.',
            message_zh=f"不能设置“{name[:80]}”：不是变量名；请使用字母、数字和 _。",
        )
    if name in HOMES and isinstance(before.get(name, {}), dict):
        raise InvalidInput(
            f'Setting "{name}" was refused: it holds what has happened in the instance; set a variable of the diagram.',
            message_zh=f"不能设置“{name}”：它保存流程中已发生的内容；请设置流程图自己的变量。",
        )
