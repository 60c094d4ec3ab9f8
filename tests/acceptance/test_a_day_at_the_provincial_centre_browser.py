"""省投诉处理中心的一天, at real browsers with mouse and keyboard only: what each of three people sees after each step.

王磊 never touches the mouse, 赵敏 and their lead 孙强 hardly the keyboard. Any console error fails the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from redress.bootstrap import create_app
from tests.acceptance.conftest import Office
from tests.acceptance.people import COMPLAINT, filed
from tests.browser import Desk, launched, seated, served

pytestmark = pytest.mark.browser

WANG, ZHAO, LEAD = "wang_lei", "zhao_min", "sun_qiang"
GO = {"inbox": "i", "queue": "q", "delegated": "d", "team": "t", "archive": "a"}
MOST_TABS = 60


class Worker:
    """Somebody at their own browser. Cases are called by their letter."""

    def __init__(self, desk: Desk, numbers: dict[str, str], *, mouse: bool) -> None:
        self.desk, self.numbers, self.mouse = desk, numbers, mouse

    @property
    def page(self) -> Page:
        return self.desk.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @contextmanager
    def turning(self) -> Iterator[None]:
        """What is done within leads to another page, or to this one anew."""
        self.page.evaluate("document.documentElement.dataset.left = 'yes'")
        yield
        self.page.wait_for_selector("html[data-ready]:not([data-left])", state="attached")

    def clicks(self, name: str, within: Locator | None = None) -> None:
        (within or self.page.locator("main")).get_by_role("button", name=name).first.click()

    def reaches(self, what: Locator) -> None:
        """By the Tab key, as somebody without a mouse."""
        expect(what).to_be_visible()
        for _ in range(MOST_TABS):
            if what.evaluate("it => it === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"{what} is not reached by {MOST_TABS} strokes of Tab")

    def goes(self, name: str) -> None:
        tab = self.page.locator(f".tabs a[data-go={GO[name]}]")
        if self.mouse and not tab.is_visible():
            with self.turning():
                self.page.locator(".side nav a").first.click()
        with self.turning():
            tab.click() if self.mouse else self.press("g", GO[name])
        assert self.page.url.endswith(f"/{name}"), self.page.url

    def rows(self) -> Locator:
        return self.page.locator("#rows tr[data-task]")

    def row(self, letter: str) -> Locator:
        return self.page.locator(f"#rows tr[data-name$='{self.numbers[letter]}']")

    def listed(self) -> str:
        """The cases of the list that is open."""
        names = self.rows().evaluate_all("rows => rows.map(row => row.dataset.name)")
        letters = {number: letter for letter, number in self.numbers.items()}
        return "".join(letters[name.rpartition(" ")[2]] for name in names)

    def sees(self, **lists: str) -> None:
        """Each list shows these cases in this order, and its tab counts them."""
        for name, letters in lists.items():
            self.goes(name)
            assert self.listed() == letters, (name, self.listed())
            if name not in ("team", "archive"):
                assert set(self.counted(name)) == ({str(len(letters))} if letters else set()), name

    def counted(self, name: str) -> list[str]:
        """How many tasks the menu and the tab of a list say that there are."""
        return self.page.locator(
            f".side a[href='/{name}'] .count, .tabs a[href='/{name}'] .count"
        ).all_inner_texts()

    def moves_to(self, letter: str) -> None:
        """With j and k, from wherever one was when one left the list."""
        for key in "j" * self.rows().count() + "k" * self.rows().count():
            self.press(key)
            if self.row(letter).evaluate("it => it === document.activeElement"):
                return
        raise AssertionError(letter)

    def opens(self, letter: str) -> None:
        if not self.mouse:
            self.moves_to(letter)
        with self.turning():
            self.row(letter).locator("td.says").click() if self.mouse else self.press("Enter")
        expect(self.page.locator(".crumb")).to_contain_text(self.numbers[letter])

    def submits(self) -> None:
        with self.turning():
            self.page.click("[data-submit]") if self.mouse else self.press("Control+Enter")

    def told(self, sentence: str) -> None:
        """A sentence stands above the page."""
        expect(self.page.locator("main > .notice")).to_contain_text([sentence])


class Day:
    """The centre on a Monday in March: three people, and cases by a letter each."""

    def __init__(self, office: Office, browser: Browser, address: str, doors: ExitStack) -> None:
        self.office, self.numbers = office, dict[str, str]()
        self.wang, self.zhao, self.lead = (
            Worker(doors.enter_context(seated(browser, address)), self.numbers, mouse=login != WANG)
            for login in (WANG, ZHAO, LEAD)
        )

    def passes(self, minutes: int) -> None:
        self.office.clock.advance(timedelta(minutes=minutes))
        self.office.settle()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def day(office: Office, chromium: Browser) -> Iterator[Day]:
    with ExitStack() as doors:
        address = doors.enter_context(served(create_app(office.deps)))
        yield Day(office, chromium, address, doors)


def test_a_day_at_the_provincial_centre_at_real_browsers(day: Day) -> None:
    the_day_begins(day)
    one_works_by_keyboard_from_the_queue_to_the_next_task(day)
    the_lead_says_what_is_urgent_and_it_comes_back_with_a_reason(day)
    two_want_the_same_task(day)
    a_colleague_is_asked_and_gives_it_back(day)
    neither_the_way_back_nor_a_second_submit_does_harm(day)
    a_filter_is_shared(day)
    the_lead_spreads_work_and_somebody_stands_in(day)
    several_are_put_back_at_once(day)
    one_reads_english(day)
    for number in day.numbers.values():
        day.office.chain_holds(number)


def the_day_begins(day: Day) -> None:
    for place, letter in enumerate("ABCDEF"):
        customer = {"name": f"客户{letter}", "phone": f"1370001000{place}"}
        facts = filed(COMPLAINT, customer=customer, recording_id=f"REC-{letter}")
        day.numbers[letter] = day.office.files("li_na", "complaint", facts)
        day.office.does(day.numbers[letter], "accept_complaint")
    for worker, login in ((day.wang, WANG), (day.zhao, ZHAO), (day.lead, LEAD)):
        worker.desk.sign_in(login)
        worker.sees(queue="ABCDEF", inbox="")
    expect(day.wang.page.locator(".empty")).to_contain_text("队列中有 6 件待领取")
    day.lead.sees(team="ABCDEF")


def one_works_by_keyboard_from_the_queue_to_the_next_task(day: Day) -> None:
    wang, page = day.wang, day.wang.page
    wang.goes("queue")
    wang.moves_to("A")
    wang.press("c")
    expect(wang.rows()).to_have_count(5)
    assert (wang.counted("inbox"), wang.counted("queue")) == (["1", "1"], ["5", "5"])
    wang.sees(inbox="A")
    wang.opens("A")
    wang.press("e")
    expect(page.get_by_label("中心可答复")).to_be_focused()
    wang.press("ArrowDown")
    expect(page.get_by_label("需要派单")).to_be_checked()
    wang.submits()
    expect(page.locator("#over")).to_contain_text("“复核工单”已完成")
    expect(page.locator("#over")).to_contain_text("同一案件")
    with wang.turning():
        wang.press("n")
    wang.submits()
    expect(page.locator("#over")).to_contain_text(day.numbers["B"])
    with wang.turning():
        wang.press("n")
    expect(page.locator("[data-submit]")).to_be_visible()
    wang.sees(inbox="B", queue="CDEF", archive="AA")
    day.zhao.sees(inbox="", queue="CDEF")


def the_lead_says_what_is_urgent_and_it_comes_back_with_a_reason(day: Day) -> None:
    wang, zhao, lead = day.wang, day.zhao, day.lead
    lead.goes("team")
    lead.row("F").locator("td.pick").click()
    lead.clicks("优先级")
    dialog = lead.page.get_by_role("dialog", name="优先级")
    dialog.get_by_role("spinbutton").fill("90")
    dialog.get_by_role("textbox").fill("媒体关注")
    lead.clicks("优先级", dialog)
    expect(lead.row("F").locator(".marks")).to_contain_text("急")
    day.passes(5)
    zhao.goes("queue")
    with zhao.turning():
        zhao.clicks("领取下一件")
    expect(zhao.page.locator(".crumb")).to_contain_text(day.numbers["F"])
    expect(zhao.page.locator(".standing")).to_contain_text("孙强")
    zhao.clicks("退回队列")
    dialog = zhao.page.locator("#step-release")
    dialog.get_by_role("textbox").fill("客户指名由王磊答复")
    with zhao.turning():
        zhao.clicks("退回", dialog.locator("footer"))
    zhao.told("“复核工单”已退回队列。")
    zhao.sees(inbox="", queue="CDEF")
    day.passes(1)
    with lead.turning():
        lead.page.locator("a.bell").click()
    expect(lead.page.locator("main")).to_contain_text("客户指名由王磊答复")
    wang.goes("queue")
    expect(wang.row("F").locator(".marks")).to_contain_text("退")
    wang.opens("F")
    expect(wang.page.locator("#returns")).to_contain_text("赵敏")
    expect(wang.page.locator("#returns")).to_contain_text("客户指名由王磊答复")
    with wang.turning():
        wang.press("c")
    wang.sees(inbox="BF", queue="CDE")
    with zhao.turning():
        zhao.clicks("领取下一件")
    zhao.sees(inbox="C", queue="DE")


def two_want_the_same_task(day: Day) -> None:
    wang, zhao = day.wang, day.zhao
    for worker in (wang, zhao):
        worker.sees(queue="DE")
        worker.opens("D")
    with wang.turning():
        wang.press("c")
    zhao.clicks("认领后办理")
    expect(zhao.page.locator("#bar-problems")).to_contain_text("已由王磊认领，自 03-02 ")
    zhao.sees(queue="E", inbox="C")
    wang.sees(inbox="BDF", queue="E")


def a_colleague_is_asked_and_gives_it_back(day: Day) -> None:
    wang, zhao = day.wang, day.zhao
    zhao.goes("inbox")
    zhao.opens("C")
    zhao.clicks("委托")
    dialog = zhao.page.locator("#step-delegate")
    dialog.get_by_label("找人").fill("王")
    dialog.get_by_label("请对方做什么").fill("请核对责任部门")
    with zhao.turning():
        zhao.clicks("委托", dialog.locator("footer"))
    zhao.told("已委托王磊办理")
    zhao.sees(inbox="", delegated="C")
    wang.sees(delegated="", inbox="BCDF")
    wang.opens("C")
    expect(wang.page.locator("#delegated")).to_contain_text("请核对责任部门")
    wang.press("e", "ArrowDown")
    wang.reaches(wang.page.get_by_role("button", name="办好交回"))
    wang.press("Enter")
    wang.page.keyboard.type("应为计费账务部")
    with wang.turning():
        wang.press("Control+Enter")
    wang.told("已交回赵敏")
    wang.sees(inbox="BDF")
    zhao.sees(delegated="", inbox="C")
    zhao.opens("C")
    expect(zhao.page.locator("#resolved")).to_contain_text("应为计费账务部")


def neither_the_way_back_nor_a_second_submit_does_harm(day: Day) -> None:
    zhao, page = day.zhao, day.zhao.page
    task = page.url
    expect(page.get_by_label("需要派单")).to_be_checked()  # as 王磊 has filled it in
    second = page.context.new_page()
    second.goto(task)
    second.wait_for_selector("html[data-ready]", state="attached")
    zhao.submits()
    with zhao.turning():
        page.go_back()
    expect(page.locator("#over")).to_contain_text("您已办结")
    expect(page.locator("[data-submit]")).to_have_count(0)
    second.click("[data-submit]")
    expect(second.locator("#over")).to_contain_text("已完成")
    second.close()
    zhao.sees(archive="C", inbox="", queue="CE")
    assert [who for _, who, verb in day.office.trail(day.numbers["C"]) if verb == "task.complete"] == [
        "李楠",
        "赵敏",
    ]


def a_filter_is_shared(day: Day) -> None:
    wang, zhao, page = day.wang, day.zhao, day.zhao.page
    page.locator(".more-filters summary").click()
    page.locator("select[name=activity_id]").select_option("dispatch_order")
    with zhao.turning():
        page.locator(".more-filters").get_by_role("button").click()
    assert zhao.listed() == "C"
    zhao.clicks("保存筛选")
    dialog = page.get_by_role("dialog", name="保存筛选")
    dialog.get_by_label("名称").fill("待派单")
    dialog.get_by_label("共享给").select_option(index=1)
    with zhao.turning():
        zhao.clicks("保存", dialog.locator("footer"))
    zhao.told("已保存筛选“待派单”。")
    wang.sees(queue="CE")
    kept = wang.page.locator(".saved").get_by_role("link", name="待派单")
    expect(kept).to_contain_text("赵敏")
    wang.reaches(kept)
    with wang.turning():
        wang.press("Enter")
    assert wang.listed() == "C"


def the_lead_spreads_work_and_somebody_stands_in(day: Day) -> None:
    """Two to each of the clerks; then 赵敏 leaves, and 王磊 does her work."""
    wang, zhao, lead = day.wang, day.zhao, day.lead
    lead.goes("team")
    for letter in "CE":
        lead.row(letter).locator("td.pick").click()
    lead.clicks("改派")
    dialog = lead.page.get_by_role("dialog", name="改派")
    dialog.get_by_label("王磊").check()
    dialog.get_by_label("赵敏").check()
    dialog.get_by_role("textbox").fill("均衡工作量")
    lead.clicks("改派", dialog)
    expect(lead.page.locator(".toast")).to_have_text("2 件已完成操作")
    wang.goes("inbox")
    hers = "E" if "C" in wang.listed() else "C"
    zhao.sees(inbox=hers, queue="")

    with lead.turning():
        lead.page.locator(".side").get_by_role("link", name="休假代理").click()
    form = lead.page.locator("section", has=lead.page.get_by_role("heading", name="登记休假"))
    form.get_by_label("休假人账号").fill(ZHAO)
    form.get_by_label("回来（结束）").fill("2026-03-02T18:00")
    form.get_by_label("代理人账号；可空").fill(WANG)
    form.get_by_label("手上的工作").select_option("substitute")
    form.get_by_label("事由").fill("就医")
    with lead.turning():
        lead.clicks("登记", form)
    lead.told("休假已登记。")
    day.passes(1)
    zhao.sees(inbox="")
    wang.goes("inbox")
    assert sorted(wang.listed()) == list("BCDEF")
    lead.goes("team")
    expect(lead.row(hers).locator(".holder")).to_have_text("王磊")


def several_are_put_back_at_once(day: Day) -> None:
    """王磊 keeps two; the others go back with one stroke, and his colleague finds them when she is back."""
    wang, page = day.wang, day.wang.page
    wang.moves_to("B")
    wang.press("a", "x")
    wang.moves_to("F")
    wang.press("x")
    expect(page.locator(".bulk .how-many")).to_have_text("已选 3 件")
    wang.press("r")
    page.keyboard.type("下午处理不完")
    wang.reaches(page.get_by_role("dialog", name="退回队列").get_by_role("button", name="退回队列"))
    wang.press("Enter")
    expect(page.locator(".toast")).to_have_text("3 件已完成操作")
    assert wang.listed() == "BF"
    wang.goes("queue")
    for letter in "CDE":
        expect(wang.row(letter).locator(".marks")).to_contain_text("退")


def one_reads_english(day: Day) -> None:
    """In one language until one chooses otherwise, also after signing in again; nobody else is asked."""
    zhao, page = day.zhao, day.zhao.page
    with zhao.turning():
        page.locator(".languages").get_by_role("button", name="English 英文", exact=True).click()
    zhao.desk.sign_in(ZHAO)
    for name in ("queue", "archive", "delegated"):
        zhao.goes(name)
        for part in page.locator(".side nav, .tabs, .actions, thead").all():
            said = part.inner_text().replace("中/EN", "").replace("中文", "")
            assert not any("一" <= sign <= "鿿" for sign in said), said
    day.wang.goes("inbox")
    expect(day.wang.page.locator(".tabs [aria-current]")).to_contain_text("待办 Inbox")
    with zhao.turning():
        page.locator(".languages").get_by_role("button", name="中英对照").click()
    expect(page.locator(".tabs [aria-current]")).to_contain_text("委托 Delegated")
