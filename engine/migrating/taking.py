"""Lets an instance that was put on another version take over what that version says: events at borders, timers, messages,
what user tasks ask for, what operations are given, joins that can open now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.dialect.ids import author_id
from engine.dialect.model import EVENT_SUB_PROCESS, WATCHED
from engine.migrating.joins import joins
from engine.migrating.pairing import gate_of, renamed
from engine.migrating.verdict import Verdict, called
from engine.spiff import timers
from engine.spiff.run import ActivityFailed, ArmedTimer, Awaited
from engine.spiff.specs.activities import READERS, UserSpec, WorkSpec
from engine.spiff.specs.base import NodeSpec
from engine.spiff.specs.events import SENT, CatchSpec, TriggerSpec
from engine.spiff.specs.gateways import InclusiveSpec, ParallelSpec, merge
from engine.spiff.specs.repeated import MultiInstanceSpec, RepeatedSpec
from engine.spiff.specs.scopes import CallSpec
from engine.spiff.task import Token
from engine.spiff.workflow import Instance

HOMES_OF_NODES = ("form", "decision", "result", "message", "signal", "loop")
"""Under which names what a node learns is kept by its id."""


@dataclass(slots=True)
class Taking:
    """What one instance takes over. before: the nodes its tokens were at, as they were drawn."""

    instance: Instance
    verdict: Verdict
    before: Mapping[UUID, Any]
    borders: Mapping[UUID, frozenset[str]]
    """Activity or scope root → what has listened at its border by the version before, under the names of this one."""
    mapping: Mapping[str, str]
    moves: bool
    """Whether the instance may move on: a suspended one may not."""
    resubscribed: list[UUID] = field(default_factory=list)
    taken_over: list[tuple[Token, frozenset[str]]] = field(default_factory=list)
    """User activities that wait, and which of their attributes are drawn differently."""
    attributes: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    """Those that are, evaluated."""

    def take(self) -> None:
        """Take everything over; what fails goes to the verdict as a refusal."""
        for token in [token for scope in self.instance.scopes() for token in scope.live_tokens()]:
            was, spec = self.before[token.id], token.task_spec
            self._rename(token, was)
            if isinstance(spec, CatchSpec) and token.waits and "held" not in token.internal_data:
                self._event(token, was)
            if isinstance(spec, UserSpec):
                self._user(token, was)
            if isinstance(spec, WorkSpec):
                self._work(token, was)
            if isinstance(spec, MultiInstanceSpec):
                self._repeated(token, was)
            self._passage(token, was)
        for scope in self.instance.scopes():
            self._borders_of_root(scope)
            for token in scope.live_tokens():
                if not token.at_border and token.task_spec.boundaries:
                    self._borders(token)
            self._alternatives(scope)
        self._joins()
        self.tell_failures()

    def tell_failures(self) -> None:
        """Refuse what would rest on an incident by the move itself."""
        for held in self.instance.run.held:
            token = self.instance.token(held.token)
            if token is None:
                continue
            en, zh = called(token.task_spec)
            self.verdict.refuse(
                "expression",
                token.task_spec,
                f"{en} of version {self.verdict.target_version} would rest on an incident at once: {held.message}",
                f"第 {self.verdict.target_version} 版的{zh}会立即出现异常：{held.message_zh or held.message}",
            )

    # -- what waits already ---------------------------------------------------------------------------------------

    def _rename(self, token: Token, was: Any) -> None:
        spec = token.task_spec
        if spec.bpmn_id == was.bpmn_id:
            return
        (en, zh), identity = called(spec), author_id(was.bpmn_id)
        self.verdict.tell(
            "renamed",
            spec,
            f"what waits at '{identity}' waits at {en} from then on.",
            f"在“{identity}”等待的改在{zh}等待。",
        )
        results = token.internal_data.get("results")
        for home in HOMES_OF_NODES:
            if results and f"{home}.{was.bpmn_id}" in results:
                results[f"{home}.{spec.bpmn_id}"] = results.pop(f"{home}.{was.bpmn_id}")
        if spec.is_activity:
            self.instance.note("activity_entered", token)

    def _event(self, token: Token, was: Any) -> None:
        event, before, run = token.task_spec.event, was.event, self.instance.run
        if token.task_spec.node.interrupting != was.node.interrupting:
            if token.task_spec.node.interrupting:
                self._changed(token, "interrupts from now on", "改为中断型")
            else:
                self._changed(token, "interrupts no more", "改为非中断型")
        if event.kind == "timer":
            if (event.timer_kind, event.timer) != (before.timer_kind, before.timer):
                self._timer(token)
        elif event.kind in SENT:
            if event.name != before.name:
                self.resubscribed.append(token.id)
                run.awaited.append(Awaited(token.id, token.task_spec.bpmn_id, event.kind, event.name))
                self._changed(
                    token,
                    f"waits for '{event.name}' instead of '{before.name}'",
                    f"改为等待“{event.name}”，不再等待“{before.name}”",
                )
        elif event.kind == "conditional" and event.condition != before.condition:
            token.internal_data.pop("met", None)
            self.instance.arrived.append(token)
            self._changed(token, "waits for another condition", "改为等待另一个条件")
        elif event.code != before.code:
            self._changed(
                token,
                f"catches '{event.code}' instead of '{before.code}'",
                f"改为捕获“{event.code}”，不再捕获“{before.code}”",
            )

    def _changed(self, token: Token, what: str, what_zh: str) -> None:
        en, zh = called(token.task_spec)
        self.verdict.tell("event-changed", token.task_spec, f"{en} {what}.", f"{zh}{what_zh}。")

    def _timer(self, token: Token) -> None:
        """A timer whose value is drawn differently is evaluated anew, now; one that is bound keeps since when it waits."""
        data, run, spec = token.internal_data, self.instance.run, token.task_spec
        due = data.get("due") or data.get("paused")
        before = {name: data.pop(name, None) for name in ("due", "every", "left", "first", "paused", "since")}
        if before["since"] is not None:
            data["since"] = before["since"]
        try:
            plan = timers.plan(token)
        except ActivityFailed as failure:
            self._failed(token, failure)
            return
        if plan.since is None:
            data.pop("since", None)
        then = timers.keep(token, plan)
        run.moved.append(ArmedTimer(token.id, spec.bpmn_id, then, spec.bpmn_type))
        self.instance.note("timer_moved", token, {"before": due, "after": data.get("due")})
        en, zh = called(spec)
        self.verdict.tell(
            "timer-moved",
            spec,
            f"{en} is due at {_instant(data.get('due'))} instead of {_instant(due)}: its value is another one.",
            f"{zh}的时间改为 {_instant(data.get('due'))}，原为 {_instant(due)}：定时设置已变。",
        )

    def _user(self, token: Token, was: Any) -> None:
        data, node = token.internal_data, token.task_spec.node
        if "held" in data or "answers" in data:
            return
        before = was.node
        changed = {
            name
            for name in (*READERS, "form")
            if getattr(node.user, name, None) != getattr(before.user, name, None)
        }
        for name, now, then in (
            ("name", node.name, before.name),
            ("activity_id", node.id, before.id),
            ("lane", (node.lane, node.lane_id), (before.lane, before.lane_id)),
            ("properties", node.properties, before.properties),
            ("inputs", node.inputs, before.inputs),
        ):
            if now != then:
                changed.add(name)
        self.taken_over.append((token, frozenset(changed)))
        if changed:
            try:
                self.attributes[token.id] = token.task_spec.attributes(token)
            except ActivityFailed as failure:
                self._failed(token, failure)
                return
        told = sorted(changed - {"activity_id", "inputs"})
        if told:
            en, zh = called(token.task_spec)
            self.verdict.tell(
                "task-changed",
                token.task_spec,
                f"{en} takes from version {self.verdict.target_version}: {', '.join(told)}.",
                f"{zh}按第 {self.verdict.target_version} 版更新：{'、'.join(_ATTRIBUTES.get(one, one) for one in told)}。",
            )

    def _work(self, token: Token, was: Any) -> None:
        """An operation that has not been called yet is given what the target draws."""
        data, node, before = token.internal_data, token.task_spec.node, was.node
        if "inputs" not in data or "held" in data or "result" in data:
            return
        if (node.inputs, node.operation) == (before.inputs, before.operation):
            return
        try:
            data["inputs"] = token.task_spec.mapped_inputs(token, token.workflow.view(token))
        except ActivityFailed as failure:
            self._failed(token, failure)
            return
        en, zh = called(token.task_spec)
        self.verdict.tell(
            "inputs-anew",
            token.task_spec,
            f"{en} calls '{node.operation}' with what version {self.verdict.target_version} gives it.",
            f"{zh}按第 {self.verdict.target_version} 版的输入调用操作“{node.operation}”。",
        )

    def _repeated(self, token: Token, was: Any) -> None:
        """Items that were done before the target collects what items give are among those that are done."""
        loop, before, data = token.task_spec.node.loop, was.node.loop, token.internal_data
        if loop.output_collection is None or before.output_collection is not None or "items" not in data:
            return
        live = {item.internal_data["index"] for item in token.task_spec.live_items(token)}
        data["over"] = [index for index in range(data["next"]) if index not in live]

    def _passage(self, token: Token, was: Any) -> None:
        """What time is kept of from now on begins now; what was kept goes on as it is."""
        spec, data = token.task_spec, token.internal_data
        drawn, before = _clock(spec.node), _clock(was.node)
        if drawn == before or "held" in data or isinstance(spec, RepeatedSpec):
            return
        en, zh = called(spec)
        begins = not before.get("sla.policy") and bool(drawn.get("sla.policy"))
        if spec.watched and "began" not in data and not isinstance(spec, CallSpec):
            try:
                spec._begin(token, spec._told(token) or {})
            except ActivityFailed as failure:
                self._failed(token, failure)
                return
        if begins and not isinstance(spec, CallSpec):
            self.verdict.tell(
                "clock-begins",
                spec,
                f"the clock of {en} begins with the move: version {self.verdict.target_version} draws one.",
                f"{zh}从迁移时起计时：第 {self.verdict.target_version} 版为它设了时限。",
            )
        else:
            self.verdict.tell(
                "clock-kept",
                spec,
                f"{en}: clocks that run go on as they are; what version {self.verdict.target_version} says of them is for those "
                "who come after.",
                f"{zh}：正在走的时钟保持不变，第 {self.verdict.target_version} 版的时限设置只对之后到达的生效。",
            )

    # -- what listens at borders ----------------------------------------------------------------------------------

    def _borders(self, token: Token) -> None:
        """Arm what listens at an activity's border in the target and has not in the version before."""
        spec, data = token.task_spec, token.internal_data
        if spec.wrapper is not None or not (spec.is_activity or spec.boundaries):
            return
        if data.get("held") == "enter" and not any(child is not None for child in token.children):
            return  # its retry arms all of them
        before = self.borders.get(token.id, frozenset())
        for border in spec.boundaries:
            if border.name not in before:
                self._arm(token, border)

    def _borders_of_root(self, scope: Any) -> None:
        """The same of what triggers event sub-processes, unless one has taken the whole scope over."""
        live = [token for token in scope.live_tokens() if token.task_spec.bpmn_type == EVENT_SUB_PROCESS]
        handlers = {token.task_spec for token in live}
        triggers = [border for border in scope.spec.root.boundaries if isinstance(border, TriggerSpec)]
        if any(border.interrupting and border.handler in handlers for border in triggers):
            return
        before = self.borders.get(scope.task_tree.id, frozenset())
        for border in triggers:
            if border.name not in before:
                self._arm(scope.task_tree, border)

    def _arm(self, token: Token, border: NodeSpec) -> None:
        child = token._add_child(border)
        border._update(child)
        if "held" in child.internal_data:
            return  # told with everything that failed
        en, zh = called(border)
        due = child.internal_data.get("due")
        when, when_zh = (f", until {_instant(due)}", f"，到 {_instant(due)}") if due else ("", "")
        self.verdict.tell("event-new", border, f"{en} begins to listen{when}.", f"{zh}开始监听{when_zh}。")

    def _alternatives(self, scope: Any) -> None:
        """Arm the events that follow an event-based gateway in the target only."""
        waiting: dict[str, list[Token]] = {}
        for token in scope.live_tokens():
            if "gate" in token.internal_data:
                waiting.setdefault(token.internal_data["gate"], []).append(token)
        for gate, tokens in waiting.items():
            gateway = scope.spec.task_specs[gate_of(tokens[0])]
            there = {token.task_spec.name for token in tokens}
            for flow in gateway.flows:
                if flow.target in there:
                    continue
                child = scope.task_tree._add_child(scope.spec.task_specs[flow.target])
                child.internal_data.update(via=flow.id, gate=gate)
                child.set_lineage(tokens[0].lineage)
                child.task_spec._update(child)
                if "held" not in child.internal_data:
                    en, zh = called(child.task_spec)
                    self.verdict.tell(
                        "event-new", child.task_spec, f"{en} begins to wait.", f"{zh}开始等待。"
                    )

    # -- joins ----------------------------------------------------------------------------------------------------

    def _joins(self) -> None:
        """Let joins open that waited for flows the target does not have."""
        opened: list[Any] = []
        for scope in self.instance.scopes():
            waiting: dict[Any, list[Token]] = {}
            for token in scope.live_tokens():
                if token.waits and isinstance(token.task_spec, ParallelSpec | InclusiveSpec):
                    waiting.setdefault(token.task_spec, []).append(token)
            for spec, tokens in waiting.items():
                opened += self._open(scope, spec, tokens)
        for spec in opened:
            en, zh = called(spec)
            version = self.verdict.target_version
            if self.moves:
                self.verdict.tell(
                    "join-opens",
                    spec,
                    f"{en} opens with the move: in version {version} it waits for nobody else.",
                    f"{zh}随迁移放行：第 {version} 版中它不再等待其他令牌。",
                )
            else:
                self.verdict.refuse(
                    "opens",
                    spec,
                    f"{en} would open with the move, but the instance is suspended: resume it first.",
                    f"{zh}会随迁移放行，但流程实例已挂起：请先恢复。",
                )

    def _open(self, scope: Any, spec: Any, tokens: list[Token]) -> list[Any]:
        if not joins(spec):
            for token in tokens:
                token.go_on()
            return [spec]
        if isinstance(spec, InclusiveSpec):
            if spec.awaited(scope, spec.waiting(scope)):
                return []
            spec.open(spec.waiting(scope))
            return [spec]
        opened: list[Any] = []
        while True:
            first: dict[str, Token] = {}
            for token in tokens:
                if token.waits:
                    first.setdefault(token.internal_data["via"], token)
            if len(first) < len(spec.incoming):
                return opened
            survivor = next(reversed(first.values()))
            merge(survivor, list(first.values()))
            survivor.go_on()
            opened = [spec]

    def _failed(self, token: Token, failure: ActivityFailed) -> None:
        en, zh = called(token.task_spec)
        version = self.verdict.target_version
        self.verdict.refuse(
            "expression",
            token.task_spec,
            f"{en}: what version {version} draws has no value here. {failure.message}",
            f"{zh}：第 {version} 版的表达式在这里没有值。{failure.message_zh or failure.message}",
        )


_ATTRIBUTES = {
    "assignee": "办理人",
    "candidate_users": "候选人",
    "candidate_groups": "候选组",
    "priority": "优先级",
    "due_date": "到期时间",
    "follow_up_date": "跟进时间",
    "form": "表单",
    "name": "名称",
    "lane": "泳道",
    "properties": "属性",
}


def borders_before(instance: Instance, mapping: Mapping[str, str]) -> dict[UUID, frozenset[str]]:
    """Return what `Taking.borders` is, of an instance that is still on the version it comes from."""
    found: dict[UUID, frozenset[str]] = {}
    for scope in instance.scopes():
        for token in (scope.task_tree, *scope.live_tokens()):
            if token.task_spec.boundaries:
                found[token.id] = frozenset(renamed(one.name, mapping) for one in token.task_spec.boundaries)
    return found


def still_there(
    before: Mapping[UUID, frozenset[str]], withdrawn: list[Token], mapping: Mapping[str, str]
) -> dict[UUID, frozenset[str]]:
    """Return the same without what was withdrawn, which the target may have as something else."""
    found = dict(before)
    for token in withdrawn:
        parent = token.parent
        if parent is not None and parent.id in found:
            found[parent.id] -= {renamed(token.task_spec.name, mapping)}
    return found


def withdraw(instance: Instance, tokens: list[Token], verdict: Verdict) -> None:
    """Take away what listens at borders and does not in the target, in the version the instance comes from."""
    for token in tokens:
        en, zh = called(token.task_spec)
        due = token.internal_data.get("due")
        when, when_zh = (
            (f", which was due at {_instant(due)}", f"（原定 {_instant(due)}）") if due else ("", "")
        )
        verdict.tell(
            "event-gone",
            token.task_spec,
            f"{en}{when} is withdrawn: version {verdict.target_version} has no such event there.",
            f"{zh}{when_zh}撤销：第 {verdict.target_version} 版中那里没有这个事件。",
        )
        token.cancel()


def _clock(node: Any) -> dict[str, str]:
    return {name: text for name, text in node.properties.items() if name.startswith(WATCHED)}


def _instant(text: str | None) -> str:
    """Return an instant as people read it; — where there is none."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M") if text else "—"
