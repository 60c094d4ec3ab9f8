"""Regimes whose forms read what the process has learnt, and are checked by tables."""

from __future__ import annotations

import json
from typing import Any

from engine.dialect import SourceFile
from tests.tasks.deadlines.clocks.test_said_beginnings_and_ends import said
from tests.tasks.drawings import drawn

FIELD = {"type": "textfield", "key": "remark", "label": "说明"}
PICK = {
    "type": "select",
    "key": "picked",
    "label": "选择",
    "valuesExpression": "=loop.options",
    "validate": {"required": True},
}


def form(key: str, *components: dict[str, Any]) -> SourceFile:
    text = json.dumps({"type": "default", "id": key, "components": list(components)}, ensure_ascii=False)
    return SourceFile(f"{key}.form", text.encode())


def table(
    key: str, *rows: tuple[str, str, str, str], inputs: str = "form.answer.picked", policy: str = "COLLECT"
) -> SourceFile:
    """A decision of one input; each row is (test, path, message_zh, message), each of them FEEL."""

    def rule(number: int, row: tuple[str, ...]) -> str:
        test, *outputs = (cell.replace("&", "&amp;").replace("<", "&lt;") for cell in row)
        written = "".join(
            f'<outputEntry id="{key}_r{number}_{index}"><text>{one}</text></outputEntry>'
            for index, one in enumerate(outputs)
        )
        return (
            f'<rule id="{key}_r{number}"><inputEntry id="{key}_i{number}"><text>{test}</text></inputEntry>'
            f"{written}</rule>"
        )

    names = "".join(
        f'<output id="{key}_{name}" name="{name}" typeRef="string"/>'
        for name in ("path", "message_zh", "message")
    )
    return SourceFile(
        f"{key}.dmn",
        f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d_{key}" name="{key}" namespace="urn:test">
<decision id="{key}" name="{key}"><decisionTable id="{key}_t" hitPolicy="{policy}">
<input id="{key}_in"><inputExpression id="{key}_e"><text>{inputs}</text></inputExpression></input>{names}
{"".join(rule(number, row) for number, row in enumerate(rows))}</decisionTable></decision></definitions>""".encode(),
    )


def asking(*, check: str = "", start: str = "", options: str = "[]", key: str = "asking") -> SourceFile:
    """A script makes `loop.options` and `loop.secret`; then the task `answer` asks with the form `answer`. Checked by the tables
    that are named.
    """
    script = f'loop.options = {options}\nloop.secret = "内部"'.replace("<", "&lt;")
    return drawn(
        key,
        (said(form__start__check=start) if start else "")
        + '<bpmn:startEvent id="s"/><bpmn:scriptTask id="find" scriptFormat="feel">'
        f"<bpmn:script>{script}</bpmn:script></bpmn:scriptTask>"
        '<bpmn:userTask id="answer" name="答复" camunda:candidateGroups="channel" camunda:formRef="answer">'
        f'{said(form__check=check) if check else ""}</bpmn:userTask><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="find"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="find" targetRef="answer"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="answer" targetRef="e"/>',
    )
