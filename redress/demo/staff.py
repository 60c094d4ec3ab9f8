"""The played staff: whoever the API says works there, signed in when first needed, found by candidate
group; and the systems of bodies outside, whose tokens an operator issues.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from redress.demo.client import Client, Refused

OPERATOR = "operator"
"""The candidate role of those who issue tokens to systems."""
_MAY = ("case.file", "case.read", "attachment.add", "message.send")
"""What a system outside needs for the demo, and no more."""


class NobodyAnswers(Exception):
    """Nobody of the staff can do what has to be done."""


class Member:
    """Somebody who can act: login, name and the candidate groups the API says they answer."""

    def __init__(self, client: Client, login: str, name: str, groups: Iterable[str], password: str) -> None:
        self.login, self.name, self.groups = login, name, frozenset(groups)
        self._client, self._password = client, password
        self._token = ""

    @property
    def signed_in(self) -> bool:
        """Whether the token is there."""
        return bool(self._token)

    @property
    def token(self) -> str:
        """The bearer token, asked for at its first use."""
        if not self._token:
            self._token = self._ask()
        return self._token

    def _ask(self) -> str:
        secret = {"login": self.login, "password": self._password, "label": "demo", "days": 1}
        return str(self._client.call("POST", "/tokens", json=secret)["token"])


class System(Member):
    """A system outside: it has no password, the operator issues its token."""

    def __init__(self, client: Client, login: str, staff: Staff) -> None:
        super().__init__(client, login, "", (), "")
        self._staff = staff

    def _ask(self) -> str:
        operator = self._staff.answering_role(OPERATOR, "", turn=0)
        order = {"scopes": list(_MAY), "label": "demo", "days": 1}
        path = f"/people/{self.login}/tokens"
        return str(self._client.call("POST", path, token=operator.token, json=order)["secret"])


class Staff:
    """Everybody who works there, and the systems outside."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        self._by_login = {member.login: member for member in members}

    @classmethod
    def ask(
        cls, client: Client, known_logins: Iterable[str], password: str, systems: Collection[str] = ()
    ) -> Staff:
        """Ask the API who works there, as the first of the known logins that may sign in. systems: logins of those who are
        no people.
        """
        for login in known_logins:
            if login in systems:
                continue
            somebody = Member(client, login, "", (), password)
            try:
                people = client.call("GET", "/people", token=somebody.token)["items"]
            except Refused as refusal:
                if refusal.status in (401, 403):
                    continue
                raise
            staff = cls(
                [
                    Member(client, p["login"], p["name"], p["groups"], password)
                    for p in people
                    if p["login"] not in systems
                ]
            )
            staff.admit(System(client, each, staff) for each in systems)
            return staff
        raise NobodyAnswers(
            "None of the demo's people can sign in there: is the demo organisation loaded, "
            "and is its password enough (REDRESS_DEMO_PASSWORDS, see `redress doctor`)?"
        )

    def admit(self, systems: Iterable[Member]) -> None:
        """Let systems outside be called by their logins."""
        self._by_login |= {each.login: each for each in systems}

    def named(self, name: str | None) -> Member | None:
        """The member of this name."""
        return next((member for member in self._members if member.name == name), None)

    def overseer(self) -> Member:
        """Somebody of headquarters, who sees every case."""
        return self.answering_role("headquarters", "", turn=0)

    def who(self, whom: str, place: str, *, turn: int) -> Member:
        """Whoever has this login, or else somebody who answers this role as `answering_role` finds them."""
        return self._by_login.get(whom) or self.answering_role(whom, place, turn=turn)

    def answering(self, groups: Iterable[str], *, turn: int, without: Collection[str] = ()) -> Member:
        """Somebody who answers one of the groups, but for these logins; of several who is signed in already, for signing in costs more than a task
        does; and of several of those, `turn` decides. Raises NobodyAnswers.
        """
        wanted = frozenset(groups)
        able = [member for member in self._members if member.groups & wanted and member.login not in without]
        if not able:
            raise NobodyAnswers(f"Nobody of the staff answers {', '.join(sorted(wanted))}.")
        chosen = [member for member in able if member.signed_in] or able
        return chosen[turn % len(chosen)]

    def answering_role(self, role: str, place: str, *, turn: int) -> Member:
        """Somebody who answers the role, below the unit with the code `place` where there is anybody."""
        able = [m for m in self._members if any(group.startswith(f"{role}@") for group in m.groups)]
        near = [m for m in able if any(f"/{place}/" in group for group in m.groups)]
        if not able:
            raise NobodyAnswers(f"Nobody of the staff answers the candidate group {role}.")
        chosen = near or able
        return chosen[turn % len(chosen)]
