"""What a diagram names and its draft does not hold yet: brought from what is deployed, or begun."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.admin.conftest import REGIME, Visitor, Website, uploaded


def _asked(owner: Visitor, draft: str, **body: Any) -> Any:
    headers = {"X-CSRFToken": owner.token(), "Accept": "application/json"}
    return owner.client.post(f"{draft}/beside", json=body, headers=headers)


def test_a_form_a_table_and_a_process_are_brought_once_and_new_ones_get_free_keys(website: Website) -> None:
    owner = website.visitor("lu_jian")
    answer = owner.post("/modeling", {"name": "改版", "files": [uploaded("notes.txt", "x")]})
    draft = str(answer.headers["Location"])
    form = next(REGIME.rglob("*.form"))
    key = json.loads(form.read_text(encoding="utf-8")).get("id") or form.stem

    brought = _asked(owner, draft, kind="form", key=key)
    assert brought.status_code == 200, brought.text
    assert brought.json["url"] == f"{draft}/edit/{brought.json['name']}"
    there = owner.get(f"{draft}/content/{brought.json['name']}").json
    assert there["revision"] == 1 and there["text"].encode() == form.read_bytes()
    assert _asked(owner, draft, kind="form", key=key).json == brought.json, "it is there already"

    process = _asked(owner, draft, kind="bpmn", key="suggestion")
    assert process.status_code == 200 and "suggestion" in process.json["name"]

    begun = _asked(owner, draft, kind="form", key=key, title="复审反馈\n意见", begin=True)
    assert begun.status_code == 200 and begun.json["key"] == f"{key}_2"
    table = _asked(owner, draft, kind="dmn", key="check_facts", begin=True)
    assert (table.json["key"], table.json["name"]) == ("check_facts", "check_facts.dmn")
    assert "复审反馈 意见" in owner.get(f"{draft}/content/{begun.json['name']}").json["text"]
    called = _asked(owner, draft, kind="dmn", key="odd", title="<坏\u0000>", begin=True)
    assert 'name="odd"' in owner.get(f"{draft}/content/{called.json['name']}").json["text"]
    page = owner.get(draft).text
    names = [brought.json["name"], process.json["name"], "check_facts.dmn", "notes.txt"]
    assert sorted(names, key=page.index) == [names[1], names[0], *names[2:]], "the diagram first"
    asked = {"definition_id": _version(owner), "then": "diagram"}
    editor = str(owner.post("/modeling", asked).headers["Location"])
    assert editor.endswith("/edit/suggestion.bpmn")
    begun_there = f'href="{editor.partition("/edit/")[0]}"'
    assert begun_there in owner.get("/processes/suggestion").text, "gone on with, not begun anew"
    assert begun_there not in website.visitor("wang_lei").get("/processes/suggestion").text


def _version(owner: Visitor) -> str:
    found = re.search(r'name="definition_id" value="([^"]+)"', owner.get("/processes/suggestion").text)
    assert found
    return found[1]


def test_what_is_nowhere_is_told_and_nothing_is_put_into_the_draft(website: Website) -> None:
    owner = website.visitor("lu_jian")
    answer = owner.post("/modeling", {"name": "改版", "files": [uploaded("notes.txt", "x")]})
    draft = str(answer.headers["Location"])
    missing = _asked(owner, draft, kind="dmn", key="nowhere")
    assert missing.status_code == 404 and "nowhere" in missing.json["detail_zh"]
    for body in ({"kind": "exe", "key": "a"}, {"kind": "form", "key": "两 个"}, {"kind": "form"}, {"key": 3}):
        assert _asked(owner, draft, **body).status_code == 422, body
    assert website.visitor("li_na").client.post(f"{draft}/beside", json={}).status_code in (400, 403, 404)
