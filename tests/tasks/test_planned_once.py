"""PostgreSQL plans what a completion sends once per connection: no statement is planned anew each time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.tasks.office import TestOffice

ROUNDS = 8
TRIED = 5
"""How often PostgreSQL plans a prepared statement for its very values before it compares."""
CROWD = 2000
COPIED = {
    "process_instance": ["id"],
    "user_task": ["id", "instance_id"],
    "holding": ["task_id", "instance_id"],
    "message_subscription": ["token_id", "instance_id"],
    "clock": ["id", "token_id", "instance_id", "case_id"],
}
"""What many other cases have left or opened, by table: what is different in each."""


def walk(office: TestOffice) -> None:
    number = office.file().number
    for login, answers in (("li_na", {"outcome": "forward", "unit": "henan_network"}), ("feng_bo", {})):
        with office.deps.sessions() as session:
            task = session.scalar(
                sa.text(f"SELECT id FROM user_task WHERE business_key = '{number}' AND state = 'created'")
            )
        office.claim(login, task)
        office.complete(login, task, answers)


def crowd(office: TestOffice) -> None:
    """Give the tables the size they have where many cases are open."""
    office.file()
    with office.deps.sessions.begin() as session:
        for table, keys in COPIED.items():
            new = ", ".join(f"'{key}', md5(one.{key}::text || n)::uuid" for key in keys)
            session.execute(
                sa.text(
                    f"INSERT INTO {table} SELECT copy.* FROM (SELECT * FROM {table} LIMIT 1) one, "
                    f"generate_series(1, {CROWD}) n, LATERAL jsonb_populate_record("
                    f"CAST(NULL AS {table}), to_jsonb(one) || jsonb_build_object({new})) copy"
                )
            )


@pytest.mark.parametrize("analysed", [False, True])
def test_a_completion_is_not_planned_anew_each_time(office: TestOffice, analysed: bool) -> None:
    crowd(office)
    if analysed:
        with office.deps.sessions.begin() as session:
            session.execute(sa.text("ANALYZE"))
    for _ in range(ROUNDS):
        walk(office)
    with office.deps.sessions() as session:
        anew = session.scalars(
            sa.text(
                "SELECT left(regexp_replace(statement, '\\s+', ' ', 'g'), 2500) FROM pg_prepared_statements "
                "WHERE custom_plans > :tried AND statement NOT LIKE 'INSERT%'"
            ),
            {"tried": TRIED},
        ).all()
    assert anew == []
