"""A notice is read as people paste it, and everything that is wrong with it is said at once."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date

import pytest

from tasks.deadlines.calendar.loading import read_workdays
from tasks.deadlines.calendar.notices.checking import check, kinds, warnings
from tasks.deadlines.calendar.notices.sheet import read_sheet
from tasks.deadlines.calendar.notices.text import read_text
from tasks.deadlines.calendar.provisional import statutory_days
from tests.tasks.deadlines.calendar.calendars import FILE, PUBLISHED

TODAY = date(2026, 11, 22)

OF_2026 = """国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
  经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
  一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
  二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日
（周六）上班。
  三、清明节：4月4日（周六）至6日（周一）放假，共3天。
  四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
  五、端午节：6月19日（周五）至21日（周日）放假，共3天。
  六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
  七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
  节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，遇有重大突发事件，要按规定及时报告。
                                             国务院办公厅
                                             2025年11月4日
"""
OF_2019 = """国务院办公厅关于2019年部分节假日安排的通知
一、元旦:2018年12月30日至2019年1月1日放假调休,共3天。2018年12月29日(星期六)上班。
二、春节:2月4日至10日放假调休,共7天。2月2日(星期六)、2月3日(星期日)上班。
三、清明节:4月5日放假,与周末连休。
四、劳动节:5月1日放假。
五、端午节:6月7日放假,与周末连休,共3天。
六、中秋节:9月13日放假,与周末连休。
七、国庆节:10月1日至7日放假调休,共7天。9月29日(星期日)、10月12日(星期六)上班。
"""
OF_2008 = """国务院办公厅关于2008年部分节假日安排的通知
一、元旦：2007年12月30日—2008年1月1日放假，共3天。其中，1月1日（星期二）为法定节假日，12月30日（星期日）为公休日，12月29日（星期六）公休日调至12月31日（星期一），12月29日（星期六）上班。
二、春节：2月6日—12日（农历除夕至正月初六）放假，共7天。其中，2月6日（除夕）、2月7日（春节）、2月8日（正月初二）为法定节假日，2月9日（星期六）、2月10日（星期日）照常公休，2月2日（星期六）、2月3日（星期日）两个公休日调至2月11日（星期一）、2月12日（星期二），2月2日（星期六）、2月3日（星期日）上班。
三、清明节：4月4日—6日放假，共3天。其中，4月4日（清明节）为法定节假日，4月5日（星期六）、4月6日（星期日）照常公休。
四、“五一”国际劳动节：5月1日—3日放假，共3天。其中，5月1日为法定节假日，5月3日（星期六）为公休日，5月4日（星期日）公休日调至5月2日（星期五），5月4日（星期日）上班。
五、端午节：6月7日—9日放假，共3天。其中，6月8日（农历五月初五，端午节）为法定节假日，6月8日（星期日）公休日调至6月9日（星期一）。
六、中秋节：9月13日—15日放假，共3天。
七、国庆节：9月29日—10月5日放假，共7天。9月27日（星期六）、9月28日（星期日）上班。
"""  # fmt: skip


def stored() -> dict[int, dict[date, str]]:
    """The shipped days by the year whose notice disposes of them."""
    found: defaultdict[int, dict[date, str]] = defaultdict(dict)
    with FILE.open(encoding="utf-8") as lines:
        for day, kind, _, year in read_workdays(csv.DictReader(lines)):
            found[year][day] = kind
    return found


@pytest.mark.parametrize("text", [OF_2026, OF_2008])
def test_a_published_notice_makes_the_calendar_of_its_year(text: str) -> None:
    found = read_text(text)
    assert check(found, 0, TODAY) == [] and warnings(found) == []
    assert kinds(found) == stored()[found.year]


def test_the_notice_of_2019_reads_as_it_was_before_its_amendment() -> None:
    found = read_text(OF_2019)
    assert check(found, 2019, TODAY) == []
    amended = set(stored()[2019].items()) ^ set(kinds(found).items())
    assert {day for day, _ in amended} == {
        date(2019, 4, 28), date(2019, 5, 2), date(2019, 5, 3), date(2019, 5, 5)
    }  # fmt: skip


def test_a_pasted_notice_says_its_title_and_its_day() -> None:
    found = read_text(OF_2026)
    assert found.title == "国务院办公厅关于2026年部分节假日安排的通知"
    assert found.published_on == date(2025, 11, 4)


OF_2025 = """国务院办公厅关于2025年
部分节假日安排的通知
根据2024年11月10日发布的《国务院关于修改〈全国年节及纪念日放假办法〉的决定》，自2025年1月1日起，全体公民放假的假日增加2天。
按照决定精神，经国务院批准，现将2025年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周
二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：四月四日（周五）至六日（周日）放假，共三天。
四、劳动节：5月1号（周四）至5号（周一）放假调休，共5天。4月27日（周日）上班。五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。国务院办公厅2024年11月12日
"""
OF_2024 = """国务院办公厅关于2024年部分节假日安排的通知
一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
"""


@pytest.mark.parametrize("text", [OF_2025, OF_2024], ids=["2025", "2024"])
def test_what_leads_to_the_days_and_what_is_only_encouraged_is_no_day_off(text: str) -> None:
    found = read_text(text)
    assert check(found, 0, TODAY) == []
    assert kinds(found) == stored()[found.year]


def test_days_that_were_decided_after_a_notice_are_not_missed_in_it() -> None:
    text = """关于2020年部分节假日安排的通知
一、元旦：2020年1月1日放假，共1天。
二、春节：1月24日至30日放假调休，共7天。1月19日（星期日）、2月1日（星期六）上班。
三、清明节：4月4日至6日放假调休，共3天。
四、劳动节：5月1日至5日放假调休，共5天。4月26日（星期日）、5月9日（星期六）上班。
五、端午节：6月25日至27日放假调休，共3天。6月28日（星期日）上班。
六、国庆节、中秋节：10月1日至8日放假调休，共8天。9月27日（星期日）、10月10日（星期六）上班。"""
    found = read_text(text)
    assert check(found, 0, TODAY) == []
    assert kinds(found)[date(2020, 2, 1)] == "work"
    assert [told.message for told in warnings(found)] == [
        "It takes 11 working days out of 2020, the law 13: is a make-up workday or a holiday missing?"
    ]
    assert date(2026, 1, 2) not in statutory_days(2026)  # which only that year's notice made a day off


def test_plain_lines_without_numbers_or_full_stops_are_read_too() -> None:
    plain = OF_2026
    for number in "一二三四五六七":
        plain = plain.replace(f"  {number}、", "")
    plain = (
        plain.replace("：", " ")
        .replace("。\n", "\n")
        .replace("（", "(")
        .replace("）", ")")
        .replace("，", ",")
    )
    assert kinds(read_text(plain)) == stored()[2026]


def test_every_published_year_passes_as_a_table_and_its_balance_is_that_of_the_law() -> None:
    with FILE.open(encoding="utf-8") as lines:
        read = read_workdays(csv.DictReader(lines))
    for year in PUBLISHED:
        rows = "\n".join(f"{day},{kind},{name}" for day, kind, name, of in read if of == year)
        found = read_sheet("days.csv", f"day,kind,name\n{rows}\n".encode(), year)
        assert check(found, year, TODAY) == [], year
        assert warnings(found) == [], year


def wrong(text: str, year: int = 0) -> list[str]:
    return [f"{one.where}|{one.message}" for one in check(read_text(text, year), year, TODAY)]


@pytest.mark.parametrize(
    ("said", "instead", "mistakes"),
    [
        ("2月28日\n（周六）", "2月30日", ["行 line 8|there is no such day."]),
        ("1月4日（周日）", "1月4日（周六）", ["行 line 7|2026-01-04 is a Sunday."]),
        ("共9天", "共8天", ["行 line 8|8 days are said, but 9 are named."]),
        ("共9天", "共十天", ["行 line 8|10 days are said, but 9 are named."]),
        ("9月25日（周五）至27日（周日）放假，共3天", "略", ["|2026-09-25 is a holiday by law (中秋节), but it is not off."]),
        ("5月9日（周六）上班", "5月5日（周二）上班", ["行 line 11|it is rest in 行 line 11: a day is off or worked, not both."]),
        ("5月9日（周六）上班", "5月8日（周五）上班", ["行 line 11|it is a Friday and worked anyway."]),
        ("5月9日（周六）上班", "2027年5月9日（周日）上班", ["行 line 11|it does not lie in 2026."]),
        ("5月9日（周六）上班", "5月5日（周二）放假", ["行 line 11|it stands in 行 line 11 already."]),
        ("5月9日（周六）上班", "5月9日（周六）", ["行 line 11|it does not say whether these days are off or worked."]),
        ("上班。\n  五", "不上班。\n  五", ["行 line 11|it does not say whether these days are off or worked."]),
        ("现将2026年", "现将2027年", ["|it speaks of the holidays of [2026, 2027]; a notice is for one year."]),
        ("10月1日（周四）至7日（周三）放假调休，共7天", "10月1日（周四）至3日（周六）放假。10月7日（周三）放假",
         ["|2026-10-05 is missing between 2026-10-01 and 2026-10-07 (国庆节).",
          "|2026-10-06 is missing between 2026-10-01 and 2026-10-07 (国庆节)."]),
    ],
)  # fmt: skip
def test_each_mistake_names_its_line_and_its_words(said: str, instead: str, mistakes: list[str]) -> None:
    assert said in OF_2026
    found = wrong(OF_2026.replace(said, instead))
    assert [one for one in found if one in mistakes] == mistakes, found


def test_all_mistakes_are_said_at_once() -> None:
    text = (
        OF_2026.replace("1月4日（周日）", "1月4日（周六）")
        .replace("共9天", "共8天")
        .replace("5月9日", "5月8日")
    )
    assert len(wrong(text)) == 4  # the make-up day is no Saturday and a working day anyway


@pytest.mark.parametrize(
    ("text", "year", "mistake"),
    [
        (OF_2026, 2027, "it is for 2026, not for 2027."),
        ("国务院办公厅关于2027年部分节假日安排的通知", 0, "it names no day."),
        ("一、元旦：1月1日至3日放假，共3天。", 0, "it does not say for which year it is."),
        (
            OF_2026.replace("2026", "2099"),
            0,
            "2099 lies outside 2000 to 2029, for which schedules are taken.",
        ),
        ("hello", 0, "it does not say for which year it is."),
    ],
)
def test_a_notice_for_no_year_or_another_one_is_refused(text: str, year: int, mistake: str) -> None:
    assert f"|{mistake}" in wrong(text, year)


def test_a_forgotten_make_up_workday_is_asked_about() -> None:
    found = read_text(OF_2026.replace("5月9日（周六）上班。", ""))
    assert check(found, 0, TODAY) == []
    assert [one.message for one in warnings(found)] == [
        "It takes 14 working days out of 2026, the law 13: is a make-up workday or a holiday missing?"
    ]


def table(rows: str, encoding: str = "utf-8") -> bytes:
    return f"日期,类型,名称\n{rows}\n".encode(encoding)


def test_a_table_in_chinese_and_gb18030_is_read() -> None:
    with FILE.open(encoding="utf-8") as lines:
        days = [row for row in csv.DictReader(lines) if row["day"].startswith("2026")]
    rows = "\n".join(
        f"{row['day'].replace('-', '/')},{'休' if row['kind'] == 'rest' else '班'},{row['name']}"
        for row in days
    )
    found = read_sheet("days.csv", table(rows, "gb18030"))
    assert found.year == 2026 and check(found, 2026, TODAY) == []
    assert kinds(found) == stored()[2026]


def test_a_table_that_lists_every_day_and_lacks_one_is_refused() -> None:
    calendar = stored()[2026]
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365)]
    kept = {day: calendar.get(day, "rest" if day.weekday() > 4 else "work") for day in days}
    whole = read_sheet("year.csv", table("\n".join(f"{day},{kind}," for day, kind in kept.items())))
    assert check(whole, 2026, TODAY) == [] and kinds(whole) == calendar
    del kept[date(2026, 7, 8)]
    lacking = read_sheet("year.csv", table("\n".join(f"{day},{kind}," for day, kind in kept.items())))
    assert [one.message for one in check(lacking, 2026, TODAY)] == [
        "it lists the days of 2026, but 2026-07-08 is missing."
    ]


def test_what_is_wrong_with_a_table_names_its_rows() -> None:
    found = read_sheet(
        "days.csv", table("2026-02-30,rest,春节\n2026-05-01,maybe,劳动节\n2026-05-04,rest,劳动节")
    )
    said = [(one.where, one.words) for one in check(found, 2026, TODAY)][:2]
    assert said == [("行 row 2", "2026-02-30"), ("行 row 3", "maybe")]
    headless = read_sheet("days.csv", b"2026-01-01,rest\n")
    assert headless.mistakes[0].message == "the first row must name the columns day and kind."
