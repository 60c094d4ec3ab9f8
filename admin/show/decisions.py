"""What a decision came to, in the words of its own table: the output columns' labels, the name a rule gives to
its result, and the clause the rule rests on.

DMN lets every element carry a `label`; on an output column it is the column's heading, on an output entry it
names the value for people, so that `"general"` reads 一般.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from admin.show.filters import in_words
from admin.show.language import brief
from engine.dialect import safe_xml
from engine.dialect.refusal import Refused


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the labels of its output entries, by output name, and what it says for its reader."""

    labels: Mapping[str, str]
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """One decision table. `outputs`: (name, label) of its columns, in order; `rules` by id."""

    outputs: Sequence[tuple[str, str]] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)


def read_tables(content: bytes) -> dict[str, Table]:
    """The decision tables of a DMN file, by decision id; none when it cannot be read."""
    try:
        root = safe_xml.parse(content)
    except Refused:
        return {}
    return {
        str(decision.get("id")): _table(decision)
        for decision in root.iter("{*}decision")
        if decision.find("{*}decisionTable") is not None
    }


def _table(decision: Any) -> Table:
    body = decision.find("{*}decisionTable")
    columns = body.findall("{*}output")
    outputs = [
        (str(one.get("name") or ""), str(one.get("label") or one.get("name") or "")) for one in columns
    ]
    return Table(outputs, {str(rule.get("id")): _rule(rule, outputs) for rule in body.findall("{*}rule")})


def _rule(rule: Any, outputs: Sequence[tuple[str, str]]) -> Rule:
    entries = rule.findall("{*}outputEntry")
    labels = {
        name: str(entry.get("label"))
        for (name, _), entry in zip(outputs, entries, strict=False)
        if entry.get("label")
    }
    notes = [_text(one) for one in rule.findall("{*}annotationEntry")] or [_text(rule.find("{*}description"))]
    return Rule(labels, "，".join(note for note in notes if note))


def _text(element: Any) -> str:
    if element is None:
        return ""
    return " ".join(str(etree.tostring(element, method="text", encoding="unicode", with_tail=False)).split())


def conclusion(
    table: Table | None, data: Mapping[str, Any], value: Callable[[Any], str] = in_words
) -> tuple[str, str]:
    """The result of one evaluation in words, and the clauses its rules rest on ("" without any).

    data: the evidence kept in the history: `result`, and `rules` as [{rule, row}]. value: how a single value
    that no rule names is told.
    """
    result = data.get("result")
    matched = [str(one.get("rule")) for one in data.get("rules") or () if isinstance(one, Mapping)]
    rules = [table.rules[one] for one in matched if one in table.rules] if table else []
    # Where several rules have been added up or listed, no single rule names the result.
    names = rules[0].labels if len(matched) == 1 and rules else {}
    outputs = list(table.outputs) if table else []
    if isinstance(result, Mapping):
        headings = dict(outputs)
        order = [name for name, _ in outputs if name in result]
        order += [name for name in result if name not in headings]
        told = brief("；", "; ").join(
            f"{headings.get(name) or name}{brief('：', ': ')}{names.get(name) or value(result[name])}"
            for name in order
        )
    elif len(outputs) == 1 and result is not None:
        name, heading = outputs[0]
        told = (
            f"{heading}{brief('：', ': ')}{names.get(name) or value(result)}"
            if heading
            else names.get(name) or value(result)
        )
    else:
        told = value(result)
    return told, brief("；", "; ").join(dict.fromkeys(rule.note for rule in rules if rule.note))
