"""What goes through a process, element by element: how much came, went and is there now, and how long it took.

Counted from the history itself, whose lines are written with what they tell of: nothing has to be kept beside it, and nothing
is lost where a machine stops. What came and went is that of the instances started in the period; what is there now is that of
every running one. Of more instances than can be counted while somebody waits, a sample by their ids is counted, and said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.orm import Session

from engine.catalog import drawn
from engine.deployment import latest_definition, not_deployed
from engine.dialect.model import Body, Node, is_generated
from engine.errors import InvalidInput, NotFound
from engine.history import HistoryEvent
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.outcomes import period
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import CASELESS, VERBS, require
from tasks.permissions.visibility import reach, visible_to
from tasks.processes.patience import patiently
from tasks.processes.versions.running import Version, roots_of, versions_of

DAYS = 30
"""The days of a period nobody has named, today the last."""
MOST = 5_000
"""So many instances of a period, and so many running ones, are counted; of more, one of two, three … by their ids."""
PATIENCE = timedelta(seconds=8)
"""How long one statement may take."""
_NARROW = (
    "the figures; narrow the period, or choose a unit or a level.",
    "统计数据过多；请缩小期间，或选择单位、级别。",
)

_INSTANCE, _CASE, _HISTORY = table(ProcessInstance), table(Case), table(HistoryEvent)
_ENTERED, _COMPLETED, _CANCELLED = "activity_entered", "activity_completed", "activity_cancelled"
_LISTENS = ("boundaryEvent", "startEvent")
"""What only listens until something happens: nobody waits at it, and what was not triggered never came."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One element. called: key of the process it calls, if it calls one; drawn: whether the shown version has it. entered: tokens that came; completed, cancelled: how they left, of instances started in the period.

    waits: of the completed ones, in seconds: median, p90 and longest; None where none was completed. now: tokens there now,
    of every running instance; by_version: the same by the version of the process they run on; oldest: since when the one
    that has been there longest. Items of a repeated activity count one by one, what holds them together does not.
    """

    activity_id: str
    name: str = ""
    type: str = ""
    called: str = ""
    drawn: bool = False
    entered: int = 0
    completed: int = 0
    cancelled: int = 0
    now: int = 0
    by_version: Mapping[int, int] = field(default_factory=dict)
    median: float | None = None
    p90: float | None = None
    longest: float | None = None
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """The figures of a process. counted: instances started in the period; running: those running now, whenever started.

    share: one of how many of them was looked at, 1 where all were; with more, the numbers of an element are what the sample
    comes to times `share`. share_now: the same of the running ones. version: the one whose picture it is: the one asked for,
    else the one that starts use. versions: all there are, the latest first.
    """

    key: str
    first: date
    last: date
    counted: int
    running: int
    share: int
    share_now: int
    version: Version
    elements: tuple[Passed, ...]
    versions: tuple[Version, ...]


def flow(
    session: Session,
    deps: Deps,
    caller: Caller,
    key: str,
    *,
    version: int | None = None,
    first: date | None = None,
    last: date | None = None,
    unit: str | None = None,
    level: str | None = None,
) -> Flow:
    """The figures of a process from the day `first` to the day `last` (Shanghai; by default the last 30 days), of one version
    or of all, also where other processes call it; most of them first.

    unit: code of a unit in the caller's reach: cases it or a unit below has touched. level: of the case. Supervisors and
    auditors count the cases they see; who runs the installation or owns the processes counts all, and no content of any.

    Raises NotPermitted, NotFound for a process, version or unit that is not there for the caller, InvalidInput for a period
    that is none or longer than a year, TooBusy where it takes too long.
    """
    require(caller, "flow.read")
    versions = versions_of(session, key) if storable(key) else ()
    if not versions or (version is not None and version not in {one.version for one in versions}):
        raise not_deployed(key, version)
    shown = next(one for one in versions if version in (None, one.version))
    if version is None:
        current = latest_definition(session, key)
        shown = next(one for one in versions if one.id == current.id)
    today = day_of(deps.clock.now())
    last = last or today
    begin, end = period(first or last - timedelta(days=DAYS - 1), last, today=today)
    roots = roots_of(session, key)
    wanted = {root for root, number in roots.items() if version is None or number == version}
    scope = _scope(session, deps, caller, unit, level)
    in_period = sa.and_(_INSTANCE.c.started_at >= begin, _INSTANCE.c.started_at < end)
    running = _INSTANCE.c.status.in_((ACTIVE, SUSPENDED))
    among = sa.and_(_INSTANCE.c.definition_id.in_(wanted), sa.or_(in_period, running), *scope)
    source = _INSTANCE.outerjoin(_CASE, _CASE.c.number == _INSTANCE.c.business_key) if scope else _INSTANCE
    with patiently(session, PATIENCE, *_NARROW):
        many = session.execute(
            sa.select(
                sa.func.count().filter(in_period).label("counted"),
                sa.func.count().filter(running).label("running"),
            )
            .select_from(source)
            .where(among)
        ).one()
        share, share_now = (-(-number // MOST) or 1 for number in (many.counted, many.running))
        looked_at = (
            sa.select(
                _INSTANCE.c.id,
                _INSTANCE.c.definition_id,
                sa.and_(in_period, _one_of(share)).label("counted"),
                sa.and_(running, _one_of(share_now)).label("running"),
            )
            .select_from(source)
            .where(among)
            .subquery("looked_at")
        )
        rows = session.execute(_figures(key, looked_at)).all() if many.counted or many.running else []
    rows = [row for row in rows if not is_generated(row.activity_id)]
    names = _names(session, versions, shown, {row.activity_id for row in rows})
    return Flow(
        key,
        day_of(begin),
        day_of(end - timedelta(microseconds=1)),
        many.counted,
        many.running,
        share,
        share_now,
        shown,
        tuple(_with_the_rest([_passed(row, roots, names, share, share_now) for row in rows], names)),
        versions,
    )


def _one_of(share: int) -> sa.ColumnElement[bool]:
    """The condition under which an instance is looked at, where one of so many is: always the same ones."""
    if share == 1:
        return sa.true()
    number: sa.ColumnElement[Any] = sa.func.uuid_hash(_INSTANCE.c.id)
    return number % share == 0


def _scope(
    session: Session, deps: Deps, caller: Caller, unit: str | None, level: str | None
) -> list[sa.ColumnElement[bool]]:
    """The conditions on instance and case of what the caller counts, and of what was asked for."""
    everything = bool(caller.roles & VERBS["flow.read"].roles & CASELESS)
    found: list[sa.ColumnElement[bool]] = []
    if not everything:
        found.append(sa.func.coalesce(visible_to(caller, "flow.read"), sa.false()))
    if unit:
        found.append(touched(session, deps, caller, "flow.read", unit, everything=everything))
    if level:
        if not storable(level):
            raise InvalidInput("Figures were asked for by a level that cannot be stored.")
        found.append(_CASE.c.level == level[:60])
    return found


def touched(
    session: Session, deps: Deps, caller: Caller, verb: str, unit: str, *, everything: bool
) -> sa.ColumnElement[bool]:
    """The condition that a unit in the caller's reach, or one below it, has touched the case. Raises NotFound."""
    place = deps.office.current(session).organisation.by_code.get(unit[:200])
    if place is None or not (everything or any(place.path.startswith(path) for path in reach(caller, verb))):
        raise NotFound(
            f"What touched the unit {unit[:60]!r} was asked for; there is no such unit for you.",
            message_zh=f"没有您可以查看的单位“{unit[:60]}”。",
        )
    condition: sa.ColumnElement[bool] = _CASE.c.paths.overlap([place.path])
    return condition


def _figures(key: str, looked_at: Any) -> sa.Select[Any]:
    among = looked_at.c
    cohort = (
        sa.select(among.id, among.definition_id, among.counted, among.running)
        .where(sa.or_(among.counted, among.running))
        .cte("cohort")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    line = _HISTORY.c

    def at(kind: str) -> Any:
        return sa.func.max(line.at).filter(line.kind == kind)

    token = (
        sa.select(
            line.instance_id,
            line.token_id,
            line.activity_id,
            sa.func.bool_or(line.activity_type.in_(_LISTENS)).label("listens"),
            sa.func.min(line.at).filter(line.kind == _ENTERED).label("entered"),
            at(_COMPLETED).label("completed"),
            at(_CANCELLED).label("cancelled"),
            sa.func.max(line.id).label("last"),
            sa.func.bool_or(cohort.c.counted).label("counted"),
            sa.func.bool_or(cohort.c.running).label("running"),
            cohort.c.definition_id,
        )
        .select_from(cohort.join(_HISTORY, line.instance_id == cohort.c.id))
        .where(line.kind.in_((_ENTERED, _COMPLETED, _CANCELLED)), line.scope == key)
        .where(line.token_id.is_not(None))
        .group_by(line.instance_id, line.token_id, line.activity_id, cohort.c.definition_id)
        # What holds the items or rounds of a repeated activity together is no work of its own.
        .having(sa.not_(sa.func.coalesce(sa.func.bool_or(line.data.has_any(array(_HOLDERS))), sa.false())))
        .cte("token")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    one = token.c
    gone_on = (
        sa.exists()
        .where(line.instance_id == one.instance_id, line.id > one.last, line.token_id == one.token_id)
        .where(line.kind.in_((_ENTERED, _COMPLETED, _CANCELLED)))
        .correlate(token)
    )
    left = sa.or_(one.completed.is_not(None), one.cancelled.is_not(None))
    standing = (
        sa.select(
            one.activity_id,
            one.definition_id,
            sa.func.count().label("many"),
            sa.func.min(one.entered).label("oldest"),
        )
        .where(one.running, sa.not_(left), sa.not_(one.listens), sa.not_(gone_on))
        .group_by(one.activity_id, one.definition_id)
        .subquery("standing")
    )
    now = (
        sa.select(
            standing.c.activity_id,
            sa.func.sum(standing.c.many).label("now"),
            sa.func.min(standing.c.oldest).label("oldest"),
            sa.func.jsonb_object_agg(standing.c.definition_id, standing.c.many, type_=JSONB).label(
                "versions"
            ),
        )
        .group_by(standing.c.activity_id)
        .subquery("now")
    )
    seconds = sa.cast(sa.extract("epoch", one.completed - one.entered), sa.Double)
    waited = sa.and_(one.counted, one.completed.is_not(None), sa.not_(one.listens))
    gone = sa.and_(one.counted, one.completed.is_(None), one.cancelled.is_not(None), sa.not_(one.listens))
    passed = (
        sa.select(
            one.activity_id,
            sa.func.count()
            .filter(one.counted, sa.or_(sa.not_(one.listens), one.completed.is_not(None)))
            .label("entered"),
            sa.func.count().filter(one.counted, one.completed.is_not(None)).label("completed"),
            sa.func.count().filter(gone).label("cancelled"),
            sa.func.percentile_cont(sa.cast([0.5, 0.9], sa.ARRAY(sa.Double)))
            .within_group(seconds)
            .filter(waited)
            .label("quantiles"),
            sa.func.max(seconds).filter(waited).label("longest"),
        )
        .group_by(one.activity_id)
        .subquery("passed")
    )
    return (
        sa.select(passed, sa.func.coalesce(now.c.now, 0).label("now"), now.c.oldest, now.c.versions)
        .select_from(passed.outerjoin(now, now.c.activity_id == passed.c.activity_id))
        .where(sa.or_(passed.c.entered > 0, now.c.now > 0))
        .order_by(passed.c.entered.desc(), passed.c.activity_id)
    )


_HOLDERS: Sequence[str] = ("instances", "rounds")


_Names = Mapping[str, tuple[str, str, str, bool]]
"""By element: its name, its type, the process it calls or "", and whether the shown version has it."""


def _names(session: Session, versions: Sequence[Version], shown: Version, passed: Collection[str]) -> _Names:
    """What the drawings say of the elements: the shown version's; the others', the latest first, for what it has no more."""
    found: dict[str, tuple[str, str, str, bool]] = {}
    for version in (shown, *(one for one in versions[:_MODELS] if one is not shown)):
        if version is shown or not found.keys() >= set(passed):
            for node in _nodes(drawn(session, version.id).body):
                called = node.call.process if node.call else ""
                found.setdefault(node.id, (node.name, node.kind, called, version is shown))
    return found


_MODELS = 20
"""So many versions are asked for the names of elements the shown one has no more."""


def _nodes(body: Body) -> Iterator[Node]:
    for node in body.nodes:
        if not is_generated(node.id) and not node.serves:
            yield node
        if node.body is not None:
            yield from _nodes(node.body)


def _with_the_rest(passed: Sequence[Passed], names: _Names) -> Iterator[Passed]:
    """The elements with figures, then those of the shown version that nothing came to."""
    yield from passed
    known = {one.activity_id for one in passed}
    for element, (name, kind, called, shown) in names.items():
        if shown and element not in known:
            yield Passed(element, name, kind, called, drawn=True)


def _passed(row: Any, roots: Mapping[UUID, int | None], names: _Names, share: int, share_now: int) -> Passed:
    by_version: dict[int, int] = {}
    for definition, many in (row.versions or {}).items():
        number = roots.get(UUID(definition)) or 0
        by_version[number] = by_version.get(number, 0) + many * share_now
    name, kind, called, shown = names.get(row.activity_id, ("", "", "", False))
    median, p90 = row.quantiles or (None, None)
    return Passed(
        row.activity_id,
        name,
        kind,
        called,
        drawn=shown,
        entered=row.entered * share,
        completed=row.completed * share,
        cancelled=row.cancelled * share,
        now=int(row.now) * share_now,
        by_version=dict(sorted(by_version.items(), reverse=True)),
        median=median,
        p90=p90,
        longest=row.longest,
        oldest=row.oldest,
    )
