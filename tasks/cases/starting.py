"""The form a regime is filed with: which one it is, and what a case holds that nobody has asked it of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition, Resource
from engine.dialect.read.data.forms import form_data
from tasks.forms import compile_form


def start_form(definition: ProcessDefinition) -> str:
    """The key of the form a process is filed with: its property `form.start`, else `<process>_start`, deployed or not."""
    return definition.properties.get("form.start") or f"{definition.key}_start"


def start_form_id(session: Session, definition: ProcessDefinition) -> UUID | None:
    """The form the definition is bound to, else its own deployment's, else the newest of that key; None where there is none."""
    key = start_form(definition)
    bound = definition.bindings.get("forms", {}).get(key)
    if bound is not None:
        return UUID(bound)
    return session.scalar(
        sa.select(Resource.id)
        .where(Resource.kind == "form", Resource.key == key)
        .order_by((Resource.deployment_id == definition.deployment_id).desc(), Resource.id.desc())
        .limit(1)
    )


def unanswered(session: Session, definition: ProcessDefinition) -> Mapping[str, Any]:
    """What the start form asks, each null: a case that a process opens was asked nothing, and its diagram reads the same facts."""
    form_id = start_form_id(session, definition)
    if form_id is None:
        return {}
    content = session.execute(sa.select(Resource.content).where(Resource.id == form_id)).scalar_one()
    return compile_form(form_data(content)).blank()
