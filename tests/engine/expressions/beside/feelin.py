"""feelin, the JavaScript FEEL engine of the modelers, as a Node process that answers as long as the tests run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.node import install as install_packages

HERE = Path(__file__).resolve().parent
VERSION: str = json.loads((HERE / "package.json").read_text())["dependencies"]["feelin"]


def install() -> str:
    """Have exactly what the lock file names beside this file; returns the Node program.

    Does nothing when it is there already. Several processes may ask at once.
    """
    return install_packages(HERE)


def time_in_node(
    condition: str, data: Mapping[str, Any], tables: list[dict[str, Any]], rounds: int
) -> dict[str, Any]:
    """How long feelin takes inside Node, without the way there and back: see timing.mjs."""
    request = {"condition": condition, "data": data, "tables": tables, "rounds": rounds}
    done = subprocess.run(
        [install(), str(HERE / "timing.mjs")], input=json.dumps(request), capture_output=True, text=True, check=True
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Feelin:
    """A running feelin. Use it in a `with` block, from one thread."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [install(), str(HERE / "feelin.mjs")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", bufsize=1,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def ask(self, text: str, variables: Mapping[str, str], given: str | None = None) -> dict[str, Any]:
        """What feelin says of an expression, or of an input cell when `given` (the input's FEEL text) is told.

        variables: FEEL texts by name. The answer has "value" (tagged JSON, numbers as Decimal) or "error".
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request: dict[str, Any] = {"text": text, "variables": dict(variables)}
        if given is not None:
            request["input"] = given
        self._process.stdin.write(json.dumps(request) + "\n")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"feelin died of {text!r}")
        found: dict[str, Any] = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        return found
