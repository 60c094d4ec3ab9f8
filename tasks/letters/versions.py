"""The stored versions of templates: loading the files of the content, finding what counts. Nothing changes or deletes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import storable, table
from tasks.letters.forms import misspelt
from tasks.letters.mistakes import Mistake, NoSuchTemplate, TemplateRefused
from tasks.letters.tables import LetterTemplate
from tasks.letters.template import Template, read_template

_TEMPLATE = table(LetterTemplate)
_IDS = UUID("0a4be1f8-5f52-5b7e-8f0e-3d7d3a1c9e44")
_LOCK = "letter templates"


def load_templates(session: Session, files: Mapping[str, str], *, now: datetime) -> int:
    """Take over what the files (key → text) say differently from when they were last loaded, each as a new version.

    What a file says as before is left alone, so that what the office changed since stays; templates without a file stay
    too, because letters were made of them. Returns how many versions were added. Raises TemplateRefused with every mistake
    of every file.
    """
    lock(session)
    read: list[Template] = []
    mistakes: list[Mistake] = []
    for key, text in sorted(files.items()):
        template, wrong = read_template(key, text)
        mistakes += wrong
        if template is not None:
            read.append(template)
    if mistakes := [*mistakes, *misspelt(session, read, facts=False)]:
        raise TemplateRefused(mistakes)
    said = {
        row.key: row.digest
        for row in session.execute(
            sa.select(_TEMPLATE.c.key, _TEMPLATE.c.digest)
            .where(_TEMPLATE.c.changed_by == "")
            .order_by(_TEMPLATE.c.version)
        )
    }
    fresh = [template for template in read if said.get(template.key) != template.digest]
    for template in fresh:
        add_version(session, template, at=now)
    return len(fresh)


def lock(session: Session) -> None:
    """Wait until nobody else changes templates, and keep others waiting until this transaction ends."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(_LOCK, 0))))


def add_version(
    session: Session, template: Template, *, at: datetime, by: str = "", by_name: str = "", note: str = ""
) -> Any:
    """Keep a template as the newest version of its key; returns its row. Needs `lock`."""
    newest = session.scalar(
        sa.select(sa.func.max(_TEMPLATE.c.version)).where(_TEMPLATE.c.key == template.key)
    )
    version = (newest or 0) + 1
    return session.execute(
        sa.insert(_TEMPLATE)
        .values(
            key=template.key,
            version=version,
            id=uuid5(_IDS, f"{template.key}/{version}"),
            name=template.name,
            name_en=template.name_en,
            text=template.text,
            digest=template.digest,
            changed_at=at,
            changed_by=by,
            changed_by_name=by_name,
            note=note,
        )
        .returning(*_TEMPLATE.c)
    ).one()


def stored(session: Session, key: str, version: int | None = None) -> Any:
    """The row of a version, or of the one that counts. Raises NoSuchTemplate."""
    asked = sa.select(_TEMPLATE).where(_TEMPLATE.c.key == key)
    if version is not None:
        asked = asked.where(_TEMPLATE.c.version == version)
    small = version is None or 0 < version < 1 << 31
    row = (
        session.execute(asked.order_by(_TEMPLATE.c.version.desc()).limit(1)).first()
        if small and storable(key)
        else None
    )
    if row is None:
        which = "" if version is None else f", version {version}"
        which_zh = "" if version is None else f"的第 {version} 版"
        raise NoSuchTemplate(
            f"The letter template {key[:60]!r}{which} was asked for; there is none.",
            message_zh=f"没有文书模板“{key[:60]}”{which_zh}。",
        )
    return row


def template_of(row: Any) -> Template:
    """The template that a stored version holds. Raises InvalidInput where it does not read any more as it did."""
    return _read(row.key, row.text)


@lru_cache(maxsize=64)
def _read(key: str, text: str) -> Template:
    template, mistakes = read_template(key, text)
    if template is None:
        raise InvalidInput(
            f"The stored letter template {key} cannot be read: {mistakes[0].message}",
            message_zh=f"已保存的文书模板“{key}”无法读取：{mistakes[0].message_zh}",
        )
    return template
