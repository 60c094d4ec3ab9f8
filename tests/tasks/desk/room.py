"""The room in which any life of a task is tried: who sits there, the diagram they work by, and what is written down of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from tasks.deadlines.policies.loading import load_policies
from tests.tasks.desk.who import Person, Place
from tests.tasks.desk.work import FIRST, SECOND, THIRD
from tests.tasks.drawings import drawn
from tests.tasks.office import CLOCKS, TestOffice, open_office
from tests.tasks.reorganising import change

HOTLINE, CENTRE, NETWORK = (f"/hq/henan/henan_{name}/" for name in ("hotline", "centre", "network"))
CHANNEL, DEPARTMENT = f"channel@{HOTLINE}", f"department@{NETWORK}"
GROUP_OF = {FIRST: CHANNEL, SECOND: CHANNEL, THIRD: DEPARTMENT}
ABROAD = "/hq/zhejiang/zhejiang_centre/"
LEAD = "sun_qiang"
MOVERS = ("he_jing", "gao_yuan")
"""Clerks who leave for another province, come back, or leave for good."""
LOGINS = ("li_na", "he_jing", "gao_yuan", LEAD, "feng_bo", "wang_lei", "lin_hai")
LISTS = ("inbox", "asleep", "queue", "overdue", "warned", "delegated", "team", "archive")
REGIME = "answering"

_COMPLAINED_OF = {"type": "textfield", "key": "staff_complained_of", "label": "被投诉人员"}
_UNASSIGNED = {
    "code": "R35.unassigned",
    "level": "",
    "customer_level": "",
    "limit": "1",
    "unit": "h",
    "stops_on": "claim",
}


def people() -> list[Person]:
    """Everybody as they sit at the beginning."""
    clerk = (Place(HOTLINE, frozenset({CHANNEL})),)
    centre = Place(CENTRE, frozenset({f"provincial_centre@{CENTRE}", f"archive@{CENTRE}"}))
    leads = Place("/hq/henan/", frozenset({"supervisor@/hq/henan/", "unrouted@/hq/henan/"}), leads=True)
    abroad = frozenset({"supervisor@/hq/zhejiang/", "unrouted@/hq/zhejiang/"})
    return [
        Person("li_na", "李楠", clerk),
        Person("he_jing", "何菁", clerk),
        Person("gao_yuan", "高远", clerk),
        Person(LEAD, "孙强", (centre, leads)),
        Person("feng_bo", "冯博", (Place(NETWORK, frozenset({DEPARTMENT})),)),
        Person("wang_lei", "王磊", (centre,)),
        Person("lin_hai", "林海", (Place("/hq/zhejiang/", abroad, leads=True),)),
    ]


def seated(office: TestOffice, person: Person) -> None:
    """Write down where somebody sits now, and whether they still work here at all."""
    (place,) = person.places
    unit = place.path.strip("/").rpartition("/")[2]
    change(
        office,
        people=[{"login": person.login, "name": person.name, "unit": unit, "active": person.active}],
    )


def furnish(sessions: sessionmaker[Session], clock: FrozenClock) -> TestOffice:
    """The small office with one more clerk, and work that goes from hand to hand."""
    office = open_office(sessions, clock)
    change(office, people=[{"login": "gao_yuan", "name": "高远", "unit": "henan_hotline", "title": "受理员"}])
    with sessions.begin() as session:
        load_policies(session, [*CLOCKS, _UNASSIGNED], now=clock.now())
    form = {"type": "default", "id": f"{REGIME}_start", "components": [_COMPLAINED_OF]}
    office.deploy(_diagram(), SourceFile(f"{REGIME}_start.form", json.dumps(form).encode()))
    office.settle()
    return office


def _diagram() -> Any:
    def task(identity: str, name: str, role: str, **properties: str) -> str:
        said = "".join(
            f'<camunda:property name="{key.replace("_", ".")}" value="{value}"/>'
            for key, value in properties.items()
        )
        return (
            f'<bpmn:userTask id="{identity}" name="{name}" camunda:candidateGroups="{role}"><bpmn:extensionElements>'
            f"<camunda:properties>{said}</camunda:properties></bpmn:extensionElements></bpmn:userTask>"
        )

    return drawn(
        REGIME,
        '<bpmn:startEvent id="arrived"/><bpmn:subProcess id="answering_it" name="办理"><bpmn:startEvent id="begun"/>'
        + task(FIRST, "拟写答复", "channel", sla_policy="T.check")
        + task(SECOND, "复核答复", "channel", sla_policy="T.check", separateFrom=FIRST)
        + task(THIRD, "归档答复", "department", route_unit="henan_network", separateFrom_case="yes")
        + '<bpmn:endEvent id="done"/>'
        f'<bpmn:sequenceFlow id="f1" sourceRef="begun" targetRef="{FIRST}"/>'
        f'<bpmn:sequenceFlow id="f2" sourceRef="{FIRST}" targetRef="{SECOND}"/>'
        f'<bpmn:sequenceFlow id="f3" sourceRef="{SECOND}" targetRef="{THIRD}"/>'
        f'<bpmn:sequenceFlow id="f4" sourceRef="{THIRD}" targetRef="done"/></bpmn:subProcess>'
        '<bpmn:boundaryEvent id="withdrawn" attachedToRef="answering_it">'
        '<bpmn:messageEventDefinition id="w1" messageRef="m1"/></bpmn:boundaryEvent>'
        '<bpmn:endEvent id="given_up"/><bpmn:endEvent id="answered"/>'
        '<bpmn:sequenceFlow id="g1" sourceRef="arrived" targetRef="answering_it"/>'
        '<bpmn:sequenceFlow id="g2" sourceRef="answering_it" targetRef="answered"/>'
        '<bpmn:sequenceFlow id="g3" sourceRef="withdrawn" targetRef="given_up"/>',
        beside='<bpmn:message id="m1" name="withdraw"/>',
    )


@dataclass(frozen=True, slots=True)
class Written:
    """All that the database says of the tasks there are, each part by the task's id."""

    tasks: dict[UUID, Any]
    clocks: dict[UUID, list[str]]
    """Codes of the clocks that run."""
    holdings: dict[UUID, list[str]]
    """The groups in whose court it is now."""
    drafts: dict[UUID, dict[UUID, int]]
    """person → revision"""
    trail: dict[UUID, list[tuple[str, str, str, str]]]
    """verb, before, after, by"""
    history: dict[UUID, list[tuple[str, str]]]
    """kind, by"""


_BESIDE = sa.text(
    """SELECT t.id,
         ARRAY(SELECT c.code FROM clock c WHERE c.token_id = t.id AND c.stopped_at IS NULL ORDER BY c.code) AS clocks,
         ARRAY(SELECT h.holder FROM holding h WHERE h.task_id = t.id AND h.to_at IS NULL) AS holdings,
         (SELECT jsonb_object_agg(d.person_id, d.revision) FROM task_draft d WHERE d.task_id = t.id) AS drafts,
         (SELECT jsonb_agg(jsonb_build_array(a.verb, a.before, a.after, a.actor_name) ORDER BY a.seq) FROM audit_event a
          WHERE a.chain = t.business_key AND a.subject_id = t.id::text) AS trail,
         (SELECT jsonb_agg(jsonb_build_array(h.kind, h.actor_name) ORDER BY h.id) FROM history_event h
          WHERE h.instance_id = t.instance_id AND h.token_id = t.id) AS history
       FROM user_task t WHERE t.process_key = :regime"""
)


def written(session: Session) -> Written:
    """Read it: two statements."""
    tasks = session.execute(
        sa.text("SELECT * FROM user_task WHERE process_key = :regime"), {"regime": REGIME}
    )
    found = Written({row.id: row for row in tasks}, {}, {}, {}, {}, {})
    for row in session.execute(_BESIDE, {"regime": REGIME}):
        found.clocks[row.id], found.holdings[row.id] = list(row.clocks), list(row.holdings)
        found.drafts[row.id] = {UUID(person): revision for person, revision in (row.drafts or {}).items()}
        found.trail[row.id] = [
            (verb, _state(before), _state(after), by) for verb, before, after, by in row.trail or ()
        ]
        found.history[row.id] = [(kind, by) for kind, by in row.history or ()]
    return found


def _state(said: str | None) -> str:
    return str(json.loads(said).get("state", "")) if said else ""
