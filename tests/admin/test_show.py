"""Words and bars: what a clerk reads for stored instants, clocks, answers and history lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from admin.cases import summary
from admin.show import story
from admin.show.decisions import conclusion, read_tables
from admin.show.facts import read_facts
from admin.show.filters import in_words, instant, label, span
from admin.show.groups import group_name, name_of, persons_in
from tasks.organisation.assigning.roles import Roles
from tasks.organisation.tree import Organisation, Unit

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "不到 1 分钟"),
        (7, "7 分钟"),
        (60, "1 小时"),
        (61, "1 小时 1 分"),
        (1440, "1 天"),
        (1505, "1 天 1 小时"),
    ],
)
def test_a_length_of_time_is_told_in_at_most_two_units(minutes: int, words: str) -> None:
    assert span(timedelta(minutes=minutes))[0] == words
    assert span(-timedelta(minutes=minutes))[0] == words


def test_instants_are_shown_in_chinese_time() -> None:
    assert instant(NOW) == "2026-03-02 09:00"
    assert instant(None) == "—"


def test_an_unknown_word_stands_for_itself() -> None:
    assert label("night_shift", "group") == ("night_shift", "night shift")


def test_answers_are_read_under_the_forms_labels_with_their_options_names() -> None:
    form = {
        "components": [
            {"type": "text", "text": "# 说明"},
            {
                "type": "group",
                "label": "客户",
                "path": "customer",
                "components": [{"type": "textfield", "key": "name", "label": "姓名"}],
            },
            {
                "type": "select",
                "key": "level",
                "label": "级别",
                "values": [{"label": "贵宾", "value": "vip"}],
            },
            {
                "type": "checklist",
                "key": "tags",
                "label": "标记",
                "values": [{"label": "媒体", "value": "media"}],
            },
            {"type": "checkbox", "key": "urgent", "label": "紧急"},
            {"type": "datetime", "key": "at", "dateLabel": "时间", "subtype": "datetime"},
            {"type": "textfield", "key": "deep.inside", "label": "里面"},
            {
                "type": "dynamiclist",
                "path": "calls",
                "label": "通话",
                "components": [{"type": "number", "key": "minutes", "label": "分钟"}],
            },
        ]
    }
    data = {
        "customer": {"name": "王建国"},
        "level": "vip",
        "tags": ["media", "unknown"],
        "urgent": True,
        "at": "2026-03-01T02:00Z",
        "deep": {"inside": None},
        "calls": [{"minutes": 3}, {"minutes": 4}],
    }
    read = {fact.label: fact.text for group in read_facts(form, data) for fact in group.facts}
    assert read == {
        "姓名": "王建国",
        "级别": "贵宾",
        "标记": "媒体、unknown",
        "紧急": "是",
        "时间": "2026-03-01 10:00",
        "里面": "—",
        "通话": "分钟：3；分钟：4",
    }


def test_answers_without_a_form_are_read_under_their_keys() -> None:
    assert [(fact.label, fact.text) for fact in read_facts(None, {"a": False, "b": []})[0].facts] == [
        ("a", "否"),
        ("b", "—"),
    ]
    assert in_words({"a": [1, True]}) == "a：1、是"


def test_a_case_is_summed_up_by_its_customer_and_its_longest_text() -> None:
    facts = {
        "demand": "退费",
        "customer": {"name": "王建国"},
        "description": "账单多出一笔费用",
        "channel": "hotline",
    }
    assert summary(facts) == "王建国 · 账单多出一笔费用"
    assert summary({}) == ""


def test_a_group_is_named_by_its_unit_and_only_once() -> None:
    units = (
        Unit(1, "zz", "郑州远端处理单元", "", "remote_unit", "/hq/zz/", frozenset()),
        Unit(2, "hotline", "河南客服热线", "", "channel", "/hq/hotline/", frozenset()),
    )
    organisation = Organisation.of(units)
    assert group_name(organisation, "remote_unit@/hq/zz/") == "郑州远端处理单元"
    assert group_name(organisation, "channel@/hq/hotline/") == "河南客服热线 受理渠道"
    assert group_name(organisation, "person@li_na") == "li_na"
    assert group_name(organisation, "unrouted@/") == "未能分派"
    assert group_name(organisation, "unrouted@/hq/hotline/") == "河南客服热线 未能分派"


def test_a_stored_role_group_or_person_is_told_by_its_name() -> None:
    centre = Unit(1, "hq_complaints", "总部投诉中心", "", "centre", "/hq/", frozenset({"upgrade_centre"}))
    roles = Roles({}, {}, {"upgrade_centre": "总部投诉中心", "archive": "归档岗"})
    organisation = Organisation.of([centre], roles=roles)
    told = [
        name_of(organisation, word, {"qiao_mu": "乔牧"})
        for word in (
            "upgrade_centre",
            "hq_complaints",
            "archive@/hq/",
            "person@qiao_mu",
            "person@gone",
            "一般",
        )
    ]
    assert told == ["总部投诉中心", "总部投诉中心", "总部投诉中心 归档岗", "乔牧", "gone", "一般"]
    assert persons_in([{"informed": ["person@qiao_mu", "archive@/hq/"], "none": None, "n": 3}]) == {"qiao_mu"}


def _line(kind: str, number: int, **more: Any) -> Any:
    basis = {
        "id": number,
        "at": NOW,
        "kind": kind,
        "activity_id": None,
        "activity_name": None,
        "activity_type": None,
        "scope": "p",
        "token_id": None,
        "actor_id": "li_na",
        "actor_name": "李楠",
        "data": None,
    }
    return SimpleNamespace(**(basis | more))


def test_the_story_leaves_out_gateways_and_names_only_who_really_acted() -> None:
    token, gate = uuid4(), uuid4()
    lines = [
        _line("instance_started", 1),
        _line("instance_completed", 2),
        _line(
            "activity_entered",
            3,
            activity_id="a",
            activity_name="复核",
            activity_type="userTask",
            token_id=token,
        ),
        _line(
            "activity_completed",
            4,
            activity_id="a",
            activity_name="复核",
            activity_type="userTask",
            token_id=token,
        ),
        _line(
            "activity_completed",
            5,
            activity_id="g",
            activity_name="?",
            activity_type="exclusiveGateway",
            token_id=gate,
        ),
        _line(
            "activity_completed",
            6,
            activity_id="e",
            activity_name="完",
            activity_type="endEvent",
            token_id=gate,
        ),
    ]
    told = story.tell(lines, live=set(), answers=lambda _: [])
    assert [(entry.name, entry.what, entry.who) for entry in told] == [
        ("", "流程结束", "李楠"),
        ("完", "完成", ""),
        ("复核", "完成", "李楠"),
        ("", "流程启动", "李楠"),
    ]
    assert len(story.tell(lines, live=set(), answers=lambda _: [], everything=True)) == len(lines)


def test_what_came_or_went_is_told_by_its_element_and_an_unnamed_one_by_its_kind() -> None:
    message = {"activity_id": "more", "data": {"message": "regulator_more"}}
    lines = [
        _line(
            "message_correlated", 1, activity_name="监管要求补充", activity_type="boundaryEvent", **message
        ),
        _line("message_expired", 2, data={"message": "urge"}),
        _line(
            "activity_completed", 3, activity_id="ready", activity_type="exclusiveGateway", token_id=uuid4()
        ),
    ]
    told = story.tell(lines, live=set(), answers=lambda _: [], everything=True)
    assert [(entry.name, entry.what_en, entry.sentence) for entry in reversed(told)] == [
        ("监管要求补充", "message correlated", ""),
        ("", "message expired", "urge"),
        ("网关", "completed", ""),
    ]


def test_the_diagram_marks_visits_live_tokens_and_open_incidents() -> None:
    first, second = uuid4(), uuid4()
    lines = [
        _line("activity_completed", 1, activity_id="a", token_id=first),
        _line("activity_completed", 2, activity_id="a", token_id=first),
        _line("incident_raised", 3, activity_id="b", token_id=second, scope="called"),
    ]
    lines.append(_line("activity_entered", 4, activity_id="c", token_id=(third := uuid4())))
    live = [SimpleNamespace(scope="p", activity_id="c", token_id=third)]
    incidents = [
        SimpleNamespace(
            token_id=second, activity_id="b", message="failed", message_zh="失败", resolved_at=None
        ),
        SimpleNamespace(token_id=first, activity_id="a", message="well", message_zh="", resolved_at=NOW),
    ]
    assert story.marks_of(lines, live, incidents) == {
        "p": {"a": {"visited": 2, "came": [0, 0], "left": [0, 1]}, "c": {"active": 1, "came": [3]}},
        "called": {"b": {"incident": "失败"}},
    }


def test_a_step_that_was_withdrawn_is_marked_with_the_way_that_led_to_it() -> None:
    token, other = uuid4(), uuid4()
    lines = [
        _line("activity_completed", 1, activity_id="a", token_id=uuid4()),
        _line("activity_entered", 2, activity_id="b", token_id=token),
        _line("activity_cancelled", 3, activity_id="b", token_id=token),
        _line("activity_cancelled", 3, activity_id="never_entered", token_id=other),
    ]
    marks = story.marks_of(lines, [], [])["p"]
    assert marks["b"] == {"cancelled": True, "came": [1]}
    assert marks["never_entered"] == {"cancelled": True}


def test_a_sub_process_begins_and_does_not_wait() -> None:
    lines = [
        _line("activity_entered", 1, activity_id="s", activity_type="subProcess"),
        _line("activity_entered", 2, activity_id="u", activity_type="userTask"),
        _line("activity_entered", 3, activity_id="c", activity_type="intermediateCatchEvent"),
    ]
    told = story.tell(lines, live=set(), answers=lambda _: [], everything=True)
    assert [entry.what for entry in told] == ["等待中", "正在办理", "开始"]


def test_nothing_filled_in_is_no_group_of_facts() -> None:
    assert read_facts(None, {}) == []


LEVELS = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
  <decision id="level" name="评定级别"><decisionTable id="t" hitPolicy="FIRST">
    <input id="i"><inputExpression id="ie"><text>x</text></inputExpression></input>
    <output id="o" name="level" label="级别"/><output id="p" name="unit" label="单位"/><annotation name="依据"/>
    <rule id="wide"><inputEntry id="a"><text>true</text></inputEntry>
      <outputEntry id="b" label="全国级"><text>"national"</text></outputEntry>
      <outputEntry id="e"><text>"henan"</text></outputEntry>
      <annotationEntry><text>跨省的投诉</text></annotationEntry></rule>
    <rule id="other"><description>其余</description><inputEntry id="c"><text>-</text></inputEntry>
      <outputEntry id="f"><text>"general"</text></outputEntry>
      <outputEntry id="g"><text>"henan"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def test_a_decision_is_told_in_the_words_of_its_own_table() -> None:
    table = read_tables(LEVELS.encode())["level"]
    evidence = {"result": {"unit": "henan", "level": "national"}, "rules": [{"rule": "wide", "row": 1}]}
    told = conclusion(table, evidence, lambda value: {"henan": "河南省分公司"}.get(value, str(value)))
    assert told == ("级别：全国级；单位：河南省分公司", "跨省的投诉")


def test_a_decision_without_labels_still_says_its_result() -> None:
    assert conclusion(None, {"result": {"score": 7, "clear": True}}) == ("score：7；clear：是", "")
    assert conclusion(None, {"result": None}) == ("—", "")
    table = read_tables(LEVELS.encode())["level"]
    several = {"result": {"level": "general"}, "rules": [{"rule": "wide"}, {"rule": "other"}]}
    assert conclusion(table, several) == ("级别：general", "跨省的投诉；其余")
    assert read_tables(b"<not xml") == {}


def test_whoever_went_before_a_failing_activity_is_not_blamed_for_it() -> None:
    failed = _line("incident_raised", 1, actor_id="wang", actor_name="王磊", data={"message": "没有结论"})
    (line,) = story.tell([failed], live=set(), answers=lambda _token: [])
    assert (line.who, line.sentence) == ("", "没有结论")
