"""Importing: first a report of what would change, then the whole of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from engine.errors import RedressError
from tasks.deps import Deps
from tasks.organisation.changing.changes import Change
from tasks.organisation.changing.chart import Chart
from tasks.organisation.changing.checking import check
from tasks.organisation.changing.editing import Desk, Edited, StaleEdit, apply, check_edit, open_desk
from tasks.organisation.changing.mistakes import Mistake, OrganisationRefused
from tasks.organisation.changing.rows import wished
from tasks.organisation.changing.warnings import warnings_of
from tasks.organisation.exchange.reading import read_files
from tasks.people.caller import Caller


@dataclass(frozen=True, slots=True)
class Report:
    """What an import would do. `fingerprint` stands for the files and the organisation they were compared with; carrying
    out asks for it. With mistakes nothing can be carried out.
    """

    fingerprint: str
    changes: list[Change]
    unchanged: int
    mistakes: list[Mistake]
    warnings: list[Mistake]

    def count(self, kind: str) -> int:
        """How many things are added, changed or ended."""
        return sum(change.kind == kind for change in self.changes)


def dry_run(
    session: Session, deps: Deps, caller: Caller | None, files: Sequence[tuple[str, bytes]]
) -> Report:
    """Compare the files (name, content) with the organisation; changes nothing. caller None: the machine itself."""
    desk, revision = open_desk(session, deps, caller)
    after, named, mistakes = _wish(desk, files)
    changes: list[Change] = []
    try:
        if not mistakes:
            changes = check_edit(desk, after)
    except OrganisationRefused as refusal:
        mistakes = refusal.problems
    except RedressError as refusal:
        mistakes = [Mistake("", "", "", str(refusal), str(refusal.facts.get("message_zh", "")))]
    touched = {("person" if one.subject == "seat" else one.subject, one.key) for one in changes}
    return Report(
        fingerprint(files, revision),
        changes,
        max(named - len(touched), 0),
        mistakes,
        warnings_of(session, after, changes, desk.today),
    )


def carry_out(
    session: Session, deps: Deps, caller: Caller | None, files: Sequence[tuple[str, bytes]], expected: str
) -> Edited:
    """Do what the report with the fingerprint `expected` said, whole. Raises StaleEdit when files or organisation are
    others by now, OrganisationRefused with every mistake.
    """
    desk, revision = open_desk(session, deps, caller)
    if expected != fingerprint(files, revision):
        raise StaleEdit(
            f"Carrying out the import {expected[:80]} was asked for; the files or the organisation have changed since: "
            "look at a new report.",
            message_zh="文件或组织在核对之后已有变动，请重新核对。",
        )
    after, _, mistakes = _wish(desk, files)
    if mistakes:
        raise OrganisationRefused(mistakes)
    return apply(session, deps, desk, after)


def fingerprint(files: Sequence[tuple[str, bytes]], revision: int) -> str:
    """The revision and a digest of the files."""
    digest = sha256()
    for _, content in files:
        digest.update(sha256(content).digest())
    return f"{revision}-{digest.hexdigest()[:32]}"


def _wish(desk: Desk, files: Sequence[tuple[str, bytes]]) -> tuple[Chart, int, list[Mistake]]:
    """The chart the files ask for, how many things they name, and every mistake, those of the whole included."""
    wish = wished(desk.chart, read_files(files), desk.today)
    if not wish.mistakes:
        return wish.chart, wish.named, []
    return wish.chart, wish.named, [*wish.mistakes, *check(wish.chart)]
