"""Who acts. People, systems and the engine itself use the same verbs and leave the same trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever performs a verb: a person, an outside system, or the engine itself."""

    id: str
    name: str
    kind: Literal["person", "system"] = "person"
    login: str = ""
    """What a person or system signs in with; empty for the engine itself."""


SYSTEM = Actor(id="system", name="SYSTEM", kind="system")
"""Timers, jobs and the supervision ladder sign with this."""
