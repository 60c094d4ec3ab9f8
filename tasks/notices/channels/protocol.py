"""What an adapter has to be, so that notices go out through it. With an example: docs/notices.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who a message is for. address: what the channel's own `address` said; phone: as the organisation has it, or empty."""

    address: str
    login: str
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to whom. receivers: one, but for a channel that is `shared`. subject: one line. text: Chinese, then
    English. short: one line of Chinese that says the same. link: the page it is about, empty where the installation has no
    public address.
    """

    receivers: tuple[Receiver, ...]
    subject: str
    text: str
    short: str
    link: str = ""

    @property
    def to(self) -> Receiver:
        """The only receiver, of a channel that is not shared."""
        return self.receivers[0]

    @property
    def whole(self) -> str:
        """The text, and below it the link."""
        return f"{self.text}\n\n{self.link}".rstrip()


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

    @property
    def label(self) -> str:
        """What people call it, where they choose; empty: its name."""

    @property
    def shared(self) -> bool:
        """Whether everybody it reaches reads along, as in a group chat: then a notice is one message to all who get it."""

    def address(self, person: Any) -> str:
        """Where a person (a row with id, login, name, email, phone and unit_path, where they sit, such as /hq/henan/) is
        reached through this channel; empty: not at all.
        """

    def send(self, message: Message, key: str) -> Outcome:
        """Send a message, and say what became of it; within half a minute, and without raising for what the other side does.

        key: the same whenever the same message is sent again, as after a worker that was killed before it could write down
        that it was sent: who receives it can tell by it that there is nothing new.
        """
