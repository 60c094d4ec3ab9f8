"""Who is away and who is on duty, as people enter and read it on pages without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

from tasks.people.duty.reading import local
from tests.admin.conftest import Website


def field(website: Website, hours: int) -> str:
    return local(website.clock.now() + timedelta(hours=hours)).replace(" ", "T")


def entered(website: Website, by: str, **form: str) -> str:
    """Enter one on a page; its id."""
    answer = website.visitor(by).post("/absences", {"until": field(website, 8), "back": "mine", **form})
    assert answer.status_code == 302, answer.text
    page = website.visitor(by).get(answer.location).text
    found = re.search(r'id="absence-([0-9a-f-]{36})"', page)
    assert found
    return found[1]


def test_somebody_enters_changes_and_calls_off_their_own(website: Website) -> None:
    li_na = website.visitor("li_na")
    identity = entered(website, "li_na", substitute="zhou_ting", reason="年休假")
    page = li_na.get("/account/absences").text
    assert "周婷" in page and "年休假" in page and "进行中" in page
    assert "您代理李楠的工作" in website.visitor("zhou_ting").get("/account/absences").text
    refused = li_na.post(f"/absences/{identity}", {"until": field(website, 9), "substitute": "chen_yu"})
    assert refused.status_code == 422 and "没有您可以指定的代理人“chen_yu”" in refused.text
    assert li_na.post(f"/absences/{identity}", {"until": field(website, 9)}).status_code == 302
    assert li_na.post(f"/absences/{identity}/cancel").status_code == 302
    assert "已取消" in li_na.get("/account/absences").text


def test_what_is_wrong_is_said_beside_what_was_filled_in(website: Website) -> None:
    li_na = website.visitor("li_na")
    answer = li_na.post("/absences", {"until": field(website, -5), "substitute": "li_na", "reason": "探亲"})
    assert answer.status_code == 422
    assert "结束：应晚于开始。" in answer.text and "代理人：不能是休假人本人。" in answer.text
    assert 'value="探亲"' in answer.text
    answer = li_na.post("/absences", {"until": "soon"})
    assert answer.status_code == 422 and "不是 2026-03-02 08:30 这样的时间" in answer.text
    strange = [
        li_na.post("/absences", {"until": field(website, 5), "person": who}) for who in ("chen_yu", "x")
    ]
    assert [each.status_code for each in strange] == [422, 422]
    assert "没有您可以登记休假的人员" in strange[0].text


def test_a_lead_sees_who_is_away_and_hands_over_what_they_hold(website: Website) -> None:
    website.file_suggestion()
    task = website.task_of("wang_lei")
    website.visitor("wang_lei").post(f"{task}/claim")
    lead = website.visitor("sun_qiang")
    identity = entered(website, "sun_qiang", person="wang_lei", substitute="zhao_min", back="theirs")
    page = lead.get("/absences").text
    assert "王磊" in page and "赵敏" in page and "立即交接" in page
    answer = lead.post(f"/absences/{identity}/hand-over", {"to": "substitute", "back": "theirs"})
    assert answer.status_code == 200 and "交接结果" in answer.text
    assert "赵敏" in answer.text.partition("交接结果")[2].partition("</section>")[0]
    assert "周婷" not in website.visitor("li_na").get("/absences").text
    for stranger in ("pan_hua", "zhao_min"):
        refused = website.visitor(stranger).post(f"/absences/{identity}/hand-over", {"to": "queue"})
        assert refused.status_code == 404


def test_a_roster_is_read_by_the_month_and_taken_whole_or_not_at_all(website: Website) -> None:
    lead = website.visitor("zhou_ting")
    begin = website.clock.now()
    good = f"henan_hotline,li_na,{local(begin)},{local(begin + timedelta(hours=12))},夜班\n"
    head = "单位,账号,起始,截止,备注\n"

    def sent(text: str) -> Any:
        return lead.post(
            "/duty/import",
            {"file": (BytesIO((head + text).encode()), "duty.csv"), "unit": "henan_hotline"},
            content_type="multipart/form-data",
        )

    refused = sent(good + "zhejiang_hotline,chen_yu,2099-10-01 08:30,soon,\n")
    assert refused.status_code == 422
    assert "第3行 · 单位：没有您所辖的单位“zhejiang_hotline”" in refused.text
    assert "第3行 · 截止" in refused.text
    assert "现在没有人值班" in lead.get("/duty").text
    assert sent(good).status_code == 302
    page = website.visitor("li_na").get(f"/duty?unit=henan_hotline&month={local(begin)[:7]}").text
    assert page.count("李楠") >= 2 and "夜班" in page and "导入值班表" not in page
    assert "li_na" in website.visitor("li_na").get("/duty/export").text
    for address in ("/duty?unit=zhejiang_hotline", "/duty?unit=nowhere", "/duty?month=2026-13"):
        assert website.visitor("li_na").get(address).status_code == 404
