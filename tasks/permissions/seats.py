"""Which roles a seat without a post gives."""

from __future__ import annotations

from collections.abc import Iterable

from tasks.permissions.matrix import AUDITOR, EXTERNAL, OPERATOR, OWNER, ROLES, STAFF

APART = frozenset({OWNER, OPERATOR, AUDITOR})
"""Roles whose seats do no case work: who looks after processes, machines or the trail handles cases only by another seat,
or where the seat grants `staff` beside it.
"""


def roles_of_seat(granted: Iterable[str]) -> frozenset[str]:
    """The roles of a seat inside the company that has no post. granted: what the seat itself grants; others than ROLES
    are not counted.
    """
    held = frozenset(granted) & ROLES.keys() - {EXTERNAL}
    return held if held and held <= APART else held | {STAFF}
