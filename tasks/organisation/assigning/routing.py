"""Which group a piece of work goes to (lane × unit × classification), and which groups a person answers for.

A group is written `<role>@<unit path>`, such as `provincial_centre@/hq/henan/centre/`. Everybody who answers
the role in that unit or anywhere below it is in the group, so `remote_unit@/hq/henan/` means any remote unit
of the province. `person@<login>` is the group of one. With examples: docs/routing.md.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tasks.organisation.tree import Answering, Organisation, Unit, upwards
from tasks.permissions.matrix import SUPERVISOR

UNROUTED = "unrouted"
"""The role of work that no unit answers for. Supervisors answer it, each for exactly the place whose cases they see: here
a group's unit is the one the work comes from or one above it, so that only they see it who see the case.
"""
NOBODY = f"{UNROUTED}@/"
"""The group nobody is in."""

PERSON = "person"
LANE = "lane:"
"""Begins what is asked for only by the lane a task stands in."""

UNIT, CLASSIFICATION = "route.unit", "route.classification"
"""Properties of a task in a diagram: the code of the unit to be near, and the classification to go by."""

CLASSIFIED_BY = ("business", "problem_type", "phenomenon", "customer.level")
"""The facts of a case that classify it where the diagram does not say: business × problem × symptom (003§2.3.1), and the level
of the customer, for whom there may be a desk of their own (专席专人, 003§2.2.1).
"""

REMEMBERED = 5000
"""How many answers to "who handles this near there" are kept for each role."""

Classification = tuple[frozenset[str], ...]
"""What a case is about, one axis after the other; an axis has several values where several were ticked."""


def group(role: str, path: str) -> str:
    return f"{role}@{path}"


def group_path(name: str) -> str | None:
    """The unit path inside a group, or None for the group of one person and for one of no unit in particular."""
    role, _, path = name.partition("@")
    return path if role != PERSON and len(path) > 1 else None


def asked_for(
    users: Iterable[str], roles: Iterable[str], *, assignee: str | None = None, lanes: Iterable[str] = ()
) -> list[str]:
    """What a task asks for, as it is kept with it: people, roles as the diagram writes them, else its lane's names."""
    found = [group(PERSON, login) for login in (*users, *([assignee] if assignee else ()))]
    found += [role.strip() for role in roles if role.strip()]
    return list(dict.fromkeys(found or (f"{LANE}{lane}" for lane in lanes if lane)))


def people_asked_for(asked: Iterable[str]) -> set[str]:
    """The logins among what a task asks for."""
    return {login for role, _, login in (entry.partition("@") for entry in asked) if role == PERSON and login}


def groups_for(
    organisation: Organisation,
    asked: Sequence[str],
    *,
    properties: Mapping[str, Any],
    facts: Mapping[str, Any],
    active: Container[str] = (),
) -> tuple[str, ...]:
    """Every group a task is offered to; those of unrouted work when nobody answers anything it asks for.

    asked: from `asked_for`. properties, facts: of the task and of its case; `active`: the logins among those asked for
    of people who still work here.
    """
    customer = facts.get("customer")
    home = customer.get("home_province") if isinstance(customer, Mapping) else None
    unit = properties.get(UNIT)
    lanes = [entry.removeprefix(LANE) for entry in asked if entry.startswith(LANE)]
    known = (lane for lane in lanes if organisation.roles.key(lane) in organisation.by_role)
    found = []
    for entry in (*(entry for entry in asked if not entry.startswith(LANE)), *list(known)[:1]):
        role, at, place = entry.partition("@")
        if at and role == PERSON:
            found += [entry] if place in active else []
        elif at:
            found.append(_addressed(organisation, role, place))
        else:
            found.append(
                route(
                    organisation,
                    entry,
                    unit=str(unit) if unit else None,
                    province=str(home or facts.get("province") or ""),
                    org=str(facts.get("org") or ""),
                    classification=classification_of(properties, facts),
                )
            )
    return tuple(dict.fromkeys(each for each in found if each != NOBODY)) or _unrouted(
        organisation, str(facts.get("org") or ""), str(home or facts.get("province") or "")
    )


def is_unrouted(name: str) -> bool:
    """Whether a group is one of work that no unit answers for."""
    return name.startswith(f"{UNROUTED}@")


def _unrouted(organisation: Organisation, org: str, province: str) -> tuple[str, ...]:
    """The groups of unrouted work: the unit that filed and those above it; for what comes from outside the customer's home
    province and above, for what comes from nowhere headquarters.
    """
    lives_in = organisation.province(province)
    for place in (organisation.places.get(org), lives_in.path if lives_in else None):
        above = [organisation.by_path.get(each) for each in upwards(place)] if place else []
        inside = [unit.path for unit in above if unit and not unit.external]
        if inside:
            return tuple(group(UNROUTED, path) for path in inside)
    return tuple(group(UNROUTED, unit.path) for unit in organisation.tops) or (NOBODY,)


def classification_of(properties: Mapping[str, Any], facts: Mapping[str, Any]) -> Classification:
    """What the work is about: the task's own `route.classification` (`mobile/billing` or a list), else facts of the
    case. Empty axes at the end are left out.
    """
    named = properties.get(CLASSIFICATION)
    if named:
        axes = named.split("/") if isinstance(named, str) else named if isinstance(named, list) else [named]
    else:
        axes = [_fact(facts, name) for name in CLASSIFIED_BY]
    found = [_values(axis) for axis in axes]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _fact(facts: Mapping[str, Any], name: str) -> Any:
    """A fact by its name; a dot goes into a context."""
    found: Any = facts
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def route(
    organisation: Organisation,
    role: str,
    *,
    unit: str | None = None,
    province: str | None = None,
    org: str | None = None,
    classification: Classification = (),
) -> str:
    """Name the group that gets work for `role`, a key or one of the role's names.

    unit: the code of the unit the diagram names (`route.unit`), strongest. province: the customer's home
    province, by code or name. org: the code of the unit that filed the case. classification: which of several units
    near there. Without a unit that answers the role near any of them, the nearest one upwards is taken; if nobody at
    all answers the role, NOBODY.
    """
    role = organisation.roles.key(role)
    answering = organisation.by_role.get(role)
    if not answering:
        return NOBODY
    named, filed_in = organisation.places.get(unit or ""), organisation.places.get(org or "")
    lives_in = organisation.province(province) or (organisation.province_of(filed_in) if filed_in else None)
    home = lives_in.path if lives_in else None
    near = organisation.roles.looked_for(role)
    order = [] if near == "anywhere" else [filed_in, home] if near == "filing" else [home, filed_in]
    for place in (named, *order):
        for above in upwards(place) if place else ():
            if answering.within(above):
                return group(role, _best(answering, above, classification))
    return group(role, _best(answering, "/", classification))


def _best(answering: Answering, above: str, classification: Classification) -> str:
    """The same as `_best_of` for those within `above`, found once for each classification that can make a difference."""
    known = (above, classification[: answering.axes])
    found = answering.best.get(known)
    if found is None:
        found = _best_of(answering.within(above), known[1])
        if len(answering.best) >= REMEMBERED:
            answering.best.clear()
        answering.best[known] = found
    return found


def _best_of(able: Sequence[Unit], classification: Classification) -> str:
    """The path of whoever handles the classification most specifically; where several do, or nobody says so, a path
    above all of them, so that nobody is left out.
    """
    best = able
    if classification and len(able) > 1:
        fits = [
            max((_fit(_axes(pattern), classification) for pattern in unit.handles), default=())
            for unit in able
        ]
        highest = max(fits)
        if highest:
            best = [unit for unit, fit in zip(able, fits, strict=True) if fit == highest]
    return _common(best)


def _fit(pattern: Sequence[str], classification: Classification) -> tuple[int, ...]:
    """How specifically a pattern names the classification: per axis 2 exactly or 1 as `*`; () when it does not."""
    if len(pattern) > len(classification) and any(part != "*" for part in pattern[len(classification) :]):
        return ()
    fit = []
    for part, values in zip(pattern, classification, strict=False):
        if part != "*" and part not in values:
            return ()
        fit.append(1 if part == "*" else 2)
    return (*fit, *[1] * (len(classification) - len(fit)))


@lru_cache(maxsize=50_000)
def _axes(pattern: str) -> tuple[str, ...]:
    return tuple(_plain(part) for part in pattern.split("/"))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _values(axis: Any) -> frozenset[str]:
    several = axis if isinstance(axis, list) else [axis]
    return frozenset(text for value in several if value is not None and (text := _plain(str(value))))


def _addressed(organisation: Organisation, role: str, path: str) -> str:
    """A group a diagram writes out itself, where somebody there answers it. A unit that has moved is known by its
    code, the last part of the path.
    """
    role = organisation.roles.key(role)
    answering = organisation.by_role.get(role) or Answering()
    place = path if path == "/" else organisation.stands(path)
    return group(role, place) if place and answering.within(place) else NOBODY


def _common(units: Sequence[Unit]) -> str:
    """The longest path of whole units that the paths of all begin with. `units` are sorted by path, so the first and
    the last differ as early as any two.
    """
    first, last = (unit.path.strip("/").split("/") for unit in (units[0], units[-1]))
    shared = []
    for one, other in zip(first, last, strict=False):
        if one != other:
            break
        shared.append(one)
    return "/" + "".join(f"{part}/" for part in shared)


def groups_of(login: str, seats: Iterable[tuple[str, Iterable[str], str]]) -> tuple[str, ...]:
    """All groups a person answers for. `seats`: each unit's path, the roles answered there, and the path whose cases are
    seen from it.
    """
    found = {group(PERSON, login)}
    for path, roles, reach in seats:
        parts = path.strip("/").split("/")
        places = ["/" + "".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts) + 1)]
        for role in roles:
            found.update(group(role, place) for place in places)
            if role == SUPERVISOR:
                found.add(group(UNROUTED, reach))
    return tuple(sorted(found))
