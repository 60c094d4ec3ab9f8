"""Who may do what: one table, permission × role. Which rows a permission reaches is decided by visibility and
groups.

Roles come with posts: every member of a unit is `staff`, and answers the role keys of the unit and of the
post.
"""

from __future__ import annotations

from engine.errors import NotPermitted
from tasks.people.caller import Caller

STAFF, SUPERVISOR, OWNER, OPERATOR, HEADQUARTERS = (
    "staff",
    "supervisor",
    "process_owner",
    "operator",
    "headquarters",
)

PERMISSIONS: dict[str, frozenset[str]] = {
    "self.read": frozenset({STAFF, SUPERVISOR, OWNER, OPERATOR}),
    "case.file": frozenset({STAFF}),
    "case.read": frozenset({STAFF, SUPERVISOR, OPERATOR}),
    "task.read": frozenset({STAFF, SUPERVISOR, OPERATOR}),
    "task.claim": frozenset({STAFF}),
    "task.release": frozenset({STAFF}),
    "task.complete": frozenset({STAFF}),
    "message.send": frozenset({STAFF, OPERATOR}),
    "signal.send": frozenset({OWNER, OPERATOR}),
    "instance.read": frozenset({STAFF, SUPERVISOR, OPERATOR}),
    "instance.start": frozenset({OWNER, OPERATOR}),
    "instance.cancel": frozenset({SUPERVISOR, OPERATOR}),
    "instance.suspend": frozenset({SUPERVISOR, OPERATOR}),
    "instance.resume": frozenset({SUPERVISOR, OPERATOR}),
    "instance.correct": frozenset({OWNER, OPERATOR}),
    "incident.retry": frozenset({OPERATOR}),
    "definition.read": frozenset({STAFF, OWNER, SUPERVISOR, OPERATOR}),
    "definition.bind": frozenset({OWNER}),
    "deployment.read": frozenset({STAFF, OWNER, SUPERVISOR, OPERATOR}),
    "deployment.create": frozenset({OWNER}),
}
"""permission → the roles that have it."""


def may(caller: Caller, permission: str) -> bool:
    """Whether the caller's roles and the token's scopes allow `permission`."""
    in_scope = "*" in caller.scopes or permission in caller.scopes
    return in_scope and not PERMISSIONS[permission].isdisjoint(caller.roles)


def require(caller: Caller, permission: str) -> None:
    """Raise NotPermitted, naming permission, person and roles, unless the caller has it."""
    if not may(caller, permission):
        held = ", ".join(sorted(caller.roles)) or "none"
        raise NotPermitted(
            f"The permission {permission} was asked for by {caller.login}, whose roles are {held}; it needs "
            f"{' or '.join(sorted(PERMISSIONS[permission]))}.",
            permission=permission,
        )


def matrix_text() -> str:
    """The whole table for people: one line per permission."""
    roles = (STAFF, SUPERVISOR, OWNER, OPERATOR)
    head = f"{'permission':20}" + "".join(f"{role:15}" for role in roles)
    lines = [
        f"{permission:20}" + "".join(f"{'yes' if role in allowed else '-':15}" for role in roles).rstrip()
        for permission, allowed in PERMISSIONS.items()
    ]
    return "\n".join([head.rstrip(), *lines])
