"""What somebody wrote earlier is read by who comes later: answers and messages under their labels, files as links."""

from __future__ import annotations

from lxml import html

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from tests.admin.conftest import Website
from tests.admin.test_paper_pages import send
from tests.api.test_messages_with_forms import ASKED, listening
from tests.tasks.filling.forms import form

PICKED = {
    "type": "select",
    "key": "way",
    "label": "方式",
    "values": [{"label": "信函", "value": "by_letter"}],
}
PAPER = {"type": "filepicker", "key": "papers", "label": "材料", "multiple": True}


def waiting_case(website: Website) -> str:
    """A case that waits for messages from anybody, one of them with a form."""
    for_all = listening().content.decode().replace('value="external"', 'value="staff"')
    files = [SourceFile("listening.bpmn", for_all.encode()), form("more_info", ASKED, PICKED, PAPER)]
    with website.deps.sessions.begin() as session:
        website.deps.engine.deploy(session, files, actor=SYSTEM, name="test")
    answer = website.visitor("li_na").submit("/file/listening", {})
    return str(answer.json["next"]).rsplit("/", 1)[-1]


def story(page: str) -> html.HtmlElement:
    """The history of a case's page, or of a task's."""
    found = html.fromstring(page).find(".//ol[@class='timeline']")
    assert found is not None
    return found


def test_what_a_message_carried_is_read_under_its_forms_labels_with_its_files(website: Website) -> None:
    number = waiting_case(website)
    clerk = website.visitor("li_na")
    paper = send(clerk, "/attachments", headers={"Accept": "application/json"}).json
    carried = {"asked": "请补充合同原件", "way": "by_letter", "papers": [paper["id"]]}
    sent = clerk.submit(f"/cases/{number}/messages?name=more", carried)
    assert sent.status_code == 200, sent.text
    told = story(clerk.get(f"/cases/{number}").text)
    labels = {dt.text_content(): dt.getnext().text_content() for dt in told.findall(".//dt")}
    assert labels == {"要求补充": "请补充合同原件", "方式": "信函", "材料": paper["name"]}
    assert paper["href"] in [link.get("href") for link in told.findall(".//dd/a")]
    assert "查看内容" not in told.text_content()  # it is short
    beside = story(clerk.get(clerk.post("/queue/next").location).text)
    assert "请补充合同原件" in beside.text_content()


def test_a_message_without_a_form_is_read_too(website: Website) -> None:
    number = waiting_case(website)
    clerk = website.visitor("li_na")
    clerk.submit(f"/cases/{number}/messages?name=supplement", {"text": "客户又来电催问"})
    told = story(clerk.get(f"/cases/{number}").text)
    assert [dt.text_content() for dt in told.findall(".//dt")] == ["内容"]
    assert "客户又来电催问" in told.text_content()


def test_who_runs_the_installation_reads_of_a_message_no_word(website: Website) -> None:
    number = waiting_case(website)
    website.visitor("li_na").submit(f"/cases/{number}/messages?name=supplement", {"text": "客户又来电催问"})
    instance = website.steering_of(number).removesuffix("/operate")
    assert "客户又来电催问" not in website.visitor("tang_wei").get(instance).text
