"""The page of decision tables in a real browser: opened without a change, edited, tried out and checked by the engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.expressions.dmn import DecisionModel, read_decisions
from tests.admin.conftest import Desk, Website
from tests.admin.process_drafts import OWNER, drafted, said_in_english, saved, shipped

pytestmark = pytest.mark.browser

SAVE = "() => redressDecision.keeper.save()"
UNDONE = """async () => {
  while ((await redressDecision.read()).includes('praise')) await new Promise((resolve) => setTimeout(resolve, 30));
}"""
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="fees" name="费用" namespace="urn:fees">
  <decision id="fee" name="费用"><variable id="v" name="fee"/>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i" label="&lt;img src=x onerror=window.hacked=1&gt;"><inputExpression id="e" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="o" name="fee" typeRef="number"/>
      <rule id="r1"><inputEntry id="c1"><text>&lt; 10</text></inputEntry><outputEntry id="x1"><text>1</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="c2"><text>&gt; 10</text></inputEntry><outputEntry id="x2"><text>2</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def _says(model: DecisionModel) -> Any:
    return {key: (one.name, one.names, one.paths) for key, one in model.decisions.items()}


def test_every_decision_opens_as_it_is_and_is_written_as_it_was_meant(website: Website, desk: Desk) -> None:
    files = shipped("decisions")
    draft = drafted(website, {"accept.dmn": files["accept.dmn"]})
    desk.sign_in(OWNER)
    desk.open(f"/modeling/{draft}/edit/accept.dmn")
    for name, text in files.items():
        kept, opened, written = desk.page.evaluate(
            """async (text) => {
              const { show, read, modeler } = window.redressDecision;
              await show(text);
              return [await read(), document.getElementById('raw').hidden, (await modeler.saveXML({ format: true })).xml];
            }""",
            text,
        )
        assert opened and kept == text, name
        before, after = read_decisions(text.encode(), name), read_decisions(written.encode(), name)
        assert [one for one in after.findings if one.severity == "error"] == [], name
        assert _says(before) == _says(after), name
    assert desk.page.evaluate("[...redressDecision.missing]") == []


def test_a_cell_that_is_edited_is_saved_and_decides_and_undo_outlasts_a_reload(
    website: Website, desk: Desk
) -> None:
    text = shipped("decisions")["accept.dmn"]
    draft = drafted(website, {"accept.dmn": text})
    website.visitor(OWNER).post("/account/language", {"language": "zh"})
    desk.sign_in(OWNER)
    page = desk.page
    desk.open(f"/modeling/{draft}/edit/accept.dmn")
    assert saved(website, draft, "accept.dmn") == text, "opening saves nothing"

    cell = page.locator("#dmn td.input-cell").first
    cell.click()
    page.keyboard.press("Control+A")
    page.keyboard.type('"praise"')
    page.keyboard.press("Tab")
    assert page.evaluate(SAVE)
    assert '"praise"' in saved(website, draft, "accept.dmn")

    page.fill("[name='case.nature']", "praise")
    page.click("#try-form button[type=submit]")
    page.wait_for_selector("#try-result .fired")
    assert '"rejected"' in page.inner_text("#try-result .value")
    assert page.inner_text("#try-result .fired").startswith("第 1 条")

    cell.click(button="right")
    page.wait_for_selector(".context-menu-group")
    words = said_in_english(page, text + '"praise"')
    page.keyboard.press("Escape")
    page.locator("#views button").first.click()
    page.wait_for_selector("#dmn .djs-palette")
    words += said_in_english(page, text)
    assert words == []
    assert page.evaluate("[...redressDecision.missing]") == []
    assert page.locator("#dmn a.bjs-powered-by").is_visible()

    page.reload()
    desk.ready()
    page.click("[data-tool=undo]")
    page.evaluate(UNDONE)
    assert page.evaluate(SAVE)
    assert saved(website, draft, "accept.dmn") == text


def test_what_is_wrong_is_marked_where_it_is_and_what_cannot_be_opened_is_kept(
    website: Website, desk: Desk
) -> None:
    broken = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision'
    rules = "".join(
        f'<rule id="n{n}"><inputEntry id="ci{n}"><text>{n}</text></inputEntry>'
        f'<outputEntry id="co{n}"><text>{n}</text></outputEntry></rule>'
        for n in range(20, 1020)
    )
    huge = FOREIGN.replace("</decisionTable>", rules + "</decisionTable>")
    draft = drafted(website, {"fees.dmn": FOREIGN, "broken.dmn": broken, "huge.dmn": huge})
    desk.sign_in(OWNER)
    page = desk.page
    desk.open(f"/modeling/{draft}/edit/fees.dmn")
    assert "DMN 1.5" in page.inner_text("#editor-notice")
    assert page.evaluate("window.hacked") is None
    page.click("[data-check]")
    page.wait_for_selector(".findings .finding")
    finding = page.locator(".findings .finding", has_text="10").first
    assert finding.is_visible()
    finding.click()
    assert saved(website, draft, "fees.dmn") == FOREIGN

    desk.open(f"/modeling/{draft}/edit/broken.dmn")
    assert page.inner_text("#raw .reason")
    assert page.input_value("#raw textarea") == broken
    assert saved(website, draft, "broken.dmn") == broken
    page.fill("#raw textarea", FOREIGN)
    page.click("#raw button")
    page.wait_for_selector("#dmn td.input-cell")
    assert page.evaluate(SAVE)
    assert saved(website, draft, "broken.dmn") == FOREIGN

    desk.open(f"/modeling/{draft}/edit/huge.dmn")
    page.wait_for_selector("[data-row-id=n1019]", state="attached")


def test_a_decision_is_tried_by_its_owners_alone_and_bad_input_is_a_sentence(website: Website) -> None:
    draft = drafted(website, {"fees.dmn": FOREIGN})

    def ask(login: str, body: Any) -> Any:
        visitor = website.visitor(login)
        headers = {"X-CSRFToken": visitor.token(), "Accept": "application/json"}
        return visitor.client.post(
            f"/modeling/{draft}/decide",
            data=json.dumps(body),
            content_type="application/json",
            headers=headers,
        )

    asked = {"name": "fees.dmn", "text": FOREIGN}
    assert ask("li_na", asked).status_code == 403
    needs = ask(OWNER, asked).json["decisions"][0]["needs"]
    assert [(one["path"], one["type"]) for one in needs] == [("amount", "number")]

    decided = ask(OWNER, {**asked, "decision": "fee", "inputs": {"amount": "3 + 2"}}).json
    assert decided["value"] == {"fee": 1} or decided["value"] == 1
    assert [one["row"] for one in decided["steps"][0]["tables"][0]["fired"]] == [1]

    for wrong, words in (
        ({**asked, "decision": "fee", "inputs": {"amount": "1 +"}}, "amount"),
        ({**asked, "decision": "fee", "inputs": {"amount": "vip"}}, "双引号"),
        ({**asked, "decision": "none", "inputs": {}}, "没有决策"),
        ({**asked, "decision": 7}, "哪个决策"),
        ({**asked, "decision": "fee", "inputs": {f"x{n}": "1" for n in range(300)}}, "过多"),
        ({"name": "fees.dmn", "text": "<definitions", "decision": "fee"}, "错误"),
        ({"name": "fees.dmn"}, "没有收到"),
        ([], "没有收到"),
    ):
        answer = ask(OWNER, wrong)
        assert answer.status_code == 422 and words in answer.json["detail_zh"], answer.text
