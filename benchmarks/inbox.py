"""What lists of tasks, their counts and the next task cost: python benchmarks/inbox.py [open tasks …] [--keep DIR] [--plans DIR]

With 10,000, 100,000 and 1,000,000 open tasks and 300,000 closed in a country of 31 provinces, as a clerk, a provincial manager and
headquarters: every list from its beginning and far down, in each order, narrowed in each way, through the functions of the
product and, a few, over HTTP. Then fifty clerks ask for their next task at the same instant.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import orjson

from benchmarks.desks.country import Country
from benchmarks.desks.looks import Look, looks, paths
from benchmarks.desks.measuring import Taken, plan, quantile, taken
from benchmarks.desks.nation import PEOPLE
from benchmarks.desks.taking import taking
from benchmarks.load.http import Connection
from redress.bootstrap import bind
from tasks.deps import Deps
from tasks.people.identity import caller_by_login

SIZES = (10_000, 100_000, 1_000_000)
TIMES = 100
SECONDS = 1.5
"""At most so long for one look."""
GOAL_MS, GOAL_RATIO, GOAL_NEXT_MS = 200.0, 1.5, 100.0

Found = dict[tuple[str, str], Taken]


def say(line: str) -> None:
    print(line, flush=True)


def reading(country: Country, tasks: int, options: argparse.Namespace) -> Found:
    """Everything each of the three people looks at, through the functions of the product."""
    found: Found = {}
    deps = country.deps(tasks)
    for login in PEOPLE:
        with deps.sessions() as session:
            caller = caller_by_login(session, deps, login)
            everything = [look for look in looks(session, deps, caller) if options.only in look.name]
        for look in everything:
            took = taken(partial(_read, deps, look), options.times, SECONDS)
            file = options.plans and options.plans / str(tasks) / f"{login} {look.name}.txt"
            pages = plan(deps, look.read, file)
            found[login, look.name] = Taken(took.p50, took.p99, took.rows, pages)
    bind(deps).dispose()
    return found


def over_http(country: Country, tasks: int, options: argparse.Namespace) -> Found:
    """A few of them over HTTP, one keep-alive connection each."""
    found: Found = {}
    deps = country.deps(tasks)
    with country.web(tasks) as connect:
        for login in PEOPLE:
            connection, token = connect(), country.token(tasks, login)
            with deps.sessions() as session:
                caller = caller_by_login(session, deps, login)
            for name, path in paths(caller):
                found[login, f"HTTP {name}"] = taken(
                    partial(_ask, connection, token, path), options.times, SECONDS
                )
            connection.close()
    bind(deps).dispose()
    return found


def _read(deps: Deps, look: Look) -> int:
    with deps.sessions() as session:
        return look.read(session)


def _ask(connection: Connection, token: str, path: str) -> int:
    answer = connection.send("GET", path, token=token)
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}: {answer.body.decode()}")
    body = answer.json()
    return len(body.get("items", body))


def table(found: dict[int, Found]) -> None:
    """One line for each look: rows, pages, p50 and p99 of each size, and how the median grew from the smallest to the largest."""
    sizes = list(found)
    say(f"{'':58}" + "".join(f"{f'{size:,} open':>31}" for size in sizes) + "   ratio")
    say(f"{'':58}" + f"{'rows':>6}{'pages':>8}{'p50 ms':>8}{'p99 ms':>9}" * len(sizes))
    slow, grown = [], []
    for who, name in dict.fromkeys(key for each in found.values() for key in each):
        cells, label = "", f"{who}: {name}"
        medians = []
        for size in sizes:
            took = found[size].get((who, name))
            if took is None:
                cells += f"{'–':>31}"
                continue
            cells += (
                f"{took.rows:>6}{'' if took.pages is None else took.pages:>8}{took.p50:>8.1f}{took.p99:>9.1f}"
            )
            medians.append(took.p50)
            if took.p99 > GOAL_MS:
                slow.append(f"{label} ({size:,}: {took.p99:.0f} ms)")
        ratio = medians[-1] / medians[0] if len(medians) == len(sizes) > 1 else None
        if ratio and ratio > GOAL_RATIO:
            grown.append(f"{label} ({medians[0]:.1f} → {medians[-1]:.1f} ms)")
        say(f"{label:58}{cells}" + (f"{ratio:>8.1f}" if ratio else ""))
    say(f"\np99 above {GOAL_MS:.0f} ms: {len(slow)}" + "".join(f"\n  {line}" for line in slow))
    say(
        f"medians grown more than {GOAL_RATIO} times: {len(grown)}" + "".join(f"\n  {line}" for line in grown)
    )


def next_tasks(country: Country, sizes: Sequence[int]) -> bool:
    """Whether no task was given twice."""
    once = True
    for tasks in sizes:
        given = taking(country, tasks)
        say(
            f"next task, 50 clerks at once, {tasks:,} open: {given.tasks} given, {given.twice} of them twice, {given.empty} times "
            f"nothing; p50 {statistics.median(given.latencies):.0f} ms, p99 {quantile(given.latencies, 0.99):.0f} ms "
            f"(goal {GOAL_NEXT_MS:.0f})"
        )
        once = once and not given.twice
    return once


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "sizes", nargs="*", type=int, default=list(SIZES), help="open tasks; %(default)s if none"
    )
    parser.add_argument("--keep", type=Path, help="a folder that keeps the databases for the next run")
    parser.add_argument("--plans", type=Path, help="a folder for the plan of every query")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--only", default="", help="only looks whose name has this in it")
    parser.add_argument("--times", type=int, default=TIMES, help="how often each is read; %(default)s")
    parser.add_argument("--fill", action="store_true", help="make the databases and end")
    return parser.parse_args()


def main() -> None:
    given = options()
    found: dict[int, Found] = {}
    # As a web process does: none of its collections looks through what was there before the first request.
    gc.set_threshold(20_000, 20, 50)
    gc.collect()
    gc.freeze()
    with Country(given.keep, say) as country:
        for tasks in given.sizes:
            country.fill(tasks)
        if given.fill:
            return
        for tasks in given.sizes:
            began = time.perf_counter()
            found[tasks] = reading(country, tasks, given)
            if not given.only:
                found[tasks] |= over_http(country, tasks, given)
            say(f"{tasks:,} open tasks read in {time.perf_counter() - began:.0f} s")
        table(found)
        once = next_tasks(country, given.sizes)
    if given.json:
        lines = [
            {"open": tasks, "who": who, "look": name, "p50": took.p50, "p99": took.p99, "rows": took.rows, "pages": took.pages}
            for tasks, each in found.items()
            for (who, name), took in each.items()
        ]  # fmt: skip
        given.json.write_bytes(orjson.dumps(lines, option=orjson.OPT_INDENT_2))
    if not once:
        raise SystemExit("A task was given to two people.")


if __name__ == "__main__":
    main()
