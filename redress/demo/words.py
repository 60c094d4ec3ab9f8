"""What stands in braces in the demo's files, for what is known only when it runs.

`{today}` is the day in Shanghai on which the run began, `{today+7}` a week later; `{run}` is a short name of the run, for
numbers that are given once; any other word is the script of another row and stands for the number of its case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tasks.deadlines.calendar.arithmetic import SHANGHAI

_WORD = re.compile(r"\{(\w+)([+-]\d+)?\}")
_OWN = frozenset({"today", "run"})


class Words:
    """The words of one run. numbers: script → number of the case that plays it, as far as it is known."""

    def __init__(self, run: str, begun: datetime, numbers: Mapping[str, str]) -> None:
        self._run, self._begun, self._numbers = run, begun, numbers

    def said(self, value: Any) -> Any:
        """`value` with every text in it, however deep, said in full; a word that is not known stays as it stands."""
        if isinstance(value, str):
            return _WORD.sub(self._one, value)
        if isinstance(value, Mapping):
            return {key: self.said(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.said(inner) for inner in value]
        return value

    def _one(self, found: re.Match[str]) -> str:
        word, days = found.groups()
        if word == "today":
            return (self._begun.astimezone(SHANGHAI).date() + timedelta(days=int(days or 0))).isoformat()
        return self._run if word == "run" else self._numbers.get(word, found.group())


def named(value: Any) -> Iterator[str]:
    """The scripts of other rows that are named anywhere in `value`."""
    if isinstance(value, str):
        yield from (found[1] for found in _WORD.finditer(value) if found[1] not in _OWN)
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from named(inner)
