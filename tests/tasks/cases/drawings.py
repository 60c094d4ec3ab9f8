"""Small processes for tests of linked cases: a row of service tasks, user tasks and waits, drawn from words."""

from __future__ import annotations

import json
from itertools import pairwise
from xml.sax.saxutils import quoteattr

from engine.dialect import SourceFile
from tests.tasks.drawings import START_FORM, drawn


def operation(name: str, topic: str, **inputs: str) -> str:
    """A service task; an input that begins with = is FEEL."""
    given = "".join(
        f'<camunda:inputParameter name="{key}">{_escaped(value)}</camunda:inputParameter>'
        for key, value in inputs.items()
    )
    return (
        f'<bpmn:serviceTask id="{name}" camunda:type="external" camunda:topic="{topic}">'
        f"<bpmn:extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></bpmn:extensionElements>"
        "</bpmn:serviceTask>"
    )


def work(name: str, role: str = "channel", *, form: str = "", **properties: str) -> str:
    """A user task for a candidate role, with the form of this key if there is one; in the names of properties `__` stands for a dot."""
    listed = "".join(
        f'<camunda:property name="{key.replace("__", ".")}" value={quoteattr(value)}/>'
        for key, value in properties.items()
    )
    asks = f' camunda:formRef="{form}"' if form else ""
    return (
        f'<bpmn:userTask id="{name}" name="{name}" camunda:candidateGroups="{role}"{asks}><bpmn:extensionElements>'
        f"<camunda:properties>{listed}</camunda:properties></bpmn:extensionElements></bpmn:userTask>"
    )


def wait(name: str, message: str) -> str:
    """A catch event for a message that was declared in `process`."""
    return (
        f'<bpmn:intermediateCatchEvent id="{name}"><bpmn:messageEventDefinition id="{name}_m" '
        f'messageRef="{message}"/></bpmn:intermediateCatchEvent>'
    )


def process(
    key: str, *steps: str, properties: str = "", messages: tuple[str, ...] = (), start: str = ""
) -> SourceFile:
    """A process of these steps, one after the other. start: the message it starts with, if any."""
    names = ["arrived", *(step.split('id="', 1)[1].split('"', 1)[0] for step in steps), "over"]
    flows = "".join(
        f'<bpmn:sequenceFlow id="{key}_{at}" sourceRef="{one}" targetRef="{other}"/>'
        for at, (one, other) in enumerate(pairwise(names))
    )
    head = (
        f'<bpmn:startEvent id="arrived"><bpmn:messageEventDefinition id="arrived_m" messageRef="{start}"/>'
        "</bpmn:startEvent>"
        if start
        else '<bpmn:startEvent id="arrived"/>'
    )
    extra = f"<bpmn:extensionElements><camunda:properties>{properties}</camunda:properties></bpmn:extensionElements>"
    file = drawn(key, f'{extra}{head}{"".join(steps)}<bpmn:endEvent id="over"/>{flows}')
    declared = "".join(f'<bpmn:message id="{name}" name="{name}"/>' for name in {*messages, start} - {""})
    text = file.content.decode().replace(f'<bpmn:process id="{key}"', f'{declared}<bpmn:process id="{key}"')
    return SourceFile(file.name, text.encode())


def asking(key: str, *fields: str) -> SourceFile:
    """A start form of the process `key`: what the form of `request` asks, nothing of it required, and these texts."""
    usual = [{**one, "validate": {}} for one in START_FORM["components"]]  # type: ignore[attr-defined]
    more = [{"type": "textfield", "key": field, "label": field} for field in fields]
    text = json.dumps({**START_FORM, "id": f"{key}_start", "components": usual + more})
    return SourceFile(f"{key}_start.form", text.encode())


def answering(key: str, *fields: str) -> SourceFile:
    """A form with these texts, none of them required."""
    listed = [{"type": "textfield", "key": field, "label": field} for field in fields]
    text = json.dumps({"type": "default", "id": key, "components": listed})
    return SourceFile(f"{key}.form", text.encode())


def _escaped(text: str) -> str:
    return quoteattr(text)[1:-1]
