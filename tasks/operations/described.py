"""What the operations are called, what they take and what they give, as data: diagrams name them, and editors offer them by this.

Every operation has its row here and every input it reads has its line; a test compares them with the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tasks.authority.tables import OUTCOMES as AUTHORITY
from tasks.cases.linking.evidence import NAMES as EVIDENCE
from tasks.cases.linking.links import KINDS, OF_OPERATIONS
from tasks.letters.words import METHODS, TO

Words = tuple[tuple[str, str, str], ...]
"""Value, Chinese, English."""
Kind = Literal["text", "lines", "number", "yes", "list", "expression"]


@dataclass(frozen=True, slots=True)
class Input:
    """One input parameter. kind: text, of several lines or not; number; yes: true or false; list: texts, or one with commas; expression: only FEEL
    gives it. words: what it may say; open: other texts besides. of: the part of the vocabulary whose keys it holds.
    """

    name: str
    zh: str
    en: str
    kind: Kind = "text"
    required: bool = False
    words: Words = ()
    of: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """An operation: what it is called, what it does, its inputs, and what `result.<activity>` then holds."""

    title: str
    title_en: str
    does: str
    does_en: str
    inputs: tuple[Input, ...] = ()
    outputs: tuple[tuple[str, str, str], ...] = ()


def _pairs(words: Mapping[str, tuple[str, ...]]) -> Words:
    return tuple((value, both[0], both[1]) for value, both in words.items())


_LINKS = _pairs({kind: both for kind, both in KINDS.items() if kind not in OF_OPERATIONS})
_METHODS: Words = tuple((value, zh, value) for value, zh in METHODS.items())
_TO: Words = tuple((value, zh, value) for value, zh in TO.items())
_AT = (("at", "时间", "when"),)

DESCRIBED: dict[str, Described] = {
    "archive_case": Described(
        "归档", "Archive the case", "归档案件，此后只读；重复归档以第一次为准。",
        "The file is closed and only read from now on; the first time counts.",
        (Input("code", "结案代码", "closing code"),),
        (("archived_at", "归档时间", "when it was archived"), ("code", "结案代码", "closing code")),
    ),
    "read_authority": Described(
        "读取授权", "Read authority", "查明一笔补偿由谁授权：办理某任务的人、其岗位、单位和本月已用额度。",
        "Tells whose authority a compensation asks for: who did a task, their post, unit and what they used this month.",
        (
            Input("activity", "由谁决定（用户任务）", "who decided (a user task)", required=True, of="tasks"),
            Input("amount", "金额（元）", "amount in yuan", "number", required=True),
        ),
        (
            ("person", "人员标识", "id of the person"), ("name", "姓名", "name"), ("post", "岗位", "post"),
            ("unit", "单位", "unit"), ("amount", "金额", "amount"), ("used_this_month", "本月已用", "used this month"),
        ),
    ),
    "log_authority": Described(
        "登记授权", "Log authority", "登记一次授权的使用。两次由同一人签署时走错误边界 same_person。",
        "Logs a use of authority. Where one person signed twice it takes the error boundary same_person.",
        (
            Input("activity", "由谁决定（用户任务）", "who decided (a user task)", required=True, of="tasks"),
            Input("second", "第二签署（用户任务）", "second signature (a user task)", of="tasks"),
            Input("scope", "范围", "scope", required=True, open=True),
            Input("amount", "金额（元）", "amount in yuan", "number", required=True),
            Input("grade", "授权等级", "grade", "number"),
            Input("outcome", "结果", "outcome", required=True, words=_pairs(AUTHORITY)),
            Input("reason", "理由", "reason", "lines"),
        ),
        (("outcome", "结果", "outcome"), ("by", "决定人", "who decided"), ("second", "第二签署人", "who signed besides")),
    ),
    "supervise_case": Described(
        "发起督办", "Press the case", "督促案件中未完成工作的办理人，例如客户催办时。",
        "Presses whoever holds the open work of the case, such as when the customer urges.", (), _AT,
    ),
    "evidence_pack": Described(
        "先期处理证据包", "Evidence pack", "取出关联案件已作的答复、时间和时限，供决策表读取。",
        "What was answered in linked cases, when and in which limit, for tables to read.",
        (Input("kind", "关联类型", "kind of link", "list", words=_pairs(KINDS)),),
        (("cases", "案件", "cases"),),
    ),
    "find_cases": Described(
        "查找相关案件", "Find cases", "查找同一事项或同一人的案件，最新的在前，最多 20 件。",
        "Cases of the same matter or person, the newest first, at most 20.",
        (
            Input("numbers", "案件号", "case numbers", "list"),
            Input("phone", "电话", "phone"),
            Input("person", "人员（姓名和证件后四位）", "person (name and id_last4)", "expression"),
            Input("business", "业务", "business"),
            Input("regimes", "案件类型", "regimes", "list"),
            Input("days", "最近多少天", "of the last days", "number"),
            Input("open", "只找未结案的", "open ones only", "yes"),
        ),
        (("cases", "案件", "cases"), ("numbers", "案件号", "numbers"), ("options", "可选项", "options for a form")),
    ),
    "link_cases": Described(
        "关联案件", "Link cases", "把本案与以前的案件关联。", "Links the case with earlier ones.",
        (
            Input("numbers", "案件号", "case numbers", "list", required=True),
            Input("kind", "关联类型", "kind of link", words=_LINKS),
        ),
        (("linked", "已关联", "linked"), ("missing", "没有的案件号", "numbers that are not there")),
    ),
    "open_case": Described(
        "另立案件", "Open a case", "另立一个与本案关联的案件。", "Opens a case of another regime that is linked with this one.",
        (
            Input("regime", "流程", "process", required=True, of="processes"),
            Input("kind", "关联类型", "kind of link", words=_LINKS),
            Input("facts", "登记内容", "facts", "expression"),
            Input("refers", "能看到本案信息", "sees this case's facts", "yes"),
            Input("unit", "归属单位代码", "code of the unit"),
        ),
        (("number", "新案件号", "its number"),),
    ),
    "merge_case": Described(
        "并案", "Merge the case", "本案并入另一案件继续办理；没有该案件或已结案时抛出错误 case_missing、case_over。",
        "Lets the case go on as another one; throws case_missing and case_over.",
        (Input("into", "并入的案件号", "number it goes on as", required=True),), (("into", "并入的案件号", "its number"),),
    ),
    "join_master": Described(
        "并入主案", "Join a master", "挂到同类事件的主案之下，没有主案时自动建立；没有解决时，紧接着等待消息 master_resolved。",
        "Hangs the case below the master of a key, opened where there is none; wait for the message master_resolved at once.",
        (
            Input("regime", "主案的流程", "process of the master", required=True, of="processes"),
            Input("key", "主案的键", "key", required=True),
            Input("facts", "登记内容", "facts", "expression"),
            Input("unit", "主案归属单位代码", "code of its unit"),
        ),
        (("number", "主案号", "its number"), ("resolved", "是否已解决", "whether it is resolved"), ("text", "结论", "what was decided")),
    ),
    "become_master": Described(
        "登记主案", "Become a master", "把本案登记为某个键的主案；已有主案时抛出错误 master_exists。",
        "Makes the case the master of a key; throws master_exists.", (Input("key", "主案的键", "key", required=True),),
    ),
    "release_children": Described(
        "主案办结", "Release the children", "通知等待本主案的所有案件：已经解决。", "Tells every case that waits below this master that it is resolved.",
        (Input("text", "结论", "what was decided", "lines", required=True),), (("released", "通知的案件数", "how many were told"),),
    ),
    "notify_unit": Described(
        "通知单位", "Notify a unit", "通知一个单位，此后它能看到本案。", "Tells a unit, which sees the case from then on.",
        (
            Input("role", "办理组", "candidate group", of="groups"),
            Input("unit", "单位代码", "code of the unit"),
            Input("template", "通知种类", "kind of notice"),
            Input("text", "内容", "text", "lines", required=True),
        ),
        (("told", "通知的组", "who was told"), *_AT),
    ),
    "notify_customer": Described(
        "书面告知客户", "Notify the customer", "书面告知客户；信函或短信由通知发出。", "Tells the customer in writing; the letter or message is sent from the notice.",
        (Input("template", "通知种类", "kind of notice"), Input("text", "内容", "text", "lines", required=True)), _AT,
    ),
    "issue_letter": Described(
        "出具文书", "Issue a letter", "按模板出具文书并随案存档。", "Makes a letter from its template and keeps it with the case.",
        (
            Input("template", "文书模板", "letter template", required=True, of="letters"),
            Input("to", "收件方", "addressee", words=_TO),
            Input("method", "方式", "way", words=_METHODS),
            Input("unit", "签署单位代码", "code of the unit that signs"),
            Input("evidence_kind", "证据种类", "kind of evidence", words=_pairs(EVIDENCE)),
            Input("text", "证据说明", "text of the evidence", "lines"),
        ),
        (
            ("letter", "文书标识", "id of the letter"), ("number", "文号", "its number"), ("name", "名称", "name"),
            ("template", "模板", "template"), ("version", "模板版本", "version of the template"),
        ),
    ),
}  # fmt: skip
