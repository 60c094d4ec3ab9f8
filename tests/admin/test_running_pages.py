"""The page of an instance and the list of them: values for who sees the case, names for who runs it, a failure repaired."""

from __future__ import annotations

import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.incidents import Incident
from engine.instance import ProcessInstance
from tasks.cases.tables import Case
from tests.admin.conftest import SUGGESTION, Website
from tests.tasks.drawings import drawn

STUCK = drawn(
    "stuck",
    '<bpmn:startEvent id="s"/><bpmn:scriptTask id="fails" name="合计" scriptFormat="feel"><bpmn:script>total = paid + amount'
    '</bpmn:script></bpmn:scriptTask><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="fails"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="fails" targetRef="e"/>',
)


def stuck(website: Website) -> str:
    """A process without a case that rests on an expression; the address of its page."""
    with website.deps.sessions.begin() as session:
        website.deps.engine.deploy(session, [STUCK], actor=SYSTEM, name="x")
        move = website.deps.engine.start(
            session, "stuck", business_key="K-7", actor=SYSTEM, variables={"paid": 1234}
        )
    return f"/instances/{move.instance.id}"


def of_case(website: Website, number: str) -> str:
    with website.deps.sessions() as session:
        return f"/instances/{session.scalar(sa.select(Case.instance_id).where(Case.number == number))}"


def test_who_sees_the_case_sees_its_data_clocks_and_history(website: Website) -> None:
    number = website.file_suggestion()
    address = of_case(website, number)
    page = website.visitor("li_na").get(address)
    assert page.status_code == 200
    assert 'id="variables"' in page.text and 'id="clocks"' in page.text and 'id="history"' in page.text
    operator = website.visitor("tang_wei").get(address).text
    assert "只显示名称和类型" in operator and 'id="clocks"' not in operator
    assert SUGGESTION["suggestion"] not in operator and SUGGESTION["customer"]["name"] not in operator


def test_history_is_paged_and_narrowed(website: Website) -> None:
    address = stuck(website)
    operator = website.visitor("tang_wei")
    narrowed = operator.get(f"{address}?about=incident&element=fails").text
    table = narrowed.split('id="history"')[1]
    assert "发生异常" in table and "流程启动" not in table.split("<tbody>")[1]
    rows = operator.get(f"{address}?before=999999999", headers={"HX-Request": "true"}).text
    assert "<tr>" in rows and "<html" not in rows
    for wrong in ("about=nothing", "before=x", "before=-1", f"before={'9' * 30}"):
        assert operator.get(f"{address}?{wrong}").status_code == 422, wrong


def test_a_failed_expression_is_shown_and_repaired(website: Website) -> None:
    address = stuck(website)
    operator = website.visitor("tang_wei")
    page = operator.get(address).text
    assert "total" in page and "paid + <mark>a</mark>mount" in page
    assert "1234" in page and "不存在" in page, "an instance without a case shows its values to who runs it"
    assert '<option value="amount">' in page
    with website.deps.sessions() as session:
        incident = session.scalar(sa.select(Incident.id))
    form = {"name": "amount", "as": "number", "value": "6", "reason": "核对过", "retry": str(incident)}
    answer = operator.post(f"{address}/variables", form)
    assert answer.status_code == 303, answer.text
    page = operator.get(address).text
    assert "并重新提交执行" in page and "设置变量" in page
    for wrong in (
        {"value": "six"},
        {"as": "json", "value": "{"},
        {"as": "date"},
        {"name": "form"},
        {"reason": ""},
        {"retry": "x"},
    ):
        assert operator.post(f"{address}/variables", {**form, **wrong}).status_code == 422, wrong
    assert website.visitor("li_na").post(f"{address}/variables", form).status_code == 403


def test_variables_are_found_by_name_or_value(website: Website) -> None:
    address = stuck(website)
    operator = website.visitor("tang_wei")
    assert "没有符合条件的变量" in operator.get(f"{address}?find=nowhere").text
    assert "1234" in operator.get(f"{address}?find=PAI").text.split('id="variables"')[1]
    assert "paid" in operator.get(f"{address}?find=123").text.split('id="variables"')[1]


def test_the_list_of_instances_narrowed_and_hostile(website: Website) -> None:
    number = website.file_suggestion()
    stuck(website)
    operator = website.visitor("tang_wei")
    everything = operator.get("/instances").text
    assert number in everything and "K-7" in everything
    assert number not in operator.get("/instances?incident=yes").text
    assert (
        "K-7"
        not in operator.get(
            "/instances?process=suggestion&state=active&version=1&first=2026-03-01&last=2026-03-31"
        ).text
    )
    assert number in website.visitor("li_na").get("/instances").text
    for wrong in (
        "first=yesterday",
        "last=2026-02-30",
        "first=0001-01-01",
        "version=x",
        "state=gone",
        "cursor=AAAA",
    ):
        answer = operator.get(f"/instances?{wrong}")
        assert answer.status_code == 422, wrong
    assert operator.get("/instances?unit=nowhere").status_code == 404


def test_a_newer_version_is_named(website: Website) -> None:
    address = stuck(website)
    with website.deps.sessions.begin() as session:
        changed = STUCK.content.replace("合计".encode(), "合计金额".encode())
        website.deps.engine.deploy(session, [type(STUCK)("stuck.bpmn", changed)], actor=SYSTEM, name="y")
        assert session.scalar(sa.select(sa.func.count()).select_from(ProcessInstance)) == 1
    page = website.visitor("tang_wei").get(address).text
    assert "现行版本 v2" in page
