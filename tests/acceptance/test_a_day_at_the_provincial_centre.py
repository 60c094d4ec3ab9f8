"""省投诉处理中心的一天: two clerks and their lead, hour by hour, over the API. Whose lists show what is looked at all along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.acceptance.conftest import Office, opened
from tests.acceptance.people import COMPLAINT, USUAL, filed
from tests.tasks.notices.mail_server import MailServer, mail_server

WANG, ZHAO, LEAD, STAND_IN = "wang_lei", "zhao_min", "sun_qiang", "zhou_ting"
MAILED = {login: f"{login}@mail.example" for login in (WANG, ZHAO, LEAD)}
REVIEW, DISPATCH = "review_work_order", "dispatch_order"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock, tmp_path: Path, server: MailServer) -> Office:
    """The product with a real mail server."""
    return opened(sessions, clock, tmp_path, smtp_url=server.url, mail_from="redress@mail.example")


class Day:
    """The centre, its cases by a letter each, and the mail it gets."""

    def __init__(self, office: Office, server: MailServer) -> None:
        self.office, self.server = office, server
        self.numbers: dict[str, str] = {}
        self.read = 0

    def letter(self, task: Any) -> str:
        return next(letter for letter, number in self.numbers.items() if number == task["number"])

    def listed(self, login: str, name: str, query: str = "") -> str:
        """The cases whose orders a list shows, in its order; work orders of the ladder left aside."""
        items = self.office.call(login, "GET", f"/tasks?list={name}{query}")["items"]
        return "".join(self.letter(task) for task in items if task["process_key"] != "supervision")

    def shows(self, login: str, **lists: str) -> None:
        """Each of these lists shows these cases and no others, and the tabs count them."""
        found = {name: self.listed(login, name) for name in lists}
        assert found == lists, (login, found)
        counted = self.office.call(login, "GET", "/tasks/counts")
        for name in set(lists) & counted.keys():
            items = self.office.call(login, "GET", f"/tasks?list={name}&limit=200")["items"]
            assert counted[name] == len(items), (login, name)

    def task(self, login: str, letter: str, name: str = "inbox") -> str:
        """The path of the one task of a case in a list."""
        page = self.office.call(login, "GET", f"/tasks?list={name}&number={self.numbers[letter]}")
        (found,) = [task for task in page["items"] if task["process_key"] != "supervision"]
        return f"/tasks/{found['id']}"

    def does(self, login: str, letter: str, verb: str, body: Any = None, *, of: str = "inbox") -> Any:
        done = self.office.call(login, "POST", f"{self.task(login, letter, of)}/{verb}", body)
        self.office.settle()
        return done

    def next(self, login: str) -> str | None:
        task = self.office.call(login, "POST", "/tasks/next", {})["task"]
        return task and self.letter(task)

    def completes(self, login: str, letter: str, activity: str) -> list[str]:
        done = self.does(login, letter, "complete", {"answers": USUAL.get(activity, {})})
        return [following["activity_id"] for following in done["next"]]

    def mails(self) -> list[tuple[str, str]]:
        """Who has got mail since the last look, and of which case."""
        fresh, self.read = self.server.taken[self.read :], len(self.server.taken)
        people = {address: login for login, address in MAILED.items()}
        return sorted(
            (people[mail["To"].addresses[0].addr_spec], self._of(str(mail["Subject"]))) for mail in fresh
        )

    def _of(self, subject: str) -> str:
        return "".join(letter for letter, number in self.numbers.items() if number in subject)


def test_a_day_at_the_provincial_centre(office: Office, server: MailServer) -> None:
    day = Day(office, server)
    before_nine(day)
    six_orders_come_in(day)
    each_takes_what_is_next(day)
    one_is_returned_and_goes_to_the_other(day)
    a_colleague_is_asked(day)
    at_noon_one_of_them_is_left_in_peace(day)
    the_lead_empties_a_desk(day)
    somebody_from_the_hotline_stands_in(day)
    the_evening(day)


def before_nine(day: Day) -> None:
    """The operator enters addresses; 赵敏 wants no mail over noon."""
    office = day.office
    revision = office.call("tang_wei", "GET", "/organisation")["revision"]
    for login, address in MAILED.items():
        changed = office.call(
            "tang_wei", "PATCH", f"/organisation/people/{login}", {"revision": revision, "email": address}
        )
        revision = changed["revision"]
    for login in MAILED:
        quiet = {"begins": "12:00", "ends": "13:30"} if login == ZHAO else None
        at_once = [
            {"cause": cause, "channel": "email", "how": "at_once"}
            for cause in ("given", "given_many", "returned")
        ]
        office.call(login, "PUT", "/notices/preferences", {"how": at_once, "quiet": quiet})
    day.shows(WANG, inbox="", queue="", delegated="", asleep="", archive="")


def six_orders_come_in(day: Day) -> None:
    for place, letter in enumerate("ABCDEF"):
        customer = {"name": f"客户{letter}", "phone": f"1370001000{place}"}
        number = day.office.files(
            "li_na", "complaint", filed(COMPLAINT, customer=customer, recording_id=f"REC-{letter}")
        )
        day.numbers[letter] = number
        day.office.does(number, "accept_complaint")
    for login in (WANG, ZHAO):
        day.shows(login, inbox="", queue="ABCDEF", overdue="", warned="")
    day.shows(LEAD, team="ABCDEF", queue="ABCDEF")
    day.shows(STAND_IN, queue="", inbox="")
    assert day.office.ask(WANG, "GET", "/tasks?list=team").status_code == 403


def each_takes_what_is_next(day: Day) -> None:
    """By due time, until the lead says that something is more urgent."""
    day.office.at("03-02", "10:00")
    assert day.next(WANG) == "A"
    day.does(LEAD, "F", "prioritise", {"priority": 90, "reason": "媒体关注"}, of="team")
    assert day.next(ZHAO) == "F"
    day.shows(WANG, inbox="A", queue="BCDE")
    day.shows(ZHAO, inbox="F", queue="BCDE")
    day.shows(LEAD, team="ABCDEF")
    assert (day.listed(LEAD, "team", "&assignee=zhao_min"), day.listed(LEAD, "team", "&assignee=")) == (
        "F",
        "BCDE",
    )
    assert day.completes(WANG, "A", REVIEW) == [DISPATCH]
    day.shows(WANG, inbox="", queue="ABCDE", archive="A")


def one_is_returned_and_goes_to_the_other(day: Day) -> None:
    day.office.at("03-02", "10:30")
    day.mails()
    day.does(ZHAO, "F", "release", {"reason": "客户指名由王磊答复"})
    assert day.mails() == [(LEAD, "F")]
    day.shows(ZHAO, inbox="", queue="ABCDEF")
    assert day.listed(WANG, "queue", "&returned=true") == "F"
    assert day.next(ZHAO) == "A"  # F, which comes first, is not given her again
    assert day.next(WANG) == "F"
    day.shows(ZHAO, inbox="A", queue="BCDE")
    day.shows(WANG, inbox="F", queue="BCDE")


def a_colleague_is_asked(day: Day) -> None:
    """赵敏 asks 王磊 for a part of the work, and puts the rest off."""
    office = day.office
    office.at("03-02", "11:00")
    day.does(ZHAO, "A", "delegate", {"to": WANG, "note": "请核对责任部门"})
    day.shows(ZHAO, inbox="", delegated="A")
    day.shows(WANG, inbox="AF", delegated="")
    taken = office.ask(ZHAO, "POST", f"{day.task(ZHAO, 'A', 'delegated')}/complete", {"answers": {}})
    assert taken.status_code == 409
    day.does(WANG, "A", "resolve", {"note": "应为计费账务部"})
    day.shows(ZHAO, inbox="A", delegated="")
    day.shows(WANG, inbox="F")
    day.does(ZHAO, "A", "follow_up", {"at": "2026-03-02T15:00:00+08:00"})
    day.shows(ZHAO, inbox="", asleep="A")


def at_noon_one_of_them_is_left_in_peace(day: Day) -> None:
    """What the lead gives them comes to 王磊 at once, and to 赵敏 when she is back."""
    office = day.office
    office.at("03-02", "12:10")
    day.mails()
    ids = [day.task(LEAD, letter, "team").rpartition("/")[2] for letter in "BCDE"]
    given = office.call(
        LEAD, "POST", "/tasks/reassign", {"ids": ids, "to": [WANG, ZHAO], "reason": "中午集中处理"}
    )
    assert [each["done"] for each in given["items"]] == [True] * 4
    office.settle()
    day.shows(WANG, inbox="BDF", queue="")
    day.shows(ZHAO, inbox="CE", asleep="A", queue="")
    day.shows(LEAD, team="ABCDEF", queue="")
    assert [login for login, _ in day.mails()] == [WANG]
    office.at("03-02", "12:20")
    for letter in "BD":
        assert day.completes(WANG, letter, REVIEW) == [DISPATCH]
    assert day.completes(WANG, "F", REVIEW) == [DISPATCH]
    day.mails()
    office.at("03-02", "13:30")
    assert ZHAO in [login for login, _ in day.mails()]


def the_lead_empties_a_desk(day: Day) -> None:
    """赵敏 has to leave at two; whatever she holds goes to 王磊, and he is no longer alone for long."""
    office = day.office
    office.at("03-02", "14:00")
    moved = office.call(
        LEAD, "POST", "/tasks/reassign", {"from": ZHAO, "to": [WANG], "reason": "赵敏下午就医"}
    )
    assert "".join(day.letter(each["task"]) for each in moved["items"] if each["done"]) == "ACE"
    office.settle()
    day.shows(ZHAO, inbox="", asleep="", queue="BDF")
    day.shows(WANG, inbox="ACE", queue="BDF")
    saved = office.call(
        WANG, "POST", "/task-filters", {"name": "逾期待派", "list": "queue", "criteria": {"clock": "late"}}
    )
    mine = office.call(WANG, "GET", "/task-filters")["items"]
    assert [(one["name"], one["count"]) for one in mine] == [("逾期待派", 3)]
    page = office.call(WANG, "GET", f"/task-filters/{saved['id']}/tasks")["items"]
    assert "".join(map(day.letter, page)) == "BDF" == day.listed(WANG, "queue", "&clock=late")


def somebody_from_the_hotline_stands_in(day: Day) -> None:
    """周婷 does 赵敏's work from two to six, and nobody takes it for her own."""
    office = day.office
    away = {
        "person": ZHAO, "substitute": STAND_IN, "from": "2026-03-02T14:00:00+08:00", "until": "2026-03-02T18:00:00+08:00",
        "reason": "就医",
    }  # fmt: skip
    office.call(LEAD, "POST", "/absences", away)
    office.settle()
    office.at("03-02", "15:00")
    day.shows(STAND_IN, queue="BDF", inbox="")
    ordered = office.call(STAND_IN, "POST", "/tasks/next", {})["task"]
    assert (ordered["process_key"], ordered["lateness"]) == (
        "supervision",
        "none",
    )  # before what is merely late
    day.does(STAND_IN, "F", "claim", of="queue")
    assert day.completes(STAND_IN, "F", DISPATCH) == []
    day.does(STAND_IN, "B", "claim", of="queue")
    day.shows(STAND_IN, inbox="B", queue="D", archive="F")
    assert [who for _, who, verb in office.trail(day.numbers["F"]) if verb == "task.complete"][
        -1
    ] == "周婷（代赵敏）"


def the_evening(day: Day) -> None:
    """When she does not stand in any more, what she had not done waits for everybody again."""
    office = day.office
    office.at("03-02", "18:00")
    day.shows(STAND_IN, inbox="", queue="", archive="F")
    day.shows(ZHAO, queue="BD", inbox="")
    for minute, (letter, activity) in enumerate((("A", DISPATCH), ("C", REVIEW), ("E", REVIEW)), start=1):
        office.at("03-02", f"18:{minute:02}")
        day.completes(WANG, letter, activity)
    day.shows(WANG, inbox="", queue="BCDE", overdue="BCDE", archive="ECAFDBA")
    day.shows(LEAD, team="BCDEFA", delegated="")  # two are with the departments by now
    for number in day.numbers.values():
        office.chain_holds(number)
