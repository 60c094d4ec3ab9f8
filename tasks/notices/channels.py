"""What an adapter has to be, so that notices go out through it. With an example: docs/notices.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One notice in words. to: where its receiver is reached, from the channel's own `address`. subject: one line.
    text: Chinese, then English. link: the page it is about, empty where the installation has no public address.
    """

    to: str
    name: str
    subject: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has taken it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side will never take it: it is given up. reason: what it said."""

    reason: str


@dataclass(frozen=True, slots=True)
class TryAgain:
    """It may be taken later. whole: not this receiver but the channel is out of order, so that the others wait too."""

    reason: str
    whole: bool = False


Outcome = Sent | Refused | TryAgain


class Channel(Protocol):
    """One way out. It keeps nothing about what it has sent, and is used by one thread at a time."""

    @property
    def name(self) -> str:
        """What deliveries through it are called; stored data."""

    def address(self, person: Any) -> str:
        """Where a person (a row with id, login, name, email) is reached through this channel; empty: not at all."""

    def send(self, message: Message, key: str) -> Outcome:
        """Send a message, and say what became of it; within half a minute, and without raising for what the other side does.

        key: the same whenever the same message is sent again, as after a worker that was killed before it could write down
        that it was sent: who receives it can tell by it that there is nothing new.
        """
