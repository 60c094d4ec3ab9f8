"""The lists of the desk over HTTP: what narrows them stands in the address, and what is done with many is answered for each."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from redress.counting import HEADER, count_statements
from tasks.people.identity import caller_by_login
from tasks.user_task import UserTask
from tests.admin.conftest import Visitor, Website

LISTS = ("inbox", "queue", "warned", "overdue", "delegated", "put-off", "team", "archive")
STATEMENTS = 25


def ids_in(page: str) -> list[str]:
    return re.findall(r'data-task="([^"]+)"', page)


def ask(visitor: Visitor, verb: str, ids: list[str], **values: Any) -> Any:
    headers = {"X-CSRFToken": visitor.token(), "Accept": "application/json"}
    return visitor.client.post(f"/tasks/{verb}", json={"ids": ids, **values}, headers=headers)


def three_in_the_queue(website: Website) -> list[str]:
    for index in range(3):
        website.file_suggestion(suggestion=f"第{index}条建议，内容各不相同。")
    return ids_in(website.visitor("wang_lei").get("/queue").text)


def test_every_list_has_a_page_and_only_leads_have_a_team(website: Website) -> None:
    three_in_the_queue(website)
    lead, clerk = website.visitor("sun_qiang"), website.visitor("wang_lei")
    for name in LISTS:
        assert lead.get(f"/{name}").status_code == 200, name
    assert clerk.get("/team").status_code == 403
    assert 'href="/team"' not in clerk.get("/inbox").text
    assert len(ids_in(lead.get("/team").text)) == 3


def test_the_team_list_says_of_what_everybody_is_barred_from_that_nobody_is_left(website: Website) -> None:
    three_in_the_queue(website)
    lead = website.visitor("sun_qiang")
    assert "所派人员都须回避" not in lead.get("/team").text
    with website.deps.sessions.begin() as session:
        session.execute(sa.update(UserTask).values(nobody_left=True))
    assert "所派人员都须回避，没有人能办理。" in lead.get("/team").text


def test_what_narrows_a_list_stands_in_the_address_and_each_part_comes_off(website: Website) -> None:
    tasks = three_in_the_queue(website)
    visitor = website.visitor("wang_lei")
    page = visitor.get("/queue", query_string={"q": "第1条", "returned": "no", "sort": "created"}).text
    assert len(ids_in(page)) == 1
    assert 'href="/queue?returned=no&amp;sort=created"' in page
    assert 'href="/queue?q=%E7%AC%AC1%E6%9D%A1&amp;sort=created"' in page
    assert ids_in(visitor.get("/queue?returned=yes").text) == []
    assert "没有符合条件的工单" in visitor.get("/queue?clock=late").text
    assert ids_in(visitor.get("/queue?activity_id=review_suggestion&priority=50").text) == tasks


def test_a_filter_that_no_list_knows_is_refused_where_it_stands(website: Website) -> None:
    visitor = website.visitor("wang_lei")
    for crooked in ("clock=soon", "returned=maybe", "priority=many", "sort=name", "q=一", "cursor=x"):
        answer = visitor.get(f"/queue?{crooked}")
        assert answer.status_code == 422, crooked
        assert 'class="filters"' in answer.text and 'role="alert"' in answer.text


def test_a_list_page_takes_few_statements_however_long_it_is(website: Website) -> None:
    with website.deps.sessions() as session:
        bind = session.get_bind()
    assert isinstance(bind, sa.Engine)
    count_statements(website.app, bind)
    bind.dispose()
    taken = {}
    visitor = website.visitor("sun_qiang")
    for index in range(8):
        website.file_suggestion(suggestion=f"第{index}条建议，内容各不相同。")
        if index in (0, 7):
            taken[index] = {name: visitor.get(f"/{name}").headers[HEADER] for name in LISTS}
    assert taken[0] == taken[7]
    assert all(int(each.split("/")[0]) <= STATEMENTS for each in taken[7].values()), taken[7]


def test_of_several_tasks_each_is_answered_for_and_none_keeps_another(website: Website) -> None:
    first, second, third = three_in_the_queue(website)
    assert ask(website.visitor("zhao_min"), "claim", [second]).json == {"done": [second], "refused": []}
    visitor = website.visitor("wang_lei")
    answer = ask(visitor, "claim", [third, second, first]).json
    assert answer["done"] == [third, first]
    assert [one["id"] for one in answer["refused"]] == [second]
    assert "已由赵敏认领" in answer["refused"][0]["sentence"]
    assert sorted(ids_in(visitor.get("/inbox").text)) == sorted([first, third])

    assert ask(visitor, "release", [first, second], reason="不属于本组").json["done"] == [first]
    page = visitor.get("/queue").text
    assert ids_in(page) == [first] and "退回过 1 次" in page
    assert ask(visitor, "follow-up", [third], at="2026-03-05T09:00").json["done"] == [third]
    assert "搁置至 03-05 09:00" in visitor.get("/put-off").text
    assert ids_in(visitor.get("/inbox").text) == []


def test_what_is_wrong_with_the_request_is_said_once_and_nothing_is_done(website: Website) -> None:
    tasks = three_in_the_queue(website)
    lead = website.visitor("sun_qiang")
    refused = ask(lead, "prioritise", tasks, priority="101", reason="媒体关注")
    assert (refused.status_code, refused.json["detail_zh"]) == (422, "优先级应为 0 至 100。")
    assert ask(lead, "prioritise", tasks, priority="90", reason=" ").status_code == 422
    assert ask(lead, "reassign", tasks, to="wang_lei", reason="轮到您").status_code == 422
    assert ask(lead, "reassign", [], to=["wang_lei"], reason="轮到您").status_code == 422
    assert ask(lead, "claim", ["nonsense"]).status_code == 422
    for beyond in ("9999-12-31T23:59-12:00", "0001-01-01T00:00", "tomorrow"):
        assert ask(lead, "follow-up", tasks, at=beyond).status_code == 422, beyond
    assert ask(lead, "claim", [tasks[0]] * 501).json == {"done": [tasks[0]], "refused": []}
    assert "急" not in lead.get("/team").text
    deep = '{"revision": 0, "answers": {"a": ' + "[" * 300 + "]" * 300 + "}}"
    headers = {"X-CSRFToken": lead.token(), "Accept": "application/json"}
    refused = lead.client.post(
        f"/tasks/{tasks[0]}/draft", data=deep, headers=headers, content_type="application/json"
    )
    assert (refused.status_code, refused.json["detail_zh"]) == (422, "提交的内容嵌套过深。")
    assert ask(website.visitor("wang_lei"), "reassign", tasks, to=[], reason="轮到您").status_code == 403


def test_a_lead_spreads_work_over_those_who_may_hold_it_and_takes_it_back(website: Website) -> None:
    tasks = three_in_the_queue(website)
    lead = website.visitor("sun_qiang")
    people = {one["login"]: one for one in ask(lead, "colleagues", tasks).json["people"]}
    assert people["wang_lei"] == {"login": "wang_lei", "name": "王磊", "can": 3, "holds": 0}
    assert "li_na" not in people
    given = ask(lead, "reassign", tasks, to=["wang_lei", "zhao_min"], reason="均衡工作量").json
    assert (len(given["done"]), given["refused"]) == (3, [])
    holds = {one["login"]: one["holds"] for one in ask(lead, "colleagues", tasks).json["people"]}
    assert sorted((holds["wang_lei"], holds["zhao_min"])) == [1, 2]
    assert len(ids_in(lead.get("/team?assignee=wang_lei").text)) == holds["wang_lei"]
    assert len(ask(lead, "reassign", tasks, to=[], reason="人手变动").json["done"]) == 3
    assert len(ids_in(lead.get("/team?assignee=-").text)) == 3
    assert ask(website.visitor("chen_yu"), "colleagues", tasks).json["people"] == []


def test_the_page_of_a_task_tells_which_lead_has_set_its_priority(website: Website) -> None:
    tasks = three_in_the_queue(website)
    ask(website.visitor("sun_qiang"), "prioritise", tasks[:1], priority="90", reason="媒体关注")
    visitor = website.visitor("wang_lei")
    assert re.search(r'id="priority-by">.*孙强</span>', visitor.get(f"/tasks/{tasks[0]}").text)
    assert "priority-by" not in visitor.get(f"/tasks/{tasks[1]}").text


def test_a_filter_is_kept_shared_opened_changed_and_deleted_on_the_page(website: Website) -> None:
    three_in_the_queue(website)
    visitor, colleague = website.visitor("wang_lei"), website.visitor("zhao_min")
    group = re.search(r'<option value="([^"]+@/hq/henan/henan_centre/)"', visitor.get("/queue?q=第1条").text)
    assert group
    here = {"list": "queue", "query": "q=第1条&sort=created"}
    kept = visitor.post(
        "/filters", {**here, "name": "第一条", "shared_group": group[1]}, follow_redirects=True
    )
    assert "已保存筛选“第一条”" in kept.text
    assert len(ids_in(kept.text)) == 1 and 'aria-current="true"' in kept.text
    assert (
        "您已有同名的筛选" in visitor.post("/filters", {**here, "name": "第一条"}, follow_redirects=True).text
    )
    assert ("第一条" in colleague.get("/inbox").text) == (group[1] in _groups(website, "zhao_min"))
    assert "第一条" not in website.visitor("chen_yu").get("/inbox").text
    found = re.search(r'action="(/filters/[^"/]+)"', kept.text)
    assert found
    changed = visitor.post(
        found[1], {"list": "queue", "query": "returned=no", "name": "未退回", "anew": "yes"}
    )
    assert changed.location == "/queue?returned=no"
    page = visitor.get("/inbox").text
    assert 'href="/queue?returned=no"' in page and "未退回" in page and "第一条" not in page
    assert website.visitor("chen_yu").post(f"{found[1]}/drop").status_code == 404
    assert "未退回" not in visitor.post(f"{found[1]}/drop", {"list": "inbox"}, follow_redirects=True).text


def _groups(website: Website, login: str) -> tuple[str, ...]:
    with website.deps.sessions() as session:
        return caller_by_login(session, website.deps, login).groups
