"""What the walk has to know of a route: how to make the thing it is about, and what to send.

Everything else the walk works out from `tasks.permissions.matrix`. Each room has its own file of recipes here; a route
without one fails the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.matrix.world import World

Make = Callable[[World, str], Mapping[str, Any]]
"""Makes a thing for a login and returns the parameters of its address."""


def nothing(_world: World, _login: str) -> Mapping[str, Any]:
    """For routes that are about no thing in particular."""
    return {}


@dataclass(frozen=True)
class Recipe:
    """How one route is called.

    things: state → makes a thing in that state that the login reaches. The matrix says in which states the verb is
    possible; a route that is not about a thing has one state, "". stranger: makes one that exists and is out of the
    login's reach; None where everybody who may call reaches everything, or there is no id. everything: the roles that
    reach whatever exists, so that nothing is strange to them. body: what is sent, or makes it. good: the status when
    everything is right. otherwise: state → status where it follows from more than the verb's own states (a task whose
    instance is suspended). data: sent as a form instead of JSON.
    """

    things: Mapping[str, Make] = field(default_factory=lambda: {"": nothing})
    stranger: Make | None = None
    everything: frozenset[str] = frozenset()
    body: Any = None
    data: Any = None
    good: int = 200
    otherwise: Mapping[str, int] = field(default_factory=dict)
    query: str = ""

    def sent(self, world: World, login: str, thing: Mapping[str, Any]) -> dict[str, Any]:
        """What the request carries, for Flask's test client."""
        found = {}
        for name, what in (("json", self.body), ("data", self.data)):
            given = what(world, login, thing) if callable(what) else what
            if given is not None:
                found[name] = given
        return found
