"""The demonstration's parts: what it reads, what it answers, what it remembers, how it waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import orjson
import pytest

from engine.clock import FrozenClock
from redress.demo.answers import AnswerBook, fill
from redress.demo.client import Client, Refused
from redress.demo.filing import Filing
from redress.demo.notes import Notebook
from redress.demo.play import Play
from redress.demo.rows import Row, read_rows
from redress.demo.staff import Member, Staff
from redress.demo.words import Words, named
from redress.places import packaged

FORM = {
    "components": [
        {"type": "textfield", "key": "customer.name"},
        {"type": "number", "key": "affected_count"},
        {"type": "checkbox", "key": "urgent"},
        {"type": "checklist", "key": "tags"},
        {"type": "group", "path": "place", "components": [{"type": "textfield", "key": "town"}]},
    ]
}


def test_a_row_is_sent_as_its_form_holds_it_and_a_mistake_is_sent_as_it_stands(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text(
        "script,customer.name,affected_count,urgent,tags,place.town\n"
        "assist,黄晓岚,3,true,media;group,洛阳\n"
        ",容与,many,perhaps,,\n",
        encoding="utf-8-sig",
    )
    first, second = read_rows(table, FORM)
    assert first.facts == {
        "customer": {"name": "黄晓岚"},
        "affected_count": 3,
        "urgent": True,
        "tags": ["media", "group"],
        "place": {"town": "洛阳"},
    }
    assert (first.number, first.script) == (1, "assist")
    assert second.facts == {"customer": {"name": "容与"}, "affected_count": "many", "urgent": "perhaps"}
    assert (second.number, second.script) == (2, "default")


def test_each_visit_to_an_activity_takes_its_own_answer(clock: FrozenClock) -> None:
    told = {
        "answers": {
            "sign": {
                "always": {"note": "演示"},
                "default": {"outcome": "signed"},
                "refused_once": [{"outcome": "refused"}, {"outcome": "signed"}],
            }
        }
    }
    book = AnswerBook(told, clock)

    def answered(script: str, visit: int) -> Any:
        return book.answers("sign", script, visit, lambda: None, {})

    assert answered("assist", 0) == {"note": "演示", "outcome": "signed"}
    assert [answered("refused_once", visit)["outcome"] for visit in range(3)] == [
        "refused",
        "signed",
        "signed",
    ]


def test_an_answer_may_be_a_moment_from_now_or_depend_on_the_case(clock: FrozenClock) -> None:
    unit = {"by": "customer.home_province", "henan": "luoyang", "zhejiang": "ningbo"}
    told = {"answers": {"plan": {"default": {"promised_at": {"in_hours": 48}, "unit": unit}}}}
    said = AnswerBook(told, clock).answers(
        "plan", "any", 0, lambda: None, {"customer": {"home_province": "zhejiang"}}
    )
    assert said["unit"] == "ningbo"
    assert said["promised_at"] == (clock.now() + timedelta(hours=48)).isoformat(timespec="minutes")


def test_a_form_nobody_wrote_answers_for_is_filled_with_what_it_accepts(clock: FrozenClock) -> None:
    form = {
        "components": [
            {"type": "text", "text": "# 标题"},
            {"type": "radio", "key": "outcome", "values": [{"value": "yes"}, {"value": "no"}]},
            {"type": "number", "key": "rounds", "validate": {"required": True, "min": 2}},
            {"type": "textarea", "key": "why", "validate": {"required": True, "minLength": 4}},
            {"type": "textfield", "key": "optional"},
        ]
    }
    assert fill(form, clock) == {"outcome": "yes", "rounds": 2, "why": "演示。。"}


def test_the_demos_answers_know_every_activity_that_its_processes_have(clock: FrozenClock) -> None:
    """Read from the content itself: a renamed activity shows here, not in the middle of a demonstration."""
    from lxml import etree

    book = AnswerBook.read(packaged("bpmn") / "organisation" / "demo_answers.yaml", clock)
    drawn = {
        str(task.get("id"))
        for file in packaged("bpmn").rglob("*.bpmn")
        for task in etree.parse(file).iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}userTask")
    }
    assert drawn == book.activities


def test_words_in_braces_are_the_day_the_run_and_the_case_of_another_row(clock: FrozenClock) -> None:
    begun = datetime(2026, 3, 1, 17, tzinfo=UTC)  # the next day in Shanghai
    words = Words("0301-abcdef", begun, {"assist": "TS7"})
    given = {
        "on": "{today}",
        "by": ["{today+10}", "{today-2}T08:00"],
        "letter": "工信申{run}-1",
        "prior": "{assist}，{later}",
    }
    assert words.said(given) == {
        "on": "2026-03-02",
        "by": ["2026-03-12", "2026-02-28T08:00"],
        "letter": "工信申0301-abcdef-1",
        "prior": "TS7，{later}",
    }
    assert list(named(given)) == ["assist", "later"]


def test_a_row_that_names_another_is_filed_when_that_case_and_what_it_opened_are_over(
    tmp_path: Path, clock: FrozenClock
) -> None:
    sent: list[Any] = []

    class Office(Client):
        def call(self, method: str, path: str, **more: Any) -> Any:
            if path.startswith("/cases/"):
                sent.append(more["json"]["facts"])
            return {"number": f"N{len(sent)}", "token": "t"}

    client = Office(lambda: "")
    staff = Staff([Member(client, "li_na", "李楠", ["channel@/hq/"], "")])
    notebook = Notebook(tmp_path)
    notes = notebook.begin(clock)
    rows = [
        Row(1, "later", {"prior": "{first}"}),
        Row(2, "first", {}, sent_twice=True),
        Row(3, "lost", {"prior": "{nobody}"}),
    ]
    filing = Filing(client, staff, notebook, notes, rows)
    assert filing.file() == 2
    assert notes.numbers == {"complaint-2": "N1"} and notes.repeated == {"complaint-2": "N2"}
    assert list(notes.mistakes) == ["complaint-3"]
    notes.opened["M1"] = "N1"
    notes.archived.append("N1")
    assert filing.file() == 0
    notes.archived.append("M1")
    assert filing.file() == 1
    assert sent[-1] == {"prior": "N1"}
    assert filing.left == []
    client.close()


def test_an_interrupted_run_goes_on_and_a_finished_one_does_not(tmp_path: Path, clock: FrozenClock) -> None:
    notebook = Notebook(tmp_path)
    assert notebook.unfinished() is None
    notes = notebook.begin(clock)
    notes.numbers["complaint-3"] = "TS1"
    notes.mistakes["complaint-4"] = ["demand: 必填"]
    notebook.save(notes)
    again = Notebook(tmp_path).unfinished()
    assert again == notes
    assert again is not None
    assert again.key("row", 3) == notes.key("row", 3)
    again.finished = True
    notebook.save(again)
    assert Notebook(tmp_path).unfinished() is None
    assert notebook.begin(clock).key("row", 3) != notes.key("row", 3)


class _Server(BaseHTTPRequestHandler):
    """Says it is busy twice, then tells which key it was given; refuses everything under /refused."""

    seen: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.headers["Idempotency-Key"])
        status, answer = (503, {"detail": "busy"}) if len(self.seen) < 3 else (201, {"keys": self.seen})
        if "refused" in self.path:
            status, answer = 422, {"detail": "no", "errors": [{"path": "demand", "message_zh": "必填"}]}
        body = orjson.dumps(answer)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def address() -> Iterator[str]:
    _Server.seen = []
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_call_is_repeated_with_the_same_key_until_the_server_is_back(address: str) -> None:
    addresses = iter(["http://127.0.0.1:9", address, address, address])  # at first nobody listens there
    pauses: list[float] = []
    client = Client(lambda: next(addresses), pause=pauses.append)
    assert client.call("POST", "/cases/x", key="k-1", json={}) == {"keys": ["k-1", "k-1", "k-1"]}
    assert pauses == sorted(pauses)
    assert len(pauses) == 3
    client.close()


def test_a_refusal_is_not_repeated_and_lists_its_mistakes(address: str) -> None:
    client = Client(lambda: address, pause=lambda _seconds: None)
    with pytest.raises(Refused) as refused:
        client.call("POST", "/refused", key="k-2", json={})
    assert [error["message_zh"] for error in refused.value.errors] == ["必填"]
    assert _Server.seen == ["k-2"]
    client.close()


def test_a_case_is_left_standing_where_its_script_stays_after_what_is_done_there(
    tmp_path: Path, clock: FrozenClock
) -> None:
    task = {
        "id": "t1",
        "activity_id": "sign",
        "state": "created",
        "assignee": None,
        "candidate_groups": ["channel@/hq/"],
        "created_at": "1",
    }
    after = {**task, "id": "t2", "activity_id": "handle"}
    case = {"number": "N1", "status": "active", "facts": {}, "links": [], "messages": [], "tasks": [task]}
    sent: list[tuple[str, Any]] = []

    class Office(Client):
        def call(self, method: str, path: str, **more: Any) -> Any:
            if method == "GET":
                return case
            sent.append((path, more.get("json")))
            if path.endswith("/complete"):
                case["tasks"] = [{**task, "state": "completed"}, after]
                return {"next": [after]}
            return {"number": "N1", "token": "t"}

    client = Office(lambda: "")
    staff = Staff(
        [
            Member(client, "li_na", "李楠", ["channel@/hq/"], ""),
            Member(client, "hq", "总部", ["headquarters@/hq/"], ""),
        ]
    )
    book = AnswerBook(
        {
            "answers": {"sign": {"default": {"outcome": "signed"}}},
            "messages": {"first": [{"at": "handle", "from": "li_na", "name": "needed"}]},
            "stays": {"first": "handle"},
        },
        clock,
    )
    notebook = Notebook(tmp_path)
    notes = notebook.begin(clock)
    filing = Filing(client, staff, notebook, notes, [Row(1, "first", {})])
    Play(client, staff, book, notebook, notes, filing).run()
    assert [path for path, _ in sent if "tokens" not in path] == [
        "/cases/complaint",
        "/tasks/t1/claim",
        "/tasks/t1/complete",
        "/cases/N1/messages",
    ]
    assert notes.standing == ["N1"]
    assert notes.archived == []
    client.close()
