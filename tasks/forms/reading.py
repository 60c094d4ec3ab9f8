"""A deployed form as people fill it in today: its options are those the classification offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tasks.deps import Deps


def read_form(
    session: Session, deps: Deps, form_id: UUID | None, *, ended: bool = False
) -> Mapping[str, Any] | None:
    """The form-js schema with the options of today; `ended`: with those of all times, to show old answers in words.

    None where there is no form.
    """
    if form_id is None:
        return None
    schema = deps.engine.catalog.form(session, form_id)
    return deps.office.current(session).classification.fill(schema, form_id, ended=ended)
