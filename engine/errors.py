"""The error tree. A message is one sentence with three facts: what was asked, of which thing, in which state.

Nothing here knows HTTP: `api/errors.py` maps each class to a status code, once.
"""

from __future__ import annotations


class RedressError(Exception):
    """The request was refused."""

    def __init__(self, message: str = "", /, **facts: object) -> None:
        super().__init__(message or " ".join((self.__doc__ or "").split()))
        self.facts: dict[str, object] = facts
        """Machine-readable companions of the sentence, such as the id and the actual state."""


class NotFound(RedressError):
    """The thing asked for does not exist, or not for whoever asks."""


class WrongState(RedressError):
    """The thing exists, but what was asked is not possible in its present state."""


class NotPermitted(RedressError):
    """Whoever asks may not do this."""


class InvalidInput(RedressError):
    """What was sent does not have the form it must have."""


class MessageNotAwaited(WrongState):
    """No activity of the instance waits for this message."""


class DeploymentRefused(InvalidInput):
    """The deployment has errors; nothing of it was stored."""

    def __init__(self, findings: list[object]) -> None:
        super().__init__(f"The deployment was refused: {len(findings)} finding(s), nothing was stored.")
        self.findings = findings
