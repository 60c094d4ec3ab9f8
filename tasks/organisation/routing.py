"""Which group a piece of work goes to, and which groups a person answers for.

A group is written `<role>@<unit path>`, such as `provincial_centre@/hq/henan/centre/`. Everybody who answers
the role in that unit or anywhere below it is in the group, so `remote_unit@/hq/henan/` means any remote unit
of the province. `person@<login>` is the group of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tasks.organisation.tree import Answering, Organisation, Unit

UNROUTED = "unrouted@/"
"""Where work lands that no unit answers for; supervisors and operators see it."""

PERSON = "person"


def group(role: str, path: str) -> str:
    return f"{role}@{path}"


def group_path(name: str) -> str | None:
    """The unit path inside a group, or None for the group of one person and for unrouted work."""
    role, _, path = name.partition("@")
    return path if role != PERSON and len(path) > 1 else None


def route(
    organisation: Organisation,
    role: str,
    *,
    unit: str | None = None,
    province: str | None = None,
    org: str | None = None,
) -> str:
    """Name the group that gets work for `role`.

    unit: the code of the unit the diagram names (`route.unit`), strongest. province: the customer's home
    province, by code or name. org: the code of the unit that filed the case. Without a unit that answers the
    role near any of them, the nearest one upwards is taken; if nobody at all answers the role, UNROUTED.
    """
    answering = organisation.by_role.get(role)
    if not answering:
        return UNROUTED
    named = organisation.by_code.get(unit or "")
    filed_in = organisation.by_code.get(org or "")
    if named:
        return _near(organisation, role, answering, named)
    if role == "channel" and filed_in:
        return _near(organisation, role, answering, filed_in)
    home = organisation.province(province) or (organisation.province_of(filed_in) if filed_in else None)
    if role == "headquarters" or (home is None and filed_in is None):
        return group(role, _common(answering.units))
    return _near(organisation, role, answering, home or filed_in)


def _near(organisation: Organisation, role: str, answering: Answering, place: Unit | None) -> str:
    if place is None:
        return UNROUTED
    for above in organisation.ancestors(place):
        if role in above.roles:
            return group(role, above.path)
        if below := answering.within(above.path):
            return group(role, _common(below))
    return UNROUTED


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


def groups_of(login: str, seats: Iterable[tuple[str, Iterable[str]]]) -> tuple[str, ...]:
    """All groups a person answers for. `seats` pairs each unit path with the roles answered there."""
    found = {group(PERSON, login)}
    for path, roles in seats:
        parts = path.strip("/").split("/")
        places = ["/" + "".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts) + 1)]
        for role in roles:
            found.update(group(role, place) for place in places)
            if role in ("supervisor", "operator"):
                found.add(UNROUTED)
    return tuple(sorted(found))
