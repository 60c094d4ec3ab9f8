"""The State Council's notice as people paste it: 《国务院办公厅关于2026年部分节假日安排的通知》 and those of earlier years.

A line is joined with the next one unless a sentence ends or an item begins. In an item (一、元旦：…) every clause has dates
and a word that says what they are: 放假, 休息, 补休 … or 上班. What is said again to explain (其中 …为法定节假日) is only compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

from tasks.deadlines.calendar.limits import YEARS
from tasks.deadlines.calendar.notices.stated import WEEKDAYS, Reading, Stated, weekday
from tasks.deadlines.calendar.tables import REST, WORK

NEW_YEAR = "元旦"
LONGEST = 20_000
"""Characters of a notice."""

_NAMES = ("元旦", "春节", "清明", "劳动节", "五一", "端午", "中秋", "国庆", "十一")
_NUMBERED = re.compile(r"^(?:\(?[一二三四五六七八九十]{1,3}\)?[、.,)]|\(?\d{1,2}(?:\)|[、.](?!\d)))")
_NAMED = re.compile(r"^([^0-9:;。]{1,30}?):(.*)$")
_BARE = re.compile(rf"^((?:国际)?[“\"]?(?:{'|'.join(_NAMES)})[^0-9:;。放上]{{0,16}}?)(?=\d|放假|调休)(.*)$")
_HEADING = re.compile(r"(\d{4})年(?=(?:全年)?(?:部分)?(?:法定)?节假日|元旦[、,及和]春节)")
_CHINESE_DATE = re.compile(r"(?<![一二三四五六七八九十周期拜初第])[一二三四五六七八九十]{1,3}(?=[月日号])")
_SPOKEN = re.compile(r"(月\d{1,2}|(?:至|到|-|—|–|~|、)\d{1,2})号")
_ONE_LINE = re.compile(
    rf"(?<=[。;])(?=[一二三四五六七八九十]{{1,3}}、[^,。:]{{0,12}}(?:{'|'.join(_NAMES)})|国务院办公厅\d{{4}}年)"
)
"""Where an item, or the signature, begins that was pasted without its line break."""
_PREAMBLE = re.compile(r"如下[。:]?$")
_ENCOURAGES = re.compile(r"鼓励|倡导|提倡|建议")
"""What employers are asked to do beside the holidays: 鼓励…安排职工在除夕（2月9日）休息."""
_CHINESE_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
_TITLE = re.compile(r"(?:国务院办公厅)?关于\d{4}年[^。《》]{0,20}?节假日[^。《》]{0,10}?通知")
_SIGNED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\)?$")
_DATE = re.compile(
    r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,3})日(?:\(([^()]*)\)|((?:星期|周|礼拜)[一二三四五六日天]))?"
)
_TO = re.compile(r"^(?:至|到|-+|—+|–+|~|―+)")
_DAY_WORD = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])")
_COUNT = re.compile(r"(?:共|放假)(?:计)?([0-9]{1,3}|[一二三四五六七八九十]{1,3})天")
_NOT = "(?<!不)(?<!不用)(?<!不再)(?<!不需)(?<!无需)(?<!不必)"
_WORKED = re.compile(f"{_NOT}(?:上班|补班)")
_MOVED = re.compile(r"调整?至")
_EXPLAINS = re.compile(r"法定(?:节)?假日|公休(?!日调)")
_RESTED = re.compile(f"{_NOT}(?:放假|休息|补休|补假|调休|连休|公休)")
_KIND = re.compile(f"{_WORKED.pattern}|{_RESTED.pattern}")
_SAID = re.compile(r"\d日|放假|上班|补班|补休")
_DIGITS = {sign: number for number, sign in enumerate("一二三四五六七八九十", start=1)}


def read_text(text: str, year: int = 0) -> Reading:
    """Read a pasted notice; `year` counts where it does not say for which one it is. Every mistake of its words is in the
    result; what the year lacks is `checking`'s.
    """
    found = Reading()
    plain = _CHINESE_YEAR.sub(_in_digits, unicodedata.normalize("NFKC", text))
    lines = [
        (number, part)
        for number, line in enumerate(plain.splitlines(), start=1)
        for part in _ONE_LINE.split(_plain_days(re.sub(r"\s+", "", line)))
    ]
    together = "".join(line for _, line in lines)
    if title := _TITLE.search(together):
        found.title = title[0]
    years = sorted({int(year) for year in _HEADING.findall(together)})
    found.year = years[0] if years else year
    if len(years) > 1:
        found.wrong(
            "", found.title, f"it speaks of the holidays of {years}; a notice is for one year.",
            f"同时提到 {'、'.join(map(str, years))} 年的节假日；一份通知只管一年。",
        )  # fmt: skip
    item = _Item(found, "")
    for number, line in _body(_joined(lines)):
        signed = _SIGNED.search(line)
        name, said = _opened(line)
        if signed and not _KIND.search(line[signed.start() :]) and not said:
            found.published_on = _real(int(signed[1]), int(signed[2]), int(signed[3]))
        elif name and _SAID.search(said):
            item.close()
            item = _Item(found, name)
            item.read(number, said)
        elif re.search(r"\d日", line) and _KIND.search(line):
            item.read(number, line)
    item.close()
    return found


def _body(lines: Iterator[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines without those before the first item that only lead to it: …具体安排通知如下。"""
    told = list(lines)
    first = next((at for at, (_, line) in enumerate(told) if _opened(line)[0]), 0)
    behind = [at for at, (_, line) in enumerate(told[:first]) if _PREAMBLE.search(line)]
    return told[behind[-1] + 1 :] if behind else told


def _joined(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines as they were meant: hard breaks inside a sentence taken away. Each with the number it begins on."""
    begun, text = 0, ""
    for number, line in lines:
        if not line:
            continue
        inside = text.count("(") > text.count(")")
        begins = not inside and (_NUMBERED.match(line) or _opened(line)[0])
        if text and (text[-1] in "。;:" or begins):
            yield begun, text
            text = ""
        if not text:
            begun = number
        text += line
    if text:
        yield begun, text


def _opened(line: str) -> tuple[str, str]:
    """The holiday a line begins with and what is said of it; two empty texts where none does."""
    rest = _NUMBERED.sub("", line, count=1)
    found = _NAMED.match(rest) or _BARE.match(rest)
    if found is None or (found.re is _NAMED and not _SAID.search(found[2]) and not _known(found[1])):
        return "", ""
    return re.sub(r"放假$", "", found[1]).strip("“”\"'"), found[2]


def _known(name: str) -> bool:
    return len(name) <= 14 and any(known in name for known in _NAMES)


class _Item:
    """One holiday of the notice, clause by clause."""

    def __init__(self, found: Reading, name: str) -> None:
        self.found, self.name = found, name
        self._month, self._year = 0, 0
        self._told: dict[date, str] = {}
        self._said: list[tuple[str, str, date]] = []

    def read(self, number: int, said: str) -> None:
        """Read what one line says of the holiday."""
        where = f"行 line {number}"
        for sentence in re.split(r"[。;]", said):
            if _ENCOURAGES.search(sentence):
                continue
            clauses = _clauses(sentence)
            rest: set[date] = set()
            explains = False
            waiting: list[date] = []
            shown: list[str] = []
            for clause in clauses:
                explains = explains or clause.startswith("其中")
                waiting += self._dates(where, clause)
                if not waiting:
                    continue
                shown.append(clause)
                if _MOVED.search(clause):
                    moved = self._dates("", _MOVED.split(clause)[-1])
                    self._said += [(where, ",".join(shown), day) for day in moved]
                elif _WORKED.search(clause):
                    self._state(where, waiting, WORK)
                elif explains or (_EXPLAINS.search(clause) and self._told):
                    words = ",".join(shown)
                    self._said += [(where, words, day) for day in waiting]
                elif _RESTED.search(clause):
                    self._state(where, waiting, REST)
                    rest.update(waiting)
                else:
                    continue  # the word that says what they are is still to come
                waiting, shown = [], []
            if waiting:
                self.found.wrong(
                    where, ",".join(shown), "it does not say whether these days are off or worked.",
                    "没有说明这些日子是放假还是上班。",
                )  # fmt: skip
            for clause in clauses:
                self._count(where, clause, rest, "连休" in sentence)

    def close(self) -> None:
        """Compare the explanations with what the whole item states."""
        for where, words, day in self._said:
            if self._told.get(day) != REST:
                self.found.wrong(
                    where, words, f"{day} is said to be off here, but is not among the days off.",
                    f"此处说 {day} 休息，但放假日期中没有它。",
                )  # fmt: skip

    def _state(self, where: str, days: list[date], kind: str) -> None:
        for day in days:
            self._told[day] = kind
            self.found.days.append(Stated(day, kind, self.name, where))

    def _count(self, where: str, clause: str, rest: set[date], beside_weekend: bool) -> None:
        """Compare 共3天 with the days off of its sentence, of all so far, or of them with the weekend they touch."""
        told = _COUNT.search(clause)
        if told is None or (not rest and not self._told):
            return
        given = int(told[1]) if told[1].isdigit() else _chinese(told[1])
        so_far = {day for day, kind in self._told.items() if kind == REST}
        counted = [len(rest or so_far), len(so_far), *([_with_weekends(so_far)] if beside_weekend else [])]
        if given not in counted:
            self.found.wrong(
                where, clause, f"{given} days are said, but {counted[0]} are named.",
                f"写明 {given} 天，列出的却是 {counted[0]} 天。",
            )  # fmt: skip

    def _dates(self, where: str, clause: str) -> list[date]:
        """All dates of a clause, ranges filled; what cannot be is told once, where `where` says."""
        days: list[date] = []
        open_range: date | None = None
        behind = 0
        for each in _DATE.finditer(clause):
            joined = bool(_TO.match(clause[behind : each.start()])) and behind > 0
            behind = each.end()
            day = self._date(where, each)
            if day is None:
                open_range = None
                continue
            if joined and open_range is not None:
                if day < open_range or (day - open_range).days > 31:
                    self._wrong(
                        where,
                        clause,
                        f"{open_range} to {day} is no range.",
                        f"{open_range} 至 {day} 不成区间。",
                    )
                else:
                    days += [open_range + timedelta(days=n) for n in range(1, (day - open_range).days + 1)]
            else:
                days.append(day)
            open_range = day
        return days

    def _date(self, where: str, found: re.Match[str]) -> date | None:
        month = int(found[2]) if found[2] else self._month
        if not month:
            self._wrong(where, found[0], "it names no month.", "没有写明月份。")
            return None
        year = int(found[1]) if found[1] else self._guess(month) if found[2] else self._year
        if not year:
            return None  # a notice without a year: told once, by `checking`
        day = _real(year, month, int(found[3]))
        if day is None:
            self._wrong(where, found[0], "there is no such day.", "没有这一天。")
            return None
        self._month, self._year = month, year
        told = _DAY_WORD.search(found[4] or found[5] or "")
        if told and WEEKDAYS.index(told[1].replace("天", "日")) != day.weekday():
            self._wrong(where, found[0], f"{day} is a {day:%A}.", f"{day} 是{weekday(day)}。")
        return day

    def _guess(self, month: int) -> int:
        """The year of a date that names none: the notice's, but December belongs to the year before New Year's Day."""
        if not self.found.year:
            return 0
        return self.found.year - (month == 12 and NEW_YEAR in self.name)

    def _wrong(self, where: str, words: str, message: str, message_zh: str) -> None:
        if where:
            self.found.wrong(where, words, message, message_zh)


def _clauses(sentence: str) -> list[str]:
    """The parts of a sentence between commas that stand outside brackets."""
    parts: list[str] = []
    inside, end = False, len(sentence)
    for at in range(end - 1, -1, -1):  # from behind: a comma stands inside where the next bracket closes
        sign = sentence[at]
        if sign in "()":
            inside = sign == ")"
        elif sign == "," and not inside:
            parts.append(sentence[at + 1 : end])
            end = at
    return [part for part in (sentence[:end], *reversed(parts)) if part]


def _with_weekends(days: set[date]) -> int:
    """How many days off there are together with the weekends that touch them."""
    found = set(days)
    for step in (-1, 1):
        edge = (min if step < 0 else max)(days, default=None)
        while edge is not None:
            edge += timedelta(days=step)
            if edge.weekday() < 5:
                break
            found.add(edge)
    return len(found)


def _chinese(text: str) -> int:
    if "十" not in text:
        return _DIGITS.get(text, 0)
    tens, _, ones = text.partition("十")
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _plain_days(line: str) -> str:
    """The line with its dates as 1月3日, where it has 一月三日 or 1月3号."""
    line = _CHINESE_DATE.sub(lambda found: str(_chinese(found[0])), line)
    return _SPOKEN.sub(r"\1日", line)


def _in_digits(found: re.Match[str]) -> str:
    return "".join("0" if sign in "〇○零" else str(_DIGITS[sign]) for sign in found[0])


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if YEARS[0] <= year <= YEARS[1] else None
    except ValueError:
        return None
