"""Whoever reaches into the database leaves traces that verification tells, with chain and row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from engine.db import open_database
from engine.errors import WrongState
from tasks.audit.anchoring import Anchor, begin_trail, drop_anchor, last_anchor, require_key
from tasks.audit.sealing import SEALED, KeyRing, seal
from tasks.audit.verifying import Wanted, verify
from tasks.audit.writing import keep_trail
from tests.conftest import AUDIT_KEYS
from tests.tasks.audit.tampering import if_tampered, tamper, told, verified
from tests.tasks.office import TestOffice


@pytest.fixture
def case(office: TestOffice) -> str:
    """A case that was worked on, in an office with an anchored trail; its chain has six rows."""
    with office.deps.sessions.begin() as session:
        begin_trail(session, office.clock.now())
    office.clock.advance(timedelta(minutes=1))
    number = worked_on(office)
    worked_on(office)
    anchor(office)
    return number


def worked_on(office: TestOffice) -> str:
    filed = office.file()
    task = office.task("check_request", filed.number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "close"})
    office.settle()
    return filed.number


def anchor(office: TestOffice) -> Anchor:
    with office.deps.sessions.begin() as session:
        drop_anchor(session, office.clock.now())
    with office.deps.sessions() as session:
        found = last_anchor(session)
    assert found is not None
    return found


def test_an_untouched_trail_holds_in_every_way_it_can_be_read(
    office: TestOffice, database_url: str, case: str
) -> None:
    whole = verified(database_url, contents=True)
    assert told(whole) == []
    assert whole.rows == whole.sealed == 2 * 6 + 2  # two cases; the beginning and one anchor
    assert verified(database_url, number=case).rows == 6
    assert verified(database_url, since=office.clock.now()).rows == whole.rows
    shared = verified(database_url, jobs=2)
    assert (shared.rows, shared.chains, told(shared)) == (whole.rows, whole.chains, [])


COLUMNS = {
    "at": "at + interval '1 microsecond'",
    "actor_id": "'somebody else'",
    "actor_name": "actor_name || ' '",
    "actor_kind": "'machine'",
    "verb": "'task.release'",
    "subject": "'unit'",
    "subject_id": "subject_id || '0'",
    "before": '\'{"state":"created"}\'',
    "after": "NULL",
    "previous": r"'\x00'",
    "hash": r"'\x00'",
}


def test_a_changed_column_is_found_in_its_row(database_url: str, case: str) -> None:
    for column, value in COLUMNS.items():
        for seq in (1, 4, 6):
            change = f"UPDATE audit_event SET {column} = {value} WHERE chain = '{case}' AND seq = {seq}"
            report = if_tampered(database_url, change)
            assert (case, seq) in {(one.chain, one.seq) for one in report.findings}, (
                column,
                seq,
                told(report),
            )
            assert {one.chain for one in report.findings} == {case}


def test_instants_no_calendar_has_are_found_too(database_url: str, case: str) -> None:
    for instant in ("infinity", "-infinity", "20000-01-01", "4000-01-01 BC"):
        change = f"UPDATE audit_event SET at = '{instant}' WHERE chain = '{case}' AND seq = 3"
        assert f"{case} 3 is not what was sealed" in " ".join(told(if_tampered(database_url, change)))


def test_removed_rows_are_found_and_named(database_url: str, case: str) -> None:
    for gone, sentence in {
        "seq = 1": "1 is missing: rows 1 were removed",
        "seq IN (3, 4)": "3 is missing: rows 3 to 4 were removed",
        "seq = 6": "None does not end where its head says",
        "true": "None does not end where its head says",
    }.items():
        removal = f"DELETE FROM audit_event WHERE chain = '{case}' AND {gone}"
        assert f"{case} {sentence}" in " ".join(told(if_tampered(database_url, removal)))
        assert told(if_tampered(database_url, removal, number=case))


def test_a_tail_that_is_cut_off_head_and_all_is_found_by_the_anchor(database_url: str, case: str) -> None:
    cut_back(database_url, case, 5)
    report = told(verified(database_url))
    assert report == [
        f"{case} 6 is gone or another one than anchor 2 has seen: the chain was cut or replaced after that"
    ]


def test_a_completion_that_is_cut_off_is_found_without_an_anchor(
    office: TestOffice, database_url: str
) -> None:
    filed = office.file()
    task = office.task("check_request", filed.number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network"})
    cut_back(database_url, filed.number, 3)
    assert f"does not tell that the task {task.id} was completed" in " ".join(told(verified(database_url)))


def cut_back(url: str, chain: str, seq: int) -> None:
    tamper(
        url,
        f"DELETE FROM audit_event WHERE chain = '{chain}' AND seq > {seq}",
        f"UPDATE audit_head SET seq = {seq}, hash = (SELECT hash FROM audit_event WHERE chain = '{chain}' AND seq = {seq})"
        f" WHERE chain = '{chain}'",
    )


def test_a_whole_chain_that_is_gone_is_found(database_url: str, case: str) -> None:
    tamper(
        database_url,
        f"DELETE FROM audit_event WHERE chain = '{case}'",
        f"DELETE FROM audit_head WHERE chain = '{case}'",
    )
    found = " ".join(told(verified(database_url)))
    assert f"{case} None does not begin with the filing of its case but with nothing" in found
    assert f"{case} 6 is gone or another one than anchor 2 has seen" in found


def test_a_case_that_is_gone_with_all_its_tables_is_told_by_its_chain(database_url: str, case: str) -> None:
    tamper(
        database_url,
        f"DELETE FROM user_task WHERE business_key = '{case}'",
        f"DELETE FROM case_file WHERE number = '{case}'",
    )
    found = " ".join(told(verified(database_url)))
    assert "tells of a case that is not there any more" in found
    assert "was completed, which the task does not say, or it is gone" in found


def test_a_changed_head_is_found(database_url: str, case: str) -> None:
    for change in ("seq = seq + 1", "seq = seq - 1", r"hash = '\x00'", "chain = 'elsewhere'"):
        report = if_tampered(database_url, f"UPDATE audit_head SET {change} WHERE chain = '{case}'")
        assert any(one.chain == case for one in report.findings), change


def test_a_removed_head_is_found(database_url: str, case: str) -> None:
    tamper(database_url, f"DELETE FROM audit_head WHERE chain = '{case}'")
    assert told(verified(database_url)) == [
        f"{case} None has rows and no head: the head was removed, or the rows were put in"
    ]


def test_rows_put_in_moved_or_copied_elsewhere_are_found(database_url: str, case: str) -> None:
    columns = "at, actor_id, actor_name, actor_kind, verb, subject, subject_id, before, after"
    for chain, seq in ((f"'{case}'", "seq + 6"), ("'another'", "seq"), (f"'{case}'", "seq - 6")):
        report = if_tampered(
            database_url,
            f"INSERT INTO audit_event (chain, seq, {columns}, previous, hash) SELECT {chain}, {seq}, {columns}, previous, hash"
            f" FROM audit_event WHERE chain = '{case}' AND seq BETWEEN 1 AND 6",
        )
        assert told(report), (chain, seq)


def test_two_rows_that_changed_places_are_found(database_url: str, case: str) -> None:
    tamper(
        database_url,
        f"UPDATE audit_event SET seq = CASE seq WHEN 3 THEN -4 ELSE -3 END WHERE chain = '{case}' AND seq IN (3, 4)",
        f"UPDATE audit_event SET seq = -seq WHERE chain = '{case}' AND seq < 0",
    )
    found = verified(database_url).findings
    assert {(one.chain, one.seq) for one in found} >= {(case, 3), (case, 4)}


def test_a_chain_sealed_anew_with_another_key_is_found_in_every_row(database_url: str, case: str) -> None:
    reseal(database_url, case, b"another key entirely")
    found = verified(database_url).findings
    changed = {one.seq for one in found if one.chain == case and "not what was sealed" in one.what}
    assert changed == set(range(1, 7))


def test_a_chain_sealed_anew_with_the_right_key_is_found_by_the_anchor_and_by_what_is_kept_outside(
    office: TestOffice, database_url: str, case: str
) -> None:
    outside = anchor(office)
    tamper(database_url, f"UPDATE audit_event SET actor_name = 'nobody' WHERE chain = '{case}' AND seq = 3")
    reseal(database_url, case, AUDIT_KEYS.keys[-1])
    assert any("than anchor 2 has seen" in one for one in told(verified(database_url)))
    tamper(
        database_url,
        "DELETE FROM audit_event WHERE chain = 'anchors'",
        "DELETE FROM audit_head WHERE chain = 'anchors'",
    )
    assert told(verified(database_url)) == []
    assert "is not the one that was kept outside" in told(verified(database_url, anchors=[outside]))[0]
    office.clock.advance(timedelta(hours=1))
    with office.deps.sessions.begin() as session:
        begin_trail(session, office.clock.now())
    anchor(office)
    assert "is not the one that was kept outside" in " ".join(told(verified(database_url, anchors=[outside])))


def reseal(url: str, chain: str, key: bytes) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        rows = connection.execute(
            f"SELECT {', '.join(SEALED)} FROM audit_event WHERE chain = %s ORDER BY seq".encode(), (chain,)
        ).fetchall()
        previous = bytes(32)
        for row in rows:
            sealed = seal(key, previous, row)
            connection.execute(
                "UPDATE audit_event SET previous = %s, hash = %s WHERE chain = %s AND seq = %s",
                (previous, sealed, chain, row[1]),
            )
            previous = sealed
        connection.execute("UPDATE audit_head SET hash = %s WHERE chain = %s", (previous, chain))


def test_answers_and_facts_that_were_changed_later_are_found_when_contents_are_compared(
    database_url: str, case: str
) -> None:
    tamper(
        database_url,
        f"""UPDATE user_task SET answers = '{{"outcome": "forward"}}' WHERE business_key = '{case}'""",
    )
    assert told(verified(database_url)) == []
    (found,) = verified(database_url, contents=True).findings
    assert (found.chain, found.seq) == (case, 4)
    tamper(database_url, f"UPDATE case_file SET facts = '{{}}' WHERE number = '{case}'")
    assert {one.seq for one in verified(database_url, contents=True).findings} == {1, 4}


def test_cases_from_before_the_trail_get_a_first_row_that_holds_what_was_said_until_then(
    office: TestOffice, database_url: str
) -> None:
    number = worked_on(office)
    tamper(database_url, "DELETE FROM audit_event", "DELETE FROM audit_head")
    office.clock.advance(timedelta(days=1))
    with office.deps.sessions.begin() as session:
        assert begin_trail(session, office.clock.now()) == 1
    with office.deps.sessions.begin() as session:
        assert begin_trail(session, office.clock.now()) == 0
    office.clock.advance(timedelta(days=1))
    worked_on(office)
    assert told(verified(database_url, contents=True)) == []
    tamper(
        database_url,
        f"""UPDATE user_task SET answers = '{{"outcome": "forward"}}' WHERE business_key = '{number}'""",
    )
    assert [(one.chain, one.seq) for one in verified(database_url, contents=True).findings] == [(number, 1)]


def test_a_trail_goes_on_under_a_new_key_and_never_back(
    office: TestOffice, database_url: str, case: str
) -> None:
    renewed = KeyRing.derived("a new secret", ["the secret key of the tests"])
    assert renewed.keys[0] == AUDIT_KEYS.keys[0]
    factory = open_database(database_url, pool_size=1)
    keep_trail(factory, renewed)
    newer = replace(office.deps, sessions=factory)
    with factory.begin() as session:
        require_key(session)
        drop_anchor(session, office.clock.now())
    assert told(verify(database_url, renewed, Wanted())) == []
    assert "not what was sealed" in " ".join(told(verified(database_url)))
    with newer.sessions() as session:
        head = session.execute(sa.text("SELECT seq FROM audit_head WHERE chain = 'anchors'")).scalar()
    with office.deps.sessions() as session, pytest.raises(WrongState, match="another secret key"):
        require_key(session)
    with office.deps.sessions.begin() as session:
        drop_anchor(session, office.clock.now())  # a process that was left running with the old key
    found = verify(database_url, renewed, Wanted()).findings
    assert [(one.chain, one.seq) for one in found] == [("anchors", head + 1)]
    factory.kw["bind"].dispose()


def test_a_verification_without_the_right_key_says_so_first(database_url: str, case: str) -> None:
    report: Any = verify(database_url, KeyRing.derived("a stranger"), Wanted())
    assert report.findings[0].what.startswith("not one row is sealed with a key of this installation")
