"""What was brought is found again: the files of a deployment byte for byte, drawings too, and the page that mends a refusal."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile

from tests.admin.conftest import Visitor, Website, uploaded
from tests.engine.diagrams import process

DI = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'id="d"><bpmndi:BPMNPlane id="p" bpmnElement="KEY"><bpmndi:BPMNShape id="NODE_di" bpmnElement="NODE"><dc:Bounds x="0" y="0" '
    'width="100" height="80"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>'
)


def drawn(key: str, node: str, *, executable: bool = True) -> bytes:
    """A diagram of one user task with a picture of it, whose shape is named after it as modelers do."""
    file = process(key, "start s", "user NODE camunda:candidateGroups=channel", "end e", "s -> NODE -> e")
    text = file.content.decode().replace("</bpmn:definitions>", DI).replace("KEY", key).replace("NODE", node)
    return text.replace('isExecutable="true"', f'isExecutable="{str(executable).lower()}"').encode()


def brought(owner: Visitor, name: str, content: bytes, verb: str = "deploy") -> str:
    answer = owner.post("/deploy", {"name": "外来", "verb": verb, "files": [(io.BytesIO(content), name)]})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def pictures(page: str) -> dict[str, str]:
    """The diagrams a page carries along, by file."""
    boot = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.S)
    return {name: one["xml"] for name, one in json.loads(boot[1])["diagrams"].items()} if boot else {}


def test_a_drawing_is_found_again_with_its_picture_and_its_bytes(website: Website) -> None:
    owner = website.visitor("lu_jian")
    content = drawn("sketch", "think", executable=False)
    said = brought(owner, "草图.bpmn", content)
    (address,) = set(re.findall(r"/deployments/[0-9a-f-]{36}", said.split("部署记录")[0])) or {""}
    assert address, "the receipt leads to the kept drawing"
    for login in ("lu_jian", "li_na", "tang_wei", "qiao_mu"):
        page = website.visitor(login).get(address)
        assert page.status_code == 200
        assert hashlib.sha256(content).hexdigest() in page.text
    assert "think" in pictures(page.text)["草图.bpmn"]
    (download,) = re.findall(r'href="([^"]+/files/[^"]+)"', page.text)
    answer = owner.get(download)
    assert answer.data == content
    assert "attachment" in answer.headers["Content-Disposition"]
    assert owner.get(f"{address}/files/other.bpmn").status_code == 404
    assert owner.get("/deployments/00000000-0000-0000-0000-000000000000").status_code == 404


def test_shapes_named_after_odd_elements_are_drawn(website: Website) -> None:
    content = drawn("odd", "审核 1/2")
    shown = pictures(brought(website.visitor("lu_jian"), "odd.bpmn", content, "check"))["odd.bpmn"]
    ids = re.findall(r'\bid="([^"]+)"', shown)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", one) for one in ids), ids
    assert 'bpmnElement="_x5BA1__x6838__x0020_1_x002F_2"' in shown


def test_a_check_shows_the_pictures_in_an_archive_too_and_one_without_any_remark(website: Website) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("one.bpmn", drawn("one", "first"))
        archive.writestr("流程/two.bpmn", drawn("two", "second"))
        archive.writestr("plain.bpmn", process("plain", "start s", "end e", "s -> e").content)
    found = pictures(brought(website.visitor("lu_jian"), "all.zip", held.getvalue(), "check"))
    assert set(found) == {"one.bpmn", "流程/two.bpmn"}


def test_a_check_says_what_has_to_be_bound_before_a_start(website: Website) -> None:
    file = process("asking", "start s", "call c calledElement=missing", "end e", "s -> c -> e")
    page = brought(website.visitor("lu_jian"), file.name, file.content, "check")
    assert "部署后有 1 项要先在流程页面绑定" in page
    assert "还没有部署" in page


def test_a_process_nobody_calls_can_be_started_from_its_page_though_it_has_no_form(website: Website) -> None:
    owner = website.visitor("lu_jian")
    brought(owner, "alone.bpmn", drawn("alone", "work"))
    rows = owner.get("/processes").text.split("<tr ")
    assert ["可启动" in row for row in rows if ">alone<" in row] == [True]
    assert ["被调用" in row for row in rows if ">answering<" in row] == [True]
    clerk = website.visitor("li_na")
    assert 'href="/file/alone"' in clerk.get("/processes/alone").text
    assert "/file/answering" not in clerk.get("/processes/answering").text
    assert "没有登记表" in clerk.get("/file/alone").text
    assert clerk.submit("/file/alone", {}).status_code == 200


def test_a_refused_start_leads_to_the_page_where_it_is_bound_and_the_version_before_goes_on(
    website: Website,
) -> None:
    owner = website.visitor("lu_jian")
    asks = process("asking", "start s", "call c calledElement=missing", "end e", "s -> c -> e")
    brought(owner, asks.name, asks.content)
    refused = website.visitor("li_na").get("/file/asking")
    assert refused.status_code == 409
    assert 'href="/processes/asking?version=1#needs"' in refused.text
    assert "c（流程：missing）" in refused.text

    brought(owner, "alone.bpmn", drawn("alone", "work"))
    newer = process("alone", "start s", "service work camunda:class=x.Y", "end e", "s -> work -> e")
    upload = {"name": "新版", "verb": "deploy", "files": [uploaded("alone.bpmn", newer.content.decode())]}
    assert owner.post("/deploy", upload).status_code == 200
    assert website.visitor("li_na").submit("/file/alone", {}).status_code == 200
    assert 'href="/file/alone"' not in owner.get("/processes/alone?version=2").text
    assert 'href="/file/alone"' in owner.get("/processes/alone?version=1").text
