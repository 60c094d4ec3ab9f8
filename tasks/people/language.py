"""In which languages somebody reads the pages. Kept with the account, so that every browser speaks as the last one did."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require

BOTH, ZH, EN = "both", "zh", "en"
LANGUAGES: dict[str, tuple[str, str]] = {
    BOTH: ("中英对照", "Chinese and English"),
    ZH: ("中文", "Chinese"),
    EN: ("英文", "English"),
}
"""stored word → (Chinese, English)."""

_PERSON = table(Person)


def choose_language(session: Session, deps: Deps, caller: Caller, language: str) -> None:
    """Have the pages speak to the caller in one of LANGUAGES from now on. Raises InvalidInput for any other word."""
    require(caller, "self.manage")
    if language not in LANGUAGES:
        raise InvalidInput(
            f"The language {language[:20]!r} was asked for; the pages speak {', '.join(LANGUAGES)}.",
            message_zh="请选择中英对照、中文或英文。",
        )
    if language == caller.language:
        return
    session.execute(sa.update(_PERSON).where(_PERSON.c.id == caller.id).values(language=language))
    record(
        session,
        caller.actor,
        "self.manage",
        at=deps.clock.now(),
        subject="person",
        subject_id=caller.id,
        before={"language": caller.language},
        after={"language": language},
    )
