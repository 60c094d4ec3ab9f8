"""Whether a chart holds together. Nothing here depends on the day, so that what was right stays right.

Units: a forest without cycles, each unit in effect only while its superior is. People: everybody active has a seat, no
seat twice at the same time, nobody their own superior on any day. Outside bodies (`EXTERNAL_KINDS`, and everything
below them) get the role `external` and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations

from tasks.core import storable
from tasks.organisation.changing.chart import Chart, Period, PersonData, PostData, SeatData, UnitData
from tasks.organisation.changing.mistakes import Mistake
from tasks.organisation.tree import EXTERNAL_KINDS
from tasks.permissions.matrix import EXTERNAL, ROLES

LONGEST_PATH = 1000
"""Characters; a path is an entry of an index."""
LONGEST_NAME = 200
MOST_WORDS = 100

CODE = re.compile(r"[\w.\-]{1,64}\Z")
LOGIN = re.compile(r"[\w.@\-]{1,100}\Z")
HANDLED = re.compile(r"[^\s,;，；、\x00-\x1f\ufffe\uffff]{1,100}\Z")
"""Without what separates words in a cell, and what no workbook can hold."""
UNREADABLE = re.compile(r"[\x00-\x1f\ufffe\uffff]")
EMAIL = re.compile(r"[^\s@]{1,100}@[^\s@]{1,150}\Z")
PHONE = re.compile(r"\+?[0-9]{5,15}\Z")
KINDS_OF_PEOPLE = ("person", "system")

_Wrong = Callable[[str, str, str], Mistake]


def check(chart: Chart) -> list[Mistake]:
    """Every mistake of the chart; none means it may be stored."""
    known = _known(chart)
    circular = _circles({code: unit.parent for code, unit in chart.units.items()})
    return [
        *(each for unit in chart.units.values() for each in _unit(chart, unit, unit.code in circular)),
        *(each for post in chart.posts.values() for each in _post(post)),
        *(each for person in chart.people.values() for each in _person(chart, person, known)),
        *_circular_superiors(chart),
        *_shortened("unit", "code", chart.units),
        *_shortened("post", "key", chart.posts),
        *_shortened("person", "login", chart.people),
    ]


def check_seat(chart: Chart, person: PersonData, seat: SeatData) -> list[Mistake]:
    """Every mistake of one seat in the chart, as if the person had it."""
    return list(_seat(chart, person, seat, _known(chart)))


def _known(chart: Chart) -> set[str]:
    """The roles a seat may have: those that permit, and those that a unit or post answers."""
    return set(ROLES).union(
        *(unit.roles for unit in chart.units.values()), *(post.roles for post in chart.posts.values())
    )


def is_external(chart: Chart, code: str) -> bool:
    """Whether the unit, or one above it, is a body outside the company."""
    return any(unit.kind in EXTERNAL_KINDS for unit in chart.ancestry(code))


def _unit(chart: Chart, unit: UnitData, circular: bool) -> Iterator[Mistake]:
    def wrong(column: str, message: str, message_zh: str) -> Mistake:
        return Mistake(unit.where, f"unit {_short(unit.code)}", column, message, message_zh)

    yield from _code("code", unit.code, CODE, wrong)
    yield from _texts(wrong, name=unit.name, name_en=unit.name_en, kind=unit.kind)
    yield from _words("roles", unit.roles, wrong)
    for role in unit.roles:
        if role in ROLES:
            yield wrong(
                "roles",
                f"{role} is a permission; a unit answers candidate groups, permissions come with posts.",
                f"“{role}”是权限角色；单位只应答候选组，权限随岗位授予。",
            )
    if len(unit.handles) > MOST_WORDS or not all(map(HANDLED.match, unit.handles)):
        yield wrong("handles", "classifications look like mobile/billing.", "业务分类应形如 mobile/billing。")
    yield from _dates(unit, wrong)
    parent = chart.units.get(unit.parent or "")
    if circular:
        yield wrong("parent", "the unit would be its own ancestor.", "单位不能成为自己的上级。")
    elif unit.parent and parent is None:
        yield wrong(
            "parent", f"there is no unit {_short(unit.parent)}.", f"没有代码为“{_short(unit.parent)}”的单位。"
        )
    elif parent and not unit.inside(parent):
        yield wrong(
            "until",
            f"the unit's dates reach beyond those of its parent {parent.code}.",
            f"单位的有效期超出了上级单位“{parent.code}”的有效期。",
        )
    elif len(chart.path(unit.code)) > LONGEST_PATH:
        yield wrong(
            "parent",
            f"its path is longer than {LONGEST_PATH} characters.",
            f"路径超过 {LONGEST_PATH} 个字符。",
        )
    if unit.acts_for:
        above = {one.code for one in chart.ancestry(unit.code)[1:]}
        if unit.acts_for not in above:
            yield wrong(
                "acts_for",
                f"{_short(unit.acts_for)} is no superior of this unit.",
                f"“{_short(unit.acts_for)}”不是该单位的上级。",
            )
        elif is_external(chart, unit.code):
            yield wrong("acts_for", "an outside body acts for nobody.", "外部单位不能代行上级职权。")


def _post(post: PostData) -> Iterator[Mistake]:
    def wrong(column: str, message: str, message_zh: str) -> Mistake:
        return Mistake(post.where, f"post {_short(post.key)}", column, message, message_zh)

    yield from _code("key", post.key, CODE, wrong)
    yield from _texts(wrong, name=post.name, name_en=post.name_en)
    yield from _words("roles", post.roles, wrong)
    for role in post.roles:
        if role in ROLES:
            yield wrong(
                "roles",
                f"{role} is a permission; name it under grants.",
                f"“{role}”是权限角色，请写在 grants 中。",
            )
    for role in post.grants:
        if role not in ROLES:
            yield wrong(
                "grants",
                f"there is no permission role {_short(role)}; there are {', '.join(ROLES)}.",
                f"没有权限角色“{_short(role)}”。",
            )
    if EXTERNAL in post.grants and len(post.grants) > 1:
        yield wrong("grants", "external goes with no other role.", "external 不能与其他权限角色并存。")
    if not 0 <= post.rank <= 1000:
        yield wrong("rank", "a rank is a number from 0 to 1000.", "级别应为 0 到 1000 的整数。")


def _person(chart: Chart, person: PersonData, known: set[str]) -> Iterator[Mistake]:
    def wrong(column: str, message: str, message_zh: str) -> Mistake:
        return Mistake(person.where, f"person {_short(person.login)}", column, message, message_zh)

    yield from _code("login", person.login, LOGIN, wrong)
    yield from _texts(wrong, name=person.name)
    if person.kind not in KINDS_OF_PEOPLE:
        yield wrong("kind", f"a kind is one of {', '.join(KINDS_OF_PEOPLE)}.", "类别应为 person 或 system。")
    if person.email and not EMAIL.match(person.email):
        yield wrong("email", "this is no e-mail address.", "不是邮箱地址。")
    if person.phone and not PHONE.match(person.phone):
        yield wrong(
            "phone",
            "a phone number is 5 to 15 digits, with + before them for abroad.",
            "手机号应为 5 至 15 位数字。",
        )
    if person.active and not person.seats:
        yield wrong("unit", "an active person sits in at least one unit.", "在用人员至少要有一个任职单位。")
    for seat in person.seats:
        yield from _seat(chart, person, seat, known)
    for one, other in combinations(person.seats, 2):
        if not one.overlaps(other):
            continue
        if (one.unit, one.post) == (other.unit, other.post):
            yield Mistake(
                other.where or person.where,
                f"person {_short(person.login)}",
                "from",
                f"two seats in {other.unit} as {other.post or 'member'} overlap in time.",
                f"在“{other.unit}”担任同一岗位的两段任职时间重叠。",
            )
        elif {one.unit, other.unit} <= chart.units.keys() and is_external(chart, one.unit) != is_external(
            chart, other.unit
        ):
            yield wrong(
                "unit",
                f"nobody sits in the company and in an outside body at once ({one.unit}, {other.unit}).",
                f"同一人不能同时任职于公司内部和外部单位（{one.unit}、{other.unit}）。",
            )


def _seat(chart: Chart, person: PersonData, seat: SeatData, known: set[str]) -> Iterator[Mistake]:
    def wrong(column: str, message: str, message_zh: str) -> Mistake:
        return Mistake(
            seat.where or person.where, f"person {_short(person.login)}", column, message, message_zh
        )

    yield from _texts(wrong, title=seat.title)
    yield from _dates(seat, wrong)
    yield from _words("roles", seat.roles, wrong)
    post = chart.posts.get(seat.post or "")
    if seat.post and post is None:
        yield wrong("post", f"there is no post {_short(seat.post)}.", f"没有岗位“{_short(seat.post)}”。")
    for role in seat.roles:
        if role not in known:
            yield wrong(
                "roles",
                f"there is no role {_short(role)}: no permission, and no unit or post answers it.",
                f"没有角色“{_short(role)}”：既不是权限角色，也没有单位或岗位应答它。",
            )
    if seat.superior and seat.superior not in chart.people:
        yield wrong(
            "superior", f"there is no person {_short(seat.superior)}.", f"没有人员“{_short(seat.superior)}”。"
        )
    if seat.unit not in chart.units:
        yield wrong(
            "unit", f"there is no unit {_short(seat.unit)}.", f"没有代码为“{_short(seat.unit)}”的单位。"
        )
        return
    granted = {role for role in (*seat.roles, *(post.grants if post else ())) if role in ROLES}
    if is_external(chart, seat.unit):
        for role in sorted(granted - {EXTERNAL}):
            yield wrong(
                "roles",
                f"{seat.unit} is an outside body; its members are external and never {role}.",
                f"“{seat.unit}”是外部单位，其成员只有 external 权限，不能有“{role}”。",
            )
    elif EXTERNAL in granted:
        yield wrong(
            "post" if post and EXTERNAL in post.grants else "roles",
            f"{seat.unit} is a unit of the company; external is for outside bodies.",
            f"“{seat.unit}”是公司内部单位，external 只用于外部单位。",
        )


def _circular_superiors(chart: Chart) -> Iterator[Mistake]:
    """Whoever is above themself on some day. A circle that holds at all holds on the day its last link begins."""
    links = [
        (person, seat)
        for person in chart.people.values()
        for seat in person.seats
        if seat.superior in chart.people
    ]
    told: set[str] = set()
    for day in {seat.valid_from for _, seat in links}:
        above: dict[str, set[str]] = {}
        for person, seat in links:
            if (seat.valid_from is None or (day and seat.valid_from <= day)) and (
                seat.valid_until is None or day is None or day <= seat.valid_until
            ):
                above.setdefault(person.login, set()).add(seat.superior or "")
        for login in sorted(_in_a_circle(above) - told):
            told.add(login)
            person = chart.people[login]
            yield Mistake(
                person.where,
                f"person {login}",
                "superior",
                "following the superiors leads back to the same person.",
                "上级关系绕回了本人。",
            )


def _in_a_circle(above: dict[str, set[str]]) -> set[str]:
    """Who can be reached from themself."""
    left = {login: set(found) for login, found in above.items()}
    below: dict[str, set[str]] = {}
    for login, found in left.items():
        for one in found:
            below.setdefault(one, set()).add(login)
    ended = [login for login in below if login not in left]
    while ended:  # take away whoever has nobody above; what stays is a circle or leads into one
        gone = ended.pop()
        for login in below.get(gone, ()):
            left[login].discard(gone)
            if not left[login]:
                del left[login]
                ended.append(login)
    return {login for login in left if _reaches(left, login)}


def _reaches(above: dict[str, set[str]], login: str) -> bool:
    seen: set[str] = set()
    waiting = list(above[login])
    while waiting:
        at = waiting.pop()
        if at == login:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(above.get(at, ()))
    return False


def _circles(parents: dict[str, str | None]) -> set[str]:
    return _in_a_circle({code: {parent} for code, parent in parents.items() if parent})


def _shortened(
    kind: str, column: str, things: Mapping[str, UnitData] | Mapping[str, PostData] | Mapping[str, PersonData]
) -> Iterator[Mistake]:
    """Numbers that differ in leading zeros only: a spreadsheet that takes 001 for a number makes 1 of it."""
    longest: dict[str, str] = {}
    for key in things:
        if key.isdecimal():
            longest[key.lstrip("0")] = max(longest.get(key.lstrip("0"), ""), key, key=len)
    for key, thing in things.items():
        full = longest.get(key.lstrip("0"), key)
        if key.isdecimal() and full != key:
            yield Mistake(
                thing.where,
                f"{kind} {key}",
                column,
                f"there is {full}, which differs in leading zeros only: let the sheet keep the column as text.",
                f"已有“{full}”，仅前导零不同；请把该列设为文本格式。",
            )


def _dates(period: Period, wrong: _Wrong) -> Iterator[Mistake]:
    if period.valid_from and period.valid_until and period.valid_until < period.valid_from:
        yield wrong("until", "it ends before it begins.", "截止日期早于起始日期。")


def _code(column: str, value: str, pattern: re.Pattern[str], wrong: _Wrong) -> Iterator[Mistake]:
    if not pattern.match(value) or not storable(value):
        yield wrong(
            column,
            "a name for machines has letters, digits and _ . - only, and not too many.",
            "代码只能由字母、数字和 _ . - 组成，且不宜过长。",
        )


def _texts(wrong: _Wrong, **texts: str) -> Iterator[Mistake]:
    for column, text in texts.items():
        if column == "name" and not text.strip():
            yield wrong(column, "a name is needed.", "名称不能为空。")
        if len(text) > LONGEST_NAME or not storable(text) or UNREADABLE.search(text):
            yield wrong(
                column,
                f"a text has at most {LONGEST_NAME} characters and one line.",
                f"文字最多 {LONGEST_NAME} 个字符，且只能一行。",
            )


def _words(column: str, words: Iterable[str], wrong: _Wrong) -> Iterator[Mistake]:
    found = list(words)
    if len(found) > MOST_WORDS:
        yield wrong(column, f"at most {MOST_WORDS} are taken.", f"最多 {MOST_WORDS} 个。")
    for word in found:
        if not CODE.match(word) or not storable(word):
            yield wrong(column, f"{_short(word)!r} is no role key.", f"“{_short(word)}”不是角色代码。")


def _short(text: str) -> str:
    return text if len(text) <= 64 else text[:63] + "…"
