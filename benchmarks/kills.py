"""Worker processes killed with SIGKILL at random moments while timers and rungs fall due: python benchmarks/kills.py [--kills 200]

Two worker processes, which do what `redress worker` does, share one database; again and again one of them is killed and
started anew, while batches of timers fall due, some of them with a clock whose two rungs do. Afterwards each timer must have fired exactly once (by its
line of history and by what the diagram did behind it), each rung rung once, no job be left over, and every instance go on.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)


import sqlalchemy as sa

from benchmarks.load.armed import Armed
from engine.actor import SYSTEM
from redress.bootstrap import prepare, serve_jobs
from redress.database import NAME
from redress.postgres import EmbeddedPostgres
from redress.settings import Settings

WORKERS = 2
STALLED_SECONDS = 2
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["redress.bootstrap"]
)  # a worker is there at once, and there is time to kill many
INSTANTS, COPIES = 4, 6
"""A batch: so many instants within two seconds, and so many instances for each."""
_LONGEST_LIFE_SECONDS = 1.0
_LEFT_OVER = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'engine'"
_RINGS_DUE = "SELECT count(*) FROM clock WHERE code = 'killed' AND next_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened, in counts: batches' timers and rungs; everything from `wrong` on must be 0.

    kills: workers killed. wrong: timers that have not fired exactly once.
    rung_wrong: rungs without exactly one ring. twice: lines of the audit trail about rings too many or too few. stuck:
    instances of the sample that did not go on. incidents, failed: incidents of these instances, jobs given up.
    """

    kills: int
    timers: int
    rungs: int
    wrong: int
    rung_wrong: int
    twice: int
    stuck: int
    incidents: int
    failed: int

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or broken."""
        return not any((self.wrong, self.rung_wrong, self.twice, self.stuck, self.incidents, self.failed))


def run(home: Path, url: str, *, kills: int, seed: int, told: Callable[[str], None]) -> Outcome:
    """Kill workers on a prepared database while timers fall due, and count what became of them."""
    chance = random.Random(seed)
    armed = Armed(home, url)
    settings = replace(
        Settings.from_environment({"REDRESS_HOME": str(home)}), job_stalled_seconds=STALLED_SECONDS
    )
    batches: list[str] = []
    with ExitStack() as all_workers:

        def start() -> BaseProcess:
            process = _CONTEXT.Process(target=serve_jobs, args=(settings, url), daemon=True)
            process.start()
            all_workers.callback(_stop, process)
            return process

        workers = [start() for _ in range(WORKERS)]
        armed.until(
            lambda: armed.count("SELECT count(*) FROM procrastinate_workers") >= WORKERS, "workers up"
        )
        for number in range(kills):
            batches.append(_arm(armed))
            known = armed.count("SELECT coalesce(max(id), 0) FROM procrastinate_workers")
            time.sleep(chance.uniform(0.0, _LONGEST_LIFE_SECONDS))
            victim = workers.pop(chance.randrange(len(workers)))
            victim.kill()
            victim.join()
            workers.append(start())
            # The next kill is to hit one that works, not one that is still starting.
            armed.until(
                lambda known=known: (
                    armed.count("SELECT coalesce(max(id), 0) FROM procrastinate_workers") > known
                ),
                "a worker up again",
            )
            if (number + 1) % 20 == 0:
                told(f"{number + 1} killed")
        each = INSTANTS * COPIES
        results = [armed.fired(batch, each) for batch in batches]
        armed.until(lambda: armed.count(_RINGS_DUE) == 0, "all rungs rung")
        armed.until(lambda: armed.count(_LEFT_OVER + " AND status <> 'failed'") == 0, "no job left")
    rungs = 2 * INSTANTS * len(batches)
    outcome = Outcome(
        kills=kills,
        timers=each * len(batches),
        rungs=rungs,
        wrong=sum(found.wrong for found in results),
        rung_wrong=abs(rungs - armed.count("SELECT count(*) FROM clock_ring"))
        + armed.count(
            "SELECT count(*) FROM clock WHERE code = 'killed' AND "
            "(SELECT count(*) FROM clock_ring r WHERE r.clock_id = clock.id) <> 2",
        ),
        twice=abs(rungs - armed.count("SELECT count(*) FROM audit_event WHERE verb = 'supervision.ring'")),
        stuck=_stuck(armed),
        incidents=armed.count("SELECT count(*) FROM incident WHERE activity_id IN ('wait', 'look')"),
        failed=armed.count(_LEFT_OVER + " AND status = 'failed'"),
    )
    armed.close()
    return outcome


def _stop(process: BaseProcess) -> None:
    process.terminate()
    process.join(30)


def _arm(armed: Armed) -> str:
    begins = armed.deps.clock.now() + timedelta(seconds=0.3)
    batch = armed.arm([begins + timedelta(seconds=0.5 * n) for n in range(INSTANTS)], COPIES)
    with armed.deps.sessions.begin() as session:
        session.execute(sa.text(_CLOCKS), {"batch": batch, "begins": begins})
    return batch


# 0.01 h from 32.4 s before the batch on: the first rung, 90 %, when the batch begins, the second 3.6 s later.
_CLOCKS = """INSERT INTO clock (id, kind, code, name, number, instance_id, token_id, activity_id, region, holder, amount,
        unit, rolls, extended, rungs, pausable, stops_on, started_at, due_at, warn_at, provisional, revision, next_rung,
        next_at, pause_reason, stop_reason)
    SELECT gen_random_uuid(), 'case', 'killed', '测试', i.business_key, i.id, i.id, 'armed', '/hq/henan/',
           'provincial_centre@/hq/henan/', 0.01, 'h', false, 0, '90% 100%', '{}', 'complete',
           CAST(:begins AS timestamptz) - interval '32.4 seconds', CAST(:begins AS timestamptz) + interval '3.6 seconds',
           :begins, false, 1, 0, :begins, '', ''
    FROM process_instance i WHERE i.business_key ~ (:batch || ':[0-9]+$')"""


def _stuck(armed: Armed) -> int:
    """Complete what is behind the timers of a hundred instances; return how many are not over then."""
    with armed.deps.sessions() as session:
        tasks = session.execute(
            sa.text("SELECT id, instance_id FROM user_task WHERE activity_id = 'look' ORDER BY id LIMIT 100")
        ).all()
    over = 0
    for task in tasks:
        with armed.deps.sessions.begin() as session:
            over += armed.deps.engine.complete(session, task.instance_id, task.id, {}, actor=SYSTEM).ended
    return len(tasks) - over


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    server = EmbeddedPostgres(home / "pg")
    try:
        url = server.start(NAME)
        prepare(Settings.from_environment({"REDRESS_HOME": str(home)}), url)
        began = time.monotonic()
        found = run(home, url, kills=asked.kills, seed=asked.seed, told=lambda line: print(line, flush=True))
        print(f"seed {asked.seed}, {time.monotonic() - began:.0f} s: {found}")
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
    if not found.clean:
        raise SystemExit("Something was lost, doubled or broken.")


if __name__ == "__main__":
    main()
