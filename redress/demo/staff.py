"""The played staff: whoever the API says works there, signed in when first needed, found by candidate
group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redress.demo.client import Client, Refused


class NobodyAnswers(Exception):
    """Nobody of the staff can do what has to be done."""


class Member:
    """Somebody who can act: login, name and the candidate groups the API says they answer."""

    def __init__(self, client: Client, login: str, name: str, groups: Iterable[str], password: str) -> None:
        self.login, self.name, self.groups = login, name, frozenset(groups)
        self._client, self._password = client, password
        self._token = ""

    @property
    def token(self) -> str:
        """The bearer token, asked for at its first use."""
        if not self._token:
            secret = {"login": self.login, "password": self._password, "label": "demo", "days": 1}
            self._token = self._client.call("POST", "/tokens", json=secret)["token"]
        return self._token


class Staff:
    """Everybody who works there."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members

    @classmethod
    def ask(cls, client: Client, known_logins: Iterable[str], password: str) -> Staff:
        """Ask the API who works there, as the first of the known logins that may sign in."""
        for login in known_logins:
            somebody = Member(client, login, "", (), password)
            try:
                people = client.call("GET", "/people", token=somebody.token)["items"]
            except Refused as refusal:
                if refusal.status in (401, 403):
                    continue
                raise
            return cls([Member(client, p["login"], p["name"], p["groups"], password) for p in people])
        raise NobodyAnswers(
            "None of the demo's people can sign in there: is the demo organisation loaded, "
            "and is its password enough (REDRESS_DEMO_PASSWORDS, see `redress doctor`)?"
        )

    def named(self, name: str | None) -> Member | None:
        """The member of this name."""
        return next((member for member in self._members if member.name == name), None)

    def overseer(self) -> Member:
        """Somebody of headquarters, who sees every case."""
        return self.answering_role("headquarters", "", turn=0)

    def answering(self, groups: Iterable[str], *, turn: int) -> Member:
        """Somebody who answers one of the groups; where several do, `turn` decides. Raises NobodyAnswers."""
        wanted = frozenset(groups)
        able = [member for member in self._members if member.groups & wanted]
        if not able:
            raise NobodyAnswers(f"Nobody of the staff answers {', '.join(sorted(wanted))}.")
        return able[turn % len(able)]

    def answering_role(self, role: str, place: str, *, turn: int) -> Member:
        """Somebody who answers the role, below the unit with the code `place` where there is anybody."""
        able = [m for m in self._members if any(group.startswith(f"{role}@") for group in m.groups)]
        near = [m for m in able if any(f"/{place}/" in group for group in m.groups)]
        if not able:
            raise NobodyAnswers(f"Nobody of the staff answers the candidate group {role}.")
        chosen = near or able
        return chosen[turn % len(chosen)]
