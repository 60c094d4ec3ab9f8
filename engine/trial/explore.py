"""Walks a process several times, each time with one guess made differently, and says what that means."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from engine.spiff.build import build
from engine.trial.walk import End, Errand, Walk

MOST_WALKS = 16

FATAL = frozenset({"loop", "depth", "crowd"})
"""Ends that no guess excuses: what goes on for ever takes every other way in turn."""


def explore(errand: Errand, key: str, at: Callable[[str], None]) -> list[dict[str, Any]]:
    """Walk a process from each of its starts; return what was met as plain data.

    Each item has `met` (dead, stuck, loop, depth, crowd, incident or empty), `start`, `elements`, and what belongs to it:
    `guess` [place, option] of stuck, `kind` and both sentences of an incident, `expression` of what was empty.
    """
    specs = {name: build(model) for name, model in errand.models.items()}
    found: list[dict[str, Any]] = []
    for start in specs[key].starts:
        ends = _walks(errand, specs, key, start, at)
        found += [{"start": start, **one} for one in conclude(ends)]
    return found


def _walks(
    errand: Errand, specs: Mapping[str, Any], key: str, start: str, at: Callable[[str], None]
) -> list[End]:
    waiting: deque[dict[str, int]] = deque([{}])
    known: set[tuple[tuple[str, int], ...]] = {()}
    ends: list[End] = []
    steps = 0
    while waiting and len(ends) < MOST_WALKS and not (ends and errand.tired(steps)):
        offsets = waiting.popleft()
        end = Walk(errand, specs, key, offsets, at).go(start)
        ends.append(end)
        steps += end.steps
        if end.kind in FATAL:
            break
        for place, count in end.guesses.options.items():
            if place in offsets:
                continue
            for offset in range(1, count):
                other = {**offsets, place: offset}
                name = tuple(sorted(other.items()))
                if name not in known:
                    known.add(name)
                    waiting.append(other)
    return ends


def conclude(ends: list[End]) -> list[dict[str, Any]]:
    """Say what the walks from one start mean together."""
    found: list[dict[str, Any]] = []
    fatal = next((end for end in ends if end.kind in FATAL), None)
    dead = [end for end in ends if end.kind == "dead"]
    sound = [end for end in ends if end.kind in ("over", "resting", "moving")]
    if fatal is not None:
        found.append({"met": fatal.kind, "elements": fatal.elements})
    elif dead and not sound:
        found.append({"met": "dead", "elements": dead[0].elements})
    elif dead:
        told: set[tuple[str, ...]] = set()
        for end in dead:
            if tuple(end.elements) not in told:
                told.add(tuple(end.elements))
                found.append({"met": "stuck", "elements": end.elements, "guess": difference(end, sound)})
    incidents = {one[:2]: one for end in ends for one in end.incidents if one[1] not in ("loop",)}
    if fatal is None:
        found += [
            {"met": "incident", "elements": [element], "kind": kind, "message": en, "message_zh": zh}
            for element, kind, en, zh in incidents.values()
        ]
    empty = dict.fromkeys(one for end in ends for one in end.guesses.empty)
    found += [{"met": "empty", "elements": [element], "expression": text} for element, text in empty]
    return found


def difference(dead: End, sound: list[End]) -> list[str]:
    """Return the first guess of a dead walk that a sound one, as like it as can be, made otherwise: [place, option]."""
    best: tuple[int, tuple[str, str]] = (-1, ("", ""))
    for other in sound:
        for index, (mine, theirs) in enumerate(zip(dead.guesses.taken, other.guesses.taken, strict=False)):
            if mine != theirs:
                if index > best[0]:
                    best = (index, mine)
                break
    return list(best[1])
