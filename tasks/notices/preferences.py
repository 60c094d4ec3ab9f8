"""What somebody wants to be told outside the pages, and when: by cause and channel, gathered or at once, and not at night.

Nothing here changes the page of notices. Rungs of the ladder (`LADDER`) know no quiet hours: a limit does not wait.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.notices.channels.protocol import Channel
from tasks.notices.defaults import HOW, LADDER, default
from tasks.notices.tables import NoticeDigest, NoticePreference, NoticeQuiet
from tasks.notices.times import DAILY, Digest, Quiet
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.talk.causes import CAUSES

_PREFERENCE, _QUIET, _DIGEST = table(NoticePreference), table(NoticeQuiet), table(NoticeDigest)


@dataclass(frozen=True, slots=True)
class Preferences:
    """how: of every cause and every channel of this installation, how it is told."""

    how: Mapping[tuple[str, str], str]
    quiet: Quiet | None
    digest: Digest


@dataclass(frozen=True, slots=True)
class Wishes:
    """What several people have chosen, to be asked for each of them; what they have not is as by default."""

    chosen: Mapping[tuple[UUID, str, str], str] = field(default_factory=dict)
    quiets: Mapping[UUID, Quiet] = field(default_factory=dict)
    digests: Mapping[UUID, Digest] = field(default_factory=dict)

    def how(self, person_id: UUID, cause: str, channel: Channel) -> str:
        """How this person is told of a cause through a channel."""
        return self.chosen.get((person_id, cause, channel.name)) or default(cause, channel)

    def digest(self, person_id: UUID) -> Digest:
        """When what has gathered for this person goes out."""
        return self.digests.get(person_id, DAILY)


def preferences(session: Session, deps: Deps, caller: Caller) -> Preferences:
    """What the caller wants; what they have not chosen is as by default. Raises NotPermitted."""
    require(caller, "notice.prefer")
    mine = wishes(session, {caller.id})
    return Preferences(
        {
            (cause, channel.name): mine.how(caller.id, cause, channel)
            for cause in CAUSES
            for channel in deps.channels.values()
        },
        mine.quiets.get(caller.id),
        mine.digest(caller.id),
    )


def prefer(
    session: Session,
    deps: Deps,
    caller: Caller,
    how: Mapping[tuple[str, str], str],
    quiet: Quiet | None,
    digest: Digest = DAILY,
) -> Preferences:
    """Replace what the caller wants: `how` of (cause, channel); what is not named is as by default. quiet: None for none.

    What somebody wants through a channel that is not there now is kept. Returns what holds from now on. Raises NotPermitted,
    and InvalidInput with everything that is wrong.
    """
    require(caller, "notice.prefer")
    before = preferences(session, deps, caller)
    _check(deps, how, quiet, digest)
    session.execute(
        sa.delete(_PREFERENCE).where(
            _PREFERENCE.c.person_id == caller.id, _PREFERENCE.c.channel.in_(list(deps.channels))
        )
    )
    rows = [
        {"person_id": caller.id, "cause": cause, "channel": channel, "how": what}
        for (cause, channel), what in sorted(how.items())
        if what != default(cause, deps.channels[channel])
    ]
    if rows:
        session.execute(insert(_PREFERENCE), rows)
    _keep(session, _QUIET, caller.id, {"begins": quiet.begins, "ends": quiet.ends} if quiet else None)
    _keep(session, _DIGEST, caller.id, {"hour": digest.hour} if digest != DAILY else None)
    after = preferences(session, deps, caller)
    record(
        session,
        caller.actor,
        "notice.prefer",
        at=deps.clock.now(),
        subject="person",
        subject_id=caller.id,
        before=_told(deps, before),
        after=_told(deps, after),
    )
    return after


def wishes(session: Session, people: Collection[UUID]) -> Wishes:
    """What these people have chosen. Three statements."""
    chosen = session.execute(sa.select(_PREFERENCE).where(_PREFERENCE.c.person_id.in_(people)))
    digests = session.execute(sa.select(_DIGEST).where(_DIGEST.c.person_id.in_(people)))
    return Wishes(
        {(row.person_id, row.cause, row.channel): row.how for row in chosen},
        quiet_of(session, people),
        {row.person_id: Digest(row.hour) for row in digests},
    )


def quiet_of(session: Session, people: Collection[UUID]) -> dict[UUID, Quiet]:
    """The quiet hours of those of these people who have any. One statement."""
    rows = session.execute(sa.select(_QUIET).where(_QUIET.c.person_id.in_(people)))
    return {row.person_id: Quiet(row.begins, row.ends) for row in rows}


def quiet_until(quiet: Quiet | None, cause: str, now: datetime) -> datetime | None:
    """Until when somebody with these quiet hours is not to be told of this cause; None where they may be told now."""
    return None if quiet is None or cause in LADDER else quiet.until(now)


def _keep(session: Session, kept: Any, person_id: UUID, values: dict[str, Any] | None) -> None:
    """Keep the values as a person's only row, or none."""
    if values is None:
        session.execute(sa.delete(kept).where(kept.c.person_id == person_id))
        return
    statement = insert(kept).values(person_id=person_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))


def _check(deps: Deps, how: Mapping[tuple[str, str], str], quiet: Quiet | None, digest: Digest) -> None:
    wrong = [
        f"there is no cause {cause[:40]}"
        for cause in dict.fromkeys(cause for cause, _ in how)
        if cause not in CAUSES
    ]
    wrong += [
        f"there is no channel {name[:40]}"
        for name in dict.fromkeys(name for _, name in how)
        if name not in deps.channels
    ]
    wrong += [f"{what[:40]} is not {' or '.join(HOW)}" for what in sorted(set(how.values()) - set(HOW))]
    if quiet is not None and quiet.begins == quiet.ends:
        wrong.append("quiet hours begin and end at the same time")
    if digest.hour is not None and not 0 <= digest.hour <= 23:
        wrong.append("the hour of a digest is not from 0 to 23")
    if wrong:
        raise InvalidInput(
            f"Preferences for notices were sent and not kept: {'; '.join(wrong)}.",
            message_zh="通知偏好没有保存：请检查通知种类、渠道、汇总时间和免打扰时段（起止时间不能相同）。",
        )


def _told(deps: Deps, what: Preferences) -> dict[str, Any]:
    chosen = {
        f"{cause}/{name}": how
        for (cause, name), how in what.how.items()
        if how != default(cause, deps.channels[name])
    }
    return {
        "chosen": chosen,
        "quiet": f"{what.quiet.begins:%H:%M}-{what.quiet.ends:%H:%M}" if what.quiet else None,
        "digest": "hourly" if what.digest.hour is None else f"{what.digest.hour:02}:00",
    }
