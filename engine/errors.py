"""The error tree. A message is one sentence with three facts: what was asked, of which thing, in which state.

Nothing here knows HTTP: `api/errors.py` maps each class to a status code, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.dialect.outcome import Outcome


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


class DecisionFailed(InvalidInput):
    """What was sent could not be checked, because the decision that checks it failed."""


class TooBusy(RedressError):
    """Too much of this kind is under way at this moment; try again in a few seconds."""


class NeedsBinding(WrongState):
    """The process cannot start before everything its diagram asks this installation for is bound."""


class Retired(WrongState):
    """The process is retired: nothing new starts with it."""


class MessageNotAwaited(WrongState):
    """No activity of the instance waits for this message."""


class DeploymentRefused(InvalidInput):
    """The deployment has errors; nothing of it was stored."""

    def __init__(self, findings: list[object], outcome: Outcome | None = None) -> None:
        errors = sum(getattr(one, "severity", "error") == "error" for one in findings)
        super().__init__(
            f"The deployment was refused: {errors} error(s), nothing was stored. Correct them and deploy again.",
            message_zh=f"没有部署：有 {errors} 个错误，什么也没有保存。请改正后重新部署。",
        )
        self.findings = findings
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class BindingProblem:
    """Why one need cannot be bound as asked: `path` is the need's key."""

    path: str
    message: str
    message_zh: str


class BindingRefused(InvalidInput):
    """Needs were bound to what they cannot be bound to; nothing was changed."""

    def __init__(self, process: str, problems: list[BindingProblem]) -> None:
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        super().__init__(
            f"Binding process '{process}' was refused: {problems[0].path}: {problems[0].message}{more}",
            process=process,
            message_zh=f"没有绑定流程“{process}”：{problems[0].path}：{problems[0].message_zh}",
        )
        self.problems = problems
