"""Random days at the desk, then random hands in the trail: verification always tells."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import RedressError
from tasks.audit.anchoring import begin_trail, drop_anchor
from tasks.audit.sealing import SEALED
from tasks.audit.verifying import Wanted, verify_on
from tasks.processes import steering
from tests.conftest import AUDIT_KEYS
from tests.tasks.office import TestOffice

BYTES = ("previous", "hash")
ROWS = f"SELECT {', '.join((*SEALED, *BYTES))} FROM audit_event ORDER BY chain, seq"
EVENT = "chain = %s AND seq = %s"
HAND = st.sampled_from(
    ["change", "remove", "copy", "swap", "insert", "cut", "head", "no head", "renumber", "another chain"]
)


def a_day(office: TestOffice, dice: random.Random) -> None:
    """Thirty verbs in whatever order; those that are refused are refused."""
    numbers = [office.file().number for _ in range(3)]
    for _ in range(30):
        number = dice.choice(numbers)
        task = office.task("check_request", number)
        verb = dice.choices(
            ("claim", "release", "complete", "suspend", "resume", "message"), (9, 5, 2, 2, 3, 1)
        )[0]
        office.clock.advance(timedelta(minutes=dice.randrange(30)))
        try:
            if verb in ("claim", "release"):
                getattr(office, verb)("li_na", task.id)
            elif verb == "complete":
                office.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network"})
            else:
                steered(office, verb, number, task.instance_id)
        except RedressError:
            continue


def steered(office: TestOffice, verb: str, number: str, instance: Any) -> None:
    login = "li_na" if verb == "message" else "sun_qiang"
    with office.acting(login) as (session, caller):
        if verb == "suspend":
            steering.suspend_instance(session, office.deps, caller, instance, reason="等待")
        elif verb == "resume":
            steering.resume_instance(session, office.deps, caller, instance)
        else:
            steering.send_message(session, office.deps, caller, number, "withdraw", None)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_done_to_the_trail_is_found(office: TestOffice, database_url: str, seed: int) -> None:
    with office.deps.sessions.begin() as session:
        begin_trail(session, office.clock.now())
    office.clock.advance(timedelta(minutes=1))
    a_day(office, random.Random(seed))
    with office.deps.sessions.begin() as session:
        drop_anchor(session, office.clock.now())
    with psycopg.connect(database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        rows = connection.execute(ROWS.encode()).fetchall()
        assert len(rows) > 15
        assert verify_on(connection, AUDIT_KEYS, Wanted()).findings == []
        kept = [row for row in rows if row[0] != "anchors"]

        @settings(max_examples=60)
        @given(hand=HAND, pick=st.randoms(use_true_random=False))
        def tampered(hand: str, pick: random.Random) -> None:
            with connection.transaction(force_rollback=True):
                one, other = pick.sample(kept, 2)
                done = reach_in(connection, hand, one, other, pick)
                found = verify_on(connection, AUDIT_KEYS, Wanted()).findings
                assert bool(found) == done, (hand, one[:2], other[:2], found)

        tampered()


def reach_in(
    connection: psycopg.Connection[Any], hand: str, one: Any, other: Any, pick: random.Random
) -> bool:
    """Tamper with one thing; return whether anything has changed."""
    chain, seq = one[:2]
    if hand == "change":
        column = pick.choice([*SEALED, *BYTES])
        value = changed(column, one[[*SEALED, *BYTES].index(column)], pick)
        connection.execute(
            f"UPDATE audit_event SET {column} = %s WHERE {EVENT}".encode(), (value, chain, seq)
        )
    elif hand == "remove":
        connection.execute(f"DELETE FROM audit_event WHERE {EVENT}".encode(), (chain, seq))
    elif hand in ("copy", "another chain", "insert"):
        place = (other[0] if hand == "another chain" else chain, pick.choice([0, -1, 40, 41]))
        row = [*place, *one[2:]]
        if hand == "insert":
            row[6], row[-1] = "task.claim", pick.randbytes(32)
        holes = ", ".join(["%s"] * len(row))
        connection.execute(
            f"INSERT INTO audit_event ({', '.join((*SEALED, *BYTES))}) VALUES ({holes})".encode(), row
        )
    elif hand == "swap":
        for column in (*SEALED[2:], *BYTES):
            for source, target in ((one, other), (other, one)):
                value = source[[*SEALED, *BYTES].index(column)]
                connection.execute(
                    f"UPDATE audit_event SET {column} = %s WHERE {EVENT}".encode(), (value, *target[:2])
                )
    elif hand == "cut":
        connection.execute(b"DELETE FROM audit_event WHERE chain = %s AND seq > %s", (chain, seq - 1))
        connection.execute(
            b"UPDATE audit_head SET seq = %s, hash = %s WHERE chain = %s", (seq - 1, one[-2], chain)
        )
    elif hand == "head":
        connection.execute(
            b"UPDATE audit_head SET seq = seq + %s, hash = %s WHERE chain = %s",
            (pick.choice([-1, 1]), pick.choice([one[-1], pick.randbytes(32)]), chain),
        )
    elif hand == "no head":
        connection.execute(b"DELETE FROM audit_head WHERE chain = %s", (chain,))
    else:
        connection.execute(b"UPDATE audit_event SET seq = -seq WHERE chain = %s AND seq >= %s", (chain, seq))
        connection.execute(b"UPDATE audit_event SET seq = -seq + 1 WHERE chain = %s AND seq < 0", (chain,))
    return True


def changed(column: str, value: Any, pick: random.Random) -> Any:
    if column == "seq":
        return value + 100
    if column == "at":
        return value + timedelta(microseconds=pick.choice([-1, 1, 10**12]))
    if column in BYTES:
        place = pick.randrange(32)
        return value[:place] + bytes([value[place] ^ (1 << pick.randrange(8))]) + value[place + 1 :]
    return pick.choice([text for text in ("", " ", "{}", "x", (value or "") + " ") if text != value])
