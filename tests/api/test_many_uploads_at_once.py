"""Many upload at once, all of it as large as it may be: everybody else is answered, and the machine stays bounded."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import httpx
import psutil
import pytest

from engine.errors import TooBusy
from tasks.turns import Turns
from tests.api.conftest import Api, Served
from tests.engine.diagrams import process

UPLOADS = 12
STEPS = [f"t{number}" for number in range(700)]


def large(number: int) -> bytes:
    """A diagram of hundreds of tasks, other than every other one."""
    flows = " -> ".join(["s", *STEPS, "e"])
    return process(f"p{number}", "start s", "end e", *(f"user {step}" for step in STEPS), flows).content


def test_others_are_answered_while_large_diagrams_are_checked(api: Api, served: Served) -> None:
    token = api.lasting("lu_jian")
    crowd: list[int] = []
    stop = threading.Event()

    def upload(number: int) -> httpx.Response:
        return httpx.post(
            f"{served.url}/api/v1/deployments/check",
            files={"files": (f"p{number}.bpmn", large(number))},
            headers={"Authorization": f"Bearer {token}"},
            timeout=120,
        )

    def watch() -> None:
        assert served.process is not None
        while not stop.wait(0.02):
            # gunicorn's master, its worker, the server trials are forked from, and the trials
            crowd.append(len(psutil.Process(served.process.pid).children(recursive=True)))

    def answered() -> float:
        started = time.perf_counter()
        assert served("GET", "/tasks")[0] == 200
        return time.perf_counter() - started

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(UPLOADS) as threads:
        sent = [threads.submit(upload, number) for number in range(UPLOADS)]
        waits = [answered() for _ in range(3)]
        while not all(one.done() for one in sent):
            waits.append(answered())
        answers = [one.result() for one in sent]
    stop.set()
    watching.join()
    told = {one.status_code for one in answers}
    assert told <= {200, 503} and 200 in told, [one.text[:300] for one in answers]
    for one in answers:
        if one.status_code == 503:
            assert (one.json()["code"], one.headers["Retry-After"]) == ("too-busy", "2")
    # Not behind a single one of the uploads, each of which takes longer than this on a machine with other work.
    assert statistics.median(waits) < 2, waits
    assert max(crowd) <= 2 + 2, "a worker, its server, and two trials"


def test_one_thread_is_always_left() -> None:
    for threads, taken in [(1, 1), (2, 1), (3, 2), (4, 3), (256, 10)]:
        turns = Turns.among(threads)
        holds = [turns._inside.acquire(blocking=False) for _ in range(threads + 12)]
        assert sum(holds) == taken


def test_whoever_finds_the_line_full_is_sent_away_and_a_turn_is_given_back() -> None:
    turns = Turns(at_once=1, in_line=0)
    with turns.one("A check"), pytest.raises(TooBusy, match="A check was asked for"), turns.one("A check"):
        pass
    with pytest.raises(ZeroDivisionError), turns.one("A check"):
        raise ZeroDivisionError
    with turns.one("A check"):
        pass


def test_whoever_waits_too_long_is_sent_away() -> None:
    turns = Turns(at_once=1, in_line=1, patience=0.01)
    with turns.one("A check"), pytest.raises(TooBusy), turns.one("A check"):
        pass
    with turns.one("A check"):
        pass


def test_a_refused_turn_is_a_problem_that_says_when_to_come_again(api: Api) -> None:
    object.__setattr__(api.office.deps, "turns", Turns(at_once=1, in_line=0))
    with api.office.deps.turns.one("Another"):
        answer = api(
            "lu_jian",
            "POST",
            "/deployments",
            data={"files": [(BytesIO(large(0)), "p.bpmn")]},
            content_type="multipart/form-data",
        )
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "too-busy", "2")
    assert api("lu_jian", "GET", "/deployments").json["items"][0]["name"] == "test"
