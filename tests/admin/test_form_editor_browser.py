"""The form editor in a real browser: forms opened without a change, fields added and shown as staff will see them, hostile texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.admin.conftest import Desk, Website
from tests.admin.process_drafts import OWNER, drafted, said_in_english, saved, shipped

pytestmark = pytest.mark.browser

SAVE = "() => redressFormEditor.keeper.save()"
HOSTILE = '<img src="x" onerror="window.hacked=1">'
BLANK = {"type": "default", "id": "ask_again", "components": []}
ODD = {
    "type": "default",
    "id": "odd",
    "components": [
        {"type": "hologram", "id": "h1", "label": HOSTILE, "depth": 3},
        {"type": "text", "id": "t1", "text": f"# {HOSTILE}"},
        {
            "type": "select",
            "id": "s1",
            "key": "choice",
            "label": HOSTILE,
            "description": HOSTILE,
            "values": [{"label": HOSTILE, "value": HOSTILE}],
            "properties": {"classification": "", "own.mark": HOSTILE},
        },
    ],
}


def test_every_form_opens_as_it_is_and_is_written_as_it_was(website: Website, desk: Desk) -> None:
    forms = shipped("forms")
    draft = drafted(website, {"urge.form": forms["urge.form"]})
    desk.sign_in(OWNER)
    desk.open(f"/modeling/{draft}/edit/urge.form")
    for name, text in forms.items():
        kept, opened, written = desk.page.evaluate(
            """async (text) => {
              const { show, read, editor, written } = window.redressFormEditor;
              await show(text);
              return [await read(), document.getElementById('raw').hidden, written().text(editor.getSchema())];
            }""",
            text,
        )
        assert opened and kept == text, name
        assert json.loads(written) == json.loads(text), name
    assert desk.page.evaluate("[...redressFormEditor.missing]") == []


def test_a_field_that_is_added_is_previewed_and_the_server_refuses_a_bad_answer(
    website: Website, desk: Desk
) -> None:
    draft = drafted(website, {"ask_again.form": json.dumps(BLANK, indent=2)})
    website.visitor(OWNER).post("/account/language", {"language": "zh"})
    desk.sign_in(OWNER)
    page = desk.page
    desk.open(f"/modeling/{draft}/edit/ask_again.form")
    page.wait_for_selector(".fjs-palette-field")
    words = said_in_english(page, "")
    for kind in range(page.locator(".fjs-palette-field").count()):
        page.locator(".fjs-palette-field").nth(kind).click()
        page.wait_for_selector("#pane-panel .properties")
        words += said_in_english(page, "")
        page.click("#pane-panel .field-tools button:last-child")
        page.evaluate("() => redressFormEditor.editor.get('selection').clear()")
    assert words == []

    page.click(".fjs-palette-field[data-field-type=textfield]")
    page.get_by_label("名称", exact=True).fill("回访号码")
    page.get_by_label("字段标识（key）").fill("callback")
    page.get_by_label("必填").check()
    page.get_by_label("最少字数").fill("5")
    page.keyboard.press("Tab")
    page.click("#tab-preview")
    field = page.locator("#preview-form").get_by_label("回访号码")
    field.fill("123")
    page.click("#preview-submit")
    page.wait_for_selector("#preview-problems:not([hidden])")
    assert "至少 5 个字符" in page.inner_text("#preview-problems")
    field.fill("12345")
    page.click("#preview-submit")
    page.wait_for_selector("#preview-taken .good")
    assert json.loads(page.inner_text("#preview-taken .value")) == {"callback": "12345"}
    assert page.locator("#preview-form .fjs-powered-by-link").is_visible()
    assert page.locator("#form-editor .fjs-powered-by-link").is_visible()

    assert page.evaluate(SAVE)
    kept = json.loads(saved(website, draft, "ask_again.form"))
    assert kept["components"][0]["validate"] == {"required": True, "minLength": 5}
    page.reload()
    desk.ready()
    page.click("[data-tool=undo]")
    page.wait_for_selector("#saved-state[data-state=saved]")
    assert page.evaluate(SAVE)
    assert saved(website, draft, "ask_again.form") != json.dumps(kept)


def test_hostile_texts_never_run_and_what_is_not_known_is_kept(website: Website, desk: Desk) -> None:
    files = {"odd.form": json.dumps(ODD, ensure_ascii=False), "broken.form": '{"type": "default", '}
    draft = drafted(website, files)
    desk.sign_in(OWNER)
    page = desk.page
    desk.open(f"/modeling/{draft}/edit/odd.form")
    assert "hologram" in page.inner_text("#editor-notice")
    page.click("#form-editor [data-id=s1]")
    page.get_by_label("名称").first.fill("选择")
    page.keyboard.press("Tab")
    page.click("#tab-preview")
    page.wait_for_selector("#preview-problem:not([hidden]), #preview-form .fjs-container")
    page.click("[data-check]")
    page.wait_for_selector("#findings ul, #findings .good")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#stage img[onerror], .editor-side img[onerror]").count() == 0
    assert page.evaluate(SAVE)
    kept = json.loads(saved(website, draft, "odd.form"))
    assert kept["components"][0] == ODD["components"][0]  # type: ignore[index]
    assert kept["components"][2]["properties"]["own.mark"] == HOSTILE

    # A sanitiser has looked at the handler, and the policy said so; it is nowhere in the page.
    desk.complaints[:] = [one for one in desk.complaints if "inline event handler" not in one]
    desk.open(f"/modeling/{draft}/edit/broken.form")
    assert "JSON" in page.inner_text("#raw .reason")
    assert page.input_value("#raw textarea") == files["broken.form"]
    assert saved(website, draft, "broken.form") == files["broken.form"]


def test_a_form_is_tried_by_its_owners_alone_and_bad_input_is_a_sentence(website: Website) -> None:
    draft = drafted(website, {"urge.form": shipped("forms")["urge.form"]})

    def ask(login: str, body: Any) -> Any:
        visitor = website.visitor(login)
        headers = {"X-CSRFToken": visitor.token(), "Accept": "application/json"}
        return visitor.client.post(
            f"/modeling/{draft}/try-form",
            data=json.dumps(body),
            content_type="application/json",
            headers=headers,
        )

    assert ask("li_na", {"name": "x.form", "text": json.dumps(BLANK)}).status_code == 403
    shown = ask(OWNER, {"name": "x.form", "text": json.dumps(BLANK)})
    assert shown.json["schema"]["id"] == "ask_again"
    refused = ask(OWNER, {"name": "x.form", "text": json.dumps(BLANK), "answers": {"nobody_asked": 1}})
    assert [one["path"] for one in refused.json["problems"]] == ["nobody_asked"]

    deep: dict[str, Any] = {"type": "group", "components": []}
    for _ in range(200):
        deep = {"type": "group", "components": [deep]}
    pattern = {"type": "textfield", "key": "k", "validate": {"pattern": "("}}
    for components in (
        [deep],
        [pattern],
        [{"type": "hologram", "key": "k"}],
        [{"type": "textfield", "key": "k", "properties": "no"}],
        [{"type": "textfield", "key": "k", "components": "no"}],
        ["no"],
        "no",
    ):
        text = json.dumps({"type": "default", "components": components})
        answer = ask(OWNER, {"name": "x.form", "text": text, "answers": {}})
        assert answer.status_code == 422 and answer.json["detail_zh"], answer.text
    for body in ({"name": "x.form", "text": "{"}, {"name": "x.form", "text": "[1]"}, {"text": "{}"}, None):
        assert ask(OWNER, body).status_code == 422
    assert ask(OWNER, {"name": "x.form", "text": json.dumps(BLANK), "answers": [1]}).status_code == 422


def test_pictures_from_within_the_page_are_allowed_on_the_form_editor_alone(website: Website) -> None:
    files = {**shipped("forms"), **shipped("decisions")}
    draft = drafted(website, {name: files[name] for name in ("urge.form", "accept.dmn")})
    owner = website.visitor(OWNER)
    policies = {
        name: owner.get(f"/modeling/{draft}/edit/{name}").headers["Content-Security-Policy"]
        for name in ("urge.form", "accept.dmn")
    }
    assert "img-src 'self' data:" in policies["urge.form"]
    assert "data:" not in policies["accept.dmn"]
    for policy in policies.values():
        assert "style-src-attr 'unsafe-inline'" in policy and "unsafe-eval" not in policy
