"""Several decision files that import each other, read in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.expressions.dmn.model import DecisionModel
from engine.expressions.dmn.reader import read_decisions


def read_together(files: Mapping[str, bytes], *, functions: Collection[str] = ()) -> dict[str, DecisionModel]:
    """Read files (name → content) that may import each other; the models by the name of their file.

    Never raises for what is in them: each model's `findings` tells, also of an import that is not among the files or
    that goes round in a circle. functions: names of user functions the evaluation will have.
    """
    made: dict[str, DecisionModel] = {}
    while len(made) < len(files):
        read = {
            name: read_decisions(content, name, imports=list(made.values()), functions=functions)
            for name, content in files.items()
            if name not in made
        }
        whole = {
            name: model
            for name, model in read.items()
            if not any(one.code == "missing-import" for one in model.findings)
        }
        made |= whole or read
    return {name: made[name] for name in files}
