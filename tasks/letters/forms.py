"""The newest forms, for the words they have for answers and for telling a template what it misspells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.deployment import Deployment, Resource
from tasks.core import table
from tasks.letters.mistakes import Mistake
from tasks.letters.template import Template
from tasks.listener import ALWAYS

_FILE, _DEPLOYMENT = table(Resource), table(Deployment)
START = "_start"
"""How the key of a start form ends: its fields are the facts of the case."""

Fields = Mapping[str, Mapping[Any, str]]
"""The fields of a form by path, each with the words of the values it offers."""


def newest_form(session: Session, key: str) -> Fields:
    """The fields of the newest form of that key; none where there is none."""
    content = session.scalar(
        sa.select(_FILE.c.content)
        .join(_DEPLOYMENT, _DEPLOYMENT.c.id == _FILE.c.deployment_id)
        .where(_FILE.c.kind == "form", _FILE.c.key == key)
        .order_by(_DEPLOYMENT.c.deployed_at.desc(), _FILE.c.name)
        .limit(1)
    )
    return dict(_fields(orjson.loads(content))) if content else {}


def misspelt(session: Session, templates: Sequence[Template], *, facts: bool = True) -> list[Mistake]:
    """What templates read that no form asks: `form.<task>.<field>` of a form that is deployed under the task's key, and
    `case.<fact>` of start forms. A task whose form has another key is not known here, and nothing is said of it.
    facts: also of the case; not while a content is loaded whose regimes may still be on their way.
    """
    rows = session.execute(
        sa.select(_FILE.c.key, _FILE.c.content)
        .join(_DEPLOYMENT, _DEPLOYMENT.c.id == _FILE.c.deployment_id)
        .where(_FILE.c.kind == "form")
        .order_by(_FILE.c.key, _DEPLOYMENT.c.deployed_at.desc(), _FILE.c.name)
        .ext(distinct_on(_FILE.c.key))
    ).all()
    forms = {row.key: _whole(_fields(orjson.loads(row.content))) for row in rows}
    starts = [fields for key, fields in forms.items() if key.endswith(START)]
    asked_first = ALWAYS.union(*starts) if starts and facts else None
    mistakes = []
    for template in templates:
        for field in template.fields:
            said = (one.text for one in field.code.said if one.function == "label")
            for path in sorted({*field.code.paths, *said}):
                root, _, rest = path.partition(".")
                form, _, inside = rest.partition(".")
                known = forms.get(form) if root == "form" else asked_first if root == "case" else None
                asked = inside if root == "form" else rest
                if known and asked and asked not in known:
                    near = get_close_matches(asked, known, 1)
                    mistakes.append(
                        Mistake(
                            template.key,
                            field.line,
                            f"{path} is read, and no form asks it."
                            + (f" Did you mean {near[0]}?" if near else ""),
                            f"用到 {path}，但没有表单填写它。" + (f"是否想写 {near[0]}？" if near else ""),
                        )
                    )
    return mistakes


def _whole(fields: Iterator[tuple[str, Mapping[Any, str]]]) -> frozenset[str]:
    """The paths of the fields and of the contexts they lie in: `customer` of `customer.name`."""
    found: set[str] = set()
    for path, _ in fields:
        steps = path.split(".")
        found.update(".".join(steps[:depth]) for depth in range(1, len(steps) + 1))
    return frozenset(found)


def _fields(form: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[Any, str]]]:
    for component in form.get("components") or []:
        if not isinstance(component, Mapping):
            continue
        name = str(component.get("key") or component.get("path") or "")
        path = ".".join(part for part in (prefix, name) if part)
        if component.get("key"):
            offered = component.get("values") or []
            yield (
                path,
                {one.get("value"): str(one.get("label")) for one in offered if isinstance(one, Mapping)},
            )
        elif name:
            yield path, {}
        yield from _fields(component, path)
