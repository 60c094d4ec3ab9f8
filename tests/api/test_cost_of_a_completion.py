"""What one completion costs the database; and what happens when two things happen to a case at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from tasks.organisation.loading import load_organisation
from tests.tasks.office import FACTS, ORGANISATION, PASSWORD

FORWARD = {"answers": {"outcome": "forward", "unit": "henan_network"}}


def claimed(api: Any, login: str = "li_na") -> tuple[str, str]:
    case = api(login, "POST", "/cases/request", {"facts": FACTS}).json
    task = case["tasks"][0]["id"]
    api(login, "POST", f"/tasks/{task}/claim")
    return case["number"], task


def test_a_completion_takes_at_most_ten_statements_and_one_commit(api: Any) -> None:
    first, second = claimed(api)[1], claimed(api)[1]
    api("li_na", "POST", f"/tasks/{first}/complete", FORWARD, key="warm")
    bind = api.office.deps.sessions.kw["bind"]
    statements: list[str] = []
    commits: list[int] = []

    def count(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    sa.event.listen(bind, "before_cursor_execute", count)
    sa.event.listen(bind, "commit", lambda _conn: commits.append(1))
    done = api("li_na", "POST", f"/tasks/{second}/complete", FORWARD, key="counted")
    sa.event.remove(bind, "before_cursor_execute", count)
    assert done.status_code == 200, done.text
    assert len(statements) <= 9, statements  # one is left for the engine's jobs, which bypass SQLAlchemy
    assert len(commits) == 1


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
    assert read["links"] == [{"number": earlier, "kind": "upgrade_of", "earlier": True}]
    assert api("chen_yu", "POST", "/cases/request", link).status_code == 404
    assert len(api("shen_yun", "GET", "/cases").json["items"]) == 2
