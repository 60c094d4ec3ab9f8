"""Who may do what: one table, verb × role × state. Which rows a verb reaches is decided by `visibility` and by groups.

Roles come with seats: everybody with a seat in a unit of the company is `staff`, everybody with one in an external
body `external`; a post grants more. Candidate role keys (`channel`, `provincial_centre` …) are no roles: they say which
work is offered to whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import NotPermitted
from tasks.people.caller import Caller
from tasks.user_task import possible_in

STAFF, SUPERVISOR, OWNER, OPERATOR, AUDITOR, EXTERNAL = (
    "staff",
    "supervisor",
    "process_owner",
    "operator",
    "auditor",
    "external",
)

ROLES: dict[str, tuple[str, str]] = {
    STAFF: ("经办人员", "everybody who works in a unit of the company"),
    SUPERVISOR: ("主管", "duty managers, team leads, centre managers, headquarters supervisors"),
    OWNER: ("流程负责人", "draws and deploys the processes"),
    OPERATOR: ("系统运维", "runs the installation, its people and its tokens; sees no case by that"),
    AUDITOR: ("审计员", "reads what was done and changes nothing"),
    EXTERNAL: ("外部机构", "a regulator or another body outside: its own cases only"),
}
"""role → (Chinese, who has it)."""

BLIND = frozenset({OPERATOR})
"""Who reaches the instance of any case with the verbs of scope `instance`, without the case's contents."""

CASELESS = frozenset({OPERATOR, OWNER})
"""Who reaches instances that run without a case; so does whoever started one."""

Scope = Literal["self", "case", "task", "instance", "organisation", "installation"]
"""What a verb reaches. self: the caller's own things. case: cases of units in the caller's reach. task: those offered
to, held by or seen through a case by the caller. instance: the instance of such a case; for BLIND roles, without the
contents, of any; without a case, for CASELESS roles. organisation: units in the caller's reach. installation: everything.
"""


@dataclass(frozen=True, slots=True)
class Verb:
    """One line of the matrix. `states` are those of the thing in which the verb is possible; empty: any."""

    roles: frozenset[str]
    scope: Scope
    zh: str
    states: tuple[str, ...] = ()


def _verb(zh: str, scope: Scope, *roles: str, states: tuple[str, ...] = ()) -> Verb:
    return Verb(frozenset(roles), scope, zh, states)


_INSIDE = (STAFF, SUPERVISOR, OWNER, OPERATOR, AUDITOR)
_EVERYBODY = (*_INSIDE, EXTERNAL)
_READERS = (STAFF, SUPERVISOR, AUDITOR)

VERBS: dict[str, Verb] = {
    "self.read": _verb("看自己的身份", "self", *_EVERYBODY),
    "self.manage": _verb("管理自己的密码、会话和令牌", "self", *_EVERYBODY),
    "notice.read": _verb("看自己的通知", "self", *_EVERYBODY),
    "notice.prefer": _verb("设置自己的通知偏好", "self", *_EVERYBODY),
    "case.file": _verb("立案", "case", STAFF, EXTERNAL),
    "case.read": _verb("看案件", "case", *_READERS, EXTERNAL),
    "case.confide": _verb("标记或解除保密", "case", SUPERVISOR),
    "case.read_confidential": _verb("看经手以外的保密案件", "case", SUPERVISOR, AUDITOR),
    "evidence.read": _verb("看先期处理证据包", "case", *_READERS),
    "court.read": _verb("看责任台账", "case", *_READERS),
    "outcome.read": _verb("看时限统计", "organisation", SUPERVISOR, AUDITOR),
    "authority.read": _verb("看授权使用", "organisation", SUPERVISOR, AUDITOR),
    "comment.read": _verb("看备注", "case", *_READERS),
    "comment.add": _verb("写备注", "case", STAFF, SUPERVISOR),
    "attachment.read": _verb("下载附件", "case", *_READERS, EXTERNAL),
    "attachment.add": _verb("上传附件", "case", STAFF, SUPERVISOR, EXTERNAL),
    "message.send": _verb("向案件发消息", "case", STAFF, EXTERNAL),
    "clock.read": _verb("看时限", "case", *_READERS),
    "clock.pause": _verb("因等待客户暂停时钟", "case", STAFF, SUPERVISOR),
    "clock.pause_widely": _verb("因群发事件、监管机构暂停时钟", "case", SUPERVISOR),
    "clock.resume": _verb("恢复时钟", "case", STAFF, SUPERVISOR),
    "clock.ask": _verb("申请延期", "case", STAFF, SUPERVISOR),
    "clock.decide": _verb("审批延期（限管理该案的中心及其上级）", "case", SUPERVISOR),
    "clock.promise": _verb("记录对客户的承诺", "case", STAFF, SUPERVISOR),
    "task.read": _verb("看待办", "task", *_READERS),
    "team.read": _verb("看本单位及下级的全部待办", "task", SUPERVISOR),
    "filter.read": _verb("看自己保存的和共享给自己的筛选", "self", *_READERS),
    "filter.save": _verb("保存筛选", "self", *_READERS),
    "filter.change": _verb("更改自己保存的筛选", "self", *_READERS),
    "filter.drop": _verb("删除自己保存的、或所辖单位共享的筛选", "self", *_READERS),
    "task.claim": _verb("签收", "task", STAFF, states=possible_in("claim")),
    "task.release": _verb("退回待办队列", "task", STAFF, states=possible_in("release")),
    "task.complete": _verb("办理完成", "task", STAFF, states=possible_in("complete")),
    "task.delegate": _verb("委托他人办理", "task", STAFF, states=possible_in("delegate")),
    "task.resolve": _verb("办好委托并交回", "task", STAFF, states=possible_in("resolve")),
    "task.recall": _verb("收回委托", "task", STAFF, states=possible_in("recall")),
    "task.reassign": _verb("改派", "task", SUPERVISOR, states=possible_in("reassign")),
    "task.prioritise": _verb("调整优先级", "task", SUPERVISOR, states=possible_in("prioritise")),
    "task.draft": _verb("保存草稿", "task", STAFF, states=possible_in("draft")),
    "task.follow_up": _verb("设定跟进时间", "task", STAFF, states=possible_in("follow_up")),
    "instance.read": _verb("看流程实例", "instance", *_READERS, OWNER, OPERATOR),
    "instance.start": _verb("不立案启动流程", "instance", OWNER, OPERATOR),
    "instance.cancel": _verb(
        "终止流程实例", "instance", SUPERVISOR, OPERATOR, states=("active", "suspended")
    ),
    "instance.suspend": _verb("挂起", "instance", SUPERVISOR, OPERATOR, states=("active",)),
    "instance.resume": _verb("恢复", "instance", SUPERVISOR, OPERATOR, states=("suspended",)),
    "instance.correct": _verb("更正变量", "instance", OWNER, OPERATOR, states=("active",)),
    "instance.migrate": _verb("迁移到另一版本", "instance", OWNER, OPERATOR, states=("active", "suspended")),
    "incident.retry": _verb("重试异常", "instance", OPERATOR, states=("open",)),
    "flow.read": _verb("看流程流量与等待", "organisation", SUPERVISOR, OWNER, AUDITOR, OPERATOR),
    "signal.send": _verb("发信号", "installation", OWNER, OPERATOR),
    "definition.read": _verb("看流程定义", "installation", *_INSIDE),
    "definition.choose": _verb("把流程的某一版设为当前版本", "installation", OWNER),
    "definition.retire": _verb("停用和恢复流程", "installation", OWNER),
    "definition.bind": _verb("绑定流程所需", "installation", OWNER),
    "deployment.read": _verb("看部署", "installation", *_INSIDE),
    "deployment.create": _verb("部署", "installation", OWNER),
    "process_draft.read": _verb("看流程草稿", "installation", OWNER),
    "process_draft.keep": _verb("起草、修改流程草稿", "installation", OWNER),
    "process_draft.submit": _verb("提交或撤回流程草稿的复核", "installation", OWNER),
    "process_draft.decide": _verb("复核他人提交的流程草稿", "installation", OWNER),
    "process_draft.drop": _verb("删除自己的流程草稿", "installation", OWNER),
    "organisation.read": _verb("看组织", "organisation", *_INSIDE),
    "organisation.manage": _verb("维护组织与人员", "organisation", OPERATOR),
    "absence.read": _verb("看本人、所代理和所辖人员的休假与代理", "organisation", STAFF, SUPERVISOR),
    "absence.enter": _verb("登记本人或所辖人员的休假与代理", "organisation", STAFF, SUPERVISOR),
    "absence.change": _verb(
        "变更本人或所辖人员的休假与代理", "organisation", STAFF, SUPERVISOR, states=("planned", "running")
    ),
    "absence.cancel": _verb(
        "取消或提前结束本人或所辖人员的休假与代理",
        "organisation",
        STAFF,
        SUPERVISOR,
        states=("planned", "running"),
    ),
    "absence.hand_over": _verb(
        "交接本人或所辖休假人员手上的工作", "organisation", STAFF, SUPERVISOR, states=("planned", "running")
    ),
    "duty.read": _verb("看值班表", "organisation", *_READERS),
    "duty.manage": _verb("维护所辖单位的值班表", "organisation", SUPERVISOR),
    "calendar.read": _verb("看工作日历", "organisation", *_INSIDE),
    "calendar.manage": _verb("维护工作日历", "organisation", SUPERVISOR, OPERATOR),
    "token.issue": _verb("给系统或监管机构发令牌和密钥", "organisation", OPERATOR),
    "delivery.read": _verb("看通知发送情况", "organisation", OPERATOR),
    "delivery.retry": _verb("重发失败的通知", "organisation", OPERATOR, states=("failed",)),
    "session.revoke": _verb("注销他人的会话、令牌、密钥", "organisation", OPERATOR),
    "classification.read": _verb("看分类表", "installation", *_INSIDE),
    "classification.manage": _verb("维护分类表", "installation", OWNER),
    "letter_template.read": _verb("看文书模板", "installation", *_INSIDE),
    "letter_template.manage": _verb("维护文书模板", "installation", OWNER),
    "clause.read": _verb("看条款对照", "installation", *_INSIDE),
    "clause.hand_in": _verb("上传缺失资料", "installation", OWNER),
    "policy.read": _verb("看时限登记", "installation", *_INSIDE),
    "policy.manage": _verb("维护时限登记", "installation", OWNER),
    "supervision.read": _verb("看预警督办", "case", SUPERVISOR, AUDITOR),
    "audit.read": _verb("看审计记录", "case", AUDITOR),
}
"""verb → who may, in which states, how far."""


def may(caller: Caller, permission: str) -> bool:
    """Whether the caller's roles and the token's scopes allow `permission`."""
    in_scope = "*" in caller.scopes or permission in caller.scopes
    return in_scope and not VERBS[permission].roles.isdisjoint(caller.roles)


def require(caller: Caller, permission: str) -> None:
    """Raise NotPermitted, naming permission, person and roles, unless the caller has it."""
    if not may(caller, permission):
        held = ", ".join(sorted(caller.roles)) or "none"
        raise NotPermitted(
            f"The permission {permission} was asked for by {caller.login}, whose roles are {held}; it needs "
            f"{' or '.join(sorted(VERBS[permission].roles))}.",
            permission=permission,
        )
