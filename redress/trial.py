"""The trial run as this installation's settings want it."""

from __future__ import annotations

from collections.abc import Collection

from engine.deploying import TrialRun
from engine.trial.trying import Trial
from redress.settings import Settings


def trial_of(settings: Settings, functions: Collection[str]) -> TrialRun | None:
    """Return what runs the processes of a deployment before it is stored, or None where that is switched off.

    functions: the names FEEL may call besides its own.
    """
    if not settings.trial_seconds:
        return None
    trial = Trial(functions, seconds=settings.trial_seconds, megabytes=settings.trial_megabytes)
    return trial.findings
