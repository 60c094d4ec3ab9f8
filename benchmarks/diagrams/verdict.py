"""The rules: what an expected class asks for, and whether what happened is that."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.diagrams.child import Ended
from benchmarks.diagrams.index import Case

HEADING = "## Disagreements with the corpus"
"""Where docs/bpmn-support.md explains each disagreement: a table | file | class | why |."""

RUNS = frozenset({"finished", "waiting", "moving", "data"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened to one diagram, in a word, and whether it is what was expected. `why`: what speaks against it."""

    case: Case
    ended: Ended
    happened: str
    why: tuple[str, ...] = field(default=())

    @property
    def agrees(self) -> bool:
        return not self.why


def judge(case: Case, ended: Ended, *, megabytes: int) -> Verdict:
    """Compare what happened with what the class asks for."""
    happened = outcome(ended)
    why: list[str] = []
    if ended.peak_mb > megabytes:
        why.append(f"took {ended.peak_mb:.0f} MB more memory")
    if not ended.died and not ended.said["refused"] and not ended.said.get("bytes_kept"):
        why.append("the stored bytes are not the uploaded ones")
    why += JUDGES.get(case.expected, _unknown)(case, ended, happened)
    return Verdict(case, ended, happened, tuple(why))


def outcome(ended: Ended) -> str:
    """Say in a word what happened: a way to die, refused, drawing, needs binding, or the worst end of its starts."""
    if ended.died:
        return ended.died
    said = ended.said
    if said["refused"]:
        return "refused" if named(said, "error") else "refused without id"
    if not said["processes"]:
        return "drawing"
    if any(one["needed"] and "refused" not in one for one in said["starts"]):
        return "started unbound"
    worst = worst_end(said)
    if said["needs"] and (worst in RUNS or not worst):  # bound to nothing it runs, where that can be tried
        return "needs binding"
    return worst or "stall"


def worst_end(said: dict[str, Any]) -> str:
    """Return how the worst of the starts ended, with what the diagram asks for bound to nothing; empty for no start."""
    order = ("finished", "waiting", "moving", "data", "incident", "stall", "not started")
    started = [one for one in said["starts"] if not one["needed"]]
    ends = ["not started" if "refused" in one else one["outcome"] for one in started]
    return max(ends, key=order.index, default="")


def named(said: dict[str, Any], *severities: str) -> frozenset[str]:
    """Return the element ids that findings of these severities name."""
    return frozenset(element for severity, _, element, _ in said["findings"] if severity in severities) - {""}


def _names_one(case: Case, said: dict[str, Any], *severities: str) -> bool:
    found = named(said, *severities)
    return bool(found & case.ids) if case.ids else bool(found)


def _runs(case: Case, ended: Ended, happened: str) -> list[str]:
    return [] if happened in RUNS else [f"should run, but: {happened}"]


def _converts(case: Case, ended: Ended, happened: str) -> list[str]:
    said = ended.said
    if happened in RUNS:
        if _names_one(case, said, "note", "warning"):
            return []
        return ["runs, but no finding names an element that is converted"]
    if happened == "refused" and _names_one(case, said, "error"):
        return []
    if happened == "needs binding" and _names_one(case, said, "binding"):
        return []
    return [f"should run or be refused by one of the ids, but: {happened}"]


def _binds(case: Case, ended: Ended, happened: str) -> list[str]:
    if happened != "needs binding":
        return [f"should need binding, but: {happened}"]
    return (
        []
        if _names_one(case, ended.said, "binding")
        else ["no need is at one of the elements that need binding"]
    )


def _rejects(case: Case, ended: Ended, happened: str) -> list[str]:
    if happened in RUNS:
        return []
    if happened == "refused":
        return [] if _names_one(case, ended.said, "error") else ["refused, but not for one of the ids"]
    if happened == "needs binding":
        if worst_end(ended.said) in RUNS or _names_one(case, ended.said, "binding"):
            return []
        return ["neither bound at one of the ids nor run with everything bound to nothing"]
    return [f"should be refused by one of the ids or run, but: {happened}"]


def _draws(case: Case, ended: Ended, happened: str) -> list[str]:
    if happened != "drawing":
        return [f"should be a drawing only, but: {happened}"]
    codes = {code for _, code, _, _ in ended.said["findings"]}
    return [] if "not-executable" in codes else ["stored as a drawing, but nobody is told"]


def _unknown(case: Case, ended: Ended, happened: str) -> list[str]:
    return [f"the list expects {case.expected!r}, which is no class known here"]


JUDGES = {
    "accept-run": _runs,
    "accept-convert": _converts,
    "accept-bind": _binds,
    "reject-unsupported": _rejects,
    "reject-invalid": _rejects,
    "not-executable": _draws,
}


def explained(page: Path) -> dict[str, str]:
    """Return the disagreements a page explains: file name → why. Empty where there is no page or no such section."""
    try:
        text = page.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    _, _, after = text.partition(HEADING)
    section = re.split(r"^## ", after, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [
        [cell.strip(" `") for cell in line.strip().strip("|").split("|")]
        for line in section.splitlines()
        if line.strip().startswith("|")
    ]
    return {cells[0]: cells[-1] for cells in rows if len(cells) >= 3 and cells[-1]}
