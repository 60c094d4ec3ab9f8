"""A form as it is being written: shown as staff will see it, and checked as the server will check what they send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from engine.dialect.read.data.forms import form_data
from engine.errors import InvalidInput
from engine.ports import FormWarning
from tasks.core import DEEPEST, too_deep
from tasks.deps import Deps
from tasks.forms import AnswersRefused, Problem, compile_form
from tasks.forms.around import with_defaults
from tasks.forms.fields import PaperAnswer

LARGEST_FORM = 2 * 1024 * 1024
"""Characters of a form that is tried."""


@dataclass(frozen=True, slots=True)
class FormTried:
    """What the server says to the answers: every mistake, or what it would take of them."""

    problems: tuple[Problem, ...] = ()
    answers: dict[str, Any] = field(default_factory=dict)


def shown_form(session: Session, deps: Deps, name: str, text: str) -> Mapping[str, Any]:
    """The form-js schema with the options of today and the default values of an empty case, as the form of a task is given to a
    browser.

    Raises InvalidInput where the text is no form, or one whose answers could not be checked.
    """
    schema = _schema(name, text)
    compile_form(schema)
    return with_defaults(_offered(session, deps, schema), {}, deps.clock.now())


def try_form(session: Session, deps: Deps, name: str, text: str, answers: Mapping[str, Any]) -> FormTried:
    """Check answers as those of a task with this form are checked, with nothing around it: no case, nothing learnt, no
    attachment. Stores nothing. Raises InvalidInput as `shown_form` does.
    """
    schema = _offered(session, deps, _schema(name, text))
    warnings: list[FormWarning] = []
    papers: list[PaperAnswer] = []
    try:
        clean = compile_form(schema).check(
            answers, now=deps.clock.now(), form=name, warnings=warnings, papers=papers
        )
    except AnswersRefused as refused:
        return FormTried(tuple(refused.problems))
    return FormTried(answers=clean)


def _offered(session: Session, deps: Deps, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return deps.office.current(session).classification.offer(schema)


def _schema(name: str, text: str) -> Mapping[str, Any]:
    if len(text) > LARGEST_FORM:
        raise InvalidInput(
            f"Trying the form {name} was refused: it has {len(text)} characters, at most {LARGEST_FORM} are taken.",
            message_zh="表单过大，无法预览。",
        )
    try:
        schema = form_data(text.encode("utf-8", "replace"))
    except ValueError as error:
        raise InvalidInput(
            f"Trying the form {name} was refused: it is not JSON: {str(error)[:200]}.",
            message_zh=f"表单不是有效的 JSON：{str(error)[:200]}。",
        ) from error
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        raise InvalidInput(
            f"Trying the form {name} was refused: it is no form-js form, which has a list of components.",
            message_zh="这不是 form-js 表单：缺少 components 列表。",
        )
    if too_deep(schema):
        raise InvalidInput(
            f"Trying the form {name} was refused: it is nested more than {DEEPEST} times.",
            message_zh="表单嵌套过深。",
        )
    _refuse_odd(name, schema)
    return schema


def _refuse_odd(name: str, schema: Mapping[str, Any]) -> None:
    """What the reading of a deployed form takes for granted."""
    pending: list[Any] = [schema]
    while pending:
        one = pending.pop()
        inner = one.get("components") if isinstance(one, dict) else ()
        properties = one.get("properties") if isinstance(one, dict) else None
        odd = not isinstance(one, dict) or not isinstance(inner, (list, tuple, type(None)))
        if odd or not isinstance(properties, (dict, type(None))):
            raise InvalidInput(
                f"Trying the form {name} was refused: a component, its components or its properties are of another kind than "
                "form-js writes.",
                message_zh="表单中有的组件、其下级组件或属性格式不对。",
            )
        pending += inner or ()
