"""What completions cost the database; and what happens when two things happen to a case at once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import PipelineStatus

from redress import content
from redress.counting import HEADER, count_statements
from redress.demo.answers import AnswerBook
from redress.demo.client import Paper, Refused
from redress.demo.filing import Filing, start_form
from redress.demo.notes import Notebook
from redress.demo.play import Play
from redress.demo.rows import read_rows, tables
from redress.demo.staff import Staff
from tasks.organisation.changing.loading import load_organisation
from tests.bpmn.complaint_case import USUAL
from tests.bpmn.drawing import CONTENT
from tests.tasks.office import FACTS, ORGANISATION, PASSWORD

FORWARD = {"answers": {"outcome": "forward", "unit": "henan_network"}}


class Counting:
    """Calls the API in this process as the demo's staff do, and keeps what each completion took: statements and commits."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self.taken: list[tuple[str, int, int]] = []
        bind = api.office.deps.sessions.kw["bind"]
        count_statements(api.own_app(), bind)
        bind.dispose()  # connections from now on count
        self._client = api.client()

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        key: str | None = None,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        paper: Paper | None = None,
    ) -> Any:
        self.api.office.clock.advance(timedelta(seconds=1))
        if path == "/tokens":  # without the password, whose hashing is meant to take long
            return {"token": self.api.token(json["login"])}
        headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
        data = {"kind": paper.kind, "file": (BytesIO(paper.content), paper.name)} if paper else None
        answer = self._client.open(
            "/api/v1" + path, method=method, json=json, query_string=params, headers=headers, data=data
        )
        if answer.status_code >= 400:
            raise Refused(answer.status_code, answer.json)
        if path.endswith("/complete"):
            statements, commits = map(int, answer.headers[HEADER].split("/"))
            self.taken.append((answer.json["task"]["activity_id"], statements, commits))
        return answer.json


def claimed(api: Any, login: str = "li_na") -> tuple[str, str]:
    case = api(login, "POST", "/cases/request", {"facts": FACTS}).json
    task = case["tasks"][0]["id"]
    api(login, "POST", f"/tasks/{task}/claim")
    return case["number"], task


def test_a_completion_takes_at_most_ten_statements_and_one_commit(api: Any) -> None:
    """Counted is what the driver sends, whoever asks it to: the ORM, the short way, and the engine's jobs."""
    bind = api.office.deps.sessions.kw["bind"]
    count_statements(api.own_app(), bind)
    bind.dispose()  # connections from now on count
    first, second = claimed(api)[1], claimed(api)[1]
    for task, key in ((first, "warm"), (second, "counted")):
        done = api("li_na", "POST", f"/tasks/{task}/complete", FORWARD, key=key)
        assert done.status_code == 200, done.text
    statements, commits = map(int, done.headers[HEADER].split("/"))
    assert 6 <= statements <= 10, "caller, task, instance, audit trail and answer take some"
    assert commits == 1


def test_every_completion_of_the_shipped_regimes_takes_at_most_ten_statements_and_one_commit(
    api: Any, tmp_path: Path
) -> None:
    """Whatever way a case goes: all scripts of the demo, the second time, when every diagram and person is known."""
    office, place = api.office, CONTENT / "organisation"
    with office.deps.sessions.begin() as session:
        content.load(session, office.deps, CONTENT)
    client: Any = Counting(api)
    people = content.organisation_data(CONTENT)["people"]
    systems = {person["login"] for person in people if person.get("kind") == "system"}
    staff = Staff.ask(client, [person["login"] for person in people], "", systems)
    book = AnswerBook.read(place / "demo_answers.yaml", office.clock)
    rows = [
        row
        for regime, table in tables(place).items()
        for row in read_rows(table, start_form(client, staff, regime), regime)
    ]
    # Each way of going on once: the first of its rows, for a later one may be there to be refused.
    first = {(row.regime, row.script): row for row in reversed(rows)}
    rows = [row for row in rows if row in first.values()]
    notebook = Notebook(tmp_path)
    for _ in range(2):
        client.taken.clear()
        notes = notebook.begin(office.clock)
        filing = Filing(client, staff, notebook, notes, rows)
        Play(client, staff, book, notebook, notes, filing, pause=lambda _: office.settle()).run()
        assert len(notes.over) == len(notes.numbers) + len(notes.opened)
        rows = [row for row in rows if row.key in notes.numbers]  # the second time without what is refused
    dear = {each for each in client.taken if each[1] > 10 or each[2] != 1}
    assert not dear, sorted(dear)
    played = {activity for activity, _, _ in client.taken}
    standing = {"arbitrate_order"}  # where the demo leaves its only case to be looked at
    assert played >= (USUAL.keys() | {"audit_feedback", "conclude_appeal"}) - standing


def test_the_trail_of_a_completion_is_one_statement_and_no_round_trip(api: Any) -> None:
    task = claimed(api)[1]
    sent: list[str] = []

    class Listening(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            waits = self.connection.info.pipeline_status == PipelineStatus.OFF
            sent.append(("alone: " if waits else "together: ") + str(query))
            return super().execute(query, *arguments, **options)

    bind = api.office.deps.sessions.kw["bind"]
    bind.dispose()
    sa.event.listen(bind, "connect", lambda raw, _: setattr(raw, "cursor_factory", Listening))
    assert api("li_na", "POST", f"/tasks/{task}/complete", FORWARD, key="heard").status_code == 200
    trail = [text for text in sent if "audit_event" in text or " audit_head" in text]
    assert [text.split(":")[0] for text in trail] == ["together"], trail
    assert sent[-1] == "together: COMMIT"
    assert sent[sent.index(trail[0]) :] == [trail[0], sent[-1]], "the head is taken last"


def test_a_withdrawal_and_a_completion_at_the_same_moment_never_hang_or_half_happen(api: Any) -> None:
    for _ in range(3):
        number, task = claimed(api)
        with ThreadPoolExecutor(2) as pool:
            completing = pool.submit(api, "li_na", "POST", f"/tasks/{task}/complete", FORWARD)
            withdrawing = pool.submit(api, "li_na", "POST", f"/cases/{number}/messages", {"name": "withdraw"})
            statuses = (completing.result().status_code, withdrawing.result().status_code)
        assert statuses in ((200, 200), (409, 200)), statuses
        case = api("shen_yun", "GET", f"/cases/{number}").json
        assert case["status"] == "completed"
        assert all(each["state"] in ("completed", "cancelled") for each in case["tasks"])


def test_somebody_who_changes_posts_has_the_new_groups_with_the_next_call(api: Any) -> None:
    assert "/hq/henan/henan_hotline/" in api("li_na", "GET", "/me").json["paths"]
    moved = {
        **ORGANISATION,
        "people": [
            {**person, "unit": "zhejiang_hotline"} if person["login"] == "li_na" else person
            for person in ORGANISATION["people"]
        ],
    }
    deps = api.office.deps
    with deps.sessions.begin() as session:
        changed = load_organisation(
            session, moved, now=deps.clock.now(), passwords=deps.passwords, password=PASSWORD
        )
    assert changed == 2
    me = api("li_na", "GET", "/me").json
    assert me["paths"] == ["/hq/zhejiang/zhejiang_hotline/"]
    assert me["unit"] == "zhejiang_hotline"


def test_loading_the_same_organisation_again_changes_nothing(api: Any) -> None:
    deps = api.office.deps
    with deps.sessions.begin() as session:
        again = load_organisation(
            session, ORGANISATION, now=deps.clock.now(), passwords=deps.passwords, password=PASSWORD
        )
    assert again == 0


def test_a_later_case_refers_to_an_earlier_one_that_its_filer_may_see(api: Any) -> None:
    earlier = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json["number"]
    link = {"facts": FACTS, "links": [{"number": earlier, "kind": "upgrade_of"}]}
    later = api("li_na", "POST", "/cases/request", link)
    assert later.status_code == 201, later.text
    read = api("li_na", "GET", f"/cases/{later.json['number']}").json
    (linked,) = read["links"]
    assert (linked["number"], linked["kind"], linked["earlier"]) == (earlier, "upgrade_of", True)
    assert api("chen_yu", "POST", "/cases/request", link).status_code == 404
    assert len(api("shen_yun", "GET", "/cases").json["items"]) == 2
