"""A process may be started without a case; nobody looks for its file again and again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice


def test_a_move_of_an_instance_without_a_case_looks_for_one_once(settled: TestOffice) -> None:
    settled.deploy(one_task("caseless", 'camunda:candidateGroups="channel"'))
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM case_file" in statement and "user_task" not in statement:
            read.append(statement)

    engine = settled.deps.sessions.kw["bind"]
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        settled.start("caseless", "K-7")
        started = len(read)
        task = settled.task("work")
        settled.claim("li_na", task.id)
        del read[:]
        settled.complete("li_na", task.id, {})
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert started == 1
    assert len(read) <= 1
