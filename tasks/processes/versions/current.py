"""Making a version current, retiring a process and restoring it: the process owner's verbs. Instances stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import choosing
from engine.choosing import Chosen
from engine.deployment import ProcessChoice, ProcessDefinition, definition_and_choice
from engine.errors import InvalidInput
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from tasks.audit.recording import record
from tasks.core import storable
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What is decided about a process. version: the one starts and calls use, with whether that can start; chosen_*: who made
    it current instead of the newest, if somebody did; retired_*: since when nothing new starts, by whom and why.
    """

    key: str
    name: str
    version: int
    startable: bool
    chosen_at: datetime | None = None
    chosen_by_name: str = ""
    note: str = ""
    retired_at: datetime | None = None
    retired_by_name: str = ""
    retired_note: str = ""

    @property
    def chosen(self) -> bool:
        """Whether somebody made this version current."""
        return self.chosen_at is not None

    @property
    def retired(self) -> bool:
        """Whether nothing new starts."""
        return self.retired_at is not None


def standing(session: Session, caller: Caller, key: str) -> Standing:
    """What is decided about a process. Raises NotPermitted, NotFound."""
    require(caller, "definition.read")
    return _standing(*definition_and_choice(session, _key(key)))


def standings(session: Session, caller: Caller) -> dict[str, Standing]:
    """What is decided about every process about which something is, by key."""
    require(caller, "definition.read")
    rows = session.execute(
        sa.select(
            ProcessDefinition.key,
            ProcessDefinition.name,
            ProcessDefinition.version,
            ProcessDefinition.startable,
            ProcessChoice,
        )
        .join(ProcessChoice, ProcessChoice.process_key == ProcessDefinition.key)
        .where(
            sa.or_(ProcessChoice.definition_id == ProcessDefinition.id, ProcessChoice.retired_at.is_not(None))
        )
        .order_by(
            ProcessDefinition.key,
            sa.func.coalesce(ProcessChoice.definition_id == ProcessDefinition.id, sa.false()),
            ProcessDefinition.startable,
            ProcessDefinition.version,
        )
    )
    return {row.key: _standing(row, row.ProcessChoice) for row in rows}


def _standing(definition: Any, choice: ProcessChoice | None) -> Standing:
    said = (definition.key, definition.name or definition.key, definition.version, definition.startable)
    if choice is None:
        return Standing(*said)
    return Standing(
        *said,
        choice.chosen_at if choice.definition_id is not None else None,
        choice.chosen_by_name,
        choice.note,
        choice.retired_at,
        choice.retired_by_name,
        choice.retired_note,
    )


def running(session: Session, key: str) -> dict[int, int]:
    """How many instances have not ended, by version of a process."""
    rows = session.execute(
        sa.select(ProcessDefinition.version, sa.func.count())
        .join(ProcessInstance, ProcessInstance.definition_id == ProcessDefinition.id)
        .where(ProcessDefinition.key == key, ProcessInstance.status.in_((ACTIVE, SUSPENDED)))
        .group_by(ProcessDefinition.version)
    )
    return {row[0]: row[1] for row in rows}


def choose(session: Session, deps: Deps, caller: Caller, key: str, version: int, *, note: str) -> Chosen:
    """Make a version current: from now on starts, messages, timers, signals and calls of the latest use it.

    Raises NotPermitted, NotFound, InvalidInput without a note, NeedsBinding where something it asks for is not bound.
    """
    require(caller, "definition.choose")
    said = note_of(note, "making a version current", "设为当前版本")
    found = choosing.choose(deps.engine, session, _key(key), _version(version), actor=caller.actor, note=said)
    if found.changed:
        record(
            session,
            caller.actor,
            "definition.choose",
            at=deps.clock.now(),
            subject="definition",
            subject_id=found.definition_id,
            before={"process": f"{key} {found.before}"},
            after={"process": f"{key} {found.version}", "note": said},
        )
    return found


def retire(session: Session, deps: Deps, caller: Caller, key: str, *, note: str) -> None:
    """Let nothing new start with a process. What runs goes on, and so do calls of it.

    Raises NotPermitted, NotFound, InvalidInput without a note, WrongState where it is retired already.
    """
    require(caller, "definition.retire")
    said = note_of(note, "retiring a process", "停用")
    definition = choosing.retire(deps.engine, session, _key(key), actor=caller.actor, note=said)
    _recorded(session, deps, caller, definition, {"state": "in use"}, {"state": "retired", "note": said})


def restore(session: Session, deps: Deps, caller: Caller, key: str, *, note: str = "") -> None:
    """Let a retired process start again. Raises NotPermitted, NotFound, WrongState where it is not retired."""
    require(caller, "definition.retire")
    said = note.strip()[:LONGEST_NOTE]
    definition = choosing.restore(deps.engine, session, _key(key))
    after = {"state": "in use"} | ({"note": said} if said else {})
    _recorded(session, deps, caller, definition, {"state": "retired"}, after)


def _recorded(
    session: Session,
    deps: Deps,
    caller: Caller,
    definition: ProcessDefinition,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    record(
        session,
        caller.actor,
        "definition.retire",
        at=deps.clock.now(),
        subject="definition",
        subject_id=definition.id,
        before={"process": definition.key, **before},
        after={"process": definition.key, **after},
    )


def _key(key: str) -> str:
    return key if storable(key) else "?"


def _version(version: int) -> int:
    return version if 0 < version < 2**31 else 0


def note_of(note: str, what: str, what_zh: str) -> str:
    """Return a note without the space around it. Raises InvalidInput for none, or one too long to keep."""
    said = note.strip()
    if not said or len(said) > LONGEST_NOTE or "\x00" in said:
        raise InvalidInput(
            f"Refused: {what} needs a note of 1 to {LONGEST_NOTE} characters that says why.",
            field="note",
            message_zh=f"没有执行：{what_zh}需要填写说明（1 到 {LONGEST_NOTE} 个字符），写明原因。",
        )
    return said
