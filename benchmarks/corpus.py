"""Other people's diagrams, deployed and driven: python benchmarks/corpus.py DIR [--json FILE] [--only TEXT]

DIR holds diagrams and an index.tsv that says of each what should happen (columns file, expected_class, element_ids,
reasons, modeler, sha256). Each runs in a process of its own, over a real PostgreSQL, and is killed after 5 seconds; more
than 300 MB of memory is a disagreement. Exits with 1 where one crashes, hangs or stalls in silence, where fewer than 97 %
agree with the list, or where a disagreement is not explained in docs/bpmn-support.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks.diagrams.child import in_child
from benchmarks.diagrams.drive import Drive
from benchmarks.diagrams.index import Case, cases
from benchmarks.diagrams.verdict import Verdict, explained, judge
from engine.trial.children import SERVER
from redress.migrate import upgrade
from redress.postgres import EmbeddedPostgres
from tests.databases import Databases

SECONDS, MEGABYTES, AGREEMENT = 5.0, 300, 0.97
TEMPLATE = "redress_template"
_FAST = (
    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"  # nothing here survives the run anyway
)


def driven(all_cases: list[Case]) -> Iterator[Verdict]:
    """Deploy and drive each in an empty database."""
    home = Path(tempfile.mkdtemp(prefix="redress-corpus-"))
    server = EmbeddedPostgres(home / "pg", configuration=_FAST)
    try:
        upgrade(server.start(TEMPLATE))
        databases = Databases(server, TEMPLATE)
        SERVER.start()  # the children below share it: none of them waits for one of its own
        for case in all_cases:
            with databases.lend() as url:
                ended = in_child(
                    lambda url=url, case=case: Drive(url, case.content).run(),
                    seconds=SECONDS,
                    megabytes=MEGABYTES,
                )
            yield judge(case, ended, megabytes=MEGABYTES)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def show(verdicts: list[Verdict], reasons: dict[str, str]) -> None:
    """Print every disagreement with what was said, then a line per class."""
    for verdict in verdicts:
        if verdict.agrees:
            continue
        case = verdict.case
        print(
            f"\n{case.file}  {case.expected}  {case.modeler}\n  expected  {case.reasons or '(nothing special)'}"
        )
        print(f"  named     {'; '.join(sorted(case.ids)) or '(none)'}\n  happened  {'; '.join(verdict.why)}")
        print(f"  explained {reasons.get(case.file, 'NOT in docs/bpmn-support.md')}")
        for severity, code, element, message in verdict.ended.said.get("findings", []):
            print(f"    {severity:<8}{code:<24}{element:<28} {message[:200]}")
        for start in verdict.ended.said.get("starts", []):
            detail = start.get("refused") or "; ".join(start["detail"])
            print(f"    start {start['start']}: {start.get('outcome', 'refused')} {detail[:300]}")
        if crash := verdict.ended.said.get("crash"):
            print("    " + crash.replace("\n", "\n    "))
    kinds = sorted({verdict.happened for verdict in verdicts})
    codes = Counter(code for v in verdicts if not v.agrees for code in errors_of(v))
    if codes:
        print(
            "\nerrors in the diagrams that disagree: "
            + ", ".join(f"{code} {n}" for code, n in codes.most_common())
        )
    print(f"\n{'class':<20}{'agree':>12}  what happened")
    for expected in dict.fromkeys(verdict.case.expected for verdict in verdicts):
        mine = [verdict for verdict in verdicts if verdict.case.expected == expected]
        counts = Counter(verdict.happened for verdict in mine)
        agree = sum(verdict.agrees for verdict in mine)
        told = ", ".join(f"{kind} {counts[kind]}" for kind in kinds if counts[kind])
        print(f"{expected:<20}{agree:>5} of {len(mine):<4}  {told}")


def errors_of(verdict: Verdict) -> set[str]:
    """Return the codes that refused a diagram."""
    return {code for severity, code, _, _ in verdict.ended.said.get("findings", []) if severity == "error"}


def summary(verdicts: list[Verdict], reasons: dict[str, str]) -> list[str]:
    """Print the totals; return what misses a goal."""
    counts = Counter(verdict.happened for verdict in verdicts)
    agree = sum(verdict.agrees for verdict in verdicts) / len(verdicts)
    missing = [v.case.file for v in verdicts if not v.agrees and v.case.file not in reasons]
    deploys = sorted(v.ended.said["deploy_ms"] for v in verdicts if "deploy_ms" in v.ended.said)
    whole = sorted(v.ended.seconds * 1000 for v in verdicts)
    memory = sorted(v.ended.peak_mb for v in verdicts)
    print(
        f"\n{len(verdicts)} diagrams, {agree:.1%} agree; {counts['crash']} crashes, {counts['hang']} hangs, "
        f"{counts['stall']} silent stalls, {counts['refused without id']} refusals without an id, "
        f"{counts['data']} wait for data, {len(missing)} disagreements not explained"
    )
    for name, values, unit in (
        ("deploy", deploys, "ms"),
        ("deploy and drive", whole, "ms"),
        ("memory", memory, "MB"),
    ):
        print(
            f"{name:<18}p50 {statistics.median(values):>7.1f}  p95 {high(values):>7.1f}  most {values[-1]:>7.1f} {unit}"
        )
    missed = [kind for kind in ("crash", "hang", "stall") if counts[kind]]
    if agree < AGREEMENT:
        missed.append(f"agreement under {AGREEMENT:.0%}")
    return missed + ([f"not explained: {', '.join(missing)}"] if missing else [])


def high(values: list[float]) -> float:
    return values[min(len(values) - 1, int(len(values) * 0.95))] if values else 0.0


def data(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as JSON-ready data."""
    case, ended = verdict.case, verdict.ended
    return {
        "file": case.file, "sha256": case.sha256, "expected": case.expected, "happened": verdict.happened,
        "agrees": verdict.agrees, "why": verdict.why, "seconds": round(ended.seconds, 3),
        "peak_mb": round(ended.peak_mb, 1), **ended.said,
    }  # fmt: skip


def main() -> None:
    logging.disable(logging.CRITICAL)  # a sweep logs what the drive counts
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, dest="data", help="write everything that happened to a file")
    parser.add_argument("--only", default="", help="the files or classes whose name holds this")
    asked = parser.parse_args()
    chosen = [case for case in cases(asked.folder) if asked.only in f"{case.file} {case.expected}"]
    verdicts = list(driven(chosen))
    reasons = explained(ROOT / "docs" / "bpmn-support.md")
    show(verdicts, reasons)
    missed = summary(verdicts, reasons)
    if asked.data:
        asked.data.write_text(json.dumps([data(one) for one in verdicts], ensure_ascii=False, indent=1))
    if missed:
        raise SystemExit(f"Missed: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
