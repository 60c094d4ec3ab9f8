"""The form of a user task where the task stands: what it shows, and whether what was filled in is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.instance import Locked, unlocked
from engine.ports import FormWarning
from engine.waiting import Waiting, left_behind, waiting
from tasks.deps import Deps
from tasks.forms import PaperAnswer, compile_form
from tasks.forms.around import CASE, LEARNT, needs_instance, picked, reads_of, with_defaults
from tasks.forms.deciding import CHECK, checked_by_table
from tasks.forms.reading import read_form
from tasks.talk.failing import tell_owners

_NONE: Mapping[str, Any] = {"components": []}


@dataclass(frozen=True, slots=True)
class ShownForm:
    """A form as it is filled in now. schema: with its default values worked out; None where the task asks nothing. context: what
    its expressions read besides the answers, and no more.
    """

    schema: Mapping[str, Any] | None
    context: Mapping[str, Any]


def task_form(session: Session, deps: Deps, task: Any, case: Mapping[str, Any]) -> ShownForm:
    """The form of a task, from the version its instance is pinned to. case: the facts its expressions see.

    Reads the instance only where the form reads what the process has learnt: one statement more.
    """
    schema = read_form(session, deps, task.form_id)
    if schema is None:
        return ShownForm(None, {})
    reads = reads_of(schema)
    learnt: Mapping[str, Any] = {}
    if needs_instance(reads):
        row = unlocked(session, task.instance_id)
        there = waiting(deps.engine, session, row, task.id) if row is not None and row.state else None
        if there is not None:
            learnt = there.variables
        elif row is not None and row.state:
            learnt = left_behind(deps.engine, session, row)
    context = picked(reads, {**learnt, CASE: case})
    return ShownForm(with_defaults(schema, context, deps.clock.now()), context)


def check_answers(
    session: Session,
    deps: Deps,
    task: Any,
    row: Locked,
    answers: Mapping[str, Any],
    *,
    case: Mapping[str, Any],
    warnings: list[FormWarning],
    papers: list[PaperAnswer],
) -> tuple[dict[str, Any], Waiting | None]:
    """Check what was filled in by the task's form, in the context it was shown in, and by its table (`form.check`).

    Returns the answers clean, and the waiting activity where that had to be looked at. row: the locked instance. Raises
    AnswersRefused with every mistake, DecisionFailed where the table fails; process owners are told of that.
    """
    schema = read_form(session, deps, task.form_id) or _NONE
    reads, table = reads_of(schema), str(task.properties.get(CHECK) or "")
    form = task.form_key or task.activity_id
    there = waiting(deps.engine, session, row, task.id) if table or needs_instance(reads) else None
    learnt = there.variables if there is not None else {}
    around = picked(reads, {name: learnt[name] for name in LEARNT if name in learnt})

    def check() -> dict[str, Any]:
        return compile_form(schema).check(
            answers,
            now=deps.clock.now(),
            context={**around, CASE: case},
            form=form,
            warnings=warnings,
            papers=papers,
        )

    if not table or there is None:
        return check(), there

    def decide(clean: Mapping[str, Any]) -> list[dict[str, Any]]:
        forms = learnt.get("form")
        given = {**(forms if isinstance(forms, Mapping) else {}), task.activity_id: clean}
        return there.decide(table, {"form": given})

    return checked_by_table(check, form, decide, tell_owners(session, deps, task.business_key, form)), there
