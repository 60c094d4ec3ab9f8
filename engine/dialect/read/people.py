"""Reads who does a user task, by when, and with which form."""

from __future__ import annotations

from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import Binding, UserTaskSettings, Value
from engine.dialect.read.context import FileContext, attribute, child, children
from engine.dialect.read.forms import stem
from engine.dialect.read.mappings import read_binding
from engine.dialect.read.texts import is_date, is_duration
from engine.dialect.safe_xml import Element, text_of


def read_user(
    context: FileContext, element: Element, place: Place, properties: dict[str, str]
) -> dict[str, Any]:
    read = context.reader.value
    form, binding = read_form_settings(context, element, place)
    priority = read(attribute(element, "priority"), place, ("priority", "优先级"))
    if (
        priority is not None
        and priority.literal is not None
        and not (
            priority.literal.isdecimal() and len(priority.literal) < 8 and int(priority.literal) <= 1_000_000
        )
    ):
        context.report.error(
            "bad-priority",
            place,
            f'The priority of {place:en}, "{priority.literal[:40]}", is no whole number from 0 to 1000000.',
            f"{place:zh}的优先级“{priority.literal[:40]}”不是 0 到 1000000 的整数。",
        )
    assignee = read(attribute(element, "assignee"), place, ("assignee", "办理人"))
    users = read(attribute(element, "candidateUsers"), place, ("candidate users", "候选人"))
    groups = read(attribute(element, "candidateGroups"), place, ("candidate groups", "候选组"))
    if assignee is None and users is None and groups is None:
        assignee, users, groups = _resource_roles(element)
    if assignee is None and users is None and groups is None:
        context.report.warning(
            "nobody-may-do-it",
            place,
            f"{place:en} names no candidate group, candidate user or assignee; nobody will find it in an "
            "inbox.",
            f"{place:zh}没有候选组、候选人或办理人；没有人会在待办中看到它。",
        )
    return {
        "user": UserTaskSettings(
            assignee=assignee,
            candidate_users=users,
            candidate_groups=groups,
            form=form,
            form_binding=binding,
            priority=priority,
            due_date=_due(context, element, "dueDate", place, ("due date", "到期时间")),
            follow_up_date=_due(context, element, "followUpDate", place, ("follow-up date", "跟进时间")),
        )
    }


def read_form_settings(context: FileContext, element: Element, place: Place) -> tuple[str | None, Binding]:
    """Return the form key of a user task or start event and its binding; the form must exist."""
    reference, key = attribute(element, "formRef"), attribute(element, "formKey")
    what = ("form", "表单")
    if reference:
        name = context.reader.literal(reference, place, what)
    elif key.startswith(("embedded:", "app:", "http:", "https:")):
        context.report.error(
            "unsupported-form",
            place,
            f'The form "{key[:80]}" of {place:en} is a page of another application; draw a form and name '
            "its key.",
            f"{place:zh}的表单“{key[:80]}”是其他应用的页面；请画一个表单并引用它的键。",
        )
        return None, Binding()
    else:
        name = context.reader.literal(key, place, what)
        if key.startswith("camunda-forms:") or name.endswith((".form", ".json")):
            name = stem(name.rpartition(":")[2])
    if not name:
        return None, Binding()
    binding = read_binding(context, element, "formRef", place)
    name = context.form_keys.get(name, name)
    context.refer("form", name, binding, place)
    return name, binding


def _due(
    context: FileContext, element: Element, name: str, place: Place, what: tuple[str, str]
) -> Value | None:
    value = context.reader.value(attribute(element, name), place, what)
    if (
        value is not None
        and value.literal is not None
        and not (is_date(value.literal) or is_duration(value.literal))
    ):
        context.report.error(
            "bad-date",
            place,
            f'The {what[0]} of {place:en}, "{value.literal[:40]}", is neither an ISO 8601 date nor a '
            "duration; "
            "write for example PT4H.",
            f"{place:zh}的{what[1]}“{value.literal[:40]}”既不是 ISO 8601 日期也不是时长；请写例如 PT4H。",
        )
        return None
    return value


def _resource_roles(element: Element) -> tuple[Value | None, Value | None, Value | None]:
    """Return assignee, candidate users and groups from BPMN's own humanPerformer and potentialOwner."""

    def texts(role: str) -> list[str]:
        found: list[str] = []
        for owner in children(element, role):
            for assignment in children(owner, "resourceAssignmentExpression"):
                text = text_of(child(assignment, "formalExpression"))
                found.extend(part.strip() for part in text.split(",") if part.strip() and "${" not in text)
        return found

    performer = texts("humanPerformer")
    users = [t[5:-1].strip() for t in texts("potentialOwner") if t.startswith("user(") and t.endswith(")")]
    groups = [
        t[6:-1].strip() if t.startswith("group(") and t.endswith(")") else t
        for t in texts("potentialOwner")
        if not t.startswith("user(")
    ]

    def literal(items: list[str]) -> Value | None:
        return Value(literal=",".join(items)) if items else None

    return literal(performer[:1]), literal(users), literal(groups)
