"""What process owners do with templates: see them and their versions, check one, look at it as a letter, replace it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tasks.letters.filling import fill
from tasks.letters.forms import misspelt
from tasks.letters.mistakes import Mistake, NoSuchTemplate, StaleTemplate, TemplateRefused
from tasks.letters.paper.setting import set_sheet
from tasks.letters.tables import LetterTemplate
from tasks.letters.template import Template, as_written, read_template
from tasks.letters.versions import add_version, lock, stored, template_of
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

READ, MANAGE = "letter_template.read", "letter_template.manage"
NOTE = 500
_TEMPLATE = table(LetterTemplate)


def templates(session: Session, caller: Caller) -> Sequence[Any]:
    """The version of every template that counts, by key."""
    require(caller, READ)
    newest = sa.select(_TEMPLATE).ext(distinct_on(_TEMPLATE.c.key))
    return session.execute(newest.order_by(_TEMPLATE.c.key, _TEMPLATE.c.version.desc())).all()


def history(session: Session, caller: Caller, key: str) -> Sequence[Any]:
    """Every version of a template, the newest first. Raises NoSuchTemplate."""
    require(caller, READ)
    stored(session, key)
    versions = sa.select(_TEMPLATE).where(_TEMPLATE.c.key == key)
    return session.execute(versions.order_by(_TEMPLATE.c.version.desc())).all()


def read(session: Session, caller: Caller, key: str, version: int | None = None) -> Any:
    """One version, or the one that counts. Raises NoSuchTemplate."""
    require(caller, READ)
    return stored(session, key, version)


def check(session: Session, caller: Caller, key: str, text: str) -> Template:
    """Check a text as the next version of a template, or as the first of a new one; nothing is kept.

    Raises TemplateRefused with every mistake.
    """
    require(caller, MANAGE)
    template, mistakes = read_template(key, text, needed=_needed(session, key))
    if template is not None:
        mistakes = misspelt(session, [template])
    if template is None or mistakes:
        raise TemplateRefused(mistakes)
    return template


def replace(
    session: Session, deps: Deps, caller: Caller, key: str, text: str, *, version: int, note: str = ""
) -> Any:
    """Make a text the version of a template that counts from now on; returns its row.

    version: the one the edit was made on, 0 for a template that is new. Raises StaleTemplate when another counts by now,
    TemplateRefused with every mistake. The same text again changes nothing.
    """
    require(caller, MANAGE)
    lock(session)
    template = check(session, caller, key, text)
    if len(note) > NOTE or not storable(note):
        raise TemplateRefused(
            [Mistake(key, 0, f"the note has more than {NOTE} characters.", f"备注超过 {NOTE} 个字。")]
        )
    before = _newest(session, key)
    there = 0 if before is None else before.version
    if there != version:
        raise StaleTemplate(
            f"To replace version {version} of the letter template {key} was asked, but version {there} counts by now; "
            "look at it and edit that.",
            message_zh=f"您修改的是“{key}”的第 {version} 版，现在已是第 {there} 版，请在新版上修改。",
            version=there,
        )
    if before is not None and before.digest == template.digest:
        return before
    now = deps.clock.now()
    row = add_version(
        session, template, at=now, by=caller.actor.id, by_name=caller.actor.name, note=note.strip()
    )
    record(
        session,
        caller.actor,
        "letter_template.manage",
        at=now,
        subject="letter_template",
        subject_id=key,
        before=None if before is None else {"version": before.version, "digest": before.digest},
        after={"version": row.version, "digest": row.digest},
    )
    return row


def preview(deps: Deps, template: Template) -> bytes:
    """What a template looks like as a letter, with every field standing for itself."""
    now = deps.clock.now()
    names = {
        "unit": {"name": "〔unit.name〕"},
        "letter": {"number": "〔letter.number〕", "date": now.astimezone(SHANGHAI).date().isoformat()},
    }
    return set_sheet(fill(as_written(template), names, at=now, say=str), at=now)


def preview_stored(
    session: Session, deps: Deps, caller: Caller, key: str, version: int | None = None
) -> bytes:
    """The same of a stored version. Raises NoSuchTemplate."""
    return preview(deps, template_of(read(session, caller, key, version)))


def _needed(session: Session, key: str) -> frozenset[str]:
    """The parts a template must have: those its file declares, so that an edit cannot leave out what a clause asks for."""
    if not storable(key):
        return frozenset()
    by_file = sa.select(_TEMPLATE).where(_TEMPLATE.c.key == key, _TEMPLATE.c.changed_by == "")
    row = session.execute(by_file.order_by(_TEMPLATE.c.version.desc()).limit(1)).first()
    return frozenset() if row is None else frozenset(template_of(row).parts)


def _newest(session: Session, key: str) -> Any:
    try:
        return stored(session, key)
    except NoSuchTemplate:
        return None
