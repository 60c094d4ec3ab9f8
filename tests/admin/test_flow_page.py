"""The figures of a process as a page and as a file: whose cases are in them, and what cannot be asked."""

from __future__ import annotations

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from tests.admin.conftest import Website
from tests.tasks.drawings import drawn

ADDRESS = "/processes/suggestion/flow"
CALLER = drawn(
    "caller",
    '<bpmn:startEvent id="s"/><bpmn:callActivity id="c" name="=cmd()" calledElement="callee"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="c"/><bpmn:sequenceFlow id="f2" sourceRef="c" targetRef="e"/>',
)
CALLEE = drawn(
    "callee",
    '<bpmn:startEvent id="s"/><bpmn:userTask id="work"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>',
)


def test_the_page_says_how_many_and_links_on_with_the_same_filter(website: Website) -> None:
    files: list[SourceFile] = [CALLER, CALLEE]
    with website.deps.sessions.begin() as session:
        website.deps.engine.deploy(session, files, actor=SYSTEM, name="x")
        website.deps.engine.start(session, "caller", business_key="K-1", actor=SYSTEM)
    operator = website.visitor("tang_wei")
    page = operator.get("/processes/caller/flow?first=2026-03-01&last=2026-03-02&version=1").text
    assert "期间内启动 1 件" in page
    assert "/processes/callee/flow?first=2026-03-01&amp;last=2026-03-02" in page
    callee = operator.get("/processes/callee/flow").text
    assert "期间内启动 1 件" in callee and 'data-value="1"' in callee


def test_the_file_holds_the_same_figures_and_no_formula(website: Website) -> None:
    with website.deps.sessions.begin() as session:
        website.deps.engine.deploy(session, [CALLER, CALLEE], actor=SYSTEM, name="x")
        website.deps.engine.start(session, "caller", business_key="K-1", actor=SYSTEM)
    answer = website.visitor("tang_wei").get("/processes/caller/flow.csv")
    assert answer.mimetype == "text/csv" and answer.text.startswith("\ufeffelement,name,type,entered")
    assert "c,'=cmd(),callActivity,1,0,0,1,v1:1,,," in answer.text


def test_supervisors_see_units_in_their_reach_and_hostile_filters_are_refused(website: Website) -> None:
    website.file_suggestion()
    operator = website.visitor("tang_wei")
    assert "期间内启动 1 件" in operator.get(ADDRESS).text
    assert website.visitor("li_na").get(ADDRESS).status_code == 403
    for wrong, status in (
        ("version=0", 422),
        ("version=x", 422),
        ("version=٣", 422),
        ("version=9", 404),
        ("first=2026-02-30", 422),
        ("first=1000-01-01&last=1000-01-02", 422),
        ("first=2024-01-01&last=2026-03-02", 422),
        ("unit=nowhere", 404),
    ):
        assert operator.get(f"{ADDRESS}?{wrong}").status_code == status, wrong
    assert operator.get("/processes/nothing/flow").status_code == 404
    assert "期间内启动 0 件" in operator.get(f"{ADDRESS}?level=national").text
