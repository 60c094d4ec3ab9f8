"""The demonstration while everything is being killed: nothing is lost, nothing happens twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import pytest

from redress.database import NAME
from redress.demo.notes import Notebook
from redress.postgres import EmbeddedPostgres
from tests.acceptance.raw_codes import raw_codes
from tests.redress.running import Installation, until

pytestmark = [pytest.mark.crash, pytest.mark.soak]
CASES = 36
"""19 complaints, 6 upgrade complaints, 8 appeals; an upgrade complaint and the masters of two mass events that others opened."""
STANDING = {
    "refused_twice": ["arbitrate_order"],
    "supplement_wait": ["handle_complaint"],
    "upgrade_by_phone": ["carry_out_measures"],
    "province_unsigned": ["sign_upgrade"],
    "mass_event_waiting": [],
    "mass_event_waiting_opened": ["measure_incident"],
}
"""The scripts whose cases are left open, with the work that waits; two of them wait for their mass event."""
LEFT_OPEN = 7
ARCHIVED = CASES - LEFT_OPEN
REFUSED = (4, 11, 17)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with (
        TemporaryDirectory(prefix="redress-test-", ignore_cleanup_errors=True) as folder,
        Installation(Path(folder) / "home") as running,
    ):
        yield running


def _count(installation: Installation, query: str) -> int:
    with psycopg.connect(EmbeddedPostgres(installation.home / "pg").url(NAME)) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return int(row[0])


def _all(installation: Installation, query: str) -> list[str]:
    with psycopg.connect(EmbeddedPostgres(installation.home / "pg").url(NAME)) as connection:
        return sorted(row[0] for row in connection.execute(query))  # type: ignore[call-overload]


def _archived(installation: Installation) -> int:
    """How many cases the demo's notes name as archived; all of them once it has come to its end."""
    if not any((installation.home / "demo").glob("*.json")):
        return 0
    notes = Notebook(installation.home).unfinished()
    return len(notes.archived) if notes else ARCHIVED


def test_killing_web_worker_and_supervisor_in_its_middle_loses_nothing_and_repeats_nothing(
    installation: Installation,
) -> None:
    demo = installation.command("demo", stdout=-1, stderr=-2)

    until(lambda: _archived(installation) >= 1, installation.told)
    web = installation.child("web")
    assert web is not None
    web.kill()

    until(lambda: _archived(installation) >= 4, installation.told)
    worker = installation.child("worker")
    assert worker is not None
    worker.kill()

    until(lambda: _archived(installation) >= 7, installation.told)
    assert installation.process is not None
    installation.process.kill()
    installation.process.wait()
    installation.start()

    output, _ = demo.communicate(timeout=300)
    told = output.decode()
    assert demo.returncode == 0, told
    assert len(set(re.findall(r"\b(?:TS|SJ|QF|SS)\d{20,}\b", told))) == CASES
    for row in REFUSED:
        assert f"complaint row {row} refused" in told
    assert "demand: 为必填项" in told

    assert _count(installation, "SELECT count(*) FROM case_file") == CASES
    assert _count(installation, "SELECT count(*) FROM case_file WHERE archived_at IS NULL") == LEFT_OPEN
    assert (
        _count(installation, "SELECT count(*) FROM process_instance WHERE status <> 'completed'") == LEFT_OPEN
    )
    waiting = "FROM user_task WHERE state IN ('created', 'assigned')"
    assert _all(installation, f"SELECT activity_id {waiting}") == sorted(
        chain.from_iterable(STANDING.values())
    )
    assert _count(installation, "SELECT count(*) FROM incident") == 0
    # Each completed task, and each activity at all, was completed once.
    once = "(SELECT count(*) FROM history_event h WHERE h.token_id = t.id AND h.kind = 'activity_completed')"
    assert (
        _count(installation, f"SELECT count(*) FROM user_task t WHERE state = 'completed' AND {once} <> 1")
        == 0
    )
    twice = (
        "SELECT token_id FROM history_event WHERE kind = 'activity_completed' GROUP BY 1 HAVING count(*) > 1"
    )
    assert _count(installation, f"SELECT count(*) FROM ({twice}) AS repeated") == 0
    for kind, times in (("instance_started", CASES), ("instance_completed", ARCHIVED)):
        of_cases = f"WHERE kind = '{kind}' AND instance_id IN (SELECT instance_id FROM case_file)"
        assert _count(installation, f"SELECT count(*) FROM history_event {of_cases}") == times
    # What the customer who urged has set in motion ran beside the case, and ended with it or was answered.
    assert _count(installation, "SELECT count(*) FROM supervision WHERE reason = 'urge'") == 1


def test_no_page_of_a_case_shows_people_a_stored_code(installation: Installation) -> None:
    running = installation.instance()
    assert running is not None
    with httpx.Client(base_url=running.url, follow_redirects=True) as browser:
        token = re.search(r'name="csrf-token" content="([^"]+)"', browser.get("/sign-in").text)
        assert token
        form = {"login": "qiao_mu", "password": "redress-demo", "csrf_token": token[1]}
        assert browser.post("/sign-in", data=form).url.path != "/sign-in"
        listed = browser.get("/cases").text
        numbers = sorted(set(re.findall(r"/cases/((?:TS|SJ|QF|SS)\d{20,})\b", listed)))
        assert len(numbers) == CASES
        pages = ["/cases", "/supervision", "/authority", *(f"/cases/{one}" for one in numbers)]
        shown = {page: raw_codes(browser.get(page).text) for page in pages}
    assert {page: codes for page, codes in shown.items() if codes} == {}


def test_a_second_run_files_as_many_again(installation: Installation) -> None:
    before = _count(installation, "SELECT count(*) FROM case_file")
    again = installation.run("demo")
    assert again.returncode == 0, again.stdout
    assert _count(installation, "SELECT count(*) FROM case_file") == before + CASES
    assert _count(installation, "SELECT count(*) FROM case_file WHERE archived_at IS NULL") == 2 * LEFT_OPEN
