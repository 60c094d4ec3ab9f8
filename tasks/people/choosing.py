"""Which passwords may be chosen (NIST SP 800-63B 5.1.1.2): long enough, and none that is guessed first.

No rules of composition, no expiry: they make people write passwords down.
"""

from __future__ import annotations

import itertools
import secrets
import unicodedata
from functools import cache
from importlib.resources import files

from engine.errors import InvalidInput
from tasks.core import storable
from tasks.people.passwords import LONGEST

SHORTEST = 10
"""Characters. NIST asks for eight; ten costs people little."""
_FEWEST = 4
"""Different characters: fewer are a pattern."""


class PasswordRefused(InvalidInput):
    """The new password cannot be used."""


def check_new(password: str, *, login: str, name: str, known: str) -> None:
    """Raise PasswordRefused, in both languages, unless `password` may be the new one of a person.

    known: a password everybody knows, such as the one of the demo.
    """
    told = _fault(unicodedata.normalize("NFKC", password), login, name, known)
    if told:
        raise PasswordRefused(
            f"The new password of {login} was refused: {told[0]}.", message_zh=f"{told[1]}。"
        )


def one_time() -> str:
    """A password to be changed at the first sign-in: 96 random bits, easy to read out."""
    drawn = secrets.token_hex(12)
    return "-".join(drawn[at : at + 6] for at in range(0, len(drawn), 6))


def _fault(password: str, login: str, name: str, known: str) -> tuple[str, str] | None:
    folded = password.casefold()
    if len(password) < SHORTEST:
        return (
            f"it has {len(password)} characters; at least {SHORTEST} are needed",
            f"新密码至少要有{SHORTEST}个字符",
        )
    if len(password) > LONGEST or not storable(password) or len(password.encode()) > LONGEST:
        return f"at most {LONGEST} bytes of Unicode text are taken", f"新密码最多{LONGEST}个字节"
    if any(len(own) >= 2 and own.casefold() in folded for own in (login, name)):
        return "it contains the login or the name", "新密码不能包含账号或姓名"
    if folded == known.casefold():
        return "everybody knows the demo password", "新密码不能是演示密码"
    if len(set(folded)) < _FEWEST or _runs(folded) or folded in _common():
        return "it is among the first that are guessed", "新密码太常见，容易被猜到"
    return None


def _runs(password: str) -> bool:
    """Whether the characters only count up or down, such as 0123456789."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(password)}
    return len(steps) == 1


@cache
def _common() -> frozenset[str]:
    text = (files("tasks.people") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
