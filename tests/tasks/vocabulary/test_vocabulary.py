"""What editors are told a diagram may say: each thing from the place that knows it, and nothing that the engine refuses."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from engine.dialect import SourceFile
from engine.dialect.support.events import POSITIONS, STANDARD, event_row
from engine.dialect.support.rows import measure
from engine.errors import NotFound, NotPermitted
from tasks.deadlines.policies.register import Policies
from tasks.deadlines.words import host_words
from tasks.letters import issuing
from tasks.operations import FAMILIES, operations
from tasks.operations.described import DESCRIBED
from tasks.organisation.office import Office
from tasks.processes import deployments
from tasks.processes.drafts import making
from tasks.processes.vocabulary import reading
from tasks.processes.vocabulary.properties import PROPERTIES
from tasks.processes.vocabulary.supported import supported
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice

BPMN = Path(__file__).parents[3] / "bpmn"
TABLE = b"""<?xml version="1.0"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
<decision id="weigh" name="\xe5\xae\x9a\xe7\xba\xa7"><decisionTable id="t" hitPolicy="UNIQUE"><input id="i"><inputExpression id="ie"><text>case.amount</text></inputExpression></input>
<output id="o" name="grade"/><rule id="r"><inputEntry id="e"><text>-</text></inputEntry><outputEntry id="x"><text>1</text></outputEntry></rule></decisionTable></decision></definitions>"""
FORM = """{"type": "default", "id": "weigh_form", "components": [{"type": "select", "key": "outcome", "id": "f1", "label": "结论",
"values": [{"label": "同意", "value": "agree"}]}]}""".encode()


def told(office: TestOffice, login: str, draft_id: Any = None) -> dict[str, Any]:
    with office.acting(login) as (session, caller):
        return reading.vocabulary(session, office.deps, caller, draft_id)


def test_the_groups_are_the_roles_of_the_office_with_the_people_behind_them(office: TestOffice) -> None:
    groups = {one["key"]: one for one in told(office, "lu_jian")["groups"]}
    assert groups["channel"]["people"] > 0
    assert {"key", "name", "name_en", "people", "units"} == groups["channel"].keys()


def test_a_draft_adds_its_own_decisions_forms_processes_and_messages(office: TestOffice) -> None:
    drawn = one_task("weighing", "").content.replace(
        b"<bpmn:process", b'<bpmn:message id="m1" name="weighed"/><bpmn:process', 1
    )
    with office.acting("lu_jian") as (session, caller):
        files = [
            SourceFile("weighing.bpmn", drawn),
            SourceFile("w.dmn", TABLE),
            SourceFile("weigh_form.form", FORM),
        ]
        draft = making.from_files(session, office.deps, caller, files)
    found = told(office, "lu_jian", draft)
    assert {
        "key": "weigh",
        "name": "定级",
        "inputs": ["case.amount"],
        "outputs": ["grade"],
        "draft": True,
        "file": "w.dmn",
    } in found["decisions"]
    form = next(one for one in found["forms"] if one["key"] == "weigh_form")
    assert form["fields"] == [
        {"key": "outcome", "label": "结论", "type": "select", "values": [{"value": "agree", "label": "同意"}]}
    ]
    assert "weighing" in {one["key"] for one in found["processes"] if one.get("draft")}
    assert {"name": "weighed", "processes": ["weighing"], "draft": True, "file": "weighing.bpmn"} in found[
        "messages"
    ]
    assert "weigh" not in {one["key"] for one in told(office, "lu_jian")["decisions"]}


def test_a_broken_file_of_a_draft_offers_nothing_and_hides_nothing(office: TestOffice) -> None:
    with office.acting("lu_jian") as (session, caller):
        files = [one_task("sound", ""), SourceFile("w.dmn", b"<definitions"), SourceFile("x.form", b"{[")]
        draft = making.from_files(session, office.deps, caller, files)
    assert "sound" in {one["key"] for one in told(office, "lu_jian", draft)["processes"]}


def test_what_is_deployed_is_offered_in_its_newest_words(office: TestOffice) -> None:
    with office.acting("lu_jian") as (session, caller):
        for table in (TABLE, TABLE.replace(b'name="grade"', b'name="level"')):
            files = [
                one_task("weighing", ""),
                SourceFile("w.dmn", table),
                SourceFile("weigh_form.form", FORM),
            ]
            office.clock.advance(timedelta(hours=1))
            deployments.deploy(session, office.deps, caller, files, name="称重")
    found = told(office, "lu_jian")
    assert [one["outputs"] for one in found["decisions"] if one["key"] == "weigh"] == [["level"]]
    assert "weighing" in {one["key"] for one in found["processes"]}


def test_only_process_owners_are_told_and_a_draft_that_is_not_there_is_not_found(office: TestOffice) -> None:
    with pytest.raises(NotPermitted):
        told(office, "li_na")
    with pytest.raises(NotFound):
        told(office, "lu_jian", uuid4())


def test_every_operation_is_described_with_the_inputs_its_code_reads() -> None:
    offered = operations(Office(None))  # type: ignore[arg-type]
    assert offered.keys() == DESCRIBED.keys()
    read = {name for module in (*FAMILIES, issuing) for name in _inputs_read(inspect.getsource(module))}
    described = {each.name for one in DESCRIBED.values() for each in one.inputs}
    assert described == read


def _inputs_read(source: str) -> Iterator[str]:
    """The names of inputs that a module asks for: `text(call, "x")`, `call.inputs.get("x")`, and names looped over."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if (
                called in ("text", "texts", "mapping")
                and len(node.args) == 2
                and isinstance(node.args[1], ast.Constant)
            ):
                yield str(node.args[1].value)
            elif called == "call.inputs.get" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
        elif isinstance(node, ast.comprehension) and isinstance(node.iter, ast.Tuple):
            looped = [one.value for one in node.iter.elts if isinstance(one, ast.Constant)]
            yield from (str(name) for name in looped if "template" in looped)


def test_every_property_the_host_knows_or_a_diagram_here_uses_is_described() -> None:
    assert set(host_words(Policies()).properties) <= PROPERTIES.keys()
    used = {
        name
        for file in BPMN.rglob("*.bpmn")
        for name in re.findall(r'camunda:property name="([^"]+)"', file.read_text())
    }
    per = ("sla.from.", "sla.due.")
    assert {name for name in used if not name.startswith(per)} <= PROPERTIES.keys()


def test_what_is_supported_is_what_the_gate_lets_through() -> None:
    place = {
        "start": "startEvent", "inner": "innerStartEvent", "sub interrupting": "eventSubProcessStart", "catch": "intermediateCatchEvent",
        "boundary interrupting": "boundaryEvent", "throw": "intermediateThrowEvent", "end": "endEvent",
    }  # fmt: skip
    events = supported()["events"]
    for kind, positions in STANDARD.items():
        for position in positions & place.keys() & POSITIONS.keys():
            runs = measure(event_row(kind, position)).status != "refused"
            assert (kind in events[place[position]]) == runs, (kind, position)
