"""What the commands that act on the database themselves share: whoever may reach it is an operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.actor import Actor
from redress.settings import Settings
from tasks.deps import Deps

OPERATOR = Actor(id="operator", name="操作员 operator", kind="system")
"""Signs what is done from the command line without naming a person."""


@contextmanager
def opened(settings: Settings) -> Iterator[Deps]:
    """Everything joined, on the database of this installation; an embedded server is started for it if need
    be.
    """
    from redress.bootstrap import bind, build
    from redress.database import database
    from tasks.audit.anchoring import require_key

    with database(settings) as url:
        deps = build(settings, url)
        try:
            with deps.sessions() as session:
                require_key(session)
            yield deps
        finally:
            bind(deps).dispose()
