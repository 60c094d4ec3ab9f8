"""What weighs how much when the next task is chosen: rows of `bpmn/organisation/next_task.csv`, in hours.

A task ranks by when it should be done: when it is due, less the hours that weigh for it. So two tasks keep their order while time
passes, and an index finds the next one. A trigger on `user_task` keeps the rank whenever what it is made of changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from engine.errors import InvalidInput
from tasks.core import storable, table
from tasks.user_task import OPEN, UserTask

PRIORITY, RETURNED, UNLIMITED, FACT = "priority", "returned", "unlimited", "fact"
FACTORS = (PRIORITY, RETURNED, UNLIMITED, FACT)
MOST_HOURS = 10_000.0


class NextTaskWeight(Base):
    """One weight. priority: hours for each point above 50. returned: hours for each time it was given back. unlimited: hours
    after its beginning by which a task without a clock should be done. fact: hours a task comes earlier whose case says `value` at the path `fact`, or has it in a list there.
    """

    __tablename__ = "next_task_weight"

    factor: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    fact: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB, primary_key=True)
    hours: Mapped[float] = mapped_column(sa.Float)


_WEIGHT, _TASK = table(NextTaskWeight), table(UserTask)


def load_weights(session: Session, rows: Sequence[Mapping[str, str]]) -> int:
    """Put rows of factor, fact, value (JSON) and hours in place of the weights, and rank all open tasks again by them.

    Changes nothing, and returns 0, where there are no rows or the same weights hold already; otherwise returns how many rows
    there are. Raises InvalidInput naming every wrong row.
    """
    wished = _checked(rows)
    held = {_key(row): row.hours for row in session.execute(sa.select(_WEIGHT))}
    if not wished or held == {_key(row): row.hours for row in wished}:
        return 0
    session.execute(sa.delete(_WEIGHT))
    session.execute(
        sa.insert(_WEIGHT),
        [{"factor": row.factor, "fact": row.fact, "value": row.value, "hours": row.hours} for row in wished],
    )
    # The trigger looks at every row whose priority is written.
    session.execute(sa.update(_TASK).where(_TASK.c.state.in_(OPEN)).values(priority=_TASK.c.priority))
    return len(wished)


def _checked(rows: Iterable[Mapping[str, str]]) -> list[NextTaskWeight]:
    wrong: list[str] = []
    found: dict[tuple[str, str, bytes], NextTaskWeight] = {}
    for number, row in enumerate(rows, start=1):
        factor, fact, value, hours = (
            (row.get(name) or "").strip() for name in ("factor", "fact", "value", "hours")
        )
        if factor not in FACTORS:
            wrong.append(f"row {number} has the factor {factor!r}, which is none of {', '.join(FACTORS)}")
        if (factor == FACT) != bool(fact) or (factor == FACT) != bool(value):
            wrong.append(f"row {number} needs a fact and a value if its factor is fact, and else neither")
        try:
            read = orjson.loads(value) if value else None
        except orjson.JSONDecodeError:
            read = None
            wrong.append(f"row {number} has the value {value!r}, which is not JSON")
        if not storable(fact, value) or "\\u0000" in value:
            wrong.append(f"row {number} holds a text that cannot be stored")
        try:
            weight = float(hours)
        except ValueError:
            weight = float("nan")
        if not -MOST_HOURS <= weight <= MOST_HOURS:
            wrong.append(
                f"row {number} has {hours!r} hours; between -{MOST_HOURS:.0f} and {MOST_HOURS:.0f} are taken"
            )
        made = NextTaskWeight(factor=factor, fact=fact, value=read, hours=weight)
        if found.setdefault(_key(made), made) is not made:
            wrong.append(f"row {number} stands there twice")
    if wrong:
        raise InvalidInput("The weights for the next task cannot be loaded: " + "; ".join(wrong) + ".")
    return list(found.values())


def _key(row: Any) -> tuple[str, str, bytes]:
    return row.factor, row.fact, orjson.dumps(row.value, option=orjson.OPT_SORT_KEYS)
