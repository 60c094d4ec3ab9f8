"""Starts an instance: finds the version, makes its row, and runs it from its start event to rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import journal
from engine.actor import SYSTEM, Actor
from engine.choosing import require_not_retired
from engine.deployment import definition_and_choice
from engine.dialect.model import own_entries
from engine.errors import InvalidInput
from engine.instance import ACTIVE, Locked, ProcessInstance
from engine.ports import FormWarning, Move
from engine.spiff.run import ActivityFailed
from engine.spiff.workflow import Instance

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


def start(
    engine: ProcessEngine,
    session: Session,
    process_key: str,
    *,
    business_key: str,
    variables: Mapping[str, Any],
    answers: Mapping[str, Any],
    actor: Actor,
    version: int | None,
    start_event: str | None,
    form_warnings: Sequence[FormWarning],
    even_retired: bool,
) -> Move:
    """Start an instance of the current (or the given) version and run it to rest (see `ProcessEngine.start`).

    Raises NotFound, InvalidInput, Retired.
    """
    definition, choice = definition_and_choice(session, process_key, version=version)
    if not even_retired:
        require_not_retired(definition, choice)
    instance_id = engine.new_id()
    row = Locked(
        instance_id, definition.id, definition.deployment_id, definition.key, business_key, ACTIVE, 0, b""
    )
    spec = engine.catalog.spec(session, definition.id)
    if start_event is not None and start_event not in spec.starts:
        raise InvalidInput(
            f"Starting '{definition.key}' at '{start_event}' was refused: it has no such start event; there are: "
            f"{', '.join(spec.starts)}."
        )
    instance = Instance(spec, str(definition.id), engine.acting.run(session, row))
    start = spec.task_specs[start_event or spec.entries[0]].node
    if start.initiator:
        variables = {start.initiator: actor.login or SYSTEM.id, **variables}
    for name, value in {**own_entries(start, answers), **variables}.items():
        try:
            instance.store.write(name, value, lineage="")
        except ActivityFailed as failure:
            raise InvalidInput(failure.message) from failure
    session.execute(
        sa.insert(ProcessInstance),
        [
            {
                "id": instance_id,
                "definition_id": definition.id,
                "deployment_id": definition.deployment_id,
                "process_key": definition.key,
                "version": definition.version,
                "business_key": business_key,
                "status": ACTIVE,
                "revision": 0,
                "state": b"",
                "started_at": instance.run.now(),
                "started_by": actor.id,
            }
        ],
    )
    first = instance.begin(start_event)
    instance.run.warned.of_form(first, form_warnings)
    return engine.acting.settle(session, row, instance, actor, [journal.event("instance_started")])
