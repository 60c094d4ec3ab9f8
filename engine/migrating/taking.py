"""Lets an instance that was put on another version take over what that version says of what waits: timers, messages, what user
tasks ask for, what operations are given. What listens besides, and joins: `engine.migrating.listening`, `.opening`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.dialect.ids import author_id
from engine.dialect.model import WATCHED
from engine.migrating.listening import listen
from engine.migrating.opening import open_joins
from engine.migrating.verdict import Verdict, called, instant
from engine.spiff import timers
from engine.spiff.run import ActivityFailed, ArmedTimer, Awaited
from engine.spiff.specs.activities import READERS, UserSpec, WorkSpec
from engine.spiff.specs.events import SENT, CatchSpec
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
        listen(self.instance, self.borders, self.verdict)
        open_joins(self.instance, self.verdict, moves=self.moves)
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
            f"{en} is due at {instant(data.get('due'))} instead of {instant(due)}: its value is another one.",
            f"{zh}的时间改为 {instant(data.get('due'))}，原为 {instant(due)}：定时设置已变。",
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


def _clock(node: Any) -> dict[str, str]:
    return {name: text for name, text in node.properties.items() if name.startswith(WATCHED)}
