"""Context functions (DMN 1.5 table 80)."""

from __future__ import annotations

from typing import Any

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.runtime import Run


@builtin("get value(m: context, key: string)")
def get_value(run: Run, m: dict[str, Any], key: str) -> Any:
    if key not in m:
        raise Fails(f'there is no entry "{key[:80]}"')
    return m[key]


@builtin("get value(context: context, keys: list)")
def get_value_along(run: Run, m: dict[str, Any], keys: list[Any]) -> Any:
    """The value at the end of a path of keys. No function of the standard: the modelers' engine has it."""
    if not keys:
        raise Fails("there are no keys")
    found: Any = m
    for key in keys:
        if type(key) is not str or type(found) is not dict or key not in found:
            raise Fails("there is no such entry")
        found = found[key]
    return found


@builtin("get entries(m: context)")
def get_entries(run: Run, m: dict[str, Any]) -> list[dict[str, Any]]:
    run.made(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context(entries: list)")
def context(run: Run, entries: list[Any]) -> dict[str, Any]:
    run.made(len(entries))
    made: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or "key" not in entry or "value" not in entry:
            raise Fails("every entry must have a key and a value")
        key = entry["key"]
        if type(key) is not str or key in made:
            raise Fails("every key must be a string, and stand only once")
        made[key] = entry["value"]
    return made


@builtin("context put(context: context, key: string, value: any?)")
def context_put(run: Run, m: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    run.made(len(m) + 1)
    return {**m, key: value}


@builtin("context put(context: context, keys: list, value: any?)")
def context_put_along(run: Run, m: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    if not keys or not all(type(key) is str for key in keys) or len(keys) > 100:
        raise Fails("keys must be a list of strings")
    run.made(len(m) + 1)
    if len(keys) == 1:
        return {**m, keys[0]: value}
    inner = m.get(keys[0])
    if type(inner) is not dict:
        raise Fails(f'there is no context "{keys[0][:80]}" to put into')
    return {**m, keys[0]: context_put_along(run, inner, keys[1:], value)}


@builtin("context merge(contexts: list)")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in contexts:
        if type(one) is not dict:
            raise Fails("every item must be a context")
        run.tick(1 + len(one) // 8)
        made.update(one)
    run.made(len(made))
    return made
