"""What people write to each other on a case: kept as it was written, for those who see the case, and never changed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotFound, WrongState
from tasks.cases.tables import Case
from tasks.memo import memo
from tasks.talk import comments
from tasks.talk.notices import notice_list
from tasks.talk.tables import Comment
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice

FORWARD = {"outcome": "forward", "unit": "henan_network"}


def write(office: TestOffice, login: str, number: str, text: str, once: UUID | None = None) -> Any:
    with office.acting(login) as (session, caller):
        return comments.comment_case(session, office.deps, caller, number, text, once=once)


def texts(office: TestOffice, login: str, number: str, **more: Any) -> list[str]:
    with office.acting(login) as (session, caller):
        return [
            row.text for row in comments.comments_of_case(session, office.deps, caller, number, **more).items
        ]


def heard(office: TestOffice, login: str) -> list[tuple[str, str]]:
    with office.acting(login) as (session, caller):
        return [(told.cause, told.text) for told in notice_list(session, office.deps, caller).items]


def test_a_comment_is_read_by_those_who_see_the_case_and_by_nobody_else(office: TestOffice) -> None:
    number = office.file().number
    row = write(office, "li_na", number, "  客户很急\r\n请今天回电\r")
    assert (row.text, row.author_name, row.author_unit) == ("客户很急\n请今天回电", "李楠", "河南热线")
    assert texts(office, "shen_yun", number) == ["客户很急\n请今天回电"]
    for login in ("chen_yu", "feng_bo"):
        with pytest.raises(NotFound) as hidden:
            texts(office, login, number)
        with pytest.raises(NotFound) as made_up:
            texts(office, login, "TS202603020000010000001X")
        assert str(hidden.value).replace(number, "") == str(made_up.value).replace(
            "TS202603020000010000001X", ""
        )
        with pytest.raises(NotFound):
            write(office, login, number, "看不到也想写")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "says nothing"),
        (" \r\n\t ", "says nothing"),
        ("\u200b\u200d\ufeff", "says nothing"),
        ("字" * 5001, "5001 characters"),
        ("字" * 1_000_000, "1000000 characters"),
        ("付款\u202e001", "U+202E"),
        ("付款\u2066001", "U+2066"),
        ("\x1b[2J", "U+001B"),
        ("a\x00b", "U+0000"),
        ("a\ud800b", "U+D800"),
        ("a\x9bb", "U+009B"),
    ],
)
def test_what_cannot_be_read_as_it_stands_is_refused_with_a_sentence(
    office: TestOffice, text: str, why: str
) -> None:
    number = office.file().number
    with pytest.raises(InvalidInput, match=why.replace("+", r"\+")) as refused:
        write(office, "li_na", number, text)
    assert "没有保存" in str(refused.value.facts["message_zh"])
    assert texts(office, "li_na", number) == []


def test_the_longest_comment_counts_a_new_line_once_and_keeps_every_character(office: TestOffice) -> None:
    number = office.file().number
    text = "👨‍👩‍👧 <b>&amp;\t'\"" + "\r\n字" * 2490
    write(office, "li_na", number, text)
    assert texts(office, "li_na", number) == [text.replace("\r\n", "\n")]


def test_a_second_click_writes_nothing_and_a_changed_text_is_not_lost(office: TestOffice) -> None:
    number, once = office.file().number, uuid4()
    first = write(office, "li_na", number, "请回电", once)
    assert write(office, "li_na", number, "请回电\n", once).id == first.id
    assert write(office, "li_na", number, "请今天回电", once).id != first.id
    assert write(office, "he_jing", number, "请回电", once).id != first.id
    assert texts(office, "li_na", number) == ["请回电", "请今天回电", "请回电"]


def test_comments_are_paged_in_both_directions(office: TestOffice) -> None:
    number = office.file().number
    for each in range(5):
        write(office, "li_na", number, f"第 {each} 条")
    for latest in (False, True):
        found: list[str] = []
        cursor = None
        while True:
            with office.acting("li_na") as (session, caller):
                page = comments.comments_of_case(
                    session, office.deps, caller, number, latest=latest, limit=2, cursor=cursor
                )
            found += [row.text for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        expected = [f"第 {each} 条" for each in range(5)]
        assert found == (expected[::-1] if latest else expected)


def test_a_finished_task_takes_no_comment_and_its_case_still_does(office: TestOffice) -> None:
    filed = office.file()
    task = filed.tasks[0]["id"]
    with office.acting("he_jing") as (session, caller):
        comments.comment_task(session, office.deps, caller, task, "先查话单")
    office.claim("li_na", task)
    office.complete("li_na", task, FORWARD)
    with pytest.raises(WrongState, match="is completed"), office.acting("he_jing") as (session, caller):
        comments.comment_task(session, office.deps, caller, task, "再查一次")
    write(office, "he_jing", filed.number, "再查一次")
    with office.acting("li_na") as (session, caller):
        assert [row.text for row in comments.comments_of_task(session, office.deps, caller, task).items] == [
            "先查话单"
        ]
    assert texts(office, "li_na", filed.number) == ["先查话单", "再查一次"]


def test_an_archived_case_takes_no_comment(office: TestOffice) -> None:
    filed = office.file()
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Case).values(archived_at=office.clock.now()))
    with pytest.raises(WrongState, match="archived"):
        write(office, "li_na", filed.number, "迟到的备注")
    with pytest.raises(WrongState, match="archived"), office.acting("li_na") as (session, caller):
        comments.comment_task(session, office.deps, caller, filed.tasks[0]["id"], "迟到的备注")


def test_a_task_without_a_case_has_comments_of_its_own(office: TestOffice) -> None:
    office.deploy(one_task("alone", 'camunda:candidateUsers="li_na"'))
    office.start("alone")
    task = office.task("work").id
    with office.acting("li_na") as (session, caller):
        comments.comment_task(session, office.deps, caller, task, "没有案件也能写")
        assert len(comments.comments_of_task(session, office.deps, caller, task).items) == 1
    with pytest.raises(NotFound), office.acting("he_jing") as (session, caller):
        comments.comments_of_task(session, office.deps, caller, task)


def test_who_is_named_and_sees_the_case_hears_of_it_once_and_nobody_else_does(office: TestOffice) -> None:
    filed = office.file()
    office.claim("he_jing", filed.tasks[0]["id"])
    write(
        office,
        "li_na",
        filed.number,
        "@he_jing 请看，@shen_yun请督办；@he_jing @li_na @xu_wen @nobody a@feng_bo @he_jin",
    )
    assert heard(office, "he_jing") == [("mention", f"李楠在案件 {filed.number} 的备注里提到了您。")]
    assert [cause for cause, _ in heard(office, "shen_yun")] == ["mention"]
    for login in ("li_na", "xu_wen", "feng_bo", "wang_lei"):
        assert heard(office, login) == []


def test_who_holds_the_work_hears_of_a_comment_of_somebody_else(office: TestOffice) -> None:
    filed = office.file()
    task = filed.tasks[0]["id"]
    office.claim("he_jing", task)
    write(office, "he_jing", filed.number, "我在办")
    assert heard(office, "he_jing") == []
    write(office, "li_na", filed.number, "客户又来电")
    with office.acting("shen_yun") as (session, caller):
        comments.comment_task(session, office.deps, caller, task, "请今天办结")
    assert heard(office, "he_jing") == [
        ("comment", f"沈芸就案件 {filed.number} 写了备注。“核实诉求”"),
        ("comment", f"李楠就案件 {filed.number} 写了备注。"),
    ]


def test_a_comment_leaves_a_digest_of_itself_in_the_trail_and_not_its_text(office: TestOffice) -> None:
    number = office.file().number
    with office.acting("li_na") as (session, caller):
        comments.comment_case(session, office.deps, caller, number, "客户住址在花园路")
        entry = memo(session).audit[-1]
    assert (entry.chain, entry.verb, entry.subject) == (number, "comment.add", "comment")
    assert json.loads(entry.after or "") == {
        "task": None,
        "characters": 8,
        "sha256": sha256("客户住址在花园路".encode()).hexdigest(),
    }


def test_two_clicks_at_the_same_moment_write_one_comment(office: TestOffice) -> None:
    number, once = office.file().number, uuid4()
    with ThreadPoolExecutor(4) as pool:
        ids = {row.id for row in pool.map(lambda _: write(office, "li_na", number, "请回电", once), range(8))}
    assert len(ids) == 1
    assert office.scalar(sa.select(sa.func.count()).select_from(Comment)) == 1
