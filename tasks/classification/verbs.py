"""Looking at the classification and replacing a list of it, for people."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from tasks.audit.recording import OFFICE, record
from tasks.classification.lists import Classification, Entry
from tasks.classification.loading import Difference, replace_list
from tasks.deps import Deps
from tasks.organisation.exchange.reading import MOST_BYTES, decoded
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

READ, MANAGE = "classification.read", "classification.manage"


def lists(session: Session, deps: Deps, caller: Caller) -> Classification:
    """All lists, with what has ended. Raises NotPermitted."""
    require(caller, READ)
    return deps.office.current(session).classification


def one_list(session: Session, deps: Deps, caller: Caller, name: str) -> tuple[Entry, ...]:
    """One list. Raises NotPermitted, NotFound."""
    found = lists(session, deps, caller).lists.get(name)
    if found is None:
        raise NotFound(
            f"The list {name[:60]} of the classification was asked for; there is none of this name.",
            message_zh=f"没有名为“{name[:60]}”的分类表。",
        )
    return found


def replace(session: Session, deps: Deps, caller: Caller, name: str, text: str) -> Difference:
    """Replace a list by the rows of a CSV text, or add one. Raises NotPermitted, InvalidInput with every mistake."""
    require(caller, MANAGE)
    now = deps.clock.now()
    difference = replace_list(session, name, text, now=now)
    record(
        session,
        caller.actor,
        "classification.manage",
        at=now,
        chain=OFFICE,
        subject="classification",
        subject_id=name,
        after={
            "added": list(difference.added),
            "changed": list(difference.changed),
            "ended": list(difference.ended),
        },
    )
    return difference


def text_of(name: str, content: bytes) -> str:
    """The text of a file that was sent, UTF-8 or GB18030. Raises InvalidInput when it is none, empty or above 8 MB."""
    if not 0 < len(content) <= MOST_BYTES:
        raise InvalidInput(
            f"To replace the list {name[:60]} was asked with a file of {len(content)} bytes; 1 to {MOST_BYTES} are taken.",
            message_zh="请选择一个不超过 8 MB 的 CSV 文件。",
        )
    return decoded(name, content)
