"""Wrong passwords, counted per login for all processes: MOST in a row lock the login for a quarter of an hour.

Logins that do not exist are counted like those that do, and every attempt, right or wrong, locked or not, is the same one
statement: neither the answer nor the work done for it tells whether there is such a login, or whether a password tried
while it was locked was right.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import RedressError
from tasks.core import table
from tasks.people.tables import SignInAttempt

MOST = 10
"""Wrong passwords in a row until the login is locked. NIST SP 800-63B 5.2.2 allows a hundred."""
FORGET = timedelta(minutes=15)
"""So long after the last wrong password the count begins anew."""
LOCK = timedelta(minutes=15)


class TooManyAttempts(RedressError):
    """Too many wrong passwords for this login; wait a quarter of an hour."""


_COUNT = sa.text(
    """
    INSERT INTO sign_in_attempt AS held (login_hash, failures, last_at)
    VALUES (:login_hash, CASE WHEN :right THEN 0 ELSE 1 END, :now)
    ON CONFLICT (login_hash) DO UPDATE SET
        failures = CASE WHEN held.locked_until > :now THEN :most + 1
                        WHEN :right THEN 0
                        WHEN held.locked_until <= :now OR held.last_at <= :now - :forget THEN 1
                        ELSE held.failures + 1 END,
        locked_until = CASE WHEN held.locked_until > :now THEN held.locked_until
                            WHEN :right OR held.locked_until <= :now OR held.last_at <= :now - :forget THEN NULL
                            WHEN held.failures + 1 >= :most THEN :now + :lock END,
        last_at = CASE WHEN held.locked_until > :now THEN held.last_at ELSE :now END
    RETURNING failures
    """
).bindparams(
    sa.bindparam("login_hash", type_=sa.LargeBinary),
    sa.bindparam("right", type_=sa.Boolean),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("forget", FORGET, type_=sa.Interval),
    sa.bindparam("lock", LOCK, type_=sa.Interval),
    sa.bindparam("most", MOST, type_=sa.Integer),
)


def count(session: Session, login: str, *, right: bool, now: datetime) -> None:
    """Count one attempt; a right one clears the count. One statement, whatever it finds.

    Raises TooManyAttempts while the login is locked, for a right password too. Whoever answers must commit in any case:
    a count that is rolled back with the refusal counts nothing.
    """
    given = {"login_hash": _hash(login), "right": right, "now": now}
    if session.execute(_COUNT, given).scalar_one() > MOST:
        raise TooManyAttempts(
            f"To sign in as {login[:60]!r} was asked after {MOST} wrong passwords; wait a quarter of an hour.",
            message_zh="密码连续输错次数过多，账号已锁定，请一刻钟后再试，或请系统运维解锁。",
        )


def locked_until(session: Session, login: str, now: datetime) -> datetime | None:
    """Until when a login is locked; None when it is not."""
    return session.scalar(
        sa.select(SignInAttempt.locked_until).where(
            SignInAttempt.login_hash == _hash(login), SignInAttempt.locked_until > now
        )
    )


def clear(session: Session, login: str) -> None:
    """Forget a login's wrong passwords and unlock it."""
    session.execute(sa.delete(table(SignInAttempt)).where(SignInAttempt.login_hash == _hash(login)))


def forget(session: Session, now: datetime) -> None:
    """Delete what no longer counts. The worker does it every hour: the table holds an hour's logins at most."""
    held = table(SignInAttempt).c
    over = sa.func.coalesce(held.locked_until, held.last_at + sa.literal(FORGET, sa.Interval)) <= now
    session.execute(sa.delete(table(SignInAttempt)).where(sa.or_(held.failures == 0, over)))


def _hash(login: str) -> bytes:
    return sha256(login.encode("utf-8", "surrogatepass")).digest()
