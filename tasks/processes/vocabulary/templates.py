"""What a diagram may say here as element templates of the free Camunda Modeler: typed fields in its properties panel.

Made from the vocabulary, so that they name the groups, limits, forms, decisions and operations of this installation. The format
is that of `@camunda/element-templates-json-schema` (Camunda 7). One template per kind of element, and one per operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.vocabulary.reading import everything

SCHEMA = "https://unpkg.com/@camunda/element-templates-json-schema/resources/schema.json"
FILE = "redress-element-templates.json"
NOTHING = {"name": "（不填 none）", "value": ""}

_PEOPLE = ("bpmn:UserTask", "bpmn:ManualTask")
_KINDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("userTask", "待办", "user task", _PEOPLE),
    ("process", "流程", "process", ("bpmn:Process",)),
    ("subProcess", "阶段", "stage", ("bpmn:SubProcess", "bpmn:CallActivity")),
    ("receiveTask", "等待消息", "waits for a message", ("bpmn:ReceiveTask",)),
    ("intermediateCatchEvent", "等待", "waits for an event",
     ("bpmn:IntermediateCatchEvent", "bpmn:BoundaryEvent", "bpmn:StartEvent")),
    ("endEvent", "结果", "outcome", ("bpmn:EndEvent", "bpmn:IntermediateThrowEvent")),
)  # fmt: skip


def templates(session: Session, deps: Deps, caller: Caller | None) -> list[dict[str, Any]]:
    """The templates of this installation now. A caller of None is this machine's operator. Raises NotPermitted."""
    if caller is not None:
        require(caller, "process_draft.read")
    return templates_of(everything(session, deps))


def templates_of(words: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The templates for a vocabulary."""
    found = [
        _template(
            f"redress.{kind}",
            f"{zh} {en}",
            applies,
            [*_attributes(kind, words), *_properties(kind, words)],
        )
        for kind, zh, en, applies in _KINDS
    ]
    found.append(_decision(words))
    return [*found, *(_operation(one, words) for one in words["operations"])]


def _template(
    id: str, name: str, applies: Iterable[str], properties: list[dict[str, Any]], does: str = ""
) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "name": f"Redress {name}",
        "id": id,
        **({"description": does} if does else {}),
        "appliesTo": list(applies),
        "entriesVisible": True,
        "properties": properties,
    }


def _attributes(kind: str, words: Mapping[str, Any]) -> list[dict[str, Any]]:
    if kind != "userTask":
        return []
    groups = _choices(words["groups"], "key")
    forms = _choices(words["forms"], "key")
    return [
        _field("办理组 group", _attribute("candidateGroups"), "由哪个组办理 Who may do it", choices=groups),
        _field("表单 form", _attribute("formRef"), "填写的表单 The form that is filled in", choices=forms),
        {
            **_field("优先级 priority", _attribute("priority"), "整数，越大越先 A number, larger is sooner"),
            "constraints": {"pattern": {"value": "^$|^-?[0-9]+$|^[=$#].*", "message": "整数或表达式 a number or an expression"}},
        },
    ]  # fmt: skip


def _properties(kind: str, words: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of every property that counts on this kind of element."""
    return [
        _field(
            f"{one['zh']} {one['en']}",
            {"type": "camunda:property", "name": one["name"]},
            f"{one['does_zh']} {one['does_en']}",
            choices=_said(one, words),
        )
        for one in words["properties"]
        if kind in one["kinds"] and one["name"] != "operation"
    ]


def _said(one: Mapping[str, Any], words: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a property is chosen from; nothing where any text is possible."""
    name = one["name"]
    if name == "sla.policy":
        limits = words["clocks"]["policies"]
        return [
            {"name": f"{each['code']} {each['name']} {each['limit_zh']}".strip(), "value": each["code"]}
            for each in limits
        ]
    if name == "form.start":
        return _choices(words["forms"], "key")
    if name in ("form.check", "form.start.check", "message.check"):
        return _choices(words["decisions"], "key")
    if name == "message.form":
        return _choices(words["forms"], "key")
    if one.get("several") or one.get("open"):
        return []
    return _worded(one.get("words") or ())


def _decision(words: Mapping[str, Any]) -> dict[str, Any]:
    fields = [
        _field("决策表 decision", _attribute("decisionRef"), choices=_choices(words["decisions"], "key")),
        _field("结果变量 result variable", _attribute("resultVariable")),
        _field(
            "结果的形状 shape of the result",
            _attribute("mapDecisionResult"),
            choices=[
                {"name": "一个值 one value", "value": "singleEntry"},
                {"name": "一行 one row", "value": "singleResult"},
                {"name": "一列 one column", "value": "collectEntries"},
                {"name": "多行 rows", "value": "resultList"},
            ],
        ),
    ]
    return _template("redress.decision", "决策 decision", ("bpmn:BusinessRuleTask",), fields)


def _operation(one: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    fields: list[dict[str, Any]] = [
        _hidden(_attribute("type"), "external"),
        _hidden(_attribute("topic"), one["name"]),
    ]
    for each in one["inputs"]:
        fields.append(
            {
                **_field(
                    f"{each['zh']} {each['en']}",
                    {"type": "camunda:inputParameter", "name": each["name"]},
                    choices=() if each["open"] else _offered(each, words),
                ),
                **({"constraints": {"notEmpty": True}} if each["required"] else {}),
            }
        )
    return _template(
        f"redress.operation.{one['name']}",
        f"{one['title']} {one['title_en']}",
        ("bpmn:ServiceTask", "bpmn:SendTask"),
        fields,
        f"{one['does']} {one['does_en']}".strip(),
    )


def _offered(each: Mapping[str, Any], words: Mapping[str, Any]) -> list[dict[str, str]]:
    listed = words.get(each["of"] or "")
    if isinstance(listed, list) and listed and "key" in listed[0]:
        return _choices(listed, "key")
    return _worded(each["words"] or ())


def _worded(words: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    return [
        {"name": one["zh"] if one["zh"] == one["en"] else f"{one['zh']} {one['en']}", "value": one["value"]}
        for one in words
    ]


def _choices(rows: Iterable[Mapping[str, Any]], key: str) -> list[dict[str, str]]:
    return [
        {
            "name": row[key] if row.get("name") in (None, row[key]) else f"{row['name']} {row[key]}",
            "value": row[key],
        }
        for row in rows
    ]


def _attribute(name: str) -> dict[str, str]:
    return {"type": "property", "name": f"camunda:{name}"}


def _hidden(binding: Mapping[str, str], value: str) -> dict[str, Any]:
    return {"type": "Hidden", "value": value, "binding": dict(binding)}


def _field(
    label: str, binding: Mapping[str, str], does: str = "", *, choices: Iterable[Mapping[str, str]] = ()
) -> dict[str, Any]:
    chosen = [dict(one) for one in choices]
    return {
        "label": label,
        **({"description": does} if does else {}),
        "type": "Dropdown" if chosen else "String",
        **({"choices": [NOTHING, *chosen]} if chosen else {}),
        "binding": dict(binding),
    }
