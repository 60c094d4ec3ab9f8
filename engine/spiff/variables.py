"""A scope's variables: one store per scope, written by path, and never overwritten by a concurrent branch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from engine.spiff.run import ActivityFailed

RESERVED = frozenset({"case", "clock"})


def unkeepable(value: Any) -> str:
    """Return why a value cannot be kept as JSON in the database, or an empty string where it can."""
    try:
        written = orjson.dumps(value)
    except (TypeError, RecursionError) as error:
        return f"it holds something that cannot be kept ({error})"
    if b"\\u0000" in written and holds_nul(value):
        return "it holds the character U+0000"
    return ""


def holds_nul(value: Any) -> bool:
    """Tell whether a text in plain data holds U+0000, which no database text can."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any(holds_nul(key) or holds_nul(item) for key, item in value.items())
    return isinstance(value, list | tuple) and any(holds_nul(item) for item in value)


def common_lineage(left: str, right: str) -> str:
    """Return the shared beginning of two lineages."""
    shared = []
    for a, b in zip(left.split("/"), right.split("/"), strict=False):
        if a != b:
            break
        shared.append(a)
    return "/".join(shared)


def concurrent(left: str, right: str) -> bool:
    """Tell whether two lineages are on different branches of one fork.

    A fork around what was running already (a non-interrupting event) is put before the steps a token has; what was
    written before it does not have that step. So forks are compared by their number, not by their place.
    """
    if left == right:
        return False
    branches = dict(step.split(".") for step in left.split("/") if step)
    return any(
        branches.get(fork, branch) != branch
        for fork, branch in (step.split(".") for step in right.split("/") if step)
    )


def below(lineage: str, start: str) -> bool:
    """Tell whether a lineage is `start` or goes on from it."""
    return not start or lineage == start or lineage.startswith(f"{start}/")


def surviving_forks(lineages: Iterable[str]) -> frozenset[str]:
    """Return the forks of which more than one branch is still on its way."""
    branches: dict[str, set[str]] = {}
    for lineage in lineages:
        for step in lineage.split("/") if lineage else ():
            branches.setdefault(step.partition(".")[0], set()).add(step)
    return frozenset(fork for fork, found in branches.items() if len(found) > 1)


def without_others(lineage: str, forks: frozenset[str]) -> str:
    """Return the lineage with the steps of these forks only."""
    return "/".join(step for step in lineage.split("/") if step.partition(".")[0] in forks)


class Store:
    """Variables of one scope, plus who wrote a path last while branches ran side by side: "lineage@place" by path."""

    __slots__ = ("values", "writers")

    def __init__(self, values: dict[str, Any] | None = None, writers: dict[str, str] | None = None) -> None:
        self.values: dict[str, Any] = values if values is not None else {}
        self.writers: dict[str, str] = writers if writers is not None else {}

    def write(self, path: str, value: Any, *, lineage: str, place: str = "", force: bool = False) -> None:
        """Set the value at a dotted path.

        lineage, place: the branch that writes, and where in the diagram. Two runs of one place that are at work at once (an
        event that happened twice) are no mistake of the diagram: what the later one gives replaces the earlier.

        Raises ActivityFailed when a concurrent branch has written the same path elsewhere (design §13: never last-wins),
        when the root is reserved, or when the path leads through something that is not a context. `force` is an
        operator's decision to let this write win.
        """
        keys = path.split(".")
        if keys[0] in RESERVED or any(key.startswith("__") for key in keys):
            raise ActivityFailed(
                "expression",
                f"Writing to '{path}' is refused: the name is reserved.",
                f"不能写入“{path}”：名称被保留。",
            )
        if why := unkeepable(value):
            raise ActivityFailed(
                "expression", f"Writing to '{path}' is refused: {why}.", f"不能写入“{path}”：{why}。"
            )
        last, _, writer = self.writers.get(path, "").partition("@")
        if last and not force and not (place and place == writer) and concurrent(last, lineage):
            raise ActivityFailed(
                "conflict",
                f"Writing to '{path}' is refused: a concurrent branch has written it already; retry to overwrite.",
                f"不能写入“{path}”：并行分支已经写过它；重试即覆盖。",
            )
        target = self.values
        for key in keys[:-1]:
            inner = target.get(key)
            if inner is None:
                inner = target[key] = {}
            elif not isinstance(inner, dict):
                raise ActivityFailed(
                    "expression",
                    f"Writing to '{path}' is refused: '{key}' is not a context.",
                    f"不能写入“{path}”：“{key}”不是上下文。",
                )
            target = inner
        target[keys[-1]] = value
        if lineage:
            self.writers[path] = f"{lineage}@{place}"
        elif self.writers:
            self.writers.pop(path, None)

    def forget_forks(self, kept: frozenset[str]) -> None:
        """Forget who wrote on branches of other forks than these: nothing is concurrent to them any more."""
        found = {}
        for path, writer in self.writers.items():
            lineage, _, place = writer.partition("@")
            if shorter := without_others(lineage, kept):
                found[path] = f"{shorter}@{place}"
        self.writers = found


class View(Mapping[str, Any]):
    """What an expression sees: locals first, then the scope's variables, then the facts from outside, read late."""

    __slots__ = ("_local", "_outside", "_values")

    def __init__(self, local: Mapping[str, Any], values: Mapping[str, Any], outside: Any) -> None:
        self._local = local
        self._values = values
        self._outside = outside

    def __getitem__(self, name: str) -> Any:
        if name in self._local:
            return self._local[name]
        if name in RESERVED:
            return self._outside()[name]
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._local or name in self._values or (name in RESERVED and name in self._outside())

    def __iter__(self) -> Any:
        yield from {**self._outside(), **self._values, **self._local}

    def __len__(self) -> int:
        return len({**self._outside(), **self._values, **self._local})
