"""The letters of the content say what the clauses ask of them, and nothing is printed that was not said."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from lxml import etree
from pypdf import PdfReader

from tasks.letters.mistakes import LetterFailed
from tasks.letters.paper.setting import set_sheet
from tasks.letters.words import TO
from tests.tasks.letters.making import printed
from tests.tasks.letters.samples import AT, KEYS, LETTERS, NUMBER, VARIABLES, filled, shipped

CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
SENTENCES = {
    "acknowledgement": [
        f"受理编号：{NUMBER}",
        "涉及业务：增值·移动数据",
        "我公司将在2026年3月5日18时00分前答复您。",
        "您可以凭受理编号向受理单位河南客服热线或我公司客服热线询问办理进展",
        "查询网址：https://redress.example",
    ],
    "not_accepted": [
        "需要上级公司核对跨省结算记录。",
        "您也可以依照《电信用户申诉处理办法》向电信用户申诉受理机构提出申诉",
    ],
    "supplement_request": ["请于方便时尽早提交。", "等待您补充期间，答复时限暂停计算"],
    "progress_reply": [
        "本函告知您办理进展，不是最终答复。",
        "我公司将在2026年3月5日18时00分前给您最终答复。",
    ],
    "final_reply": [
        "经核查，该功能费因业务开通时未取得您的二次确认而产生，现已全额退还。",
        "采取的措施：对合作方暂停计费接口并整改。",
        "（二）依照《电信用户申诉处理办法》，向工业和信息化部电信用户申诉受理中心或者省、自治区、直辖市电信用户申诉受理机构提出申诉；",
        "（四）依法申请仲裁或者向人民法院提起诉讼。",
    ],
    "written_reply": ["我公司先后三次按您留下的联系方式与您联系，均未联系上", "（三）向消费者协会或者有关行政部门反映，请求调解；"],
    "regulator_reply": [
        "工业和信息化部电信用户申诉受理中心：贵单位转来的用户申诉",
        "贵单位案号：工信申〔2026〕0312号",
        "同一事项曾以TS2026020100000100000015受理，均已在规定时限内答复",
        "已退还多收的功能费15元，并关闭该业务。",
        "结论：企业责任",
    ],
    "investigation_report": ["总部客户服务部门：现将申诉案件的调查处理情况报告如下：", "申诉原因：合作方宣传不当"],
    "filing_report": ["上级主管部门：现将下列重点案件的材料报备：", "客户级别：VIP客户"],
}  # fmt: skip


def test_every_letter_of_the_content_is_looked_at() -> None:
    assert set(SENTENCES) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_letter_says_its_sentences_on_numbered_pages_in_fonts_it_brings_along(key: str) -> None:
    pdf = set_sheet(filled(key), at=AT)
    text = printed(pdf)
    for sentence in [*SENTENCES[key], shipped(key).name, "河南省分公司2026年3月4日", f"编号：{NUMBER}-01"]:
        assert sentence in text, (key, sentence, text)
    pages = PdfReader(BytesIO(pdf)).pages
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页，共{len(pages)}页" in "".join(page.extract_text().split())
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index, union-attr]
            described = font["/DescendantFonts"][0]["/FontDescriptor"]
            assert described["/FontName"].partition("+")[2].startswith("Noto")
            assert "/FontFile3" in described
    assert "{{" not in text and len(pdf) < 120_000


def test_the_same_facts_at_the_same_instant_give_the_same_bytes() -> None:
    assert set_sheet(filled("final_reply"), at=AT) == set_sheet(filled("final_reply"), at=AT)


@pytest.mark.parametrize(
    ("key", "part"), [("final_reply", "answer"), ("progress_reply", "progress"), ("not_accepted", "reason")]
)
def test_a_letter_that_would_not_say_what_it_is_for_is_not_made(key: str, part: str) -> None:
    emptied = {**VARIABLES["input"], "text": " ", "reason": " "}
    with pytest.raises(LetterFailed, match=f"nothing would stand in its parts {part}"):
        filled(key, input=emptied)


def test_what_no_diagram_said_is_named_and_not_made_up() -> None:
    with pytest.raises(
        LetterFailed, match=r"regulator_reply was not made: its field \{\{input.facts\}\} in line"
    ):
        filled("regulator_reply", input={})


def test_an_answer_given_on_a_form_is_printed_where_the_diagram_hands_over_none() -> None:
    form = {
        "reply_to_customer": {"content": "已为您修复线路。", "company_position": None},
        "handle_complaint": {"measures": "更换接入光缆", "promised_at": "2026-03-09T12:00:00+08:00"},
    }
    sheet = filled("final_reply", input={}, form=form, query_page="")
    lines = [block.text for block in sheet.blocks]
    assert "已为您修复线路。" in lines and "采取的措施：更换接入光缆" in lines
    assert "需要继续办理的事项，我公司承诺完成的时间：2026年3月9日12时00分" in lines
    assert not [line for line in lines if line.startswith(("查询网址", "我公司的意见", "情况说明"))]


@pytest.mark.parametrize("key", ["final_reply", "written_reply", "not_accepted"])
def test_a_last_word_to_a_customer_states_the_rights_outside_the_company(key: str) -> None:
    text = "".join(block.text for block in filled(key).blocks)
    assert "rights" in shipped(key).parts
    assert all(word in text for word in ("电信用户申诉受理", "消费者协会", "仲裁", "诉讼"))


def test_every_diagram_names_a_letter_that_exists_and_hands_over_only_what_it_says() -> None:
    for path in sorted(LETTERS.parent.rglob("*.bpmn")):
        for task in etree.parse(path).iter("{*}serviceTask"):
            if task.get(f"{CAMUNDA}topic") != "issue_letter":
                continue
            given = {one.get("name"): one.text or "" for one in task.iter(f"{CAMUNDA}inputParameter")}
            said = {name for field in shipped(given["template"]).fields for name in field.code.paths}
            known = {"template", "to", "method", "unit", "evidence_kind"} | {
                name.partition(".")[2].split(".")[0] for name in said
            }
            to = given["to"]
            chosen = re.findall(r'(?:then|else) "(\w+)"', to) if to.startswith("=") else [to]
            assert chosen and set(chosen) <= set(TO) and given.keys() <= known, (
                path.name,
                task.get("id"),
                given.keys() - known,
            )
