"""Which sequence flows of which diagrams the tests of a file have taken, read from the engine's history.

TAKEN = Flows("processing", "dispatch")   # read after each test by tests/bpmn/conftest.py

def test_every_sequence_flow_was_taken():   # the last one of the file
    assert TAKEN.missing() == {}, TAKEN.told()
"""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.history import HistoryEvent
from tests.bpmn.drawing import Drawing, drawings


class Flows:
    """The sequence flows of some diagrams, and those taken so far."""

    def __init__(self, *keys: str) -> None:
        """`keys`: the processes the tests of the file answer for."""
        known = {drawing.key: drawing for drawing in drawings()}
        self.drawings: dict[str, Drawing] = {key: known[key] for key in keys}
        self.taken: dict[str, set[str]] = {key: set() for key in keys}

    def read(self, sessions: sessionmaker[Session]) -> None:
        """Add what the instances of this test's database have gone through.

        An element is left towards one other (only gateways choose, and they choose one), so what is entered next came from
        the source that was left last and has not gone anywhere yet.
        """
        query = (
            sa.select(HistoryEvent)
            .where(HistoryEvent.kind.in_(("activity_entered", "activity_completed")))
            .order_by(HistoryEvent.instance_id, HistoryEvent.id)
        )
        with sessions() as session:
            left: dict[tuple[object, str], list[str]] = defaultdict(list)
            seen: set[object] = set()
            for event in session.scalars(query):
                drawing = self.drawings.get(event.scope or "")
                if drawing is None or event.activity_id not in drawing.nodes:
                    continue
                open_ends = left[event.instance_id, drawing.key]
                if event.token_id not in seen:
                    seen.add(event.token_id)
                    self._arrive(drawing, event.activity_id, open_ends)
                if event.kind == "activity_completed" and drawing.leaving(event.activity_id):
                    open_ends.append(event.activity_id)

    def _arrive(self, drawing: Drawing, node: str, open_ends: list[str]) -> None:
        by_source = {flow.get("sourceRef"): flow.id for flow in drawing.arriving(node)}
        for position in range(len(open_ends) - 1, -1, -1):
            if open_ends[position] in by_source:
                self.taken[drawing.key].add(by_source[open_ends.pop(position)])
                return

    def missing(self) -> dict[str, list[str]]:
        """The flows nobody took, by diagram; diagrams that are covered are left out."""
        gaps = {key: sorted(set(drawing.flows) - self.taken[key]) for key, drawing in self.drawings.items()}
        return {key: flows for key, flows in gaps.items() if flows}

    def told(self) -> str:
        """One line per diagram: how many of its flows were taken."""
        return "\n".join(
            f"{key}: {len(self.taken[key])} of {len(drawing.flows)} sequence flows taken"
            for key, drawing in self.drawings.items()
        )
