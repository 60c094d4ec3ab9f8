"""Reads who does a user task, by when, and with which form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import UserTaskSettings, Value
from engine.dialect.read.context import FileContext, attribute, child, children
from engine.dialect.read.data.forms import stem
from engine.dialect.read.data.generated_forms import embedded_form, generate_form
from engine.dialect.read.data.instants import is_date, is_duration
from engine.dialect.read.data.texts import feel_string, is_computed
from engine.dialect.read.nodes.mappings import read_binding
from engine.dialect.safe_xml import Element, local_name, text_of

_OTHER_PAGE = re.compile(r"(?:embedded|app|https?|external):|.*\.(?:html?|jsp|xhtml|jsf)\Z", re.IGNORECASE)
"""A form key that leads to a page of another application."""
_OWNER = re.compile(r"(user|group)\((.*)\)\Z", re.DOTALL)


def read_user(
    context: FileContext, element: Element, place: Place, properties: dict[str, str]
) -> dict[str, Any]:
    read = context.reader.value
    settings = read_form_settings(context, element, place)
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
        assignee, users, groups = _resource_roles(context, element, place)
    context.reader.host.check_groups(context.report, place, groups)
    if assignee is None and users is None and groups is None:
        context.report.warning(
            "nobody-may-do-it",
            place,
            f"{place:en} names no candidate group, candidate user or assignee; nobody will find it in an "
            "inbox.",
            f"{place:zh}没有候选组、候选人或办理人；没有人会在待办中看到它。",
        )
    return {
        "user": replace(
            settings,
            assignee=assignee,
            candidate_users=users,
            candidate_groups=groups,
            priority=priority,
            due_date=_due(context, element, "dueDate", place, ("due date", "到期时间")),
            follow_up_date=_due(context, element, "followUpDate", place, ("follow-up date", "跟进时间")),
        )
    }


def read_form_settings(context: FileContext, element: Element, place: Place) -> UserTaskSettings:
    """Return the form of a user task or start event, and nothing else of its settings.

    A form in a file must exist; one the diagram holds in itself is kept as one; what is neither is left out.
    """
    reference, key = attribute(element, "formRef"), attribute(element, "formKey")
    inside = attribute(element, "embeddedForm")
    if inside and not (reference or key):
        return UserTaskSettings(form=embedded_form(context, element, place, inside) or None)
    if not (reference or key):
        return UserTaskSettings(form=generate_form(context, element, place) or None)
    name = reference or key
    if is_computed(name) or _OTHER_PAGE.match(name):
        context.report.warning(
            "form-left-out",
            place,
            f'The form "{name[:80]}" of {place:en} is computed or a page of another application, so the task is shown '
            "without a form; draw a form and name its key.",
            f"{place:zh}的表单“{name[:80]}”是计算出来的或其他应用的页面，不会显示；请在这里画一个表单并引用它的键。",
        )
        return UserTaskSettings()
    if key.startswith("camunda-forms:") or (not reference and name.endswith((".form", ".json"))):
        name = stem(name.rpartition(":")[2])
    binding = read_binding(context, element, "formRef", place)
    name = context.form_keys.get(name, name)
    context.refer("form", name, binding, place)
    return UserTaskSettings(form=name, form_binding=binding)


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


def _resource_roles(
    context: FileContext, element: Element, place: Place
) -> tuple[Value | None, Value | None, Value | None]:
    """Return assignee, candidate users and groups from BPMN's own roles (BPMN 2.0 §10.3.1, Resource Assignment).

    Inside a potential owner, Activiti's `user(a)` and `group(b)` tell which; a plain name is a group.
    """
    performers = [text for role in ("humanPerformer", "performer") for text in _named(context, element, role)]
    users: list[str] = []
    groups: list[str] = []
    for text in _named(context, element, "potentialOwner"):
        for part in _parts(text):
            kind = _OWNER.match(part.strip())
            (users if kind and kind[1] == "user" else groups).append(
                kind[2].strip() if kind else part.strip()
            )
    what = (("assignee", "办理人"), ("candidate users", "候选人"), ("candidate groups", "候选组"))
    given = (performers[:1], users, groups)
    assignee, candidates, owners = (
        _together(context, items, place, words) for items, words in zip(given, what, strict=True)
    )
    return assignee, candidates, owners


def _parts(text: str) -> list[str]:
    """Return the parts of a list with commas; a comma inside brackets separates nothing."""
    cuts, depth = [-1], 0
    for at, character in enumerate(text):
        depth += (character in "({") - (character in ")}")
        if character == "," and depth <= 0:
            cuts.append(at)
    return [text[start + 1 : end] for start, end in pairwise([*cuts, len(text)])]


def _named(context: FileContext, element: Element, role: str) -> Iterator[str]:
    """Yield what a role names: expressions as written, resources by their name."""
    for holder in children(element, role):
        for assignment in children(holder, "resourceAssignmentExpression"):
            expression = next((one for one in assignment if local_name(one).endswith("xpression")), None)
            if text := text_of(expression):
                yield text
        if reference := text_of(child(holder, "resourceRef")):
            resource = context.resolve(reference)
            yield (resource.get("name") if resource is not None else "") or reference.rpartition(":")[2]


def _together(context: FileContext, items: list[str], place: Place, what: tuple[str, str]) -> Value | None:
    """Return several names as one value: a literal list, or a FEEL list where one is computed."""
    items = [item for item in items if item]
    if not any(map(is_computed, items)):
        return Value(literal=",".join(items)) if items else None
    if len(items) == 1:
        return context.reader.value(items[0], place, what)
    parts: list[str] = []
    for item in items:
        value = context.reader.value(item, place, what)
        if value is not None:
            parts.append(value.feel if value.feel is not None else feel_string(value.literal or ""))
    return Value(feel=f"[{', '.join(parts)}]") if parts else None
