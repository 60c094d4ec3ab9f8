"""A finding may say how tokens come to what it tells of; every way of reading findings shows that."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from api.outcomes import FindingSchema, finding_body
from engine.dialect.findings import Finding, WalkStep, walked
from redress.cli.findings import show_findings

WALK = (
    WalkStep(at=("start",)),
    WalkStep(at=("one", "other"), took=("f1", "split", "f2", "f3")),
    WalkStep(at=(), took=("f4",)),
)
FINDING = Finding("deadlock", "It stops.", "停住。", "a.bpmn", 3, "join", "Join", walk=WALK)


def test_a_walk_is_one_line() -> None:
    assert walked(WALK) == "start → (f1, split, f2, f3) one + other → (f4) ∅"
    assert walked(()) == ""


def test_the_api_and_the_editors_get_it_as_the_same_data() -> None:
    told = finding_body(FINDING)["walk"]
    assert told[0] == {"at": ["start"], "took": []}
    assert told[1] == {"at": ["one", "other"], "took": ["f1", "split", "f2", "f3"]}
    assert FindingSchema().dump(finding_body(FINDING))["walk"] == told


def test_the_command_line_shows_it_below_the_sentences() -> None:
    console = Console(width=200, no_color=True, record=True, file=StringIO())
    show_findings(console, [FINDING])
    assert "走法 walk: start → (f1, split, f2, f3) one + other" in console.export_text()
