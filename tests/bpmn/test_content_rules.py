"""What everybody who opens a diagram of `bpmn/` may rely on: names, clauses, questions, homes of data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from lxml import etree

from tests.bpmn.drawing import ACTIVITIES, CAMUNDA, CONTENT, EVENTS, GATEWAYS, NS, Drawing, drawings, files
from tests.bpmn.playing import OPERATIONS

EVERY = pytest.mark.parametrize("drawing", drawings(), ids=lambda drawing: drawing.key)
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
CLAUSE = re.compile(r"00[0-4]\s?§\s?\d|domain \d|汇合：")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODE, TEXT = re.compile(r"R\d"), re.compile(r'"([^"]*)"')
DUE = re.compile(r'=due\("([^"]+)"\)')


def roles() -> set[str]:
    text = (CONTENT / "organisation" / "organisation.yaml").read_text(encoding="utf-8")
    return {role for unit in yaml.safe_load(text)["units"] for role in unit["roles"]}


@EVERY
def test_a_process_is_found_under_the_name_of_its_file(drawing: Drawing) -> None:
    assert drawing.file.rsplit("/", 1)[-1] == f"{drawing.key}.bpmn"
    assert drawing.process.get("isExecutable") == "true"
    assert drawing.process.name


@EVERY
def test_everything_says_which_clause_it_implements_in_chinese_and_english(drawing: Drawing) -> None:
    spoken = [
        drawing.process,
        *drawing.nodes.values(),
        *drawing.lanes.values(),
        *drawing.pools.values(),
        *drawing.messages.values(),
        *(flow for flow in drawing.flows.values() if flow.name),
    ]
    for each in spoken:
        lines = each.documentation.splitlines()
        assert len(lines) >= 2, f"{each.id} lacks documentation in two languages"
        assert CHINESE.search(lines[0]), each.id
        assert not CHINESE.search(lines[-1]), each.id
    for node in drawing.nodes.values():
        if node.kind in ACTIVITIES or (node.kind in GATEWAYS and node.name):
            assert CLAUSE.search(node.documentation), f"{node.id} names no clause"


@EVERY
def test_ids_are_english_and_stable(drawing: Drawing) -> None:
    everything = {**drawing.nodes, **drawing.flows, **drawing.messages, **drawing.lanes, **drawing.pools}
    for each in everything:
        assert SNAKE.fullmatch(each), f"{each} in {drawing.file}"


@EVERY
def test_names_are_chinese(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        joins = node.kind in GATEWAYS and len(drawing.leaving(node.id)) == 1
        assert bool(CHINESE.search(node.name)) != joins, f"{node.id} is called {node.name!r}"


@EVERY
def test_a_diverging_gateway_is_a_question_with_named_answers_and_one_default(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        if node.kind not in GATEWAYS or len(drawing.leaving(node.id)) < 2:
            continue
        assert node.name.endswith(("?", "？")), f"{node.id}: {node.name} is no question"
        default = node.get("default")
        for flow in drawing.leaving(node.id):
            assert flow.name, f"{flow.id} has no name"
            condition = flow.element.find("bpmn:conditionExpression", NS)
            assert (condition is None) == (flow.id == default), (
                f"{flow.id} is neither default nor conditional"
            )


@EVERY
def test_paths_split_and_join_at_gateways_only(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        incoming, outgoing = len(drawing.arriving(node.id)), len(drawing.leaving(node.id))
        if node.kind in GATEWAYS:
            assert (incoming > 1) != (outgoing > 1), f"{node.id} should either split or join"
            continue
        assert max(incoming, outgoing) <= 1, f"{node.id} splits or joins without a gateway"
        begins = node.kind in ("startEvent", "boundaryEvent") or drawing.triggered(node.id)
        assert incoming == (0 if begins else 1), node.id
        assert outgoing == (0 if node.kind == "endEvent" or drawing.triggered(node.id) else 1), node.id


@EVERY
def test_a_diagram_fits_one_reading(drawing: Drawing) -> None:
    assert len(drawing.nodes) <= 25, (
        f"{drawing.file} has {len(drawing.nodes)} nodes; make a part a call activity"
    )


@EVERY
def test_every_node_stands_in_exactly_one_lane(drawing: Drawing) -> None:
    standing = [node for members in drawing.members.values() for node in members]
    assert sorted(standing) == sorted(node for node in drawing.nodes if not drawing.around(node))


@EVERY
def test_one_pool_is_ours_and_the_others_are_reached_by_messages(drawing: Drawing) -> None:
    ours = [pool for pool in drawing.pools.values() if pool.get("processRef") == drawing.key]
    assert len(ours) == 1
    assert ours[0].name.startswith("企业")
    for message in drawing.messages.values():
        ends = {message.get("sourceRef"), message.get("targetRef")}
        assert len(ends & set(drawing.pools)) == 1, message.id
        assert len(ends & set(drawing.nodes)) == 1, message.id
        assert message.name


@EVERY
def test_every_user_task_has_a_form_a_known_group_and_a_clock(drawing: Drawing) -> None:
    forms = {path.stem for path in files("form")}
    clocks = {line.split(",")[0] for line in _clock_lines()}
    for node in drawing.nodes.values():
        if node.kind != "userTask":
            continue
        assert node.camunda("formRef") in forms, f"{node.id} has no form"
        groups = node.camunda("candidateGroups") or ""
        assert groups in roles() or groups.startswith("="), f"{node.id}: {groups}"
        asked = DUE.fullmatch(node.camunda("dueDate") or "")
        limit = asked[1] if asked else _properties(node.element).get("sla.policy")
        assert limit in {*clocks, "none"}, f"{node.id} has no time limit in clocks.csv"


@EVERY
def test_every_limit_a_diagram_names_is_in_the_register(drawing: Drawing) -> None:
    clocks = {line.split(",")[0] for line in _clock_lines()}
    for each in [drawing.process, *drawing.nodes.values()]:
        properties = _properties(each.element)
        for name in ("sla.policy", "sla.stop", "sla.choose"):
            said = properties.get(name, "")
            if said.startswith("="):  # what an expression may give: the codes it has as texts
                said = " ".join(text for text in TEXT.findall(said) if CODE.match(text))
            codes = set(said.replace(",", " ").split())
            assert codes <= {*clocks, "none"}, f"{each.id}: {codes}"


@EVERY
def test_every_call_decision_and_operation_exists(drawing: Drawing) -> None:
    decisions = {path.stem for path in files("dmn")}
    keys = {other.key for other in drawings()}
    for node in drawing.nodes.values():
        if node.kind == "businessRuleTask":
            assert node.camunda("decisionRef") in decisions, node.id
            assert (node.camunda("resultVariable") or "").startswith("decision."), node.id
        if node.kind == "callActivity":
            assert node.get("calledElement") in keys, node.id
        if node.kind == "serviceTask":
            assert node.camunda("topic") in OPERATIONS, node.id


@EVERY
def test_diagrams_hold_no_code_but_feel(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        if node.kind != "scriptTask":
            continue
        assert node.get("scriptFormat") == "feel", node.id
        lines = (node.element.findtext("bpmn:script", "", NS) or "").strip().splitlines()
        assert lines, f"{node.id} is empty"
        assert all(line.startswith("loop.") for line in lines), f"{node.id} writes outside loop"


@EVERY
def test_what_a_condition_reads_has_been_answered_in_the_forms_or_counted(drawing: Drawing) -> None:
    fields = {path.stem: _keys(json.loads(path.read_text(encoding="utf-8"))) for path in files("form")}
    texts = [each.text or "" for each in drawing.process.element.iter(f"{{{NS['bpmn']}}}conditionExpression")]
    texts += [each.text or "" for each in drawing.process.element.iter(f"{CAMUNDA}inputParameter")]
    texts += [each.text or "" for each in drawing.process.element.iter(f"{CAMUNDA}outputParameter")]
    for text in texts:
        for form, name in re.findall(r"form\.(\w+)\.(\w+)", text):
            assert form in fields, f"{text} reads a form that no user task has"
            assert name in fields[form], f"{text} reads {form}.{name}, which the form does not ask"


def test_activity_ids_are_unique_over_all_diagrams_so_that_answers_never_mix() -> None:
    seen: dict[str, str] = {}
    for drawing in drawings():
        for node in drawing.nodes.values():
            if node.kind in ("userTask", "businessRuleTask"):
                assert node.id not in seen, f"{node.id} is in {seen[node.id]} and {drawing.file}"
                seen[node.id] = drawing.file


@pytest.mark.parametrize("path", files("form"), ids=lambda path: path.stem)
def test_a_form_speaks_chinese_with_english_beside(path: Path) -> None:
    form = json.loads(path.read_text(encoding="utf-8"))
    assert form["type"] == "default"
    assert form["id"] == path.stem
    asked = [part for part in form["components"] if part["type"] != "text"]
    assert asked
    for part in asked:
        assert CHINESE.search(part.get("label") or part.get("dateLabel") or ""), part["key"]
        assert part.get("description"), part["key"]
    assert len({part["key"] for part in asked}) == len(asked)
    assert len({part["id"] for part in form["components"]}) == len(form["components"])


def test_no_form_or_decision_is_left_over() -> None:
    tasks = {n.camunda("formRef") for d in drawings() for n in d.nodes.values() if n.kind == "userTask"}
    said = [_properties(each.element) for d in drawings() for each in (d.process, *d.nodes.values())]
    named = {one[word] for one in said for word in ("form.start", "message.form") if word in one}
    assert {path.stem for path in files("form")} == tasks | named
    tables = {
        n.camunda("decisionRef") for d in drawings() for n in d.nodes.values() if n.kind == "businessRuleTask"
    }
    checks = {
        one[word]
        for one in said
        for word in ("form.check", "form.start.check", "message.check")
        if word in one
    }
    assert {path.stem for path in files("dmn")} == tables | checks


def test_events_are_drawn_as_the_engine_runs_them() -> None:
    for drawing in drawings():
        for node in drawing.nodes.values():
            if node.kind in EVENTS:
                kinds = [child.tag for child in node.element if str(child.tag).endswith("EventDefinition")]
                assert len(kinds) <= 1, node.id


def _properties(element: etree._Element) -> dict[str, str]:
    found = element.findall("bpmn:extensionElements/camunda:properties/camunda:property", NS)
    return {each.get("name", ""): each.get("value", "") for each in found}


def _keys(form: dict[str, list[dict[str, str]]]) -> set[str]:
    return {part["key"].split(".")[0] for part in form["components"] if "key" in part}


def _clock_lines() -> list[str]:
    return (CONTENT / "organisation" / "clocks.csv").read_text(encoding="utf-8").splitlines()[1:]
