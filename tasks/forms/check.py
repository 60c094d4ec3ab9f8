"""A compiled form: declared fields in, one verdict out. All problems at once, nothing dropped silently."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from engine.errors import InvalidInput
from engine.ports import FormWarning
from tasks.forms.conditions import Condition
from tasks.forms.fields import (
    BUILDERS,
    DISPLAY,
    HOMES,
    MISSING,
    Checked,
    Field,
    PaperAnswer,
    Problem,
    path_text,
    reserved,
)
from tasks.forms.files import FilePicker

LARGEST_ANSWER = 256 * 1024
"""Bytes of JSON a person may send for one form."""
DEEPEST = 20
_BUILDERS = {**BUILDERS, "filepicker": FilePicker}
OFFERED = (*_BUILDERS, "group", "text", "separator", "spacer")
"""The kinds of components that a form may well be made of: those that are checked, and those that only show and need nothing from
elsewhere. (Others of DISPLAY are taken, and kept.)
"""


class AnswersRefused(InvalidInput):
    """What was filled in does not fit the form; `problems` has one entry per mistake.

    clean: what could be taken of it, with null for what is wrong; None where nothing could be looked at.
    """

    def __init__(self, form: str, problems: list[Problem], clean: dict[str, Any] | None = None) -> None:
        count = len(problems)
        first = problems[0]
        super().__init__(
            f"The answers to the form {form} were refused with {count} problem{'s' if count > 1 else ''}: "
            f"{first.path or 'the form'}: {first.message}" + ("" if count == 1 else " (and more)"),
            form=form,
        )
        self.problems = problems
        self.clean = clean


class FormCheck:
    """One form schema, ready to check answers. Immutable and shared by threads."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.id = str(schema.get("id") or "")
        self._root = Group(schema.get("components") or (), depth=0)

    @property
    def paths(self) -> tuple[str, ...]:
        """The dotted paths of all declared fields."""
        return tuple(self._root.declared())

    def blank(self) -> dict[str, Any]:
        """Return the answers of somebody who was asked nothing: every declared field, null."""
        return self._root.blank()

    def check(
        self,
        answers: Mapping[str, Any],
        *,
        now: datetime,
        context: Mapping[str, Any] | None = None,
        form: str = "",
        warnings: list[FormWarning] | None = None,
        papers: list[PaperAnswer] | None = None,
    ) -> dict[str, Any]:
        """Return the answers with every declared field present (null when left empty).

        `context` is what the form's expressions may read besides the answers, such as `case`. `warnings` gets what
        the form's expressions warned of; answers that are refused leave nothing there: nothing has happened. `papers`
        gets the attachments the answers name, for `tasks.evidence.answers.take`. Raises AnswersRefused with every problem found: wrong types, missing, out of range, no such option, unknown
        fields, fields that are not asked in this situation, reserved names.
        """
        name = form or self.id
        if not isinstance(answers, Mapping):
            raise AnswersRefused(name, [Problem("", "must be a JSON object", "必须是 JSON 对象")])
        try:
            size = len(orjson.dumps(answers))
        except (TypeError, orjson.JSONEncodeError):
            raise AnswersRefused(
                name, [Problem("", "is not valid JSON text", "不是有效的 JSON 文本")]
            ) from None
        if size > LARGEST_ANSWER:
            limit = LARGEST_ANSWER // 1024
            raise AnswersRefused(
                name,
                [
                    Problem(
                        "", f"has {size} bytes, at most {limit} KiB are taken", f"内容过大，最多 {limit} KiB"
                    )
                ],
            )
        situation = Checked(answers=answers, context=context or {}, now=now)
        clean = self._root.check(answers, situation, ())
        if situation.problems:
            raise AnswersRefused(name, situation.problems, clean)
        if warnings is not None:
            warnings += situation.warnings
        if papers is not None:
            papers += situation.papers
        return clean


class Group:
    """Components that share one object of answers; also the inside of a repeated block."""

    def __init__(self, components: Any, *, depth: int) -> None:
        if depth > DEEPEST:
            raise InvalidInput(f"The form nests groups deeper than {DEEPEST} levels.")
        self._fields: list[tuple[tuple[str, ...], Field, tuple[Condition, ...]]] = []
        self._tree: dict[str, Any] = {}
        self._collect(components, (), (), depth)

    def declared(self) -> list[str]:
        return [path_text(path) for path, _, _ in self._fields]

    def blank(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path, _, _ in self._fields:
            _put(found, path, None)
        return found

    def check(
        self, answers: Mapping[str, Any], situation: Checked, at: tuple[str | int, ...]
    ) -> dict[str, Any]:
        """Check one object of answers found at `at`; problems are added to the situation."""
        self._unknown(answers, self._tree, situation, at)
        clean: dict[str, Any] = {}
        for path, field, hides in self._fields:
            value = _get(answers, path)
            where = (*at, *path)
            if any(hide.holds(situation, answers) for hide in hides):
                if not _empty(value):
                    situation.add(where, "is not asked in this situation", "此情形下无需填写该项")
                _put(clean, path, None)
            elif field.readonly:
                # The browser sends read-only values back as it got them; they are shown, never taken.
                _put(clean, path, None)
            else:
                _put(clean, path, field.check(value, situation, where))
        return clean

    def _collect(
        self, components: Any, base: tuple[str, ...], hides: tuple[Condition, ...], depth: int
    ) -> None:
        if not isinstance(components, (list, tuple)):
            raise InvalidInput("The form's components must be a list.")
        for component in components:
            if not isinstance(component, Mapping):
                raise InvalidInput("A component of the form is not an object.")
            kind = str(component.get("type") or "")
            own = Condition.of(component)
            conditions = (*hides, own) if own else hides
            if kind == "group":
                self._collect(
                    component.get("components") or (), base + _split(component.get("path")), conditions, depth
                )
            elif kind in DISPLAY:
                continue
            else:
                self._declare(component, kind, base, conditions, depth)

    def _declare(
        self,
        component: Mapping[str, Any],
        kind: str,
        base: tuple[str, ...],
        hides: tuple[Condition, ...],
        depth: int,
    ) -> None:
        repeated = kind == "dynamiclist"
        path = base + _split(component.get("path") if repeated else component.get("key"))
        if not path:
            raise InvalidInput(f"A component of type {kind} in the form has no key.")
        for part in path:
            if reserved(part) or (part in HOMES and part is path[0]):
                raise InvalidInput(f"The form declares the field {path_text(path)}, whose name is reserved.")
        if repeated:
            field: Field = _BUILDERS["dynamiclist"](
                component, Group(component.get("components") or (), depth=depth + 1)
            )
        elif kind in _BUILDERS:
            field = _BUILDERS[kind](component, None)
        else:
            raise InvalidInput(
                f"The form has a component of the type {kind}, which cannot be checked on the server."
            )
        self._fields.append((path, field, hides))
        level = self._tree
        for part in path[:-1]:
            level = level.setdefault(part, {})
            if not isinstance(level, dict):
                raise InvalidInput(
                    f"The form uses {path_text(path)} both as a field and as a group of fields."
                )
        level.setdefault(path[-1], None)

    def _unknown(
        self,
        answers: Mapping[str, Any],
        tree: Mapping[str, Any],
        situation: Checked,
        at: tuple[str | int, ...],
    ) -> None:
        for key, value in answers.items():
            where = (*at, key)
            if not isinstance(key, str) or reserved(key):
                situation.add(where, "has a reserved name", "使用了保留名称")
            elif key not in tree:
                situation.add(where, "is not a field of this form", "不是此表单的字段")
            elif isinstance(tree[key], dict):
                if isinstance(value, Mapping):
                    self._unknown(value, tree[key], situation, where)
                elif value is not None:
                    situation.add(where, "must be an object", "必须是对象")


@lru_cache(maxsize=512)
def _compiled(schema: bytes) -> FormCheck:
    return FormCheck(orjson.loads(schema))


def compile_form(schema: Mapping[str, Any]) -> FormCheck:
    """Compile a form-js schema; the same content is compiled once per process.

    Raises InvalidInput when the schema cannot be checked on the server: a component of unknown type, a field
    without a key, a reserved field name, an expression or pattern that does not compile.
    """
    return _compiled(orjson.dumps(schema))


def _split(path: Any) -> tuple[str, ...]:
    return tuple(part for part in str(path or "").split(".") if part)


def _get(answers: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        if not isinstance(answers, Mapping) or part not in answers:
            return MISSING
        answers = answers[part]
    return answers


def _put(into: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        into = into.setdefault(part, {})
    if value is not None or path[-1] not in into:
        into[path[-1]] = value


def _empty(value: Any) -> bool:
    return value is MISSING or value is None or value == "" or value == [] or value is False
