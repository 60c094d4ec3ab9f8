"""All a diagram may say here: groups, clocks, properties, operations, decisions, forms, processes, messages, functions and what of
BPMN runs. For editors in the browser, with a draft's own files on top, and for tools on a desktop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, distinct_on
from sqlalchemy.orm import Session

from engine.deployment import Deployment as DeploymentRow
from engine.deployment import ProcessDefinition, Resource
from engine.dialect import SourceFile
from engine.dialect.host import Host, Meaning
from tasks.cases import outcomes
from tasks.cases.letterbox import EXTERNAL, STAFF
from tasks.cases.linking.evidence import NAMES as EVIDENCE
from tasks.core import table
from tasks.deadlines.policies.pauses import PAUSE_REASONS
from tasks.deadlines.policies.register import Policy
from tasks.deadlines.policies.rows import MOST, written
from tasks.deadlines.policies.words import LEVEL_NAMES, UNIT_NAMES
from tasks.deadlines.words import host_words
from tasks.deps import Deps
from tasks.letters.tables import LetterTemplate
from tasks.operations.described import DESCRIBED
from tasks.organisation.assigning.roles import OrgRole
from tasks.organisation.standing import answered
from tasks.organisation.tables import Membership
from tasks.organisation.tree import in_effect
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.processes.drafts import reading as drafts
from tasks.processes.vocabulary.files import decisions_in, form_in, offered_by
from tasks.processes.vocabulary.properties import PROPERTIES
from tasks.processes.vocabulary.supported import supported

_DEFINITION, _RESOURCE, _DEPLOYMENT = table(ProcessDefinition), table(Resource), table(DeploymentRow)
SENDER_NAMES = {STAFF: ("内部人员", "staff"), EXTERNAL: ("外部单位", "bodies outside")}
FUNCTIONS = (
    ("due", 'due("R01.stage")', "离得最近的这种时限到期的时间；没有在计的就按登记从现在算起。", "When the nearest clock of this code is due; where none runs, counted from now by the register."),
    ("warn", 'warn("R01.stage", 0.8)', "这种时限用去给定比例的时间；不写比例即第一次预警。", "When a share of it is used up; without one, its first warning."),
)  # fmt: skip
_ANSWERS = {"true": ("是", "yes"), "false": ("否", "no"), "yes": ("是", "yes"), "是": ("是", "yes")}


def vocabulary(session: Session, deps: Deps, caller: Caller, draft_id: UUID | None = None) -> dict[str, Any]:
    """Everything, as JSON data. draft_id: the draft whose own decisions, forms, processes and messages come before the deployed ones
    of the same key. Raises NotPermitted, NotFound.
    """
    require(caller, "process_draft.read")
    if draft_id is not None:
        drafts.draft(session, caller, draft_id)
    return everything(session, deps, drafts.sources(session, draft_id) if draft_id is not None else ())


def everything(session: Session, deps: Deps, files: Iterable[SourceFile] = ()) -> dict[str, Any]:
    """The same for whoever may reach the database itself, with what these files offer on top."""
    own = offered_by(files)
    host = host_words(deps.office.current(session).policies)
    forms = _merged(own["forms"], _forms(session), "key")
    return {
        "groups": _groups(session, deps),
        "clocks": _clocks(session, deps),
        "properties": _properties(host),
        "senders": [{"key": key, "name": zh, "name_en": en} for key, (zh, en) in SENDER_NAMES.items()],
        "operations": _operations(deps),
        "letters": _letters(session),
        "decisions": _merged(own["decisions"], _decisions(session), "key"),
        "forms": forms,
        "facts": _facts(session, deps, forms),
        "processes": _merged(own["processes"], _processes(session), "key"),
        "messages": _merged(own["messages"], _messages(session), "name"),
        "functions": [
            {"name": name, "example": example, "does": zh, "does_en": en}
            for name, example, zh, en in FUNCTIONS
        ],
        "supported": supported(),
    }


def _merged(
    own: Iterable[dict[str, Any]], deployed: Iterable[dict[str, Any]], key: str
) -> list[dict[str, Any]]:
    found = {one[key]: one for one in deployed}
    return list({**found, **{one[key]: {**found.get(one[key], {}), **one} for one in own}}.values())


def _groups(session: Session, deps: Deps) -> list[dict[str, Any]]:
    """The candidate groups: every role the office names and every one somebody answers, with the people and units behind it."""
    snapshot = deps.office.current(session)
    organisation = snapshot.organisation
    people: dict[str, set[UUID]] = defaultdict(set)
    seats = session.execute(
        sa.select(Membership.person_id, Membership.unit_id, Membership.post, Membership.roles)
        .join(Person, Person.id == Membership.person_id)
        .where(in_effect(snapshot.day), Person.active)
    )
    for seat in seats:
        unit = organisation.by_id.get(seat.unit_id)
        for role in answered(organisation, unit, seat.post, seat.roles) if unit else ():
            people[role].add(seat.person_id)
    named = {row.key: row for row in session.execute(sa.select(table(OrgRole)))}
    keys = [*named, *sorted((organisation.by_role.keys() | people.keys()) - named.keys())]
    return [
        {
            "key": key,
            "name": named[key].name if key in named else key,
            "name_en": named[key].name_en if key in named else key,
            "people": len(people.get(key, ())),
            "units": len(organisation.by_role[key].units) if key in organisation.by_role else 0,
        }
        for key in keys
    ]


def _clocks(session: Session, deps: Deps) -> dict[str, Any]:
    snapshot = deps.office.current(session)
    own = snapshot.calendars.exceptions.keys() | snapshot.calendars.hours.keys()
    return {
        "policies": [_policy(code, rows) for code, rows in sorted(snapshot.policies.by_code.items())],
        "pauses": [{"key": key, "name": zh, "name_en": en} for key, (zh, en) in PAUSE_REASONS.items()],
        "most": float(max(MOST.values())),
        "regions": [
            {"key": unit.code, "name": unit.name} for unit in snapshot.organisation.units if unit.code in own
        ],
    }


def _policy(code: str, rows: Sequence[Policy]) -> dict[str, Any]:
    first = min(rows, key=lambda row: sum(bool(part) for part in row.key))
    zh, en = (
        "、".join(dict.fromkeys(_limit(row, 0) for row in rows)),
        ", ".join(dict.fromkeys(_limit(row, 1) for row in rows)),
    )
    return {
        "code": code,
        "name": first.name_zh or code,
        "name_en": first.name_en or code,
        "limit_zh": zh,
        "limit_en": en,
        "unit": first.unit,
        "regimes": sorted({row.regime for row in rows if row.regime}),
        "pauses": sorted({reason for row in rows for reason in row.pauses}),
        "clause": first.clause,
    }


def _limit(row: Policy, language: int) -> str:
    """A row's limit in words, with the level it is for."""
    amount = f"{written(row.amount)} {UNIT_NAMES[row.unit][language]}"
    level = LEVEL_NAMES.get(row.level, (row.level, row.level))[language] if row.level else ""
    return f"{level} {amount}".strip()


def _properties(host: Host) -> list[dict[str, Any]]:
    """Every property with what it is called and may say."""
    return [
        {
            "name": one.name,
            "zh": one.zh,
            "en": one.en,
            "does_zh": one.does_zh,
            "does_en": one.does_en,
            "kinds": list(one.kinds),
            **_says(one.name, host.properties.get(one.name)),
        }
        for one in PROPERTIES.values()
    ]


def _says(name: str, meaning: Meaning | None) -> dict[str, Any]:
    """What a property may hold: words with their own words, several of them, a moment, a number, a text of some length."""
    known = _OPEN_WORDS.get(name)
    if known is not None:
        return {
            "words": [_word(*one) for one in known],
            "open": True,
            "longest": meaning.longest if meaning else None,
        }
    if meaning is None:
        return {}
    words = meaning.vocabulary.words if meaning.vocabulary else ()
    spoken = sorted(words) if len(words) <= _MOST_WORDS else []
    return {
        "words": [
            _word(word, *_ANSWERS.get(word, SENDER_NAMES.get(word, PAUSE_REASONS.get(word, (word, word)))))
            for word in spoken
        ],
        "several": meaning.several,
        "moment": meaning.moment,
        "most": float(meaning.most) if meaning.most is not None else None,
        "longest": meaning.longest,
        "of_tasks": meaning.of_tasks,
    }


_MOST_WORDS = 12
_OPEN_WORDS = {
    outcomes.PROPERTY: [(key, *both) for key, both in outcomes.OUTCOMES.items()],
    outcomes.MARK: [(key, *both) for key, both in outcomes.MARKS.items()],
    "evidence.kind": [(key, *both) for key, both in EVIDENCE.items()],
    "case.linked": [("true", "是", "yes")],
}
"""Properties for which there are words to choose from and any other text besides."""


def _word(value: str, zh: str, en: str) -> dict[str, str]:
    return {"value": value, "zh": zh, "en": en}


def _operations(deps: Deps) -> list[dict[str, Any]]:
    """The registered operations; one without a row of its own is offered by its name."""
    found: list[dict[str, Any]] = []
    for name in sorted(deps.engine.operations):
        one = DESCRIBED.get(name)
        if one is None:
            found.append(
                {
                    "name": name,
                    "title": name,
                    "title_en": name,
                    "does": "",
                    "does_en": "",
                    "inputs": [],
                    "outputs": [],
                }
            )
            continue
        found.append(
            {
                "name": name,
                "title": one.title,
                "title_en": one.title_en,
                "does": one.does,
                "does_en": one.does_en,
                "inputs": [
                    {
                        "name": each.name,
                        "zh": each.zh,
                        "en": each.en,
                        "type": each.kind,
                        "required": each.required,
                        "words": [_word(*word) for word in each.words] or None,
                        "of": each.of or None,
                        "open": each.open,
                    }
                    for each in one.inputs
                ],
                "outputs": [{"name": key, "zh": zh, "en": en} for key, zh, en in one.outputs],
            }
        )
    return found


def _letters(session: Session) -> list[dict[str, Any]]:
    row = table(LetterTemplate)
    statement = sa.select(row).ext(distinct_on(row.c.key)).order_by(row.c.key, row.c.version.desc())
    return [
        {"key": one.key, "name": one.name or one.key, "name_en": one.name_en or one.key}
        for one in session.execute(statement)
    ]


def _newest(session: Session, kind: str) -> list[Any]:
    """The deployed files of a kind, each key's newest, with their bytes."""
    statement = (
        sa.select(_RESOURCE.c.key, _RESOURCE.c.name, _RESOURCE.c.content)
        .join(_DEPLOYMENT, _DEPLOYMENT.c.id == _RESOURCE.c.deployment_id)
        .where(_RESOURCE.c.kind == kind, _RESOURCE.c.key != "")
        .ext(distinct_on(_RESOURCE.c.key))
        .order_by(_RESOURCE.c.key, _DEPLOYMENT.c.deployed_at.desc(), _DEPLOYMENT.c.id.desc())
    )
    return list(session.execute(statement))


def _decisions(session: Session) -> list[dict[str, Any]]:
    return [one for row in _newest(session, "dmn") for one in decisions_in(row.content)]


def _forms(session: Session) -> list[dict[str, Any]]:
    """The deployed forms; one without a heading is called as the first task that shows it."""
    called: dict[str, str] = {}
    for node in _nodes(session, "$.**.nodes[*] ? (@.user.form != null)", ("name",), ("user", "form")):
        called.setdefault(node[1], node[0])
    found = []
    for row in _newest(session, "form"):
        form = form_in(row.content, row.name)
        if form is not None:
            found.append({**form, "key": row.key, "name": called.get(row.key) or form["name"]})
    return found


def _processes(session: Session) -> list[dict[str, Any]]:
    return [{"key": row.key, "name": row.name or row.key} for row in session.execute(_LATEST)]


_LATEST = (
    sa.select(_DEFINITION.c.key, _DEFINITION.c.name)
    .ext(distinct_on(_DEFINITION.c.key))
    .order_by(_DEFINITION.c.key, _DEFINITION.c.version.desc())
)


def _messages(session: Session) -> list[dict[str, Any]]:
    """The messages that the newest versions wait for or send, with the processes that do."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, name in _nodes(session, '$.**.event ? (@.kind == "message")', (), ("name",)):
        if name and not name.startswith("redress."):
            found[name].add(key)
    return [{"name": name, "processes": sorted(keys)} for name, keys in sorted(found.items())]


def _nodes(session: Session, path: str, *taken: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Values of what a JSON path finds in the newest version of each process; an empty tuple stands for the process's key."""
    newest = (
        sa.select(_DEFINITION.c.key, _DEFINITION.c.model)
        .ext(distinct_on(_DEFINITION.c.key))
        .order_by(_DEFINITION.c.key, _DEFINITION.c.version.desc())
        .subquery()
    )
    inside = sa.func.jsonb_path_query(newest.c.model, sa.cast(path, JSONPATH), type_=JSONB)
    one = sa.select(newest.c.key, inside.label("found")).subquery()
    columns = [one.c.found[list(way)].astext if way else one.c.key for way in taken]
    return [tuple(row) for row in session.execute(sa.select(*columns))]


def _facts(session: Session, deps: Deps, forms: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What expressions see as `case`: the fields of the start forms, and what every case has."""
    by_key = {form["key"]: form for form in forms}
    started = session.execute(
        sa.select(_DEFINITION.c.key, _DEFINITION.c.properties)
        .ext(distinct_on(_DEFINITION.c.key))
        .order_by(_DEFINITION.c.key, _DEFINITION.c.version.desc())
    )
    found: dict[str, dict[str, Any]] = {}
    for row in started:
        form = by_key.get(row.properties.get("form.start") or f"{row.key}_start")
        for field in form["fields"] if form else ():
            found.setdefault(
                field["key"],
                {
                    "key": field["key"],
                    "name": field["label"],
                    "name_en": field["label"],
                    "values": field["values"],
                },
            )
    for name in sorted(deps.engine.facts.always if deps.engine.facts else ()):
        found.setdefault(name, {"key": name, "name": name, "name_en": name, "values": []})
    return list(found.values())
