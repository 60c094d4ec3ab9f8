"""What a form reads of where its task stands besides its own answers, and what of it a browser is given. Pure.

A form's expressions may read CONTEXT: the case, and what the process has learnt. Only what they read leaves the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from engine.expressions.feel import ExpressionError, compile_expression, to_plain
from tasks.forms.conditions import evaluate, expression
from tasks.forms.fields import Checked

CASE = "case"
LEARNT = ("form", "result", "decision", "loop", "message")
"""The homes of what a process learns; reading one of them needs the instance."""
CONTEXT = (CASE, *LEARNT)

_TEMPLATE = re.compile(r"\{\{[#/]?(?:if |loop )?(.*?)\}\}", re.DOTALL)
_NAMED = re.compile(rf"(?<![\w.])({'|'.join(CONTEXT)})((?:\.[^\W\d]\w*)*)")


def reads_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """The dotted paths of CONTEXT that the expressions of a form-js schema read, its default values and templates too. A name
    that the form asks for itself (`decision`) is its own answer.
    """
    return _reads(orjson.dumps(schema))


@lru_cache(maxsize=512)
def _reads(schema: bytes) -> frozenset[str]:
    form = orjson.loads(schema)
    own = {str(one.get("path") or one.get("key") or "").partition(".")[0] for one in _components(form)}
    paths = {path for text in _texts(form) for path in _paths(text)}
    return frozenset(path for path in paths if path.partition(".")[0] not in own)


def _texts(node: Any, key: str = "") -> Iterator[str]:
    """Every expression in a schema, wherever it stands."""
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from _texts(inner, name)
    elif isinstance(node, list):
        for inner in node:
            yield from _texts(inner)
    elif isinstance(node, str):
        if node.lstrip().startswith("=") or key == "hide":
            yield node.strip().removeprefix("=")
        elif "{{" in node:
            yield from _TEMPLATE.findall(node)


def _paths(text: str) -> Iterable[str]:
    try:
        compiled = compile_expression(text)
    except ExpressionError:  # a browser's own dialect; what is named in it is read
        return {root + rest for root, rest in _NAMED.findall(text)}
    return {path for path in compiled.paths if path.partition(".")[0] in CONTEXT}


def needs_instance(reads: Iterable[str]) -> bool:
    """Whether what a form reads is more than its case."""
    return any(path.partition(".")[0] in LEARNT for path in reads)


def picked(reads: Iterable[str], context: Mapping[str, Any]) -> dict[str, Any]:
    """What is at these paths, and nothing else. What lies inside a list comes with the list."""
    found: dict[str, Any] = {}
    for path in sorted(reads):  # a whole comes before its parts, which are in it then
        _pick(path.split("."), context, found)
    return found


def _pick(keys: list[str], source: Any, into: dict[str, Any]) -> None:
    key, rest = keys[0], keys[1:]
    if not isinstance(source, Mapping) or key not in source:
        return
    inner = source[key]
    if not rest or not isinstance(inner, Mapping):
        into[key] = inner
    elif (held := into.setdefault(key, {})) is not inner:
        _pick(rest, inner, held)


def with_defaults(schema: Mapping[str, Any], context: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """The schema with every default value that is an expression (`=…`) worked out; what gives nothing is left empty."""
    if not any("defaultValue" in one and _computed(one["defaultValue"]) for one in _components(schema)):
        return schema
    situation = Checked(answers={}, context=context, now=now)

    def filled(component: Any) -> Any:
        if not isinstance(component, Mapping):
            return component
        copy = dict(component)
        if _computed(copy.get("defaultValue")):
            value = to_plain(evaluate(expression(copy.pop("defaultValue").strip()), situation, {}))
            if value is not None:
                copy["defaultValue"] = value
        if isinstance(copy.get("components"), list):
            copy["components"] = [filled(one) for one in copy["components"]]
        return copy

    whole: Mapping[str, Any] = filled(schema)
    return whole


def _components(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    inner = node.get("components")
    for one in inner if isinstance(inner, list) else ():
        if isinstance(one, Mapping):
            yield one
            yield from _components(one)


def _computed(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith("=")
