"""The tables of the product: what the code declares, and how a database is brought to it.

Declared: every mapped class of engine, tasks and api hangs on `engine.db.Base`. The job engine brings its
own schema, which the first revision applies as it comes.
"""

from __future__ import annotations

import importlib
import pkgutil

import sqlalchemy as sa

from engine.db import Base

_ROOMS = ("engine", "tasks", "api")


def declared_metadata() -> sa.MetaData:
    """Import every room, so that every table is known, and return the metadata they all hang on."""
    for room in _ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            importlib.import_module(module.name)
    return Base.metadata


def is_ours(_object: object, name: str | None, kind: str, reflected: bool, _compare_to: object) -> bool:
    """Whether a comparison of schemas concerns this object: the job engine's tables are its own affair."""
    return not (name or "").startswith(("procrastinate_", "idx_procrastinate"))
