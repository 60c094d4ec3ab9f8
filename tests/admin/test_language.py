"""The pages speak Chinese and English side by side, or one of them, as their reader has chosen."""

from __future__ import annotations

from tests.admin.conftest import Website


def test_a_choice_of_language_holds_on_every_page_and_in_every_browser(website: Website) -> None:
    visitor = website.visitor("li_na")
    page = visitor.get("/queue").text
    assert 'lang="zh-CN"' in page and '第三方软件 <span class="en" lang="en">Licences</span>' in page

    answer = visitor.post("/account/language", {"language": "en", "back": "/queue?sort=due"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue?sort=due")
    page = visitor.get("/queue").text
    assert '<html lang="en">' in page and "第三方软件" not in page
    assert '<html lang="en">' in website.visitor("li_na").get("/account").text, "kept with the account"
    assert '<html lang="zh-CN">' in website.visitor("tang_wei").get("/account").text, "and nobody else's"

    visitor.post("/account/language", {"language": "zh"})
    page = visitor.get("/queue").text
    assert "第三方软件" in page and "Licences" not in page


def test_nobody_is_sent_elsewhere_and_no_other_language_is_kept(website: Website) -> None:
    visitor = website.visitor("li_na")
    elsewhere = visitor.post("/account/language", {"language": "zh", "back": "//evil.example/"})
    assert elsewhere.headers["Location"] == "/account"
    refused = visitor.post("/account/language", {"language": "<script>"})
    assert refused.status_code == 422 and "请选择中英对照" in refused.text
