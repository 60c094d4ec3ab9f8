"""The sentences of a trial run: what was met, at which element, and what to draw instead, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.dialect.findings import Finding, Place, Report
from engine.dialect.model import Body, Flow, Node, ProcessModel
from engine.dialect.tables.elements import FLOW_NODES
from engine.spiff.workflow import MAX_STEPS

MOST_NOTES = 20
"""Notes of guesses per process: more of them say nothing more."""
LONGEST = 200
"""Characters quoted of an expression or of an exception."""


class Telling:
    """Finds the elements of one process, and of those it calls, and says what befell them."""

    def __init__(self, model: ProcessModel, called: Sequence[ProcessModel]) -> None:
        self.model = model
        self.places: dict[str, tuple[str, Place]] = {}
        self.flows: dict[str, Flow] = {}
        for one in called:  # the process itself comes first: its own elements win
            self._take(one.body, one.file)
        lines = [node.line for node in model.body.nodes if node.line]
        name = model.name if model.name != model.key else ""
        self.process = Place(min(lines, default=0), model.key, name, "process", "流程")

    def _take(self, body: Body, file: str) -> None:
        for node in body.nodes:
            if not node.serves:  # what is generated is told of as the element it stands for
                self.places.setdefault(node.id, (file, place_of(node)))
            if node.body is not None:
                self._take(node.body, file)
        self.flows |= {flow.id: flow for flow in body.flows if flow.id not in self.flows}

    def of(self, said: dict[str, Any]) -> Iterator[Finding]:
        """Yield the findings of what the child, or the server on its behalf, said."""
        if "answer" not in said:
            yield self._ended(said)
            return
        notes = 0
        for one in said["answer"]:
            notes += one["met"] == "empty"
            if notes <= MOST_NOTES or one["met"] != "empty":
                yield getattr(self, f"_{one['met']}")(one)

    def not_tried(self, en: str, zh: str) -> Finding:
        """Say that there was no trial run."""
        return self._finding(
            "warning",
            "not-tried",
            "",
            f"{self.process:en} was not tried: {en[:LONGEST]}. It is checked as a drawing only.",
            f"{self.process:zh}没有试运行：{zh[:LONGEST]}。只检查了图本身。",
        )

    def _ended(self, said: dict[str, Any]) -> Finding:
        """Say how a child ended that gave no answer."""
        element = str(said.get("element", ""))
        _, place = self._at(element)
        died = said.get("died", "")
        if died == "deadline":
            return self._finding(
                "error",
                "trial-hangs",
                element,
                f"The trial run of {self.process:en} did not come to an end in time; it was at {place:en}. Look for what "
                "goes on for ever there, or takes too much.",
                f"{self.process:zh}的试运行没有按时结束，停在{place:zh}。请检查那里是否无休止或开销过大。",
            )
        if died == "starved":
            return self.not_tried("the machine was too busy to finish in time", "机器繁忙，未能按时完成")
        if died == "memory":
            return self._finding(
                "error",
                "trial-grows",
                element,
                f"The trial run of {self.process:en} took more memory than a process may; it grew at {place:en}. Repeat less "
                "at once, or keep less there.",
                f"{self.process:zh}的试运行占用内存超过上限，在{place:zh}处增长。请减少同时的重复或保存的数据。",
            )
        if "raised" in said or died == "recursion":
            why = str(said.get("raised") or "it nests too deep")[:LONGEST]
            return self._finding(
                "error",
                "trial-fails",
                element,
                f"The trial run of {self.process:en} broke at {place:en} ({why}). Draw it in another way, and report this: "
                "no drawing should.",
                f"{self.process:zh}的试运行在{place:zh}处中断（{why}）。请换一种画法，并报告此问题。",
            )
        return self.not_tried(
            f"its child process ended ({died or 'unknown'})", f"子进程已结束（{died or '原因不明'}）"
        )

    # -- what a walk met ------------------------------------------------------------------------------------------

    def _dead(self, one: dict[str, Any]) -> Finding:
        where_en, where_zh = self._join(one["elements"])
        return self._finding(
            "error",
            "dead-token",
            first(one),
            f"{self.process:en} stops for ever {where_en}, whatever way the trial run took: nothing moves there and nothing "
            "is waited for. Join the ways of a choice with an exclusive gateway, or draw the branch that is missing.",
            f"{self.process:zh}会永远停{where_zh}，试运行无论走哪条路都如此：那里没有动作也没有等待。请用排他网关合并"
            "选择的分支，或补画缺少的分支。",
        )

    def _stuck(self, one: dict[str, Any]) -> Finding:
        where_en, where_zh = self._join(one["elements"])
        guess_en, guess_zh = self._guess(*one["guess"])
        return self._finding(
            "warning",
            "may-get-stuck",
            first(one),
            f"{self.process:en} stops for ever {where_en} {guess_en}: nothing moves there and nothing is waited for. Join "
            "the ways of a choice with an exclusive gateway, or draw the branch that is missing.",
            f"{self.process:zh}{guess_zh}会永远停{where_zh}：那里没有动作也没有等待。请用排他网关合并选择的分支，或补画"
            "缺少的分支。",
        )

    def _loop(self, one: dict[str, Any]) -> Finding:
        names_en, names_zh = self._names(one["elements"])
        return self._finding(
            "error",
            "endless-loop",
            first(one),
            f"{self.process:en} takes more than {MAX_STEPS:,} steps without waiting for anybody, or goes round for ever: "
            f"{names_en}. Put a task or an event that waits into the loop, or a condition that leaves it sooner.",
            f"{self.process:zh}超过 {MAX_STEPS} 步不等待任何人，或会无休止地循环：{names_zh}。请在循环中加入会等待的任务或"
            "事件，或加入能更早离开循环的条件。",
        )

    def _depth(self, one: dict[str, Any]) -> Finding:
        names_en, names_zh = self._names(one["elements"])
        return self._finding(
            "error",
            "endless-call",
            first(one),
            f"{self.process:en} opens itself inside itself for ever: {names_en}. Put a task that waits, or a way out, before "
            "the call.",
            f"{self.process:zh}会无休止地嵌套打开自己：{names_zh}。请在调用之前加入会等待的任务或出口。",
        )

    def _crowd(self, one: dict[str, Any]) -> Finding:
        names_en, names_zh = self._names(one["elements"])
        return self._finding(
            "error",
            "too-many-tokens",
            first(one),
            f"{self.process:en} splits without end; thousands are on their way at once at {names_en}. Join what was split, or "
            "repeat less at once.",
            f"{self.process:zh}不断分支，同时有数千个令牌在{names_zh}。请合并分支，或减少同时的重复。",
        )

    def _incident(self, one: dict[str, Any]) -> Finding:
        _, place = self._at(first(one))
        # Two branches write one path only where both are on their way at once; everything else fails each time.
        every_en, every_zh = (
            ("can fail as it did in the trial run", "可能像试运行中那样失败")
            if one["kind"] == "conflict"
            else (
                "fails in the trial run, as it will in every case that comes there",
                "在试运行中失败，每个走到这里的案件都会如此",
            )
        )
        return self._finding(
            "warning",
            "trial-incident",
            first(one),
            f"{place:en} {every_en}: {one['message']}",
            f"{place:zh}{every_zh}：{one['message_zh'] or one['message']}",
        )

    def _empty(self, one: dict[str, Any]) -> Finding:
        _, place = self._at(first(one))
        text = one["expression"][:LONGEST]
        return self._finding(
            "note",
            "trial-guess",
            first(one),
            f"{place:en} has no value without data in the trial run, so it was guessed: {text}",
            f"{place:zh}在试运行中没有数据可取值，因此作了假设：{text}",
        )

    # -- words ----------------------------------------------------------------------------------------------------

    def _at(self, element: str) -> tuple[str, Place]:
        return self.places.get(element, (self.model.file, self.process))

    def _finding(self, severity: Any, code: str, element: str, en: str, zh: str) -> Finding:
        file, place = self._at(element)
        report = Report(file)
        report._add(severity, code, place, en, zh, None)
        return report.findings[0]

    def _names(self, elements: Sequence[str]) -> tuple[str, str]:
        places = [self._at(one)[1] for one in elements] or [self.process]
        return ", ".join(f"{place:en}" for place in places), "、".join(f"{place:zh}" for place in places)

    def _join(self, elements: Sequence[str]) -> tuple[str, str]:
        if not elements:
            return "after its last step", "在最后一步之后"
        en, zh = self._names(elements)
        return f"at {en}", f"在{zh}"

    def _guess(self, place: str, option: str) -> tuple[str, str]:
        """Say what a walk had guessed, as a condition."""
        kind, _, element = place.partition(":")
        _, at = self._at(element)
        if kind == "way":
            targets = [self.flows[name].target for name in option.split(" ") if name in self.flows]
            en, zh = self._names(targets)
            return f"if {at:en} goes on to {en}", f"若{at:zh}走向{zh}，"
        if kind == "event":
            _, event = self._at(option)
            return f"if {event:en} happens at {at:en}", f"若在{at:zh}发生{event:zh}，"
        if kind == "truth":
            return f"if the condition of {at:en} is {option}", f"若{at:zh}的条件为 {option}，"
        return "on one of its ways", "在其中一条路上"


def first(one: dict[str, Any]) -> str:
    """Return the first element something was met at, or an empty string."""
    return str(one["elements"][0]) if one["elements"] else ""


def place_of(node: Node) -> Place:
    """Return how findings name a node of a compiled process."""
    rule = FLOW_NODES.get(node.kind)
    en, zh = (rule.en, rule.zh) if rule else (node.kind, node.kind)
    return Place(node.line, node.id, " ".join(node.name.split())[:80], en, zh)
