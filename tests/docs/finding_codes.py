"""Finds every finding the check can make, in the code that makes it: `python -m tests.docs.finding_codes` rewrites the table of
docs/checks.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "checks.md"
BEGIN = "<!-- the table: python -m tests.docs.finding_codes -->"
SEVERITIES = ("error", "binding", "warning", "note")
_CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)+\Z")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NO_CODES = frozenset({"decode", "encode", "parametrize"})


@dataclass(frozen=True, slots=True)
class Made:
    """One place that makes a finding: its severity (empty where the place does not say it), and both sentences, with `…` for
    what is filled in."""

    code: str
    severity: str
    en: str
    zh: str


SAID = (
    Made("duplicate-id", "error", "Two elements have one id.", "两个元素使用同一个 id。"),
    Made("join-waits-for-ever", "warning", "When … takes …, … waits for ever for a token by …; with a walk.",
         "当…走…时，…会一直等待…的令牌；附走法。"),
    Made("missing-entry", "error", "A part of a decision has no expression.", "决策的一部分没有表达式。"),
    Made("needs-decision", "binding", "A business rule task names a decision that is not here.", "业务规则任务引用的决策不在此处。"),
    Made("needs-listener", "binding", "A listener calls code that does not run here.", "监听器调用的代码这里不运行。"),
    Made("needs-operation", "binding", "A task does not say what it runs, or asks for what is not offered here.",
         "任务没有说明执行什么操作，或要求的操作这里没有提供。"),
    Made("needs-process", "binding", "A call activity names a process that is not here.", "调用活动引用的流程不在此处。"),
    Made("runs-twice", "warning", "… and what follows run more than once when …: a second token comes there while the first is on "
         "its way; with a walk.", "当…时，…及之后的步骤会执行不止一次：第二个令牌到达时第一个还在途中；附走法。"),
    Made("table-conflict", "warning", "Two rules of a UNIQUE or ANY table match at once and say different things; with an example.",
         "唯一或任意命中的表中，两条规则同时命中而结果不同；附例子。"),
    Made("table-gap", "warning", "Inputs for which no rule of a decision table matches; with an example.", "决策表没有规则命中的输入；附例子。"),
    Made("table-overlap", "warning", "Two rules of a decision table match at once; with an example.", "决策表的两条规则同时命中；附例子。"),
    Made("undrawn-requirement", "warning", "A decision reads what it does not draw as required.", "决策读取了没有画为所需的元素。"),
    Made("value-wrong-type", "warning", "A value of a decision table has another type than its column.", "决策表的取值与列的类型不同。"),
)  # fmt: skip
"""Findings whose sentences are put together of parts."""


def every_finding() -> list[Made]:
    """All of them, by code."""
    found: dict[str, Made] = {}
    for folder in ("engine/dialect", "engine/trial", "engine/expressions/dmn"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if not {"support", "tables"} & set(file.parts):
                for made in _in(ast.parse(file.read_text(encoding="utf-8"))):
                    before = found.get(made.code)
                    if before is None or (not before.zh and made.zh):
                        found[made.code] = made
    found |= {one.code: one for one in SAID}
    return [found[code] for code in sorted(found)]


def _in(tree: ast.AST) -> Iterator[Made]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        values = [*call.args, *(one.value for one in call.keywords)]
        texts = [text for one in values if (text := _text(one))]
        codes = [text for text in texts if _CODE.match(text)]
        if not codes or name in _NO_CODES:
            continue
        sentences = [text for text in texts if " " in text or _CHINESE.search(text)]
        zh = next((text for text in sentences if _mostly_chinese(text)), "")
        en = next((text for text in sentences if not _mostly_chinese(text)), "")
        if not sentences and name not in (
            "report",
            "_about",
            "finding",
            "more",
            "add",
            "_tell",
            "Refused",
            "warn",
        ):
            continue
        told = next((text for text in texts if text in SEVERITIES), "")
        severity = told or {"_note": "note", "Refused": "error", "refused": "error"}.get(name, name)
        yield Made(codes[0], severity if severity in SEVERITIES else "", en, zh)


def _mostly_chinese(text: str) -> bool:
    return len(_CHINESE.findall(text)) > len(re.findall(r"[a-z]{3,}", text))


def _text(node: ast.AST) -> str:
    """What a piece of code says, with `…` for what is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one) if isinstance(one, ast.Constant) else "…" for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (_text(node.left) or "…") + (_text(node.right) or "…")
    if isinstance(node, ast.IfExp):
        return _text(node.body)
    return ""


def table() -> str:
    """The table as Markdown."""
    rows = ["| code | 级别 severity | 说明 what it says |", "|---|---|---|"]
    for one in every_finding():
        both = " ".join(filter(None, (_cell(one.zh), _cell(one.en))))
        rows.append(f"| `{one.code}` | {one.severity or '—'} | {both or '—'} |")
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"(?:… ?){2,}", "…", " ".join(text.split())).replace("|", "\\|").replace("<", "&lt;")


def page() -> str:
    """The whole page, with the table as the code has it."""
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return f"{head}{BEGIN}\n\n{table()}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
