"""What stands in a file beside its processes: drawings, pools of other files, imports, global tasks."""

from __future__ import annotations

import pytest

from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory


def told(outcome) -> list[tuple[str, str, str]]:
    return [(f.severity, f.code, f.element_id) for f in outcome.findings]


@pytest.mark.parametrize(
    "drawn",
    [
        '<collaboration id="c"><participant id="a"/><participant id="b"/><messageFlow id="m" sourceRef="a" targetRef="b"/></collaboration>',
        '<choreography id="c"><choreographyTask id="t" initiatingParticipantRef="x"><participantRef>x</participantRef></choreographyTask></choreography>',
        '<collaboration id="c"><conversation id="t"/><conversationLink id="l" sourceRef="x" targetRef="t"/></collaboration>',
    ],
)  # fmt: skip
def test_a_diagram_without_a_process_is_a_drawing(gate, drawn) -> None:
    content = gate.diagram("").decode()
    begin, end = content.index("<process"), content.index("</process>") + len("</process>")
    outcome = gate((content[:begin] + drawn + content[end:]).encode())
    assert (outcome.models, told(outcome)) == ((), [("warning", "no-process", "")])


def test_a_file_with_nothing_in_it_is_refused(gate, codes_of) -> None:
    content = gate.diagram("").decode()
    begin, end = content.index("<process"), content.index("</process>") + len("</process>")
    assert codes_of(gate((content[:begin] + content[end:]).encode())) == ["no-process"]


def test_a_pool_of_a_process_elsewhere_and_an_import_are_told(gate) -> None:
    roots = (
        '<import importType="http://www.omg.org/spec/BPMN/20100524/MODEL" location="other.bpmn" namespace="urn:o"/>'
        '<import importType="http://www.w3.org/2001/XMLSchema" location="data.xsd" namespace="urn:d"/>'
        '<collaboration id="c"><participant id="here" processRef="tns:p"/><participant id="there" processRef="q"/>'
        "</collaboration>"
    )
    outcome = gate(gate.chain('<task id="t"/>', roots=roots))
    assert sorted(told(outcome)) == [
        ("warning", "import-not-followed", ""),
        ("warning", "pool-without-process", "there"),
    ]
    assert [model.key for model in outcome.models] == ["p"]


def test_lanes_may_be_nested_and_name_what_is_not_there(gate) -> None:
    lanes = (
        '<laneSet><lane id="a" name="部门"><flowNodeRef>t</flowNodeRef><flowNodeRef>elsewhere</flowNodeRef><childLaneSet>'
        '<lane id="b" name="客服"><flowNodeRef>t</flowNodeRef></lane></childLaneSet></lane></laneSet>'
    )
    node = gate.model(
        gate.chain('<task id="t"/>').replace(b"<startEvent", lanes.encode() + b"<startEvent")
    ).body.nodes[1]
    assert (node.id, node.lane) == ("t", "客服")


def called(task: str, *others) -> InMemory:
    file = process("p", "start s", "call c calledElement=tns:g", "user after", "s -> c -> after")
    return InMemory(
        type(file)(
            file.name, file.content.replace(b"</bpmn:definitions>", task.encode() + b"</bpmn:definitions>")
        ),
        *others,
    )


def test_a_global_user_task_is_called_and_answered() -> None:
    run = called('<bpmn:globalUserTask id="g" name="核实" camunda:candidateGroups="audit"/>')
    assert run.waiting() == ["g_task"]
    run.complete("g_task", {"ok": True})
    assert run.waiting() == ["after"]
    assert run.instance.store.values["form"]["g_task"] == {"ok": True}


@pytest.mark.parametrize("task", ['globalTask id="g"', 'globalManualTask id="g"'])
def test_a_global_task_that_only_passes_or_waits_is_called(task) -> None:
    run = called(f"<bpmn:{task}/>")
    assert run.waiting() == (["after"] if "Manual" not in task else ["g_task"])


def test_a_global_script_task_is_called_and_writes() -> None:
    run = called(
        '<bpmn:globalScriptTask id="g" scriptLanguage="feel"><bpmn:script>x = 1 + 1</bpmn:script></bpmn:globalScriptTask>'
    )
    assert (run.waiting(), run.instance.store.values["x"]) == (["after"], 2)


def test_a_global_task_nobody_calls_has_no_effect(gate) -> None:
    outcome = gate(gate.chain('<task id="t"/>', roots='<globalUserTask id="g"/>'))
    assert (told(outcome), len(outcome.models)) == ([], 1)


def test_a_global_script_in_another_language_is_refused_by_its_name(gate) -> None:
    roots = '<globalScriptTask id="g" scriptLanguage="groovy"><script>x</script></globalScriptTask>'
    errors = gate(gate.chain('<callActivity id="t" calledElement="g"/>', roots=roots)).errors
    assert [(f.code, f.element_id) for f in errors] == [("unsupported-script-language", "g_task")]
