"""Finds for everything that waits in an instance where it waits in another version, or says why it cannot.

Every live token needs a node of the same id and kind in the same scope: the same sub-processes around it, the same called
process. Events that listen at borders are the exception: they belong to what they listen at, so they come and go with the
version (`engine.migrating.taking`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.dialect.ids import author_id
from engine.dialect.model import Call
from engine.migrating import joins
from engine.migrating.verdict import Verdict, called, kind_of
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.base import ITEM, ProcessSpec
from engine.spiff.specs.gateways import EventGatewaySpec
from engine.spiff.specs.repeated import MultiInstanceSpec, RepeatedSpec
from engine.spiff.specs.scopes import CallSpec
from engine.spiff.task import Token
from engine.spiff.workflow import Instance

Callee = Callable[[str, Call], tuple[str, ProcessSpec]]
"""(definition of the caller, call) → (definition, spec) of the process it enters now. Raises ActivityFailed."""


@dataclass(slots=True)
class Pairing:
    """What becomes of an instance's tokens and scopes in the other version.

    names: token → name of its node there. definitions: activity whose scope it is (None: the instance's own) → definition.
    vias: token → the flow it waits on, where that is called otherwise. borders: tokens whose event is not at that border any
    more. mapping: renamed nodes, by the engine's ids, in the process itself.
    """

    verdict: Verdict
    mapping: Mapping[str, str] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    definitions: dict[UUID | None, str] = field(default_factory=dict)
    vias: dict[UUID, str] = field(default_factory=dict)
    borders: list[Token] = field(default_factory=list)


def pair(instance: Instance, spec: ProcessSpec, target: str, callee: Callee, pairing: Pairing) -> None:
    """Pair everything in an instance with its version `target`, whose spec is given; refusals go to the verdict."""
    _Scope(instance, instance, spec, target, spec, pairing.mapping, callee, pairing).pair()


@dataclass(slots=True)
class _Scope:
    """One scope of an instance beside what it becomes. whole: the process it is drawn in."""

    instance: Instance
    scope: Any
    target: ProcessSpec
    definition: str
    whole: ProcessSpec
    mapping: Mapping[str, str]
    callee: Callee
    pairing: Pairing

    @property
    def verdict(self) -> Verdict:
        return self.pairing.verdict

    def pair(self) -> None:
        """Pair the tokens of the scope, and the scopes inside."""
        scope, names = self.scope, self.pairing.names
        self.pairing.definitions[None if scope is self.instance else scope.parent_task_id] = self.definition
        names[scope.task_tree.id] = self.target.root.name
        before = len(self.verdict.refusals)
        for token in scope.live_tokens():
            if token.at_border:
                self._border(token)
            elif (there := self._paired(token)) is not None:
                names[token.id] = there.name
                self._join(token, there)
                self._inside(token, there)
        self._gates()
        if len(self.verdict.refusals) == before:
            self._starved()

    def _border(self, token: Token) -> None:
        """An event at a border stays where there still is one of the same kind at the same border."""
        parent, name = token.parent, renamed(token.task_spec.name, self.mapping)
        assert parent is not None
        at = self.target.task_specs.get(renamed(parent.task_spec.name, self.mapping))
        there = self.target.task_specs.get(name)
        if at is not None and there in at.boundaries and same_event(token.task_spec, there):
            self.pairing.names[token.id] = name
        else:
            self.pairing.borders.append(token)

    def _paired(self, token: Token) -> Any:
        """Return the node a token waits at in the target, if it is there as what it is; say what is wrong with it else."""
        spec, version = token.task_spec, self.verdict.target_version
        name = renamed(spec.name, self.mapping)
        there = self.target.task_specs.get(name)
        if there is not None and same_kind(spec, there):
            return there
        bare = self.target.task_specs.get(name.removesuffix(ITEM))
        if spec.wrapper is not None and not same_kind(spec.wrapper, bare):
            return None  # what repeats it is refused already
        en, zh = called(spec)
        if bare is None:
            where = somewhere(self.whole, name.removesuffix(ITEM))
            if where is None:
                self.verdict.refuse(
                    "missing",
                    spec,
                    f"{en} waits; version {version} has no such element.",
                    f"{zh}正在等待，第 {version} 版没有这个元素。",
                )
            else:
                place, place_zh = (
                    (f"in '{author_id(where)}'", f"“{author_id(where)}”内")
                    if where
                    else ("outside of every sub-process", "所有子流程之外")
                )
                self.verdict.refuse(
                    "elsewhere",
                    spec,
                    f"{en} waits; in version {version} it stands {place}, in another scope.",
                    f"{zh}正在等待，第 {version} 版中它在{place_zh}，不在原来的范围。",
                )
        elif isinstance(spec, RepeatedSpec) or isinstance(bare, RepeatedSpec):
            (how, how_zh), (then, then_zh) = _how_often(spec), _how_often(bare)
            self.verdict.refuse(
                "repetition",
                spec,
                f"{en} is at work {how}; in version {version} it is done {then}.",
                f"{zh}正在{how_zh}执行，第 {version} 版中改为{then_zh}。",
            )
        else:
            (was, was_zh), (kind, kind_zh) = _does(spec), _does(bare if there is None else there)
            self.verdict.refuse(
                "type",
                spec,
                f"{en} waits as a {was}; in version {version} it is a {kind}.",
                f"{zh}正作为{was_zh}等待，第 {version} 版中它是{kind_zh}。",
            )
        return None

    def _join(self, token: Token, there: Any) -> None:
        """The flow on which a token waits at a gateway must come in there still."""
        if not (token.waits and joins.joins(token.task_spec)):
            return
        via = token.internal_data["via"]
        if any(flow.id == via for flow in there.incoming):
            return
        source = next((flow.source for flow in token.task_spec.incoming if flow.id == via), "")
        same = [flow.id for flow in there.incoming if flow.source == renamed(source, self.mapping)]
        if len(same) == 1:
            self.pairing.vias[token.id] = same[0]
            return
        en, zh = called(token.task_spec)
        version = self.verdict.target_version
        self.verdict.refuse(
            "join-flow",
            token.task_spec,
            f"at {en} a token has come on the flow '{author_id(via)}' and waits for the others; in version {version} "
            "this flow does not lead there.",
            f"{zh}已有令牌从顺序流“{author_id(via)}”到达并等待其他令牌，第 {version} 版中这条流不再通向它。",
        )

    def _inside(self, token: Token, there: Any) -> None:
        inner = self.instance.subprocesses.get(token.id)
        if inner is None:
            return
        if not isinstance(there, CallSpec):
            part = _Scope(
                self.instance,
                inner,
                there.inside,
                self.definition,
                self.whole,
                self.mapping,
                self.callee,
                self.pairing,
            )
            part.pair()
            return
        now, then = token.task_spec.node.call, there.node.call
        assert now is not None and then is not None
        en, zh = called(token.task_spec)
        version = self.verdict.target_version
        if now.process != then.process:
            self.verdict.refuse(
                "call",
                token.task_spec,
                f"{en} has called the process '{now.process}', which is at work; in version {version} it calls "
                f"'{then.process}'.",
                f"{zh}调用的流程“{now.process}”正在执行，第 {version} 版中它调用“{then.process}”。",
            )
            return
        if now.shares != then.shares:
            self.verdict.refuse(
                "call",
                token.task_spec,
                f"{en} is at work {_sharing(now)[0]}; in version {version} it is {_sharing(then)[0]}.",
                f"{zh}正在执行，{_sharing(now)[1]}；第 {version} 版中{_sharing(then)[1]}。",
            )
            return
        try:
            definition, spec = self.callee(self.definition, then)
        except ActivityFailed as failure:
            self.verdict.refuse(
                "callee", token.task_spec, f"{en}: {failure.message}", f"{zh}：{failure.message_zh}"
            )
            return
        if definition == inner.definition:
            spec = inner.spec
        else:
            self.verdict.tell(
                "callee-moved",
                token.task_spec,
                f"what {en} has called is moved with it, to the version of '{now.process}' that is called there.",
                f"{zh}调用的流程“{now.process}”一并迁移到新版所调用的版本。",
            )
        _Scope(self.instance, inner, spec, definition, spec, {}, self.callee, self.pairing).pair()

    def _gates(self) -> None:
        """The events between which an event-based gateway lets the first decide must all still follow it."""
        for token in self.scope.live_tokens():
            if "gate" not in token.internal_data or token.id not in self.pairing.names:
                continue
            gate, there = gate_of(token), self.target.task_specs[self.pairing.names[token.id]]
            name = renamed(gate, self.mapping)
            flows = [flow.id for flow in there.incoming if flow.source == name]
            if flows and isinstance(self.target.task_specs[name], EventGatewaySpec):
                if token.internal_data["via"] not in flows:
                    self.pairing.vias[token.id] = flows[0]
                continue
            (en, zh), version = called(token.task_spec), self.verdict.target_version
            self.verdict.refuse(
                "gateway",
                token.task_spec,
                f"{en} waits behind the event-based gateway '{author_id(gate)}'; in version {version} it does not follow it.",
                f"{zh}在事件网关“{author_id(gate)}”之后等待，第 {version} 版中它不再跟在这个网关后面。",
            )

    def _starved(self) -> None:
        """Refuse where tokens would wait for ever at a join of the target, by this move alone."""
        if not self.mapping and joins.control_flow(self.scope.spec) == joins.control_flow(self.target):
            return
        here, there = self._markings()
        if len(there) > 1:
            self._met(here, there)
        if not joins.can_starve(self.target):
            return
        stuck, sure = joins.starving(self.target, there)
        if stuck:
            anyway, _ = joins.starving(self.scope.spec, here)
            stuck -= {(renamed(name, self.mapping), flows) for name, flows in anyway}
            for marking in joins.beginning(self.target) if stuck else ():
                stuck -= joins.starving(self.target, marking)[0]
        version = self.verdict.target_version
        for name, filled in sorted(stuck, key=lambda one: (one[0], sorted(one[1]))):
            join = self.target.task_specs[name]
            en, zh = called(join)
            empty = [flow for flow in join.incoming if flow.id not in filled]
            from_ = ", ".join(f"'{author_id(flow.source)}'" for flow in empty)
            from_zh = "、".join(f"“{author_id(flow.source)}”" for flow in empty)
            self.verdict.refuse(
                "starves",
                join,
                f"at {en} of version {version} a token could wait for ever: nobody might come any more from {from_}.",
                f"在第 {version} 版的{zh}，令牌可能永远等待：从{from_zh}不再有令牌到来。",
            )
        if not sure:
            self.verdict.warn(
                "unproven",
                None,
                f"version {version} can go on in so many ways that not all of them were looked at; no join was found where a token "
                "would wait for ever.",
                f"第 {version} 版后续走法过多，没有全部检查；未发现会永远等待的汇合点。",
            )

    def _met(self, here: joins.Marking, there: joins.Marking) -> None:
        """Warn of what would be done twice in the target, by this move alone."""
        twice = joins.meeting(self.target, there)
        if twice:
            twice -= {renamed(name, self.mapping) for name in joins.meeting(self.scope.spec, here)}
            for marking in joins.beginning(self.target) if twice else ():
                twice -= joins.meeting(self.target, marking)
        version = self.verdict.target_version
        for name in sorted(twice):
            en, zh = called(self.target.task_specs[name])
            self.verdict.warn(
                "runs-twice",
                self.target.task_specs[name],
                f"{en} of version {version} could run more than once: a second token may come there while the first is on its way.",
                f"第 {version} 版的{zh}可能执行不止一次：第二个令牌到达时第一个还在途中。",
            )

    def _markings(self) -> tuple[joins.Marking, joins.Marking]:
        """Return where the tokens of the scope stand now, and where they would."""
        here: list[joins.Place] = []
        there: list[joins.Place] = []
        gates: set[str] = set()
        for token in self.scope.live_tokens():
            data, spec = token.internal_data, token.task_spec
            if token.at_border or "item" in data:
                continue
            if "gate" in data:
                if data["gate"] in gates:
                    continue
                gates.add(data["gate"])
                name = gate_of(token)
                here.append((name, ""))
                there.append((renamed(name, self.mapping), ""))
                continue
            waits = token.waits and joins.joins(spec)
            here.append((spec.name, data["via"] if waits else ""))
            target = self.target.task_specs[self.pairing.names[token.id]]
            via = self.pairing.vias.get(token.id, data.get("via", ""))
            there.append((target.name, via if waits and joins.joins(target) else ""))
        return tuple(sorted(here)), tuple(sorted(there))


def renamed(name: str, mapping: Mapping[str, str]) -> str:
    """Return the name of a node in the target."""
    bare = name.removesuffix(ITEM)
    return mapping.get(bare, bare) + name[len(bare) :]


def same_kind(spec: Any, there: Any) -> bool:
    """Tell whether a token that waits at one node can wait at the other."""
    if there is None or type(spec) is not type(there) or spec.bpmn_type != there.bpmn_type:
        return False
    if isinstance(spec, MultiInstanceSpec) and _how_often(spec) != _how_often(there):
        return False
    if isinstance(spec, RepeatedSpec):
        return same_kind(spec.item_spec, there.item_spec)
    return bool(spec.event.kind == there.event.kind and bool(spec.wrapper) == bool(there.wrapper))


def same_event(spec: Any, there: Any) -> bool:
    """Tell whether what listens at a border can go on listening as the other."""
    return type(spec) is type(there) and spec.event.kind == there.event.kind


def gate_of(token: Token) -> str:
    """Return the event-based gateway behind which a token waits."""
    via = token.internal_data["via"]
    return next((flow.source for flow in token.task_spec.incoming if flow.id == via), "")


def somewhere(process: ProcessSpec, name: str) -> str | None:
    """Return in which sub-process a node stands (empty: in none), or None where the process has no such node."""
    if name in process.task_specs:
        return ""
    for spec in process.task_specs.values():
        inside = getattr(getattr(spec, "item_spec", spec), "inside", None)
        if inside is not None:
            found = somewhere(inside, name)
            if found is not None:
                return found or str(spec.bpmn_id)
    return None


def _how_often(spec: Any) -> tuple[str, str]:
    if isinstance(spec, MultiInstanceSpec):
        loop = spec.node.loop
        assert loop is not None
        return (
            ("for each item, one after the other", "逐项依次")
            if loop.sequential
            else ("for all items at once", "各项并行")
        )
    if isinstance(spec, RepeatedSpec):
        return "again and again", "循环"
    return "once", "一次"


def _does(spec: Any) -> tuple[str, str]:
    """Return what a node is, told apart from one of the same kind that waits for something else."""
    en, zh = kind_of(spec)
    if spec.operates:
        return f"{en} that waits for a job", f"等待作业的{zh}"
    if spec.bpmn_type in ("serviceTask", "sendTask", "scriptTask", "intermediateThrowEvent", "endEvent"):
        return f"{en} that calls no operation", f"不调用操作的{zh}"
    return en, zh


def _sharing(call: Call) -> tuple[str, str]:
    if call.shares:
        return "on the variables of its caller", "与调用方共用变量"
    return "on variables of its own", "使用自己的变量"
