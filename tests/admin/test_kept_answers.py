"""What somebody typed is still there after a refusal, and is sent again as it stands."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.admin.conftest import Website

FORMS: list[tuple[str, dict[str, str], tuple[str, ...]]] = [
    (
        "/organisation/units",
        {
            "code": "puyang",
            "name": "濮阳<单元>",
            "parent": "zhengzhou",
            "roles": "operator",
            "from": "2027-01-02",
        },
        ('value="puyang"', 'value="濮阳&lt;单元&gt;"', 'value="2027-01-02"', 'value="zhengzhou" selected'),
    ),
    (
        "/organisation/units/henan",
        {"name": "河南分公司", "kind": "province", "parent": "zhengzhou", "roles": "", "handles": "a; b"},
        ('value="河南分公司"', 'value="zhengzhou" selected', 'value="a; b"'),
    ),
    (
        "/organisation/units/henan/people",
        {"login": "neu", "name": "新人", "kind": "system", "post": "handler", "superior": "nobody"},
        ('value="neu"', 'value="system" selected', 'value="handler" selected', 'value="nobody"'),
    ),
    (
        "/organisation/units/henan/seats",
        {"login": "li_na", "post": "handler", "title": "兼职", "superior": "nobody"},
        ('value="li_na"', 'value="兼职"', 'value="nobody"'),
    ),
]


@pytest.mark.parametrize(("address", "form", "kept"), FORMS)
@pytest.mark.parametrize("stale", [False, True])
def test_a_refused_form_of_the_organisation_is_open_and_filled_as_it_was(
    website: Website, address: str, form: dict[str, str], kept: tuple[str, ...], stale: bool
) -> None:
    operator = website.visitor("tang_wei")
    now = _revision(operator.get("/organisation/units/henan").text)
    answer = operator.post(address, {**form, "revision": str(now - 1 if stale else now)})
    assert answer.status_code == (409 if stale else 422)
    opened = _open_form(answer.text, address)
    assert [piece for piece in kept if piece not in opened] == []
    assert _revision(opened) == now


def test_a_refused_change_of_a_seat_is_kept_beside_what_others_have(website: Website) -> None:
    operator = website.visitor("tang_wei")
    page = operator.get("/organisation/units/zhengzhou").text
    seats = re.findall(r"/organisation/seats/(\d+)\"", page)
    form = {"unit": "zhengzhou", "post": "handler", "title": "改过的职务", "superior": "nobody"}
    answer = operator.post(f"/organisation/seats/{seats[0]}", {**form, "revision": str(_revision(page))})
    assert answer.status_code == 422
    assert answer.text.count("改过的职务") == 1
    assert "改过的职务" in _open_form(answer.text, f"/organisation/seats/{seats[0]}")


def test_a_refused_order_of_a_token_keeps_its_label_and_scopes_and_no_password(website: Website) -> None:
    me = website.visitor("li_na")
    form = {"label": "月报脚本", "days": "90", "scopes": "case.read", "password": "wrong password"}
    mine = me.post("/account/tokens", form)
    operator = website.visitor("tang_wei")
    issued = operator.post(
        "/people/regulator_gateway/issue", {"kind": "key", "label": "月报脚本", "days": "90"}
    )
    assert mine.status_code == issued.status_code == 422
    for text in (mine.text, issued.text):
        assert 'value="月报脚本"' in text and 'value="90" selected' in text
    assert 'value="case.read" checked' in mine.text and "wrong password" not in mine.text
    assert 'value="key" checked' in issued.text and "请至少选一项范围" in issued.text


def _revision(text: str) -> int:
    found = re.search(r'name="revision" value="(\d+)"', text)
    assert found
    return int(found[1])


def _open_form(text: str, address: str) -> Any:
    opened = [
        part
        for part in re.split(r"(?=<details)", text)
        if part.startswith("<details open") and f'action="{address}"' in part
    ]
    assert len(opened) == 1, text
    return opened[0]


def test_mistakes_and_reports_name_things_and_columns_in_chinese(website: Website) -> None:
    operator = website.visitor("tang_wei")
    now = _revision(operator.get("/organisation/units/henan").text)
    form = {"name": "河南", "roles": "operator", "revision": str(now)}
    refused = operator.post("/organisation/units/henan", form).text
    assert "没有改动组织：单位 henan · 候选组：" in refused
    assert "unit henan · roles: operator is a permission" in refused
    file = (io.BytesIO("账号,名称,单位,岗位\nneu,新人,henan,handler\n".encode()), "neu.csv")
    report = operator.post("/organisation/import", {"files": file}).text
    assert '<span class="quiet">岗位</span> handler' in report
    assert '<span class="quiet">在用</span> 是' in report
