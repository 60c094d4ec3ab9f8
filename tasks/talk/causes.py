"""What people are told of, and in which words: one table. A new cause is a line here and one call of `telling.tell`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

(
    TOLD,
    COMMENT,
    MENTION,
    ASSIGNED,
    CANCELLED,
    REROUTED,
    EXPIRING,
    WARNED,
    SUPERVISED,
    PRESSED,
    YEAR_MISSING,
    CHECK_FAILED,
    ASKED,
    DECIDED,
    RETURNED,
    GIVEN,
    GIVEN_MANY,
    TAKEN,
    TAKEN_MANY,
    DELEGATED,
    RESOLVED,
    RECALLED,
    NOBODY_LEFT,
    DRAFT_SUBMITTED,
    DRAFT_APPROVED,
    DRAFT_REJECTED,
) = (
    "told",
    "comment",
    "mention",
    "assigned",
    "cancelled",
    "rerouted",
    "expiring",
    "warned",
    "supervised",
    "pressed",
    "year_missing",
    "check_failed",
    "time_asked",
    "time_decided",
    "returned",
    "given",
    "given_many",
    "taken",
    "taken_many",
    "delegated",
    "resolved",
    "recalled",
    "nobody_left",
    "draft_submitted",
    "draft_approved",
    "draft_rejected",
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Its sentence in Chinese and English, to be filled with the notice's fields; a field it does not have is empty."""

    zh: str
    en: str


CAUSES: dict[str, Cause] = {
    TOLD: Cause("{text}", "{text}"),
    COMMENT: Cause(
        "{who}就案件 {number} 写了备注。{task}", "{who} has written a comment on the case {number}. {task}"
    ),
    MENTION: Cause(
        "{who}在案件 {number} 的备注里提到了您。{task}",
        "{who} mentions you in a comment on the case {number}. {task}",
    ),
    ASSIGNED: Cause(
        "案件 {number} 的“{task}”交由您办理。", "“{task}” of the case {number} was assigned to you."
    ),
    CANCELLED: Cause(
        "您手上的“{task}”（案件 {number}）已被流程取消，不必再办。",
        "“{task}” of the case {number}, which you held, was cancelled by the process.",
    ),
    REROUTED: Cause(
        "组织调整后，案件 {number} 的“{task}”已改派，不再由您办理。",
        "After a change of the organisation, “{task}” of the case {number} was rerouted and is no longer yours.",
    ),
    EXPIRING: Cause(
        "令牌或签名密钥“{label}”将于 {day} 到期，请及时更换。",
        "The token or signing key “{label}” expires on {day}; replace it in time.",
    ),
    WARNED: Cause(
        "预警（{step}）：案件 {number} 的“{clock}”将于 {due} 到期。{words}",
        "Warning ({step}): “{clock}” of the case {number} is due {due}. {words_en}",
    ),
    SUPERVISED: Cause(
        "督办（{step}）：案件 {number} 的“{clock}”已于 {due} 到期。{words}",
        "Supervision ({step}): “{clock}” of the case {number} was due {due}. {words_en}",
    ),
    PRESSED: Cause(
        "催办：客户催办案件 {number}。{words}", "Urged: the customer urges the case {number}. {words_en}"
    ),
    YEAR_MISSING: Cause(
        "工作日历还没有 {year} 年：请在国务院办公厅公布后导入放假通知；在此之前，跨入 {year} 年的时限都是暂定的。",
        "The working calendar lacks {year}: import the State Council's notice once it is published; until then limits that "
        "reach into {year} are provisional.",
    ),
    ASKED: Cause(
        "{who}申请延长案件 {number} 的“{clock}”，请您审批。",
        "{who} asks for more time for “{clock}” of the case {number}; please decide.",
    ),
    DECIDED: Cause(
        "您为案件 {number} 的“{clock}”申请的延期，{who}{told}。",
        "The time you asked for, for “{clock}” of the case {number}, was {told_en} by {who}.",
    ),
    RETURNED: Cause(
        "{who}把案件 {number} 的“{task}”退回了队列：{reason}",
        "{who} gave “{task}” of the case {number} back to its queue: {reason}",
    ),
    GIVEN: Cause(
        "{who}把案件 {number} 的“{task}”交给您办理：{reason}",
        "{who} gave you “{task}” of the case {number}: {reason}",
    ),
    GIVEN_MANY: Cause("{who}交给您 {count} 件工单：{reason}", "{who} gave you {count} tasks: {reason}"),
    TAKEN: Cause(
        "{who}把案件 {number} 的“{task}”改派，不再由您办理：{reason}",
        "{who} reassigned “{task}” of the case {number}, which you held: {reason}",
    ),
    TAKEN_MANY: Cause(
        "{who}改派了您手上的 {count} 件工单：{reason}",
        "{who} reassigned {count} tasks that you held: {reason}",
    ),
    DELEGATED: Cause(
        "{who}委托您办理案件 {number} 的“{task}”：{note}",
        "{who} delegated “{task}” of the case {number} to you: {note}",
    ),
    RESOLVED: Cause(
        "{who}办好了您委托的“{task}”（案件 {number}），请您确认后完成：{note}",
        "{who} did “{task}” of the case {number} for you; complete it: {note}",
    ),
    RECALLED: Cause(
        "{who}收回了委托您的“{task}”（案件 {number}），不必再办。",
        "{who} took “{task}” of the case {number} back, which was delegated to you.",
    ),
    NOBODY_LEFT: Cause(
        "案件 {number} 的“{task}”所派的人员都须回避，没有人能办理，请改派或调整人员。",
        "Everybody to whom “{task}” of the case {number} is offered is barred from it; somebody else has to be found.",
    ),
    DRAFT_SUBMITTED: Cause(
        "{who}提交了流程草稿“{draft}”，请您复核；通过后即部署。",
        "{who} submitted the process draft “{draft}”; please look at it. Approving deploys it.",
    ),
    DRAFT_APPROVED: Cause(
        "{who}复核通过了您提交的流程草稿“{draft}”，已部署。",
        "{who} approved the process draft “{draft}” that you submitted; it is deployed.",
    ),
    DRAFT_REJECTED: Cause(
        "{who}退回了您提交的流程草稿“{draft}”：{reason}",
        "{who} rejected the process draft “{draft}” that you submitted: {reason}",
    ),
    CHECK_FAILED: Cause(
        "表单“{form}”的内容没有受理：检查它的决策表“{table}”没有结论。{why_zh}",
        "What was sent with the form “{form}” was refused: the decision table “{table}” that checks it failed. {why}",
    ),
}

FOLLOWING = frozenset(
    {
        ASSIGNED,
        CANCELLED,
        COMMENT,
        WARNED,
        SUPERVISED,
        PRESSED,
        DECIDED,
        GIVEN,
        DELEGATED,
        RESOLVED,
        RECALLED,
    }
)
"""What is told to whoever has the work: while they are away, their substitute reads it too (`tasks.talk.notices`)."""

NAMES: dict[str, tuple[str, str]] = {
    TOLD: ("流程通知", "What processes tell units"),
    COMMENT: ("备注", "Comments"),
    MENTION: ("提及我", "Mentions of me"),
    ASSIGNED: ("交办", "Tasks assigned to me"),
    CANCELLED: ("任务取消", "Cancelled tasks of mine"),
    REROUTED: ("改派", "Rerouted tasks"),
    EXPIRING: ("令牌到期", "Tokens and keys about to expire"),
    WARNED: ("预警", "Warnings"),
    SUPERVISED: ("督办", "Supervision"),
    PRESSED: ("催办", "Urging customers"),
    YEAR_MISSING: ("日历缺年", "Missing years of the calendar"),
    CHECK_FAILED: ("校验失败", "Decision tables that failed"),
    ASKED: ("延期申请", "Requests for time"),
    DECIDED: ("延期审批", "Decisions on my requests"),
    RETURNED: ("退回", "Returned tasks"),
    GIVEN: ("指派给我", "Tasks given to me by a lead"),
    GIVEN_MANY: ("批量指派给我", "Many tasks given to me"),
    TAKEN: ("从我手上改派", "Tasks taken from me by a lead"),
    TAKEN_MANY: ("批量从我手上改派", "Many tasks taken from me"),
    DELEGATED: ("委托我办理", "Tasks delegated to me"),
    RESOLVED: ("委托办好", "Tasks others did for me"),
    RECALLED: ("委托收回", "Delegated tasks taken back"),
    NOBODY_LEFT: ("须回避无人可办", "Tasks everybody is barred from"),
    DRAFT_SUBMITTED: ("流程草稿待复核", "Process drafts to look at"),
    DRAFT_APPROVED: ("流程草稿复核通过", "My process drafts approved"),
    DRAFT_REJECTED: ("流程草稿被退回", "My process drafts rejected"),
}
"""What a cause is called where somebody chooses."""

OUTSIDE: dict[str, Cause] = {
    TOLD: Cause("案件 {number} 有新的通知。", "There is a notice about the case {number}."),
    WARNED: Cause(
        "预警（{step}）：案件 {number} 的“{clock}”将于 {due} 到期。",
        "Warning ({step}): “{clock}” of the case {number} is due {due}.",
    ),
    SUPERVISED: Cause(
        "督办（{step}）：案件 {number} 的“{clock}”已于 {due} 到期。",
        "Supervision ({step}): “{clock}” of the case {number} was due {due}.",
    ),
    PRESSED: Cause("催办：客户催办案件 {number}。", "Urged: the customer urges the case {number}."),
    CHECK_FAILED: Cause(
        "表单“{form}”的内容没有受理：检查它的决策表“{table}”没有结论。",
        "What was sent with the form “{form}” was refused: the decision table “{table}” that checks it failed.",
    ),
    RETURNED: Cause(
        "{who}把案件 {number} 的“{task}”退回了队列。",
        "{who} gave “{task}” of the case {number} back to its queue.",
    ),
    GIVEN: Cause(
        "{who}把案件 {number} 的“{task}”交给您办理。", "{who} gave you “{task}” of the case {number}."
    ),
    GIVEN_MANY: Cause("{who}交给您 {count} 件工单。", "{who} gave you {count} tasks."),
    TAKEN: Cause(
        "{who}把案件 {number} 的“{task}”改派，不再由您办理。",
        "{who} reassigned “{task}” of the case {number}, which you held.",
    ),
    TAKEN_MANY: Cause(
        "{who}改派了您手上的 {count} 件工单。", "{who} reassigned {count} tasks that you held."
    ),
    DELEGATED: Cause(
        "{who}委托您办理案件 {number} 的“{task}”。", "{who} delegated “{task}” of the case {number} to you."
    ),
    RESOLVED: Cause(
        "{who}办好了您委托的“{task}”（案件 {number}），请您确认后完成。",
        "{who} did “{task}” of the case {number} for you; complete it.",
    ),
}
"""What is said by mail or message where the sentence in the pages says more than may be said there."""

HARMLESS = frozenset(
    {
        "who",
        "task",
        "clock",
        "step",
        "due",
        "label",
        "day",
        "year",
        "form",
        "table",
        "told",
        "told_en",
        "count",
        "draft",
    }
)
"""Fields that cannot hold what somebody has written about a customer. Outside the pages every other one is ELSEWHERE."""

ELSEWHERE = ("（详见系统）", "(see the page)")

BARE = Cause("保密案件 {number} 有新消息。", "There is news of the confidential case {number}.")
"""All that is said of a confidential case, whatever the cause and whenever it became confidential."""


def words(notice: Any, *, confidential: bool) -> tuple[str, str]:
    """Return what a notice says, in Chinese and English. Fields are put in as they are: nothing in them is a template."""
    return _filled(BARE if confidential else CAUSES[notice.cause], notice)


def words_outside(notice: Any, *, confidential: bool, full: bool) -> tuple[str, str]:
    """Return what is said of it where others may read along: nothing of a customer but the case number, unless an
    installation wants the `full` sentence. Of a confidential case never more than BARE.
    """
    if full or confidential:
        return words(notice, confidential=confidential)
    cause = OUTSIDE.get(notice.cause, CAUSES[notice.cause])
    known = {name: value for name, value in notice.fields.items() if name in HARMLESS}
    known["number"] = notice.business_key
    hidden = {*notice.fields, "text"} - HARMLESS
    zh, en = ({**known, **dict.fromkeys(hidden, instead)} for instead in ELSEWHERE)
    return _put(cause.zh, zh), _put(cause.en, en)


def _filled(cause: Cause, notice: Any) -> tuple[str, str]:
    fields = {**notice.fields, "number": notice.business_key, "text": notice.text}
    return _put(cause.zh, fields), _put(cause.en, fields)


def _put(sentence: str, fields: Mapping[str, Any]) -> str:
    return sentence.format_map(defaultdict(str, fields)).strip()
