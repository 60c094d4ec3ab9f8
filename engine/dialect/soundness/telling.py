"""What is said of a run that goes wrong: which choices lead there, what happens then, and what to draw instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.dialect.findings import Place, Report, WalkStep
from engine.dialect.ids import author_id
from engine.dialect.model import Body, Flow, Node, is_generated
from engine.dialect.read.context import place_of_node
from engine.dialect.soundness.game import Step, Trouble
from engine.dialect.soundness.net import Marking, Move, Net

MOST_CHOICES = 3
"""Choices a sentence names; the walk has all of them."""
MOST_STEPS = 200
"""Steps of a walk that are kept: the last ones."""


class Telling:
    """Says what was found in the processes of one file."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def tell(self, net: Net, trouble: Trouble, owner: Node | None) -> None:
        """Report one trouble of a body; owner: the sub-process it is the inside of."""
        if trouble.kind == "starves":
            self._starves(net, trouble)
        else:
            self._again(net, trouble, owner)

    def not_whole(self, node: Node) -> None:
        """Say that the runs of a body were not all played."""
        place = place_of_node(node)
        self.report.note(
            "not-explored",
            place,
            f"The runs that begin at {place:en} are too many to be played through; only joins that plainly wait for ever "
            "are looked for. Turn parts into sub-processes or call activities.",
            f"从{place:zh}开始的运行情形太多，没有全部推演，只检查了明显的汇合错误；请把部分改为子流程或调用活动。",
        )

    def starving(self, body: Body, join: str, split: str) -> None:
        """Report a join that waits for ever, which was found in the drawing and not by a run."""
        nodes = {node.id: node for node in body.nodes}
        place, cause = place_of_node(nodes[join]), place_of_node(nodes[split])
        self.report.warning(
            "join-waits-for-ever",
            place,
            f"{place:en} waits for every incoming flow, but {cause:en} takes only one of the ways to it; "
            "join them with an exclusive gateway.",
            f"{place:zh}等待所有入口，但{cause:zh}只走其中一条；请用排他网关汇合。",
        )

    # -- a join that waits for ever -----------------------------------------------------------------------------------

    def _starves(self, net: Net, trouble: Trouble) -> None:
        join, place = trouble.node, place_of_node(trouble.node)
        filled = {net.via_at[one] for one in trouble.end}
        lacking = [flow for flow in net.incoming[join.id] if flow.id not in filled]
        culprits = _diverting(net, trouble.steps, lacking)
        lacks_en, lacks_zh = self._flows(net, lacking, to=False)
        when_en, when_zh = self._choices(net, culprits)
        if culprits:
            advice_en = (
                "Join the ways of a choice with an exclusive gateway, or lead every way of it to the join."
            )
            advice_zh = "选择的分支请用排他网关汇合，或让每条分支都通到这里。"
            en = f"{place:en} waits for ever for a token by {lacks_en} when {when_en}. {advice_en}"
            zh = f"当{when_zh}时，{place:zh}会一直等待{lacks_zh}的令牌，流程停在这里。{advice_zh}"
        else:
            en = (
                f"{place:en} waits for ever for a token by {lacks_en}, which never comes. Lead there only flows on which a "
                "token comes in each run, or join them with an exclusive gateway."
            )
            zh = f"{place:zh}会一直等待{lacks_zh}的令牌，而它永远不会来。并行汇合的每个入口都要有令牌到达，否则请用排他网关汇合。"
        self._add("join-waits-for-ever", place, en, zh, net, trouble)

    # -- something that runs twice ------------------------------------------------------------------------------------

    def _again(self, net: Net, trouble: Trouble, owner: Node | None) -> None:
        place = place_of_node(trouble.node)
        fork, choices = _parting(net, trouble)
        when_en, when_zh = self._choices(net, choices)
        if fork is None:
            at = place_of_node(owner) if owner is not None else place
            from_en, from_zh = f"{at:en} begins in several places", f"{at:zh}从多处开始"
        elif fork.event is not None:
            at = place_of_node(fork.event)
            from_en, from_zh = (
                f"{at:en} sends a token beside the one that goes on",
                f"{at:zh}在原令牌之外又发出一个令牌",
            )
        else:
            at = place_of_node(net.nodes.get(fork.node.serves, fork.node))
            from_en, from_zh = f"{at:en} sends out several tokens", f"{at:zh}发出多个令牌"
        inclusive = fork is not None and fork.node.kind == "inclusiveGateway" and fork.event is None
        if fork is not None and fork.event is not None:
            advice_en = "Lead the event's way to an end of its own, or let the event interrupt."
            advice_zh = "请让该事件的路径单独结束，或改为中断事件。"
        elif inclusive:
            advice_en = "Join the ways with an inclusive gateway before it, or choose with an exclusive one."
            advice_zh = "请先用包容网关汇合；如果只会走一条，请用排他网关分支。"
        else:
            advice_en = "Join the ways with a parallel gateway before it."
            advice_zh = "请先用并行网关汇合。"
        and_en = f" when {when_en}" if choices else ""
        if_zh = f"当{when_zh}时，" if choices else ""
        self._add(
            "runs-twice",
            place,
            f"{place:en} and what follows run more than once{and_en}: {from_en}, and a second one comes there while the "
            f"first is on its way. {advice_en}",
            f"{if_zh}{place:zh}及之后的步骤会执行不止一次：{from_zh}，第二个令牌到达时第一个还在途中。{advice_zh}",
            net,
            trouble,
        )

    # -- words --------------------------------------------------------------------------------------------------------

    def _choices(self, net: Net, moves: Sequence[Move]) -> tuple[str, str]:
        told = [self._choice(net, move) for move in moves[-MOST_CHOICES:]]
        return " and ".join(en for en, _ in told), "、".join(zh for _, zh in told)

    def _choice(self, net: Net, move: Move) -> tuple[str, str]:
        if move.event is not None:
            event, host = place_of_node(move.event), place_of_node(move.node)
            return f"{event:en} happens at {host:en}", f"{host:zh}发生{event:zh}"
        at = place_of_node(net.nodes.get(move.node.serves, move.node))
        en, zh = self._flows(net, move.flows, to=True)
        return f"{at:en} takes {en}", f"{at:zh}走{zh}"

    @staticmethod
    def _flows(net: Net, flows: Iterable[Flow], *, to: bool) -> tuple[str, str]:
        """Name flows; one without a name by where it leads to, or comes from."""
        en: list[str] = []
        zh: list[str] = []
        for flow in flows:
            place = Place(0, "" if is_generated(flow.id) else flow.id, _short(flow.name), "flow", "顺序流")
            end = place_of_node(net.nodes[flow.target if to else flow.source])
            if flow.name:
                en.append(f"{place:en}")
                zh.append(f"{place:zh}")
            else:
                en.append(f"{place:en} {'to' if to else 'from'} {end:en}")
                zh.append(f"到{end:zh}的{place:zh}" if to else f"来自{end:zh}的{place:zh}")
        return " and ".join(en), "和".join(zh)

    def _add(self, code: str, place: Place, en: str, zh: str, net: Net, trouble: Trouble) -> None:
        self.report.warning(code, place, en, zh, walk=walk_of(net, trouble))


def walk_of(net: Net, trouble: Trouble) -> tuple[WalkStep, ...]:
    """Return the run as steps, with the ids its author wrote."""
    steps = [WalkStep(at=_standing(net, trouble.beginning))]
    for _, move, after in trouble.steps:
        step = WalkStep(at=_standing(net, after), took=_took(move))
        if step.at != steps[-1].at or len(step.took) > 1 or move.event is not None:
            steps.append(step)  # the others lead to a gateway that is drawn nowhere
    return tuple(steps[-MOST_STEPS:])


def _standing(net: Net, marking: Marking) -> tuple[str, ...]:
    return tuple(_own(net.node_at[place]) for place in marking)


def _took(move: Move) -> tuple[str, ...]:
    moved = move.event if move.event is not None else move.node
    flows = [author_id(flow.id) for flow in move.flows if not is_generated(flow.id)]
    return (_own(moved), *flows)


def _own(node: Node) -> str:
    return author_id(node.serves or node.id)


def _short(name: str) -> str:
    return " ".join(name.split())[:80]


def _diverting(net: Net, steps: Sequence[Step], lacking: Sequence[Flow]) -> list[Move]:
    """Return the choices after which no token could come by a flow any more, though another choice led there."""
    found: list[Move] = []
    for flow in lacking:
        coming = net.reaching(flow.source)

        def leads(move: Move, flow: Flow = flow, coming: frozenset[str] = coming) -> bool:
            if move.event is not None and not move.flows:
                return move.event.id in coming
            return any(one.id == flow.id or one.target in coming for one in move.flows)

        for _, move, _ in reversed(steps):
            if not move.is_choice or move.stays or leads(move):
                continue
            ways = [*net.leaving(move.node)]
            if any(leads(other) for other in ways) and move not in found:
                found.append(move)
                break
    order = {id(move): number for number, (_, move, _) in enumerate(steps)}
    return sorted(found, key=lambda move: order.get(id(move), 0))


def _parting(net: Net, trouble: Trouble) -> tuple[Move | None, list[Move]]:
    """Return the move that made two tokens of one, and the choices both made afterwards; None: the body began with both."""
    tokens: list[tuple[int, frozenset[int]]] = [(place, frozenset()) for place in trouble.beginning]
    for number, (taken, move, _) in enumerate(trouble.steps):
        history = frozenset({number})
        for place in taken:
            index = next(i for i, (where, _) in enumerate(tokens) if where == place)
            history |= tokens.pop(index)[1]
        tokens += [(place, history) for place in move.produced]
    meeting = [history for place, history in tokens if net.node_at[place] is trouble.node][-2:]
    common = frozenset.intersection(*meeting) if meeting else frozenset()
    after = sorted(frozenset().union(*meeting) - common)
    fork = trouble.steps[max(common)][1] if common else None
    choices = [trouble.steps[number][1] for number in after]
    if fork is not None:
        choices = [fork, *choices]
    return fork, [move for move in choices if move.is_choice]
