"""Filing a case: check the start form, write the file, start its process. A regime adds no Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.choosing import retired
from engine.deployment import ProcessChoice, ProcessDefinition, definition_and_choice
from engine.dialect.ids import engine_id
from engine.errors import InvalidInput, NotFound
from engine.ids import time_ordered
from engine.ports import FormWarning, Move
from engine.waiting import decide
from tasks.audit.digests import given
from tasks.audit.recording import record
from tasks.cases import submissions
from tasks.cases.complained import refuse_unknown_staff
from tasks.cases.keys import keep_keys
from tasks.cases.linking.links import OF_OPERATIONS, link_cases
from tasks.cases.numbers import derived_query_code, new_query_code, next_number, prefix_of, query_hash
from tasks.cases.reading import read_case
from tasks.cases.starting import start_form, start_form_id
from tasks.cases.submissions import Sent
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tasks.evidence import answers as papers_of
from tasks.evidence.reach import outside
from tasks.forms import AnswersRefused, PaperAnswer, Problem, compile_form
from tasks.forms.deciding import START_CHECK, checked_by_table
from tasks.forms.reading import read_form
from tasks.listener import OF_A_NEW_CASE, remember_case
from tasks.memo import memo
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import places_for, with_superiors
from tasks.talk.failing import tell_owners


@dataclass(frozen=True, slots=True)
class Regime:
    """A deployed process that cases can be filed under. `form` is None when it asks nothing at the start."""

    key: str
    name: str
    definition_id: UUID
    deployment_id: UUID
    prefix: str
    form_key: str | None
    form: Mapping[str, Any] | None
    linked: bool = False
    """Whether it only runs beside cases (process property `case.linked`), and nobody files under it."""
    check: str = ""
    """The decision table that checks what is filed besides the form (process property `form.start.check`)."""
    properties: Mapping[str, str] = field(default_factory=dict)
    startable: bool = True
    """Whether what its diagram asks for is bound; until then nothing can be filed."""
    retired_at: datetime | None = None
    """Since when nothing is filed under it any more."""
    retired_by_name: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """A new case. `query_code` is shown this once and kept only as a hash.

    repeated: the same had been filed before, and this is what was answered then; `answer`, where the API gave one, without
    the query code. move is None then. unique: who files the same again gets the same answer.
    """

    id: UUID
    number: str
    query_code: str
    regime: str
    filed_at: datetime
    instance_id: UUID
    move: Move | None
    tasks: tuple[Mapping[str, Any], ...]
    unique: bool = False
    repeated: bool = False
    answer: Mapping[str, Any] | None = None


def regime(session: Session, deps: Deps, key: str) -> Regime:
    """The current version of the process `key` as something to file under.

    Its start form is the one the process property `form.start` names, else `<key>_start`, else there is none.
    Raises NotFound when no such process is deployed, or when the property names a form that is not.
    """
    if not storable(key):
        raise NotFound("A regime with an impossible name was asked for; it is not deployed.")
    definition, choice = definition_and_choice(session, key)
    form_key = start_form(definition)
    form = read_form(session, deps, start_form_id(session, definition))
    if form is None and "form.start" in definition.properties:
        raise NotFound(
            f"The start form {form_key} of the process {key} was asked for; it is not deployed.",
            form=form_key,
        )
    return Regime(
        key,
        definition.name or key,
        definition.id,
        definition.deployment_id,
        prefix_of(key, definition.properties),
        form_key if form is not None else None,
        form,
        definition.properties.get("case.linked") == "true",
        definition.properties.get(START_CHECK, ""),
        definition.properties,
        definition.startable,
        choice.retired_at if choice is not None else None,
        choice.retired_by_name if choice is not None else "",
    )


def require_in_use(found: Regime) -> None:
    """Raise Retired where nothing is filed under a regime any more."""
    if found.retired_at is not None:
        raise retired(found.key, found.name, found.retired_at, found.retired_by_name)


def _called_by(session: Session, key: str) -> list[str]:
    """The keys of the processes that call `key`: a shared piece is not something to file under."""
    called = ProcessDefinition.bindings["processes"].has_key(key)
    return list(
        session.scalars(
            sa.select(ProcessDefinition.key).where(called).distinct().order_by(ProcessDefinition.key).limit(5)
        )
    )


def regimes(session: Session, deps: Deps) -> list[Regime]:
    """Every process a case can be filed under: those that have a start form and are not retired, by key."""
    resting = sa.select(ProcessChoice.process_key).where(ProcessChoice.retired_at.is_not(None))
    keys = session.scalars(
        sa.select(ProcessDefinition.key)
        .where(ProcessDefinition.key.not_in(resting))
        .distinct()
        .order_by(ProcessDefinition.key)
    ).all()
    return [found for found in (regime(session, deps, key) for key in keys) if found.form is not None]


def file_case(
    session: Session,
    deps: Deps,
    caller: Caller,
    regime_key: str,
    facts: Mapping[str, Any],
    *,
    org: str | None = None,
    links: Sequence[tuple[str, str]] = (),
    start_event: str | None = None,
    sent: Sent | None = None,
) -> Filed:
    """Check `facts` against the start form, write the case, and start its process under the case's number.

    `org` is the code of the unit that files; by default the caller's own. `links` are (number, kind) of earlier
    cases this one refers to; the caller must be allowed to see them. `start_event`: the id of the start event to begin
    at, where the process has several; by default the first plain one drawn, else the first that a message starts, whose
    content the facts are then. `sent`: the request as it came, kept of a body outside. Raises NotFound for an unknown regime or
    link and for a process that only others call, InvalidInput when the caller sits in no unit or not in `org`,
    AnswersRefused with every mistake, FiledOtherwise (`tasks.cases.submissions`), NeedsBinding while something the process asks for is not bound.
    """
    require(caller, "case.file")
    found = regime(session, deps, regime_key)
    if found.form is None and (callers := _called_by(session, regime_key)):
        raise NotFound(
            f"To file a case under {regime_key} was asked; it is a part of {', '.join(callers)} and has no "
            "start form.",
            key=regime_key,
        )
    if found.linked:
        raise NotFound(
            f"To file a case under {regime_key} was asked; it only runs beside the cases of other processes.",
            key=regime_key,
        )
    require_in_use(found)
    deps.engine.catalog.require_startable(session, found.definition_id)
    now = deps.clock.now()
    warnings: list[FormWarning] = []
    papers: list[PaperAnswer] = []
    organisation = deps.office.current(session).organisation
    asked = {"facts": facts, "org": org, "links": [list(link) for link in links], "start": start_event}
    draft = submissions.draft(caller, organisation, regime_key, found.properties, facts, asked)
    if before := submissions.filed_before(session, caller, draft):
        return _repeated(deps, caller, before)
    form = found.form_key or f"{regime_key}_start"
    # The table of a start sees nothing but what is sent; why it fails is still nobody's business outside.
    told: Callable[[str], bool] | None = (lambda _: True) if outside(caller) else None
    checked = _all_mistakes(
        form,
        draft.problems,
        lambda: _checked(session, deps, found, facts, form, now, warnings, papers, told),
    )
    if not outside(caller):  # who works here is nobody's business outside
        refuse_unknown_staff(session, form, checked)
    places = places_for(caller, "case.file")
    unit = organisation.by_code.get(org) if org else organisation.by_path.get(places[0] if places else "")
    if unit is None or unit.path not in places:
        raise InvalidInput(
            f"To file a case for the unit {org or '(none)'} was asked by {caller.login}, who is not in it.",
            org=org,
        )
    customer = checked.get("customer")
    named = customer.get("home_province") if isinstance(customer, Mapping) else checked.get("home_province")
    home = organisation.province(str(named)) if named else organisation.province_of(unit.path)
    case_id = time_ordered(deps.clock)()
    unique = draft.key is not None
    code = derived_query_code(deps.settings.ensure_secret_key(), case_id) if unique else new_query_code()
    values = {
        "id": case_id,
        "number": next_number(session, found.prefix, unit.id, now),
        "regime": regime_key,
        "query_hash": query_hash(code),
        "org_code": unit.code,
        "org_path": unit.path,
        "province": home.code if home else "",
        "facts": checked,
        "paths": sorted(with_superiors([unit.path])),
        "filed_by": caller.id,
        "filed_by_name": caller.name,
        "filed_at": now,
    }
    row = session.execute(
        sa.insert(table(Case)).values(values).returning(*table(Case).c, *OF_A_NEW_CASE)
    ).one()
    remember_case(session, row.id, row)
    keep_keys(session, case_id, now, checked)
    submissions.keep(session, deps, caller, case_id, draft, sent)
    papers_of.take(session, deps, caller, papers, case_id=case_id, task_id=None, form=form)
    for earlier, kind in links:
        if kind in OF_OPERATIONS:
            raise InvalidInput(
                f"To file a case linked as {kind} was asked; only its process says that of a case.",
                kind=kind,
                message_zh="并案、主案关系由流程建立，不能在登记时填写。",
            )
        link_cases(session, case_id, read_case(session, deps, caller, earlier).id, kind, at=now)
    record(
        session,
        caller.actor,
        "case.file",
        at=now,
        chain=row.number,
        subject="case",
        subject_id=row.number,
        after={
            "regime": regime_key,
            "org": unit.code,
            "links": [[earlier, kind] for earlier, kind in links],
            **given(checked),
        },
    )
    move = deps.engine.start(
        session,
        regime_key,
        business_key=row.number,
        variables=_carried(session, deps, found, start_event, checked),
        answers=checked,
        actor=caller.actor,
        start_event=engine_id(start_event) if start_event else None,
        form_warnings=warnings,
    )
    session.execute(sa.update(table(Case)).where(Case.id == case_id).values(instance_id=move.instance.id))
    # A body outside is not told what its case makes whom do.
    tasks = tuple(memo(session).entered) if unit.path in places_for(caller, "task.read") else ()
    return Filed(case_id, row.number, code, regime_key, now, move.instance.id, move, tasks, unique)


def _all_mistakes(
    form: str, before: Sequence[Problem], check: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What `check` takes; raises AnswersRefused with its mistakes and those found before."""
    problems = list(before)
    try:
        checked = check()
    except AnswersRefused as refusal:
        known = {one.path for one in problems}
        problems += [one for one in refusal.problems if one.path not in known]
    if problems:
        raise AnswersRefused(form, problems)
    return checked


def _carried(
    session: Session, deps: Deps, found: Regime, start_event: str | None, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What a process that a message starts has as that message's content: the facts."""
    spec = deps.engine.catalog.spec(session, found.definition_id)
    start = engine_id(start_event) if start_event else next(iter(spec.entries), "")
    node = spec.task_specs[start].node if start in spec.task_specs else None
    by_message = node is not None and node.event is not None and node.event.kind == "message"
    return {"message": {start: dict(facts)}} if by_message else {}


def _repeated(deps: Deps, caller: Caller, row: Any) -> Filed:
    """What was answered when the same was filed first; a body outside is not told whom it makes work."""
    answer = row.answer
    if answer is not None and row.org_path not in places_for(caller, "task.read"):
        answer = {**answer, "tasks": []}
    code = submissions.query_code(deps, row.id, row.query_hash)
    return Filed(
        row.id, row.number, code, row.regime, row.filed_at, row.instance_id, None, (), True, True, answer
    )


def _checked(
    session: Session,
    deps: Deps,
    found: Regime,
    facts: Mapping[str, Any],
    form: str,
    now: datetime,
    warnings: list[FormWarning],
    papers: list[PaperAnswer],
    told: Callable[[str], bool] | None,
) -> dict[str, Any]:
    """The facts as the start form takes them, and the table that sees them as `case`. Raises AnswersRefused, DecisionFailed."""

    def check() -> dict[str, Any]:
        return compile_form(found.form or {"components": []}).check(
            facts, now=now, form=form, warnings=warnings, papers=papers
        )

    if not found.check:
        return check()

    def rows(clean: Mapping[str, Any]) -> list[dict[str, Any]]:
        case = {
            **clean,
            "regime": found.key,
            "filed_at": now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        }
        return decide(deps.engine, session, found.definition_id, found.check, {"case": case}, warnings)

    return checked_by_table(check, form, rows, tell_owners(session, deps, "", form), told)
